"""Ingest: one fair turn of each lane at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from math import inf
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from gateway.crm.budget import Priority, spending
from gateway.crm.port import CrmBusy, CrmError, CrmUnavailable, Ref
from gateway.feed.relay import Word
from gateway.ground import Ground
from gateway.ingest.aside import dead_letters, storable
from gateway.ingest.brake import held_of
from gateway.ingest.delayed import DelayedLane, fast_confirms, places_of, read_up_to
from gateway.ingest.hints import add_hints, any_hints
from gateway.ingest.journal import JournalLane
from gateway.ingest.lanes import Done, FastLane, HintLane, Listing, progress_of
from gateway.ingest.leadership import AlwaysLeading, Leadership
from gateway.ingest.sources import mark_read, mark_stale
from gateway.ingest.state import LANES, Lane, Turn, note_turns
from gateway.ingest.sweep import Sweep
from gateway.systems import System

log = structlog.get_logger(__name__)

_MOST_WORDS = 500

#: Seconds after which a journal is asked again that has not answered as it should.
_ASK_AGAIN = 60.0

#: Lets so many seconds pass.
Wait = Callable[[float], None]

_Result = TypeVar("_Result")

#: Turns of one lane that were not written down yet are added up.
_Turns = dict[Lane, Turn]


class Ingest:
    """Brings changes of the source systems in."""

    def __init__(self, ground: Ground, leadership: Leadership | None = None) -> None:
        self._ground = ground
        self._database = ground.database
        self._clock = ground.clock
        self._leadership = leadership or AlwaysLeading()
        database, absorber, clock, limits = ground.database, ground.absorber, ground.clock, ground.limits
        self._hints = HintLane(database, absorber, ground.random)
        self._journal = JournalLane(database, clock, ground.random, limits)
        self._fast = FastLane(database, Listing(database, absorber), clock, limits)
        self._delayed = DelayedLane(database, Listing(database, absorber), clock, limits)
        self._sweep = Sweep(database, absorber, clock, limits)
        #: By system, on the clock that nobody can set: when it is asked again after it could not be reached.
        self._not_before: dict[str, float] = {}
        #: By system and lane: when it goes on after its system took no more calls.
        self._paused: dict[tuple[str, Lane], float] = {}
        self._had_turn: dict[tuple[str, Lane], float] = {}
        self._turns: dict[str, _Turns] = {}

    def hint(self, system: System, refs: Iterable[Ref]) -> None:
        """Note rows that may have changed; the next step reads them."""
        with self._database.write() as connection:
            add_hints(connection, system.name, refs, self._ground.random, self._clock.now())
            self._database.announce(connection, Word.HINT)

    # --------------------------------------------------------------------------------------------------- lanes

    def step(self) -> int:
        """Go over every system once. Returns how many records changed; a system that is down is left for later.

        What fails for another reason is raised once the other systems have had their turn.
        """
        return self._each(self._leadership)

    def hints_step(self) -> int:
        """Follow hints only: the quick answer to somebody else's edit. Returns and raises as `step` does.

        No journal is asked: whatever wakes this has told what happened, and steps come every other second.
        """
        return self._each(self._leadership, hints_only=True)

    def _each(self, leadership: Leadership, *, hints_only: bool = False) -> int:
        changed = 0
        failure: Exception | None = None
        for system in self._ground.systems:
            if self._ready_by_name(system.name):
                try:
                    changed += self._guarded(system, leadership, hints_only=hints_only)
                except Exception as error:
                    log.exception("source system not read", system=system.name)
                    failure = failure or error
        if failure:
            raise failure
        return changed

    def _guarded(self, system: System, leadership: Leadership, *, hints_only: bool) -> int:
        began = self._clock.monotonic()
        turn = partial(self._turn, system, leadership)
        hints = partial(turn, Lane.WEBHOOK, partial(self._hints.step, system))
        try:
            changed = hints()
            if hints_only:
                return changed
            if self._journal.due(system):
                # Not before the hints that are there: where calls are few it would take theirs, time after time.
                self._ask_journal(system, turn)
                changed += hints()
            runs: dict[Lane, Callable[[], Done]] = {
                Lane.FAST: partial(self._fast.step, system),
                Lane.DELAYED: partial(self._delayed.step, system),
                # Somebody's edit does not wait until very many ids are compared.
                Lane.SWEEP: partial(self._sweep_one, system, hints),
            }
            for lane in self._by_wait(system, runs) if self._journal.has_begun(system) else ():
                changed += turn(lane, runs[lane])
            self._read(system)
        except CrmUnavailable as error:
            # One that lets us wait before it fails is left alone for as long: the others are read in between.
            self._unavailable(system, error, self._clock.monotonic() - began)
            return 0
        except Exception:
            with self._database.write() as connection:
                self._write_turns(connection, system)
                mark_stale(connection, system, f"{system.port.label} could not be read in full.")
            raise
        return changed

    def _ask_journal(self, system: System, turn: Callable[[Lane, Callable[[], Done]], int]) -> None:
        """Note what happened, to be read with the hints. Raises CrmError where there is no place in it yet.

        Otherwise a journal that does not answer, or not as it should, keeps no other lane from reading.
        """
        try:
            turn(Lane.JOURNAL, partial(self._journal.step, system))
        except CrmError as error:
            if not self._journal.has_begun(system):
                raise
            log.warning("journal not read", system=system.name, error=str(error))
            soon = error.retry_after if isinstance(error, CrmUnavailable) else _ASK_AGAIN
            self._journal.rest(system, soon)

    def _by_wait(self, system: System, lanes: Iterable[Lane]) -> list[Lane]:
        """Put first what had its last turn longest ago: where calls are few, no lane takes them all, always."""
        return sorted(lanes, key=lambda lane: self._had_turn.get((system.name, lane), -inf))

    def _sweep_one(self, system: System, between: Callable[[], object]) -> Done:
        obj = self._sweep.due(system)
        return self._sweep.run(system, obj, between=between) if obj else Done()

    def _turn(self, system: System, leadership: Leadership, lane: Lane, run: Callable[[], Done]) -> int:
        """Give a lane its turn if this process leads it. Returns how many records changed. Raises CrmUnavailable.

        A lane whose system takes no more calls stops where it is, and so do those that come after it.
        """
        if self._clock.monotonic() < self._paused.get((system.name, lane), 0.0):
            return 0
        with leadership.held(f"{system.name}:{lane}") as leading:
            if not leading:
                return 0
            done, error = Done(), ""
            self._had_turn[system.name, lane] = self._clock.monotonic()
            try:
                with spending(LANES[lane].priority):
                    done = run()
                error = done.problem
            except CrmBusy as busy:
                error = str(busy)
                self._pause(system, lane, busy)
            except Exception as failure:
                error = storable(f"{type(failure).__name__}: {failure}")[:_MOST_WORDS]
                raise
            finally:
                self._note(system, lane, done, error)
        return done.changed

    def _pause(self, system: System, lane: Lane, busy: CrmBusy) -> None:
        until = self._clock.monotonic() + busy.retry_after
        log.info("lane paused", system=system.name, lane=lane.value, seconds=busy.retry_after)
        for other, declared in LANES.items():
            if declared.priority >= LANES[lane].priority:
                self._paused[system.name, other] = max(until, self._paused.get((system.name, other), 0.0))

    def _note(self, system: System, lane: Lane, done: Done, error: str) -> None:
        """Remember how a turn went; it is written down with the next full step."""
        before = self._turns.setdefault(system.name, {}).get(lane)
        seen, changed = done.seen + (before.seen if before else 0), done.changed
        changed += before.changed if before else 0
        self._turns[system.name][lane] = Turn(lane, self._clock.now(), seen, changed, error)

    def _write_turns(self, connection: Connection, system: System) -> _Turns:
        turns = self._turns.pop(system.name, {})
        note_turns(connection, system.name, turns.values())
        return turns

    def _read(self, system: System) -> None:
        """Note how the lanes fared, and up to when everything has been read: the earliest of all objects' instants."""
        with self._database.write() as connection:
            turns = self._write_turns(connection, system)
            went_well = [lane for lane, turn in turns.items() if not turn.error]
            if Lane.FAST not in went_well and Lane.DELAYED not in went_well:
                return  # another process leads here, and knows better
            places, limits = places_of(connection, system.name), self._ground.limits
            read = [
                read_up_to(system, limits, item, places.get(item.obj))
                for item in progress_of(connection, system)
            ]
            known = [at for at in read if at]
            mark_read(connection, system, min(known) if len(known) == len(read) else None)

    def _unavailable(self, system: System, error: CrmUnavailable, waited: float) -> None:
        log.warning("source system unavailable", system=system.name, error=str(error))
        self._not_before[system.name] = self._clock.monotonic() + max(error.retry_after, waited)
        with self._database.write() as connection:
            self._write_turns(connection, system)
            mark_stale(connection, system, f"{system.port.label} cannot be reached.")

    # ------------------------------------------------------------------------------------------- at a person's word

    def quiet(self) -> bool:
        """Tell whether everything that was known to have changed has been read."""
        return self._quiet(tuple(self._ground.systems))

    def _quiet(self, systems: Sequence[System]) -> bool:
        with self._database.read() as connection:
            return all(
                not any_hints(connection, system.name)
                and not self._journal.is_behind(system)
                and self._is_read(connection, system)
                for system in systems
            )

    def _is_read(self, connection: Connection, system: System) -> bool:
        places = places_of(connection, system.name)
        waits = not fast_confirms(system, self._ground.limits)
        return all(
            item.passed_at
            and item.began_at is None
            and (place := places.get(item.obj)) is not None
            and place.began_at is None
            and (place.passed_at is not None or not waits)
            for item in progress_of(connection, system)
        )

    def backfill(
        self,
        most: int = 100_000,
        wait: Wait | None = None,
        after_step: Callable[[], object] = lambda: None,
    ) -> int:
        """Step until everything is read, whoever leads. Returns how many records changed. Raises CrmUnavailable.

        Nothing is read wrongly when two processes read the same: what one stored first makes the other look again.
        `wait`: what to do while a system takes no more calls; without it that, too, is raised. `after_step` is called
        between steps, to tell somebody how far it has come.
        """
        changed, before = 0, self._passes()
        for system in self._ground.systems:
            self._journal.ask_now(system)
        for _ in range(most):
            changed += self._each(AlwaysLeading())
            after_step()
            late = [name for name in self._not_before if not self._ready_by_name(name)]
            there = [system for system in self._ground.systems if system.name not in late]
            if late and (not there or self._quiet(there)):
                raise CrmUnavailable(f"{', '.join(late)} cannot be reached.")
            paused = self._seconds_paused()
            # With few calls some lane always waits; then it is enough that each object had its turn.
            if before.isdisjoint(self._passes()) if paused else self.quiet():
                break
            if paused:
                if wait is None:
                    raise CrmBusy("The source system takes no more calls for now.", paused)
                wait(paused)
        return changed

    def _passes(self) -> set[tuple[str, str, datetime | None]]:
        """Return when the last complete pass over each object began."""
        with self._database.read() as connection:
            return {
                (system.name, item.obj, item.passed_at)
                for system in self._ground.systems
                for item in progress_of(connection, system)
            }

    def _seconds_paused(self) -> float:
        """Return for how long the lanes that read changes wait, if one does."""
        now = self._clock.monotonic()
        ends = [at for (_, lane), at in self._paused.items() if lane is not Lane.SWEEP]
        return max((at - now for at in ends if at > now), default=0.0)

    def _ready_by_name(self, name: str) -> bool:
        return self._clock.monotonic() >= self._not_before.get(name, 0.0)

    def try_now(self, system: System) -> None:
        """Let a system be asked again with the next step, although it could not be reached a moment ago."""
        self._not_before.pop(system.name, None)
        self._journal.ask_now(system)

    def sweep(self, system: System, obj: str, *, confirmed: bool, wait: Wait | None = None) -> int:
        """Sweep one object now, whoever leads. Returns how many records changed. Raises CrmUnavailable.

        `wait`: as for `backfill`.
        """

        def run() -> int:
            with spending(Priority.SWEEP):
                return self._sweep.run(system, obj, confirmed=confirmed).changed

        return _patiently(run, wait)

    def held(self, system: System, obj: str) -> int:
        """Return how many records of an object are missing at the source and wait for a person to let them go."""
        with self._database.read() as connection:
            return held_of(connection, system.name, obj)

    def aside(self, system: System) -> list[Ref]:
        """Return the rows of a system that stand aside."""
        with self._database.read() as connection:
            return [one.ref for one in dead_letters(connection) if one.system == system.name]

    def retry(self, system: System, refs: Iterable[Ref], wait: Wait | None = None) -> int:
        """Read rows that stand aside once more. Returns how many of them still do. Raises CrmUnavailable.

        `wait`: as for `backfill`.
        """
        again = set(refs) & {*self.aside(system)}
        _patiently(lambda: self._ground.absorber.absorb(system, sorted(again, key=str)), wait)
        return len(again & {*self.aside(system)})


def _patiently(run: Callable[[], _Result], wait: Wait | None) -> _Result:
    while True:
        try:
            return run()
        except CrmBusy as busy:
            if wait is None:
                raise
            wait(busy.retry_after)
