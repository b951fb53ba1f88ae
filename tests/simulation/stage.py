"""What all verbs share: the world, its book, the dice of one step, and who is there to act.

Each verb draws from `rng`, which is dealt anew for every step, so that leaving one step out of a script leaves the
others' draws as they were. It returns a word for the script, or None when it did not apply.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from app.contract.errors import CounterpartError, LocalError
from app.contract.ids import source_gid
from gateway.crm.port import CrmError, Ref
from tests.simulation.device import Device
from tests.simulation.oracle import Oracle
from tests.simulation.quirks import Quirks
from tests.simulation.world import SYSTEM, World

T = TypeVar("T")
Verb = Callable[[Any], "str | None"]

#: Every verb by name, with how often it is played.
VERBS: dict[str, int] = {}

#: Verbs that only some systems have.
_NEEDS: dict[str, Callable[[Quirks], object]] = {}


def verb(weight: int, needs: Callable[[Quirks], object] | None = None) -> Callable[[Verb], Verb]:
    """Make a method a verb that is played with this weight, where the system has what it needs."""

    def taken(method: Verb) -> Verb:
        VERBS[method.__name__] = weight
        if needs:
            _NEEDS[method.__name__] = needs
        return method

    return taken


def verbs_of(quirks: Quirks) -> dict[str, int]:
    """Return the verbs that a system has, with how often they are played."""
    return {name: weight for name, weight in VERBS.items() if name not in _NEEDS or _NEEDS[name](quirks)}


class Stage:
    """One world, and what can happen in it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.oracle = Oracle(world)
        self.rng = random.Random(0)
        self._words = 0
        self._verbs = verbs_of(world.quirks)

    def play(self, name: str, draw: object) -> str | None:
        """Play one verb with its own dice."""
        if name not in self._verbs:
            return None
        self.rng = random.Random(str(draw))
        told: str | None = getattr(self, name)()
        return told

    # -- parts --------------------------------------------------------------------------------------------
    def word(self) -> str:
        """A word that occurs nowhere else."""
        self._words += 1
        return f"w{self._words}x{self.rng.randrange(10**6)}"

    def any_of(self, things: Sequence[T]) -> T | None:
        """One of them, None when there is none."""
        return self.rng.choice(things) if things else None

    def favourite(self, things: Sequence[T]) -> T | None:
        """One of them, often the first: people who work on the same few records meet."""
        return things[0] if things and self.rng.random() < 0.4 else self.any_of(things)

    def device(self) -> Device | None:
        """A device somebody can work with."""
        return self.any_of([device for device in self.world.devices if device.ready()])

    def _using(self, do: Callable[[Device], str | None]) -> str | None:
        device = self.device()
        if device is None:
            return None
        told: list[str | None] = []

        def use() -> None:
            try:
                told.append(do(device))
            except LocalError:
                self.world.count["not saved: no room"] += 1
            except CounterpartError:
                self.world.count["not allowed"] += 1

        if not device.doing(use):
            self.oracle.after_a_crash(device)
            return f"{device.name} dies while its user works"
        return f"{device.name}: {told[0]}" if told and told[0] else None

    def _row(self, obj: str) -> Ref | None:
        return self.favourite(self.world.rows(obj))

    def _staff(self, obj: str, words: str, do: Callable[[Ref], object]) -> str | None:
        ref = self._row(obj)
        if ref is None:
            return None
        try:
            do(ref)
        except CrmError:
            return None
        return words

    def _disturb(self, *refs: Ref) -> None:
        """What users enter about these rows may rightly not arrive from now on."""
        for ref in refs:
            row = self.world.crm.crm.read(ref)
            self.oracle.disturbed.add(
                str(row.fields.get("portal_ref") or source_gid(SYSTEM, ref.obj, ref.id))
            )
