"""Signed evidence that was fetched and found to hold, and the keys it may carry.

A receipt names ids, times and hashes and nothing of a record's content, so it stays when a record is revoked. It
outlives the history of the outbox. The keys are kept among the settings, which survive a damaged file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.contract.receipts import Receipt
from app.store.connection import Connection
from app.store.settings import Settings
from app.store.timestamps import moment, stamp

_KEYS = "receipts.keys"
_STRANGE = "receipts.strange_key"


@dataclass(frozen=True)
class KeptReceipt:
    """A receipt and when it was fetched."""

    receipt: Receipt
    kept_at: datetime


@dataclass(frozen=True)
class KnownKey:
    """A public key, in hexadecimal, whose receipts are taken, and since when."""

    key: str
    since: datetime


@dataclass(frozen=True)
class Trace:
    """What this computer itself knows of a mutation: what its receipt has to agree with.

    `name` is empty while no outcome has named the receipt, `body_hash` for what an older version sent.
    """

    gid: str
    captured_at: datetime
    name: str
    body_hash: str


class Receipts:
    """Keeps receipts by the mutation they are about."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self._connection = connection
        self._settings = settings

    def keep(self, receipt: Receipt, now: datetime) -> None:
        """Keep a receipt that holds."""
        with self._connection.transaction():
            self._connection.run(
                "INSERT OR REPLACE INTO receipt(mutation_id, gid, text, kept_at) VALUES(?, ?, ?, ?)",
                (receipt.body.mutation_id, receipt.body.gid, receipt.model_dump_json(), stamp(now)),
            )

    def get(self, mutation_id: str) -> KeptReceipt | None:
        """Return the receipt of a mutation, if it was fetched."""
        row = self._connection.row("SELECT text, kept_at FROM receipt WHERE mutation_id = ?", (mutation_id,))
        return None if row is None else KeptReceipt(Receipt.model_validate_json(row[0]), moment(row[1]))

    def all(self) -> list[KeptReceipt]:
        """Return all of them, the latest fetched first."""
        rows = self._connection.rows("SELECT text, kept_at FROM receipt ORDER BY kept_at DESC, mutation_id")
        return [KeptReceipt(Receipt.model_validate_json(text), moment(at)) for text, at in rows]

    def trace(self, mutation_id: str) -> Trace | None:
        """Return what the outbox or its history knows of a mutation."""
        row = self._connection.row(
            "SELECT gid, captured_at, receipt, body_hash FROM outbox WHERE mutation_id = ?", (mutation_id,)
        )
        return None if row is None else Trace(row[0], moment(row[1]), row[2], row[3])

    def missing(self, limit: int) -> list[str]:
        """Return commands that were answered and whose receipt is not here yet, newest first.

        A command is what people dispute: who asked for what, when. The receipts of edits are fetched when asked for.
        """
        rows = self._connection.rows(
            "SELECT mutation_id FROM outbox WHERE kind = 'command' AND receipt <> ''"
            " AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.mutation_id = outbox.mutation_id)"
            " ORDER BY seq DESC LIMIT ?",
            (limit,),
        )
        return [mutation_id for (mutation_id,) in rows]

    # -- keys ---------------------------------------------------------------------------------------------
    def known_keys(self) -> tuple[KnownKey, ...]:
        """Return the keys whose receipts are taken, the first one first."""
        found = self._settings.get(_KEYS) or []
        return tuple(KnownKey(str(one["key"]), moment(str(one["since"]))) for one in found)

    def trust(self, key: str, now: datetime) -> None:
        """Take receipts of a further key."""
        with self._connection.transaction():
            if any(one.key == key for one in self.known_keys()):
                return
            before = [{"key": one.key, "since": stamp(one.since)} for one in self.known_keys()]
            self._settings.put(_KEYS, [*before, {"key": key, "since": stamp(now)}])
            if self.strange_key == key:
                self._settings.remove(_STRANGE)

    @property
    def strange_key(self) -> str:
        """The key the gateway names now though it is none of the known ones; empty when there is none."""
        return str(self._settings.get(_STRANGE) or "")

    def note_strange(self, key: str) -> bool:
        """Remember a key nobody here has agreed to; False when it was noted before."""
        with self._connection.transaction():
            if self.strange_key == key:
                return False
            self._settings.put(_STRANGE, key)
            return True
