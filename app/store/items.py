"""One row of the outbox as an object: what is open, and what has been settled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.contract.mutations import Kind, Mutation
from app.store.states import ItemState
from app.store.timestamps import moment, moment_or_none

#: Columns of an open item, and of a settled one, in the order in which they are read.
ITEM = (
    "seq, body, state, frozen, attempts, due_at, captured_at, label, detail, problem, draft, blobs, clock_off"
)
SETTLED = "body, outcome, label, detail, captured_at, settled_at, receipt, problem, clock_off"


@dataclass(frozen=True)
class Item:
    """One open mutation. `seq` is the user's order; `blobs` names the bytes the gateway must hold first.

    `frozen`: it may have reached the gateway, so its body can no longer change. `problem` says why it is deferred or
    quarantined: `kind` ("rejected", "revoked", …), `message`, and what the outcome said besides. `clock_off`: minutes
    by which the clock was known to be ahead of the gateway's when it said `captured_at`.
    """

    seq: int
    mutation: Mutation
    state: ItemState
    frozen: bool
    attempts: int
    due_at: datetime | None
    captured_at: datetime
    label: str
    detail: str
    problem: Mapping[str, Any] | None
    draft: str | None
    blobs: tuple[str, ...]
    clock_off: int = 0

    @property
    def moves_another(self) -> bool:
        """Whether it moves the record that its draft was derived from, after the draft itself was taken."""
        return (
            self.draft is not None and self.mutation.kind is Kind.COMMAND and self.mutation.gid != self.draft
        )

    @property
    def deferred_since(self) -> datetime | None:
        """What the clock showed when it was deferred; None when that is not known."""
        return moment_or_none((self.problem or {}).get("since"))


@dataclass(frozen=True)
class Settled:
    """One mutation of the history; `status` is its outcome's or one of `Ending`. It holds no base values any more."""

    mutation: Mutation
    status: str
    label: str
    detail: str
    captured_at: datetime
    settled_at: datetime
    receipt: str
    problem: Mapping[str, Any] | None
    clock_off: int = 0


def item_of(row: tuple[Any, ...], mutation: Mutation | None = None) -> Item:
    """Read an open item from a row, columns in the order of `ITEM`; `mutation` is its body if that was read before."""
    return Item(
        seq=row[0],
        mutation=mutation or Mutation.model_validate_json(row[1]),
        state=ItemState(row[2]),
        frozen=bool(row[3]),
        attempts=row[4],
        due_at=moment_or_none(row[5]),
        captured_at=moment(row[6]),
        label=row[7],
        detail=row[8],
        problem=None if row[9] is None else json.loads(row[9]),
        draft=row[10],
        blobs=tuple(json.loads(row[11])),
        clock_off=row[12],
    )


def settled_of(row: tuple[Any, ...]) -> Settled:
    """Read a settled mutation from a row, columns in the order of `SETTLED`."""
    return Settled(
        mutation=Mutation.model_validate_json(row[0]),
        status=row[1],
        label=row[2],
        detail=row[3],
        captured_at=moment(row[4]),
        settled_at=moment(row[5]),
        receipt=row[6],
        problem=None if row[7] is None else json.loads(row[7]),
        clock_off=row[8],
    )


def hash_of_sent(mutation: Mutation) -> str:
    """Return the hash by which a receipt names a mutation; empty for what has none and is refused by the gateway."""
    try:
        return mutation.body_hash()
    except ValueError:
        return ""
