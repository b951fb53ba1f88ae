"""What a store holds that the vendor does not: taken out as plain rows, and put into another store of the same user.

That is the open items of the outbox with what they follow, drafts, conflicts, bytes not yet sent, and words that were
begun and not saved. Ids stay as they are, so nothing is done twice. A store is filled before its first sync, as after
a salvage: the mirror comes from the gateway, and what was put in lies over it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, assert_never

from app.store.conflicts import conflict_of
from app.store.connection import Connection
from app.store.database import Store
from app.store.drafts import draft_of
from app.store.items import ITEM, SETTLED, item_of, settled_of
from app.store.states import BlobState, Direction, DraftState
from app.store.timestamps import moment, stamp

#: Settings that hold what somebody typed and has not saved, each by record.
BEGUN = ("prefs.records.unsaved", "prefs.decisions.unsaved")

#: A store that holds all of a dump names it here, so that it is not put in twice.
_HAS = "unsent.has"

_DUMP_VERSION = 1


def _names(columns: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in columns.split(","))


_OUTBOX = _names(
    "mutation_id, entity, gid, kind, state, body, frozen, attempts, due_at, captured_at, label, detail, problem, draft,"
    " supersedes, blobs, settled_at, outcome, receipt, body_hash, clock_off"
)
_DRAFT = _names("gid, entity, data, children, problems, note, saved_at, state, step, origin, clock_off")
_CONFLICT = _names(
    "mutation_id, gid, entity, kind, clashes, mutation, mine, base, last, label, detected_at, mine_at, device"
)

#: The history that open items lean on: what they follow, what they replace, and what was sent in place of those.
_FOLLOWED = """
    state = 'settled' AND mutation_id IN (
        WITH RECURSIVE named(id) AS (
            SELECT need.value FROM outbox AS open, json_each(open.body, '$.depends_on') AS need
            WHERE open.state <> 'settled'
            UNION SELECT supersedes FROM outbox WHERE state <> 'settled' AND supersedes IS NOT NULL
            UNION SELECT later.mutation_id FROM outbox AS later JOIN named ON later.supersedes = named.id
        ) SELECT id FROM named
    ) ORDER BY seq
"""

#: Whether something that is not at the vendor names a file, given as ?1; it may be there already all the same.
_NEEDED = """
    SELECT EXISTS (SELECT 1 FROM draft, json_each(draft.children) AS child
                   WHERE json_extract(child.value, '$.data.sha256') = ?1)
    OR EXISTS (SELECT 1 FROM outbox, json_each(outbox.blobs) AS named
               WHERE outbox.state <> 'settled' AND named.value = ?1)
