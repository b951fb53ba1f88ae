"""What goes wrong on the way to a system becomes the port's own errors, and secrets stay out of their words."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from gateway.crm.calling import Answer, Caller
from gateway.crm.port import CrmBusy, CrmError, CrmUnauthorised, CrmUnavailable
from tests.gateway.world import FixedClock

_SECRET = "pat-very-secret"


def _caller(answer: httpx.Response | Exception, clock: FixedClock | None = None) -> Caller:
    calls = []

    def respond(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        assert len(calls) == 1, "nothing is tried again"
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Caller(
        "https://crm.example",
        "The CRM",
        clock or FixedClock(),
        lambda: {"Authorization": f"Bearer {_SECRET}"},
        transport=httpx.MockTransport(respond),
        waits=lambda answer: 7.0 if answer.headers.get("x-policy") else None,
    )


@pytest.mark.parametrize(
    ("status", "headers", "kind", "wait"),
    [
        (429, {"Retry-After": "3"}, CrmBusy, 3.0),
        (429, {}, CrmBusy, 10.0),
        (429, {"X-Policy": "TEN_SECONDLY"}, CrmBusy, 7.0),
        (429, {"Retry-After": "soon"}, CrmBusy, 10.0),
        (429, {"Retry-After": "99999999"}, CrmBusy, 3_600.0),
        (423, {}, CrmUnavailable, 2.0),
        (423, {"Retry-After": "0"}, CrmUnavailable, 2.0),
        (401, {}, CrmUnauthorised, 60.0),
        (403, {}, CrmUnauthorised, 60.0),
        (500, {}, CrmUnavailable, 2.0),
        (503, {"Retry-After": "30"}, CrmUnavailable, 30.0),
        (302, {"Location": "https://elsewhere.example"}, CrmUnavailable, 2.0),
    ],
)
def test_what_is_no_answer(
    status: int, headers: dict[str, str], kind: type[CrmUnavailable], wait: float
) -> None:
    with pytest.raises(CrmUnavailable) as caught:
        _caller(httpx.Response(status, headers=headers)).call("GET", f"/deals?key={_SECRET}")
    assert type(caught.value) is kind
    assert caught.value.retry_after == wait
    assert _SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "error", [httpx.ConnectError(_SECRET), httpx.ReadTimeout(_SECRET), httpx.RemoteProtocolError(_SECRET)]
)
def test_what_breaks_on_the_way(error: httpx.HTTPError) -> None:
    with pytest.raises(CrmUnavailable) as caught:
        _caller(error).call("POST", "/deals", json={})
    assert _SECRET not in str(caught.value)


@pytest.mark.parametrize("status", [200, 201, 204, 207, 400, 404, 409, 412])
def test_every_other_answer_is_handed_on(status: int) -> None:
    answer = _caller(httpx.Response(status, content=b'{"a": [1, 1.10]}')).call("GET", "/")
    assert answer.status == status
    assert answer.well == (status < 300)


def test_amounts_are_never_floats() -> None:
    data = _caller(httpx.Response(200, content=b'{"amount": 1234567.10, "n": 3}')).call("GET", "/").data
    assert data == {"amount": "1234567.10", "n": 3}
    assert Decimal(data["amount"]) == Decimal("1234567.10")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 100_000])
def test_what_is_no_json_is_no_data(body: bytes) -> None:
    assert _caller(httpx.Response(400, content=body)).call("GET", "/").data is None


def test_the_systems_clock_is_told_by_its_answers() -> None:
    clock = FixedClock()
    # It is seven minutes and some behind ours.
    caller = _caller(httpx.Response(200, headers={"Date": "Tue, 24 Nov 2026 08:52:59 GMT"}), clock)
    # Nothing was heard of it yet.
    assert caller.now() == clock.now() - timedelta(minutes=5)
    caller.call("GET", "/")
    assert caller.now() == clock.now() - timedelta(minutes=7, seconds=1)
    clock.forward(60)
    assert caller.now() == clock.now() - timedelta(minutes=7, seconds=1)


def test_an_answer_does_not_show_its_headers() -> None:
    assert _SECRET not in repr(Answer(200, None, {"set-cookie": _SECRET}))
    assert issubclass(CrmUnauthorised, CrmError)
