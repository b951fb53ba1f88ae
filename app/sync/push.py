"""Sends what is ready, in batches, and settles each mutation by its outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from app.contract.errors import BadAnswer, HostileAnswer, NotAllowed, Refused, RetryableError
from app.contract.mutations import Mutation, Outcome, Problem, PushAnswer, PushBody, Status
from app.store.database import Store
from app.store.outbox import Item
from app.sync.apply import set_aside_stranded, settle
from app.sync.clock import Clock
from app.sync.plan import needed, plan_push
from app.sync.transport import Transport

#: A cycle sends at most so many batches before it looks at what came in.
_MOST_BATCHES = 100


@dataclass(frozen=True)
class Pushed:
    """What a push did. `epoch` is the gateway's, as its last answer named it; None when nothing was sent."""

    settled: int
    entities: frozenset[str]
    gids: frozenset[str]
    epoch: str | None


def push(
    store: Store, transport: Transport, clock: Clock, keep_going: Callable[[], bool] = lambda: True
) -> Pushed:
    """Send until nothing more can go now. Raises contract errors; what was not settled is sent again next time."""
    settled = 0
    entities: set[str] = set()
    gids: set[str] = set()
    epoch: str | None = None
    for _ in range(_MOST_BATCHES):
        if not keep_going():
            break
        items = store.outbox.open_items()
        plan = plan_push(items, clock.now(), _uploaded(store, items), _settled(store, items))
        for item in plan.stranded:
            set_aside_stranded(store, item, clock.now())
        if not plan.batch:
            if not plan.stranded:
                break
            continue
        answer = _send(store, transport, plan.batch)
        epoch = answer.epoch or epoch
        _settle_all(store, plan.batch, answer, clock)
        settled += len(plan.batch)
        entities |= {mutation.entity for mutation in plan.batch}
        gids |= {mutation.gid for mutation in plan.batch}
    return Pushed(settled, frozenset(entities), frozenset(gids), epoch)


def _uploaded(store: Store, items: Sequence[Item]) -> AbstractSet[str]:
    """Files the gateway has; a file that is no longer here cannot be waited for, the gateway says what to do."""
    named = {sha256 for item in items for sha256 in item.blobs}
    blobs = {sha256: store.blobs.get(sha256) for sha256 in named}
    return {sha256 for sha256, blob in blobs.items() if blob is None or not blob.unsent}


def _settled(store: Store, items: Sequence[Item]) -> dict[str, str]:
    open_ids = {item.mutation.mutation_id for item in items}
    needs = {need for item in items for need in needed(item.mutation, {})} - open_ids
    found = {need: store.outbox.settled(need) for need in needs}
    return {need: done.status for need, done in found.items() if done is not None}


def _send(store: Store, transport: Transport, batch: Sequence[Mutation]) -> PushAnswer:
    ids = [mutation.mutation_id for mutation in batch]
    store.outbox.mark_sending(ids)
    try:
        return _answered(transport, batch)
    except RetryableError:
        store.outbox.release(ids)
        raise


def _answered(transport: Transport, batch: Sequence[Mutation]) -> PushAnswer:
    """Send a batch; one that is refused as a whole is halved until the mutation at fault stands alone."""
    try:
        answer = transport.push(PushBody(mutations=tuple(batch)))
    except (Refused, NotAllowed) as error:
        if len(batch) == 1:
            fields = error.fields if isinstance(error, Refused) else {}
            problem = Problem(code="refused", message=error.cause, fields=fields)
            refused = Outcome(mutation_id=batch[0].mutation_id, status=Status.REJECTED, problem=problem)
            return PushAnswer(epoch="", outcomes=(refused,))
        half = len(batch) // 2
        first, second = _answered(transport, batch[:half]), _answered(transport, batch[half:])
        return PushAnswer(epoch=second.epoch or first.epoch, outcomes=first.outcomes + second.outcomes)
    if [outcome.mutation_id for outcome in answer.outcomes] != [m.mutation_id for m in batch]:
        raise BadAnswer("The gateway did not answer each change that was sent, so nothing of it was used.")
    for outcome, mutation in zip(answer.outcomes, batch, strict=True):
        if outcome.record is not None and outcome.record.gid != mutation.gid:
            raise HostileAnswer("The gateway answered with another record than the one that was changed.")
    return answer


def _settle_all(store: Store, batch: Sequence[Mutation], answer: PushAnswer, clock: Clock) -> None:
    with store.transaction():
        for mutation, outcome in zip(batch, answer.outcomes, strict=True):
            # Read again: settling the one before may have changed this one.
            item = store.outbox.get(mutation.mutation_id)
            if item is not None:
                settle(store, item, outcome, clock.now())
