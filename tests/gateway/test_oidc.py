"""Sign-in handed over to a real OpenID Connect provider (Canaille), which runs in this process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gateway.identity.options import OidcOptions
from gateway.identity.people import NewUser
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.signing_in import browser, hidden, with_options, witnessed
from tests.gateway.test_identity import BACK, QUERY, exchange
from tests.gateway.world import World

pytestmark = AT_THE_SURFACE

#: The gateway's address has to be registered at the provider before it listens.
PUBLIC = "http://127.0.0.1:1"


@pytest.fixture
def registered(iam_server: Any) -> Iterator[Any]:
    """The gateway as the provider knows it."""
    client = iam_server.models.Client(
        client_id="counterpart-gateway",
        client_secret="not guessed",
        client_name="Counterpart",
        client_uri=PUBLIC,
        redirect_uris=[f"{PUBLIC}/oauth/callback"],
        grant_types=["authorization_code"],
        response_types=["code"],
        token_endpoint_auth_method="client_secret_basic",
        scope=["openid", "email", "profile"],
    )
    iam_server.backend.save(client)
    iam_server.backend.update(client, audience=[client])
    iam_server.backend.save(client)
    yield client
    iam_server.backend.delete(client)


@pytest.fixture
def ada(iam_server: Any, registered: Any) -> Iterator[Any]:
    """Ada as the provider knows her, signed in there."""
    user = iam_server.random_user(user_name="ada", emails=["Ada@example.test"])
    iam_server.login(user)
    iam_server.consent(user, registered)
    yield user
    iam_server.logout()
    iam_server.backend.delete(user)


@pytest.fixture
def handed(world: World, iam_server: Any, registered: Any) -> World:
    """A world whose gateway hands over to the provider, at the provider's time."""
    world.clock.at = datetime.now(UTC)
    return hand_over(world, iam_server)


def hand_over(world: World, iam_server: Any, **options: Any) -> World:
    """Let a world's gateway hand over."""
    told = {
        "issuer": iam_server.url.rstrip("/"),
        "client_id": "counterpart-gateway",
        "client_secret": "not guessed",
        "label": "Canaille",
        # It checks addresses, but does not say so in its tokens.
        "trust_email": True,
        **options,
    }
    return with_options(world, public_url=PUBLIC, device_code=True, oidc=OidcOptions(**told))


def to_provider(client: httpx.Client) -> str:
    """Go to the sign-in page and from there to the provider; returns the provider's address."""
    page = client.get("/oauth/authorize", params=QUERY)
    assert "Sign in with Canaille" in page.text
    link = page.text.split('href="')[1].split('"')[0]
    left = client.get(link)
    assert left.status_code == 303, left.text
    return left.headers["location"]


def at_provider(address: str) -> str:
    """Be sent back by the provider; returns path and query of the way back."""
    answer = httpx.get(address)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    assert f"{back.scheme}://{back.netloc}" == PUBLIC
    return f"{back.path}?{back.query}"


@ON_BOTH
def test_a_sign_in_by_way_of_the_provider(handed: World, ada: Any) -> None:
    witness = witnessed(handed)
    with browser(handed) as client:
        back = client.get(at_provider(to_provider(client)))
        assert back.status_code == 303, back.text
        assert back.headers["location"].startswith(BACK + "?")
        answer = parse_qs(urlsplit(back.headers["location"]).query)
        tokens = exchange(handed, answer["code"][0])
        again = client.get(at_provider(to_provider(client)))
    assert answer["state"] == ["s1"]
    assert handed.gateway.identity.authenticate(tokens.access).user == handed.admin.user
    assert again.status_code == 303, "and once more, by who she is there"
    assert witness.names == ["identity_linked", "signed_in"]


def test_it_goes_straight_there_where_there_are_no_passwords(
    handed: World, ada: Any, iam_server: Any
) -> None:
    hand_over(handed, iam_server, only=True)
    with browser(handed) as client:
        left = client.get("/oauth/authorize", params=QUERY)
        assert left.status_code == 303
        assert client.get(at_provider(left.headers["location"])).status_code == 303
        sealed = handed.gateway.identity.sign_in.seal(handed.gateway.identity.sign_in.request(QUERY))
        form = {"request": sealed, "email": "ada@example.test", "password": "correct horse"}
        assert client.post("/oauth/authorize", data=form).status_code == 403


