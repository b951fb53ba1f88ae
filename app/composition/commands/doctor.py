"""The commands that look at this computer: `doctor` says what is wrong, `diagnostics` makes a file for support.

They work without a network and without an account, and change nothing. What examines is brought in by the command that
runs: this module is there at every start.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.contract.errors import CounterpartError

if TYPE_CHECKING:
    from app.services.diagnostics.contents import Item
    from app.services.doctor.examination import Examination
    from app.services.surroundings import Surroundings

Gateway = Annotated[
    str, typer.Option(help="Look at this gateway instead of those of the accounts on this computer.")
]
Data = Annotated[Path | None, typer.Option(help="Another folder for the accounts of this computer.")]


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command("doctor")(doctor)
    cli.command("diagnostics")(diagnostics)


def doctor(
    gateway: Gateway = "",
    data: Data = None,
    as_one: Annotated[bool, typer.Option("--json", help="Answer with one JSON value.")] = False,
) -> None:
    """Check this computer: network, certificate, clock, key store, disk, stores. 0: nothing has to be mended."""
    from app.composition.surroundings import real_surroundings
    from app.services.doctor.report import as_json, as_lines, is_well
    from app.services.words import Words

    around = real_surroundings(data)
    redactor = around.log.redactor
    findings = _examination(around, gateway).run()
    if as_one:
        typer.echo(json.dumps(as_json(findings, around.clock.now(), redactor), ensure_ascii=False))
    else:
        typer.echo("\n".join(as_lines(findings, Words(around.locale), redactor)))
    raise typer.Exit(0 if is_well(findings) else 1)


def diagnostics(
    to: Annotated[Path, typer.Option(help="Write the archive to this file, such as diagnostics.zip.")],
    gateway: Gateway = "",
    data: Data = None,
    show: Annotated[bool, typer.Option("--show", help="Print the whole content of each file first.")] = False,
    leave_out: Annotated[
        list[str] | None, typer.Option(help="Leave out this file, such as accounts.json; may be repeated.")
    ] = None,
) -> None:
    """Make a file for support. What goes into it is listed first; there are no names, records or secrets in it."""
    from app.composition.surroundings import real_surroundings
    from app.services.diagnostics.archive import save
    from app.services.diagnostics.contents import contents
    from app.services.doctor.computer import RealComputer
    from app.session.installation import read_installation

    around = real_surroundings(data)
    examination = _examination(around, gateway)
    findings = examination.run()
    items = contents(
        around, findings, examination.accounts, examination.insides, RealComputer(), read_installation()
    )
    kept = [item for item in items if item.name not in (leave_out or [])]
    for item in kept:
        typer.echo(f"{item.name:44} {item.size:>9} bytes  {item.what}")
        if show:
            typer.echo(_indented(item))
    try:
        save(kept, to)
    except CounterpartError as error:
        typer.echo(error.text, err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Saved as {to}. It was sent to nobody.")


def _examination(around: Surroundings, gateway: str) -> Examination:
    from app.services.doctor.examination import Examination

    try:
        return Examination(around, gateways=[gateway] if gateway else [])
    except CounterpartError as error:
        typer.echo(error.text, err=True)
        raise typer.Exit(2) from error


def _indented(item: Item) -> str:
    return "\n".join(f"    {line}" for line in item.text.splitlines())
