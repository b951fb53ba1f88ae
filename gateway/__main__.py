"""`counterpart-gateway`: the vendor's side of the command line."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from app.contract.evidence import fingerprint
from gateway.assembly import database_at, is_begun
from gateway.audit import Deed
from gateway.audit_command import audit
from gateway.backups import CannotBackUp, back_up
from gateway.checks.run import check_all
from gateway.clock import RandomIds, SystemClock
from gateway.console.auth import StaffAuth
from gateway.crm.embedded.staff import STAFF_ROLES, add_or_change
from gateway.crm.port import CrmRefused, Ref
from gateway.demonstration import with_sample
from gateway.first_connection.command import init
from gateway.grants import company_names
from gateway.identity.invitations import Link
from gateway.identity.people import Contact, NewUser, User
from gateway.logs import configure_logs
from gateway.opening import fail as _fail
from gateway.opening import name_config, settings_for
from gateway.opening import service as _service
from gateway.opening import settings as _settings
from gateway.portals import PORTALS
from gateway.probe import probe
from gateway.report import report
from gateway.restoring import restored as begin_after_restore
from gateway.server import CannotServe, run
from gateway.service import Service
from gateway.settings_sources import UnusableSettings
from gateway.systems import System

cli = typer.Typer(
    name="counterpart-gateway",
    help="The gateway between partners' desktops and the vendor's systems.",
    no_args_is_help=True,
    add_completion=False,
    # What a traceback of theirs shows has not been through the log, which keeps secrets to itself.
    pretty_exceptions_enable=False,
)

cli.add_typer(audit)
cli.command()(init)

Folder = Annotated[Path | None, typer.Option("--folder", help="Where the gateway keeps its data.")]
SystemName = Annotated[
    str, typer.Option("--system", help="The source system, by its name; needed where there are several.")
]


@cli.callback()
def _top(
    config: Annotated[
        Path | None, typer.Option("--config", help="The configuration file (TOML).", dir_okay=False)
    ] = None,
) -> None:
    """The gateway between partners' desktops and the vendor's systems."""
    name_config(config)


def _system(service: Service, name: str) -> System:
    """Return the system of that name; the only one when none is named."""
    known = tuple(service.gateway.systems)
    found = known[0] if not name and len(known) == 1 else service.gateway.systems.named(name)
    if found is None:
        wrong = (
            f"There is no system {name}." if name else "There are several systems: name one with --system."
        )
        _fail(f"{wrong} Known are: {', '.join(one.name for one in known)}.")
    return found


def _question(obj: str, named: str, missing: int, live: int) -> str:
    """`named`: the option that names the system, where there are several."""
    return f"{missing} of {live} {obj} rows are missing. If that is right: sweep {obj}{named} --yes"


@cli.command()
def serve(
    folder: Folder = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one.")] = None,
    metrics_port: Annotated[
        int | None, typer.Option(help="Port for Prometheus, on this machine alone; 0 picks a free one.")
    ] = None,
    portal: Annotated[
        Path | None, typer.Option(help=f"A manifest's file, or one that ships: {', '.join(PORTALS)}.")
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Fill an empty CRM with the sample of the portal.")
    ] = False,
    seed: Annotated[int, typer.Option(help="What the sample is made from.")] = 1,
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", help="End when standard input closes.")
    ] = False,
) -> None:
    """Serve the gateway, with the vendor's console under /console.

    Once it listens, one line of JSON on standard output says where.
    """
    given = {"host": host, "port": port, "metrics_port": metrics_port, "manifest": portal}
    with _service(folder, **given) as service:
        try:
            told: dict[str, object] = {"sample": with_sample(service, seed)} if sample else {}
        except ValueError as error:
            _fail(str(error))
        try:
            run(service, told, until_stdin_closes=until_stdin_closes)
        except CannotServe as error:
            _fail(str(error))


@cli.command()
def invite(
    email: str,
    name: Annotated[str, typer.Option(help="Their name.")],
    role: Annotated[str, typer.Option(help="A role of the manifest.")],
    company: Annotated[list[str], typer.Option(help="A company they act for, by name; may be repeated.")],
    contact: Annotated[str, typer.Option(help="Whom they stand for there, such as contact:12.")] = "",
    system: SystemName = "",
    folder: Folder = None,
) -> None:
    """Add a user and print the link with which they set their password."""
    with _service(folder) as service:
        service.gateway.backfill()
        known = company_names(service.gateway.ground.database)
        missing = [item for item in company if item not in known]
        if missing:
            others = (
                f"Known are: {', '.join(sorted(known))}."
                if known
                else "There are none yet: add it in the console."
            )
            _fail(f"There is no company {', '.join(missing)}. {others}")
        obj, _, source_id = contact.partition(":")
        contacts = (Contact(_system(service, system).name, Ref(obj, source_id)),) if source_id else ()
        companies = tuple(known[item] for item in company)
        link = service.gateway.identity.invite(NewUser(name, email, role, companies, "", contacts))
        typer.echo(_invitation(service, email, link))


@cli.command()
def link(email: str, folder: Folder = None) -> None:
    """Print another link for somebody who lost theirs, or forgot their password."""
    with _service(folder) as service:
        user = _account(service, email)
        if not user.active:
            _fail(f"The account of {email} is closed.")
        typer.echo(_invitation(service, email, service.gateway.identity.new_link(user.id)))


def _invitation(service: Service, email: str, link: Link) -> str:
    address = link.address(service.settings.reached_at())
    return f"{email} sets a password here, once, before {link.until:%Y-%m-%d %H:%M} UTC: {address}"


def _account(service: Service, email: str) -> User:
    found = service.gateway.identity.people.find(email)
    if found is None:
        _fail(f"There is no account for {email}.")
    return found


@cli.command()
def staff(
    login: Annotated[str, typer.Argument(help="The name they sign in to the console with.")],
    name: Annotated[str, typer.Option(help="Their full name, when they are new.")] = "",
    role: Annotated[str, typer.Option(help=f"What they are there for: {', '.join(STAFF_ROLES)}.")] = "",
    folder: Folder = None,
) -> None:
    """Add one of the vendor's staff to the console, or give one a new password or role; prints the password."""
    with _service(folder) as service:
        if role and role not in STAFF_ROLES:
            _fail(f"There is no role {role}. Roles are: {', '.join(STAFF_ROLES)}.")
        try:
            key = add_or_change(service.crm, login, name, STAFF_ROLES.get(role))
        except CrmRefused as refusal:
            _fail(str(refusal))
        password = secrets.token_urlsafe(12)
        StaffAuth(service.crm).set_password(key, password)
        _note_staff(service, login.strip().lower(), role)
        typer.echo(f"{login.strip().lower()} may sign in to the console with the password {password}")


