"""The transport over HTTP: one signed-in connection to one gateway (`/v1`)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import httpx
import httpx_sse
from pydantic import BaseModel, ConfigDict

from app.contract.changes import (
    BucketPage,
    ChangesPage,
    DigestPage,
    Me,
    SnapshotPage,
    split_puts,
    without_halves,
)
from app.contract.errors import BadAnswer, HostileAnswer, NotAllowed
from app.contract.mutations import PushAnswer, PushBody
from app.contract.receipts import Receipt
from app.sync.ahead import Ahead
from app.sync.signed import Signed, Tokens
from app.sync.transport import ClashAnswer, ManifestAnswer, RawPage
from app.sync.wire import Answer, Wire, expect_json, expect_type, parsed, parsed_bytes

#: The event channel sends a comment at least every 20 s; silence for longer means that it is dead.
EVENT_TIMEOUTS = httpx.Timeout(connect=10.0, read=60.0, write=10.0, pool=10.0)

#: Most bytes between two events of the channel; each carries one short position.
MAX_EVENT = 64 * 1024

#: How many bytes are held, as a header says it: Python refuses to read numbers of thousands of digits.
_OFFSET = re.compile("[0-9]{1,18}")

#: What the bytes of any document are sent as.
_BYTES = "application/octet-stream"

Page = TypeVar("Page", ChangesPage, SnapshotPage)


class _Upload(BaseModel):
    model_config = ConfigDict(extra="ignore")

    upload_id: str
    offset: int


@dataclass(frozen=True)
class _Ask:
    """For a page: the token of where it begins, None at the very beginning, and how many records it may hold."""

    token: str | None
    limit: int


def _after_snapshot(ask: _Ask, page: RawPage[SnapshotPage]) -> _Ask | None:
    after = page.envelope.after
    return None if after is None or after == ask.token else _Ask(after, ask.limit)


def _after_changes(ask: _Ask, page: RawPage[ChangesPage]) -> _Ask | None:
    more = page.envelope.more and page.envelope.cursor != ask.token
    return _Ask(page.envelope.cursor, ask.limit) if more else None


class HttpTransport:
    """`Transport` over HTTP. Safe to use from several threads."""

    def __init__(self, wire: Wire, tokens: Tokens) -> None:
        self._wire = wire
        self._signed = Signed(wire, tokens)
        self._snapshots = Ahead(self._snapshot, _after_snapshot)
        self._changes = Ahead(self._changes_since, _after_changes)
        self._sender = ThreadPoolExecutor(1, "counterpart-push")

    @property
    def ahead(self) -> timedelta | None:
        """How far this computer's clock is ahead of the gateway's."""
        return self._wire.ahead

    @property
    def confirmed_at(self) -> datetime | None:
        """When the gateway last knew who called, by this computer's clock; None: not yet."""
        return self._signed.confirmed_at

    def me(self) -> Me:
        """Return who is signed in."""
        return parsed(Me, self._signed.get("/v1/me"))

    def manifest(self, etag: str | None) -> ManifestAnswer:
        """Return the effective manifest."""
        answer = self._signed.get("/v1/manifest", headers={"If-None-Match": etag} if etag else {})
        if answer.status == 304:
            return ManifestAnswer(None, etag or "")
        return ManifestAnswer(_json_text(answer), answer.headers.get("etag", ""))

    def clashes(self, etag: str | None) -> ClashAnswer:
        """Return the filter of registrations. A gateway from before there was one offers none."""
        try:
            answer = self._signed.get("/v1/clashes", headers={"If-None-Match": etag} if etag else {})
        except NotAllowed:
            return ClashAnswer(None, "", offered=False)
        if answer.status == 204:
            return ClashAnswer(None, "", offered=False)
        if answer.status == 304:
            return ClashAnswer(None, etag or "")
        return ClashAnswer(_json_text(answer), answer.headers.get("etag", ""))

    def snapshot(self, after: str | None, limit: int) -> RawPage[SnapshotPage]:
        """Return a page of everything visible, and begin to fetch the one after it."""
        return self._snapshots.get(_Ask(after, limit))

    def changes(self, cursor: str, limit: int) -> RawPage[ChangesPage]:
        """Return what changed since `cursor`, and begin to fetch what comes after it."""
        return self._changes.get(_Ask(cursor, limit))

    def records(self, gids: Sequence[str], cursor: str) -> RawPage[ChangesPage]:
        """Return records by id."""
        self._forget_ahead()
        params: dict[str, str | int] = {"gids": ",".join(gids), "cursor": cursor}
        return _page(ChangesPage, self._signed.get("/v1/records", params=params))

    def push(self, body: PushBody) -> PushAnswer:
        """Send mutations; one outcome each."""
        # A page made before them must not be stored after their outcomes.
        try:
            return parsed(PushAnswer, self._signed.post("/v1/mutations", body.model_dump_json().encode()))
        finally:
            self._forget_ahead()

    def begin_push(self, body: PushBody) -> Callable[[], PushAnswer]:
        """Begin to send mutations on a thread of its own."""
        try:
            return self._sender.submit(self.push, body).result
        except RuntimeError:  # closed meanwhile: sent as ever, it says what that means
            return lambda: self.push(body)

    def digest(self, cursor: str) -> DigestPage:
        """Return the gateway's bucket sums."""
        return parsed(DigestPage, self._signed.get("/v1/digest", params={"cursor": cursor}))

    def bucket(self, entity: str, index: int, cursor: str) -> BucketPage:
        """Return ids and hashes of one bucket."""
        return parsed(BucketPage, self._signed.get(f"/v1/digest/{entity}/{index}", params={"cursor": cursor}))

    def receipt(self, mutation_id: str) -> Receipt:
        """Return the signed evidence of one mutation."""
        return parsed(Receipt, self._signed.get(f"/v1/receipts/{mutation_id}"))

    def download(self, sha256: str, offset: int) -> Iterator[bytes]:
        """Yield the bytes of a blob from `offset` on. The caller knows the size and stops above it."""
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
        with self._signed.stream("GET", f"/v1/blobs/{sha256}", headers) as response:
            expect_type(response.headers, _BYTES)
            skip = _bytes_to_skip(response, offset)
            for part in response.iter_bytes():
                if skip < len(part):
                    yield part[skip:]
                skip = max(0, skip - len(part))

    def begin_upload(self, sha256: str, size: int, media_type: str, name: str) -> tuple[str, int]:
        """Open or find an upload; return its id and how many bytes the gateway holds."""
        body = {"sha256": sha256, "size": size, "media_type": media_type, "name": name}
        found = parsed(_Upload, self._signed.post("/v1/uploads", json.dumps(body).encode()))
        return found.upload_id, found.offset

    def upload(self, upload_id: str, offset: int, data: bytes) -> int:
        """Send bytes at `offset`; return how many bytes the gateway holds now."""
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        answer = self._signed.call("PATCH", f"/v1/uploads/{upload_id}", headers=headers, content=data)
        held = answer.headers.get("upload-offset", "")
        if not _OFFSET.fullmatch(held):
            raise BadAnswer("The gateway did not say how much of the file it holds.")
        return int(held)

    def pokes(self) -> Iterator[str]:
        """Yield once when the channel stands, then a position for each poke."""
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        with self._signed.stream("GET", "/v1/events", headers, EVENT_TIMEOUTS) as response:
            if response.headers.get("content-type", "").partition(";")[0].strip() != "text/event-stream":
                raise BadAnswer("The gateway's event channel answered with something else.")
            meter = _Metered(response)
            source = httpx_sse.EventSource(
                httpx.Response(response.status_code, headers=response.headers, stream=meter)
            )
            yield ""
            for event in source.iter_sse():
                meter.restart()
                yield event.data

    def cut(self) -> None:
        """Cut every connection now, from whatever thread: the user goes offline."""
        self._forget_ahead()
        self._wire.cut()

    def abort(self) -> None:
        """Cut every connection now and for good: the end."""
        self._end_threads()
        self._wire.abort()

    def close(self) -> None:
        """Give up all connections."""
        self._end_threads()
        self._wire.close()

    def _snapshot(self, ask: _Ask) -> RawPage[SnapshotPage]:
        after = {} if ask.token is None else {"after": ask.token}
        return _page(SnapshotPage, self._signed.get("/v1/snapshot", params={"limit": ask.limit, **after}))

    def _changes_since(self, ask: _Ask) -> RawPage[ChangesPage]:
        params: dict[str, str | int] = {"cursor": ask.token or "", "limit": ask.limit}
        return _page(ChangesPage, self._signed.get("/v1/changes", params=params))

    def _forget_ahead(self) -> None:
        self._snapshots.forget()
        self._changes.forget()

    def _end_threads(self) -> None:
        self._snapshots.close()
        self._changes.close()
        self._sender.shutdown(wait=False)


