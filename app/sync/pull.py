"""Brings the mirror to the gateway's head: a snapshot where there is no position, then the changes since.

A page, its records and its cursor commit in one transaction, so the cursor is never ahead of the data and a reader
sees one checkpoint or the next. Nothing is open across the network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from app.contract.changes import ChangesPage
from app.contract.errors import CursorExpired, HostileAnswer
from app.contract.manifest import Manifest
from app.store.cursors import Checkpoint
from app.store.database import Store
from app.sync.apply import take_away
from app.sync.clock import Clock
from app.sync.events import Event, RecordsChanged
from app.sync.failpoints import SyncPoint
from app.sync.settings import EngineSettings
from app.sync.snapshot import Snapshot, manifest_of
from app.sync.transport import RawPage, Transport
from app.sync.words import Line, news, pulled

#: More rows than this at once are told as a number, not one by one.
_MOST_NEWS = 20


@dataclass(frozen=True)
class Pulled:
    """What a pull brought: records changed, and whether the gateway said that there is no more."""

    changed: int
    head: bool


@dataclass(frozen=True)
class _Kept:
    entities: frozenset[str]
    gids: frozenset[str] | None
    rows: int


class Pull:
    """Reads pages and keeps them. `grant` is the version of what the user may see, as the last page named it."""

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
        self._snapshot = Snapshot(store, transport, clock, emit, settings)
        self.grant = ""

    def run(self, keep_going: Callable[[], bool], between: Callable[[], None]) -> Pulled:
        """Pull to the head; `between` runs between pages. Raises contract errors; what was committed stays.

        A position the gateway does not know any more leads to a snapshot, once in a run.
        """
        try:
            return self._run(keep_going, between)
        except CursorExpired:
            self.start_over()
            return self._run(keep_going, between)

    def believe(self) -> None:
        """A person agrees that the records that are missing at the gateway are removed."""
        self._snapshot.believe()

    def start_over(self) -> None:
        """Forget the position and keep everything else: the next pull takes a snapshot over the mirror."""
        with self._store.transaction():
            checkpoint = self._store.cursors.read()
            self._store.cursors.write(
                replace(
                    checkpoint,
                    cursor=None,
                    snapshot_after=None,
                    epoch=None,
                    proven_at=None,
                    generation=checkpoint.generation + 1,
                )
            )
        self._reached(SyncPoint.STARTED_OVER)

    def _run(self, keep_going: Callable[[], bool], between: Callable[[], None]) -> Pulled:
        began = self._clock.monotonic()
        changed = 0
        fresh = self._store.cursors.read().cursor is None
        if fresh and not self._snapshot.run(keep_going, between):
            return Pulled(0, head=False)
        for page in self._pages(keep_going):
            changed += self._keep(page)
            if page.envelope.more:
                between()
                continue
            if changed and not fresh:
                self._tell(pulled(changed, self._clock.monotonic() - began))
            return Pulled(changed, head=True)
        return Pulled(changed, head=False)

    def _pages(self, keep_going: Callable[[], bool]) -> Iterator[RawPage[ChangesPage]]:
        """Yield pages until told to stop. Raises HostileAnswer for answers that lead nowhere."""
        seen: set[str] = set()
        empty = size = 0
        for _ in range(self._settings.most_pages):
            cursor = self._store.cursors.read().cursor
            if cursor is None or not keep_going():
                return
            if cursor in seen:
                raise HostileAnswer("The gateway keeps leading back to a position that was read already.")
            seen.add(cursor)
            page = self._transport.changes(cursor, self._settings.page_rows)
            self.grant = page.grant or self.grant
            empty = 0 if page.envelope.gone or page.puts != b"[]" else empty + 1
            size += len(page.puts)
            if size > self._settings.most_bytes or (
                page.envelope.more and empty > self._settings.most_empty_pages
            ):
                break
            yield page
        raise HostileAnswer("The gateway says for ever that there is more.")

    def _keep(self, page: RawPage[ChangesPage]) -> int:
        envelope = page.envelope
        with self._store.transaction():
            checkpoint = self._store.cursors.read()
            if checkpoint.epoch is not None and envelope.epoch != checkpoint.epoch:
                raise CursorExpired("The gateway's history has changed.")
            kept = self._keep_rows(page, checkpoint)
            self._reached(SyncPoint.ROWS_STORED)
            ends_first_sync = not checkpoint.complete and not envelope.more
            if ends_first_sync:
                self._store.cursors.require_index()
            self._store.cursors.write(
                replace(
                    checkpoint,
                    cursor=envelope.cursor,
                    epoch=envelope.epoch,
                    complete=checkpoint.complete or ends_first_sync,
                    sources=envelope.sources,
                    as_of=checkpoint.as_of if envelope.more else envelope.as_of,
                    proven_at=None if kept.rows else checkpoint.proven_at,
                )
            )
            self._reached(SyncPoint.PAGE_STORED)
        self._reached(SyncPoint.PAGE_KEPT)
        if kept.entities:
            self._emit(RecordsChanged(kept.entities, kept.gids))
        return kept.rows

    def _keep_rows(self, page: RawPage[ChangesPage], checkpoint: Checkpoint) -> _Kept:
        manifest = manifest_of(self._store)
        lines = [*self._news(page, manifest)] if checkpoint.complete else []
        left = {gone.gid: take_away(self._store, gone) for gone in page.envelope.gone}
        held = {gid: entity for gid, entity in left.items() if entity is not None}
        room = self._settings.page_rows - len(page.envelope.gone)
        applied = self._store.mirror.apply_puts(page.puts, manifest, most=room)
        for gid, line in lines:
            self._store.activity.add(self._clock.now(), line.kind, line.text, gid)
        entities = applied.entities | frozenset(held.values())
        if applied.gids is None:
            rows = sum(applied.rows.values()) or self._settings.page_rows
            return _Kept(entities, None, rows if applied.entities else len(held))
        return _Kept(entities, applied.gids | frozenset(held), len(applied.gids) + len(held))

    def _news(self, page: RawPage[ChangesPage], manifest: Manifest) -> Iterator[tuple[str, Line]]:
        """Yield what a small page brings that is worth a line: stages that moved."""
        rows = _small(page.puts)
        vendor = manifest.brand.vendor.split()[0] if manifest.brand.vendor else ""
        for row in rows:
            match row:
                case [str(gid), str(name), _, _, dict(after), *_] if entity := manifest.entity(name):
                    truth = self._store.mirror.truth(gid)
                    line = news(entity, truth.data if truth else None, after, vendor)
                    if line is not None:
                        yield gid, line
                case _:
                    continue

    def _tell(self, line: Line) -> None:
        self._store.activity.add(self._clock.now(), line.kind, line.text)


def _small(puts: bytes) -> list[Any]:
    """The rows of a page that is small enough to be told row by row; what is wrong with others the mirror finds."""
    if len(puts) > _MOST_NEWS * 20_000:
        return []
    try:
        rows = json.loads(puts)
    except (ValueError, RecursionError):
        return []
    return rows if isinstance(rows, list) and len(rows) <= _MOST_NEWS else []
