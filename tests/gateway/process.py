"""A gateway in a process of its own over a folder with a small embedded CRM, and a client's engine that talks to it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import IO

from app.contract.ids import source_gid
from app.services.portal import Portal
from app.store.database import Store
from app.sync.clock import SystemClock
from app.sync.engine import Engine, Wake
from app.sync.http_transport import HttpTransport
from app.sync.wire import Wire, system_client
from gateway.clock import RandomIds
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.port import Ref
from gateway.failpoints import Failpoint
from gateway.identity.people import Contact, NewUser
from gateway.service import Service
from gateway.settings import Settings
from tests.gateway.crm_world import build_world
from tests.gateway.world import ROOT

SYSTEM = "embedded"
KEY = bytes(range(32))


@dataclass(frozen=True)
class Planted:
    """A gateway's folder: a company with one protected deal, and Maya, who is signed in and sees it."""

    folder: Path
    token: str
    deal: str

    @property
    def headers(self) -> dict[str, str]:
        """What her requests carry."""
        return {"Authorization": f"Bearer {self.token}"}

    @contextmanager
    def crm(self) -> Iterator[EmbeddedCrm]:
        """Look into the CRM, whether a gateway runs or not."""
        crm = EmbeddedCrm.open(f"sqlite:///{self.folder / 'crm.sqlite3'}", now=SystemClock().now)
        try:
            yield crm
        finally:
            crm.close()

    def rows(self, obj: str, gid: str) -> int:
        """How many rows of the CRM carry a record's mark."""
        with self.crm() as crm:
            ids = crm.sweep(obj, None, 1000)
            found = crm.fetch([Ref(obj, id_) for id_ in ids])
        return sum(row.fields.get("portal_ref") == gid for row in found)

    def written(self, gid: str, column: str) -> list[object]:
        """Every value a column of a deal took, oldest first."""
        with self.crm() as crm:
            ref = crm.find_created("registration", gid)
            assert ref is not None
            return [line.new for line in crm.history(ref) if line.field == column]


def plant(folder: Path) -> Planted:
    """Make a folder whose gateway has read its CRM."""
    folder.mkdir(parents=True, exist_ok=True)
    small = build_world(f"sqlite:///{folder / 'crm.sqlite3'}")
    deal = RandomIds(SystemClock()).new_id()
    small.protected(deal)
    small.crm.close()
    service = Service.open(Settings(folder=folder))
    service.gateway.backfill()
    identity = service.gateway.identity
    maya = Ref("contact", small.maya.id)
    user = identity.add_user(
        NewUser(
            name="Maya Okafor",
            email="maya@brightwater.example",
            role="manager",
            companies=(source_gid(SYSTEM, "account", small.brightwater.id),),
            password="correct horse battery",
            contacts=(Contact(SYSTEM, maya),),
        )
    )
    session = identity.session_for(user, "a laptop")
    with service.gateway.ground.database.write() as connection:
        token = identity.sessions.first_tokens(connection, session.id).access
    service.close()
    return Planted(folder, token, deal)


@dataclass(frozen=True)
class Running:
    """A process that serves."""

    url: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it without a word."""
        self.process.kill()
        self.process.wait(20)


@contextmanager
def gateway_process(planted: Planted, mortal: Failpoint | None = None) -> Iterator[Running]:
    """Serve a folder while the block runs. `mortal`: where the process kills itself, the first time it gets there."""
    command = [sys.executable, "-W", "error", "-m", "tests.gateway.mortal", str(planted.folder), mortal or ""]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COUNTERPART_GATEWAY_INGEST_SECONDS": "0.2"},
    ) as process:
        out, err = _streams(process)
        line = out.readline()
        assert line, err.read()
        try:
            yield Running(str(json.loads(line)["url"]), process)
        finally:
            process.stdin.close() if process.stdin else None
            log = err.read()
            process.wait(20)
    assert "Traceback" not in log, log


def _streams(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdout is not None
    assert process.stderr is not None
    return process.stdout, process.stderr


class _Token:
    """An access token that outlasts the test."""

    def __init__(self, token: str) -> None:
        self._token = token

    def access(self) -> str:
        """Return it."""
        return self._token

    def renew(self, refused: str) -> str:
        """Never needed."""
        return refused


class Client:
    """A computer of Maya's: its store stays while the gateways come and go."""

    def __init__(self, path: Path, planted: Planted) -> None:
        self.store = Store.open(path, KEY)
        self._token = _Token(planted.token)
        self._clock = SystemClock()

    def close(self) -> None:
        """End the program."""
        self.store.close()

    @property
    def portal(self) -> Portal:
        """What she sees and does."""
        return Portal.open(self.store, self._clock, RandomIds(self._clock), lambda: None, zone=UTC)

    @contextmanager
    def engine(self, running: Running) -> Iterator[Engine]:
        """The engine of a program that was just started."""
        transport = HttpTransport(Wire(system_client(running.url), self._clock), self._token)
        try:
            yield Engine(self.store, transport, self._clock, random.Random(1), lambda _event: None)
        finally:
            transport.close()

    def sync(self, running: Running, within: float = 30.0) -> None:
        """Run cycles until nothing waits and everything is read."""
        ends = self._clock.monotonic() + within
        with self.engine(running) as engine:
            while True:
                engine.cycle(Wake.USER)
                if self.store.cursors.read().complete and not self.portal.outbox.items():
                    return
                assert self._clock.monotonic() < ends, [str(item) for item in self.portal.outbox.items()]
