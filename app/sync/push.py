"""Sends what is ready, in batches, and settles each mutation by its outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import timedelta

from app.contract.errors import (
    BadAnswer,
    CounterpartError,
    HostileAnswer,
    LocalError,
    NotAllowed,
    Refused,
    RetryableError,
    Unreachable,
)
from app.contract.mutations import Mutation, Outcome, Problem, PushAnswer, PushBody, Status
from app.store.database import Store
from app.store.outbox import Item
from app.store.states import ItemState
from app.sync.apply import set_aside_stranded, settle
from app.sync.clock import Clock, Rng
from app.sync.plan import plan_push
from app.sync.retry import Backoff
from app.sync.transport import Transport

#: A cycle sends at most so many batches before it looks at what came in.
_MOST_BATCHES = 100

#: After so many answers in a row that could not be used, a mutation is sent alone, to find out which one it is.
_SUSPECT = 2

#: One that brings such an answer alone waits at least so many seconds, so that the others get their turn.
_ASIDE_FOR = 60.0

#: So many of them in one cycle mean that it is not the mutations.
_MOST_ASIDE = 3


@dataclass(frozen=True)
class Sent:
    """A batch that has been `settled`, or that has only left this computer so far; and where its records are."""

    settled: bool
    entities: frozenset[str] = frozenset()
    gids: frozenset[str] = frozenset()


class Push:
    """Sends the outbox. One bad mutation keeps neither the others nor the pull from going on."""

    def __init__(
        self,
        store: Store,
        transport: Transport,
        clock: Clock,
        rng: Rng,
        backoff: Backoff,
        told: Callable[[Sent], None],
    ) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._rng = rng
        self._backoff = backoff
        self._told = told
        self._unusable: Counter[str] = Counter()
        self._aside = 0
        self.epoch = ""

    def run(self, keep_going: Callable[[], bool]) -> None:
        """Send until nothing more can go now.

        Raises contract errors; what was not settled by then stays in the outbox and is sent again as it is. `epoch`
        is the gateway's history as its last answer named it, empty when nothing was sent.
        """
        self.epoch = ""
        self._aside = 0
        for _ in range(_MOST_BATCHES):
            if not keep_going():
                return
            items = self._store.outbox.open_items()
            uploaded, settled = self._uploaded(items), _settled(self._store, items)
            plan = plan_push(items, self._clock.now(), uploaded, settled)
            for item in plan.stranded:
                set_aside_stranded(self._store, item, self._clock.now())
                self._told(Sent(True, frozenset({item.mutation.entity}), frozenset({item.mutation.gid})))
            if plan.batch:
                self._send(self._careful(plan.batch))
            elif not plan.stranded:
                return

    def _uploaded(self, items: Sequence[Item]) -> AbstractSet[str]:
        """Files the gateway has; one that is not here any more cannot be waited for, the gateway says what to do."""
        named = {sha256 for item in items for sha256 in item.blobs}
        blobs = {sha256: self._store.blobs.get(sha256) for sha256 in named}
        return {sha256 for sha256, blob in blobs.items() if blob is None or not blob.unsent}

    def _careful(self, batch: Sequence[Mutation]) -> Sequence[Mutation]:
        """The whole batch, or its first mutation alone while every answer to all of them has been unusable."""
        suspect = all(self._unusable[mutation.mutation_id] >= _SUSPECT for mutation in batch)
        return batch[:1] if suspect else batch

    def _send(self, batch: Sequence[Mutation]) -> None:
        if not batch:
            return
        ids = [mutation.mutation_id for mutation in batch]
        self._store.outbox.mark_sending(ids)
        self._told(Sent(False))
        try:
            answer = self._transport.push(PushBody(mutations=tuple(batch)))
            _check(batch, answer)
        except (Refused, NotAllowed) as error:
            self._refused_whole(batch, error)
            return
        except LocalError:
            raise
        except CounterpartError as error:
            self._store.outbox.release(ids)
            if self._is_the_only_one(batch, error):
                return
            raise
        for mutation_id in ids:
            self._unusable.pop(mutation_id, None)
        self.epoch = answer.epoch
        self._settle(batch, answer.outcomes)

    def _refused_whole(self, batch: Sequence[Mutation], error: Refused | NotAllowed) -> None:
        """Halve a batch that was refused as a whole until the mutation at fault stands alone."""
        if len(batch) > 1:
            half = len(batch) // 2
            self._store.outbox.release([mutation.mutation_id for mutation in batch])
            self._send(batch[:half])
            self._send([mutation for mutation in batch[half:] if self._still_open(mutation)])
            return
        fields = error.fields if isinstance(error, Refused) else {}
        problem = Problem(code="refused", message=error.cause, fields=fields)
        outcome = Outcome(mutation_id=batch[0].mutation_id, status=Status.REJECTED, problem=problem)
        self._settle(batch, [outcome])

    def _still_open(self, mutation: Mutation) -> bool:
        item = self._store.outbox.get(mutation.mutation_id)
        return item is not None and item.state is not ItemState.QUARANTINED

    def _is_the_only_one(self, batch: Sequence[Mutation], error: CounterpartError) -> bool:
        """Count answers that cannot be used; a mutation that brings them also alone waits while the others go on."""
        said_when = isinstance(error, RetryableError) and error.retry_after is not None
        told_by_answer = isinstance(error, RetryableError | HostileAnswer) and not isinstance(
            error, Unreachable
        )
        if said_when or not told_by_answer:
            return False
        for mutation in batch:
            self._unusable[mutation.mutation_id] += 1
        first = batch[0].mutation_id
        if len(batch) > 1 or self._unusable[first] <= _SUSPECT:
            return False
        wait = max(_ASIDE_FOR, self._backoff.delay(self._unusable[first], self._rng))
        self._store.outbox.defer(first, self._clock.now() + timedelta(seconds=wait), error.cause)
        self._aside += 1
        return self._aside < _MOST_ASIDE

    def _settle(self, batch: Sequence[Mutation], outcomes: Sequence[Outcome]) -> None:
        hostile: HostileAnswer | None = None
        with self._store.transaction():
            for mutation, outcome in zip(batch, outcomes, strict=True):
                # Read again: settling the one before may have changed this one.
                item = self._store.outbox.get(mutation.mutation_id)
                if item is None:
                    continue
                try:
                    settle(self._store, item, outcome, self._clock.now())
                except HostileAnswer as error:
                    hostile = error
                    wait = timedelta(seconds=self._backoff.delay(item.attempts, self._rng))
                    self._store.outbox.defer(mutation.mutation_id, self._clock.now() + wait, error.cause)
            if any(outcome.status.final for outcome in outcomes):
                self._store.cursors.write(replace(self._store.cursors.read(), proven_at=None))
        entities = frozenset(mutation.entity for mutation in batch)
        self._told(Sent(True, entities, frozenset(mutation.gid for mutation in batch)))
        if hostile is not None:
            raise hostile


def _settled(store: Store, items: Sequence[Item]) -> dict[str, str]:
    """How the dependencies ended that are no longer open."""
    open_ids = {item.mutation.mutation_id for item in items}
    needs = {need for item in items for need in item.mutation.depends_on} - open_ids
    found = {need: store.outbox.settled(need) for need in needs}
    return {need: done.status for need, done in found.items() if done is not None}


def _check(batch: Sequence[Mutation], answer: PushAnswer) -> None:
    if [outcome.mutation_id for outcome in answer.outcomes] != [m.mutation_id for m in batch]:
        raise BadAnswer("The gateway did not answer each change that was sent, so nothing of it was used.")
