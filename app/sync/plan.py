"""What may be sent now: a pure decision over the open outbox.

Per-record order is the user's order, no child goes before its parent, and an item that cannot go holds back only
what follows it on the same record or depends on it; everything else passes by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, assert_never

from app.contract.mutations import MAX_BATCH, Kind, Mutation, Status
from app.store.outbox import Item, ItemState
from app.sync.retry import LONGEST_ASKED

#: A batch above this many bytes is cut in two; one large mutation still goes alone.
MAX_BATCH_BYTES = 1_000_000

#: The longest that a mutation is put off.
_LONGEST = timedelta(seconds=LONGEST_ASKED)

#: Statuses of a settled mutation that let what depends on it go.
DONE = frozenset({Status.APPLIED.value, Status.MERGED.value})


class Hold(StrEnum):
    """Why an item is not in the batch."""

    NOT_DUE = "not_due"  # deferred until later
    UPLOAD = "upload"  # its file is not at the gateway yet
    PREDECESSOR = "predecessor"  # an earlier item of the same record has to go first
    DEPENDENCY = "dependency"  # a mutation it depends on is not settled
    NEXT_BATCH = "next_batch"  # it may go as soon as this batch is settled
    QUARANTINED = "quarantined"  # waits for a person and holds back nothing


@dataclass(frozen=True)
class PushPlan:
    """A batch in sending order; why the others stay; what can never go since its dependency failed.

    `next_due` is when the first deferred item comes due, None when there is none.
    """

    batch: tuple[Mutation, ...]
    held: Mapping[str, Hold]
    stranded: tuple[Item, ...]
    next_due: datetime | None


@dataclass
class _Batch:
    """The batch so far, and the rules that keep apart what must be judged one after the other."""

    most: int
    items: list[Item] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    by_record: dict[str, list[Mutation]] = field(default_factory=dict)
    size: int = 0

    def offer(self, item: Item, needs: AbstractSet[str]) -> Hold | None:
        """Take the item in (None), or say that it has to wait for the next batch."""
        mutation = item.mutation
        if len(self.items) >= self.most:
            return Hold.NEXT_BATCH
        if any(need in self.ids and need not in mutation.depends_on for need in needs):
            return Hold.NEXT_BATCH  # the gateway knows only dependencies that are named
        if any(not _together(earlier, mutation) for earlier in self.by_record.get(mutation.gid, ())):
            return Hold.NEXT_BATCH
        size = len(mutation.model_dump_json())
        if self.items and self.size + size > MAX_BATCH_BYTES:
            return Hold.NEXT_BATCH
        self.items.append(item)
        self.ids.add(mutation.mutation_id)
        self.by_record.setdefault(mutation.gid, []).append(mutation)
        self.size += size
        return None


def _together(earlier: Mutation, later: Mutation) -> bool:
    """Tell whether two mutations of one record may travel in one batch.

    Overlapping edits may not, since the later one rebases on what became of the earlier; a delete may
    not, since it binds to the version its predecessor leaves; anything else only when it names its predecessor, or
    when both are edits that have nothing to do with each other.
    """
    if later.kind is Kind.DELETE or (earlier.kind is Kind.PATCH and overlaps(earlier, later)):
        return False
    return earlier.mutation_id in later.depends_on or (
        earlier.kind is Kind.PATCH and later.kind is Kind.PATCH
    )


def plan_push(
    items: Sequence[Item],
    now: datetime,
    uploaded: AbstractSet[str],
    settled: Mapping[str, str],
    on_its_way: AbstractSet[str] = frozenset(),
    most: int = MAX_BATCH,
) -> PushPlan:
    """Choose the next batch from the open items in outbox order.

    `uploaded` holds the hashes of files the gateway has. `settled` gives the status of settled mutations by id; a
    dependency that is neither open nor known there was settled long ago. `on_its_way` names what was sent and is not
    settled yet: whatever has to do with it stays until then. A batch has no more than `most`.
    """
    open_ids = {item.mutation.mutation_id for item in items}
    aside = {i.mutation.mutation_id for i in items if i.state is ItemState.QUARANTINED}
    creates = {i.mutation.gid: i.mutation.mutation_id for i in items if i.mutation.kind is Kind.CREATE}
    batch = _Batch(most)
    held: dict[str, Hold] = {}
    stranded: list[Item] = []
    blocked: dict[str, Hold] = {}
    for item in items:
        mutation = item.mutation
        needs = frozenset(needed(mutation, creates))
        if item.state is ItemState.QUARANTINED:
            held[mutation.mutation_id] = Hold.QUARANTINED
            continue
        if not item.frozen and any(need in aside or _failed(need, open_ids, settled) for need in needs):
            # Nobody knows when, or whether, a person gets round to what it needs; better it asks for one too.
            stranded.append(item)
            continue
        if mutation.mutation_id in on_its_way:
            held[mutation.mutation_id] = blocked[mutation.gid] = Hold.NEXT_BATCH
            continue
        hold = (
            _hold(item, now, uploaded)
            or blocked.get(mutation.gid)
            or _hold_for(needs, open_ids, batch, held)
            or batch.offer(item, needs)
        )
        if hold is not None:
            held[mutation.mutation_id] = hold
            blocked[mutation.gid] = Hold.NEXT_BATCH if hold is Hold.NEXT_BATCH else Hold.PREDECESSOR
    due = [item.due_at for item in items if _waits(item, now) and item.due_at is not None]
    return PushPlan(
        tuple(item.mutation for item in batch.items), held, tuple(stranded), min(due, default=None)
    )


def needed(mutation: Mutation, creates: Mapping[str, str]) -> Iterator[str]:
    """Yield the ids of the mutations that must have been applied before this one.

    Besides those it names: the pending create of any record its values refer to (no child before its parent).
    """
    yield from mutation.depends_on
    if not creates:
        return
    for value in _texts(mutation.changes):
        create = creates.get(value)
        if create is not None and create != mutation.mutation_id:
            yield create


def depends(successor: Item, item: Item) -> bool:
    """Tell whether `successor` makes sense only once `item` has been applied.

    It names it, or refers to the record it creates, or is a command or delete on the record it writes: who edits and
    then submits wants the edit submitted.
    """
    later, earlier = successor.mutation, item.mutation
    if successor.seq <= item.seq:
        return False
    creates = {earlier.gid: earlier.mutation_id} if earlier.kind is Kind.CREATE else {}
    if earlier.mutation_id in set(needed(later, creates)):
        return True
    if later.gid != earlier.gid:
        return False
    match later.kind:
        case Kind.COMMAND | Kind.DELETE:
            return True
        case Kind.CREATE | Kind.PATCH | Kind.APPEND:
            return earlier.kind is Kind.CREATE
        case _:
            assert_never(later.kind)


def overlaps(one: Mutation, two: Mutation) -> bool:
    """Tell whether two mutations of one record touch a common field (groups always travel whole)."""
    return one.gid == two.gid and not one.changes.keys().isdisjoint(two.changes.keys())


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for member in value.values():
                yield from _texts(member)
        case list() | tuple():
            for member in value:
                yield from _texts(member)
        case _:
            return


def _failed(need: str, open_ids: AbstractSet[str], settled: Mapping[str, str]) -> bool:
    status = settled.get(need)
    return need not in open_ids and status is not None and status not in DONE


def _waits(item: Item, now: datetime) -> bool:
    """Nothing waits for longer than anybody may ask, nor because a clock that was ahead has been set back since."""
    if item.state is not ItemState.DEFERRED or item.due_at is None:
        return False
    since = item.deferred_since
    return now < item.due_at <= now + _LONGEST and (since is None or since <= now)


def _hold(item: Item, now: datetime, uploaded: AbstractSet[str]) -> Hold | None:
    if _waits(item, now):
        return Hold.NOT_DUE
    if any(sha256 not in uploaded for sha256 in item.blobs):
        return Hold.UPLOAD
    return None


def _hold_for(
    needs: AbstractSet[str], open_ids: AbstractSet[str], batch: _Batch, held: Mapping[str, Hold]
) -> Hold | None:
    missing = {need for need in needs if need in open_ids and need not in batch.ids}
    if not missing:
        return None
    return Hold.NEXT_BATCH if all(held.get(need) is Hold.NEXT_BATCH for need in missing) else Hold.DEPENDENCY
