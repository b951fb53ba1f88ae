"""2. When the answer to a refresh is lost after the gateway has committed it, asking again within a minute gives
the same successor; a token that is used again later ends the session of that device, and of no other.

More: `tests/gateway/test_identity.py`, `tests/unit/test_session_tokens.py`.
"""

from __future__ import annotations

import httpx
import pytest
from authlib.common.security import generate_token

from app.session.oauth import OAuth, TokenSet
from app.session.tokens import MemoryVault, Session
from app.sync.wire import Wire, system_client
from tests.e2e.together import Person, Vendor


@pytest.fixture
def person(vendor: Vendor) -> Person:
    return vendor.person("rep")


def begun(vendor: Vendor, person: Person, device: str) -> tuple[str, str]:
    """Sign a device in; returns access and refresh token."""
    identity = vendor.gateway.identity
    session = identity.session_for(person.user, f"{device} {generate_token(8)}")
    with vendor.gateway.ground.database.write() as connection:
        tokens = identity.sessions.first_tokens(connection, session.id)
    return tokens.access, tokens.refresh


def refreshed(vendor: Vendor, refresh: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "client_id": "counterpart-desktop", "refresh_token": refresh}
    return httpx.post(f"{vendor.url}/oauth/token", data=form, trust_env=False)


def works(vendor: Vendor, access: str) -> bool:
    bearer = {"Authorization": f"Bearer {access}"}
    return httpx.get(f"{vendor.url}/v1/me", headers=bearer, trust_env=False).status_code == 200


def test_a_lost_answer_is_given_again_and_is_the_same(vendor: Vendor, person: Person) -> None:
    _, first = begun(vendor, person, "laptop")
    lost = refreshed(vendor, first).json()
    vendor.clock.forward(seconds=30)
    again = refreshed(vendor, first).json()
    assert again["refresh_token"] == lost["refresh_token"]
    assert works(vendor, again["access_token"])


def test_a_replay_later_ends_that_devices_session_and_no_other(vendor: Vendor, person: Person) -> None:
    laptop, stolen = begun(vendor, person, "laptop")
    desktop, other = begun(vendor, person, "desktop")
    second = refreshed(vendor, stolen).json()
    third = refreshed(vendor, second["refresh_token"]).json()
    assert works(vendor, third["access_token"])
    vendor.clock.forward(minutes=2)
    answer = refreshed(vendor, stolen)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert not works(vendor, third["access_token"])
    assert not works(vendor, laptop)
    assert refreshed(vendor, third["refresh_token"]).status_code == 400
    assert works(vendor, desktop)
    assert refreshed(vendor, other).status_code == 200


def test_the_client_asks_again_with_the_same_token_when_the_answer_is_cut(
    vendor: Vendor, person: Person
) -> None:
    """The gateway commits, the answer never arrives; the client goes on with the token it has kept."""
    access, first = begun(vendor, person, "laptop")
    cuts = [True]

    def cut(response: httpx.Response) -> None:
        if response.request.url.path == "/oauth/token" and cuts and cuts.pop():
            raise httpx.ReadError("cut", request=response.request)

    client = system_client(vendor.url)
    client.event_hooks["response"].append(cut)
    wire = Wire(client, vendor.clock)
    vault = MemoryVault(TokenSet(access, first, vendor.clock.now()))
    session = Session(vault, OAuth(wire, vendor.clock), vendor.clock)
    with pytest.raises(Exception, match="cut"):
        session.access()
    assert session.signed_in
    assert works(vendor, session.access())
    wire.close()
