"""The way back from a file that a newer version of the program made, without losing what was entered since.

The copy from before the newer version migrated the file takes its place; where there is none, or what is in it may no
longer be shown, a fresh file does, and the vendor's records are read afresh. What only this computer has is brought
over from the newer file, by the names of its columns. That file is set aside.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.contract.errors import LocalError
from app.contract.said import said
from app.store.cipher import dbapi2
from app.store.connection import adopt_salvaged, open_to_read, salvaged_beside
from app.store.copies import aside_of, newest_copy
from app.store.cursors import KEPT_BY_SALVAGE
from app.store.database import Store
from app.store.faults import translated
from app.store.migrations.known import KNOWN_STEPS
from app.store.rawfile import RawRow
from app.store.salvage import Finds, bring_in, recognise

#: What only this computer has, table by table.
_OWN = ("outbox", "conflict", "draft", "receipt", "setting", "blob")


@dataclass(frozen=True)
class WayBackReport:
    """What was brought over. `from_copy`: the records are those of before; else they are read afresh.

    `left`: rows that this version does not understand; they are in the file that was `set_aside`.
    """

    set_aside: Path
    from_copy: bool
    items: int
    drafts: int
    conflicts: int
    left: int


def go_back(path: Path, key: bytes, now: datetime) -> WayBackReport:
    """Put a file that this version can read in the place of one that a newer version made.

    No connection to it may be open. As with a salvage, a crash at any moment leaves the newer file in place or the
    finished one to be found. Raises WrongKey, StoreDamaged, StoreBusy, DiskFull, LocalError.
    """
    beside = salvaged_beside(path)
    for stale in beside.parent.glob(beside.name + "*"):
        stale.unlink()
    copy = newest_copy(path, len(KNOWN_STEPS))
    if copy is not None:
        _copied(copy, beside)
    with Store.open(beside, key) as store:
        finds, left = _own(path, key, store)
        with store.transaction():
            if copy is not None:
                # Who is signed in with which manifest, and how far the records are, belongs together.
                finds.meta.clear()
            touched = _emptied(store)
            counts = bring_in(store, finds)
            store.projection.refresh_many(touched)
        store.connection.truncate_log()
    aside = aside_of(path, now)
    for suffix in ("-wal", ""):
        source = path.with_name(path.name + suffix)
        if source.exists():
            source.replace(aside.with_name(aside.name + suffix))
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    adopt_salvaged(path)
    kept = {name: counts[name] for name in ("items", "drafts", "conflicts")}
    return WayBackReport(aside, copy is not None, **kept, left=left)


def _copied(copy: Path, beside: Path) -> None:
    shutil.copyfile(copy, beside)
    with beside.open("r+b") as file:
        os.fsync(file.fileno())


def _own(path: Path, key: bytes, store: Store) -> tuple[Finds, int]:
    """Read what only this computer has, in the columns that `store` knows; and how much of it is not understood."""
    finds, left = Finds(), 0
    newer = open_to_read(path, key)
    try:
        for table in (*_OWN, "blob_chunk", "meta"):
            condition = ""
            if table in ("blob", "blob_chunk"):
                condition = " WHERE sha256 IN (SELECT sha256 FROM blob WHERE direction = 'up')"
            names = [row[1] for row in store.connection.rows(f"PRAGMA table_info({table})")]
            for row in newer.execute(f"SELECT rowid, {', '.join(names)} FROM {table}{condition}"):
                if table == "meta" and row[1] not in KEPT_BY_SALVAGE:
                    continue
                known = recognise(RawRow(row[0], row[1:]), finds)
                left += not known and table in ("outbox", "conflict", "draft")
    except dbapi2.Error as error:
        expected = translated(error)
        if expected is not None:
            raise expected from error
        raise LocalError(
            said("The newer version keeps this account in a way that this one cannot read."),
            kept=said("What is on this computer is kept as it is, closed."),
            next_step=said("Start the newer version."),
        ) from error
    finally:
        newer.close()
    return finds, left


def _emptied(store: Store) -> set[str]:
    """Empty what is brought over from the newer file; returns the records that something local was laid over."""
    gids = {
        row[0]
        for table, condition in (("outbox", "state != 'settled'"), ("conflict", "1"), ("draft", "1"))
        for row in store.connection.rows(f"SELECT gid FROM {table} WHERE {condition}")
    }
    for table in _OWN:
        if table != "blob":
            store.connection.run(f"DELETE FROM {table}")
    return gids
