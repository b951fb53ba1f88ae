"""The command line and the composition root.

    counterpart open|kiosk|demo|sync|status|verify|outbox|update|export|receipt|policy|doctor|diagnostics

Commands without a window never import Qt, and each brings in only what it needs: a window is to stand there within a
second. With `--json` the answer is one JSON value on stdout. Exit codes: 0 all is
well, 1 it is not (the reason is on stderr), 2 wrong use; for `receipt verify` see there.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

from app.composition.loading import load_quickly, loaded

load_quickly()

import typer  # noqa: E402

from app.composition.commands import doctor  # noqa: E402
from app.composition.memory import leave_no_dump  # noqa: E402
from app.composition.policy import policy_command  # noqa: E402
from app.composition.streams import ensure_streams  # noqa: E402
from app.contract.errors import CounterpartError  # noqa: E402
from app.contract.version import RELEASE  # noqa: E402

if TYPE_CHECKING:
    from app.composition.headless import Wanted
    from app.composition.report import Report
    from app.services.open_account import OpenAccount
    from app.services.surroundings import Surroundings

cli = typer.Typer(
    name="counterpart",
    help="The vendor's portal on your desktop; it works offline too.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # frozen, nothing is there that paints frames
)

receipts = typer.Typer(
    name="receipt", help="Signed evidence of what became of a change.", rich_markup_mode=None
)
cli.add_typer(receipts)
cli.command("policy")(policy_command)
doctor.register(cli)

Account = Annotated[
    str, typer.Option(help="Id of the account, when there are several; see the command “status”.")
]
Gateway = Annotated[
    str, typer.Option(help="Address of the vendor's gateway, such as https://portal.vendor.example.")
]
Data = Annotated[Path | None, typer.Option(help="Another folder for the accounts of this computer.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON value.")]
FromStdin = Annotated[
    bool,
    typer.Option("--passphrase-stdin", help="Read the account's passphrase from the first line of stdin."),
]
Leave = Annotated[
    bool,
    typer.Option(
        "--exit-after-sync",
        help="Sign in and sync in a window nobody looks at, say so, and leave: 0 when both sides are in step.",
    ),
]
Begin = Annotated[
    str,
    typer.Option(
        "--page", help="Begin at this page, such as “deal_registration”, instead of where it was left."
    ),
]
Shown = Annotated[
    bool,
    typer.Option(
        "--exit-when-shown", help="Leave once the first page stands there with its content; say so."
    ),
]
Within = Annotated[float, typer.Option(help="With --exit-after-sync: the most seconds it may take.")]


#: Commands that go on loading, up to a window that says itself when it stands.
_WINDOWS = frozenset({"open", "demo"})


@dataclass(frozen=True)
class _Choice:
    """The options every command has."""

    account: str
    gateway: str
    data: Path | None
    from_stdin: bool
    as_json: bool

    @property
    def surroundings(self) -> Surroundings:
        from app.composition.surroundings import real_surroundings

        return real_surroundings(self.data)

    @property
    def wanted(self) -> Wanted:
        from app.composition.headless import Wanted

        return Wanted(self.account, self.gateway, self.passphrase)

    def passphrase(self) -> str:
        """The passphrase, from where the user said it is; asked for at a terminal otherwise."""
        if self.from_stdin:
            return sys.stdin.readline().rstrip("\r\n")
        return str(typer.prompt("Passphrase of this account", hide_input=True, err=True))


@cli.callback(invoke_without_command=True)
def _default(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
) -> None:
    if version:
        typer.echo(RELEASE)
        raise typer.Exit
    if context.invoked_subcommand is None:
        open_window()
    elif context.invoked_subcommand not in _WINDOWS:
        loaded()


@cli.command("open")
def open_window(  # noqa: PLR0913, PLR0917  # each is an option of the command line
    link: Annotated[
        str,
        typer.Argument(
            metavar="[LINK]",
            help="Show this: a link such as counterpart://deal/DR-2026-0417, or a receipt’s file.",
        ),
    ] = "",
    account: Account = "",
    gateway: Gateway = "",
    data: Data = None,
    passphrase_stdin: FromStdin = False,
    page: Begin = "",
    exit_after_sync: Leave = False,
    exit_when_shown: Shown = False,
    within: Within = 120.0,
) -> None:
    """Open the window. One that is open already comes to the front and shows the link."""
    choice = _Choice(account, gateway, data, passphrase_stdin, as_json=False)
    surroundings = choice.surroundings
    if surroundings.managed.policy.kiosk:
        kiosk(data)
    from app.composition.receipts import receipt_named
    from app.composition.window import WindowRequest, run_window

    receipt = receipt_named(link)
    if receipt is not None:
        from app.composition.receipt_box import show_receipt

        raise typer.Exit(show_receipt(receipt))
    request = WindowRequest(
        account=account,
        gateway=gateway,
        passphrase=choice.passphrase() if passphrase_stdin else "",
        page=page,
        link=link,
        exit_when_shown=exit_when_shown,
        exit_after_sync=within if exit_after_sync else 0.0,
    )
    with _told(as_json=False):
        raise typer.Exit(run_window(surroundings, request))


@cli.command("kiosk")
def kiosk(
    data: Data = None,
    window: Annotated[
        bool, typer.Option("--window", hidden=True, help="Show it in this process, and let nobody watch it.")
    ] = False,
) -> None:
    """Show the kiosk on the whole screen, and start it again should it end. Only where policy makes this one."""
    from app.composition.surroundings import real_surroundings
    from app.services.admission import expect_clear
    from app.session.device_code import NoKiosk
    from app.session.kiosk.folder import KioskFolder

    loaded()
    surroundings = real_surroundings(data)
    with _told(as_json=False):
        if not surroundings.managed.policy.kiosk:
            expect_clear(surroundings.managed)  # what makes it a kiosk may be there, and not be understood
            raise NoKiosk
        if window:
            from app.composition.kiosk_window import run_kiosk

            raise typer.Exit(run_kiosk(surroundings))
        from app.composition.watchdog import watch

        folder = KioskFolder(surroundings.root)
        folder.prepare()
        raise typer.Exit(watch(_itself("kiosk", data, "--window"), folder.environment()))


def _itself(command: str, data: Path | None, *further: str) -> list[str]:
    """The command line that runs another command of this program."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "app"]
    return [*program, command, *(["--data", str(data)] if data is not None else []), *further]


