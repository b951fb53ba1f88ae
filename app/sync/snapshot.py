"""Reads everything visible, page by page: for a first sync, and again when the position was lost.

Each page is one transaction with where the next one begins, so it goes on from there after any interruption. Over
records that are here already every row takes a generation; what the snapshot did not see goes in the transaction of
its last page, unless that would be suspiciously much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.contract.changes import SnapshotPage
from app.contract.errors import BadAnswer, CursorExpired, HostileAnswer
from app.contract.manifest import Manifest
from app.contract.said import said
from app.store.cursors import Checkpoint
from app.store.database import Store
from app.sync.clock import Clock
from app.sync.events import Event, FirstSyncProgress, RecordsChanged
from app.sync.failpoints import SyncPoint
from app.sync.settings import EngineSettings
from app.sync.transport import RawPage, Transport
from app.sync.words import read_afresh, taken_out

#: Under this name the settings keep when, and in which epoch, most records were first seen to be missing, how many, and
#: how many a person has agreed to remove.
BRAKE_KEY = "engine.brake"

#: Under this name the settings keep which grant the manifest here was served for.
GRANT_KEY = "engine.grant"


class TooFew(HostileAnswer):
    """The gateway shows far fewer records than are held here, though nobody said that less is visible.

    `missing`: how many would be removed.
    """

    default_kept = "Nothing was removed yet."
    default_next_step = "It is looked at once more in some minutes, and believed then."

    def __init__(self, missing: int, held: int) -> None:
        super().__init__(
            said(
                "The gateway no longer shows {missing} of the {held} records on this computer.",
                missing=missing,
                held=held,
            )
        )
        self.missing = missing


#: A rate over less time than this, in seconds, says nothing yet.
_SETTLED = 0.05


@dataclass
class _Progress:
    """Records held by entity type when this run began, and since; and how many rows it has read."""

    began: float
    first: int
    have: dict[str, int]
    read: int = 0

    def add(self, rows: dict[str, int]) -> None:
        for entity, count in rows.items():
            self.have[entity] = self.have.get(entity, 0) + count

    def event(self, counts: dict[str, int], now: float) -> FirstSyncProgress:
        by_entity = {
            entity: (min(self.have.get(entity, 0), total), total) for entity, total in counts.items()
        }
        done, total = sum(done for done, _ in by_entity.values()), sum(counts.values())
        seconds = now - self.began
        rate = max(0, done - self.first) / seconds if seconds >= _SETTLED else 0.0
        return FirstSyncProgress(done, total, rate, (total - done) / rate if rate > 0 else None, by_entity)


class Snapshot:
    """One snapshot at a time, over any number of runs."""

    def __init__(
        self,
        store: Store,
        transport: Transport,
        clock: Clock,
        emit: Callable[[Event], None],
        settings: EngineSettings,
    ) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._emit = emit
        self._settings = settings
        self._reached = store.failpoints.reached

    def believe(self) -> None:
        """A person agrees to what is held: as many records as were missing may go. Nothing held: nothing is agreed."""
        held = self._store.settings.get(BRAKE_KEY)
        if held is not None:
            self._store.settings.put(BRAKE_KEY, {**held, "agreed": held["missing"]})

    def run(self, keep_going: Callable[[], bool], between: Callable[[], None]) -> bool:
        """Read pages until the last; True when it has ended, False when it was told to stop.

        `between` runs between pages, so that what waits to be sent is not kept waiting. Raises contract errors;
        CursorExpired when the snapshot has to begin anew.
        """
        began = self._clock.monotonic()
        checkpoint = self._store.cursors.read()
        if checkpoint.snapshot_after is None:
            self._store.cursors.write(replace(checkpoint, generation=checkpoint.generation + 1))
        have = {} if checkpoint.complete else self._store.proofs.counts()
        progress = _Progress(began, sum(have.values()), have)
        seen: set[str] = set()
        empty = size = 0
        for _ in range(self._settings.most_pages):
            if not keep_going():
                return False
            after = self._store.cursors.read().snapshot_after
            if after is not None and after in seen:
                raise HostileAnswer("The gateway keeps leading back to a page that was read already.")
            seen.add(after or "")
            page = self._transport.snapshot(after, self._settings.page_rows)
            empty = 0 if page.puts != b"[]" else empty + 1
            size += len(page.puts)
            if size > self._settings.most_bytes or empty > self._settings.most_empty_pages:
                break
            if self._keep(page, after, progress):
                return True
            between()
        raise HostileAnswer("The gateway's snapshot has no end.")

    def _keep(self, page: RawPage[SnapshotPage], asked: str | None, progress: _Progress) -> bool:
        envelope = page.envelope
        if (envelope.after is None) == (envelope.cursor is None):
            raise BadAnswer("The gateway's page said neither where it goes on nor that it ends.")
        try:
            with self._store.transaction():
                checkpoint = self._store.cursors.read()
                if checkpoint.cursor is not None or checkpoint.snapshot_after != asked:
                    return False  # it was begun anew while this page was on its way
                if asked is not None and checkpoint.epoch not in (None, envelope.epoch):
                    raise CursorExpired("The gateway's history has changed.")
                entities = self._keep_rows(page, checkpoint, progress)
                self._reached(SyncPoint.SNAPSHOT_ENDING if envelope.cursor else SyncPoint.SNAPSHOT_STORED)
        except TooFew as error:
            self._hold(envelope.epoch, error.missing)
            raise
        self._reached(SyncPoint.SNAPSHOT_KEPT)
        if not checkpoint.complete:
            self._emit(progress.event(envelope.counts, self._clock.monotonic()))
        if entities:
            self._emit(RecordsChanged(entities, None))
        return envelope.cursor is not None

    def _keep_rows(
        self, page: RawPage[SnapshotPage], checkpoint: Checkpoint, progress: _Progress
    ) -> frozenset[str]:
        envelope = page.envelope
        manifest = manifest_of(self._store)
        if checkpoint.snapshot_after is None and not checkpoint.complete:
            self._store.mirror.begin(manifest, envelope.counts)
        applied = self._store.mirror.apply_puts(
            page.puts, manifest, checkpoint.generation, most=self._settings.page_rows
        )
        progress.add(dict(applied.rows))
        progress.read += applied.read
        if progress.read > 2 * sum(envelope.counts.values()) + self._settings.most_grown:
            # Or it is still being filled: what it says is as of the snapshot's beginning. The next run goes on here.
            raise BadAnswer("The gateway sends far more records than it said there were.")
        entities = applied.entities
        if envelope.cursor is not None:
            # What the very first snapshot stored is all there is: nothing older can be left over.
            if checkpoint.complete or checkpoint.generation > 1:
                entities |= self._sweep(page, checkpoint)
            count = sum(self._store.proofs.counts().values())
            line = read_afresh(count, self._clock.monotonic() - progress.began)
            self._store.activity.add(self._clock.now(), line.kind, line.text)
        self._store.cursors.write(
            replace(
                checkpoint,
                epoch=envelope.epoch,
                snapshot_after=envelope.after,
                cursor=envelope.cursor,
                sources=envelope.sources,
                proven_at=None,
            )
        )
        return entities

    # -- what was not seen ---------------------------------------------------------------------------------
    def _sweep(self, page: RawPage[SnapshotPage], checkpoint: Checkpoint) -> frozenset[str]:
        before = sum(self._store.proofs.counts().values())
        swept = self._store.mirror.sweep_generation(checkpoint.generation)
        left = sum(self._store.proofs.counts().values())
        promised = sum(page.envelope.counts.values())
        if left + len(self._store.mirror.quarantined()) < promised / 2:
            raise BadAnswer("The gateway sent far fewer records than it said, so nothing was removed.")
        removed = before - left
        if removed >= self._settings.brake_least and removed > before / 2:
            self._ask_first(page, removed, before)
        self._store.settings.remove(BRAKE_KEY)
        return swept.entities

    def _ask_first(self, page: RawPage[SnapshotPage], removed: int, before: int) -> None:
        """Most of what is held would go: believe it when less is visible by a new grant, when a person has agreed, or
        on the second look."""
        if page.grant and page.grant != self._store.settings.get(GRANT_KEY):
            return
        held = self._held(page.envelope.epoch)
        agreed = removed <= held.get("agreed", 0)
        if not agreed and not self._looked_at_long_enough(held):
            raise TooFew(removed, before)
        line = taken_out(removed, agreed=agreed)
        self._store.activity.add(self._clock.now(), line.kind, line.text)

    def _held(self, epoch: str) -> Mapping[str, Any]:
        held: Mapping[str, Any] = self._store.settings.get(BRAKE_KEY) or {}
        # A clock that has been set back would have it wait for as long.
        stands = held.get("epoch") == epoch and datetime.fromisoformat(held["at"]) <= self._clock.now()
        return held if stands else {}

    def _looked_at_long_enough(self, held: Mapping[str, Any]) -> bool:
        brake = timedelta(seconds=self._settings.brake)
        return bool(held) and self._clock.now() - datetime.fromisoformat(held["at"]) >= brake

    def _hold(self, epoch: str, missing: int) -> None:
        """Note since when so many are missing, and begin anew: the second look is one at everything."""
        at = self._held(epoch).get("at") or self._clock.now().isoformat()
        with self._store.transaction():
            self._store.settings.put(BRAKE_KEY, {"epoch": epoch, "at": at, "missing": missing})
            self._store.cursors.write(replace(self._store.cursors.read(), snapshot_after=None))


def manifest_of(store: Store) -> Manifest:
    """Return the manifest. Raises BadAnswer while there is none."""
    manifest = store.manifest
    if manifest is None:
        raise BadAnswer("The portal's manifest is not here yet.")
    return manifest
