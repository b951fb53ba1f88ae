"""`counterpart-gateway`: the vendor's side of the command line."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app.contract.evidence import fingerprint
from gateway.console.auth import StaffAuth
from gateway.crm.embedded.staff import STAFF_ROLES, add_or_change
from gateway.crm.port import CrmRefused, CrmUnavailable, Ref
from gateway.demonstration import with_sample
from gateway.grants import company_names
from gateway.identity.people import Contact, NewUser
from gateway.keys import UnusableKey
from gateway.logs import configure_logs
from gateway.problems import Problem
from gateway.report import report
from gateway.server import run
from gateway.service import Service
from gateway.settings import Settings

cli = typer.Typer(
    name="counterpart-gateway",
    help="The gateway between partners' desktops and the vendor's systems.",
    no_args_is_help=True,
    add_completion=False,
)

Folder = Annotated[Path | None, typer.Option("--folder", help="Where the gateway keeps its data.")]


@contextmanager
def _service(folder: Path | None, **more: object) -> Iterator[Service]:
    """Open the service; what a person can mend is told in one line."""
    given = {name: value for name, value in {"folder": folder, **more}.items() if value is not None}
    try:
        settings = Settings.model_validate({**Settings().model_dump(), **given})
        configure_logs(settings.log_level, as_json=settings.log_json)
        service = Service.open(settings)
    except (UnusableKey, OSError, ValueError) as error:
        _fail(str(error))
    try:
        yield service
    except Problem as problem:
        _fail(" ".join((problem.detail, *problem.fields.values())))
    except CrmUnavailable as error:
        _fail(str(error))
    finally:
        service.close()


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def _question(obj: str, missing: int, live: int) -> str:
    return f"{missing} of {live} {obj} rows are missing. If that is right: sweep {obj} --yes"


@cli.command()
def serve(
    folder: Folder = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one.")] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Fill an empty CRM with a sample programme.")
    ] = False,
    seed: Annotated[int, typer.Option(help="What the sample programme is made from.")] = 1,
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", help="End when standard input closes.")
    ] = False,
) -> None:
    """Serve the gateway, with the vendor's console under /console.

    Once it listens, one line of JSON on standard output says where.
    """
    with _service(folder, host=host, port=port) as service:
        told: dict[str, object] = {"sample": with_sample(service, seed)} if sample else {}
        run(service, told, until_stdin_closes=until_stdin_closes)


@cli.command()
def invite(
    email: str,
    name: Annotated[str, typer.Option(help="Their name.")],
    role: Annotated[str, typer.Option(help="A role of the manifest.")],
    company: Annotated[list[str], typer.Option(help="A company they act for, by name; may be repeated.")],
    contact: Annotated[str, typer.Option(help="Whom they stand for in the CRM, such as contact:12.")] = "",
    folder: Folder = None,
) -> None:
    """Add a user and print their first password."""
    with _service(folder) as service:
        service.gateway.backfill()
        known = company_names(service.gateway.ground.database)
        missing = [item for item in company if item not in known]
        if missing:
            _fail(f"There is no company {', '.join(missing)}. Known are: {', '.join(sorted(known))}.")
        obj, _, source_id = contact.partition(":")
        contacts = (Contact(service.crm.system, Ref(obj, source_id)),) if source_id else ()
        password = secrets.token_urlsafe(12)
        companies = tuple(known[item] for item in company)
        service.gateway.identity.add_user(NewUser(name, email, role, companies, password, contacts))
        typer.echo(f"{name} may sign in as {email} with the password {password}")


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
        typer.echo(f"{login.strip().lower()} may sign in to the console with the password {password}")


@cli.command()
def revoke(
    email: str,
    device: Annotated[str, typer.Option(help="Only this device, by its id.")] = "",
    folder: Folder = None,
) -> None:
    """Close an account, or end the sessions of one of its devices."""
    with _service(folder) as service:
        identity = service.gateway.identity
        user = identity.people.find(email)
        if user is None:
            _fail(f"There is no account for {email}.")
        ended = identity.revoke_device(user.id, device) if device else identity.deactivate(user.id)
        typer.echo(f"{ended} sessions ended.")


@cli.command()
def check(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False, folder: Folder = None
) -> None:
    """Tell how the gateway and its source systems stand; exit code 1 when something asks for a person."""
    with _service(folder) as service:
        found = report(service.gateway)
        if as_json:
            typer.echo(json.dumps(found.as_json(), indent=2))
        else:
            typer.echo(f"Position {found.position}, {found.open_mutations} mutations open.")
            for system in found.systems:
                state = (
                    f"read completely at {system.read_at or 'no time yet'}"
                    if system.reachable
                    else system.problem
                )
                late = ": too long ago" if system.late and system.reachable and system.read_at else ""
                typer.echo(f"{system.label}: {state}{late}")
                for obj, (missing, live) in system.held.items():
                    typer.echo(f"  {_question(obj, missing, live)}")
            for line in found.set_aside:
                typer.echo(f"Not understood: {line}")
        if not found.well:
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
        typer.echo(f"{service.gateway.backfill()} records changed.")


@cli.command()
def sweep(
    obj: Annotated[str, typer.Argument(metavar="OBJECT", help="The CRM's object, such as registration.")],
    yes: Annotated[bool, typer.Option("--yes", help="Remove what is missing, however much it is.")] = False,
    folder: Folder = None,
) -> None:
    """Compare all ids of one object now, and remove what is gone at the source."""
    with _service(folder) as service:
        system = next(iter(service.gateway.systems))
        if obj not in system.mapping.objects():
            _fail(f"There is no object {obj}. Known are: {', '.join(system.mapping.objects())}.")
        typer.echo(f"{service.gateway.ingest.sweep(system, obj, confirmed=yes)} records changed.")
        held = {found.system: found.held for found in report(service.gateway).systems}[system.name]
        if obj in held:
            typer.echo(_question(obj, *held[obj]))
            raise typer.Exit(1)


def main() -> None:
    """Run the command line."""
    cli()


if __name__ == "__main__":
    main()
