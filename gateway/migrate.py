"""Bringing a database up to this version of the tables."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from gateway.database import Database


def migrate(database: Database, revision: str = "head") -> None:
    """Apply the migrations up to a revision that are missing, each in the transaction that records it."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
