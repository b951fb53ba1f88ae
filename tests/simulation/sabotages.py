"""Ways to break the engine, one at a time. Each undoes one thing that a promise rests on; the oracle has to notice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete

from app.contract.merge import Clash
from app.contract.mutations import ClashReason, Mutation, Outcome, Status
from app.contract.records import Gone
from app.store.database import Store
from app.store.mirror import Mirror
from app.store.outbox import Item, Outbox
from app.sync.apply import settle_all as settle_all_
from app.sync.apply import take_away as take_away_
from app.sync.engine import Engine
from app.sync.plan import PushPlan
from app.sync.plan import plan_push as plan_push_
from app.sync.pull import Pull
from app.sync.push import Push
from app.sync.retry import Failures
from app.sync.settlement import Action, Finish, Waiting
from app.sync.snapshot import Snapshot
from gateway import ledger as ledger_module
from gateway.crm.port import RowCreation, RowWrite, Written
from gateway.decide import Clashes, Nothing, Write
from gateway.decide import decide_patch as decide_patch_
from gateway.execute import Executor
from gateway.feed.positions import moment
from gateway.feed.reader import changes as changes_
from gateway.feed.writer import FeedWriter
from gateway.ingest.delayed import DelayedLane
from gateway.ingest.lanes import FastLane
from gateway.mapping import EntityMap
from gateway.tables import ledger
from tests.simulation import ignoring
from tests.simulation.breaking import PLAYED_WITH, SABOTAGES, Patch, sabotage
from tests.simulation.device import Device
from tests.simulation.uneasy import TakesMany, UneasyCrm

__all__ = ["PLAYED_WITH", "SABOTAGES", "ignoring"]


# -- the client's position and rows -------------------------------------------------------------------------
@sabotage("the cursor is saved before its data")
def _cursor_first(patch: Patch) -> None:
    real = Pull._keep

    def keep(self: Pull, page: Any) -> int:
        cursors = self._store.cursors
        cursors.write(replace(cursors.read(), cursor=page.envelope.cursor))
        return real(self, page)

    patch.setattr(Pull, "_keep", keep)


@sabotage("a page is shown over what waits")
def _page_over_pending(patch: Patch) -> None:
    real = Mirror.apply_puts

    def apply_puts(self: Mirror, *args: Any, **named: Any) -> Any:
        done = real(self, *args, **named)
        self._connection.run(
            "UPDATE record SET data = (SELECT data FROM shadow WHERE shadow.gid = record.gid)"
            " WHERE gid IN (SELECT gid FROM shadow WHERE data IS NOT NULL)"
        )
        return done

    patch.setattr(Mirror, "apply_puts", apply_puts)


@sabotage("a snapshot removes nothing")
def _no_sweep(patch: Patch) -> None:
    patch.setattr(Snapshot, "_sweep", lambda *_: frozenset())


@sabotage("deletions are ignored")
def _no_tombstones(patch: Patch) -> None:
    _ignoring(patch, "tombstone")


@sabotage("revocations are ignored")
def _no_revocations(patch: Patch) -> None:
    _ignoring(patch, "revoked")


def _ignoring(patch: Patch, reason: str) -> None:
    real = take_away_

    def take_away(store: Store, gone: Gone) -> str | None:
        return None if gone.reason == reason else real(store, gone)

    patch.setattr("app.sync.pull.take_away", take_away)


@sabotage("a revocation is treated as a deletion")
def _revoked_as_deleted(patch: Patch) -> None:
    real = Mirror.remove

    def remove(self: Mirror, gid: str, reason: str, into: str | None = None) -> Any:
        return real(self, gid, "tombstone", into)

    patch.setattr(Mirror, "remove", remove)


# -- the client's outbox ------------------------------------------------------------------------------------
@sabotage("an answer settles the record instead of the mutation")
def _settled_by_record(patch: Patch) -> None:
    real = settle_all_

    def settle_all(store: Store, answered: Sequence[tuple[Mutation, Outcome]], now: datetime) -> Any:
        hostile = real(store, answered, now)
        for mutation, outcome in answered:
            for item in store.outbox.pending(mutation.gid) if outcome.status is Status.APPLIED else ():
                store.outbox.settle(item.mutation.mutation_id, Status.APPLIED.value, now)
        return hostile

    patch.setattr("app.sync.push.settle_all", settle_all)


@sabotage("a body that was sent still changes")
def _not_frozen(patch: Patch) -> None:
    real = Outbox.mark_sending

    def mark_sending(self: Outbox, ids: Sequence[str]) -> list[Mutation]:
        sent = real(self, ids)
        self._connection.run("UPDATE outbox SET frozen = 0, state = 'queued' WHERE state = 'sending'")
        return sent

    patch.setattr(Outbox, "mark_sending", mark_sending)


@sabotage("the newest goes first")
def _newest_first(patch: Patch) -> None:
    real = plan_push_

    def plan_push(items: Sequence[Item], *args: Any, **named: Any) -> PushPlan:
        return real([*reversed(items)], *args, **named)

    patch.setattr("app.sync.push.plan_push", plan_push)


@sabotage("children do not wait for their parents")
def _orphans(patch: Patch) -> None:
    patch.setattr("app.sync.plan.needed", lambda *_: iter(()))
    real = Outbox.enqueue

    def enqueue(self: Outbox, mutation: Mutation, *args: Any, **named: Any) -> Item | None:
        return real(self, mutation.model_copy(update={"depends_on": ()}), *args, **named)

    patch.setattr(Outbox, "enqueue", enqueue)


@sabotage("files are not waited for")
def _files_not_waited_for(patch: Patch) -> None:
    patch.setattr(Push, "_uploaded", lambda _, items: {sha for item in items for sha in item.blobs})


@sabotage("what waits for a person holds everything up")
def _poison(patch: Patch) -> None:
    real = plan_push_

    def plan_push(items: Sequence[Item], *args: Any, **named: Any) -> PushPlan:
        plan = real(items, *args, **named)
        aside = any(item.state == "quarantined" for item in items)
        return replace(plan, batch=()) if aside else plan

    patch.setattr("app.sync.push.plan_push", plan_push)


@sabotage("saved means written some time later")
def _lazy(patch: Patch) -> None:
    real_enqueue, real_crash, real_cycle = Outbox.enqueue, Device.crash, Engine.cycle
    unwritten: list[tuple[Any, str]] = []

    def enqueue(self: Outbox, mutation: Mutation, *args: Any, **named: Any) -> Item | None:
        item = real_enqueue(self, mutation, *args, **named)
        unwritten.append((self._connection, mutation.mutation_id))
        return item

    def cycle(self: Engine, *args: Any) -> float:
        unwritten.clear()
        return real_cycle(self, *args)

    def crash(self: Device) -> None:
        self.fuse.dead = False
        for connection, name in unwritten:
            if connection is self.store.connection:
                connection.run("DELETE FROM outbox WHERE mutation_id = ?", (name,))
        real_crash(self)

    patch.setattr(Outbox, "enqueue", enqueue)
    patch.setattr(Engine, "cycle", cycle)
    patch.setattr(Device, "crash", crash)


@sabotage("conflicts settle themselves")
def _no_conflicts(patch: Patch) -> None:
    def conflict(item: Item, _outcome: Outcome, _waiting: Waiting) -> Iterator[Action]:
        yield Finish(item.mutation.mutation_id, Status.CONFLICT)

    patch.setattr("app.sync.settlement._conflict", conflict)


@sabotage("a failure is not tried again")
def _no_retry(patch: Patch) -> None:
    def failed(self: Failures, now: float, *_: Any) -> float:
        self.not_before, self.strict = now + 10.0**9, True
        return self.not_before - now

    patch.setattr(Failures, "failed", failed)


# -- the gateway --------------------------------------------------------------------------------------------
@sabotage("the ledger forgets")
def _no_ledger(patch: Patch) -> None:
    def find_many(connection: Connection, user: str, ids: Collection[str]) -> dict[str, Any]:
        asked = ledger.c.mutation_id.in_(list(ids)) & (ledger.c.user_id == user)
        connection.execute(delete(ledger).where(asked))
        return {}

    patch.setattr(ledger_module, "find_many", find_many)


@sabotage("recovery looks for no mark")
def _no_mark(patch: Patch) -> None:
    patch.setattr(Executor, "_got_through", lambda *_: None)


@sabotage("rows are made without a mark")
def _no_markers(patch: Patch) -> None:
    real = TakesMany.write_many

    def write_many(self: TakesMany, writes: Sequence[RowWrite]) -> Sequence[Written]:
        anew = [
            replace(w, marker=f"{w.marker[:30]}+{self.seen['anew']}")
            if isinstance(w, RowCreation) and self.real.find_created(w.obj, w.marker)
            else w
            for w in writes
        ]
        self.seen["anew"] += 1
        return real(self, anew)

    patch.setattr(TakesMany, "write_many", write_many)
    patch.setattr(UneasyCrm, "find_created", lambda *_: None)
    real_append = UneasyCrm.append

    def append(self: UneasyCrm, obj: str, parent: Any, fields: Any, marker: str, actor: Any) -> Any:
        if self.real.find_created(obj, marker):
            self.seen["anew"] += 1
            marker = f"{marker[:30]}+{self.seen['anew']}"
        return real_append(self, obj, parent, fields, marker, actor)

    patch.setattr(UneasyCrm, "append", append)


@sabotage("the later one wins")
def _later_wins(patch: Patch) -> None:
    real = decide_patch_

    def decide_patch(entity: Any, mutation: Mutation, *args: Any) -> Any:
        decided = real(entity, mutation, *args)
        return Write(mutation.changes) if isinstance(decided, Clashes) else decided

    patch.setattr("gateway.execute.decide_patch", decide_patch)


@sabotage("clocks decide a merge")
def _clocks_decide(patch: Patch) -> None:
    real = decide_patch_

    def decide_patch(entity: Any, mutation: Mutation, theirs: Mapping[str, Any], *args: Any) -> Any:
        decided = real(entity, mutation, theirs, *args)
        if not isinstance(decided, Clashes) or not theirs.get("updated_at"):
            return decided
        mine_is_later = mutation.captured_at > datetime.fromisoformat(str(theirs["updated_at"]))
        return Write(mutation.changes) if mine_is_later else Nothing()

    patch.setattr("gateway.execute.decide_patch", decide_patch)


@sabotage("a clash is seen where there is none")
def _clashes_everywhere(patch: Patch) -> None:
    """Another field of the record has changed, and everybody is asked."""
    real = decide_patch_

    def decide_patch(entity: Any, mutation: Mutation, theirs: Mapping[str, Any], *args: Any) -> Any:
        decided = real(entity, mutation, theirs, *args)
        if not isinstance(decided, Write) or decided.others:
            return decided
        clashes = [
            Clash(
                name,
                ClashReason.BOTH_CHANGED,
                {name: mutation.base.get(name)},
                {name: theirs.get(name)},
                {name: mine},
            )
            for name, mine in mutation.changes.items()
        ]
        moved = str(theirs.get("updated_at") or "") > mutation.captured_at.isoformat()
        return Clashes(tuple(clashes)) if moved else decided

    patch.setattr("gateway.execute.decide_patch", decide_patch)


@sabotage("nothing is looked for behind the fast lane")
def _no_overlap(patch: Patch) -> None:
    """It looks back a little with each pass, and the delayed lane by as much as the CRM declares."""
    patch.setattr(FastLane, "_overlap", lambda *_: timedelta(0))
    patch.setattr(DelayedLane, "_take_in", lambda *_: 0)


@sabotage("an old reading is stored over a newer one")
def _no_fence(patch: Patch) -> None:
    real = FeedWriter.put

    def put(self: FeedWriter, system: str, record: Any, began: int, *args: Any, **named: Any) -> Any:
        return real(self, system, record, 2**62, *args, **named)

    patch.setattr(FeedWriter, "put", put)


@sabotage("a history that was set back goes unnoticed")
def _history_unnoticed(patch: Patch) -> None:
    def check(connection: Connection, *_: Any) -> int:
        return moment(connection, 0)[0]

    patch.setattr("gateway.feed.reader.check_history", check)


@sabotage("another grant brings no difference")
def _no_difference(patch: Patch) -> None:
    real = changes_

    def changes(connection: Connection, grants: Any, grant: Any, epoch: str, cursor: Any, room: Any) -> Any:
        return real(connection, grants, grant, epoch, replace(cursor, grants=(grant.version,)), room)

    patch.setattr("gateway.reading.changes", changes)


@sabotage("leases of dead processes stay")
def _dead_leases(patch: Patch) -> None:
    def held(connection: Connection, gids: Collection[str], _now: datetime) -> set[str]:
        return set(connection.execute(ledger_module._LEASED, {"gids": list(gids)}).scalars())

    patch.setattr(ledger_module, "release_all", lambda _: None)
    patch.setattr(ledger_module, "held_by_others", held)


@sabotage("internal rows are shared")
def _internal_shared(patch: Patch) -> None:
    def takes(_self: EntityMap, _fields: Mapping[str, Any]) -> bool:
        return True

    patch.setattr(EntityMap, "takes", takes)