"""

Row = Mapping[str, Any]


class Part(StrEnum):
    """What a row of a dump is."""

    HEAD = "head"
    ITEM = "item"
    SETTLED = "settled"
    DRAFT = "draft"
    CONFLICT = "conflict"
    BLOB = "blob"
    CHUNK = "chunk"
    BEGUN = "begun"
    APART = "apart"


_TABLES: Mapping[Part, tuple[str, tuple[str, ...]]] = {
    Part.ITEM: ("outbox", _OUTBOX),
    Part.SETTLED: ("outbox", _OUTBOX),
    Part.DRAFT: ("draft", _DRAFT),
    Part.CONFLICT: ("conflict", _CONFLICT),
}


@dataclass(frozen=True)
class PutIn:
    """What became of a dump. `things` go on; `apart` are rows that could not be taken up, as they came."""

    things: int
    apart: tuple[Row, ...] = ()


def count(store: Store) -> int:
    """Return how many things are not at the vendor, as a person counts them: what goes together is one."""
    run = store.connection
    begun = sum(len(_typed(store, name)) for name in BEGUN)
    return begun + sum(
        int(run.value(sql))
        for sql in (
            "SELECT count(DISTINCT coalesce(draft, mutation_id)) FROM outbox WHERE state <> 'settled'",
            f"SELECT count(*) FROM draft WHERE state = '{DraftState.OPEN}'",
            "SELECT count(*) FROM conflict",
        )
    )


def take_out(store: Store, dump: str, apart: Iterable[Row] = ()) -> Iterator[Row]:
    """Yield what is not at the vendor, one row after another; `dump` is a name for this very dump.

    The store is marked as one that has it. What was being sent is queued again: it stays as it was sent. `apart`: rows
    of an earlier dump that could not be taken up; they go along.
    """
    with store.transaction():
        store.outbox.release_sending()
        store.settings.put(_HAS, dump)
    run = store.connection
    with store.reading():
        yield {"part": Part.HEAD, "version": _DUMP_VERSION, "dump": dump}
        yield from _bytes(store)
        yield from _rows(run, Part.SETTLED, _FOLLOWED)
        yield from _rows(run, Part.ITEM, "state <> 'settled' ORDER BY seq")
        yield from _rows(run, Part.DRAFT, "1 ORDER BY saved_at, gid")
        yield from _rows(run, Part.CONFLICT, "1 ORDER BY detected_at, mutation_id")
        for name in BEGUN:
            if typed := _typed(store, name):
                yield {"part": Part.BEGUN, "name": name, "value": typed}
        for row in apart:
            yield {"part": Part.APART, "row": row}


def put_in(store: Store, rows: Iterable[Row]) -> PutIn:
    """Put a dump into a store, in one transaction. What the store has of it already stays as it is there.

    Raises ValueError for what is no dump, or one of a newer version.
    """
    rows = iter(rows)
    head = next(rows, {})
    if head.get("part") != Part.HEAD or head.get("version") != _DUMP_VERSION:
        raise ValueError("not a dump of this version")
    if store.settings.get(_HAS) == head["dump"]:
        return PutIn(0, tuple(row["row"] for row in rows if row.get("part") == Part.APART))
    putting = _Putting(store)
    with store.transaction():
        for row in rows:
            putting.put(row)
        putting.finish()
        store.settings.put(_HAS, head["dump"])
    return PutIn(len(putting.things), tuple(putting.apart))


@dataclass
class _Putting:
    """Under way: what a person counts, what could not be taken, which records to show anew, the file that comes in."""

    store: Store
    things: set[str] = field(default_factory=set)
    apart: list[Row] = field(default_factory=list)
    gids: dict[str, None] = field(default_factory=dict)
    blob: Row | None = None
    chunks: list[bytes] = field(default_factory=list)

    def put(self, row: Row) -> None:
        """Put one row in; one that cannot be is set apart, and costs no other."""
        if row.get("part") == Part.CHUNK:
            self.chunks.append(base64.b64decode(row["data"]))
            return
        self._finish_blob()
        self._try(row["row"] if row.get("part") == Part.APART else row, self._put)

    def finish(self) -> None:
        """Show what was put in."""
        self._finish_blob()
        self.store.projection.refresh_many(self.gids)

    def _try(self, row: Row, put: Callable[[Row], None]) -> None:
        try:
            with self.store.transaction():
                put(row)
        except (ValueError, TypeError, KeyError, AttributeError):
            self.apart.append(row)

    def _put(self, row: Row) -> None:
        part = Part(str(row.get("part")))
        if part is Part.BLOB:
            self.blob = row
            return
        if part is Part.BEGUN:
            self._put_begun(row)
            return
        table, columns = _TABLES[part]
        names = [name for name in columns if name in row]
        _check(part, row)
        marks = ", ".join("?" * len(names))
        taken = self.store.connection.run(
            f"INSERT OR IGNORE INTO {table}({', '.join(names)}) VALUES({marks})",
            [row[name] for name in names],
        )
        self.gids[str(row["gid"])] = None
        if taken > 0:
            self.things |= _counted(part, row)

    def _put_begun(self, row: Row) -> None:
        name, typed = str(row["name"]), dict(row["value"])
        if name not in BEGUN:
            raise ValueError(name)
        here = _typed(self.store, name)
        self.store.settings.put(name, {**typed, **here})
        self.things |= {f"{name} {gid}" for gid in typed if gid not in here}

    def _finish_blob(self) -> None:
        row, chunks, self.blob, self.chunks = self.blob, self.chunks, None, []
        if row is not None:
            self._try(row, lambda row: self._put_blob(row, chunks))

    def _put_blob(self, row: Row, chunks: list[bytes]) -> None:
        sha256, blobs = str(row["sha256"]), self.store.blobs
        blobs.add(sha256, row["size"], row["media_type"], row["name"], chunks, moment(row["last_used"]))
        if not row["unsent"]:
            blobs.mark_sent(sha256)


def _check(part: Part, row: Row) -> None:
    """Raise ValueError and the like for a row that this version could not read from its table."""
    match part:
        case Part.ITEM:
            item_of(tuple(row.get(name, 0) for name in ("seq", *_names(ITEM)[1:])))
        case Part.SETTLED:
            settled_of(tuple(row.get(name, 0) for name in _names(SETTLED)))
        case Part.DRAFT:
            draft_of(tuple(row[name] for name in _DRAFT if name in row))
        case Part.CONFLICT:
            conflict_of(tuple(row[name] for name in _CONFLICT))
        case Part.HEAD | Part.BLOB | Part.CHUNK | Part.BEGUN | Part.APART:
            raise ValueError(part)
        case _:
            assert_never(part)


def _counted(part: Part, row: Row) -> set[str]:
    """What a row is to a person: a name for the thing it belongs to."""
    match part:
        case Part.ITEM:
            return {str(row.get("draft") or row["mutation_id"])}
        case Part.DRAFT:
            return {str(row["gid"])} if row["state"] == DraftState.OPEN else set()
        case Part.CONFLICT:
            return {f"conflict {row['mutation_id']}"}
        case Part.SETTLED | Part.HEAD | Part.BLOB | Part.CHUNK | Part.BEGUN | Part.APART:
            return set()
        case _:
            assert_never(part)


def _rows(run: Connection, part: Part, where: str) -> Iterator[Row]:
    table, names = _TABLES[part]
    for row in run.rows(f"SELECT {', '.join(names)} FROM {table} WHERE {where}"):
        yield {"part": part, **dict(zip(names, row, strict=True))}


def _bytes(store: Store) -> Iterator[Row]:
    """The files that are named by what is not sent, each with its pieces behind it."""
    for blob in store.blobs.all():
        if blob.state is not BlobState.COMPLETE or blob.direction is not Direction.UP:
            continue
        if not blob.unsent and not store.connection.value(_NEEDED, (blob.sha256,)):
            continue
        yield {
            "part": Part.BLOB,
            "sha256": blob.sha256,
            "size": blob.size,
            "media_type": blob.media_type,
            "name": blob.name,
            "unsent": blob.unsent,
            "last_used": stamp(blob.last_used),
        }
        for piece in store.blobs.read(blob.sha256):
            yield {"part": Part.CHUNK, "data": base64.b64encode(piece).decode()}


def _typed(store: Store, name: str) -> dict[str, Any]:
    found = store.settings.get(name)
    return dict(found) if isinstance(found, dict) else {}