def test_nobody_gets_an_account_by_it(handed: World, ada: Any) -> None:
    handed.gateway.identity.deactivate(handed.admin.user)
    before = len(handed.gateway.identity.people.everybody())
    with browser(handed) as client:
        back = client.get(at_provider(to_provider(client)))
    assert back.status_code == 403
    assert "There is no account for ada@example.test here" in back.text
    assert len(handed.gateway.identity.people.everybody()) == before


def test_who_somebody_is_there_outlives_a_change_of_address(handed: World, ada: Any, iam_server: Any) -> None:
    with browser(handed) as client:
        assert client.get(at_provider(to_provider(client))).status_code == 303
        iam_server.backend.update(ada, emails=["ada@elsewhere.test"])
        iam_server.backend.save(ada)
        assert client.get(at_provider(to_provider(client))).status_code == 303


def test_a_way_back_is_good_once_and_in_one_browser(handed: World, ada: Any) -> None:
    with browser(handed) as client, browser(handed) as stranger:
        way = at_provider(to_provider(client))
        assert stranger.get(way).status_code == 422
        cookies = dict(client.cookies)
        assert client.get(way).status_code == 303
        replayed = client.get(way, headers={"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())})
        assert replayed.status_code == 422
        assert "was used before" in replayed.text


def test_who_gives_up_at_the_provider_is_led_back_to_the_app(handed: World) -> None:
    with browser(handed) as client:
        state = parse_qs(urlsplit(to_provider(client)).query)["state"][0]
        back = client.get("/oauth/callback", params={"error": "access_denied", "state": state})
    assert (back.status_code, back.headers["location"]) == (303, f"{BACK}?error=access_denied&state=s1")


def test_a_kiosk_is_let_in_by_way_of_the_provider(handed: World, ada: Any) -> None:
    with browser(handed) as client:
        asked = client.post(
            "/oauth/device_authorization", data={"client_id": "counterpart-desktop", "device_id": "k1"}
        ).json()
        page = client.get("/oauth/device", params={"user_code": asked["user_code"]})
        left = client.get("/oauth/device/handover", params={"request": hidden(page, "request")})
        assert client.get(at_provider(left.headers["location"])).status_code == 200
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "client_id": "counterpart-desktop",
            "device_code": asked["device_code"],
        }
        tokens = client.post("/oauth/token", data=form).json()
    session = handed.gateway.identity.authenticate(tokens["access_token"])
    assert (session.user, session.kiosk) == (handed.admin.user, True)


def test_who_was_invited_may_sign_in_there_instead(handed: World, ada: Any, iam_server: Any) -> None:
    identity = handed.gateway.identity
    link = identity.invite(NewUser("Nina New", "nina@example.test", "rep", (handed.gid(handed.north),)))
    iam_server.backend.update(ada, emails=["nina@example.test"])
    iam_server.backend.save(ada)
    with browser(handed) as client:
        assert client.get(at_provider(to_provider(client))).status_code == 303
        assert client.get(f"/oauth/invitation/{link.token}").status_code == 404, "it has been taken up"
    listed = identity.colleagues.listed(handed.admin).items
    assert {item.name: item.invited_until for item in listed}["Nina New"] is None


def test_an_address_nobody_vouches_for(handed: World, ada: Any, iam_server: Any) -> None:
    hand_over(handed, iam_server, trust_email=False)
    with browser(handed) as client:
        back = client.get(at_provider(to_provider(client)))
    assert (back.status_code, "does not vouch" in back.text) == (403, True)


def test_a_token_the_provider_made_for_nobody(
    handed: World, ada: Any, registered: Any, iam_server: Any
) -> None:
    iam_server.backend.update(registered, audience=[])
    iam_server.backend.save(registered)
    with browser(handed) as client:
        assert client.get(at_provider(to_provider(client))).status_code == 502


def test_a_secret_the_provider_does_not_know(handed: World, ada: Any, iam_server: Any) -> None:
    hand_over(handed, iam_server, client_secret="another")
    with browser(handed) as client:
        back = client.get(at_provider(to_provider(client)))
    assert back.status_code == 502
    assert "another" not in back.text
