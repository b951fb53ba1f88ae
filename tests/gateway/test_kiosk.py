"""Device codes: a kiosk is let in from a browser, for a working day, and only where a setting allows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.problems import Problem
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.signing_in import browser, hidden, with_options
from tests.gateway.world import World

pytestmark = AT_THE_SURFACE

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ASK = {"client_id": "counterpart-desktop", "device_id": "k1", "device_name": "Warehouse desk"}


@pytest.fixture
def kiosk_world(world: World) -> World:
    """A world that lets kiosks in."""
    return with_options(world, device_code=True)


@pytest.fixture
def client(kiosk_world: World) -> Iterator[httpx.Client]:
    """A browser on it."""
    with browser(kiosk_world) as found:
        yield found


def asked(client: httpx.Client) -> dict[str, Any]:
    """Ask as a kiosk."""
    answer = client.post("/oauth/device_authorization", data=ASK)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def poll(client: httpx.Client, device_code: str) -> tuple[int, dict[str, Any]]:
    """Ask whether somebody has let it in."""
    form = {"grant_type": GRANT, "client_id": "counterpart-desktop", "device_code": device_code}
    answer = client.post("/oauth/token", data=form)
    return answer.status_code, answer.json()


def allow(client: httpx.Client, user_code: str, password: str = "correct horse") -> httpx.Response:
    """Let a kiosk in as Ada."""
    page = client.get("/oauth/device", params={"user_code": user_code})
    assert page.status_code == 200, page.text
    form = {"request": hidden(page, "request"), "email": "ada@example.test", "password": password}
    return client.post("/oauth/device", data=form)


@ON_BOTH
def test_the_whole_way(kiosk_world: World, client: httpx.Client) -> None:
    world = kiosk_world
    found = asked(client)
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", found["user_code"])
    assert (found["expires_in"], found["interval"]) == (600, 5)
    assert found["verification_uri"] == f"{str(client.base_url).rstrip('/')}/oauth/device"
    assert poll(client, found["device_code"])[1]["error"] == "authorization_pending"
    page = client.get("/oauth/device", params={"user_code": found["user_code"].lower().replace("-", " ")})
    assert "Warehouse desk" in page.text, "it says what is let in"
    assert "12 hours" in page.text
    wrong = allow(client, found["user_code"], "wrong")
    assert (wrong.status_code, "do not go together" in wrong.text) == (401, True)
    assert poll(client, found["device_code"])[1]["error"] in ("authorization_pending", "slow_down")
    assert allow(client, found["user_code"]).status_code == 200
    status, tokens = poll(client, found["device_code"])
    assert status == 200, tokens
    session = world.gateway.identity.authenticate(tokens["access_token"])
    assert (session.user, session.device, session.kiosk) == (world.admin.user, "k1", True)
    assert world.gateway.me(session).keeps_colleagues is False
    status, again = poll(client, found["device_code"])
    assert (status, again["error"]) == (400, "invalid_grant")
    with pytest.raises(Problem):
        world.gateway.identity.authenticate(tokens["access_token"])


def test_a_kiosk_that_asks_too_often_is_slowed_down(kiosk_world: World, client: httpx.Client) -> None:
    code = asked(client)["device_code"]
    errors = []
    for seconds in (0, 1, 6, 15, 15):
        kiosk_world.clock.forward(seconds)
        errors.append(poll(client, code)[1]["error"])
    # Its pace grows from 5 seconds by 5 with each question that comes too soon.
    assert errors == [
        "authorization_pending",
        "slow_down",
        "slow_down",
        "authorization_pending",
        "authorization_pending",
    ]


def test_a_code_runs_out(kiosk_world: World, client: httpx.Client) -> None:
    found = asked(client)
    kiosk_world.clock.forward(600)
    assert poll(client, found["device_code"])[1]["error"] == "expired_token"
    assert client.get("/oauth/device", params={"user_code": found["user_code"]}).status_code == 422
    kiosk_world.gateway.tidy()
    assert poll(client, found["device_code"])[0] == 400


def test_a_kiosk_is_kept_out(client: httpx.Client) -> None:
    found = asked(client)
    page = client.get("/oauth/device", params={"user_code": found["user_code"]})
    form = {"request": hidden(page, "request"), "cancel": "1"}
    assert client.post("/oauth/device", data=form).status_code == 200
    assert poll(client, found["device_code"])[1]["error"] == "access_denied"
    assert client.post("/oauth/device", data=form).status_code == 422
    assert client.get("/oauth/device", params={"user_code": found["user_code"]}).status_code == 422


def test_a_code_is_good_for_one_kiosk(client: httpx.Client) -> None:
    found, other = asked(client), asked(client)
    allow(client, found["user_code"])
    assert poll(client, other["device_code"])[1]["error"] == "authorization_pending"
    page = client.get("/oauth/device", params={"user_code": found["user_code"]})
    assert page.status_code == 422


def test_codes_cannot_be_tried_out(client: httpx.Client) -> None:
    statuses = [
        client.get("/oauth/device", params={"user_code": f"BCDF-GHJ{'BCDFGHJKLM'[n % 10]}"}).status_code
        for n in range(42)
    ]
    assert statuses == [422] * 40 + [429] * 2
    assert client.post("/oauth/device_authorization", data=ASK).status_code == 429


def test_a_forged_page_lets_nothing_in(client: httpx.Client) -> None:
    form = {"request": "BCDF-GHJK", "email": "ada@example.test", "password": "correct horse"}
    assert client.post("/oauth/device", data=form).status_code == 422


def test_a_kiosk_is_signed_in_for_a_working_day(kiosk_world: World, client: httpx.Client) -> None:
    world = kiosk_world
    found = asked(client)
    allow(client, found["user_code"])
    refresh = poll(client, found["device_code"])[1]["refresh_token"]
    for _ in range(11):
        world.clock.forward(3600)
        refresh = world.gateway.identity.sessions.refresh(refresh).refresh
    world.clock.forward(3600)
    assert world.gateway.identity.token(
        {"grant_type": "refresh_token", "client_id": "counterpart-desktop", "refresh_token": refresh}
    ).body["error"] == ("invalid_grant")


def test_a_kiosk_keeps_no_colleagues_and_no_other_devices(kiosk_world: World, client: httpx.Client) -> None:
    found = asked(client)
    allow(client, found["user_code"])
    headers = {"Authorization": f"Bearer {poll(client, found['device_code'])[1]['access_token']}"}
    assert client.get("/v1/colleagues", headers=headers).status_code == 403
    other = kiosk_world.admin.device
    assert client.delete(f"/v1/devices/{other}?wipe=true", headers=headers).status_code == 403
    assert client.delete("/v1/devices/k1", headers=headers).status_code == 204


def test_it_is_off_unless_it_is_turned_on(world: World) -> None:
    with browser(world) as client:
        assert client.post("/oauth/device_authorization", data=ASK).status_code == 404
        assert client.get("/oauth/device").status_code == 404
        assert client.post("/oauth/device", data={"request": "x"}).status_code == 404
        assert client.get("/oauth/device/handover").status_code == 404
        assert poll(client, "x")[1]["error"] == "unsupported_grant_type"


def test_a_client_nobody_knows_gets_no_code(client: httpx.Client) -> None:
    answer = client.post("/oauth/device_authorization", data={**ASK, "client_id": "another"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
