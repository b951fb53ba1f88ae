"""Carries out what was decided about an outcome: one transaction, in the order of the decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import assert_never

from app.contract.errors import HostileAnswer
from app.contract.ids import id_anew
from app.contract.manifest import EntityType, Manifest
from app.contract.mutations import Kind, Mutation, Outcome, Problem, Status
from app.contract.records import Gone, Record
from app.contract.said import said
from app.store.conflicts import Conflict
from app.store.database import Store
from app.store.outbox import Item
from app.store.states import ConflictKind, DraftState, GoneReason, ItemState
from app.sync.plan import needed
from app.sync.retry import LONGEST_ASKED
from app.sync.settlement import (
    NO_FILE,
    UPLOAD,
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
from app.sync.words import told

#: How long a deferred mutation waits when the gateway did not say, in seconds.
_DEFERRED = 5.0

#: Kinds of mutations that others may be added to.
_MAKING = (Kind.CREATE, Kind.APPEND)

#: Field of records that name bytes.
_BYTES = "sha256"


def settle(store: Store, item: Item, outcome: Outcome, now: datetime) -> None:
    """Settle one mutation by its outcome. Raises HostileAnswer, and changes nothing, for another one's record."""
    if outcome.record is not None and _is_foreign(item, outcome.record):
        raise HostileAnswer("The gateway answered with another record than the one that was changed.")
    with store.transaction():
        known = _with_its_draft(store, item)
        for action in decide(known, outcome, _waiting_for(store, item, outcome)):
            _carry_out(store, item, action, outcome, now)
        _leave_nothing_sending(store, item, outcome)
        _free_children(store, item, outcome, now)
        _send_files_again(store, item, outcome)
        _finish_draft(store, item)
        _tell(store, item, outcome, now)


def settle_all(
    store: Store, answered: Sequence[tuple[Mutation, Outcome]], now: datetime
) -> dict[str, HostileAnswer]:
    """Settle a batch in its order, in one transaction. Returns, by mutation, the answers that could not be used.

    What touches nothing but its own item and record is carried out together, which comes to the same.
    """
    hostile: dict[str, HostileAnswer] = {}
    gids = [mutation.gid for mutation, _ in answered]
    with store.transaction():
        known: _Open | None = None
        plain: list[_Plain] = []
        for mutation, outcome in answered:
            known = known or _Open.read(store, gids)
            found = known.plain(mutation.mutation_id, outcome)
            if found is not None:
                plain.append(found)
                continue
            hostile |= _settle_plain(store, plain, now)
            hostile |= _settle_alone(store, mutation.mutation_id, outcome, now)
            # That may have changed any other item.
            known, plain = None, []
        hostile |= _settle_plain(store, plain, now)
    return hostile


@dataclass(frozen=True)
class _Plain:
    """An outcome that comes to: this is the truth, it is finished, and maybe there is a conflict."""

    item: Item
    outcome: Outcome
    record: Record
    conflict: OpenConflict | None


class _Open:
    """The open items of some records as they stood at one moment."""

    def __init__(self, store: Store, items: Sequence[Item]) -> None:
        self._store = store
        self._items = {item.mutation.mutation_id: item for item in items}
        self._unsent: dict[str, list[Item]] = defaultdict(list)
        for item in items:
            if _may_change(item):
                self._unsent[item.mutation.gid].append(item)

    @classmethod
    def read(cls, store: Store, gids: Sequence[str]) -> _Open:
        """Read them."""
        return cls(store, store.outbox.of_records(gids))

    @cached_property
    def _all_unsent(self) -> list[Item]:
        return [item for item in self._store.outbox.open_items() if _may_change(item)]

    @cached_property
    def _any_stranded(self) -> bool:
        return bool(self._store.outbox.stranded())

    def plain(self, mutation_id: str, outcome: Outcome) -> _Plain | None:
        """Return what an outcome comes to, None when it has to be settled by itself."""
        item, record = self._items.get(mutation_id), outcome.record
        if item is None or record is None or item.draft is not None or item.state is not ItemState.SENDING:
            return None
        if _is_foreign(item, record) or _BYTES in record.data:
            return None
        if item.mutation.kind in _MAKING and self._any_stranded:
            return None
        match outcome.status:
            case Status.APPLIED | Status.MERGED:
                # Only later items of the same record have to do with it.
                waiting = self._unsent.get(record.gid, [])
            case Status.CONFLICT:
                waiting = self._all_unsent
            case _:
                return None
        conflict: OpenConflict | None = None
        for action in decide(item, outcome, Waiting(waiting)):
            match action:
                case Truth():
                    continue
                case OpenConflict():
                    conflict = action
                case Finish() if action.mutation_id == mutation_id:
                    continue
                case _:
                    return None
        return _Plain(item, outcome, record, conflict)


