"""The simulated network: the real gateway core behind it, with faults that a script decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from app.contract.changes import (
    BucketPage,
    ChangesPage,
    DigestPage,
    Me,
    ProblemDocument,
    SnapshotPage,
    split_puts,
)
from app.contract.errors import BadAnswer, CounterpartError, Unreachable
from app.contract.mutations import PushAnswer, PushBody
from app.contract.receipts import Receipt
from app.sync.transport import ManifestAnswer, RawPage
from app.sync.wire import error_of
from gateway.failpoints import Crash
from gateway.problems import Problem
from tests.sync.at_once import PushesAtOnce

if TYPE_CHECKING:
    from gateway.core import Gateway
    from gateway.identity.session import Session

T = TypeVar("T")


class ClientCrash(BaseException):
    """The client's process ends here. Not an Exception, so that nothing but the simulation takes it up."""


class Fault(StrEnum):
    """What may happen to one call."""

    DROP_REQUEST = "drop request"
    DROP_ANSWER = "drop answer"
    TRUNCATE = "truncate"
    TWICE = "duplicate"
    LATE_AGAIN = "reorder"
    DELAY = "delay"
    STATUS_401 = "401"
    STATUS_403 = "403"
    STATUS_409 = "409"
    STATUS_410 = "410"
    STATUS_423 = "423"
    STATUS_429 = "429"
    STATUS_500 = "500"
    STATUS_503 = "503"
    DIE_BEFORE = "client dies before its call"
    DIE_AFTER = "client dies before its answer"


#: Statuses with the wait that comes with them. 403 and 409 come from something in between: no problem document.
_STATUS: dict[Fault, tuple[int, ProblemDocument | None, float | None]] = {
    Fault.STATUS_401: (401, ProblemDocument(status=401, code="sign_in", detail="Sign in again."), None),
    Fault.STATUS_403: (403, None, None),
    Fault.STATUS_409: (409, None, None),
    Fault.STATUS_410: (410, ProblemDocument(status=410, code="cursor_expired", detail="Begin anew."), None),
    Fault.STATUS_423: (423, None, 2.0),
    Fault.STATUS_429: (429, ProblemDocument(status=429, code="busy", detail="Too many requests."), 2.0),
    Fault.STATUS_500: (500, None, None),
    Fault.STATUS_503: (503, None, 1.0),
}


class Network:
    """Shared by all clients. The next call takes the first of `faults`; `seen` counts what happened."""

    def __init__(self, gateway: Callable[[], Gateway], restart: Callable[[], None]) -> None:
        self.gateway = gateway
        self._restart = restart
        self.down = False
        self.faults: list[Fault] = []
        self.seen: Counter[str] = Counter()
        self.late: list[Callable[[], object]] = []

    def call(self, ask: Callable[[Gateway], T]) -> T:
        """Make one call, as the faults have it. Raises contract errors as the HTTP shell does."""
        if self.down:
            raise Unreachable
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            self.seen[f"fault: {fault}"] += 1
        match fault:
            case None:
                pass
            case Fault.DROP_REQUEST:
                raise Unreachable
            case Fault.DROP_ANSWER:
                self._ask(ask)
                raise Unreachable
            case Fault.TRUNCATE:
                self._ask(ask)
                raise BadAnswer
            case Fault.TWICE:
                self._ask(ask)
            case Fault.LATE_AGAIN:
                # The request comes once more, long after its answer: reordering as a network can cause it.
                self.late.append(lambda: self._ask(ask))
            case Fault.DELAY:
                # It comes when the client has given up on it, maybe after the client's next try.
                self.late.append(lambda: self._ask(ask))
                raise Unreachable
            case Fault.DIE_BEFORE:
                raise ClientCrash
            case Fault.DIE_AFTER:
                self._ask(ask)
                raise ClientCrash
            case _:
                status, document, wait = _STATUS[fault]
                raise error_of(status, document, wait)
        return self._ask(ask)

    def deliver_late(self) -> int:
        """Deliver what was held up; returns how many calls it was."""
        late, self.late = self.late, []
        for deliver in late:
            with suppress(CounterpartError):  # nobody waits for this answer any more
                deliver()
        return len(late)

    def _ask(self, ask: Callable[[Gateway], T]) -> T:
        try:
            return ask(self.gateway())
        except Crash as crash:
            self._restart()
            self.seen["gateway crash"] += 1
            raise Unreachable from crash
        except Problem as problem:
            document = ProblemDocument(
                status=problem.status, detail=problem.detail, code=problem.code, fields=dict(problem.fields)
            )
            raise error_of(problem.status, document, problem.retry_after) from problem


class SimulatedTransport(PushesAtOnce):
    """`app.sync.transport.Transport` over the simulated network, for one signed-in device."""

    def __init__(self, network: Network, session: Session) -> None:
        self._network = network
        self._session = session

    def me(self) -> Me:
        return self._network.call(lambda g: g.me(self._session))

    def manifest(self, etag: str | None) -> ManifestAnswer:
        text, now = self._network.call(lambda g: g.manifest(self._session))
        return ManifestAnswer(None if etag == now else text, now)

    def snapshot(self, after: str | None, limit: int) -> RawPage[SnapshotPage]:
        body, grant = self._network.call(lambda g: (g.snapshot(self._session, after, limit), self._grant(g)))
        head, puts = split_puts(body)
        return RawPage(SnapshotPage.model_validate_json(head), puts, grant)

    def changes(self, cursor: str, limit: int) -> RawPage[ChangesPage]:
        return self._changes(lambda g: (g.changes(self._session, cursor, limit), self._grant(g)))

    def records(self, gids: Sequence[str], cursor: str) -> RawPage[ChangesPage]:
        return self._changes(lambda g: (g.records(self._session, gids, cursor), self._grant(g)))

    def _changes(self, ask: Callable[[Gateway], tuple[bytes, str]]) -> RawPage[ChangesPage]:
        body, grant = self._network.call(ask)
        head, puts = split_puts(body)
        return RawPage(ChangesPage.model_validate_json(head), puts, grant)

    def _grant(self, gateway: Gateway) -> str:
        return gateway.grant(self._session).label

    def push(self, body: PushBody) -> PushAnswer:
        wire = body.model_dump_json()
        answer = self._network.call(lambda g: g.push(self._session, PushBody.model_validate_json(wire)))
        return PushAnswer.model_validate_json(answer.model_dump_json())

    def digest(self, cursor: str) -> DigestPage:
        return self._network.call(lambda g: g.digest(self._session, cursor))

    def bucket(self, entity: str, index: int, cursor: str) -> BucketPage:
        return self._network.call(lambda g: g.bucket(self._session, entity, index, cursor))

    def receipt(self, mutation_id: str) -> Receipt:
        return self._network.call(lambda g: g.receipt(self._session, mutation_id))

    def download(self, sha256: str, offset: int) -> Iterator[bytes]:
        size = self._network.call(lambda g: g.blob(self._session, sha256)).size
        return iter(self._network.call(lambda g: list(g.read_blob(self._session, sha256, offset, size))))

    def begin_upload(self, sha256: str, size: int, media_type: str, name: str) -> tuple[str, int]:
        return self._network.call(lambda g: g.begin_upload(self._session, sha256, size, media_type, name))

    def upload(self, upload_id: str, offset: int, data: bytes) -> int:
        return self._network.call(lambda g: g.upload(self._session, upload_id, offset, data))

    def pokes(self) -> Iterator[str]:
        return iter(())
