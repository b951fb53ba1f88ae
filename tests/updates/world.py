"""A publisher with a place of releases, the network between, and a computer with a per-user installation.

All of it is real but for the network: what the client asks for is read from the publisher's folder, unless a test put
an attacker in between (`World.between`).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from tuf.api.metadata import Metadata

from app.session.installation import INSTALLATION_FILE, Installation, InstallationKind
from app.session.updates.places import Home
from app.session.updates.release import Machine
from app.session.updates.staging import Reached, nowhere
from app.session.updates.taking import Origin, Taking

sys.path.insert(0, str(Path(__file__).parents[2] / "packaging" / "updates"))

from update_keys import Keys
from update_package import make_package
from update_repository import Offer, Repository
from update_trust import ROOT_FILE, Trust

PASSPHRASE = "a passphrase of the tests"
ADDRESS = "https://updates.vendor.example/counterpart"
MACHINE = Machine("linux-x86_64", "2.36")
BEGIN = datetime(2026, 11, 2, 9, tzinfo=UTC)

#: Asked first; None lets the publisher's own answer pass.
Between = Callable[[httpx.Request], httpx.Response | None]


def sent(data: bytes, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
    """An answer whose bytes come over a network: nothing of it was read before."""
    pieces = (data[at : at + 4_096] for at in range(0, len(data), 4_096))
    return httpx.Response(status, content=pieces, headers=headers)


class HandClock:
    """Goes when a test says so."""

    def __init__(self, now: datetime = BEGIN) -> None:
        self.at = now
        self.running = 1_000.0

    def now(self) -> datetime:
        """The time of day."""
        return self.at

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return self.running

    def pass_by(self, span: timedelta) -> None:
        """Let time pass."""
        self.at += span
        self.running += span.total_seconds()


def publisher(folder: Path, now: Callable[[], datetime] = lambda: BEGIN) -> Repository:
    """A publisher's keys and place of releases below a folder."""
    return Repository(folder / "place", Keys(folder / "keys", PASSPHRASE), now)


class _BelievesAll(Trust):
    """Takes whatever lies in a place for what was signed."""

    def _signed(self, role: str, name: str) -> Metadata[Any]:
        return Metadata.from_file(str(self._metadata / name))


def in_other_hands(repository: Repository) -> Repository:
    """The same place and keys, in the hands of somebody who signs whatever they please with the keys they have."""
    stolen = Repository(repository.folder, repository._keys, repository._now)
    stolen._trust = _BelievesAll(repository.metadata, repository._keys.folder / ROOT_FILE)
    return stolen


def frozen_app(folder: Path, says: str, extra: dict[str, str] | None = None) -> Path:
    """A stand-in for a frozen app: a program that says something and its arguments, and what `extra` puts beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "counterpart"
    program.write_text(f'#!/bin/sh\necho "{says}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    (folder / "_internal").mkdir(exist_ok=True)
    (folder / "_internal" / "library.so").write_text("bytes of a library", encoding="utf-8")
    for name, text in (extra or {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


class World:
    """`made`: a folder in which `publisher(...)` has created its keys and its place; it is copied."""

    def __init__(self, folder: Path, made: Path) -> None:
        self.folder = folder
        self.clock = HandClock()
        if made != folder / "publisher":
            shutil.copytree(made, folder / "publisher")
        self.repository = publisher(folder / "publisher", self.clock.now)
        self.root = self.repository.newest_root().read_bytes()
        self.asked: list[httpx.Request] = []
        self.between: Between = lambda _request: None
        program = frozen_app(folder / "program", "installed") / "counterpart"
        program.with_name(INSTALLATION_FILE).write_text('{"kind": "per_user"}', encoding="utf-8")
        self.installation = Installation(InstallationKind.PER_USER, program)
        self.home = Home.of(self.installation, "linux")

    @classmethod
    def again(cls, folder: Path) -> World:
        """The same world in another process."""
        return cls(folder, folder / "publisher")

    # -- the publisher ------------------------------------------------------------------------------------
    @property
    def place(self) -> Path:
        """The publisher's folder that is served."""
        return self.repository.folder

    def package(self, version: str, **extra: str) -> tuple[Path, int]:
        """Make a package; returns it and how many bytes its files have."""
        frozen = frozen_app(self.folder / "frozen" / version, version, extra)
        package = self.folder / f"{version}.zip"
        return package, make_package(frozen, package, version, MACHINE.platform)

    def publish(self, version: str, channel: str = "stable", **custom: Any) -> Offer:
        """Offer a release; `custom` changes what is signed about it."""
        package, size = self.package(version)
        return self.offer(version, package, size, channel, **custom)

    def offer(self, version: str, package: Path, size: int, channel: str = "stable", **custom: Any) -> Offer:
        """Offer any bytes as a release."""
        facts = {
            "version": version,
            "platform": MACHINE.platform,
            "minimum_system": "",
            "store_schema": 6,
            "unpacked": size,
            "notes": {"en": f"What is new in {version}.", "de": f"Neu in {version}."},
        }
        path = f"{channel}/{MACHINE.platform}.zip"
        assert path.endswith(f"{MACHINE.platform}.zip")
        return self.repository.add(channel, package, {**facts, **custom})

    # -- the network --------------------------------------------------------------------------------------
    def connect(self, address: str) -> httpx.Client:
        """A client as the app's own, but for the network."""
        return httpx.Client(
            base_url=address, transport=httpx.MockTransport(self._answer), follow_redirects=False
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        assert str(request.url).startswith(f"{ADDRESS}/"), "nothing is asked of another place"
        return self.between(request) or self.honest(request)

    def honest(self, request: httpx.Request) -> httpx.Response:
        """What the publisher has, or the part of it that is asked for."""
        path = self.place / request.url.path.removeprefix("/counterpart/")
        if not path.is_file():
            return httpx.Response(404)
        data = path.read_bytes()
        begin = request.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
        if begin:
            part = data[int(begin) :]
            shown = f"bytes {begin}-{len(data) - 1}/{len(data)}"
            return sent(part, 206, {"Content-Range": shown})
        return sent(data)

    # -- the computer -------------------------------------------------------------------------------------
    def taking(
        self,
        running: str = "0.1.0",
        reached: Reached = nowhere,
        machine: Machine = MACHINE,
        address: str = ADDRESS,
        root: bytes | None = None,
    ) -> Taking:
        """The client of this computer."""
        installation = self.installation
        if (self.home.versions / running).is_dir():
            installation = Installation(InstallationKind.PER_USER, self.home.program(running))
        return Taking(
            installation,
            self.home,
            machine,
            Origin(address, root or self.root),
            self.clock,
            self.connect,
            running,
            reached,
        )

    def state(self) -> dict[str, bytes]:
        """Everything below the installation's home but metadata and lock, to see that nothing changed."""
        found: dict[str, bytes] = {}
        for folder, _folders, names in os.walk(self.home.folder):
            for name in names:
                path = Path(folder) / name
                inside = path.relative_to(self.home.folder)
                if inside.parts[0] not in ("metadata", "lock"):
                    found[inside.as_posix()] = path.read_bytes()
        return found
