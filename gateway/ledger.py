"""The ledger: what was asked for, under which id, and what became of it.

An entry is `received` before the source system is called and `done` together with the feed rows of its effect. The
same id with the same body gives its outcome again; with another body it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from app.contract.mutations import Kind, Mutation, Outcome
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
    body: str
    state: State
    failures: int
    captured_at: datetime
    received_at: datetime
    written_at: datetime | None
    stored: Outcome | None
    leaf: str | None

    @cached_property
    def mutation(self) -> Mutation:
        """The mutation as it was sent."""
        return Mutation.model_validate_json(self.body)


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    return Entry(
        seq=row.seq,
        user=row.user_id,
        mutation_id=row.mutation_id,
        device=row.device,
        body_hash=row.body_hash,
        gid=row.gid,
        body=row.body,
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


def receive(connection: Connection, user: str, device: str, mutation: Mutation, now: datetime) -> Entry:
    """Write down a mutation that was not known."""
    connection.execute(
        insert(ledger).values(
            user_id=user,
            mutation_id=mutation.mutation_id,
            device=device,
            body_hash=mutation.body_hash(),
            entity=mutation.entity,
            gid=mutation.gid,
            kind=mutation.kind.value,
            body=mutation.model_dump_json(),
            state=State.RECEIVED.value,
            failures=0,
            captured_at=mutation.captured_at,
            received_at=now,
        )
    )
    entry = find(connection, user, mutation.mutation_id)
    assert entry is not None
    return entry


def settle(
    connection: Connection, entry: Entry, outcome: Outcome, leaf: str, written_at: datetime | None
) -> None:
    """Write down what became of it; the record is left out, since a repeated answer carries the present one."""
    bare = outcome.model_copy(update={"record": None})
    connection.execute(
        update(ledger)
        .where(ledger.c.seq == entry.seq)
        .values(
            state=State.DONE.value,
            outcome=bare.model_dump_json(),
            leaf=leaf,
            written_at=written_at,
            due_at=None,
        )
    )


def postpone(connection: Connection, entry: Entry, due_at: datetime, *, failed: bool) -> None:
    """Leave an entry for later."""
    failures = ledger.c.failures + (1 if failed else 0)
    connection.execute(
        update(ledger).where(ledger.c.seq == entry.seq).values(due_at=due_at, failures=failures)
    )


def waiting(connection: Connection, now: datetime, limit: int) -> list[Entry]:
    """Return received entries whose time has come, oldest first."""
    rows = connection.execute(
        select(ledger)
        .where(ledger.c.state == State.RECEIVED.value, or_(ledger.c.due_at.is_(None), ledger.c.due_at <= now))
        .order_by(ledger.c.seq)
        .limit(limit)
    )
    return [_entry(row) for row in rows]


def earlier_open(connection: Connection, user: str, gid: str, entry: Entry | None) -> bool:
    """Tell whether this user asked for something on the same record before `entry` that is not done yet.

    `entry` None: a mutation that was not known until now.
    """
    found = select(ledger.c.seq).where(
        ledger.c.gid == gid, ledger.c.user_id == user, ledger.c.state == State.RECEIVED.value
    )
    if entry:
        found = found.where(ledger.c.seq < entry.seq)
    return connection.execute(found.limit(1)).first() is not None


def being_made(connection: Connection, user: str, gid: str) -> bool:
    """Tell whether a record of that gid is on its way: this user asked to make it and it is not done yet."""
    found = select(ledger.c.seq).where(
        ledger.c.gid == gid,
        ledger.c.user_id == user,
        ledger.c.state == State.RECEIVED.value,
        ledger.c.kind.in_((Kind.CREATE.value, Kind.APPEND.value)),
    )
    return connection.execute(found.limit(1)).first() is not None


def take_lease(connection: Connection, gid: str, holder: str, now: datetime, length: timedelta) -> bool:
    """Reserve a record for one writer. Returns False while somebody else holds it."""
    connection.execute(delete(lease).where(lease.c.gid == gid, lease.c.until <= now))
    held = connection.execute(select(lease.c.holder).where(lease.c.gid == gid)).scalar()
    if held is not None:
        return bool(held == holder)
    connection.execute(insert(lease).values(gid=gid, holder=holder, until=now + length))
    return True


def release_lease(connection: Connection, gid: str, holder: str) -> None:
    """Give a record back."""
    connection.execute(delete(lease).where(lease.c.gid == gid, lease.c.holder == holder))


def release_all(connection: Connection) -> None:
    """Give every record back: for the start of the only process that writes."""
    connection.execute(delete(lease))
