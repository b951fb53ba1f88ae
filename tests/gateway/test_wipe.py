"""Orders to destroy what a device holds: who hears them, for how long, and the receipt."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import select

from app.contract.colleagues import Wiped
from gateway.api.app import build_app
from gateway.identity.session import Bearer
from gateway.identity.sessions import InvalidGrant, Tokens
from gateway.problems import Problem
from gateway.tables import wipe
from tests.gateway.serving import serving
from tests.gateway.signing_in import witnessed
from tests.gateway.test_identity import signed_in
from tests.gateway.world import World
from tests.patience import PATIENCE

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def refused(world: World, tokens: Tokens) -> tuple[str, str]:
    """How an access token is refused: the code, and the order if there is one. Every way in says the same."""
    ways = []
    with pytest.raises(Problem) as caught:
        world.gateway.identity.authenticate(tokens.access)
    ways.append((caught.value.code, caught.value.fields.get("order", "")))
    with pytest.raises(Problem) as caught:
        world.gateway.reading.snapshot(Bearer(tokens.access), None, None)
    ways.append((caught.value.code, caught.value.fields.get("order", "")))
    assert ways[0] == ways[1]
    assert caught.value.status == 401
    return ways[0]


def order_of(world: World, tokens: Tokens) -> str:
    """The order a refresh token is answered with."""
    with pytest.raises(InvalidGrant) as caught:
        world.gateway.identity.sessions.refresh(tokens.refresh)
    return caught.value.wipe


def ordered(world: World) -> tuple[Tokens, str]:
    """A signed-in device that was told to wipe itself, and the order."""
    tokens = signed_in(world)
    assert world.gateway.identity.revoke_device(world.admin.user, "d1", wipe=True) == 1
    return tokens, order_of(world, tokens)


def test_both_tokens_of_the_device_are_answered_with_the_order(world: World) -> None:
    tokens, order = ordered(world)
    assert len(order) == 43
    assert refused(world, tokens) == ("wipe", order)
    world.gateway.identity.sessions.check(world.admin)


def test_a_device_that_was_only_signed_out_is_not_told_to_wipe(world: World) -> None:
    tokens = signed_in(world)
    world.gateway.identity.revoke_device(world.admin.user, "d1")
    assert refused(world, tokens) == ("sign_in", "")
    assert order_of(world, tokens) == ""


def test_it_is_told_however_late_the_device_comes_back(world: World) -> None:
    tokens, order = ordered(world)
    world.clock.forward(60 * 86400)
    world.gateway.tidy()
    assert order_of(world, tokens) == order
    assert refused(world, tokens) == ("wipe", order)
    world.gateway.identity.wiped(Wiped(order=order, wiped_at=AT))
    world.gateway.tidy()
    assert order_of(world, tokens) == ""
    assert refused(world, tokens) == ("sign_in", "")


def test_it_is_told_to_a_device_that_stayed_away_long_before_it_was_given(world: World) -> None:
    tokens = signed_in(world)
    world.clock.forward(60 * 86400)
    world.gateway.tidy()
    world.gateway.identity.revoke_device(world.admin.user, "d1", wipe=True)
    assert order_of(world, tokens)


def test_a_last_token_is_not_kept_for_ever(world: World) -> None:
    tokens = signed_in(world)
    world.clock.forward((14 + 365) * 86400)
    world.gateway.tidy()
    world.gateway.identity.revoke_device(world.admin.user, "d1", wipe=True)
    assert order_of(world, tokens) == ""


def test_it_is_told_to_a_device_that_was_signed_out_before(world: World) -> None:
    tokens = signed_in(world)
    world.gateway.identity.revoke_token({"token": tokens.refresh, "client_id": "counterpart-desktop"})
    world.gateway.identity.revoke_device(world.admin.user, "d1", wipe=True)
    assert order_of(world, tokens)


def test_an_open_session_that_listens_is_told(world: World) -> None:
    world.gateway.identity.revoke_device(world.admin.user, world.admin.device, wipe=True)
    with pytest.raises(Problem) as caught:
        world.gateway.reading.listened_for(world.admin)
    assert caught.value.code == "wipe"


def test_a_second_order_is_the_first_one(world: World) -> None:
    tokens, order = ordered(world)
    world.gateway.identity.revoke_device(world.admin.user, "d1", wipe=True)
    assert order_of(world, tokens) == order
    with world.database.read() as connection:
        assert connection.execute(select(wipe.c.order)).scalars().all() == [order]


def test_signing_in_before_the_device_has_obeyed_leads_to_the_order(world: World) -> None:
    _, order = ordered(world)
    again = signed_in(world)
    assert refused(world, again) == ("wipe", order)
    assert order_of(world, again) == order


def test_signing_in_on_a_wiped_device_starts_anew(world: World) -> None:
    old, order = ordered(world)
    world.gateway.identity.wiped(Wiped(order=order, wiped_at=AT))
    tokens = signed_in(world)
    assert world.gateway.identity.authenticate(tokens.access).device == "d1"
    assert refused(world, old) == ("sign_in", "")
    world.gateway.identity.revoke_device(world.admin.user, "d1", wipe=True)
    assert order_of(world, tokens) not in ("", order), "a new order has its own receipt"


def test_a_receipt_is_kept_once(world: World) -> None:
    _, order = ordered(world)
    world.clock.forward(60)
    world.gateway.identity.wiped(Wiped(order=order, wiped_at=AT, kept_aside=2))
    first = world.clock.now()
    world.clock.forward(60)
    world.gateway.identity.wiped(Wiped(order=order, wiped_at=AT.replace(hour=12), kept_aside=0))
    with world.database.read() as connection:
        row = connection.execute(select(wipe)).one()
    assert (row.wiped_at, row.reported_at, row.kept_aside) == (AT, first, 2)
    with pytest.raises(Problem) as caught:
        world.gateway.identity.wiped(Wiped(order="never given", wiped_at=AT))
    assert caught.value.status == 404
    with pytest.raises(Problem) as caught:
        world.gateway.identity.wiped(Wiped(order="\x00", wiped_at=AT))
    assert caught.value.status == 404


def test_a_closed_account_takes_its_devices_along(world: World) -> None:
    tokens = signed_in(world)
    assert world.gateway.identity.deactivate(world.admin.user, wipe=True) == 2
    assert refused(world, tokens)[0] == "wipe"
    assert order_of(world, tokens)
    with world.database.read() as connection:
        assert len(connection.execute(select(wipe)).all()) == 2


def test_a_device_of_somebody_else_cannot_be_wiped(world: World) -> None:
    for device in (world.other.device, "none", "\x00"):
        with pytest.raises(Problem) as caught:
            world.gateway.identity.revoke_device(world.admin.user, device, wipe=True)
        assert caught.value.status == 404
    world.gateway.identity.sessions.check(world.other)


def test_over_http(world: World) -> None:
    witness = witnessed(world)
    gateway = world.gateway
    tokens = signed_in(world)
    with serving(build_app(gateway)) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        headers = {"Authorization": f"Bearer {tokens.access}"}
        listed = client.get("/v1/devices", headers=headers).json()["items"]
        assert [(item["id"], item["this"], item["signed_in"]) for item in listed] == [
            ("d1", True, True),
            (world.admin.device, False, True),
        ]
        assert client.delete(f"/v1/devices/{world.admin.device}", headers=headers).status_code == 204
        assert client.delete(f"/v1/devices/{world.other.device}", headers=headers).status_code == 404
        assert client.delete("/v1/devices/d1?wipe=true", headers=headers).status_code == 204
        answer = client.get("/v1/me", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "wipe")
        order = answer.json()["fields"]["order"]
        form = {
            "grant_type": "refresh_token",
            "client_id": "counterpart-desktop",
            "refresh_token": tokens.refresh,
        }
        denied = client.post("/oauth/token", data=form)
        assert (denied.status_code, denied.json()["error"], denied.json()["wipe"]) == (
            400,
            "invalid_grant",
            order,
        )
        receipt = {"order": order, "wiped_at": AT.isoformat()}
        for _ in range(2):
            assert client.post("/v1/wiped", json=receipt).status_code == 204
        assert client.post("/v1/wiped", json={**receipt, "order": "x"}).status_code == 404
        assert client.post("/v1/wiped", json={**receipt, "kept_aside": -1}).status_code == 422
        assert "wipe" not in client.post("/oauth/token", data=form).json()
    told = [event for event in witness.events if event[2] == "d1"]
    assert [event for event, *_ in told] == [
        "signed_in",
        "wipe_ordered",
        "device_revoked",
        "session_ended",
        "wiped",
    ]
    assert {user for _, user, *_ in told} == {world.admin.user}
    assert order not in str(witness.events), "an order is a secret"
