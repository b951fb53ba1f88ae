"""Ingest: one fair pass over hints, fast lane and sweep at a time."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from gateway.crm.port import CrmUnavailable, Ref
from gateway.ground import Ground
from gateway.ingest.hints import add_hints, any_hints
from gateway.ingest.lanes import FastLane, HintLane, Sweep, progress_of
from gateway.ingest.sources import mark_read, mark_stale
from gateway.systems import System

log = structlog.get_logger(__name__)


class Ingest:
    """Brings changes of the source systems in."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._database = ground.database
        self._clock = ground.clock
        self._hints = HintLane(ground.database, ground.absorber)
        self._fast = FastLane(ground.database, ground.absorber, ground.clock, ground.limits)
        self._sweep = Sweep(ground.database, ground.absorber, ground.clock, ground.limits)
        #: By system, on the clock that nobody can set: when it is asked again after it could not be reached.
        self._not_before: dict[str, float] = {}

    def hint(self, system: System, refs: Iterable[Ref]) -> None:
        """Note rows that may have changed; the next step reads them."""
        with self._database.write() as connection:
            add_hints(connection, system.name, refs, self._ground.random)

    def step(self) -> int:
        """Go over every system once. Returns how many records changed; a system that is down is left for later.

        What fails for another reason is raised once the other systems have had their turn.
        """
        return self._each(hints_only=False)

    def hints_step(self) -> int:
        """Follow hints only: the quick answer to somebody else's edit. Returns and raises as `step` does."""
        return self._each(hints_only=True)

    def _each(self, *, hints_only: bool) -> int:
        changed = 0
        failure: Exception | None = None
        for system in self._ground.systems:
            if self._ready_by_name(system.name):
                try:
                    changed += self._guarded(system, hints_only=hints_only)
                except Exception as error:
                    log.exception("source system not read", system=system.name)
                    failure = failure or error
        if failure:
            raise failure
        return changed

    def _guarded(self, system: System, *, hints_only: bool) -> int:
        try:
            changed = self._hints.step(system)
            if hints_only:
                return changed
            changed += self._fast.step(system)
            obj = self._sweep.due(system)
            if obj:
                # Somebody's edit does not wait until very many ids are compared.
                changed += self._sweep.run(system, obj, between=lambda: self._hints.step(system))
            self._read(system)
        except CrmUnavailable as error:
            self._unavailable(system, error)
            return 0
        except Exception:
            with self._database.write() as connection:
                mark_stale(connection, system, f"{system.port.label} could not be read in full.")
            raise
        return changed

    def _read(self, system: System) -> None:
        """Note up to when everything has been read: the earliest beginning among the last complete passes."""
        with self._database.write() as connection:
            passes = [item.passed_at for item in progress_of(connection, system)]
            known = [at for at in passes if at]
            mark_read(connection, system, min(known) if len(known) == len(passes) else None)

    def _unavailable(self, system: System, error: CrmUnavailable) -> None:
        log.warning("source system unavailable", system=system.name, error=str(error))
        self._not_before[system.name] = self._clock.monotonic() + error.retry_after
        with self._database.write() as connection:
            mark_stale(connection, system, f"{system.port.label} cannot be reached.")

    def quiet(self) -> bool:
        """Tell whether everything that was known to have changed has been read."""
        with self._database.read() as connection:
            return not any_hints(connection) and all(
                item.passed_at and item.began_at is None
                for system in self._ground.systems
                for item in progress_of(connection, system)
            )

    def backfill(self, most: int = 100_000) -> int:
        """Step until everything is read. Returns how many records changed. Raises CrmUnavailable."""
        changed = 0
        for _ in range(most):
            changed += self.step()
            late = [name for name in self._not_before if not self._ready_by_name(name)]
            if late:
                raise CrmUnavailable(f"{', '.join(late)} cannot be reached.")
            if self.quiet():
                break
        return changed

    def _ready_by_name(self, name: str) -> bool:
        return self._clock.monotonic() >= self._not_before.get(name, 0.0)

    def try_now(self, system: System) -> None:
        """Let a system be asked again with the next step, although it could not be reached a moment ago."""
        self._not_before.pop(system.name, None)

    def sweep(self, system: System, obj: str, *, confirmed: bool) -> int:
        """Sweep one object now. Returns how many records changed. Raises CrmUnavailable."""
        return self._sweep.run(system, obj, confirmed=confirmed)