def _note_staff(service: Service, login: str, role: str) -> None:
    """Note in the audit log that somebody was let into the console from here: nobody there has agreed to it."""
    facts = {"role": role} if role else {}
    deed = Deed("staff_let_in", "command line", entity="staff", subject=login, facts=facts)
    with service.gateway.ground.database.write() as connection:
        service.gateway.audit.note_many(connection, (deed,))


@cli.command()
def revoke(
    email: str,
    device: Annotated[str, typer.Option(help="Only this device, by its id.")] = "",
    wipe: Annotated[
        bool, typer.Option("--wipe", help="Have the device, or all of them, destroy what they hold.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Close an account, or end the sessions of one of its devices."""
    with _service(folder) as service:
        identity = service.gateway.identity
        user = _account(service, email)
        if device:
            ended = identity.revoke_device(user.id, device, wipe=wipe)
        else:
            ended = identity.deactivate(user.id, wipe=wipe)
        typer.echo(f"{ended} sessions ended.")


@cli.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    create: Annotated[
        bool, typer.Option("--create", help="Make what the source systems lack of what the mappings name.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Tell what is wrong with this gateway and how to mend it; exit code 1 when something must be mended."""
    configure_logs("CRITICAL")
    found = check_all(lambda: settings_for(folder), create=create)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
    else:
        for line in found.lines():
            typer.echo(line)
    if not found.well:
        raise typer.Exit(1)


@cli.command("probe")
def ask(
    path: Annotated[str, typer.Option(help="Such as /readyz or /livez.")] = "/readyz",
    folder: Folder = None,
    port: Annotated[int | None, typer.Option(help="The port it listens on.")] = None,
) -> None:
    """Ask the gateway that runs on this machine whether it is ready; exit code 1 when it is not."""
    try:
        well, said = probe(settings_for(folder, port=port), path)
    except UnusableSettings as error:
        _fail(str(error))
    typer.echo(said, err=not well)
    if not well:
        raise typer.Exit(1)


@cli.command("receipt-key")
def receipt_key(folder: Folder = None) -> None:
    """Print the public key receipts are signed with, and the fingerprint to publish."""
    with _service(folder) as service:
        key = service.gateway.notary.public
        typer.echo(f"Key:         {key}")
        typer.echo(f"Fingerprint: {fingerprint(key)}")


@cli.command()
def backfill(folder: Folder = None) -> None:
    """Read everything that has changed in the source systems, and stop."""
    with _service(folder) as service:
        typer.echo(f"{service.gateway.backfill(wait=time.sleep)} records changed.")


@cli.command()
def sweep(
    obj: Annotated[str, typer.Argument(metavar="OBJECT", help="The CRM's object, such as registration.")],
    yes: Annotated[bool, typer.Option("--yes", help="Remove what is missing, however much it is.")] = False,
    system: SystemName = "",
    folder: Folder = None,
) -> None:
    """Compare all ids of one object now, and remove what is gone at the source."""
    with _service(folder) as service:
        one = _system(service, system)
        if obj not in one.mapping.objects():
            _fail(f"There is no object {obj}. Known are: {', '.join(one.mapping.objects())}.")
        changed = service.gateway.ingest.sweep(one, obj, confirmed=yes, wait=time.sleep)
        typer.echo(f"{changed} records changed.")
        held = {found.system: found.held for found in report(service.gateway).systems}[one.name]
        if obj in held:
            typer.echo(_question(obj, f" --system {system}" if system else "", *held[obj]))
            raise typer.Exit(1)


@cli.command()
def retry(
    system: Annotated[str, typer.Argument(help="The source system; all of them when left out.")] = "",
    obj: Annotated[str, typer.Argument(metavar="[OBJECT]", help="The CRM's object.")] = "",
    source_id: Annotated[str, typer.Argument(metavar="[ID]", help="The row's id in the CRM.")] = "",
    folder: Folder = None,
) -> None:
    """Read rows once more that could not be understood: one, those of an object, of a system, or all."""
    with _service(folder) as service:
        gateway = service.gateway
        if system and gateway.systems.named(system) is None:
            _fail(
                f"There is no system {system}. Known are: {', '.join(one.name for one in gateway.systems)}."
            )
        tried, still = 0, 0
        for one in gateway.systems:
            if system in ("", one.name):
                refs = [
                    ref
                    for ref in gateway.ingest.aside(one)
                    if obj in ("", ref.obj) and source_id in ("", ref.id)
                ]
                tried += len(refs)
                still += gateway.ingest.retry(one, refs, wait=time.sleep)
        if system and not tried:
            _fail("No such row stands aside.")
        typer.echo(f"{tried - still} of {tried} rows are understood now.")
        if still:
            raise typer.Exit(1)


@cli.command()
def backup(
    target: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for this backup.")],
    folder: Folder = None,
) -> None:
    """Copy databases and files while the gateway serves; with PostgreSQL use pg_dump instead (docs/gateway.md)."""
    with _settings(folder) as settings:
        if settings.database.get_secret_value():
            _fail("This gateway keeps its records in PostgreSQL: use pg_dump, as docs/gateway.md says.")
        try:
            done = back_up(settings.folder, target)
        except (CannotBackUp, sqlite3.Error) as error:
            _fail(str(error))
        for line in done.lines():
            typer.echo(line)
        if settings.blobs == "s3":
            typer.echo(f"Files are in bucket {settings.s3_bucket}, and are not copied.")
        if settings.crm_url:
            typer.echo("The CRM has a database of its own (crm_url): back that up too.")


@cli.command()
def restored(
    keep_sessions: Annotated[
        bool, typer.Option("--keep-sessions", help="Nobody has to sign in again: nothing was closed since.")
    ] = False,
    folder: Folder = None,
) -> None:
    """Say that the database was put back from a backup, before the gateway is started again."""
    clock = SystemClock()
    with _settings(folder) as settings:
        address = settings.database_address()
        if not is_begun(address):
            _fail("There is no gateway in this database. Put the backup back first (docs/gateway.md).")
        with closing(database_at(address)) as database:
            ids = RandomIds(clock)
            for line in begin_after_restore(database, ids, clock, keep_sessions=keep_sessions).lines():
                typer.echo(line)


def main() -> None:
    """Run the command line."""
    cli()


if __name__ == "__main__":
    main()
