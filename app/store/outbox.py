"""The durable queue of mutations: what the user wants, from the moment it was saved until its outcome is known.

This module keeps; `app.sync` decides. Every change of an item refreshes its record's projection.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.contract.merge import same
from app.contract.mutations import Kind, Mutation, Status
from app.store.clock_off import ClockOff
from app.store.connection import Connection
from app.store.documents import Blobs
from app.store.failpoints import StorePoint
from app.store.items import ITEM, SETTLED, Item, Settled, hash_of_sent, item_of, settled_of
from app.store.projection import Projection
from app.store.states import Ending, ItemState
from app.store.timestamps import stamp, stamp_or_none

__all__ = ["Item", "ItemState", "Outbox", "Settled"]

_SETTLE = (
    "state = 'settled', outcome = ?, settled_at = ?, receipt = coalesce(nullif(?, ''), receipt), problem = ?,"
    " body = ?, due_at = NULL"
)
_NAMED = "mutation_id IN (SELECT value FROM json_each(?))"

#: Kind of the problem of what was set aside because something it follows was not taken.
DEPENDENCY = "dependency"

#: How a mutation ends that what follows it may build on.
_TAKEN = (Status.APPLIED.value, Status.MERGED.value)


class Outbox:
    """Reads and writes the queue."""

    def __init__(self, connection: Connection, projection: Projection, blobs: Blobs, clock: ClockOff) -> None:
        self._connection = connection
        self._clock = clock
        self._projection = projection
        self._blobs = blobs

    def enqueue(
        self,
        mutation: Mutation,
        label: str,
        detail: str = "",
        draft: str | None = None,
        blobs: Iterable[str] = (),
        clock_off: int | None = None,
    ) -> Item | None:
        """Queue a mutation; it is on the disk when the outermost transaction ends.

        An edit of a record whose last open item is an edit that was never sent becomes part of that one. Returns the
        item it is in now; None when it took the queued edit back and nothing is left to send. `clock_off`: that of what
        is entered again; otherwise it is what is known now.
        """
        with self._connection.transaction():
            named = tuple(blobs)
            last = self._last_open(mutation.gid)
            if last is not None and not named and draft == last.draft and _joins(last, mutation):
                item = self._join(last, mutation, label, detail)
            else:
                self._insert(mutation, label, detail, draft, named, clock_off)
                item = self._expect(mutation.mutation_id)
            self._projection.refresh(mutation.gid)
            self._connection.failpoints.reached(StorePoint.ENQUEUED)
            return item

    def get(self, mutation_id: str) -> Item | None:
        """Return an open item."""
        found = self._where("mutation_id = ? AND state <> 'settled'", (mutation_id,))
        return found[0] if found else None

    def open_items(self) -> list[Item]:
        """Return everything that is not settled, in the user's order."""
        return self._where("state <> 'settled'", ())

    def of_records(self, gids: Iterable[str]) -> list[Item]:
        """Return the open items of these records, in the user's order."""
        return self._read(
            # CROSS JOIN has SQLite begin with the gids, of which there are few, and not with all that is open.
            f"SELECT {ITEM} FROM json_each(?) AS wanted CROSS JOIN outbox ON outbox.gid = wanted.value"
            " WHERE state <> 'settled' ORDER BY seq",
            (json.dumps([*dict.fromkeys(gids)]),),
        )

    def pending(self, gid: str) -> list[Item]:
        """Return the open items of one record, in the user's order."""
        return self._where("gid = ? AND state <> 'settled'", (gid,))

    def of_draft(self, draft: str) -> list[Item]:
        """Return the open items that a draft was handed in with."""
        return self._where("draft = ? AND state <> 'settled'", (draft,))

    def sendable(self, now: datetime) -> list[Item]:
        """Return what may be sent by its state and time; dependencies and blobs are the planner's to weigh."""
        return self._where(
            "state = 'queued' OR (state = 'deferred' AND (due_at IS NULL OR due_at <= ?))", (stamp(now),)
        )

    def counts(self) -> dict[ItemState, int]:
        """Return the number of open items by state."""
        rows = self._connection.rows(
            "SELECT state, count(*) FROM outbox WHERE state <> 'settled' GROUP BY state"
        )
        return {ItemState(state): count for state, count in rows}

    def mark_sending(self, ids: Sequence[str]) -> list[Mutation]:
        """Freeze the bodies and count the attempt, before the first byte leaves; return what is to be sent.

        That is in the order of `ids` and as it stands now: what was taken back meanwhile is left out. The hash of each
        is kept: the history drops base values, and a receipt is of all that was sent.
        """
        with self._connection.transaction():
            found = self._connection.rows(
                "UPDATE outbox SET state = 'sending', frozen = 1, attempts = attempts + 1, problem = NULL"
                f" WHERE {_NAMED} AND state IN ('queued', 'deferred', 'sending') RETURNING mutation_id, gid, body",
                (json.dumps([*ids]),),
            )
            self._projection.show_sending([gid for _, gid, _ in found])
            bodies = {mutation_id: body for mutation_id, _, body in found}
            sent = [self._projection.bodies.read(bodies[name]) for name in ids if name in bodies]
            self._connection.run_many(
                "UPDATE outbox SET body_hash = ? WHERE mutation_id = ? AND body_hash = ''",
                [(hash_of_sent(mutation), mutation.mutation_id) for mutation in sent],
            )
        return sent

    def release(self, ids: Sequence[str]) -> None:
        """Queue again what was being sent: nobody knows whether it arrived, so it stays frozen and is sent as it is."""
        self._queue_again(f"{_NAMED} AND state <> 'settled'", (json.dumps([*ids]),))

    def release_sending(self) -> int:
        """Queue again whatever a crash or a cut left in sending; return how many."""
        return self._queue_again("state = 'sending'", ())

    def _queue_again(self, where: str, params: tuple[Any, ...]) -> int:
        with self._connection.transaction():
            rows = self._connection.rows(
                f"UPDATE outbox SET state = 'queued', due_at = NULL WHERE {where} RETURNING gid", params
            )
            self._projection.refresh_many(gid for (gid,) in rows)
            return len(rows)

    def defer(
        self, mutation_id: str, due_at: datetime | None, reason: str, since: datetime | None = None
    ) -> None:
        """Wait until `due_at` (None: until the next cycle); `reason` is for the user.

        `since`: what the clock showed then. Should it show less later, it was set back and the wait is over.
        """
        problem = {"kind": "deferred", "message": reason}
        if since is not None:
            problem["since"] = stamp(since)
        self._update(
            mutation_id,
            "state = 'deferred', due_at = ?, problem = ?",
            (stamp_or_none(due_at), json.dumps(problem, ensure_ascii=False)),
        )

    def quarantine(self, mutation_id: str, problem: Mapping[str, Any], receipt: str = "") -> None:
        """Set an item aside until a person acts; `problem["kind"]` says why, `receipt` attests the answer."""
        if not problem.get("kind"):
            raise ValueError("a problem needs its kind")
        text = json.dumps(dict(problem), ensure_ascii=False)
        assignment = (
            "state = 'quarantined', due_at = NULL, problem = ?, receipt = coalesce(nullif(?, ''), receipt)"
        )
        self._update(mutation_id, assignment, (text, receipt))

    def settle(
        self,
        mutation_id: str,
        status: str,
        now: datetime,
        receipt: str = "",
        problem: Mapping[str, Any] | None = None,
    ) -> None:
        """Move an item to the history with its outcome, without its base values; a receipt it has stays with it."""
        with self._connection.transaction():
            item = self._expect(mutation_id)
            body = _without_base(item.mutation)
            self._update(mutation_id, _SETTLE, (status, stamp(now), receipt, _json_or_none(problem), body))

    def settle_many(self, endings: Sequence[tuple[Mutation, str, str]], now: datetime) -> None:
        """Move open items to the history with their outcome and receipt; their records are the caller's to refresh."""
        at = stamp(now)
        rows = [
            (status, at, receipt, None, _without_base(mutation), mutation.mutation_id)
            for mutation, status, receipt in endings
        ]
        self._connection.run_many(f"UPDATE outbox SET {_SETTLE} WHERE mutation_id = ?", rows)

    def rebase(self, mutation_id: str, base: Mapping[str, Any]) -> None:
        """Put values into what an unsent item takes for seen. Raises ValueError when it is frozen."""
        item = self._expect(mutation_id)
        self.rewrite(item.mutation.model_copy(update={"base": {**item.mutation.base, **base}}))

    def rebase_after_loss(self, lost: Item) -> None:
        """After a patch had no effect, let unsent successors take over what it had seen of the fields they share."""
        with self._connection.transaction():
            open_fields = dict(lost.mutation.base)
            for item in self.pending(lost.mutation.gid):
                shared = [name for name in open_fields if name in item.mutation.changes]
                if item.seq > lost.seq and item.mutation.kind is Kind.PATCH and shared and not item.frozen:
                    self.rebase(item.mutation.mutation_id, {name: open_fields.pop(name) for name in shared})

    def rewrite(self, mutation: Mutation) -> None:
        """Replace the body of an unsent item. Raises ValueError when it is frozen."""
        with self._connection.transaction():
            if self._expect(mutation.mutation_id).frozen:
                raise ValueError("a body that may have been sent cannot change")
            self._update(mutation.mutation_id, "body = ?", (mutation.model_dump_json(),))

    def relabel(self, mutation_id: str, label: str, detail: str) -> None:
        """Change the words under which an item is listed."""
        self._update(mutation_id, "label = ?, detail = ?", (label, detail))

    def cancel(self, mutation_id: str, now: datetime) -> tuple[Item, ...]:
        """Take back an unsent item and what cannot do without it; return them, or () when one was sent already."""
        with self._connection.transaction():
            item = self.get(mutation_id)
            if item is None:
                return ()
            going = self._with_dependents(item)
            if any(one.frozen for one in going):
                return ()
            for one in going:
                self._end(one, Ending.CANCELLED, now)
            return tuple(going)

    def discard(self, mutation_id: str, now: datetime) -> None:
        """Give up an item that is not being sent. Raises ValueError when it is."""
        with self._connection.transaction():
            item = self._expect(mutation_id)
            if item.state is ItemState.SENDING:
                raise ValueError("it is being sent")
            self._end(item, Ending.DISCARDED, now)
            if item.problem is not None and item.problem.get("kind") == "revoked":
                # Of a record that is not this user's to see, the history keeps nothing either.
                self._connection.run("DELETE FROM outbox WHERE mutation_id = ?", (mutation_id,))

    def retry(self, mutation_id: str, new_id: str, now: datetime) -> Item:
        """Queue a quarantined item again; it no longer waits for what was not taken.

        The gateway answers an id that it has rejected with that same answer, so the intent is expressed anew then:
        under `new_id`, superseding the old one. Raises ValueError for what was revoked.
        """
        with self._connection.transaction():
            item = self._expect(mutation_id)
            kind = (item.problem or {}).get("kind")
            if kind == "revoked":
                raise ValueError("what is no longer visible cannot be sent")
            waits = self._waits_for_still(item.mutation)
            if kind != "rejected" and not (kind == DEPENDENCY and item.frozen):
                if not item.frozen:
                    self.rewrite(item.mutation.model_copy(update={"depends_on": waits}))
                self._update(mutation_id, "state = 'queued', due_at = NULL, problem = NULL", ())
                self._put_behind(mutation_id, waits)
                return self._expect(mutation_id)
            anew = {
                "mutation_id": new_id,
                "supersedes": mutation_id,
                "captured_at": now,
                "depends_on": waits,
            }
            self.settle(mutation_id, Ending.SUPERSEDED, now, problem=item.problem)
            self._insert(
                item.mutation.model_copy(update=anew), item.label, item.detail, item.draft, item.blobs
            )
            self._projection.refresh(item.mutation.gid)
            return self._expect(new_id)

    def stranded(self) -> list[Item]:
        """Return what was set aside since something it follows was not taken, in the user's order."""
        return self._where("state = 'quarantined' AND json_extract(problem, '$.kind') = ?", (DEPENDENCY,))

    def _put_behind(self, mutation_id: str, waits: Sequence[str]) -> None:
        """Put an item behind what it waits for: that was expressed anew, so it comes later in the user's order."""
        self._connection.run(
            "UPDATE outbox SET seq = (SELECT max(seq) + 1 FROM outbox) WHERE mutation_id = ?1"
            f" AND seq < (SELECT max(seq) FROM outbox WHERE {_NAMED.replace('?', '?2')})",
            (mutation_id, json.dumps([*waits])),
        )

    def _waits_for_still(self, mutation: Mutation) -> tuple[str, ...]:
        """Its dependencies as they stand now: under the id they were sent anew with, and without what was not taken."""
        found: dict[str, None] = {}
        for need in mutation.depends_on:
            name, settled = need, self.settled(need)
            while settled is not None and settled.status not in _TAKEN and (later := self._anew(name)):
                name, settled = later, self.settled(later)
            if settled is None or settled.status in _TAKEN:
                found[name] = None
        return tuple(found)

    def _anew(self, mutation_id: str) -> str | None:
        later: str | None = self._connection.value(
            "SELECT mutation_id FROM outbox WHERE supersedes = ? ORDER BY seq DESC LIMIT 1", (mutation_id,)
        )
        return later

    def history(self, limit: int) -> list[Settled]:
        """Return what was settled, newest first."""
        rows = self._connection.rows(
            f"SELECT {SETTLED} FROM outbox WHERE state = 'settled' ORDER BY settled_at DESC, seq DESC LIMIT ?",
            (limit,),
        )
        return [settled_of(row) for row in rows]

    def history_of(self, gid: str) -> list[Settled]:
        """Return what was settled of one record, newest first."""
        rows = self._connection.rows(
            f"SELECT {SETTLED} FROM outbox WHERE state = 'settled' AND gid = ? ORDER BY settled_at DESC, seq DESC",
            (gid,),
        )
        return [settled_of(row) for row in rows]

    def settled(self, mutation_id: str) -> Settled | None:
        """Return one mutation of the history."""
        row = self._connection.row(
            f"SELECT {SETTLED} FROM outbox WHERE state = 'settled' AND mutation_id = ?", (mutation_id,)
        )
        return None if row is None else settled_of(row)

    def purge_history(self, before: datetime) -> int:
        """Drop what was settled before that moment; return how many. Commands with a receipt stay, as evidence."""
        with self._connection.transaction():
            return self._connection.run(
                "DELETE FROM outbox WHERE state = 'settled' AND settled_at < ?"
                " AND NOT (kind = 'command' AND receipt <> '')",
                (stamp(before),),
            )

    def _insert(
        self,
        mutation: Mutation,
        label: str,
        detail: str,
        draft: str | None,
        blobs: tuple[str, ...],
        clock_off: int | None = None,
    ) -> None:
        off = self._clock.minutes(mutation.captured_at) if clock_off is None else clock_off
        self._connection.run(
            "INSERT INTO outbox(mutation_id, entity, gid, kind, state, body, captured_at, label, detail, draft,"
            " supersedes, blobs, clock_off) VALUES(?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                mutation.mutation_id,
                mutation.entity,
                mutation.gid,
                mutation.kind,
                mutation.model_dump_json(),
                stamp(mutation.captured_at),
                label,
                detail,
                draft,
                mutation.supersedes,
                json.dumps(blobs),
                off,
            ),
        )

    def _join(self, last: Item, mutation: Mutation, label: str, detail: str) -> Item | None:
        joined = last.mutation.model_copy(
            update={
                "changes": {**last.mutation.changes, **mutation.changes},
                "base": {**mutation.base, **last.mutation.base},
                "depends_on": tuple(dict.fromkeys((*last.mutation.depends_on, *mutation.depends_on))),
                "captured_at": mutation.captured_at,
            }
        )
        if all(same(value, joined.base.get(name)) for name, value in joined.changes.items()):
            self._connection.run("DELETE FROM outbox WHERE seq = ?", (last.seq,))
            return None
        self._connection.run(
            "UPDATE outbox SET body = ?, captured_at = ?, clock_off = ?, label = ?, detail = ? WHERE seq = ?",
            (
                joined.model_dump_json(),
                stamp(joined.captured_at),
                self._clock.minutes(joined.captured_at),
                label,
                detail,
                last.seq,
            ),
        )
        return self._expect(last.mutation.mutation_id)

    def _with_dependents(self, item: Item) -> list[Item]:
        """The item and every open one that waits for it, or that tells of a record which it was to create."""
        going = [item]
        for one in self.open_items():
            gone = {other.mutation.mutation_id for other in going}
            born = {other.mutation.gid for other in going if other.mutation.kind is Kind.CREATE}
            tells_of = {one.mutation.gid, one.mutation.changes.get("parent")}
            if one.mutation.mutation_id not in gone and (
                gone & {*one.mutation.depends_on} or born & tells_of
            ):
                going.append(one)
        return going

    def _end(self, item: Item, ending: Ending, now: datetime) -> None:
        if item.mutation.kind is Kind.PATCH:
            self.rebase_after_loss(item)
        self.settle(item.mutation.mutation_id, ending, now, problem=item.problem)
        self._blobs.release(item.blobs)

    def _update(self, mutation_id: str, assignment: str, params: tuple[Any, ...]) -> None:
        with self._connection.transaction():
            gid = self._expect(mutation_id).mutation.gid
            self._connection.run(
                f"UPDATE outbox SET {assignment} WHERE mutation_id = ?", (*params, mutation_id)
            )
            self._projection.refresh(gid)

    def _last_open(self, gid: str) -> Item | None:
        found = self.pending(gid)
        return found[-1] if found else None

    def _expect(self, mutation_id: str) -> Item:
        item = self.get(mutation_id)
        if item is None:
            raise KeyError(mutation_id)
        return item

    def _where(self, where: str, params: tuple[Any, ...]) -> list[Item]:
        return self._read(f"SELECT {ITEM} FROM outbox WHERE {where} ORDER BY seq", params)

    def _read(self, query: str, params: tuple[Any, ...]) -> list[Item]:
        bodies = self._projection.bodies
        return [item_of(row, bodies.read(row[1])) for row in self._connection.rows(query, params)]


def _joins(last: Item, mutation: Mutation) -> bool:
    """Whether an edit can become part of the record's last open item: both are edits, and that one never left."""
    return (
        last.state is ItemState.QUEUED
        and not last.frozen
        and last.mutation.kind is Kind.PATCH
        and mutation.kind is Kind.PATCH
        and mutation.supersedes is None
    )


def _without_base(mutation: Mutation) -> str:
    return mutation.model_copy(update={"base": {}}).model_dump_json()


def _json_or_none(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(dict(value), ensure_ascii=False)
