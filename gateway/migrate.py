"""Bringing a database up to this version of the tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from gateway.database import Database


def migrate(database: Database, revision: str = "head") -> None:
    """Apply the migrations up to a revision that are missing, each in the transaction that records it."""
    config = _config()
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def revision_of(connection: Connection) -> str | None:
    """Return the migration a database stands at, None when there has been none."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def known_revisions() -> tuple[str, ...]:
    """Return the migrations this version knows, the newest first: that is the one it brings a database to."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def is_behind(found: str | None) -> bool:
    """Tell whether a database lacks migrations. One that stands at a migration nobody here knows is ahead: it was
    brought up by a newer process, beside which this one may go on for a while."""
    return found is None or found in known_revisions()[1:]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
