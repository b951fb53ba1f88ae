"""Sends what is ready, in batches, and settles each mutation by its outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
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
from app.sync.apply import set_aside_stranded, settle_all
from app.sync.clock import Clock, Rng
from app.sync.failpoints import SyncPoint
from app.sync.plan import plan_push
from app.sync.settings import EngineSettings
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


@dataclass(frozen=True)
class _OnItsWay:
    """A batch that has left; `wait` returns its outcomes, or raises."""

    batch: Sequence[Mutation]
    wait: Callable[[], PushAnswer]


@dataclass(frozen=True)
class _Answered:
    """A batch whose outcomes are here and not settled yet."""

    batch: Sequence[Mutation]
    outcomes: Sequence[Outcome]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(mutation.mutation_id for mutation in self.batch)


class Push:
    """Sends the outbox. One bad mutation keeps neither the others nor the pull from going on."""

    def __init__(
        self,
        store: Store,
        transport: Transport,
        clock: Clock,
        rng: Rng,
        settings: EngineSettings,
        told: Callable[[Sent], None],
    ) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._rng = rng
        self._backoff = settings.backoff
        self._most = settings.batch
        self._told = told
        self._reached = store.failpoints.reached
        self._unusable: Counter[str] = Counter()
        self._aside = 0
        self.epoch = ""

    def run(self, keep_going: Callable[[], bool]) -> None:
        """Send until nothing more can go now. A batch is on its way while the one before is being settled.

        Raises contract errors; what was not settled by then stays in the outbox and is sent again as it is. `epoch`
        is the gateway's history as its last answer named it, empty when nothing was sent.
        """
        self.epoch = ""
        self._aside = 0
        queue = _Queue(self._store)
        answered: _Answered | None = None
        for _ in range(_MOST_BATCHES):
            going = keep_going()
            batch = self._next(queue, answered) if going else ()
            sent = self._leave(batch, answered) if batch else None
            if answered is not None:
                queue.settled(self._settle_beside(answered, sent))
            elif not going or not (batch or queue.moved):
                return
            answered = self._answer(sent) if sent is not None else None
            if answered is None:
                queue.changed()
        if answered is not None:
            self._settle(answered)

    def _uploaded(self, items: Sequence[Item]) -> AbstractSet[str]:
        """Files the gateway has; one that is not here any more cannot be waited for, the gateway says what to do."""
        named = {sha256 for item in items for sha256 in item.blobs}
        blobs = {sha256: self._store.blobs.get(sha256) for sha256 in named}
        return {sha256 for sha256, blob in blobs.items() if blob is None or not blob.unsent}

    def _next(self, queue: _Queue, answered: _Answered | None) -> Sequence[Mutation]:
        """What may go now, beside what was answered and is not settled yet."""
        items, settled = queue.look()
        on_its_way = answered.ids if answered is not None else frozenset()
        now, uploaded = self._clock.now(), self._uploaded(items)
        plan = plan_push(items, now, uploaded, settled, on_its_way, self._most)
        for item in plan.stranded:
            set_aside_stranded(self._store, item, self._clock.now())
            self._told(Sent(True, frozenset({item.mutation.entity}), frozenset({item.mutation.gid})))
            queue.changed()
        return self._careful(plan.batch)

    def _careful(self, batch: Sequence[Mutation]) -> Sequence[Mutation]:
        """The whole batch, or its first mutation alone while every answer to all of them has been unusable."""
        suspect = all(self._unusable[mutation.mutation_id] >= _SUSPECT for mutation in batch)
        return batch[:1] if suspect else batch

    def _leave(self, batch: Sequence[Mutation], answered: _Answered | None = None) -> _OnItsWay | None:
        """Send a batch; None when nothing of it is left to be sent. What has to be done beside it is done meanwhile."""
        try:
            batch = self._store.outbox.mark_sending([mutation.mutation_id for mutation in batch])
        except BaseException:
            if answered is not None:
                self._settle(answered)
            raise
        if not batch:
            return None
        self._reached(SyncPoint.MARKED_SENDING)
        self._told(Sent(False))
        body = PushBody(mutations=tuple(batch))
        if answered is None:
            return _OnItsWay(batch, lambda: self._transport.push(body))
        return _OnItsWay(batch, self._transport.begin_push(body))

    def _answer(self, sent: _OnItsWay) -> _Answered | None:
        """Wait for the outcomes; None when there is nothing to settle that has not been settled."""
        batch = sent.batch
        ids = [mutation.mutation_id for mutation in batch]
        try:
            answer = sent.wait()
            _check(batch, answer)
        except (Refused, NotAllowed) as error:
            self._refused_whole(batch, error)
            return None
        except LocalError:
            raise
        except CounterpartError as error:
            self._store.outbox.release(ids)
            if self._is_the_only_one(batch, error):
                return None
            raise
        for mutation_id in ids:
            self._unusable.pop(mutation_id, None)
        self.epoch = answer.epoch
        self._reached(SyncPoint.ANSWERED)
        return _Answered(batch, answer.outcomes)

    def _send(self, batch: Sequence[Mutation]) -> None:
        """Send a batch and settle it, with nothing beside it."""
        sent = self._leave(batch)
        answered = self._answer(sent) if sent is not None else None
        if answered is not None:
            self._settle(answered)

    def _settle_beside(self, answered: _Answered, sent: _OnItsWay | None) -> Mapping[str, Status]:
        """Settle a batch; if that fails, the one that is on its way is settled all the same before it is told."""
        try:
            return self._settle(answered)
        except BaseException:
            if sent is not None:
                with suppress(CounterpartError):
                    after = self._answer(sent)
                    if after is not None:
                        self._settle(after)
            raise

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
        self._settle(_Answered(batch, [outcome]))

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
        now = self._clock.now()
        self._store.outbox.defer(first, now + timedelta(seconds=wait), error.cause, now)
        self._aside += 1
        return self._aside < _MOST_ASIDE

    def _settle(self, answered: _Answered) -> Mapping[str, Status]:
        """Settle a batch; returns how those ended that had nothing to do with any other."""
        batch, outcomes = answered.batch, answered.outcomes
        with self._store.transaction():
            hostile = settle_all(self._store, [*zip(batch, outcomes, strict=True)], self._clock.now())
            for mutation_id, error in hostile.items():
                self._put_off(mutation_id, error)
            if any(outcome.status.final for outcome in outcomes):
                self._store.cursors.write(replace(self._store.cursors.read(), proven_at=None))
            self._reached(SyncPoint.SETTLING)
        self._reached(SyncPoint.SETTLED)
        entities = frozenset(mutation.entity for mutation in batch)
        self._told(Sent(True, entities, frozenset(mutation.gid for mutation in batch)))
        for error in hostile.values():
            raise error
        applied = all(outcome.status is Status.APPLIED for outcome in outcomes)
        return {outcome.mutation_id: outcome.status for outcome in outcomes} if applied else {}

    def _put_off(self, mutation_id: str, error: HostileAnswer) -> None:
        item = self._store.outbox.get(mutation_id)
        if item is not None:
            wait = timedelta(seconds=self._backoff.delay(item.attempts, self._rng))
            now = self._clock.now()
            self._store.outbox.defer(mutation_id, now + wait, error.cause, now)


class _Queue:
    """What is open, read once and then followed from batch to batch as long as nothing unusual happens."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._items: list[Item] | None = None
        self._done: dict[str, str] = {}
        self._outdated = False

    def look(self) -> tuple[Sequence[Item], Mapping[str, str]]:
        """Return the open items, and how the dependencies ended that are open no longer."""
        if self._items is None:
            self._items = self._store.outbox.open_items()
            self._done = _settled(self._store, self._items)
            self._outdated = False
        return self._items, self._done

    @property
    def moved(self) -> bool:
        """Whether something may have come to it since it was read."""
        return self._items is None or self._outdated

    def changed(self) -> None:
        """Read it anew the next time."""
        self._items = None

    def settled(self, ended: Mapping[str, Status]) -> None:
        """Take out what was settled alone; nothing told means that anything may have changed."""
        if not ended or self._items is None or self._follows(ended):
            self._items = None
            return
        self._items = [item for item in self._items if item.mutation.mutation_id not in ended]
        self._done |= {mutation_id: status.value for mutation_id, status in ended.items()}
        self._outdated = True

    def _follows(self, ended: Mapping[str, Status]) -> bool:
        """Whether something else waits on one of these records: its body may have been bound to the new version."""
        items = self._items or []
        gids = {item.mutation.gid for item in items if item.mutation.mutation_id in ended}
        return any(item.mutation.gid in gids and item.mutation.mutation_id not in ended for item in items)


def _settled(store: Store, items: Sequence[Item]) -> dict[str, str]:
    """How the dependencies ended that are no longer open."""
    open_ids = {item.mutation.mutation_id for item in items}
    needs = {need for item in items for need in item.mutation.depends_on} - open_ids
    found = {need: store.outbox.settled(need) for need in needs}
    return {need: done.status for need, done in found.items() if done is not None}


def _check(batch: Sequence[Mutation], answer: PushAnswer) -> None:
    if [outcome.mutation_id for outcome in answer.outcomes] != [m.mutation_id for m in batch]:
        raise BadAnswer("The gateway did not answer each change that was sent, so nothing of it was used.")
