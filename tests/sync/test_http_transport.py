"""The calls of `/v1` as they go over HTTP."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator

import httpx
import pytest
import respx

from app.contract.errors import BadAnswer, Busy, HostileAnswer, NotAllowed, SignInNeeded, Unreachable
from app.contract.mutations import PushBody
from app.sync.http_transport import MAX_EVENT, HttpTransport
from app.sync.transport import ClashAnswer, Cuttable, Transport
from app.sync.wire import Wire
from tests.store.world import gid, patch
from tests.sync.world import TestClock

BASE = "https://portal.halden.example"
EPOCH = {"counterpart-epoch": "e1", "counterpart-grant": "g7"}
BYTES = {"content-type": "application/octet-stream"}
CHANGES = b'{"epoch":"e1","cursor":"c2","more":false,"as_of":"2026-11-24T09:00:00Z","gone":[],"puts":[["x"]]}'


def refused() -> httpx.Response:
    """The gateway's 401."""
    body = {"status": 401, "code": "sign_in", "detail": "Sign in again."}
    return httpx.Response(401, json=body, headers={"content-type": "application/problem+json"})


class Keys:
    """Tokens that are counted."""

    def __init__(self) -> None:
        self.token = "t1"
        self.renewed: list[str] = []
        self.ended = False

    def access(self) -> str:
        return self.token

    def renew(self, refused: str) -> str:
        self.renewed.append(refused)
        if self.ended:
            raise SignInNeeded
        self.token = "t2"
        return self.token


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def transport(keys: Keys) -> Iterator[HttpTransport]:
    made = HttpTransport(Wire(httpx.Client(base_url=BASE), TestClock()), keys)
    yield made
    made.close()


@pytest.fixture
def wire() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=BASE, assert_all_called=False) as router:
        yield router


def test_it_is_a_transport_that_can_be_cut(transport: HttpTransport) -> None:
    made: Transport = transport
    assert isinstance(made, Cuttable)


def test_a_page_comes_apart_without_its_rows_being_read(
    transport: HttpTransport, wire: respx.MockRouter
) -> None:
    route = wire.get("/v1/changes").respond(
        content=CHANGES, headers={"content-type": "application/json", **EPOCH}
    )
    page = transport.changes("c1", 500)
    assert (page.envelope.cursor, page.envelope.puts, page.puts, page.grant) == ("c2", (), b'[["x"]]', "g7")
    request = route.calls.last.request
    assert dict(request.url.params) == {"cursor": "c1", "limit": "500"}
    assert request.headers["authorization"] == "Bearer t1"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (CHANGES[:-20], EPOCH),
        (CHANGES.replace(b'"more":false', b'"more":"perhaps"'), EPOCH),
        (CHANGES.replace(b'"puts":', b'"rows":'), EPOCH),
        (CHANGES, {"counterpart-epoch": "e2"}),
        (b"", EPOCH),
    ],
    ids=["cut off", "another shape", "no rows", "two histories", "nothing"],
)
def test_a_page_that_is_none_is_not_used(
    transport: HttpTransport, wire: respx.MockRouter, body: bytes, headers: dict[str, str]
) -> None:
    wire.get("/v1/changes").respond(content=body, headers={"content-type": "application/json", **headers})
    with pytest.raises(BadAnswer):
        transport.changes("c1", 500)


def test_a_first_page_asks_for_no_place_to_go_on(transport: HttpTransport, wire: respx.MockRouter) -> None:
    body = b'{"epoch":"e1","after":"a1","cursor":null,"as_of":"2026-11-24T09:00:00Z","counts":{"deal":3},"puts":[]}'
    route = wire.get("/v1/snapshot").respond(content=body, headers={"content-type": "application/json"})
    assert transport.snapshot(None, 4).envelope.after == "a1"
    assert dict(route.calls[0].request.url.params) == {"limit": "4"}
    transport.snapshot("a1", 4)
    assert dict(route.calls.last.request.url.params) == {"limit": "4", "after": "a1"}


