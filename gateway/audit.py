"""The audit log: who did what, when and from where, written in the transaction of what it tells.

It is only ever appended to. Entries name records, accounts, devices and the fields that were touched, never the
values of records, and no secret. How the chain holds together: `audit_chain`; how it is checked: `audit_walk`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, bindparam, insert, select, update

from app.contract.canonical import canonical
from gateway.audit_chain import FOREIGN_HEAD, Checkpoint, Head, Line, Seal, link
from gateway.bulk import run_many
from gateway.clock import Clock
from gateway.ledger import Ending
from gateway.logs import cleaned
from gateway.tables import audit, audit_checkpoint, audit_head

log = structlog.get_logger(__name__)

#: A checkpoint is signed after so many entries, and with the next entry once so much time has passed.
CHECKPOINT_ENTRIES = 1_000
CHECKPOINT_TIME = timedelta(hours=1)

#: Characters one text among the facts may have, and all of an entry's facts together.
_TEXT_MOST = 300
_FACTS_MOST = 4_000

_ONLY_ROW = 1
_HEAD = select(audit_head).where(audit_head.c.id == _ONLY_ROW).with_for_update()
_MOVE = update(audit_head).where(audit_head.c.id == bindparam("this"))
_ADD = insert(audit)


@dataclass(frozen=True)
class Deed:
    """Something to be noted. What the members mean: `audit_chain.Line`."""

    event: str
    actor: str = ""
    device: str = ""
    companies: Sequence[str] = ()
    entity: str = ""
    subject: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


class Trail:
    """Appends to the audit log."""

    def __init__(self, clock: Clock, secret: bytes, signing: Ed25519PrivateKey) -> None:
        self._clock = clock
        self.seal = Seal(secret, signing)

    def note(
        self,
        connection: Connection,
        event: str,
        *,
        user: str | None = "",
        device: str | None = "",
        companies: Sequence[str] = (),
        entity: str = "",
        subject: str = "",
        **facts: object,
    ) -> None:
        """Note one thing a user or the gateway did, in the transaction that does it."""
        deed = Deed(event, user or "", device or "", companies, entity, subject, facts)
        self.note_many(connection, (deed,))

    def note_staff(
        self,
        connection: Connection,
        staff: str,
        event: str,
        *,
        companies: Sequence[str] = (),
        entity: str = "",
        subject: str = "",
        **facts: object,
    ) -> None:
        """Note what a member of the vendor's staff did. `staff`: their login at the console."""
        self.note_many(
            connection, (Deed(event, f"staff:{staff}", "console", companies, entity, subject, facts),)
        )

    def note_many(self, connection: Connection, deeds: Sequence[Deed]) -> None:
        """Note several things, in this order: one statement for all of them."""
        if not deeds:
            return
        now = self._clock.now()
        before, mac = _head(connection)
        head, rows = before or Head(), []
        if before and not self.seal.is_ours(before, mac):
            # It gets this gateway's seal now. That it did not have it must not be forgotten by that.
            log.critical("audit log was ended by somebody else", entry=before.seq)
            deeds = (Deed(FOREIGN_HEAD, facts={"entry": before.seq}), *deeds)
        for deed in deeds:
            line = _line(head.seq + 1, now, deed)
            digest = link(head.hash, line)
            rows.append({**vars(line), "previous": head.hash, "hash": digest})
            head = Head(line.seq, digest, head.marked, head.marked_at)
        run_many(connection, _ADD, rows)
        if _is_due(head, now):
            head, checkpoint = self.seal.sign(head, now)
            connection.execute(insert(audit_checkpoint).values(**vars(checkpoint)))
        values = {**vars(head), "mac": self.seal.mac(head)}
        if before is None:
            connection.execute(insert(audit_head).values(id=_ONLY_ROW, **values))
        else:
            run_many(connection, _MOVE, [{"this": _ONLY_ROW, **values}])


