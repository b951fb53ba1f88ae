"""Bringing a database up to this version of the tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from gateway.database import Database


def migrate(database: Database, to: str = "head") -> None:
    """Apply the migrations that are missing, each in the transaction that records it. `to`: the last one."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
