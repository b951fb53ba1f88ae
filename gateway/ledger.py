"""The ledger: what was asked for, under which id, and what became of it.

An entry is `received` before the source system is called and `done` together with the feed rows of its effect. The
same id with the same body gives its outcome again; with another body it is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, or_, select, update

from app.contract.canonical import canonical, content_hash
from app.contract.mutations import Kind, Mutation, Outcome
from gateway.bulk import run_many
from gateway.tables import lease, ledger


class State(StrEnum):
    """Where an entry stands."""

    RECEIVED = "received"
    DONE = "done"


@dataclass(frozen=True)
class Entry:
    """One mutation as the ledger holds it. `stored` is the outcome without its record."""

    seq: int
    user: str
    mutation_id: str
    device: str
    body_hash: str
    gid: str
    mutation: Mutation
    state: State
    failures: int
    captured_at: datetime
    received_at: datetime
    written_at: datetime | None
    stored: Outcome | None
    leaf: str | None


_BY_IDS = select(ledger).where(
    ledger.c.user_id == bindparam("user"), ledger.c.mutation_id.in_(bindparam("ids", expanding=True))
)
_NUMBERS = select(ledger.c.mutation_id, ledger.c.seq).where(
    ledger.c.user_id == bindparam("user"), ledger.c.mutation_id.in_(bindparam("ids", expanding=True))
)
_DONE = select(ledger).where(
    ledger.c.seq.in_(bindparam("seqs", expanding=True)), ledger.c.state == State.DONE.value
)
_RECEIVE = insert(ledger)
_SETTLE = update(ledger).where(ledger.c.seq == bindparam("this"))
_FIRST_OPEN = (
    select(ledger.c.gid, func.min(ledger.c.seq).label("seq"))
    .where(
        ledger.c.gid.in_(bindparam("gids", expanding=True)),
        ledger.c.user_id == bindparam("user"),
        ledger.c.state == State.RECEIVED.value,
    )
    .group_by(ledger.c.gid)
)
_OPEN = select(ledger.c.seq).where(
    ledger.c.user_id == bindparam("user"), ledger.c.state == State.RECEIVED.value
)
_BEING_MADE = select(ledger.c.gid).where(
    ledger.c.gid.in_(bindparam("gids", expanding=True)),
    ledger.c.user_id == bindparam("user"),
    ledger.c.state == State.RECEIVED.value,
    ledger.c.kind.in_((Kind.CREATE.value, Kind.APPEND.value)),
)
_FORGET_LEASES = delete(lease).where(
    lease.c.gid.in_(bindparam("gids", expanding=True)), lease.c.until <= bindparam("now")
)
_LEASED = select(lease.c.gid).where(lease.c.gid.in_(bindparam("gids", expanding=True)))
_LEASE = insert(lease)
_RENEW = update(lease).where(lease.c.gid == bindparam("this"), lease.c.holder == bindparam("held_by"))
_RELEASE = delete(lease).where(
    lease.c.gid.in_(bindparam("gids", expanding=True)), lease.c.holder == bindparam("held_by")
)


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    return Entry(
        seq=row.seq,
        user=row.user_id,
        mutation_id=row.mutation_id,
        device=row.device,
        body_hash=row.body_hash,
        gid=row.gid,
        mutation=Mutation.model_validate_json(row.body),
        state=State(row.state),
        failures=row.failures,
        captured_at=row.captured_at,
        received_at=row.received_at,
        written_at=row.written_at,
        stored=Outcome.model_validate_json(row.outcome) if row.outcome else None,
        leaf=row.leaf,
    )


def find(connection: Connection, user: str, mutation_id: str) -> Entry | None:
    """Return a user's entry of that id. Another user's entry of the same id is none of theirs."""
    row = connection.execute(
        select(ledger).where(ledger.c.user_id == user, ledger.c.mutation_id == mutation_id)
    ).first()
    return None if row is None else _entry(row)


def find_many(connection: Connection, user: str, mutation_ids: Collection[str]) -> dict[str, Entry]:
    """Return a user's entries of these ids, as far as there are any."""
    rows = connection.execute(_BY_IDS, {"user": user, "ids": list(mutation_ids)})
    return {row.mutation_id: _entry(row) for row in rows}