def _may_change(item: Item) -> bool:
    return not item.frozen and item.state is not ItemState.QUARANTINED


def _settle_plain(store: Store, plain: Sequence[_Plain], now: datetime) -> dict[str, HostileAnswer]:
    if not plain:
        return {}
    try:
        with store.transaction():
            _carry_out_plain(store, plain, now)
    except HostileAnswer:
        hostile: dict[str, HostileAnswer] = {}
        for one in plain:
            hostile |= _settle_alone(store, one.item.mutation.mutation_id, one.outcome, now)
        return hostile
    return {}


def _settle_alone(
    store: Store, mutation_id: str, outcome: Outcome, now: datetime
) -> dict[str, HostileAnswer]:
    item = store.outbox.get(mutation_id)
    if item is None:
        return {}
    try:
        settle(store, item, outcome, now)
    except HostileAnswer as error:
        return {mutation_id: error}
    return {}


def _carry_out_plain(store: Store, plain: Sequence[_Plain], now: datetime) -> None:
    me, manifest = store.cursors.me(), store.manifest
    device = me.device if me else ""
    store.mirror.put_truth(one.record for one in plain)
    store.conflicts.add_many(
        _conflict_of(one.item, one.conflict, None, device, now) for one in plain if one.conflict
    )
    store.outbox.settle_many(
        [(one.item.mutation, one.outcome.status.value, one.outcome.receipt) for one in plain], now
    )
    store.projection.refresh_many(one.record.gid for one in plain)
    lines = (
        (told(one.item.label, one.item.detail, one.outcome, _entity(manifest, one.item)), one.record.gid)
        for one in plain
    )
    store.activity.add_many(now, [(line.kind, line.text, gid) for line, gid in lines if line is not None])


def refuse_file(store: Store, item: Item, cause: str, now: datetime) -> None:
    """Settle an unsent item whose file the gateway will not take: back to its draft, or to the user."""
    problem = Problem(code=UPLOAD, message=cause, fields={item.mutation.entity: cause})
    settle(
        store,
        item,
        Outcome(mutation_id=item.mutation.mutation_id, status=Status.REJECTED, problem=problem),
        now,
    )


def set_aside_stranded(store: Store, item: Item, now: datetime) -> None:
    """Settle an unsent item whose dependency can no longer be met."""
    with store.transaction():
        current = store.outbox.get(item.mutation.mutation_id)
        if current is None or current.state is ItemState.QUARANTINED:
            return
        for action in strand(current, _waiting(store, current)):
            _carry_out(store, current, action, None, now)


def take_away(store: Store, gone: Gone) -> str | None:
    """Take away a record that left; return its entity type when it was held. Raises HostileAnswer."""
    if gone.reason not in (GoneReason.TOMBSTONE, GoneReason.REVOKED):
        raise HostileAnswer("The gateway named a reason for a record's end that does not exist.")
    return store.mirror.remove(gone.gid, gone.reason, gone.into).entity


def _with_its_draft(store: Store, item: Item) -> Item:
    """The item without its draft when that was given up meanwhile: then there is nothing to go back to."""
    if item.draft is not None and store.drafts.load(item.draft) is None:
        return replace(item, draft=None)
    return item


def _is_foreign(item: Item, record: Record) -> bool:
    return (record.gid, record.entity) != (item.mutation.gid, item.mutation.entity)


def _waiting_for(store: Store, item: Item, outcome: Outcome) -> Waiting:
    """Whatever else waits, as far as this outcome may have to do with it."""
    match outcome.status:
        case Status.DEFERRED:
            return Waiting([])
        case Status.APPLIED | Status.MERGED:
            return Waiting([one for one in store.outbox.pending(item.mutation.gid) if _may_change(one)])
        case _:
            return _waiting(store, item)


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
            receipt = _receipt(item, action.mutation_id, outcome)
            store.outbox.settle(action.mutation_id, action.status, now, receipt)
        case Postpone():
            asked = action.seconds
            seconds = min(asked, LONGEST_ASKED) if asked is not None and asked > 0 else _DEFERRED
            store.outbox.defer(action.mutation_id, now + timedelta(seconds=seconds), action.reason, now)
        case SetAside():
            receipt = _receipt(item, action.mutation_id, outcome)
            store.outbox.quarantine(action.mutation_id, action.problem, receipt)
        case Rewrite():
            store.outbox.rewrite(action.mutation)
        case OpenConflict():
            _open_conflict(store, item, action, now)
        case Reopen():
            _reopen(store, action, now)
        case _:
            assert_never(action)


