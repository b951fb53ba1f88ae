"""`counterpart-gateway audit`: checking the audit log, and reading it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from gateway.audit_chain import Seal
from gateway.audit_walk import Kept, Trusted, entries, latest, verify
from gateway.database import Database, open_engine
from gateway.keys import UnusableKey, load_secret, load_signing_key
from gateway.migrate import is_behind, revision_of
from gateway.opening import fail, settings_for, unreachable

audit = typer.Typer(
    name="audit", help="The audit log: who did what.", no_args_is_help=True, add_completion=False
)

_Folder = Annotated[Path | None, typer.Option("--folder", help="Where the gateway keeps its data.")]
_Since = Annotated[
    datetime | None,
    typer.Option("--since", help="Only from then on (UTC).", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
]


@contextmanager
def _log(folder: Path | None) -> Iterator[tuple[Connection, Seal]]:
    """Open the log alone: neither manifest nor source systems are needed for it, and nothing is written."""
    try:
        settings = settings_for(folder)
        for name in ("secret.key", "receipts.pem"):
            if not (settings.folder / name).is_file():
                fail(f"{settings.folder / name} is not there; without it the log cannot be checked.")
        seal = Seal(
            load_secret(settings.folder / "secret.key", os.urandom),
            load_signing_key(settings.folder / "receipts.pem"),
        )
        database = Database(open_engine(settings.database_address(), 2))
    except OperationalError as error:
        fail(f"The database cannot be used: {unreachable(error)}")
    except (UnusableKey, OSError, ValueError, SQLAlchemyError) as error:
        fail(str(error))
    try:
        with database.read() as connection:
            if is_behind(revision_of(connection)):
                fail("The database is not migrated; start the gateway once.")
            yield connection, seal
    finally:
        database.close()


@audit.command("verify")
def check(
    since: _Since = None,
    key: Annotated[
        list[str] | None, typer.Option(help="A former public key of receipts; may be repeated.")
    ] = None,
    anchor: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ENTRY:HASH", help="A checkpoint kept elsewhere, as the log of the machine has them."
        ),
    ] = None,
    folder: _Folder = None,
) -> None:
    """Walk the chain of hashes; exit code 1 when it is broken."""
    anchors = dict(_anchor(text) for text in anchor or ())
    with _log(folder) as (connection, seal):
        found = verify(connection, Trusted(seal, frozenset(key or ()), anchors), _utc(since))
    typer.echo(found.words())
    if found.broken is not None:
        raise typer.Exit(1)


@audit.command("export")
def export(since: _Since = None, folder: _Folder = None) -> None:
    """Print the entries as lines of JSON."""
    begin = _utc(since)
    with _log(folder) as (connection, _):
        for kept in entries(connection):
            if begin is None or kept.line.at >= begin:
                typer.echo(json.dumps(kept.as_json(), ensure_ascii=False))


@audit.command("show")
def show(
    last: Annotated[int, typer.Option("--last", min=1, max=10_000, help="How many entries.")] = 20,
    folder: _Folder = None,
) -> None:
    """Print the latest entries for a person to read."""
    with _log(folder) as (connection, _):
        for kept in latest(connection, last):
            typer.echo(_words(kept))


def _words(kept: Kept) -> str:
    line = kept.line
    what = f"{line.entity} {line.subject}".strip()
    return "  ".join(
        item
        for item in (
            str(line.seq),
            line.at.isoformat(timespec="seconds"),
            line.event,
            line.actor or "-",
            what,
            line.facts,
        )
        if item
    )


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at else None


def _anchor(text: str) -> tuple[int, str]:
    entry, _, digest = text.partition(":")
    if not entry.isdigit() or len(digest) != 64:
        fail(f"{text} is no ENTRY:HASH.")
    return int(entry), digest
