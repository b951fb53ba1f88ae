"""Deliveries of webhooks: proven to come from their system, each taken once, and kept as hints, never as content."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Lock

import structlog
from sqlalchemy import Connection, delete, insert, select

from gateway.crm.port import Ref
from gateway.crm.webhook import Delivery, Proof, Unproven, WebhookScheme, named_rows, prove
from gateway.feed.relay import Word
from gateway.ground import Ground
from gateway.ingest.hints import add_hints
from gateway.problems import Problem
from gateway.systems import System
from gateway.tables import webhook_seen

log = structlog.get_logger(__name__)


class Webhooks:
    """Takes deliveries in. `counts`: by system and what became of them, in this process since it began."""

    def __init__(self, ground: Ground, told: Callable[[], None]) -> None:
        """`told` is called whenever there are new hints."""
        self._database = ground.database
        self._systems = ground.systems
        self._clock = ground.clock
        self._random = ground.random
        self._most = ground.limits.webhook_most
        self._secrets: dict[str, bytes] = {}
        self._told = told
        self._lock = Lock()
        self.counts: Counter[tuple[str, str]] = Counter()

    def trust(self, secrets: Mapping[str, bytes]) -> None:
        """Take deliveries of these systems, by name, that are signed with their secret; nobody else's."""
        self._secrets = dict(secrets)

    @property
    def most(self) -> int:
        """Bytes a delivery may have."""
        return self._most

    def expects(self, name: str) -> bool:
        """Tell whether there is a system of that name that may send anything."""
        return self._sender(name) is not None

    def refused(self, name: str, reason: str) -> None:
        """Count a delivery that is not taken. Names that stand for no system are counted as one."""
        with self._lock:
            self.counts[name if self.expects(name) else "", reason] += 1
        log.warning("webhook refused", system=name if self.expects(name) else "", reason=reason)

    def receive(self, name: str, delivery: Delivery) -> int:
        """Note the rows a delivery names. Returns how many. Raises Problem 403, 404, 409, 413, 422, and keeps nothing.

        The same answer for a system that is not known, does not send, or has no secret here.
        """
        try:
            return self._receive(name, delivery)
        except Problem as problem:
            self.refused(name, problem.code)
            raise

    def _receive(self, name: str, delivery: Delivery) -> int:
        sender = self._sender(name)
        if sender is None:
            raise no_such_webhook()
        if len(delivery.body) > self._most:
            raise too_large(self._most)
        system, scheme, secret = sender
        now = self._clock.now()
        try:
            proof = prove(scheme, secret, delivery, now)
            named = named_rows(scheme, delivery.body)
        except Unproven as error:
            raise Problem(403, error.reason, str(error)) from None
        except ValueError:
            raise Problem(
                422, "malformed", "The body does not name rows in the form that was agreed."
            ) from None
        refs = [Ref(obj, key) for obj, key in named if system.mapping.of_object(obj)]
        with self._database.write() as connection:
            if not _first_time(connection, name, proof, now):
                raise Problem(409, "replayed", "This delivery has been taken before; it is not taken twice.")
            if refs:
                add_hints(connection, name, refs, self._random, now)
                self._database.announce(connection, Word.HINT)
        with self._lock:
            self.counts[name, "taken"] += 1
        if refs:
            self._told()
        return len(refs)

    def _sender(self, name: str) -> tuple[System, WebhookScheme, bytes] | None:
        system, secret = self._systems.named(name), self._secrets.get(name, b"")
        scheme = system.port.capabilities.webhook if system else None
        return (system, scheme, secret) if system and scheme and secret else None


def _first_time(connection: Connection, name: str, proof: Proof, now: datetime) -> bool:
    """Note a signature; tells whether it is new. Those that are too old to pass anyway are forgotten."""
    connection.execute(delete(webhook_seen).where(webhook_seen.c.expires_at < now))
    digest = hashlib.sha256(proof.signature).hexdigest()
    seen = select(webhook_seen.c.expires_at).where(
        webhook_seen.c.system == name, webhook_seen.c.signature == digest
    )
    if connection.execute(seen).first():
        return False
    connection.execute(
        insert(webhook_seen).values(system=name, signature=digest, expires_at=proof.expires_at)
    )
    return True


def no_such_webhook() -> Problem:
    """404, the same whatever is missing."""
    return Problem(
        404, "not_found", "No webhook is expected here. Check the address, and the secret's setting."
    )


def too_large(most: int) -> Problem:
    """413."""
    return Problem(413, "too_large", f"A delivery may have {most // 1024} KB at most.")