def _receipt(item: Item, mutation_id: str, outcome: Outcome | None) -> str:
    """An outcome's receipt attests the mutation it answers, and none of those it takes along."""
    return outcome.receipt if outcome is not None and mutation_id == item.mutation.mutation_id else ""


def _open_conflict(store: Store, item: Item, action: OpenConflict, now: datetime) -> None:
    me = store.cursors.me()
    last = _last_seen(store, action.mutation.gid) if action.kind is ConflictKind.GONE else None
    store.conflicts.add(_conflict_of(item, action, last, me.device if me else "", now))


def _conflict_of(
    item: Item, action: OpenConflict, last: Mapping[str, object] | None, device: str, now: datetime
) -> Conflict:
    mutation = action.mutation
    return Conflict(
        mutation_id=mutation.mutation_id,
        gid=mutation.gid,
        entity=mutation.entity,
        kind=action.kind,
        clashes=action.clashes,
        mutation=mutation,
        mine=mutation.changes,
        base=mutation.base,
        last=last,
        label=item.label,
        detected_at=now,
        mine_at=mutation.captured_at,
        device=device,
    )


def _last_seen(store: Store, gid: str) -> dict[str, object] | None:
    """What the record was: as the gateway had it, or, when it left some time ago, as it is still shown."""
    truth = store.mirror.truth(gid)
    if truth is not None:
        return dict(truth.data)
    shown = store.projection.get(gid)
    return shown.data if shown is not None else None


def _reopen(store: Store, action: Reopen, now: datetime) -> None:
    draft = store.drafts.load(action.draft)
    if draft is None:
        return
    store.drafts.save(replace(draft, data={**draft.data, **action.changes}))
    # What was said first stays: a rejection that only follows from another one brings no reasons of its own.
    problems = {**draft.problems, **action.problems}
    first, then = (draft.note, action.note) if action.follows else (action.note, draft.note)
    store.drafts.reopen(action.draft, problems, first or then, now)


def _free_children(store: Store, item: Item, outcome: Outcome, now: datetime) -> None:
    """What was added to a record that was not taken goes by itself once the record is there."""
    made = item.mutation
    if made.kind not in _MAKING or outcome.status not in (Status.APPLIED, Status.MERGED):
        return
    for child in store.outbox.stranded():
        name = child.mutation.mutation_id
        if child.mutation.kind is Kind.APPEND and made.mutation_id in needed(
            child.mutation, {made.gid: made.mutation_id}
        ):
            store.outbox.retry(name, id_anew(name), now)


def _leave_nothing_sending(store: Store, item: Item, outcome: Outcome) -> None:
    """A final outcome ends the sending, also when the record it was about had been lost before."""
    left = store.outbox.get(item.mutation.mutation_id)
    if outcome.status.final and left is not None and left.state is not ItemState.QUARANTINED:
        message = outcome.problem.message if outcome.problem else ""
        problem = {"kind": "gone", "code": "gone", "message": message, "fields": {}, "possible": []}
        store.outbox.quarantine(item.mutation.mutation_id, problem)


def _send_files_again(store: Store, item: Item, outcome: Outcome) -> None:
    """The gateway has lost a file it once confirmed: the next attempt uploads it before."""
    if outcome.problem is not None and outcome.problem.code == NO_FILE:
        for sha256 in item.blobs:
            store.blobs.mark_unsent(sha256)


def _finish_draft(store: Store, item: Item) -> None:
    """Let a draft go once everything of it has arrived."""
    if item.draft is None or any(not one.moves_another for one in store.outbox.of_draft(item.draft)):
        return
    draft = store.drafts.load(item.draft)
    if draft is not None and draft.state is DraftState.SUBMITTED:
        store.drafts.discard(item.draft)


def _tell(store: Store, item: Item, outcome: Outcome, now: datetime) -> None:
    left = store.outbox.get(item.mutation.mutation_id)
    if left is not None and (left.problem or {}).get("kind") == "revoked":
        store.activity.add(
            now, "revoked", said("Something is no longer shared with you. What you wrote is kept here.")
        )
        return
    line = told(item.label, item.detail, outcome, _entity(store.manifest, item))
    if line is not None:
        store.activity.add(now, line.kind, line.text, item.mutation.gid)


def _entity(manifest: Manifest | None, item: Item) -> EntityType | None:
    return manifest.entity(item.mutation.entity) if manifest is not None else None
