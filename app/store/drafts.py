"""Records being written on this computer: durable with every keystroke, and no mutation until handed in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.store.clock_off import ClockOff
from app.store.connection import Connection
from app.store.documents import Blobs
from app.store.failpoints import StorePoint
from app.store.projection import Projection
from app.store.states import DraftState
from app.store.timestamps import moment, stamp

_COLUMNS = "gid, entity, data, children, problems, note, saved_at, state, step, origin, clock_off"


@dataclass(frozen=True)
class DraftChild:
    """A file or message that is handed in with the draft."""

    entity: str
    gid: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Origin:
    """What a draft was derived from: the record `gid` by the manifest's job `job`; `copied` is what it began with."""

    job: str
    gid: str
    copied: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """One draft. `problems` and `note` are what the vendor said when it came back; `step` is the page of the form.

    `clock_off`: minutes by which the clock was known to be ahead when it said `saved_at`; the store sees to it.
    """

    gid: str
    entity: str
    data: Mapping[str, Any]
    saved_at: datetime
    children: tuple[DraftChild, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    state: DraftState = DraftState.OPEN
    step: int = 0
    origin: Origin | None = None
    clock_off: int = 0


class Drafts:
    """Keeps drafts; an open one is shown among the records."""

    def __init__(self, connection: Connection, projection: Projection, blobs: Blobs, clock: ClockOff) -> None:
        self._connection = connection
        self._clock = clock
        self._projection = projection
        self._blobs = blobs

    def save(self, draft: Draft) -> None:
        """Keep a draft; it is on the disk when this returns. Files it no longer names are let go."""
        with self._connection.transaction():
            before = self.load(draft.gid)
            if before is None or before.saved_at != draft.saved_at:
                draft = replace(draft, clock_off=self._clock.minutes(draft.saved_at))
            marks = ", ".join("?" * 11)
            self._connection.run(f"INSERT OR REPLACE INTO draft({_COLUMNS}) VALUES({marks})", _row(draft))
            self._projection.refresh(draft.gid)
            if before is not None:
                self._blobs.release(named_by(before) - named_by(draft))
            self._connection.failpoints.reached(StorePoint.DRAFT_SAVED)

    def load(self, gid: str) -> Draft | None:
        """Return a draft."""
        row = self._connection.row(f"SELECT {_COLUMNS} FROM draft WHERE gid = ?", (gid,))
        return None if row is None else draft_of(row)

    def all(self, state: DraftState | None = None) -> list[Draft]:
        """Return the drafts, in one state if it is named, last saved first."""
        rows = self._connection.rows(
            f"SELECT {_COLUMNS} FROM draft WHERE ?1 IS NULL OR state = ?1 ORDER BY saved_at DESC, gid",
            (state,),
        )
        return [draft_of(row) for row in rows]

    def submit(self, gid: str) -> None:
        """Note that a draft was handed in. It stays until it has arrived, so that it can come back."""
        with self._connection.transaction():
            draft = self._expect(gid)
            self.save(replace(draft, state=DraftState.SUBMITTED, problems={}, note=""))

    def reopen(self, gid: str, problems: Mapping[str, str], note: str, now: datetime) -> None:
        """Bring a draft back with the reasons it was sent back for, by field and in general."""
        with self._connection.transaction():
            draft = self._expect(gid)
            self.save(replace(draft, state=DraftState.OPEN, problems=dict(problems), note=note, saved_at=now))

    def discard(self, gid: str) -> None:
        """Drop a draft that has arrived or is given up, and the files only it names."""
        with self._connection.transaction():
            draft = self.load(gid)
            if draft is None:
                return
            self._connection.run("DELETE FROM draft WHERE gid = ?", (gid,))
            self._projection.refresh(gid)
            self._blobs.release(named_by(draft))

    def _expect(self, gid: str) -> Draft:
        draft = self.load(gid)
        if draft is None:
            raise KeyError(gid)
        return draft


def named_by(draft: Draft) -> set[str]:
    """Return the SHA-256 of every file a draft names."""
    return {str(child.data["sha256"]) for child in draft.children if child.data.get("sha256")}


def draft_of(row: tuple[Any, ...]) -> Draft:
    """Read a row of the table, columns in the order of its definition; an old one may lack the last ones."""
    return Draft(
        gid=row[0],
        entity=row[1],
        data=json.loads(row[2]),
        children=tuple(DraftChild(**child) for child in json.loads(row[3])),
        problems=json.loads(row[4]),
        note=row[5],
        saved_at=moment(row[6]),
        state=DraftState(row[7]),
        step=row[8],
        origin=_origin(row[9]) if len(row) > 9 else None,
        clock_off=row[10] if len(row) > 10 else 0,
    )


def _origin(text: str) -> Origin | None:
    return Origin(**json.loads(text)) if text else None


def _row(draft: Draft) -> tuple[Any, ...]:
    children = [{"entity": one.entity, "gid": one.gid, "data": dict(one.data)} for one in draft.children]
    return (
        draft.gid,
        draft.entity,
        json.dumps(dict(draft.data), ensure_ascii=False),
        json.dumps(children, ensure_ascii=False),
        json.dumps(dict(draft.problems), ensure_ascii=False),
        draft.note,
        stamp(draft.saved_at),
        draft.state,
        draft.step,
        json.dumps(vars(draft.origin), ensure_ascii=False) if draft.origin else "",
        draft.clock_off,
    )
