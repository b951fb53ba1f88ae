"""Reading the audit log: checking that its chain is whole, in bounded memory, and giving entries out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from gateway.audit_chain import FOREIGN_HEAD, GENESIS, Checkpoint, Head, Line, Seal, is_genuine, link
from gateway.tables import audit, audit_checkpoint, audit_head

#: Entries that are in memory at a time.
_PAGE = 1_000


@dataclass(frozen=True)
class Kept:
    """An entry as the database holds it, with the hashes it came with."""

    line: Line
    previous: str
    hash: str

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON data."""
        line = self.line
        return {
            **vars(line),
            "at": line.at.isoformat(),
            "companies": _loaded(line.companies),
            "facts": _loaded(line.facts),
            "previous": self.previous,
            "hash": self.hash,
        }


@dataclass(frozen=True)
class Verdict:
    """What a check found. `broken`: the entry at which the chain breaks, None when it is whole; `why`: in words."""

    entries: int
    last: int
    last_at: datetime | None
    broken: int | None = None
    why: str = ""

    def words(self) -> str:
        """Return it as one line."""
        if self.broken is not None:
            return f"Broken at entry {self.broken}: {self.why} ({self.entries} entries before it are whole.)"
        if self.last_at is None:
            return "0 entries, chain whole."
        return f"{self.entries} entries, chain whole, last {self.last} at {self.last_at.isoformat()}."


@dataclass(frozen=True)
class Trusted:
    """What the log is held against: this gateway's seal, former keys of receipts (hexadecimal), and hashes by entry
    that were kept elsewhere."""

    seal: Seal
    keys: AbstractSet[str] = frozenset()
    anchors: Mapping[int, str] = field(default_factory=dict)


def entries(connection: Connection, after: int = 0, most: int | None = None) -> Iterator[Kept]:
    """Yield entries in their order, those after entry `after`; at most `most`."""
    left = most
    while left is None or left > 0:
        size = _PAGE if left is None else min(_PAGE, left)
        rows = connection.execute(
            select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(size)
        ).all()
        for row in rows:
            yield _kept(row)
        if len(rows) < size:
            return
        after = rows[-1].seq
        left = None if left is None else left - len(rows)


def verify(connection: Connection, trusted: Trusted, since: datetime | None = None) -> Verdict:
    """Walk the chain: from its beginning, or from the first entry at or after `since`."""
    head, mac = _head(connection)
    before = _before(connection, since)
    walk = _Walk(trusted, connection, before)
    for kept in entries(connection, before.line.seq if before else 0):
        why = walk.wrong(kept)
        if why:
            return walk.verdict(broken=walk.last + 1, why=why)
        walk.take(kept)
    why = _end(connection, trusted, head, mac, walk)
    return walk.verdict(broken=walk.last + 1, why=why) if why else walk.verdict()


class _Walk:
    """How far the walk has come, and the checkpoints that are still ahead."""

    def __init__(self, trusted: Trusted, connection: Connection, before: Kept | None) -> None:
        self._trusted = trusted
        self._connection = connection
        self.last = before.line.seq if before else 0
        self.hash = before.hash if before else GENESIS
        self._at: datetime | None = None
        self._count = 0
        self._marks: dict[int, Checkpoint] = {}
        self._marks_to = self.last

    def wrong(self, kept: Kept) -> str:
        """Say what is wrong with the next entry; empty for nothing."""
        line = kept.line
        if line.seq != self.last + 1:
            return f"entry {self.last + 1} is missing."
        if kept.previous != self.hash:
            return "it does not follow the entry before it."
        if link(kept.previous, line) != kept.hash:
            return "its content is not what was written."
        if self._trusted.anchors.get(line.seq, kept.hash) != kept.hash:
            return "it is not the entry whose hash was kept elsewhere."
        if line.event == FOREIGN_HEAD:
            return "what is before it was ended by somebody else, or with another secret.key."
        checkpoint = self._mark(line.seq)
        return _differs(checkpoint, kept, self._trusted) if checkpoint else ""

    def take(self, kept: Kept) -> None:
        """Go on behind an entry that is right."""
        self.last, self.hash, self._at = kept.line.seq, kept.hash, kept.line.at
        self._count += 1

    def verdict(self, broken: int | None = None, why: str = "") -> Verdict:
        """Return what was found."""
        return Verdict(self._count, self.last, self._at, broken, why)

    def _mark(self, seq: int) -> Checkpoint | None:
        if seq > self._marks_to:
            self._marks_to = seq + _PAGE
            within = audit_checkpoint.c.seq.between(seq, self._marks_to)
            rows = self._connection.execute(select(audit_checkpoint).where(within))
            self._marks = {row.seq: _checkpoint(row) for row in rows}
        return self._marks.get(seq)