@cli.command()
def demo(
    folder: Annotated[Path | None, typer.Option(help="Keep the demonstration's data here.")] = None,
    portal: Annotated[
        str, typer.Option(help="Which portal: partner, customer, client, member, or a manifest's file.")
    ] = "",
    config: Annotated[
        Path | None, typer.Option(help="The gateway's configuration file, for a portal with its own mapping.")
    ] = None,
    exit_after_sync: Leave = False,
    within: Within = 120.0,
) -> None:
    """Start a gateway with the sample of a portal and open the window, signed in."""
    from app.composition.browser import FormBrowser
    from app.composition.demo import GatewayProcess, PassingKeyring
    from app.composition.surroundings import real_surroundings
    from app.composition.window import WindowRequest, run_window
    from app.services.admission import expect_no_kiosk
    from app.store.keys import KeyRing

    with _told(as_json=False), tempfile.TemporaryDirectory(prefix="counterpart-demo-") as passing:
        expect_no_kiosk(real_surroundings().managed)
        kept = folder or Path(passing)
        with GatewayProcess(kept / "gateway", portal, config) as process:
            ready = process.ready()
            typer.echo(f"Gateway: {ready.url}   Vendor's console: {ready.console}", err=True)
            typer.echo(f"Sign in to the console as {ready.staff} with {ready.staff_password}", err=True)
            passing_ring = KeyRing(PassingKeyring())
            surroundings = real_surroundings(
                kept / "client",
                ring=KeyRing.system if folder else lambda: passing_ring,
                open_browser=FormBrowser(ready.email, ready.password),
            )
            request = WindowRequest(gateway=ready.url, exit_after_sync=within if exit_after_sync else 0.0)
            code = run_window(surroundings, request)
        raise typer.Exit(code)


@cli.command("sync")
def sync_command(
    account: Account = "",
    gateway: Gateway = "",
    data: Data = None,
    passphrase_stdin: FromStdin = False,
    as_json: AsJson = False,
    remove_missing: Annotated[
        bool,
        typer.Option(
            "--remove-missing",
            help="Remove what the gateway no longer shows, after a sync has asked about it.",
        ),
    ] = False,
) -> None:
    """Send what waits and fetch what is new. With --gateway, sign in first when this computer has no account there."""
    from app.composition.headless import send_receipts, sync

    choice = _Choice(account, gateway, data, passphrase_stdin, as_json)
    surroundings = choice.surroundings
    send_receipts(surroundings)
    _run(choice, lambda found: sync(surroundings, found, believe=remove_missing))