def done_already(connection: Connection, entries: Sequence[Entry]) -> dict[int, Entry]:
    """Return by `seq` those of these entries that have been settled meanwhile."""
    rows = connection.execute(_DONE, {"seqs": [entry.seq for entry in entries]})
    return {row.seq: _entry(row) for row in rows}


@dataclass(frozen=True)
class Asked:
    """A mutation as it was sent, with its one byte form and the hash of that."""

    mutation: Mutation
    body: str
    body_hash: str

    @classmethod
    def of(cls, mutation: Mutation) -> Asked:
        """Raises ValueError for what has no one byte form: floats, half surrogates."""
        body = canonical(mutation.model_dump(mode="json"))
        return cls(mutation, body, content_hash(body))


def receive(
    connection: Connection, user: str, device: str, asked: Sequence[Asked], now: datetime
) -> dict[str, Entry]:
    """Write down mutations that were not known. Returns their entries by mutation id."""
    if not asked:
        return {}
    rows = [
        {
            "user_id": user,
            "mutation_id": one.mutation.mutation_id,
            "device": device,
            "body_hash": one.body_hash,
            "entity": one.mutation.entity,
            "gid": one.mutation.gid,
            "kind": one.mutation.kind.value,
            "body": one.body,
            "state": State.RECEIVED.value,
            "failures": 0,
            "captured_at": one.mutation.captured_at,
            "received_at": now,
        }
        for one in asked
    ]
    run_many(connection, _RECEIVE, rows)
    ids = [one.mutation.mutation_id for one in asked]
    numbers = {row.mutation_id: row.seq for row in connection.execute(_NUMBERS, {"user": user, "ids": ids})}
    return {
        one.mutation.mutation_id: Entry(
            seq=numbers[one.mutation.mutation_id],
            user=user,
            mutation_id=one.mutation.mutation_id,
            device=device,
            body_hash=one.body_hash,
            gid=one.mutation.gid,
            mutation=one.mutation,
            state=State.RECEIVED,
            failures=0,
            captured_at=one.mutation.captured_at,
            received_at=now,
            written_at=None,
            stored=None,
            leaf=None,
        )
        for one in asked
    }


@dataclass(frozen=True)
class Ending:
    """What became of an entry. `leaf`: what its receipt attests, hashed."""

    entry: Entry
    outcome: Outcome
    leaf: str
    written_at: datetime | None


def settle(connection: Connection, endings: Sequence[Ending], batch: str, paths: Sequence[str]) -> None:
    """Write down what became of entries, with their paths to the root of the signed batch.

    Records are left out, since a repeated answer carries the present one.
    """
    rows = [
        {
            "this": ending.entry.seq,
            "state": State.DONE.value,
            "outcome": ending.outcome.model_copy(update={"record": None}).model_dump_json(),
            "leaf": ending.leaf,
            "written_at": ending.written_at,
            "due_at": None,
            "batch": batch,
            "path": path,
        }
        for ending, path in zip(endings, paths, strict=True)
    ]
    run_many(connection, _SETTLE, rows)


def postpone(connection: Connection, entry: Entry, due_at: datetime, *, failed: bool) -> None:
    """Leave an entry for later."""
    failures = ledger.c.failures + (1 if failed else 0)
    connection.execute(
        update(ledger).where(ledger.c.seq == entry.seq).values(due_at=due_at, failures=failures)
    )


def put_off(connection: Connection, entry: Entry, now: datetime, due_at: datetime) -> None:
    """Let others go first before an entry that had its turn and could not be taken up; nothing if it was postponed."""
    still_due = or_(ledger.c.due_at.is_(None), ledger.c.due_at <= now)
    connection.execute(update(ledger).where(ledger.c.seq == entry.seq, still_due).values(due_at=due_at))


