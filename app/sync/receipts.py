"""Fetches signed evidence, and takes none that does not hold, is about something else, or carries a strange key.

The key is pinned at first sight: what the gateway named first, or what the first receipt carried. Another one is told
and taken only when a person has agreed to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from app.contract.errors import CounterpartError, HostileAnswer, Refused, StoreDamaged
from app.contract.evidence import Evidence, Verdict, check, fingerprint
from app.contract.receipts import Receipt
from app.store.database import Store
from app.sync.clock import Clock
from app.sync.events import ActivityAdded, Event, ReceiptArrived
from app.sync.transport import Transport
from app.sync.words import Line, strange_key

#: Receipts fetched by themselves after one exchange, so that nothing else has to wait for long.
_AT_ONCE = 5

_NOT_KEPT = "Everything you entered is kept; this receipt was not."


class StrangeKey(HostileAnswer):
    """A receipt that holds, but is signed with a key nobody here has agreed to."""

    default_kept = _NOT_KEPT
    default_next_step = (
        "Compare the new key’s fingerprint with the one the vendor names before you accept it."
    )

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"This receipt is signed with another key than before, {fingerprint(key)}.")


class Receipts:
    """Brings receipts of this user's mutations into the store."""

    def __init__(
        self, store: Store, transport: Transport, clock: Clock, emit: Callable[[Event], None]
    ) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._emit = emit
        self._asked: set[str] = set()

    def meet(self, key: str) -> None:
        """Hear which key the gateway signs with: the first one is pinned, another one told once."""
        known = {one.key for one in self._store.receipts.known_keys()}
        if not key or key in known:
            return
        with self._store.transaction():
            if not known:
                self._store.receipts.trust(key, self._clock.now())
            elif self._store.receipts.note_strange(key):
                self._note(strange_key(key))

    def fetch(self, mutation_id: str, *, online: bool) -> None:
        """Fetch the receipt somebody wants to see; how that went is told as an event. Raises StoreDamaged and bugs."""
        try:
            if not online:
                raise Refused("You are offline.", kept=_NOT_YET, next_step="It is fetched when you are back.")
            self._bring(mutation_id)
        except StoreDamaged:
            raise
        except StrangeKey as error:
            self._emit(ReceiptArrived(mutation_id, error.text, error.key))
        except CounterpartError as error:
            self._emit(ReceiptArrived(mutation_id, error.text))
        else:
            self._emit(ReceiptArrived(mutation_id))

    def fetch_missing(self) -> None:
        """Fetch some receipts of commands before anybody asks; what goes wrong is told when somebody does."""
        wanted = [one for one in self._store.receipts.missing(_AT_ONCE * 20) if one not in self._asked]
        for mutation_id in wanted[:_AT_ONCE]:
            self._asked.add(mutation_id)
            try:
                self._bring(mutation_id)
            except StoreDamaged:
                raise
            except CounterpartError:
                return

    def _bring(self, mutation_id: str) -> None:
        if self._store.receipts.get(mutation_id) is not None:
            return
        receipt = self._transport.receipt(mutation_id)
        self._examine(mutation_id, receipt)
        now = self._clock.now()
        with self._store.transaction():
            self._store.receipts.trust(receipt.key, now)
            self._store.receipts.keep(receipt, now)

    def _examine(self, mutation_id: str, receipt: Receipt) -> None:
        match check(Evidence(receipt)):
            case Verdict.VALID:
                pass
            case Verdict.WRONG_SIGNATURE | Verdict.OTHER_KEY:
                raise HostileAnswer("This receipt does not hold: its signature is wrong.", kept=_NOT_KEPT)
            case Verdict.ALTERED | Verdict.ALTERED_BODY | Verdict.ALTERED_PATH:
                raise HostileAnswer(
                    "This receipt does not hold: what it says is not what was signed.", kept=_NOT_KEPT
                )
            case other:
                assert_never(other)
        body, trace = receipt.body, self._store.receipts.trace(mutation_id)
        mine = trace is None or (
            (body.gid, body.captured_at) == (trace.gid, trace.captured_at)
            and trace.name in ("", Evidence(receipt).name)
            and trace.body_hash in ("", body.body_hash)
        )
        if body.mutation_id != mutation_id or not mine:
            raise HostileAnswer("The gateway answered with the receipt of something else.", kept=_NOT_KEPT)
        known = {one.key for one in self._store.receipts.known_keys()}
        if known and receipt.key not in known:
            raise StrangeKey(receipt.key)

    def _note(self, line: Line) -> None:
        self._store.activity.add(self._clock.now(), line.kind, line.text)
        self._emit(ActivityAdded())


_NOT_YET = "The receipt is kept by the gateway."
