"""Gateway processes on one PostgreSQL, started as an operator would, and killed as a power cut would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from pydantic import SecretStr

from gateway.service import Service
from gateway.settings import Settings
from tests.failover.round_robin import RoundRobin, round_robin
from tests.postgres import server

ROOT = Path(__file__).parents[2]

#: The class of the locks of lanes, as `gateway/ingest/advisory.py` has it.
_LANES = 0x6C61_6E65


@dataclass
class Member:
    """One running process."""

    process: subprocess.Popen[str]
    url: str

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])


class Fleet:
    """Processes that come and go behind one address."""

    def __init__(self, address: str, folder: Path, proxy: RoundRobin, url: str) -> None:
        self.address, self.folder, self._proxy, self.url = address, folder, proxy, url
        self.members: list[Member] = []

    def settings(self) -> Settings:
        """What all processes have in common."""
        return Settings(folder=self.folder, database=SecretStr(self.address), console=False)

    def service(self) -> Service:
        """Open what the processes serve, without serving it: for whoever sets the stage and looks at the end."""
        return Service.open(self.settings())

    def start(self) -> Member:
        """Start another process."""
        environment = {
            **os.environ,
            "COUNTERPART_GATEWAY_DATABASE": self.address,
            "COUNTERPART_GATEWAY_CONSOLE": "false",
            "COUNTERPART_GATEWAY_INGEST_SECONDS": "0.5",
            # What a killed process held is taken up by another after that; by default it takes two minutes.
            "COUNTERPART_GATEWAY_LEASE_SECONDS": "20",
            "COUNTERPART_GATEWAY_LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "gateway", "serve", "--folder", str(self.folder), "--port", "0"]
        log = (self.folder / f"process-{len(list(self.folder.glob('process-*')))}.log").open("w")
        with log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "The process ended before it listened."
        member = Member(process, json.loads(line)["url"])
        self.members.append(member)
        self._tell()
        return member

    def kill(self, member: Member) -> None:
        """End a process as a power cut would."""
        self.members.remove(member)
        member.process.kill()
        self._ended(member)
        self._tell()

    def stop(self, member: Member) -> int:
        """Ask a process to end, once nobody is sent to it any more; returns its exit code."""
        self.members.remove(member)
        self._tell()
        member.process.send_signal(signal.SIGTERM)
        return self._ended(member)

    def leader(self) -> Member | None:
        """Return the process that leads a lane, if there is one."""
        asked = (
            "SELECT DISTINCT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE locktype = 'advisory' AND classid = %s AND granted"
        )
        with psycopg.connect(self.address, autocommit=True) as connection:
            names = [name for (name,) in connection.execute(asked, (_LANES,)).fetchall()]
        pids = {int(name.rpartition(" ")[2]) for name in names}
        return next((member for member in self.members if member.process.pid in pids), None)

    def close(self) -> None:
        """End all."""
        for member in tuple(self.members):
            member.process.kill()
            self._ended(member)
        self.members.clear()

    def log(self) -> str:
        """Return what the processes have said."""
        return "\n".join(path.read_text("utf-8") for path in sorted(self.folder.glob("process-*.log")))

    def _ended(self, member: Member) -> int:
        code = member.process.wait(30)
        assert member.process.stdout is not None
        member.process.stdout.close()
        return code

    def _tell(self) -> None:
        self._proxy.set_ports(tuple(member.port for member in self.members))


@contextmanager
def fleet(folder: Path) -> Iterator[Fleet]:
    """Lend a fleet without processes over an empty database."""
    name = server().create()
    with round_robin() as (proxy, url):
        made = Fleet(server().address(name), folder, proxy, url)
        try:
            yield made
        finally:
            made.close()
            server().drop(name)
