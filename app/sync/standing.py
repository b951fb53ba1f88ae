"""How the client stands, and telling it: one status at a time, told only when it differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

from app.contract.errors import (
    CounterpartError,
    LocalError,
    PermanentError,
    RetryableError,
    SignInNeeded,
    Unreachable,
)
from app.contract.said import said
from app.store.database import Store
from app.sync import skew
from app.sync.clock import Clock
from app.sync.events import ActivityAdded, Event, Mode, Status, StatusChanged
from app.sync.snapshot import TooFew
from app.sync.words import Line, back, sentence

#: What the activity list says when the exchange stops, by the way it stopped.
_FELL: Mapping[Mode, str] = {
    Mode.OFFLINE: said("Offline. {cause}"),
    Mode.SIGN_IN: said("Signed out. {cause}"),
    Mode.PROBLEM: said("Needs attention. {cause}"),
}


class Standing:
    """Keeps the status and writes the lines about coming and going."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        emit: Callable[[Event], None],
        ahead: Callable[[], timedelta | None] = lambda: None,
    ) -> None:
        """`ahead`: how far this computer's clock is ahead of the gateway's, None while that is not known."""
        self._store = store
        self._ahead = ahead
        self._clock = clock
        self._emit = emit
        checkpoint = store.cursors.read()
        self.status = Status(
            Mode.SYNCING if checkpoint.complete else Mode.FIRST_SYNC,
            checkpoint.as_of,
            clock.now(),
            checkpoint.proven_at,
            checkpoint.sources,
            clock_off=store.clock_off.minutes(clock.now()),
        )

    def busy(self) -> None:
        """Records are on their way, in either direction."""
        if self.status.mode is Mode.LIVE or (self.status.mode is Mode.SYNCING and not self.status.cause):
            self._stand(Mode.SYNCING)

    def live(self) -> None:
        """Both sides agree as of now."""
        before = self.status
        if before.mode in (Mode.OFFLINE, Mode.SIGN_IN) and not before.by_choice:
            self.note(
                back(self._clock.now() - before.since, before.cause if before.mode is Mode.OFFLINE else "")
            )
        self._stand(Mode.LIVE)

    def offline_by_choice(self) -> None:
        """The user's switch is on."""
        self._stand(Mode.OFFLINE, by_choice=True)

    def online_by_choice(self) -> None:
        """The user's switch is off again; what the network says follows."""
        self._stand(self._under_way())

    def failed(self, error: CounterpartError) -> None:
        """Something stands in the way: say what, what is kept and what comes next."""
        match error:
            case SignInNeeded():
                mode = Mode.SIGN_IN
            case Unreachable():
                # A first sync that is cut off goes on from where it is; until then there is little to be offline with.
                mode = Mode.OFFLINE if self._store.cursors.read().complete else Mode.FIRST_SYNC
            case RetryableError():
                # It answered, only not usefully: the computer is not offline, and it is tried again by itself.
                mode = self._under_way()
            case PermanentError() | LocalError():
                mode = Mode.PROBLEM
            case _:
                raise error
        if self.status.mode is not mode and mode in (Mode.OFFLINE, Mode.SIGN_IN, Mode.PROBLEM):
            self.note(Line(mode.value, said(_FELL[mode], cause=sentence(error.cause))))
        self._stand(mode, error)

    def note(self, line: Line) -> None:
        """Add a line to the activity list; with a full disk there is none, and the status says why."""
        with suppress(LocalError):
            self._store.activity.add(self._clock.now(), line.kind, line.text)
            self._emit(ActivityAdded())

    def _clock_off(self) -> int:
        """Minutes this computer's clock is off. A minute more or less than before is the same: it is on its way."""
        ahead, before = self._ahead(), self.status.clock_off
        if ahead is None:
            return before
        now = skew.minutes_off(ahead)
        if now and before and abs(now - before) <= 1:
            now = before
        with suppress(LocalError):
            self._store.clock_off.remember(now, self._clock.now())
        return now

    def _under_way(self) -> Mode:
        return Mode.SYNCING if self._store.cursors.read().complete else Mode.FIRST_SYNC

    def _stand(self, mode: Mode, error: CounterpartError | None = None, *, by_choice: bool = False) -> None:
        checkpoint = self._store.cursors.read()
        before = self.status
        status = Status(
            mode=mode,
            as_of=checkpoint.as_of,
            since=before.since if before.mode is mode else self._clock.now(),
            proven_at=checkpoint.proven_at if mode in (Mode.LIVE, Mode.SYNCING) and error is None else None,
            sources=checkpoint.sources,
            cause=error.cause if error else "",
            kept=error.kept if error else "",
            next_step=error.next_step if error else "",
            by_choice=by_choice,
            missing=error.missing if isinstance(error, TooFew) else 0,
            clock_off=self._clock_off(),
        )
        if status != before:
            self.status = status
            self._emit(StatusChanged(status))
