"""Sign-in in hostile hands, where separately made parts meet: codes, resets, closed accounts, kiosks, wipes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.contract.colleagues import Wiped
from gateway.identity.sessions import InvalidGrant
from gateway.identity.wipes import outstanding
from gateway.problems import Problem
from gateway.tables import auth_code
from tests.gateway.signing_in import browser, with_options
from tests.gateway.test_identity import QUERY, code_from, exchange, works
from tests.gateway.test_invitations import GOOD
from tests.gateway.test_kiosk import allow, asked, poll
from tests.gateway.world import World


def reset(world: World) -> None:
    """A new password: somebody had the old one."""
    link = world.gateway.identity.new_link(world.admin.user)
    world.gateway.identity.invitations.use(link.token, GOOD, GOOD)


def closed_and_reopened(world: World) -> None:
    """An account that was closed for a while."""
    world.gateway.identity.deactivate(world.admin.user)
    world.gateway.identity.reactivate(world.admin.user)


def device_revoked(world: World) -> None:
    """The device the code is for is signed out."""
    identity = world.gateway.identity
    identity.session_for(world.admin.user, "The same", "d1")
    identity.revoke_device(world.admin.user, "d1")


ENDS = [reset, closed_and_reopened, device_revoked]


@pytest.mark.parametrize("end", ENDS)
def test_a_code_given_before_leads_to_no_session_after_everything_was_ended(
    world: World, end: Callable[[World], None]
) -> None:
    code = code_from(world)
    end(world)
    with pytest.raises(InvalidGrant):
        exchange(world, code)


def closed(world: World) -> None:
    """The account is closed."""
    world.gateway.identity.deactivate(world.admin.user)


@pytest.mark.parametrize("end", [reset, closed])
def test_a_password_that_was_right_a_moment_ago_leads_to_no_code(
    world: World, end: Callable[[World], None]
) -> None:
    """It takes a tenth of a second to find out, in which everything may have been ended."""
    sign_in = world.gateway.identity.sign_in
    proof = sign_in.check_password("ada@example.test", "correct horse")
    end(world)
    with pytest.raises(Problem, match="changed a moment ago") as refused:
        sign_in.let_in(sign_in.request(QUERY), proof)
    assert refused.value.status == 401
    with world.database.read() as connection:
        assert connection.execute(select(auth_code)).all() == []


@pytest.mark.parametrize("end", ENDS[:2])
def test_a_kiosk_that_was_let_in_before_does_not_come_in_after(
    world: World, end: Callable[[World], None]
) -> None:
    """It has ten minutes to ask, and would stay for twelve hours."""
    with browser(with_options(world, device_code=True)) as client:
        kiosk = asked(client)
        assert allow(client, kiosk["user_code"]).status_code == 200
        end(world)
        assert poll(client, kiosk["device_code"])[0] == 400


def test_codes_of_others_and_of_other_devices_stay_good(world: World) -> None:
    theirs, elsewhere = code_from(world, email="olga@example.test"), code_from(world)
    reset(world)
    assert exchange(world, theirs).access
    elsewhere = code_from(world, GOOD)
    world.gateway.identity.session_for(world.admin.user, "Another", "d2")
    world.gateway.identity.revoke_device(world.admin.user, "d2")
    assert works(world, exchange(world, elsewhere).access)


def test_the_name_of_a_kiosk_turns_nothing_around_it(world: World) -> None:
    """A name may turn what follows it to run from the right; the code is to be compared as it stands there."""
    with_options(world, device_code=True)
    name = "\u202ereversed"
    with browser(world) as client:
        form = {"client_id": "counterpart-desktop", "device_name": name}
        code = client.post("/oauth/device_authorization", data=form).json()["user_code"]
        page = client.get("/oauth/device", params={"user_code": code})
    assert f"<bdi>{name}</bdi>" in page.text


def test_a_kiosk_cannot_pass_for_a_device_its_user_has(world: World) -> None:
    """A kiosk may list its user's devices. Under the id of one of them it could have that one wipe itself."""
    with browser(with_options(world, device_code=True)) as client:
        identity = world.gateway.identity
        laptop = identity.session_for(world.admin.user, "Her laptop", "k1")
        kiosk = asked(client)
        assert allow(client, kiosk["user_code"]).status_code == 200
        session = identity.authenticate(poll(client, kiosk["device_code"])[1]["access_token"])
        assert session.kiosk
        assert session.device != "k1"
        with pytest.raises(Problem):
            identity.revoke_own_device(session, "k1", wipe=True)
        identity.sessions.check(laptop)
        assert {item.name for item in identity.devices.listed(laptop).items} >= {
            "Her laptop",
            "Warehouse desk",
        }


def test_a_kiosk_keeps_its_own_device_from_day_to_day(world: World) -> None:
    with browser(with_options(world, device_code=True)) as client:
        found = set()
        for _ in range(2):
            kiosk = asked(client)
            allow(client, kiosk["user_code"])
            tokens = poll(client, kiosk["device_code"])[1]
            found.add(world.gateway.identity.authenticate(tokens["access_token"]).device)
            world.clock.forward(13 * 3600)
        assert found == {"k1"}


def test_what_is_never_held_up_holds_up_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ending a session and a wipe's receipt pass every limit: made-up ones must not take the turn to write."""
    identity = world.gateway.identity
    identity.revoke_device(world.admin.user, world.admin.device, wipe=True)
    with world.database.read() as connection:
        order = outstanding(connection, world.admin.user, world.admin.device)
    done = Wiped(order=order, wiped_at=world.clock.now(), kept_aside=0)
    identity.wiped(done)

    def taken() -> None:
        raise AssertionError("it took the turn to write")

    monkeypatch.setattr(world.database, "write", taken)
    assert identity.revoke_token({"token": "made up"}).status == 200
    identity.wiped(done)
    with pytest.raises(Problem) as caught:
        identity.wiped(done.model_copy(update={"order": "made up"}))
    assert caught.value.status == 404
