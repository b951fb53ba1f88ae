"""The simulated network: the real gateway core behind it, with faults that a script decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
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
from app.contract.errors import BadAnswer, Busy, Unreachable
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


class Fault(StrEnum):
    """What may happen to one call."""

    DROP_REQUEST = "drop request"
    DROP_ANSWER = "drop answer"
    TRUNCATE = "truncate"
    TWICE = "twice"
    LATE_AGAIN = "late again"
    BUSY = "busy"


class Network:
    """Shared by all clients. `next_fault` is consumed by the next call; `seen` counts what happened."""

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
            self.seen[fault] += 1
        match fault:
            case Fault.DROP_REQUEST:
                raise Unreachable
            case Fault.BUSY:
                raise Busy(retry_after=2.0)
            case Fault.DROP_ANSWER:
                self._ask(ask)
                raise Unreachable
            case Fault.TRUNCATE:
                self._ask(ask)
                raise BadAnswer
            case Fault.TWICE:
                self._ask(ask)
            case Fault.LATE_AGAIN:
                # The request is delivered once more, long after its answer: reordering as a client can cause it.
                self.late.append(lambda: self._ask(ask))
            case None:
                pass
        return self._ask(ask)

    def deliver_late(self) -> None:
        """Deliver what was held up."""
        while self.late and not self.down:
            self.late.pop(0)()

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
        body = self._network.call(lambda g: g.snapshot(self._session, after, limit))
        head, puts = split_puts(body)
        return RawPage(SnapshotPage.model_validate_json(head), puts, self._grant())

    def changes(self, cursor: str, limit: int) -> RawPage[ChangesPage]:
        return self._changes(lambda g: g.changes(self._session, cursor, limit))

    def records(self, gids: Sequence[str], cursor: str) -> RawPage[ChangesPage]:
        return self._changes(lambda g: g.records(self._session, gids, cursor))

    def _changes(self, ask: Callable[[Gateway], bytes]) -> RawPage[ChangesPage]:
        head, puts = split_puts(self._network.call(ask))
        return RawPage(ChangesPage.model_validate_json(head), puts, self._grant())

    def _grant(self) -> str:
        return str(self._network.gateway().me(self._session).grant)

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
