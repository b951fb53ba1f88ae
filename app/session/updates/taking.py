"""One look for a newer release, from the first byte of metadata to the pointer; and what was found."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import httpx

from app.contract.errors import LocalError
from app.contract.said import said
from app.session.installation import Installation
from app.session.updates.channel import Channel
from app.session.updates.fetcher import Fetcher
from app.session.updates.places import Home, Pointer
from app.session.updates.refusals import translated
from app.session.updates.release import Machine, Release, runs_on
from app.session.updates.staging import Reached, nowhere, stage
from app.session.updates.tidying import tidy
from app.session.updates.trusted import Trusted
from app.session.updates.verdict import Found, Verdict
from app.session.updates.versions import newer
from app.sync.clock import Clock

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Origin:
    """Where this program came from: an https `address`, and the `root` of trust that was shipped with it."""

    address: str
    root: bytes


def judge(release: Release | None, running: str, pointer: Pointer, machine: Machine) -> Verdict:
    """Decide what becomes of an offer."""
    if release is None:
        return Verdict.NOTHING
    if release.version == running:
        return Verdict.CURRENT
    if release.version in pointer.refused:
        return Verdict.GIVEN_UP
    if not newer(release.version, running):
        return Verdict.OLDER
    if not runs_on(release.facts, machine):
        return Verdict.SYSTEM
    return Verdict.READY if release.version == pointer.current else Verdict.NEWER


class Taking:
    """Looks at one place of releases for one installation."""

    def __init__(
        self,
        installation: Installation,
        home: Home,
        machine: Machine,
        origin: Origin,
        clock: Clock,
        connect: Callable[[str], httpx.Client],
        running: str,
        reached: Reached = nowhere,
    ) -> None:
        """`connect` makes a client for an address, which is closed after use."""
        self.home = home
        self.machine = machine
        self.running = running
        self._installation = installation
        self._origin = origin
        self._clock = clock
        self._connect = connect
        self._reached = reached

    def look(self, channel: Channel, not_before: datetime | None = None) -> Found:
        """Say what a channel offers. `not_before`: it is at least as late, whatever the clock says.

        Raises UpdateRefused, ReleasesAway, LocalError, Refused.
        """
        return self._look(channel, not_before, None, take=False)

    def take(self, channel: Channel, not_before: datetime | None = None, told: Told | None = None) -> Found:
        """Look, and put what is newer in place: it starts next time. `told`: bytes so far, and in all.

        Raises as `look` does; nothing has changed then.
        """
        return self._look(channel, not_before, told, take=True)

    def _look(self, channel: Channel, not_before: datetime | None, told: Told | None, *, take: bool) -> Found:
        now = self._clock.now() if not_before is None else max(self._clock.now(), not_before)
        with _in_our_words(), _alone(self.home), self._connect(self._origin.address) as client:
            fetcher = Fetcher(client, self._clock.monotonic)
            trusted = Trusted(self.home, self._origin.address, self._origin.root, fetcher, now)
            release = trusted.offered(channel, self.machine)
            verdict = judge(release, self.running, self.home.pointer(), self.machine)
            if release is None or verdict is not Verdict.NEWER or not take:
                return Found(verdict, release)
            fetcher.told = told
            package = trusted.fetch(release)
            stage(self.home, self._installation, self.running, release.facts, package, self._reached)
            tidy(self.home, self.running)
            return Found(Verdict.READY, release)


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        expected = translated(error)
        assert expected is not None
        raise expected from error


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Let one process at a time look. Raises LocalError while another does."""
    home.folder.mkdir(parents=True, exist_ok=True)
    with Path(home.folder / "lock").open("a+b") as file:
        try:
            _lock(file)
        except OSError as error:
            raise LocalError(
                said("Another Counterpart is looking for a newer version right now."),
                kept=said("Counterpart goes on as it is."),
                next_step=said("Try again in a moment."),
            ) from error
        yield


def _lock(file: BinaryIO) -> None:
    """The lock goes with the file's handle. Raises OSError when somebody else has it."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415  # only there

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415  # not on Windows

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
