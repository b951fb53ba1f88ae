"""Brings what only this computer has out of a damaged file into a fresh one.

That is the outbox with its history, receipts, drafts, conflicts, bytes not yet sent, settings, and who is signed in
with which manifest. Everything else comes from the gateway again. Rows are read page by page, so that a lost page
costs the rows on it and nothing more, and told apart by their shape: no page says which table it belongs to when the
schema is lost.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.contract.ids import is_gid
from app.contract.receipts import Receipt
from app.store.conflicts import Conflict, conflict_of
from app.store.connection import adopt_salvaged, salvaged_beside
from app.store.cursors import KEPT_BY_SALVAGE, LEFT_BY_SALVAGE
from app.store.database import Store
from app.store.drafts import Draft, draft_of
from app.store.items import item_of, settled_of
from app.store.rawfile import RawFile, RawRow, Value
from app.store.receipts import KeptReceipt
from app.store.states import BlobState, Direction, ItemState
from app.store.timestamps import moment

_OUTBOX_COLUMNS = (
    "seq, mutation_id, entity, gid, kind, state, body, frozen, attempts, due_at, captured_at, label, detail, problem,"
    " draft, supersedes, blobs, settled_at, outcome, receipt, body_hash, clock_off"
)
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class SalvageReport:
    """What was brought over. `complete`: every page could be read, so that nothing can be missing."""

    set_aside: Path
    items: int
    history: int
    drafts: int
    conflicts: int
    blobs: int
    settings: int
    complete: bool


@dataclass
class Finds:
    """Rows by table and key; values are columns in the order of the table."""

    outbox: dict[int, tuple[Value, ...]] = field(default_factory=dict)
    conflict: dict[str, Conflict] = field(default_factory=dict)
    draft: dict[str, Draft] = field(default_factory=dict)
    setting: dict[str, str] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)
    blob: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    chunk: dict[str, dict[int, bytes]] = field(default_factory=dict)
    receipt: dict[str, KeptReceipt] = field(default_factory=dict)


def salvage(path: Path, key: bytes, now: datetime) -> SalvageReport:
    """Set a damaged file aside and put a fresh one with what could be salvaged in its place.

    No connection to the file may be open. The fresh file is finished under another name first, so that a crash at any
    moment leaves either the damaged file in place or the finished one to be found (`adopt_salvaged`).
    """
    raw = RawFile(path, key)
    finds = Finds()
    for row in raw.rows():
        recognise(row, finds)
    beside = salvaged_beside(path)
    for stale in beside.parent.glob(beside.name + "*"):
        stale.unlink()
    with Store.open(beside, key) as store:
        counts = bring_in(store, finds)
        store.connection.truncate_log()
    aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%S}")
    for suffix in ("-wal", ""):
        source = path.with_name(path.name + suffix)
        if source.exists():
            source.replace(aside.with_name(aside.name + suffix))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    adopt_salvaged(path)
    return SalvageReport(aside, **counts, complete=raw.lost == 0)


def recognise(row: RawRow, finds: Finds) -> bool:
    """Take a row in, told apart by how many columns it has. False: it is none that is brought over."""
    shapes: dict[int, tuple[Callable[[RawRow, Finds], None], ...]] = {
        # A row that was written before its last columns were added has fewer.
        20: (_as_outbox,),
        21: (_as_outbox,),
        22: (_as_outbox,),
        13: (_as_conflict, _as_blob),
        9: (_as_draft,),
        10: (_as_draft,),
        11: (_as_draft,),
        4: (_as_receipt,),
        3: (_as_chunk,),
        2: (_as_pair,),
    }
    for shape in shapes.get(len(row.values), ()):
        try:
            shape(row, finds)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        return True
    return False


def _as_outbox(row: RawRow, finds: Finds) -> None:
    # The first column is the rowid itself, stored as NULL.
    values = (row.rowid, *row.values[1:], *("", 0)[len(row.values) - 20 :])
    if values[5] == ItemState.SETTLED:
        settled_of(
            (
                values[6],
                values[18],
                values[11],
                values[12],
                values[10],
                values[17],
                values[19],
                values[13],
                values[21],
            )
        )
    else:
        item_of((values[0], *(values[i] for i in (6, 5, 7, 8, 9, 10, 11, 12, 13, 14, 16, 21))))
    finds.outbox[row.rowid] = values


def _as_conflict(row: RawRow, finds: Finds) -> None:
    conflict = conflict_of(row.values)
    finds.conflict[conflict.mutation_id] = conflict


def _as_draft(row: RawRow, finds: Finds) -> None:
    draft = draft_of(row.values)
    if is_gid(draft.gid):
        finds.draft[draft.gid] = draft


def _as_receipt(row: RawRow, finds: Finds) -> None:
    receipt = Receipt.model_validate_json(str(row.values[2]))
    finds.receipt[receipt.body.mutation_id] = KeptReceipt(receipt, moment(str(row.values[3])))


def _as_blob(row: RawRow, finds: Finds) -> None:
    sha256, state, direction = row.values[0], row.values[5], row.values[6]
    if BlobState(str(state)) is BlobState.COMPLETE and Direction(str(direction)) is Direction.UP:
        finds.blob[_sha256(sha256)] = row.values


def _as_chunk(row: RawRow, finds: Finds) -> None:
    sha256, number, data = row.values
    if isinstance(number, int) and isinstance(data, bytes):
        finds.chunk.setdefault(_sha256(sha256), {})[number] = data


def _as_pair(row: RawRow, finds: Finds) -> None:
    key, value = row.values
    if not isinstance(key, str) or not isinstance(value, str):
        return
    if key in KEPT_BY_SALVAGE:
        finds.meta[key] = value
    elif key not in LEFT_BY_SALVAGE and not _HASH.fullmatch(key):
        json.loads(value)
        finds.setting[key] = value


def _sha256(value: Value) -> str:
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ValueError("not a SHA-256")
    return value


def bring_in(store: Store, finds: Finds) -> dict[str, int]:
    """Write what was found into a file that has nothing of the kind; returns how much of what it was."""
    connection = store.connection
    with store.transaction():
        connection.run_many("INSERT INTO meta(key, value) VALUES(?, ?)", finds.meta.items())
        connection.run_many("INSERT INTO setting(key, value) VALUES(?, ?)", finds.setting.items())
        marks = ", ".join("?" * 22)
        connection.run_many(
            f"INSERT OR IGNORE INTO outbox({_OUTBOX_COLUMNS}) VALUES({marks})", finds.outbox.values()
        )
        blobs = sum(_write_blob(store, sha256, values, finds) for sha256, values in finds.blob.items())
        for draft in finds.draft.values():
            store.drafts.save(draft)
        for conflict in finds.conflict.values():
            store.conflicts.add(conflict)
        for kept in finds.receipt.values():
            store.receipts.keep(kept.receipt, kept.kept_at)
        # What was on its way when the file broke is sent again under the same ids.
        store.outbox.release_sending()
        items = store.outbox.open_items()
        for gid in {item.mutation.gid for item in items}:
            store.projection.refresh(gid)
    return {
        "items": len(items),
        "history": len(finds.outbox) - len(items),
        "drafts": len(finds.draft),
        "conflicts": len(finds.conflict),
        "blobs": blobs,
        "settings": len(finds.setting),
    }


def _write_blob(store: Store, sha256: str, values: tuple[Any, ...], finds: Finds) -> bool:
    chunks = finds.chunk.get(sha256, {})
    data = b"".join(chunks[number] for number in sorted(chunks))
    if hashlib.sha256(data).hexdigest() != sha256:
        return False
    store.blobs.add(sha256, len(data), values[2], values[3], [data], moment(values[10]))
    store.blobs.pin(sha256, bool(values[7]))
    if not values[8]:
        store.blobs.mark_sent(sha256)
    return True