def settled(endings: Sequence[Ending], companies: Sequence[str]) -> list[Deed]:
    """Return what is noted of mutations that were settled: the names of the fields they touch, not their values."""
    return [_settled(ending, companies) for ending in endings]


def _settled(ending: Ending, companies: Sequence[str]) -> Deed:
    entry, mutation, outcome = ending.entry, ending.entry.mutation, ending.outcome
    command = mutation.command
    facts: dict[str, object] = {
        "mutation": entry.mutation_id,
        "kind": mutation.kind.value,
        "outcome": outcome.status.value,
        "fields": sorted(command.args if command else mutation.changes),
        "body": entry.body_hash,
        "written": ending.written_at is not None,
    }
    if command:
        facts["command"] = command.name
    if outcome.problem:
        facts["reason"] = outcome.problem.code
    if outcome.clashes:
        facts["clashes"] = sorted(clash.group for clash in outcome.clashes)
    return Deed("mutation", entry.user, entry.device, companies, mutation.entity, entry.gid, facts)


def latest_checkpoint(connection: Connection) -> Checkpoint | None:
    """Return the newest checkpoint: what is kept outside the database proves all entries up to it."""
    newest = select(audit_checkpoint).order_by(audit_checkpoint.c.seq.desc()).limit(1)
    row = connection.execute(newest).first()
    return None if row is None else Checkpoint(row.seq, row.hash, row.at, row.key, row.signature)


def tell_checkpoint(connection: Connection) -> None:
    """Put the newest checkpoint into the log, which is kept elsewhere: `audit verify --anchor` holds the log to it."""
    checkpoint = latest_checkpoint(connection)
    if checkpoint:
        log.info(
            "audit checkpoint", anchor=f"{checkpoint.seq}:{checkpoint.hash}", signature=checkpoint.signature
        )


def length(connection: Connection) -> int:
    """Return how many entries there are."""
    return int(connection.execute(select(audit_head.c.seq)).scalar() or 0)


def _head(connection: Connection) -> tuple[Head | None, str]:
    """Return the head with its code, locked until the transaction ends, so that no two entries follow the same one."""
    row = connection.execute(_HEAD).first()
    return (None, "") if row is None else (Head(row.seq, row.hash, row.marked, row.marked_at), row.mac)


def _is_due(head: Head, now: datetime) -> bool:
    if head.marked_at is None or head.seq - head.marked >= CHECKPOINT_ENTRIES:
        return True
    # A clock that was set back must not keep checkpoints from being made.
    return abs(now - head.marked_at) >= CHECKPOINT_TIME


def _line(seq: int, at: datetime, deed: Deed) -> Line:
    facts = canonical({_plain(name): cleaned(_fact(value), name) for name, value in deed.facts.items()})
    if len(facts) > _FACTS_MOST:
        facts = canonical({"cut": len(facts)})
    return Line(
        seq=seq,
        at=at,
        event=_plain(deed.event)[:60],
        actor=_plain(deed.actor)[:120],
        device=_plain(deed.device)[:120],
        companies=canonical([_plain(company)[:36] for company in sorted(deed.companies)]),
        entity=_plain(deed.entity)[:60],
        subject=_plain(deed.subject)[:120],
        facts=facts,
    )


def _fact(value: Any) -> Any:
    """Return a value as JSON data with one byte form."""
    match value:
        case None | bool() | int():
            return value
        case Enum():
            return _fact(value.value)
        case str():
            return _plain(value)[:_TEXT_MOST]
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Mapping():
            return {_plain(str(name)): _fact(item) for name, item in value.items()}
        case set() | frozenset():
            return sorted(str(_fact(item)) for item in value)
        case list() | tuple():
            return [_fact(item) for item in value]
        case _:
            return _plain(str(value))[:_TEXT_MOST]


def _plain(text: str) -> str:
    """Text every database takes: callers choose ids and names, and half characters and NUL are none."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")
