"""Brings the mirror to the gateway's head: a snapshot where there is no position, then the changes since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.contract.changes import ChangesPage, SnapshotPage
from app.contract.errors import BadAnswer, CursorExpired, HostileAnswer
from app.contract.manifest import Manifest
from app.store.database import Store
from app.sync.clock import Clock
from app.sync.events import Event, FirstSyncProgress, RecordsChanged
from app.sync.settings import EngineSettings
from app.sync.transport import RawPage, Transport


@dataclass(frozen=True)
class Pulled:
    """What a pull brought. `head`: the gateway said that there is no more."""

    changed: int
    head: bool


class Pull:
    """Reads pages and keeps each with its cursor in one transaction; nothing is open across the network."""

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
        self._began: tuple[float, int] | None = None
        self.grant = ""

    def run(self, keep_going: Callable[[], bool], between: Callable[[], None]) -> Pulled:
        """Pull to the head. `between` runs between the pages of a snapshot, so that what waits is not kept waiting.

        Raises contract errors; what was committed before stays.
        """
        try:
            return self._run(keep_going, between)
        except CursorExpired:
            self.start_over()
            return self._run(keep_going, between)

    def start_over(self) -> None:
        """Forget the position, keep everything else: the next pull takes a snapshot over the mirror."""
        with self._store.transaction():
            checkpoint = self._store.cursors.read()
            self._store.cursors.write(
                replace(checkpoint, cursor=None, snapshot_after=None, epoch=None, proven_at=None)
            )

    def _run(self, keep_going: Callable[[], bool], between: Callable[[], None]) -> Pulled:
        changed = 0
        if self._store.cursors.read().cursor is None:
            if not self._snapshot(keep_going, between):
                return Pulled(0, head=False)
            changed += 1
        seen: set[str] = set()
        for _ in range(self._settings.most_pages):
            cursor = self._store.cursors.read().cursor
            if cursor is None or not keep_going():
                return Pulled(changed, head=False)
            if cursor in seen:
                raise HostileAnswer("The gateway keeps leading back to a position that was read already.")
            seen.add(cursor)
            page = self._transport.changes(cursor, self._settings.page_rows)
            changed += self._keep(page)
            if not page.envelope.more:
                return Pulled(changed, head=True)
        raise HostileAnswer("The gateway says for ever that there is more.")

    # -- snapshot -----------------------------------------------------------------------------------------
    def _snapshot(self, keep_going: Callable[[], bool], between: Callable[[], None]) -> bool:
        checkpoint = self._store.cursors.read()
        if checkpoint.snapshot_after is None:
            checkpoint = replace(checkpoint, generation=checkpoint.generation + 1)
            self._store.cursors.write(checkpoint)
        seen: set[str] = set()
        for _ in range(self._settings.most_pages):
            if not keep_going():
                return False
            after = self._store.cursors.read().snapshot_after
            if after is not None and after in seen:
                raise HostileAnswer("The gateway keeps leading back to a page that was read already.")
            seen.add(after or "")
            page = self._transport.snapshot(after, self._settings.page_rows)
            if self._keep_snapshot(page):
                return True
            between()
        raise HostileAnswer("The gateway's snapshot has no end.")

    def _keep_snapshot(self, page: RawPage[SnapshotPage]) -> bool:
        envelope = page.envelope
        self.grant = page.grant or self.grant
        if (envelope.after is None) == (envelope.cursor is None):
            raise BadAnswer("The gateway's page said neither where it goes on nor that it ends.")
        first = not self._store.cursors.read().complete
        with self._store.transaction():
            manifest = self._manifest()
            checkpoint = self._store.cursors.read()
            applied = self._store.mirror.apply_puts(page.puts, manifest, checkpoint.generation)
            checkpoint = replace(
                checkpoint, epoch=envelope.epoch, snapshot_after=envelope.after, sources=envelope.sources
            )
            if envelope.cursor is not None:
                swept = self._store.mirror.sweep_generation(checkpoint.generation)
                checkpoint = replace(
                    checkpoint, cursor=envelope.cursor, complete=True, as_of=envelope.as_of, proven_at=None
                )
                self._store.activity.add(
                    self._clock.now(), "pulled", f"Read {sum(envelope.counts.values()):,} records"
                )
                applied = replace(applied, gids=None, entities=applied.entities | swept.entities)
            self._store.cursors.write(checkpoint)
        if first:
            self._progress(envelope.counts)
        if applied.entities:
            self._emit(RecordsChanged(applied.entities, None))
        if envelope.cursor is not None:
            self._began = None
            self._store.mirror.build_indexes(manifest)
            while self._store.search.build():
                pass
        return envelope.cursor is not None

    def _progress(self, counts: dict[str, int]) -> None:
        have = self._store.mirror.counts()
        done = sum(min(have.get(entity, 0), total) for entity, total in counts.items())
        total = sum(counts.values())
        now = self._clock.monotonic()
        if self._began is None:
            self._began = (now, 0)
        seconds = max(now - self._began[0], 0.001)
        rate = (done - self._began[1]) / seconds
        remaining = (total - done) / rate if rate > 0 else None
        by_entity = {entity: (min(have.get(entity, 0), count), count) for entity, count in counts.items()}
        self._emit(FirstSyncProgress(done, total, rate, remaining, by_entity))

    # -- changes ------------------------------------------------------------------------------------------
    def _keep(self, page: RawPage[ChangesPage]) -> int:
        envelope = page.envelope
        self.grant = page.grant or self.grant
        with self._store.transaction():
            checkpoint = self._store.cursors.read()
            if checkpoint.epoch is not None and envelope.epoch != checkpoint.epoch:
                raise CursorExpired("The gateway's history has changed.")
            entities, gids = self._keep_rows(page)
            moved = bool(entities)
            self._store.cursors.write(
                replace(
                    checkpoint,
                    cursor=envelope.cursor,
                    epoch=envelope.epoch,
                    sources=envelope.sources,
                    as_of=checkpoint.as_of if envelope.more else envelope.as_of,
                    proven_at=None if moved else checkpoint.proven_at,
                )
            )
        if entities:
            self._emit(RecordsChanged(frozenset(entities), gids))
            return 1 if gids is None else max(1, len(gids))
        return 0

    def _keep_rows(self, page: RawPage[ChangesPage]) -> tuple[set[str], frozenset[str] | None]:
        entities: set[str] = set()
        gids: set[str] = set()
        for gone in page.envelope.gone:
            removed = self._store.mirror.remove(gone.gid, gone.reason, gone.into)
            if removed.entity:
                entities.add(removed.entity)
                gids.add(gone.gid)
        applied = self._store.mirror.apply_puts(page.puts, self._manifest())
        entities |= applied.entities
        if applied.gids is None:
            return entities, None
        named = gids | applied.gids
        if applied.gids:
            self._store.search.index(applied.gids)
        return entities if named else set(), frozenset(named)

    def _manifest(self) -> Manifest:
        manifest = self._store.manifest
        if manifest is None:
            raise BadAnswer("The portal's manifest is not here yet.")
        return manifest