def waiting(connection: Connection, now: datetime, limit: int) -> list[Entry]:
    """Return received entries whose time has come, that nobody works on and that wait for nothing of their record's.

    Users take turns, so that one who has much waiting keeps nobody else waiting: everybody's longest due one first,
    then everybody's next.
    """
    earlier = ledger.alias("earlier")
    worked_on = exists().where(lease.c.gid == ledger.c.gid, lease.c.until > now)
    behind = exists().where(
        earlier.c.gid == ledger.c.gid,
        earlier.c.user_id == ledger.c.user_id,
        earlier.c.state == State.RECEIVED.value,
        earlier.c.seq < ledger.c.seq,
    )
    since = func.coalesce(ledger.c.due_at, ledger.c.received_at)
    turn = func.row_number().over(partition_by=ledger.c.user_id, order_by=(since, ledger.c.seq))
    due = (
        select(ledger.c.seq, since.label("since"), turn.label("turn"))
        .where(ledger.c.state == State.RECEIVED.value, or_(ledger.c.due_at.is_(None), ledger.c.due_at <= now))
        .where(~worked_on, ~behind)
        .subquery()
    )
    rows = connection.execute(
        select(ledger)
        .join(due, due.c.seq == ledger.c.seq)
        .order_by(due.c.turn, due.c.since, due.c.seq)
        .limit(limit)
    )
    return [_entry(row) for row in rows]


def open_count(connection: Connection, user: str, most: int) -> int:
    """Return how many things this user asked for are not done yet; counting ends at `most`."""
    some = _OPEN.limit(most).subquery()
    found: int = connection.execute(select(func.count()).select_from(some), {"user": user}).scalar_one()
    return found


def due_at_once(connection: Connection) -> None:
    """Let everything that is not done be tried now, whenever it would have been due."""
    still_open = (ledger.c.state == State.RECEIVED.value) & ledger.c.due_at.is_not(None)
    connection.execute(update(ledger).where(still_open).values(due_at=None))


def first_receipts(connection: Connection, gids: Collection[str]) -> dict[str, tuple[datetime, datetime]]:
    """Return, by record, when its creation was received here, and when it was captured by the client's clock."""
    made = select(ledger.c.gid, ledger.c.received_at, ledger.c.captured_at).where(
        ledger.c.gid.in_(list(gids)), ledger.c.kind == Kind.CREATE.value
    )
    rows = connection.execute(made.order_by(ledger.c.seq.desc()))
    return {row.gid: (row.received_at, row.captured_at) for row in rows}


def first_open(connection: Connection, user: str, gids: Collection[str]) -> dict[str, int]:
    """Return, by record, the `seq` of the first thing this user asked for that is not done yet."""
    found = connection.execute(_FIRST_OPEN, {"gids": list(gids), "user": user})
    return {row.gid: row.seq for row in found}


def being_made(connection: Connection, user: str, gids: Collection[str]) -> frozenset[str]:
    """Return those of these gids whose record is on its way: this user asked to make it and it is not done yet."""
    if not gids:
        return frozenset()
    return frozenset(connection.execute(_BEING_MADE, {"gids": list(gids), "user": user}).scalars())


def held_by_others(connection: Connection, gids: Collection[str], now: datetime) -> set[str]:
    """Return those of these records that somebody is working on; leases that have run out are thrown away."""
    connection.execute(_FORGET_LEASES, {"gids": list(gids), "now": now})
    return set(connection.execute(_LEASED, {"gids": list(gids)}).scalars())


def take_leases(
    connection: Connection, gids: Collection[str], holder: str, now: datetime, length: timedelta
) -> None:
    """Reserve records nobody holds for one writer."""
    until = now + length
    run_many(connection, _LEASE, [{"gid": gid, "holder": holder, "until": until} for gid in gids])


def renew_lease(connection: Connection, gid: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Let a lease begin anew. False: it is not the holder's any more, since it ran out and was thrown away."""
    found = connection.execute(_RENEW, {"this": gid, "held_by": holder, "until": now + length})
    return found.rowcount == 1


def release_leases(connection: Connection, gids: Collection[str], holder: str) -> None:
    """Give records back."""
    connection.execute(_RELEASE, {"gids": list(gids), "held_by": holder})


def release_all(connection: Connection) -> None:
    """Give every record back: for the start of the only process that writes."""
    connection.execute(delete(lease))
