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


def migrate(database: Database, target: str = "head") -> None:
    """Apply the migrations that are missing, all in the transaction that records them. Raises NewerDatabase."""
    config = _config()
    scripts = ScriptDirectory.from_config(config)
    with database.write() as connection:
        before = _revision(connection)
        if before and not _knows(scripts, before):
            _check(connection, scripts, before)
            return
        config.attributes["connection"] = connection
        command.upgrade(config, target)
        now = _revision(connection)
        if now and now != before:
            applied = list(scripts.walk_revisions(before or "base", now))
            _note(connection, _compatible_from(before, now, applied))


def is_newer(connection: Connection) -> bool:
    """Tell whether a newer version of the gateway has brought this database up."""
    at = _revision(connection)
    return at is not None and not _knows(ScriptDirectory.from_config(_config()), at)


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


def _check(connection: Connection, scripts: ScriptDirectory, at: str) -> None:
    known = scripts.get_current_head()
    needed = connection.execute(select(meta.c.value).where(meta.c.name == COMPATIBLE_FROM)).scalar()
    if needed is None or not _knows(scripts, needed):
        raise NewerDatabase(
            f"A newer gateway has brought this database to version {at}, and needs {needed or at} at least; this one"
            f" knows {known}. Start the newer one. To go back, put the backup back that was made before."
        )
    log.warning("the database is of a newer gateway; this older one should be replaced", at=at, known=known)


def _note(connection: Connection, revision: str) -> None:
    connection.execute(delete(meta).where(meta.c.name == COMPATIBLE_FROM))
    connection.execute(insert(meta).values(name=COMPATIBLE_FROM, value=revision))


def _knows(scripts: ScriptDirectory, revision: str) -> bool:
    return any(script.revision == revision for script in scripts.walk_revisions())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
