"""New versions of Counterpart, as a person sees them: which channel, what was found, what is ready, and why none comes.

Belongs to the installation, not to an account. `check` blocks, and needs a thread of its own; it is called for by hand,
or when `due` says that a day has passed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, assert_never

from app.contract.errors import CounterpartError, LocalError
from app.contract.said import Said, said
from app.services.format import moment_of
from app.session.installation import Installation, InstallationKind
from app.session.policy.schema import Managed
from app.session.small_file import load, write
from app.session.updates.channel import Channel
from app.session.updates.handing_over import came_up, set_back
from app.session.updates.places import Home
from app.session.updates.tidying import tidy
from app.session.updates.verdict import Found, Verdict
from app.sync.clock import Clock, Rng

if TYPE_CHECKING:
    from app.session.updates.release import ReleaseFacts
    from app.session.updates.taking import Taking

#: A day lies between two checks, and up to so much more: not every computer asks at once.
DAY, SPREAD = timedelta(days=1), timedelta(hours=4)

#: A last check so far in the future was noted by a clock that was wrong.
_ASTRAY = timedelta(hours=1)

_NOTES = "checks.json"


class Off(StrEnum):
    """Why no version comes by itself."""

    SOURCE = "source"
    MANAGED = "managed"
    POLICY = "policy"
    UNCLEAR = "unclear"
    CHOSEN = "chosen"
    NO_ROOT = "no_root"


@dataclass(frozen=True)
class ReadyVersion:
    """A version that lies here and starts next time. `notes`: what is new, by language."""

    version: str
    notes: dict[str, str]

    def notes_in(self, language: str) -> str:
        """Return what is new, in a language or else in English."""
        return self.notes.get(language) or self.notes.get("en", "")


@dataclass(frozen=True)
class UpdateView:
    """How it stands. `off`: why none comes; None: they do. `forced`: the channel is set by the organisation.

    `found`: what became of the last offer, in words. `set_back`: a version that did not come up here.
    """

    running: str
    channel: Channel
    forced: bool = False
    off: Off | None = None
    checked_at: datetime | None = None
    found: str = ""
    ready: ReadyVersion | None = None
    set_back: str = ""
    previous: str = ""

    @property
    def may_choose(self) -> bool:
        """Whether the user may choose a channel here."""
        return not self.forced and self.off in (None, Off.CHOSEN)


class Updating:
    """Looks after the versions of one installation. Methods but `check` are quick."""

    def __init__(
        self,
        installation: Installation,
        home: Home,
        taking: Callable[[], Taking] | None,
        clock: Clock,
        rng: Rng,
        managed: Managed,
        running: str,
    ) -> None:
        """`taking` makes what looks; None where the program came without a root of trust or an address."""
        self._installation = installation
        self._home = home
        self._taking = taking
        self._clock = clock
        self._managed = managed
        self._running = running
        self._spread = SPREAD * rng.uniform(0.0, 1.0)

    # -- how it stands ------------------------------------------------------------------------------------
    def view(self) -> UpdateView:
        """Return how it stands."""
        off = self._off()
        if off in (Off.SOURCE, Off.MANAGED):
            return UpdateView(self._running, Channel.NONE, off=off)
        notes, pointer = self._notes(), self._home.pointer()
        waits = pointer.current not in ("", self._running) and pointer.current not in pointer.refused
        return UpdateView(
            self._running,
            self._channel(),
            forced=self._managed.forces("update_channel"),
            off=off,
            checked_at=moment_of(notes.get("checked_at")),
            found=verdict_words(_verdict(notes), str(notes.get("offered", ""))),
            ready=_ready(notes, pointer.current) if waits and not pointer.healthy else None,
            set_back=pointer.set_back,
            previous=pointer.previous if pointer.current == self._running else "",
        )

    def due(self) -> bool:
        """Whether it is time to look by itself."""
        if self._off() is not None:
            return False
        last, now = moment_of(self._notes().get("tried_at")), self._clock.now()
        return last is None or now - last >= DAY + self._spread or last - now > _ASTRAY

    # -- acting -------------------------------------------------------------------------------------------
    def check(self, told: Callable[[int, int], None] | None = None, *, take: bool = True) -> UpdateView:
        """Look for a newer version and, if wanted, put it in place; it starts next time.

        `told`: bytes so far, and in all. Raises CounterpartError kinds; Counterpart goes on as it is then.
        """
        if self._off() is not None or self._taking is None:
            return self.view()
        notes, now = self._notes(), self._clock.now()
        self._note(tried_at=now.isoformat())
        not_before = moment_of(notes.get("trusted_at"))
        try:
            taking = self._taking()
            if take:
                found = taking.take(self._channel(), not_before, told)
            else:
                found = taking.look(self._channel(), not_before)
        except CounterpartError:
            self._note(verdict="", offered="")
            raise
        self._found(found, max(now, not_before) if not_before else now)
        return self.view()

    def choose(self, channel: Channel) -> None:
        """Take another channel; nothing happens where the organisation has chosen."""
        if self.view().may_choose:
            self._note(channel=channel.value, verdict="", offered="", tried_at="")

    def came_up(self) -> None:
        """The running version stands there: it is not set back any more, and what is not needed is removed."""
        if self._installation.updates_itself:
            came_up(self._installation, self._running)
            tidy(self._home, self._running)

    def understood(self) -> None:
        """A person was told of the version that was set back."""
        pointer = self._home.pointer()
        if pointer.set_back:
            self._home.point(replace(pointer, set_back=""))

    def go_back(self) -> str:
        """Go back to the version before; the next start runs it. Returns what was left, empty when nothing was.

        What is left is never taken again. Raises LocalError.
        """
        pointer = self._home.pointer()
        if not self._installation.updates_itself or not pointer.current:
            return ""
        try:
            self._home.point(replace(set_back(pointer), set_back=""))
        except OSError as error:
            raise LocalError(
                said("It could not be noted which version starts next."),
                kept=said("Counterpart goes on as it is."),
                next_step=said("Check that the folder of Counterpart belongs to you."),
            ) from error
        return pointer.current

    @property
    def source(self) -> str:
        """Who sets the policy on this computer, such as *Group Policy*; empty when nobody does."""
        return self._managed.source

    @property
    def installation(self) -> Installation:
        """How this program is installed."""
        return self._installation

    # -- parts --------------------------------------------------------------------------------------------
    def _off(self) -> Off | None:
        match self._installation.kind:
            case InstallationKind.SOURCE:
                return Off.SOURCE
            case InstallationKind.MANAGED:
                return Off.MANAGED
            case InstallationKind.PER_USER:
                pass
            case _:
                assert_never(self._installation.kind)
        if self._managed.blocking:
            return Off.UNCLEAR
        if self._taking is None:
            return Off.NO_ROOT
        if self._channel() is not Channel.NONE:
            return None
        return Off.POLICY if self._managed.forces("update_channel") else Off.CHOSEN

    def _channel(self) -> Channel:
        chosen = self._notes().get("channel")
        known = {channel.value for channel in Channel}
        if not self._managed.forces("update_channel") and chosen in known:
            return Channel(chosen)
        return Channel(self._managed.policy.update_channel)

    def _found(self, found: Found, trusted_at: datetime) -> None:
        facts = found.release.facts if found.release is not None else None
        news: dict[str, Any] = {
            "checked_at": self._clock.now().isoformat(),
            "trusted_at": trusted_at.isoformat(),
            "verdict": found.verdict.value,
            "offered": facts.version if facts else "",
        }
        if facts is not None and found.verdict is Verdict.READY:
            news["ready"] = _packed(facts)
        self._note(**news)

    def _notes(self) -> dict[str, Any]:
        return load(self._home.folder / _NOTES)

    def _note(self, **news: Any) -> None:
        self._home.folder.mkdir(parents=True, exist_ok=True)
        write(self._home.folder / _NOTES, {**self._notes(), **news})


def off_words(off: Off, by: str = "") -> Said:
    """Say why no version comes by itself. `by`: who says so, such as *Group Policy*."""
    match off:
        case Off.SOURCE:
            return said("This Counterpart runs from its source and is updated there.")
        case Off.MANAGED:
            return said("Your IT department installed Counterpart and also brings new versions.")
        case Off.POLICY if by:
            return said("Your organisation has turned updates off ({source}).", source=by)
        case Off.POLICY:
            return said("Your organisation has turned updates off.")
        case Off.UNCLEAR:
            return said("What your organisation set is not understood, so nothing is looked for.")
        case Off.CHOSEN:
            return said("Nothing is looked for until a channel is chosen.")
        case Off.NO_ROOT:
            return said(
                "This copy came without the publisher's key, so it cannot tell a genuine update and takes none."
            )
        case _:
            assert_never(off)


def verdict_words(verdict: Verdict | None, offered: str) -> str:
    """Say what became of an offer; empty for what is told elsewhere."""
    match verdict:
        case None | Verdict.READY:
            return ""
        case Verdict.NEWER:
            return said("Version {version} is there and was not fetched yet.", version=offered)
        case Verdict.NOTHING:
            return said("There is nothing for this computer in this channel.")
        case Verdict.CURRENT:
            return said("This is the newest version.")
        case Verdict.OLDER:
            return said("This is newer than {version}, which the channel offers.", version=offered)
        case Verdict.GIVEN_UP:
            return said("Version {version} is not taken again on this computer.", version=offered)
        case Verdict.SYSTEM:
            return said("Version {version} needs a newer system than this computer has.", version=offered)
        case _:
            assert_never(verdict)


def _verdict(notes: dict[str, Any]) -> Verdict | None:
    known = {verdict.value for verdict in Verdict}
    return Verdict(notes["verdict"]) if notes.get("verdict") in known else None


def _packed(facts: ReleaseFacts) -> dict[str, Any]:
    return {"version": facts.version, "notes": dict(facts.notes)}


def _ready(notes: dict[str, Any], version: str) -> ReadyVersion:
    known = notes.get("ready")
    if isinstance(known, dict) and known.get("version") == version and isinstance(known.get("notes"), dict):
        return ReadyVersion(version, known["notes"])
    return ReadyVersion(version, {})
