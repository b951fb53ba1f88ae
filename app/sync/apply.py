"""Carries out what was decided about an outcome: one transaction, in the order of the decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from app.contract.mutations import Outcome, Status
from app.store.conflicts import Conflict
from app.store.database import Store
from app.store.outbox import Item
from app.store.states import ConflictKind, DraftState, ItemState
from app.sync.settlement import (
    Action,
    Finish,
    Lost,
    OpenConflict,
    Postpone,
    Reopen,
    Rewrite,
    SetAside,
    Truth,
    Waiting,
    decide,
    strand,
)

#: How long a deferred mutation waits when the gateway did not say.
_DEFERRED = 5.0


def settle(store: Store, item: Item, outcome: Outcome, now: datetime) -> None:
    """Settle one mutation by its outcome."""
    with store.transaction():
        for action in decide(item, outcome, _waiting(store, item)):
            _carry_out(store, item, action, outcome, now)
        _finish_draft(store, item)
        _tell(store, item, outcome, now)


def set_aside_stranded(store: Store, item: Item, now: datetime) -> None:
    """Settle an unsent item whose dependency can no longer be met."""
    with store.transaction():
        for action in strand(item, _waiting(store, item)):
            _carry_out(store, item, action, None, now)


def _waiting(store: Store, item: Item) -> Waiting:
    own = item.mutation.mutation_id
    return Waiting(
        [
            other
            for other in store.outbox.open_items()
            if other.state is not ItemState.QUARANTINED and other.mutation.mutation_id != own
        ]
    )


def _carry_out(store: Store, item: Item, action: Action, outcome: Outcome | None, now: datetime) -> None:
    match action:
        case Truth():
            store.mirror.put(action.record)
        case Lost():
            store.mirror.remove(action.gid, action.reason)
        case Finish():
            own = action.mutation_id == item.mutation.mutation_id
            receipt = outcome.receipt if outcome is not None and own else ""
            store.outbox.settle(action.mutation_id, action.status, now, receipt)
        case Postpone():
            seconds = action.seconds if action.seconds is not None and action.seconds > 0 else _DEFERRED
            store.outbox.defer(action.mutation_id, now + timedelta(seconds=seconds), action.reason)
        case SetAside():
            store.outbox.quarantine(action.mutation_id, action.problem)
        case Rewrite():
            store.outbox.rewrite(action.mutation)
        case OpenConflict():
            _open_conflict(store, item, action, now)
        case Reopen():
            _reopen(store, action, now)
        case _:
            assert_never(action)


def _open_conflict(store: Store, item: Item, action: OpenConflict, now: datetime) -> None:
    mutation = action.mutation
    kind = ConflictKind(action.kind)
    shown = store.projection.get(mutation.gid) if kind is ConflictKind.GONE else None
    me = store.cursors.me()
    store.conflicts.add(
        Conflict(
            mutation_id=mutation.mutation_id,
            gid=mutation.gid,
            entity=mutation.entity,
            kind=kind,
            clashes=action.clashes,
            mutation=mutation,
            mine=mutation.changes,
            base=mutation.base,
            last=shown.data if shown else None,
            label=item.label,
            detected_at=now,
            mine_at=mutation.captured_at,
            device=me.device if me else "",
        )
    )


def _reopen(store: Store, action: Reopen, now: datetime) -> None:
    draft = store.drafts.load(action.draft)
    if draft is None:
        return
    store.drafts.save(replace(draft, data={**draft.data, **action.changes}))
    # What was said first stays: a rejection that only follows from another one brings no reasons of its own.
    problems = action.problems or draft.problems
    store.drafts.reopen(action.draft, problems, action.note or draft.note, now)


def _finish_draft(store: Store, item: Item) -> None:
    """Let a draft go once everything of it has arrived."""
    if item.draft is None or store.outbox.of_draft(item.draft):
        return
    draft = store.drafts.load(item.draft)
    if draft is not None and draft.state is DraftState.SUBMITTED:
        store.drafts.discard(item.draft)


def _tell(store: Store, item: Item, outcome: Outcome, now: datetime) -> None:
    gid = item.mutation.gid
    what = item.label or "A change"
    about = " · ".join(part for part in (what, item.detail) if part)
    receipt = f", receipt {outcome.receipt}" if outcome.receipt else ""
    match outcome.status:
        case Status.APPLIED:
            line = ("sent", f"Sent: {about}{receipt}")
        case Status.MERGED:
            line = ("merged", f"Merged with the vendor's changes: {about}{receipt}")
        case Status.CONFLICT:
            line = ("conflict", f"Needs you: {about}. Both sides changed the same.")
        case Status.REJECTED:
            reason = outcome.problem.message if outcome.problem else ""
            line = ("rejected", f"Not taken: {about}. {reason}".rstrip())
        case Status.GONE:
            line = ("gone", "A change could not be sent: its record is no longer there.")
        case Status.DEFERRED:
            return
        case _:
            assert_never(outcome.status)
    store.activity.add(now, line[0], line[1], gid if store.mirror.truth(gid) else None)