def test_records_are_asked_for_by_id(transport: HttpTransport, wire: respx.MockRouter) -> None:
    route = wire.get("/v1/records").respond(content=CHANGES, headers={"content-type": "application/json"})
    transport.records([gid(1), gid(2)], "c1")
    assert route.calls.last.request.url.params["gids"] == f"{gid(1)},{gid(2)}"


def test_a_manifest_that_has_not_changed(transport: HttpTransport, wire: respx.MockRouter) -> None:
    route = wire.get("/v1/manifest")
    route.respond(304)
    assert transport.manifest("m1").text is None
    assert route.calls.last.request.headers["if-none-match"] == "m1"
    route.respond(content='{"a":"é"}'.encode(), headers={"content-type": "application/json", "etag": '"m2"'})
    answer = transport.manifest(None)
    assert (answer.text, answer.etag) == ('{"a":"é"}', '"m2"')
    assert "if-none-match" not in route.calls.last.request.headers


@pytest.mark.parametrize("content", [b"\xff\xfe", b"<html>"])
def test_a_manifest_that_is_none(transport: HttpTransport, wire: respx.MockRouter, content: bytes) -> None:
    kind = "text/html" if content.startswith(b"<") else "application/json"
    wire.get("/v1/manifest").respond(content=content, headers={"content-type": kind})
    with pytest.raises(BadAnswer):
        transport.manifest(None)


def test_the_filter_of_registrations(transport: HttpTransport, wire: respx.MockRouter) -> None:
    asked = wire.get("/v1/clashes")
    asked.respond(200, json={"format": 1}, headers={**EPOCH, "etag": '"c1"'})
    assert transport.clashes(None) == ClashAnswer('{"format":1}', '"c1"')
    asked.respond(304, headers=EPOCH)
    assert transport.clashes('"c1"') == ClashAnswer(None, '"c1"')
    assert asked.calls.last.request.headers["if-none-match"] == '"c1"'
    asked.respond(204, headers=EPOCH)
    assert transport.clashes('"c1"') == ClashAnswer(None, "", offered=False)
    unknown = {"status": 404, "code": "not_found", "detail": "There is nothing here."}
    asked.respond(404, json=unknown, headers={"content-type": "application/problem+json"})
    assert transport.clashes(None) == ClashAnswer(None, "", offered=False)


def test_mutations_go_as_they_were_frozen(transport: HttpTransport, wire: respx.MockRouter) -> None:
    body = PushBody(mutations=(patch("m1", 1, {"x": None}, {"x": "é"}),))
    route = wire.post("/v1/mutations").respond(json={"epoch": "e1", "outcomes": []})
    assert transport.push(body).epoch == "e1"
    assert PushBody.model_validate_json(route.calls.last.request.content) == body


# -- the session -----------------------------------------------------------------------------------------


def test_a_refused_token_is_renewed_once_and_the_call_made_again(
    transport: HttpTransport, wire: respx.MockRouter, keys: Keys
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] == "Bearer t1":
            return refused()
        return httpx.Response(200, content=CHANGES, headers={"content-type": "application/json"})

    wire.get("/v1/changes").mock(side_effect=answer)
    assert transport.changes("c1", 5).envelope.cursor == "c2"
    assert keys.renewed == ["t1"]


def test_a_second_refusal_means_that_a_person_has_to_sign_in(
    transport: HttpTransport, wire: respx.MockRouter, keys: Keys
) -> None:
    route = wire.get("/v1/me").mock(side_effect=lambda _: refused())
    with pytest.raises(SignInNeeded):
        transport.me()
    assert (len(route.calls), keys.renewed) == (2, ["t1"])
    keys.ended = True
    with pytest.raises(SignInNeeded):
        transport.me()


def test_a_401_of_something_in_between_says_nothing_of_the_token(
    transport: HttpTransport, wire: respx.MockRouter, keys: Keys
) -> None:
    basic = {"www-authenticate": 'Basic realm="Maintenance"'}
    wire.get("/v1/me").respond(401, html="<h1>401 Authorization Required</h1>", headers=basic)
    with pytest.raises(BadAnswer):
        transport.me()
    assert keys.renewed == []


