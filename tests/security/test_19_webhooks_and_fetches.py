"""19. A webhook counts when its raw body is signed, at most five minutes old, and new; whatever the gateway fetches
by an address out of data comes from the public network alone: never a private or a cloud's metadata address.

More: `tests/gateway/test_webhooks.py`, `tests/gateway/test_webhook_scheme.py`, `tests/gateway/test_outbound.py`.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.outbound import Outbound, OutboundFailed, OutboundRefused, Rules
from tests.gateway.test_outbound import Site, running
from tests.gateway.test_webhooks import Sender, kept, named, sending
from tests.gateway.world import World
from tests.security.source import calls


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Sender]:
    world = World(folder=tmp_path)
    with sending(world) as found:
        yield found
    world.gateway.close()


def test_a_signed_delivery_is_taken_once(sender: Sender) -> None:
    body = named(sender.world.deal())
    headers = sender.headers(body)
    assert sender.send(body, headers).status_code == 202
    assert sender.send(body, headers).status_code in (401, 409), "the very same again"
    assert kept(sender.world)[0] == 1


def test_the_raw_body_is_what_is_signed(sender: Sender) -> None:
    """The same JSON, written another way, is another body."""
    body = named(sender.world.deal())
    headers = sender.headers(body)
    rewritten = json.dumps(json.loads(body), indent=1).encode()
    assert json.loads(rewritten) == json.loads(body)
    assert sender.send(rewritten, headers).status_code in (401, 403)
    assert sender.send(body + b" ", headers).status_code in (401, 403)
    assert kept(sender.world) == (0, 0)


@pytest.mark.parametrize("seconds", [301, -301, 86_400])
def test_more_than_five_minutes_either_way_is_too_much(sender: Sender, seconds: int) -> None:
    body = named(sender.world.deal())
    at = sender.world.clock.now() - timedelta(seconds=seconds)
    assert sender.send(body, sender.headers(body, at)).status_code in (401, 403)
    assert sender.send(body, sender.headers(body, secret=b"another secret")).status_code in (401, 403)
    assert sender.send(body, {}).status_code in (401, 403)
    assert kept(sender.world) == (0, 0)
    near = sender.world.clock.now() - timedelta(seconds=290)
    assert sender.send(body, sender.headers(body, near)).status_code == 202


INSIDE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200", "0.0.0.0", "::1",
    "fe80::1", "fc00::1", "::ffff:169.254.169.254", "2002:a9fe:a9fe::", "64:ff9b::a9fe:a9fe", "224.0.0.1",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_points_inside_is_not_fetched(address: str) -> None:
    out = Outbound(Rules(), lambda _host, _port: [address])
    with pytest.raises(OutboundRefused):
        out.get("https://files.crm.example/price-list.pdf")
    shown = f"[{address}]" if ":" in address else address
    with pytest.raises(OutboundRefused):
        out.get(f"https://{shown}/latest/meta-data/")


@pytest.mark.parametrize(
    "url",
    [
        "http://files.crm.example/x",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://localhost/",
        "https://metadata.google.internal/",
        "file:///etc/passwd",
        "gopher://x.example/",
        "https://user:pass@files.crm.example/",
        "https://files.crm.example:22/\r\nX: y",
    ],
)
def test_an_address_that_only_looks_like_a_public_one_is_not_fetched(url: str) -> None:
    out = Outbound(Rules(), lambda _host, _port: ["127.0.0.1"])
    with pytest.raises((OutboundRefused, OutboundFailed)):
        out.get(url)


def test_a_redirect_inside_is_not_followed() -> None:
    with running(Site()) as site:
        site.leads = {"/": "https://169.254.169.254/latest/meta-data/"}
        with pytest.raises(OutboundRefused):
            site.outbound().get(site.url("/"))
        assert [path for path, _, _ in site.asked] == ["/"]


def test_nothing_of_the_gateway_fetches_in_another_way() -> None:
    """Who makes a client of the network's: the way out, and the connectors to the systems a person has named."""
    making = {
        path for name in ("Client", "AsyncClient") for path, call in calls(name, "gateway") if _httpx(call)
    }
    assert {path for path in making if not path.startswith("gateway/crm/")} <= {
        "gateway/outbound.py",
        "gateway/identity/oidc.py",
        "gateway/demonstration.py",
    }, making
    assert [path for path, call in calls("urlopen", "gateway")] == []
    assert [path for path, call in calls("get", "gateway") if _httpx(call)] == []


def _httpx(call: ast.Call) -> bool:
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and isinstance(function.value, ast.Name)
        and function.value.id == "httpx"
    )
