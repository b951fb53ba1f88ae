"""Device codes: a kiosk is let in from a browser, for a working day, and only where a setting allows it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.contract.sealing import Seal
from gateway.identity.options import Options
from gateway.identity.seals import Seals
from gateway.identity.session import Session
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


# ------------------------------------------------------------------------------------------------------------- seals


def let_in(client: httpx.Client, device_id: str = "k1") -> dict[str, str]:
    """Sign Ada in on a kiosk; returns its headers."""
    found = client.post("/oauth/device_authorization", data={**ASK, "device_id": device_id}).json()
    assert allow(client, found["user_code"]).status_code == 200
    return {"Authorization": f"Bearer {poll(client, found['device_code'])[1]['access_token']}"}


def seal_of(client: httpx.Client, headers: dict[str, str]) -> Seal:
    """Ask for the seal."""
    answer = client.get("/v1/seal", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return Seal.model_validate_json(answer.content)


@ON_BOTH
def test_the_same_person_gets_the_same_seal_at_the_same_kiosk(client: httpx.Client) -> None:
    first, again, elsewhere = (seal_of(client, let_in(client, kiosk)) for kiosk in ("k1", "k1", "k2"))
    assert first.secret() == again.secret() != elsewhere.secret()
    assert first.farewell != again.farewell


def test_nobody_else_gets_that_seal(kiosk_world: World, client: httpx.Client) -> None:
    world = kiosk_world
    mine = seal_of(client, let_in(client))
    seals = world.gateway.identity.seals
    others = {
        seals.seal(Session("s", user, "k1", "a kiosk", kiosk=True, machine="k1")).seal
        for user in (world.rep.user, world.other.user)
    }
    assert len(others) == 2
    assert mine.seal not in others
    # Where one part ends and the next begins is part of what is signed.
    split = [
        seals.seal(Session("s", user, "d", "n", kiosk=True, machine=machine)).seal
        for user, machine in (("ab", "c"), ("a", "bc"))
    ]
    assert split[0] != split[1]


def test_a_seal_is_of_the_machine_and_not_of_the_id_it_goes_under(
    kiosk_world: World, client: httpx.Client
) -> None:
    """A kiosk that names a device of its user's own goes under another id each time."""
    world = kiosk_world
    named = world.admin.device
    first, again = let_in(client, named), let_in(client, named)
    tokens = [headers["Authorization"].removeprefix("Bearer ") for headers in (first, again)]
    ids = [world.gateway.identity.authenticate(token).device for token in tokens]
    assert len({*ids, named}) == 3
    assert seal_of(client, first).secret() == seal_of(client, again).secret()


def test_what_is_no_kiosk_gets_no_seal(kiosk_world: World, client: httpx.Client) -> None:
    with kiosk_world.database.write() as connection:
        sessions = kiosk_world.gateway.identity.sessions
        token = sessions.first_tokens(connection, kiosk_world.admin.id).access
    answer = client.get("/v1/seal", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    headers = let_in(client)
    with_options(kiosk_world)
    with browser(kiosk_world) as off:
        assert off.get("/v1/seal", headers=headers).status_code == 404, "nor where kiosks are off"


def test_another_secret_makes_other_seals(kiosk_world: World, client: httpx.Client) -> None:
    session = Session("s", kiosk_world.admin.user, "k1", "a kiosk", kiosk=True, machine="k1")
    before = seal_of(client, let_in(client)).seal
    assert Seals(kiosk_world.gateway.setup.secret, Options(device_code=True)).seal(session).seal == before
    assert Seals(bytes(32), Options(device_code=True)).seal(session).seal != before


def test_a_farewell_ends_its_session_and_can_do_nothing_else(client: httpx.Client) -> None:
    headers, other = let_in(client), let_in(client, "k2")
    farewell = seal_of(client, headers).farewell
    as_token = {"Authorization": f"Bearer {farewell}"}
    assert client.get("/v1/me", headers=as_token).status_code == 401
    assert client.get("/v1/seal", headers=as_token).status_code == 401
    refresh = {"grant_type": "refresh_token", "client_id": "counterpart-desktop", "refresh_token": farewell}
    assert client.post("/oauth/token", data=refresh).json()["error"] == "invalid_grant"
    for forged in (farewell[:-2] + "xx", farewell.partition(".")[0], '"x"'):
        assert client.post("/oauth/revoke", data={"token": forged}).status_code == 200
    assert client.get("/v1/me", headers=headers).status_code == 200
    for _ in range(2):
        assert client.post("/oauth/revoke", data={"token": farewell}).status_code == 200
    assert client.get("/v1/me", headers=headers).status_code == 401
    assert client.get("/v1/me", headers=other).status_code == 200


def test_a_kiosk_that_is_to_wipe_itself_gets_no_seal(kiosk_world: World, client: httpx.Client) -> None:
    headers = let_in(client)
    kiosk_world.gateway.identity.revoke_device(kiosk_world.admin.user, "k1", wipe=True)
    assert client.get("/v1/seal", headers=headers).json()["code"] == "wipe"
    assert client.get("/v1/seal", headers=let_in(client)).json()["code"] == "wipe"
