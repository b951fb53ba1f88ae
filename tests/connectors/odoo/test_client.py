"""How Odoo is spoken to, against a server that says what it is told to say."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from gateway.clock import SystemClock
from gateway.connecting import Outlets, open_systems
from gateway.connections import OdooConnection
from gateway.crm.digests import MemoryDigests
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.odoo.client import Client, Protocol
from gateway.crm.odoo.errors import OdooSaid
from gateway.crm.port import CrmUnauthorised, CrmUnavailable

_KEY = "0123456789abcdef0123"


class Server:
    """Answers calls, and remembers them. `speaks`: the paths it has."""

    def __init__(self, *speaks: str) -> None:
        self.speaks = speaks
        self.asked: list[tuple[str, Any, httpx.Headers]] = []
        self.says: Callable[[str, Any], httpx.Response] = lambda path, body: httpx.Response(200, json=[])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body, path = json.loads(request.content), request.url.path
        self.asked.append((path, body, request.headers))
        if not path.startswith(self.speaks):
            return httpx.Response(404, text="<h1>Not Found</h1>")
        if path == "/jsonrpc":
            if body["params"]["method"] == "authenticate":
                return httpx.Response(200, json={"jsonrpc": "2.0", "id": 1, "result": 5})
            said = self.says(path, body).json()
            wrong = isinstance(said, dict) and "name" in said
            return httpx.Response(200, json={"error": {"data": said}} if wrong else {"result": said})
        return self.says(path, body) if not path.endswith("context_get") else httpx.Response(200, json={})

    def client(self, protocol: Protocol = Protocol.AUTO) -> Client:
        transport = httpx.MockTransport(self)
        return Client(
            "http://odoo.example",
            "crm",
            "portal",
            SecretStr(_KEY),
            "Odoo",
            SystemClock(),
            protocol=protocol,
            transport=transport,
        )


def test_a_server_of_19_is_asked_by_json2() -> None:
    server = Server("/json/2/")
    client = server.client()
    client.call("crm.lead", "write", [7], vals={"name": "x"})
    client.call("crm.lead", "search_read", domain=[], fields=["name"])
    assert [path for path, _, _ in server.asked] == [
        "/json/2/res.users/context_get",
        "/json/2/crm.lead/write",
        "/json/2/crm.lead/search_read",
    ]
    _, body, headers = server.asked[1]
    assert body == {"ids": [7], "vals": {"name": "x"}, "context": {"lang": "en_US", "active_test": False}}
    assert headers["authorization"] == f"bearer {_KEY}"
    assert headers["x-odoo-database"] == "crm"
    assert "ids" not in server.asked[2][1]


def test_a_server_before_19_is_asked_by_jsonrpc() -> None:
    server = Server("/jsonrpc")
    client = server.client()
    client.call("crm.lead", "write", [7], vals={"name": "x"})
    client.call("crm.lead", "search_read", domain=[], fields=["name"])
    assert [path for path, _, _ in server.asked[1:]] == ["/jsonrpc"] * 3
    around = {"lang": "en_US", "active_test": False}
    *signed, model, method, places, named = server.asked[2][1]["params"]["args"]
    assert signed == ["crm", 5, _KEY]
    assert (model, method, places, named) == (
        "crm.lead",
        "write",
        [[7]],
        {"vals": {"name": "x"}, "context": around},
    )
    places, named = server.asked[3][1]["params"]["args"][5:]
    assert (places, named["domain"]) == ([], [])
    assert all("authorization" not in headers for _, _, headers in server.asked[1:])


def test_what_is_created_goes_by_place_before_19() -> None:
    server = Server("/jsonrpc")
    server.client().call("crm.lead", "create", vals_list=[{"name": "x"}])
    places, named = server.asked[-1][1]["params"]["args"][5:]
    assert places == [[{"name": "x"}]]
    assert "vals_list" not in named


@pytest.mark.parametrize("path", ["/json/2/", "/jsonrpc"])
def test_what_odoo_says_reaches_who_asked(path: str) -> None:
    server = Server(path)
    server.says = lambda _, __: httpx.Response(
        422, json={"name": "odoo.exceptions.UserError", "message": "No.", "debug": "…"}
    )
    with pytest.raises(OdooSaid) as caught:
        server.client().call("crm.lead", "write", [7], vals={})
    assert (caught.value.what.kind, caught.value.what.message) == ("UserError", "No.")


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_status_that_odoo_gives_its_exceptions_is_no_failure_of_the_way(status: int) -> None:
    server = Server("/json/2/")
    server.says = lambda _, __: httpx.Response(status, json={"name": "builtins.ValueError", "message": "x"})
    with pytest.raises(OdooSaid):
        server.client().call("crm.lead", "read", [7], fields=[])


@pytest.mark.parametrize("status", [500, 502, 503, 404, 409])
def test_what_a_proxy_says_is_one(status: int) -> None:
    server = Server("/json/2/")
    server.says = lambda _, __: httpx.Response(status, text="<h1>Bad gateway</h1>")
    with pytest.raises(CrmUnavailable):
        server.client().call("crm.lead", "read", [7], fields=[])


def test_a_key_that_does_not_count_is_told_and_not_shown() -> None:
    refused = {"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}
    transport = httpx.MockTransport(lambda request: httpx.Response(401, json=refused))
    client = Client(
        "http://o.example", "crm", "", SecretStr(_KEY), "Odoo", SystemClock(), transport=transport
    )
    with pytest.raises(CrmUnauthorised) as caught:
        client.call("crm.lead", "read", [7], fields=[])
    assert "Invalid apikey" in str(caught.value)
    assert _KEY not in repr(caught.value)


def test_a_server_that_is_down_is_not_taken_for_an_old_one() -> None:
    answers = [httpx.Response(503), httpx.Response(200, json={}), httpx.Response(200, json=[])]
    transport = httpx.MockTransport(lambda request: answers.pop(0))
    client = Client(
        "http://o.example", "crm", "", SecretStr(_KEY), "Odoo", SystemClock(), transport=transport
    )
    with pytest.raises(CrmUnavailable):
        client.call("crm.lead", "read", [7], fields=[])
    assert client.call("crm.lead", "read", [7], fields=[]) == []
    assert answers == []


def test_settings_open_it() -> None:
    erp = OdooConnection(
        kind="odoo",
        url="http://o.example/",
        database="crm",
        key=SecretStr(_KEY),
        entities=("company", "order", "invoice"),
        late_commit=30.0,
    )
    with closing(EmbeddedCrm.open()) as crm:
        [system] = open_systems({"erp": erp}, Outlets(crm, SystemClock(), MemoryDigests()))
    assert (system.name, system.port.label) == ("erp", "Odoo")
    assert system.mapping.objects() == ("res.partner", "sale.order", "account.move")
    can = system.port.capabilities
    assert (can.late_commit, can.clock_step, can.rate) == (30.0, 1.0, None)


def test_numbers_with_a_fraction_are_text() -> None:
    server = Server("/json/2/")
    server.says = lambda _, __: httpx.Response(200, content=b'[{"id": 1, "expected_revenue": 0.1}]')
    assert server.client().call("crm.lead", "read", [1], fields=[]) == [{"id": 1, "expected_revenue": "0.1"}]