class _Metered(httpx.SyncByteStream):
    """The event channel's bytes; a stream without an end of line is refused before it fills the memory."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._since = 0

    def restart(self) -> None:
        self._since = 0

    def __iter__(self) -> Iterator[bytes]:
        for part in self._response.iter_bytes():
            self._since += len(part)
            if self._since > MAX_EVENT:
                raise HostileAnswer("The gateway's event channel sent far too much and was closed.")
            yield part


def _json_text(answer: Answer) -> str:
    expect_json(answer)
    try:
        return answer.body.decode()
    except UnicodeDecodeError as error:
        raise BadAnswer from error


def _page(model: type[Page], answer: Answer) -> RawPage[Page]:
    """Take a page apart. Raises BadAnswer when it was cut off, is malformed, or its epochs disagree."""
    expect_json(answer)
    try:
        envelope_bytes, puts = split_puts(answer.body)
        puts = without_halves(puts)
    except ValueError as error:
        raise BadAnswer from error
    envelope = parsed_bytes(model, envelope_bytes)
    said = answer.headers.get("counterpart-epoch", envelope.epoch)
    if said != envelope.epoch:
        raise BadAnswer("The gateway's answer contradicts itself and was not used.")
    return RawPage(envelope, puts, answer.headers.get("counterpart-grant", ""))


def _bytes_to_skip(response: httpx.Response, offset: int) -> int:
    """Return how many leading bytes are held already: none of a part, `offset` of a whole."""
    if response.status_code == 200:
        return offset
    if not response.headers.get("content-range", "").startswith(f"bytes {offset}-"):
        raise BadAnswer("The gateway sent another part of the file than was asked for.")
    return 0