@cli.command("status")
def status_command(
    account: Account = "",
    gateway: Gateway = "",
    data: Data = None,
    passphrase_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """Say how the account stands, from this computer alone."""
    from app.composition.headless import status

    choice = _Choice(account, gateway, data, passphrase_stdin, as_json)
    surroundings = choice.surroundings
    _run(choice, lambda found: status(surroundings, found))


@cli.command("verify")
def verify_command(
    account: Account = "",
    gateway: Gateway = "",
    data: Data = None,
    passphrase_stdin: FromStdin = False,
    as_json: AsJson = False,
    quick: Annotated[
        bool, typer.Option(help="Compare stored hashes instead of hashing what is stored.")
    ] = False,
) -> None:
    """Prove that both sides are identical."""
    from app.composition.headless import verify

    choice = _Choice(account, gateway, data, passphrase_stdin, as_json)
    surroundings = choice.surroundings
    _run(choice, lambda found: verify(surroundings, found, rehash=not quick))


@cli.command("outbox")
def outbox_command(
    account: Account = "",
    gateway: Gateway = "",
    data: Data = None,
    passphrase_stdin: FromStdin = False,
    as_json: AsJson = False,
) -> None:
    """List what has not reached the vendor."""
    from app.composition.headless import outbox, portal_of

    def listed(found: OpenAccount) -> Report:
        with portal_of(found) as portal:
            return outbox(portal)

    _run(_Choice(account, gateway, data, passphrase_stdin, as_json), listed)


@cli.command("update")
def update_command(
    check: Annotated[bool, typer.Option("--check", help="Look only; fetch nothing.")] = False,
    back: Annotated[
        bool, typer.Option("--back", help="Go back to the version before; the one left is not taken again.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Look for a newer version of Counterpart and put it in place; it starts next time."""
    from app.composition.surroundings import real_surroundings
    from app.composition.update_command import update
    from app.composition.updating import real_updating

    with _told(as_json=as_json):
        report = update(real_updating(real_surroundings(data)), check=check, back=back)
        typer.echo(json.dumps(report.data, ensure_ascii=False) if as_json else "\n".join(report.lines))
        raise typer.Exit(0 if report.ok else 1)


@cli.command()
def export(
    account: Account = "",
    gateway: Gateway = "",
    data: Data = None,
    passphrase_stdin: FromStdin = False,
    to: Annotated[Path | None, typer.Option(help="Write to this file instead of stdout.")] = None,
) -> None:
    """Write everything that has not reached the vendor, as JSON: outbox, conflicts and drafts."""
    from app.composition.headless import opened, portal_of
    from app.services.whole_file import write_whole

    choice = _Choice(account, gateway, data, passphrase_stdin, as_json=False)
    with (
        _told(as_json=False),
        opened(choice.surroundings, choice.wanted) as found,
        portal_of(found) as portal,
    ):
        text = portal.outbox.export_all()
        if to is None:
            typer.echo(text)
        else:
            write_whole(to, (text + "\n").encode(), kept="Everything is kept in the outbox.")


@receipts.command("verify")
def receipt_verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A receipt that was exported.")],
    key: Annotated[
        str | None, typer.Option(help="The key it has to be signed with: hexadecimal, or its fingerprint.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a receipt offline, without an account.

    Exit codes: 0 it holds, 1 it does not (and why), 2 it is no receipt, cannot be read, or the key named is empty.
    """
    from app.composition.receipts import NOTHING, verify_file

    found = verify_file(file, key)
    text = json.dumps(found.data, ensure_ascii=False) if as_json else "\n".join(found.lines)
    typer.echo(text, err=found.code == NOTHING and not as_json)
    raise typer.Exit(found.code)


@receipts.command("export")
def receipt_export(
    receipt: Annotated[str, typer.Argument(metavar="RECEIPT", help="Such as R-7F3C, or a mutation's id.")],
    account: Account = "",
    gateway: Gateway = "",
    data: Data = None,
    passphrase_stdin: FromStdin = False,
    to: Annotated[Path | None, typer.Option(help="Write to this file instead of stdout.")] = None,
) -> None:
    """Write a receipt that is on this computer as a file anybody can check."""
    from app.composition.headless import opened, portal_of
    from app.services.whole_file import write_whole

    choice = _Choice(account, gateway, data, passphrase_stdin, as_json=False)
    with (
        _told(as_json=False),
        opened(choice.surroundings, choice.wanted) as found,
        portal_of(found) as portal,
    ):
        text = portal.receipts.export(portal.receipts.find(receipt))
        if to is None:
            typer.echo(text, nl=False)
        else:
            write_whole(to, text.encode(), kept="The receipt is kept in Counterpart.")


def _run(choice: _Choice, command: Callable[[OpenAccount], Report]) -> NoReturn:
    """Open the account, run a command, tell what it found; the exit code says whether all is well."""
    from app.composition.headless import opened

    with _told(as_json=choice.as_json), opened(choice.surroundings, choice.wanted) as found:
        report = command(found)
        typer.echo(json.dumps(report.data, ensure_ascii=False) if choice.as_json else "\n".join(report.lines))
        raise typer.Exit(0 if report.ok else 1)


@cli.command("wipe-profiles", hidden=True)
def wipe_profiles_command(
    of_everybody: Annotated[bool, typer.Option("--of-everybody", help="Yes, of every user.")] = False,
) -> None:
    """Delete the data of everybody on this computer; what the Windows uninstall runs with KEEPDATA=0."""
    if not of_everybody:
        raise typer.BadParameter("This deletes what every user of this computer has: --of-everybody")
    from app.session.profile_wipe import wipe_this_windows

    try:
        done = wipe_this_windows()
    except OSError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    for text in done.remaining:
        typer.echo(text, err=True)
    raise typer.Exit(1 if done.remaining else 0)


@contextmanager
def _told(*, as_json: bool) -> Iterator[None]:
    """Tell an expected error in its own words: what happened, what is kept, what to do next."""
    try:
        yield
    except CounterpartError as error:
        said = {"cause": error.cause, "kept": error.kept.strip(), "next_step": error.next_step}
        if as_json:
            typer.echo(json.dumps({"error": said}, ensure_ascii=False))
        typer.echo(" ".join(part for part in said.values() if part), err=True)
        raise typer.Exit(1) from error


def main() -> None:
    """Run the command line."""
    leave_no_dump()
    ensure_streams()
    cli()


if __name__ == "__main__":
    main()