def _differs(checkpoint: Checkpoint, kept: Kept, trusted: Trusted) -> str:
    if checkpoint.key not in {trusted.seal.public, *trusted.keys}:
        return f"its checkpoint is signed with a key that is not this gateway's ({checkpoint.key[:16]}…)."
    if not is_genuine(checkpoint):
        return "the signature of its checkpoint is not right."
    return "" if checkpoint.hash == kept.hash else "its checkpoint was signed for another entry."


def _end(connection: Connection, trusted: Trusted, head: Head, mac: str | None, walk: _Walk) -> str:
    """Say what is wrong with how the log ends; empty for nothing."""
    beyond = [seq for seq in trusted.anchors if seq > walk.last]
    if beyond:
        return f"the log ends before entry {max(beyond)}, whose hash was kept elsewhere."
    newest = int(connection.execute(select(func.max(audit_checkpoint.c.seq))).scalar() or 0)
    if newest > walk.last:
        return f"the log was cut off: a checkpoint was signed for entry {newest}."
    if mac is None:
        return "the note of where the log ends is missing." if walk.last else ""
    if not trusted.seal.is_ours(head, mac):
        return "the note of where the log ends was not written by this gateway."
    if head.seq > walk.last:
        return f"the log was cut off: it went up to entry {head.seq}."
    if (head.seq, head.hash) != (walk.last, walk.hash):
        return f"the log goes on behind entry {head.seq}, where the gateway ended it."
    return "" if head.marked == newest else f"the checkpoint of entry {head.marked} is missing."


def _head(connection: Connection) -> tuple[Head, str | None]:
    row = connection.execute(select(audit_head)).first()
    return (Head(), None) if row is None else (Head(row.seq, row.hash, row.marked, row.marked_at), row.mac)


def _before(connection: Connection, since: datetime | None) -> Kept | None:
    """Return the last entry before a time: what follows it is checked, itself it is taken for right."""
    if since is None:
        return None
    first = connection.execute(select(func.min(audit.c.seq)).where(audit.c.at >= since)).scalar()
    earlier = select(audit).order_by(audit.c.seq.desc()).limit(1)
    row = connection.execute(earlier if first is None else earlier.where(audit.c.seq < first)).first()
    return None if row is None else _kept(row)


def latest(connection: Connection, most: int) -> Sequence[Kept]:
    """Return the last entries, oldest first."""
    rows = connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(most)).all()
    return [_kept(row) for row in reversed(rows)]


def _kept(row: Row[*tuple[Any, ...]]) -> Kept:
    line = Line(
        seq=row.seq,
        at=row.at,
        event=row.event,
        actor=row.actor,
        device=row.device,
        companies=row.companies,
        entity=row.entity,
        subject=row.subject,
        facts=row.facts,
    )
    return Kept(line, row.previous, row.hash)


def _checkpoint(row: Row[*tuple[Any, ...]]) -> Checkpoint:
    return Checkpoint(row.seq, row.hash, row.at, row.key, row.signature)


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:  # somebody has been at it: the check says so, the rest can still be read
        return text
