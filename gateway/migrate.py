"""Bringing a database up to this version of the tables, and knowing a database that a newer version has brought up.

Several processes may share one database, and are replaced one after the other. So a migration *expands*: it adds what
the version before does not know and can live without, and takes nothing away. What nobody uses any more goes with a
later release, in a migration that says `contracts = True`; before that one runs, every older process has to be gone.

A database remembers from which revision on it can be used, under `schema_compatible_from` in `meta`: the one it had
before it was last brought up, or the last contracting one since then. A process that knows that revision works with it,
though it does not know the newest; any other refuses to start.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, delete, insert, select

from gateway.database import Database
from gateway.tables import meta

log = structlog.get_logger(__name__)

COMPATIBLE_FROM = "schema_compatible_from"


class NewerDatabase(ValueError):
    """A database that only a newer version of the gateway can work with."""


def migrate(database: Database, to: str = "head") -> None:
    """Apply the migrations that are missing, up to one of them, all in one transaction. Raises NewerDatabase."""
    config = _config()
    with database.write() as connection:
        before = revision_of(connection)
        if is_ahead(before):
            _check(connection, before)
            return
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        now = revision_of(connection)
        if now and now != before:
            applied = list(ScriptDirectory.from_config(config).walk_revisions(before or "base", now))
            _note(connection, _compatible_from(before, now, applied))


def revision_of(connection: Connection) -> str | None:
    """Return the migration a database stands at, None when there has been none."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def known_revisions() -> tuple[str, ...]:
    """Return the migrations this version knows, the newest first: that is the one it brings a database to."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def is_behind(found: str | None) -> bool:
    """Tell whether a database lacks migrations."""
    return found is None or found in known_revisions()[1:]


def is_ahead(found: str | None) -> bool:
    """Tell whether a database stands at a migration nobody here knows: a newer version has brought it up."""
    return found is not None and found not in known_revisions()


def contracts(script: Script) -> bool:
    """Tell whether a migration takes away what older processes need."""
    return bool(getattr(script.module, "contracts", False))


def _compatible_from(before: str | None, now: str, applied: Iterable[Script]) -> str:
    """Say what a process has to know at least. `applied`: newest first, down to the revision `before`."""
    if before is None:
        return now
    return next(
        (script.revision for script in applied if script.revision != before and contracts(script)), before
    )


def _check(connection: Connection, at: str | None) -> None:
    known = known_revisions()[0]
    needed = connection.execute(select(meta.c.value).where(meta.c.name == COMPATIBLE_FROM)).scalar()
    if needed not in known_revisions():
        raise NewerDatabase(
            f"A newer gateway has brought this database to version {at}, and needs {needed or at} at least; this one"
            f" knows {known}. Start the newer one. To go back, put the backup back that was made before."
        )
    log.warning("the database is of a newer gateway; this older one should be replaced", at=at, known=known)


def _note(connection: Connection, revision: str) -> None:
    connection.execute(delete(meta).where(meta.c.name == COMPATIBLE_FROM))
    connection.execute(insert(meta).values(name=COMPATIBLE_FROM, value=revision))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
