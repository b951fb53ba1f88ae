"""One device's line to the real gateway core: faults, lost answers, things that happen meanwhile, altered answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from app.contract.changes import (
    BucketPage,
    ChangesPage,
    DigestPage,
    Me,
    ProblemDocument,
    SnapshotPage,
    split_puts,
)
from app.contract.errors import CounterpartError, Unreachable
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


class Line(PushesAtOnce):
    """`Transport` for one signed-in device.

    By the name of a method: `faults` are raised instead of the next calls, `lost` counts answers that get lost on the
    way back, `meanwhile` happens once while the call is under way, `alter` changes every answer.
    """

    def __init__(self, gateway: Callable[[], Gateway], restart: Callable[[], None], session: Session) -> None:
        self._gateway = gateway
        self._restart = restart
        self.session = session
        self.down = False
        self.faults: defaultdict[str, list[CounterpartError]] = defaultdict(list)
        self.lost: Counter[str] = Counter()
        self.meanwhile: dict[str, Callable[[], object]] = {}
        self.alter: dict[str, Callable[[Any], Any]] = {}
        self.calls: Counter[str] = Counter()
        self.pushed: list[tuple[str, ...]] = []

    def call(self, name: str, ask: Callable[[Gateway], T]) -> T:
        """Make one call. Raises contract errors, as the HTTP shell does."""
        self.calls[name] += 1
        if self.down:
            raise Unreachable
        if self.faults[name]:
            raise self.faults[name].pop(0)
        answer = self._asked(ask)
        happens = self.meanwhile.pop(name, None)
        if happens is not None:
            happens()
        if self.lost[name]:
            self.lost[name] -= 1
            raise Unreachable("The connection to the gateway was cut.")
        return self._altered(name, answer)

    def _altered(self, name: str, answer: T) -> T:
        change: Callable[[T], T] = self.alter.get(name, lambda unchanged: unchanged)
        return change(answer)

    def _asked(self, ask: Callable[[Gateway], T]) -> T:
        try:
            return ask(self._gateway())
        except Crash as crash:
            self._restart()
            raise Unreachable from crash
        except Problem as problem:
            document = ProblemDocument(
                status=problem.status, detail=problem.detail, code=problem.code, fields=dict(problem.fields)
            )
            raise error_of(problem.status, document, problem.retry_after) from problem

    # -- Transport ----------------------------------------------------------------------------------------
    def me(self) -> Me:
        return self.call("me", lambda g: g.me(self.session))

    def manifest(self, etag: str | None) -> ManifestAnswer:
        def ask(gateway: Gateway) -> ManifestAnswer:
            text, now = gateway.manifest(self.session)
            return ManifestAnswer(None if etag == now else text, now)

        return self.call("manifest", ask)

    def snapshot(self, after: str | None, limit: int) -> RawPage[SnapshotPage]:
        def ask(gateway: Gateway) -> RawPage[SnapshotPage]:
            page = gateway.reading.snapshot(self.session, after, limit)
            head, puts = split_puts(page.body)
            return RawPage(SnapshotPage.model_validate_json(head), puts, page.grant)

        return self.call("snapshot", ask)

    def changes(self, cursor: str, limit: int) -> RawPage[ChangesPage]:
        def ask(gateway: Gateway) -> RawPage[ChangesPage]:
            page = gateway.reading.changes(self.session, cursor, limit)
            head, puts = split_puts(page.body)
            return RawPage(ChangesPage.model_validate_json(head), puts, page.grant)

        return self.call("changes", ask)

    def records(self, gids: Sequence[str], cursor: str) -> RawPage[ChangesPage]:
        def ask(gateway: Gateway) -> RawPage[ChangesPage]:
            page = gateway.reading.records(self.session, gids, cursor)
            head, puts = split_puts(page.body)
            return RawPage(ChangesPage.model_validate_json(head), puts, page.grant)

        return self.call("records", ask)

    def push(self, body: PushBody) -> PushAnswer:
        self.pushed.append(tuple(mutation.mutation_id for mutation in body.mutations))
        wire = body.model_dump(mode="json")["mutations"]
        answer = self.call("push", lambda g: g.push_items(self.session, wire))
        return PushAnswer.model_validate_json(answer.model_dump_json())

    def digest(self, cursor: str) -> DigestPage:
        return self.call("digest", lambda g: g.digest(self.session, cursor))

    def bucket(self, entity: str, index: int, cursor: str) -> BucketPage:
        return self.call("bucket", lambda g: g.bucket(self.session, entity, index, cursor))

    def receipt(self, mutation_id: str) -> Receipt:
        return self.call("receipt", lambda g: g.receipt(self.session, mutation_id))

    def download(self, sha256: str, offset: int) -> Iterator[bytes]:
        return iter(self.call("download", lambda g: list(g.read_blob(self.session, sha256, offset))))

    def begin_upload(self, sha256: str, size: int, media_type: str, name: str) -> tuple[str, int]:
        return self.call(
            "begin_upload", lambda g: g.begin_upload(self.session, sha256, size, media_type, name)
        )

    def upload(self, upload_id: str, offset: int, data: bytes) -> int:
        return self.call("upload", lambda g: g.upload(self.session, upload_id, offset, data))

    def pokes(self) -> Iterator[str]:
        return iter(())
