"""Who is at a kiosk: using it, locked for a while, or gone. Pure, over a clock that is handed in; it holds no keys.

    nobody ── arrives ──▶ using ── locks ──▶ locked ── right code ──▶ using
                            │                  ├── five wrong codes, or the time is over ──▶ gone
                            └── signs out ─────┴── signs out, or six would be locked: who locked first ──▶ gone

One person uses it at a time; at most five are locked beside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from app.services.idle import Elapsed
from app.services.kiosk.values import KioskPerson, LockedPerson
from app.sync.clock import Clock

#: Wrong codes in a row before somebody is signed out, and how many people may be locked at once.
TRIES = 5
MOST_LOCKED = 5


@dataclass(frozen=True)
class _Locked:
    person: KioskPerson
    since: Elapsed
    tries: int = TRIES


class Floor:
    """The states of the people at one kiosk."""

    def __init__(self, clock: Clock, unlock_minutes: int) -> None:
        """`unlock_minutes`: how long somebody stays locked; 0: not at all, a lock signs out."""
        self._clock = clock
        self._seconds = unlock_minutes * 60
        self._using: KioskPerson | None = None
        self._locked: dict[str, _Locked] = {}

    @property
    def using(self) -> KioskPerson | None:
        """Who has the screen."""
        return self._using

    @property
    def locks(self) -> bool:
        """Whether people may be locked at all."""
        return self._seconds > 0

    def people(self) -> tuple[LockedPerson, ...]:
        """Return who is locked and may still come back, who locked first first."""
        shown = []
        for one in tuple(self._locked.values()):
            left = self._left(one)
            if left > 0:
                until = self._clock.now() + timedelta(seconds=left)
                shown.append(LockedPerson(one.person, until, left, one.tries))
        return tuple(shown)

    def locked(self, person: str) -> bool:
        """Whether somebody is locked and may still come back."""
        return person in self._locked and self._left(self._locked[person]) > 0

    def over(self) -> tuple[str, ...]:
        """Return whose time is over and who has no tries left: they are to be signed out."""
        return tuple(
            name for name, one in tuple(self._locked.items()) if self._left(one) <= 0 or one.tries <= 0
        )

    def arrive(self, person: KioskPerson) -> None:
        """Somebody signed in, or gave the right code. Raises ValueError while another one has the screen."""
        if self._using is not None and self._using.id != person.id:
            raise ValueError("the screen is another person's")
        self._locked.pop(person.id, None)
        self._using = person

    def lock(self) -> str:
        """Lock who has the screen; returns who is to be signed out to make room, empty when there is some.

        Raises ValueError when nobody has it.
        """
        if self._using is None or not self.locks:
            raise ValueError("there is nobody to lock")
        self._locked[self._using.id] = _Locked(self._using, Elapsed(self._clock))
        self._using = None
        return next(iter(self._locked)) if len(self._locked) > MOST_LOCKED else ""

    def wrong(self, person: str) -> int:
        """Count a wrong code; returns how many tries are left."""
        one = self._locked[person]
        self._locked[person] = replace(one, tries=one.tries - 1)
        return self._locked[person].tries

    def leave(self, person: str) -> None:
        """Somebody is signed out."""
        self._locked.pop(person, None)
        if self._using is not None and self._using.id == person:
            self._using = None

    def _left(self, one: _Locked) -> float:
        return self._seconds - one.since.seconds() if one.tries > 0 else 0.0