def test_a_stream_renews_its_token_too(transport: HttpTransport, wire: respx.MockRouter, keys: Keys) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        turned_away = request.headers["authorization"] == "Bearer t1"
        return refused() if turned_away else httpx.Response(200, content=b"bytes", headers=BYTES)

    wire.get("/v1/blobs/abc").mock(side_effect=answer)
    assert b"".join(transport.download("abc", 0)) == b"bytes"
    assert keys.renewed == ["t1"]


# -- bytes -----------------------------------------------------------------------------------------------


def test_a_download_from_the_middle(transport: HttpTransport, wire: respx.MockRouter) -> None:
    route = wire.get("/v1/blobs/abc").respond(
        206, content=b"rest", headers={**BYTES, "content-range": "bytes 6-9/10"}
    )
    assert b"".join(transport.download("abc", 6)) == b"rest"
    request = route.calls.last.request
    assert (request.headers["range"], request.headers["accept-encoding"]) == ("bytes=6-", "identity")


def test_a_gateway_that_sends_the_whole_is_read_from_the_middle(
    transport: HttpTransport, wire: respx.MockRouter
) -> None:
    parts = httpx.Response(200, headers=BYTES, stream=_Parts(b"first ", b"and", b" rest"))
    wire.get("/v1/blobs/abc").mock(return_value=parts)
    assert b"".join(transport.download("abc", 7)) == b"nd rest"


def test_another_part_than_asked_for_is_not_used(transport: HttpTransport, wire: respx.MockRouter) -> None:
    wire.get("/v1/blobs/abc").respond(
        206, content=b"rest", headers={**BYTES, "content-range": "bytes 0-9/10"}
    )
    with pytest.raises(BadAnswer):
        list(transport.download("abc", 6))


@pytest.mark.parametrize(
    "headers", [{"content-type": "text/html; charset=utf-8"}, {"content-range": "bytes 6-9/10"}, {}]
)
@pytest.mark.parametrize("status", [200, 206])
def test_a_page_of_the_network_is_no_part_of_a_file(
    transport: HttpTransport, wire: respx.MockRouter, status: int, headers: dict[str, str]
) -> None:
    page = httpx.Response(status, headers=headers, stream=_Parts(b"<html>Sign in to the network</html>"))
    wire.get("/v1/blobs/abc").mock(return_value=page)
    with pytest.raises(BadAnswer, match="Something other than the gateway answered"):
        list(transport.download("abc", 6))


def test_a_download_that_is_not_allowed(transport: HttpTransport, wire: respx.MockRouter) -> None:
    wire.get("/v1/blobs/abc").respond(
        404, json={"detail": "Not here."}, headers={"content-type": "application/problem+json"}
    )
    with pytest.raises(NotAllowed):
        list(transport.download("abc", 0))


def test_an_upload_says_where_its_bytes_go_and_how_many_are_held(
    transport: HttpTransport, wire: respx.MockRouter
) -> None:
    opened = wire.post("/v1/uploads").respond(201, json={"upload_id": "u1", "offset": 3})
    sha256 = hashlib.sha256(b"abcdef").hexdigest()
    assert transport.begin_upload(sha256, 6, "text/plain", "a.txt") == ("u1", 3)
    assert json.loads(opened.calls.last.request.content)["sha256"] == sha256
    sent = wire.patch("/v1/uploads/u1").respond(204, headers={"upload-offset": "6"})
    assert transport.upload("u1", 3, b"def") == 6
    request = sent.calls.last.request
    assert (request.headers["upload-offset"], request.content) == ("3", b"def")
    assert request.headers["content-type"] == "application/offset+octet-stream"


@pytest.mark.parametrize("said", ["", "-1", "many"])
def test_an_upload_that_does_not_say_how_many(
    transport: HttpTransport, wire: respx.MockRouter, said: str
) -> None:
    wire.patch("/v1/uploads/u1").respond(204, headers={"upload-offset": said})
    with pytest.raises(BadAnswer):
        transport.upload("u1", 3, b"def")


