"""The calls about colleagues and devices as they go over HTTP, and what their refusals become."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import respx

from app.contract.colleagues import NewColleague, NewRole
from app.contract.errors import BadAnswer, Busy, CounterpartError, NotAllowed, Refused, WipeOrdered
from app.sync.colleagues import ColleagueCalls
from app.sync.signed import Signed
from app.sync.wire import Wire
from tests.sync.test_http_transport import Keys, refused
from tests.sync.world import TestClock

BASE = "https://portal.halden.example"
PRIYA = {
    "id": "u2",
    "name": "Priya Raman",
    "email": "priya@brightwater.example",
    "role": "rep",
    "role_label": "Sales representative",
    "invited_until": "2026-11-30T09:41:00Z",
    "something_new": True,
}
INVITED = {"colleague": PRIYA, "link": f"{BASE}/welcome/abc", "link_until": "2026-11-30T09:41:00Z"}
SAM = NewColleague(name="Sam Lee", email="sam@brightwater.example", role="rep")


@pytest.fixture
def keys() -> Keys:
    return Keys()


@pytest.fixture
def calls(keys: Keys) -> Iterator[ColleagueCalls]:
    wire = Wire(httpx.Client(base_url=BASE), TestClock())
    yield ColleagueCalls(Signed(wire, keys))
    wire.close()


@pytest.fixture
def server() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=BASE, assert_all_called=False) as router:
        yield router


def body_of(route: respx.Route) -> Any:
    request = route.calls.last.request
    assert request.headers["authorization"] == "Bearer t1"
    assert request.headers["content-type"] == "application/json"
    return json.loads(request.content)


def test_everybody_is_read(calls: ColleagueCalls, server: respx.MockRouter) -> None:
    roles = [{"name": "rep", "label": "Sales representative"}]
    server.get("/v1/colleagues").respond(json={"items": [PRIYA], "roles": roles})
    found = calls.colleagues()
    assert [one.label for one in found.roles] == ["Sales representative"]
    assert found.items[0].invited_until == datetime(2026, 11, 30, 9, 41, tzinfo=UTC)
    assert not found.items[0].you


def test_somebody_is_invited(calls: ColleagueCalls, server: respx.MockRouter) -> None:
    route = server.post("/v1/colleagues").respond(201, json=INVITED)
    assert calls.invite(SAM).link == f"{BASE}/welcome/abc"
    assert body_of(route) == {"name": "Sam Lee", "email": "sam@brightwater.example", "role": "rep"}


def test_a_link_a_role_and_an_end(calls: ColleagueCalls, server: respx.MockRouter) -> None:
    link = server.post("/v1/colleagues/u2/link").respond(json=INVITED)
    role = server.patch("/v1/colleagues/u2").respond(json=PRIYA)
    end = server.delete("/v1/colleagues/u2").respond(204)
    assert calls.link("u2").colleague.name == "Priya Raman"
    assert body_of(link) == {}
    assert calls.change_role("u2", NewRole(role="finance")).id == "u2"
    assert body_of(role) == {"role": "finance"}
    calls.remove("u2")
    assert end.called


@pytest.mark.parametrize(("wipe", "query"), [(False, {}), (True, {"wipe": "true"})])
def test_devices_are_read_and_signed_out(
    calls: ColleagueCalls, server: respx.MockRouter, wipe: bool, query: dict[str, str]
) -> None:
    device = {"id": "d1", "name": "Old laptop", "signed_in_at": "2026-11-01T08:00:00Z", "this": True}
    server.get("/v1/devices").respond(json={"items": [device]})
    assert [(one.this, one.signed_in, one.last_seen_at) for one in calls.devices().items] == [
        (True, True, None)
    ]
    route = server.delete("/v1/devices/d1").respond(204)
    calls.sign_out_device("d1", wipe=wipe)
    assert dict(route.calls.last.request.url.params) == query


def test_an_id_never_leads_elsewhere(calls: ColleagueCalls, server: respx.MockRouter) -> None:
    route = server.route(method="DELETE").respond(204)
    calls.remove("../devices/d1?wipe=true")
    assert route.calls.last.request.url.raw_path == b"/v1/colleagues/..%2Fdevices%2Fd1%3Fwipe%3Dtrue"


def test_a_token_that_ran_out_is_renewed(calls: ColleagueCalls, server: respx.MockRouter, keys: Keys) -> None:
    route = server.delete("/v1/colleagues/u2")
    route.side_effect = [refused(), httpx.Response(204)]
    calls.remove("u2")
    assert keys.renewed == ["t1"]
    assert route.calls.last.request.headers["authorization"] == "Bearer t2"


def everything(calls: ColleagueCalls) -> list[Callable[[], object]]:
    return [
        calls.colleagues,
        lambda: calls.invite(SAM),
        lambda: calls.link("u2"),
        lambda: calls.change_role("u2", NewRole(role="rep")),
        lambda: calls.remove("u2"),
        calls.devices,
        lambda: calls.sign_out_device("d1", wipe=True),
    ]


@pytest.mark.parametrize(
    ("status", "document", "expected"),
    [
        (403, {"code": "not_allowed", "detail": "Your role does not keep colleagues."}, NotAllowed),
        (404, {"code": "not_found", "detail": "There is no such colleague."}, NotAllowed),
        (409, {"code": "exists", "detail": "This address is known."}, Refused),
        (422, {"code": "invalid", "detail": "No.", "fields": {"email": "Not an address."}}, Refused),
        (429, {"code": "busy", "detail": "Slowly.", "retry_after": 40}, Busy),
        (401, {"code": "wipe", "fields": {"order": "order-1"}}, WipeOrdered),
    ],
)
def test_refusals_become_errors_that_say_the_gateways_words(
    calls: ColleagueCalls,
    server: respx.MockRouter,
    keys: Keys,
    status: int,
    document: dict[str, Any],
    expected: type[CounterpartError],
) -> None:
    headers = {"content-type": "application/problem+json"}
    server.route().respond(status, json={"status": status, **document}, headers=headers)
    for call in everything(calls):
        with pytest.raises(expected) as caught:
            call()
        assert type(caught.value) is expected
        if expected is Refused:
            assert isinstance(caught.value, Refused)
            assert (caught.value.code, caught.value.fields) == (document["code"], document.get("fields", {}))
        if status not in (401, 429):
            assert caught.value.cause == document["detail"]
    assert keys.renewed == [], "an order to wipe is no matter of which token it was"


def test_an_answer_of_another_shape_is_not_used(calls: ColleagueCalls, server: respx.MockRouter) -> None:
    server.route().respond(json={"items": [{"id": 1}]})
    for call in (calls.colleagues, calls.devices):
        with pytest.raises(BadAnswer):
            call()
