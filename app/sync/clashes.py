"""Fetches the filter of registrations, so that a form can say offline that a customer may be registered already."""

from __future__ import annotations

import json

from app.contract.clashing import clash_fields, read_filter
from app.contract.errors import BadAnswer, HostileAnswer, Refused, RetryableError, Unreachable
from app.store.clashes import ClashStore
from app.store.database import Store
from app.sync.clock import Clock
from app.sync.settings import EngineSettings
from app.sync.transport import TellsClashes, Transport


class Clashes:
    """Keeps one store's filter as the gateway has it. What goes wrong here is no trouble of the records."""

    def __init__(self, store: Store, transport: Transport, clock: Clock, settings: EngineSettings) -> None:
        self._store = store
        self._kept = ClashStore(store.settings)
        self._transport = transport
        self._clock = clock
        self._settings = settings
        self._asked: float | None = None

    def again(self) -> None:
        """Ask with the next cycle: the manifest or the user's rights have changed."""
        self._asked = None

    def fetch_when_due(self) -> None:
        """Ask for the filter now and then. Raises Unreachable, SignInNeeded, WipeOrdered; other trouble waits."""
        now = self._clock.monotonic()
        if self._asked is not None and now - self._asked < self._settings.clashes:
            return
        self._asked = now
        if not self._wanted() or not isinstance(self._transport, TellsClashes):
            self._kept.forget()
            return
        try:
            self._fetch(self._transport)
        except Unreachable:
            raise
        except (RetryableError, BadAnswer, HostileAnswer, Refused):
            return

    def _wanted(self) -> bool:
        """Whether this user may register anything, and the vendor gives such hints."""
        manifest = self._store.manifest
        return (
            manifest is not None
            and manifest.clash_hints
            and any(clash_fields(entity) for entity in manifest.entities)
        )

    def _fetch(self, transport: TellsClashes) -> None:
        answer = transport.clashes(self._kept.etag())
        if not answer.offered:
            self._kept.forget()
        elif answer.text is None:
            self._kept.still_holds(self._clock.now())
        else:
            self._keep(answer.text, answer.etag)

    def _keep(self, text: str, etag: str) -> None:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadAnswer from error
        found = read_filter(value)
        if found is None:
            raise BadAnswer
        with self._store.transaction():
            self._kept.keep(value, etag, found.as_of)