# -- the event channel -----------------------------------------------------------------------------------


class _Parts(httpx.SyncByteStream):
    """A body in parts, with an error at its end where one is given."""

    def __init__(self, *parts: bytes, error: Exception | None = None) -> None:
        self._parts = parts
        self._error = error
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        self.closed = True


def _events(*parts: bytes, error: Exception | None = None, kind: str = "text/event-stream") -> httpx.Response:
    return httpx.Response(200, headers={"content-type": kind}, stream=_Parts(*parts, error=error))


def test_pokes_begin_with_the_channel_itself(transport: HttpTransport, wire: respx.MockRouter) -> None:
    route = wire.get("/v1/events").mock(
        return_value=_events(b"data: p1\n\n: ping\n\nda", b"ta: p2\n\n", b"data: cut off")
    )
    assert list(transport.pokes()) == ["", "p1", "p2"]
    assert route.calls.last.request.headers["accept"] == "text/event-stream"


def test_a_channel_that_is_cut(transport: HttpTransport, wire: respx.MockRouter) -> None:
    wire.get("/v1/events").mock(return_value=_events(b"data: p1\n\n", error=httpx.ReadError("reset")))
    pokes = transport.pokes()
    assert [next(pokes), next(pokes)] == ["", "p1"]
    with pytest.raises(Unreachable):
        next(pokes)


def test_a_channel_that_answers_with_something_else(transport: HttpTransport, wire: respx.MockRouter) -> None:
    wire.get("/v1/events").mock(return_value=_events(b"<html>", kind="text/html; charset=utf-8"))
    with pytest.raises(BadAnswer):
        next(transport.pokes())


def test_a_channel_that_never_ends_its_line_is_closed(
    transport: HttpTransport, wire: respx.MockRouter
) -> None:
    wire.get("/v1/events").mock(return_value=_events(*[b"x" * 1024] * (MAX_EVENT // 1024 + 1)))
    pokes = transport.pokes()
    next(pokes)
    with pytest.raises(HostileAnswer):
        next(pokes)


def test_a_long_life_is_no_flood(transport: HttpTransport, wire: respx.MockRouter) -> None:
    wire.get("/v1/events").mock(return_value=_events(*[b"data: " + b"p" * 1000 + b"\n\n"] * 200))
    assert len(list(transport.pokes())) == 201


def test_hanging_up_closes_the_connection(transport: HttpTransport, wire: respx.MockRouter) -> None:
    stream = _Parts(b"data: p1\n\n")
    wire.get("/v1/events").mock(
        return_value=httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=stream)
    )
    pokes = transport.pokes()
    next(pokes)
    pokes.close()  # type: ignore[attr-defined]
    assert stream.closed


def test_a_busy_channel_says_how_long(transport: HttpTransport, wire: respx.MockRouter) -> None:
    wire.get("/v1/events").respond(503, headers={"retry-after": "9"})
    with pytest.raises(Busy) as caught:
        next(transport.pokes())
    assert caught.value.retry_after == 9


def test_a_push_is_under_way_while_something_else_is_done(
    transport: HttpTransport, wire: respx.MockRouter
) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def slow(_request: httpx.Request) -> httpx.Response:
        arrived.set()
        assert go_on.wait(10)
        return httpx.Response(200, json={"epoch": "e1", "outcomes": []}, headers=EPOCH)

    wire.post("/v1/mutations").mock(side_effect=slow)
    answer = transport.begin_push(PushBody(mutations=()))
    assert arrived.wait(10), "it is there, and nobody waits for it"
    go_on.set()
    assert answer().epoch == "e1"
    wire.post("/v1/mutations").mock(return_value=httpx.Response(503, headers={"retry-after": "9"}))
    with pytest.raises(Busy):
        transport.begin_push(PushBody(mutations=()))()


def test_a_push_after_the_end_says_what_any_call_says(
    transport: HttpTransport, wire: respx.MockRouter
) -> None:
    transport.abort()
    with pytest.raises(Unreachable):
        transport.begin_push(PushBody(mutations=()))()
