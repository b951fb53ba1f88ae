"""The gateway's core as the client's transport, in one process: every call goes through the wire's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from app.contract.changes import (
    BucketPage,
    ChangesPage,
    DigestPage,
    Me,
    ProblemDocument,
    SnapshotPage,
    split_puts,
)
from app.contract.mutations import PushAnswer, PushBody
from app.contract.receipts import Receipt
from app.sync.transport import ManifestAnswer, RawPage
from app.sync.wire import error_of
from gateway.core import Gateway
from gateway.identity.session import Session
from gateway.problems import Problem
from tests.sync.at_once import PushesAtOnce

T = TypeVar("T")


class DirectTransport(PushesAtOnce):
    """`app.sync.transport.Transport` over a gateway in this process, for one signed-in device."""

    def __init__(self, gateway: Gateway, session: Session) -> None:
        self._gateway = gateway
        self._session = session

    def me(self) -> Me:
        return self._call(lambda g: g.me(self._session))

    def manifest(self, etag: str | None) -> ManifestAnswer:
        text, now = self._call(lambda g: g.manifest(self._session))
        return ManifestAnswer(None if etag == now else text, now)

    def snapshot(self, after: str | None, limit: int) -> RawPage[SnapshotPage]:
        head, puts = split_puts(self._call(lambda g: g.snapshot(self._session, after, limit)))
        return RawPage(SnapshotPage.model_validate_json(head), puts, self._grant())

    def changes(self, cursor: str, limit: int) -> RawPage[ChangesPage]:
        return self._changes(lambda g: g.changes(self._session, cursor, limit))

    def records(self, gids: Sequence[str], cursor: str) -> RawPage[ChangesPage]:
        return self._changes(lambda g: g.records(self._session, gids, cursor))

    def push(self, body: PushBody) -> PushAnswer:
        wire = body.model_dump_json()
        answer = self._call(lambda g: g.push(self._session, PushBody.model_validate_json(wire)))
        return PushAnswer.model_validate_json(answer.model_dump_json())

    def digest(self, cursor: str) -> DigestPage:
        return self._call(lambda g: g.digest(self._session, cursor))

    def bucket(self, entity: str, index: int, cursor: str) -> BucketPage:
        return self._call(lambda g: g.bucket(self._session, entity, index, cursor))

    def receipt(self, mutation_id: str) -> Receipt:
        return self._call(lambda g: g.receipt(self._session, mutation_id))

    def download(self, sha256: str, offset: int) -> Iterator[bytes]:
        size = self._call(lambda g: g.blob(self._session, sha256)).size
        return iter(self._call(lambda g: [*g.read_blob(self._session, sha256, offset, size)]))

    def begin_upload(self, sha256: str, size: int, media_type: str, name: str) -> tuple[str, int]:
        return self._call(lambda g: g.begin_upload(self._session, sha256, size, media_type, name))

    def upload(self, upload_id: str, offset: int, data: bytes) -> int:
        return self._call(lambda g: g.upload(self._session, upload_id, offset, data))

    def pokes(self) -> Iterator[str]:
        return iter(())

    def _changes(self, ask: Callable[[Gateway], bytes]) -> RawPage[ChangesPage]:
        head, puts = split_puts(self._call(ask))
        return RawPage(ChangesPage.model_validate_json(head), puts, self._grant())

    def _grant(self) -> str:
        return self.me().grant

    def _call(self, ask: Callable[[Gateway], T]) -> T:
        try:
            return ask(self._gateway)
        except Problem as problem:
            document = ProblemDocument(
                status=problem.status, detail=problem.detail, code=problem.code, fields=dict(problem.fields)
            )
            raise error_of(problem.status, document, problem.retry_after) from problem
