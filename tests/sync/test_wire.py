"""Every foreign error of the network becomes one of the contract's, and nothing else comes out."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
import respx

from app.contract import errors
from app.contract.changes import Me
from app.sync.wire import MAX_PROBLEM, Wire, parsed, translated

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BASE = "https://portal.halden.example"
PROBLEM = {"content-type": "application/problem+json"}


class FixedClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire(httpx.Client(base_url=BASE), FixedClock())
    yield made
    made.close()


@pytest.mark.parametrize(
    ("raised", "expected", "words"),
    [
        (httpx.ConnectError("[Errno -2] Name or service not known"), errors.Unreachable, "No network"),
        (httpx.ConnectError("[Errno 111] Connection refused"), errors.Unreachable, "not running"),
        (httpx.ConnectError("[SSL: WRONG_VERSION_NUMBER] wrong version"), errors.Unreachable, "reached"),
        (httpx.ConnectTimeout("slow"), errors.Unreachable, "in time"),
        (httpx.ReadTimeout("slow"), errors.Unreachable, "in time"),
        (httpx.ReadError("reset"), errors.Unreachable, "cut"),
        (httpx.WriteError("reset"), errors.Unreachable, "cut"),
        (httpx.RemoteProtocolError("peer closed connection"), errors.Unreachable, "cut"),
        (httpx.ProxyError("407"), errors.Unreachable, "proxy"),
        (httpx.DecodingError("not gzip"), errors.BadAnswer, "unpacked"),
        (httpx.UnsupportedProtocol("ftp"), errors.Unreachable, "reached"),
        (OSError("no route to host"), errors.Unreachable, "cut"),
    ],
)
@respx.mock
def test_errors_of_the_connection(
    wire: Wire, raised: Exception, expected: type[errors.CounterpartError], words: str
) -> None:
    respx.get(f"{BASE}/v1/me").mock(side_effect=raised)
    with pytest.raises(expected) as caught:
        wire.call("GET", "/v1/me")
    assert type(caught.value) is expected
    assert words in caught.value.cause


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (301, errors.BadAnswer),
        (302, errors.BadAnswer),
        (400, errors.BadAnswer),
        (401, errors.BadAnswer),
        (403, errors.BadAnswer),
        (404, errors.BadAnswer),
        (407, errors.Unreachable),
        (408, errors.Busy),
        (410, errors.BadAnswer),
        (413, errors.Refused),
        (422, errors.BadAnswer),
        (423, errors.Busy),
        (426, errors.UpdateNeeded),
        (429, errors.Busy),
        (500, errors.Busy),
        (502, errors.Busy),
        (503, errors.Busy),
        (504, errors.Busy),
        (511, errors.Unreachable),
    ],
)
@respx.mock
def test_statuses_without_a_problem_document_are_not_the_gateways_word(
    wire: Wire, status: int, expected: type[errors.CounterpartError]
) -> None:
    respx.get(f"{BASE}/v1/me").respond(status, html="<h1>Welcome to the Grand Hotel</h1>")
    with pytest.raises(expected) as caught:
        wire.call("GET", "/v1/me")
    assert type(caught.value) is expected


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "malformed", errors.Refused),
        (401, "sign_in", errors.SignInNeeded),
        (403, "not_allowed", errors.NotAllowed),
        (404, "not_found", errors.NotAllowed),
        (409, "id_reused", errors.Refused),
        (410, "cursor_expired", errors.CursorExpired),
        (413, "too_large", errors.Refused),
        (422, "invalid", errors.Refused),
        (422, "update_needed", errors.UpdateNeeded),
        (426, "update_needed", errors.UpdateNeeded),
        (429, "busy", errors.Busy),
        (503, "busy", errors.Busy),
    ],
)
@respx.mock
def test_problem_documents(
    wire: Wire, status: int, code: str, expected: type[errors.CounterpartError]
) -> None:
    respx.get(f"{BASE}/v1/me").respond(
        status,
        json={
            "status": status,
            "code": code,
            "detail": "Said by the gateway.",
            "fields": {"amount": "Locked."},
        },
        headers=PROBLEM,
    )
    with pytest.raises(expected) as caught:
        wire.call("GET", "/v1/me")
    assert type(caught.value) is expected
    if isinstance(caught.value, errors.Refused):
        assert (caught.value.cause, caught.value.code) == ("Said by the gateway.", code)
        assert caught.value.fields == {"amount": "Locked."}


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "17"}, {}, 17.0),
        ({"retry-after": "Tue, 24 Nov 2026 09:02:00 GMT"}, {}, 120.0),
        ({"retry-after": "Tue, 24 Nov 2026 08:00:00 GMT"}, {}, 0.0),
        ({"retry-after": "soon"}, {}, None),
        ({}, {}, None),
        ({"retry-after": "17"}, {"retry_after": 4.5}, 4.5),
    ],
)
@respx.mock
def test_the_wait_asked_for(
    wire: Wire, headers: dict[str, str], body: dict[str, float], seconds: float | None
) -> None:
    respx.get(f"{BASE}/v1/me").respond(429, json=body, headers={**PROBLEM, **headers})
    with pytest.raises(errors.Busy) as caught:
        wire.call("GET", "/v1/me")
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "code", "fields", "order"),
    [
        (401, "wipe", {"order": "order-7"}, "order-7"),
        (401, "wipe", {"order": "x" * 400}, "x" * 400),
        (401, "wipe", {"order": "x" * 401}, None),
        (401, "wipe", {"order": ""}, None),
        (401, "wipe", {}, None),
        (401, "sign_in", {"order": "order-7"}, None),
    ],
)
@respx.mock
def test_an_order_to_wipe_counts_only_when_it_can_be_confirmed(
    wire: Wire, status: int, code: str, fields: dict[str, str], order: str | None
) -> None:
    body = {"status": status, "code": code, "fields": fields}
    respx.get(f"{BASE}/v1/me").respond(status, json=body, headers=PROBLEM)
    with pytest.raises(errors.SignInNeeded) as caught:
        wire.call("GET", "/v1/me")
    found = caught.value.order if isinstance(caught.value, errors.WipeOrdered) else None
    assert found == order


@pytest.mark.parametrize("status", [400, 403, 404, 410, 422, 429, 503])
@respx.mock
def test_only_a_401_orders_a_wipe(wire: Wire, status: int) -> None:
    body = {"status": status, "code": "wipe", "fields": {"order": "order-7"}}
    respx.get(f"{BASE}/v1/me").respond(status, json=body, headers=PROBLEM)
    with pytest.raises(errors.CounterpartError) as caught:
        wire.call("GET", "/v1/me")
    assert not isinstance(caught.value, errors.SignInNeeded)


@respx.mock
def test_a_page_that_only_looks_like_an_order_to_wipe_is_none(wire: Wire) -> None:
    body = {"status": 401, "code": "wipe", "fields": {"order": "order-7"}}
    respx.get(f"{BASE}/v1/me").respond(401, json=body)
    with pytest.raises(errors.BadAnswer):
        wire.call("GET", "/v1/me")


@respx.mock
def test_a_body_above_its_bound_is_refused_also_when_it_was_small_on_the_wire(wire: Wire) -> None:
    bomb = gzip.compress(b"[" + b"0," * 500_000 + b"0]")
    assert len(bomb) < 10_000
    respx.get(f"{BASE}/v1/me").respond(
        200, content=bomb, headers={"content-encoding": "gzip", "content-type": "application/json"}
    )
    with pytest.raises(errors.HostileAnswer):
        wire.call("GET", "/v1/me", limit=100_000)


@respx.mock
def test_a_problem_document_above_its_bound_is_refused(wire: Wire) -> None:
    respx.get(f"{BASE}/v1/me").respond(422, content=b"{" + b" " * MAX_PROBLEM + b"}", headers=PROBLEM)
    with pytest.raises(errors.HostileAnswer):
        wire.call("GET", "/v1/me")


@respx.mock
def test_a_body_that_is_not_gzip_though_it_says_so_is_not_used(wire: Wire) -> None:
    plain = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"plain"))
    respx.get(f"{BASE}/v1/me").mock(return_value=plain)
    with pytest.raises(errors.BadAnswer):
        wire.call("GET", "/v1/me")


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b'{"user": "u1", "name": "Ma', "application/json"),
        (b"[]", "application/json"),
        (b"{}", "application/json"),
        (b"", "application/json"),
        (b"<html>Accept the terms of use</html>", "text/html; charset=utf-8"),
    ],
)
@respx.mock
def test_an_answer_that_is_not_what_it_should_be_is_not_used(
    wire: Wire, body: bytes, media_type: str
) -> None:
    respx.get(f"{BASE}/v1/me").respond(200, content=body, headers={"content-type": media_type})
    with pytest.raises(errors.BadAnswer):
        parsed(Me, wire.call("GET", "/v1/me"))


@respx.mock
def test_a_redirect_is_not_followed_so_that_a_token_stays_where_it_belongs(wire: Wire) -> None:
    respx.get(f"{BASE}/v1/me").respond(302, headers={"location": "https://elsewhere.example/"})
    elsewhere = respx.get("https://elsewhere.example/").respond(200, json={})
    with pytest.raises(errors.BadAnswer):
        wire.call("GET", "/v1/me", headers={"Authorization": "Bearer secret"})
    assert not elsewhere.called


def test_a_chain_of_causes_that_goes_round_in_a_circle_ends() -> None:
    one, two = httpx.ReadError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert isinstance(translated(one), errors.Unreachable)


def test_after_an_abort_nothing_is_called(wire: Wire) -> None:
    wire.abort()
    with pytest.raises(errors.Unreachable):
        wire.call("GET", "/v1/me")


def test_a_bug_is_not_dressed_up_as_a_network_error(wire: Wire) -> None:
    with respx.mock:
        respx.get(f"{BASE}/v1/me").mock(side_effect=AttributeError("a bug"))
        with pytest.raises(AttributeError):
            wire.call("GET", "/v1/me")
