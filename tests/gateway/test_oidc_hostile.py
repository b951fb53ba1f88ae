"""What an OpenID Connect issuer, or somebody in its place, may say that is not believed."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from sqlalchemy import select

from gateway.identity.handover import Leaving, Returned
from gateway.identity.oidc import is_safe
from gateway.identity.options import OidcOptions
from gateway.problems import Problem
from gateway.settings import Settings
from gateway.tables import account_subject
from tests.gateway.signing_in import browser, hidden, with_options, witnessed
from tests.gateway.test_identity import QUERY
from tests.gateway.world import World

# What an issuer says is judged before any database is asked; `test_oidc.py` runs on both.
pytestmark = pytest.mark.databases("sqlite")

ISSUER = "https://issuer.example/tenant"
BASE = "https://partners.example"
RSA = RSAKey.generate_key(2048, {"kid": "k1"})
OTHER = RSAKey.generate_key(2048, {"kid": "k1"})
NEXT = RSAKey.generate_key(2048, {"kid": "k2"})
CURVE = ECKey.generate_key("P-256", {"kid": "k3"})


class FakeIssuer:
    """An issuer that says what a test tells it to."""

    def __init__(self, world: World, **options: Any) -> None:
        self.world = world
        self.asked: list[str] = []
        self.keys: list[Any] = [RSA, CURVE]
        self.signs_with: Any = RSA
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {}
        self.left_out: tuple[str, ...] = ()
        self.raw: Callable[[dict[str, Any]], str] | None = None
        self.discovery: dict[str, Any] = {}
        self.answers: dict[str, Callable[[], httpx.Response]] = {}
        self.form: dict[str, str] = {}
        self.nonce = ""
        oidc = OidcOptions(ISSUER, "us", "secret", transport=httpx.MockTransport(self._answer), **options)
        with_options(world, oidc=oidc)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]()
        if path == "/tenant/.well-known/openid-configuration":
            document = {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
            return httpx.Response(200, json={**document, **self.discovery})
        if path == "/tenant/keys":
            return httpx.Response(200, json=KeySet(self.keys).as_dict())
        assert path == "/tenant/token"
        self.form = {name: value[0] for name, value in parse_qs(request.content.decode()).items()}
        return httpx.Response(200, json={"access_token": "x", "id_token": self._token()})

    def _token(self) -> str:
        now = int(self.world.clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": "us",
            "sub": "ada-there",
            "exp": now + 300,
            "iat": now,
            "nonce": self.nonce,
            "email": "ada@example.test",
            "email_verified": True,
            **self.claims,
        }
        for name in self.left_out:
            del claims[name]
        if self.raw:
            return self.raw(claims)
        header = {"alg": self.algorithm, "kid": self.signs_with.kid}
        return jwt.encode(header, claims, self.signs_with, algorithms=[self.algorithm])

    # ------------------------------------------------------------------------------------------------- the browser

    def leave(self) -> tuple[Leaving, dict[str, str]]:
        """Leave for the issuer; returns how, and the query to come back with."""
        handover = self.world.gateway.identity.handover
        assert handover is not None
        leaving = handover.leave("sign-in:x", BASE)
        asked = parse_qs(urlsplit(leaving.address).query)
        self.nonce = asked["nonce"][0]
        return leaving, {"state": asked["state"][0], "code": "c"}

    def come_back(self, leaving: Leaving, query: dict[str, str]) -> Returned:
        """Come back with that."""
        handover = self.world.gateway.identity.handover
        assert handover is not None
        return handover.come_back(query, leaving.value, BASE)

    def round(self) -> Returned:
        """Leave and come back."""
        return self.come_back(*self.leave())

    def refused(self) -> int:
        """The status with which a round is refused."""
        with pytest.raises(Problem) as caught:
            self.round()
        return caught.value.status


@pytest.fixture
def issuer(world: World) -> FakeIssuer:
    """An issuer that is as it should be, so far."""
    return FakeIssuer(world)


def test_one_that_is_as_it_should_be(world: World, issuer: FakeIssuer) -> None:
    leaving, query = issuer.leave()
    asked = {name: value[0] for name, value in parse_qs(urlsplit(leaving.address).query).items()}
    assert asked["redirect_uri"] == f"{BASE}/oauth/callback"
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid email profile")
    assert issuer.come_back(leaving, query) == Returned("sign-in:x", world.admin.user)
    assert (issuer.form["client_secret"], issuer.form["redirect_uri"]) == ("secret", f"{BASE}/oauth/callback")
    assert "secret" not in leaving.address
    assert issuer.round().user == world.admin.user
    assert issuer.asked.count("/tenant/keys") == 1, "what holds is not asked again"


def test_its_other_algorithms(world: World, issuer: FakeIssuer) -> None:
    issuer.signs_with, issuer.algorithm = CURVE, "ES256"
    assert issuer.round().user == world.admin.user
    issuer.signs_with, issuer.algorithm = RSA, "PS256"
    assert issuer.round().user == world.admin.user


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": ""},
        {"aud": "somebody else"},
        {"aud": []},
        {"aud": ["us", "them"]},
        {"aud": ["us", "them"], "azp": "them"},
        {"azp": "them"},
        {"iss": "https://issuer.example/another"},
        {"iss": ISSUER + "/"},
        {"exp": 1},
        {"exp": "soon"},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "ada\x00"},
    ],
)
def test_claims_that_are_not_believed(world: World, issuer: FakeIssuer, claims: dict[str, Any]) -> None:
    issuer.claims = claims
    assert issuer.refused() == 502
    with world.database.read() as connection:
        assert connection.execute(select(account_subject)).all() == []


@pytest.mark.parametrize("name", ["nonce", "aud", "iss", "exp", "iat", "sub"])
def test_claims_that_are_missing(issuer: FakeIssuer, name: str) -> None:
    issuer.left_out = (name,)
    assert issuer.refused() == 502


def test_several_audiences_with_us_as_the_one_meant(world: World, issuer: FakeIssuer) -> None:
    issuer.claims = {"aud": ["us", "them"], "azp": "us"}
    assert issuer.round().user == world.admin.user


def part(value: Any) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def unsigned(claims: dict[str, Any]) -> str:
    """A token that says it needs no signature."""
    return f"{part({'alg': 'none', 'kid': 'k1'})}.{part(claims)}."


def by_public_key(claims: dict[str, Any]) -> str:
    """A token signed with the public key as if it were a shared secret."""
    signed = f"{part({'alg': 'HS256', 'kid': 'k1'})}.{part(claims)}"
    mark = hmac.digest(RSA.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"


def by_client_secret(claims: dict[str, Any]) -> str:
    """A token signed with the client's secret, which is no proof of the issuer here."""
    return jwt.encode({"alg": "HS256", "kid": "k1"}, claims, OctKey.import_key("secret" * 8))


def by_its_own_key(claims: dict[str, Any]) -> str:
    """A token that brings the key it was signed with."""
    header = {"alg": "RS256", "kid": "k1", "jwk": OTHER.as_dict(private=False)}
    return jwt.encode(header, claims, OTHER)


def by_another_key(claims: dict[str, Any]) -> str:
    """A token signed with a key of the same name."""
    return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, OTHER)


def changed_afterwards(claims: dict[str, Any]) -> str:
    """A token whose claims were changed."""
    head, _, signature = jwt.encode({"alg": "RS256", "kid": "k1"}, {**claims, "sub": "x"}, RSA).split(".")
    return f"{head}.{part(claims)}.{signature}"


@pytest.mark.parametrize(
    "raw",
    [
        unsigned,
        by_public_key,
        by_client_secret,
        by_its_own_key,
        by_another_key,
        changed_afterwards,
        lambda _: "",
        lambda _: "a.b",
        lambda _: "a.b.c",
        lambda _: f"{part({'alg': 'RS256'})}.{part([])}.x",
    ],
)
def test_tokens_nobody_there_has_signed(issuer: FakeIssuer, raw: Callable[[dict[str, Any]], str]) -> None:
    issuer.raw = raw
    assert issuer.refused() == 502


def test_a_key_that_is_new_is_asked_for(world: World, issuer: FakeIssuer) -> None:
    issuer.round()
    issuer.keys, issuer.signs_with = [RSA, NEXT], NEXT
    assert issuer.refused() == 502, "not more often than once a minute, whatever it is shown"
    assert issuer.asked.count("/tenant/keys") == 1
    world.clock.forward(61)
    assert issuer.round().user == world.admin.user
    world.clock.forward(61)
    issuer.keys, issuer.signs_with = [OTHER], NEXT
    world.clock.forward(3600)
    assert issuer.refused() == 502, "a key it does not stand by any more"


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://issuer.example/another"},
        {"issuer": None},
        {"token_endpoint": "http://issuer.example/tenant/token"},
        {"token_endpoint": "https://127.0.0.1/token"},
        {"token_endpoint": "http://localhost:8470/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": "https://user@issuer.example/token"},
        {"token_endpoint": 7},
        {"jwks_uri": "http://169.254.169.254/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
def test_what_it_says_of_itself_that_is_not_followed(issuer: FakeIssuer, discovery: dict[str, Any]) -> None:
    issuer.discovery = discovery
    assert issuer.refused() == 502
    assert issuer.asked == ["/tenant/.well-known/openid-configuration"]


def lost() -> httpx.Response:
    """No answer."""
    raise httpx.ReadTimeout("too late")


@pytest.mark.parametrize(
    ("path", "answer", "status"),
    [
        ("/tenant/token", lost, 503),
        ("/tenant/keys", lost, 503),
        ("/tenant/.well-known/openid-configuration", lost, 503),
        ("/tenant/token", lambda: httpx.Response(400, json={"error": "invalid_grant"}), 502),
        ("/tenant/token", lambda: httpx.Response(200, text="<html>"), 502),
        ("/tenant/token", lambda: httpx.Response(200, json=["x"]), 502),
        ("/tenant/token", lambda: httpx.Response(200, json={}), 502),
        ("/tenant/token", lambda: httpx.Response(302, headers={"Location": "http://127.0.0.1/"}), 502),
        ("/tenant/keys", lambda: httpx.Response(200, json={"keys": []}), 502),
        ("/tenant/keys", lambda: httpx.Response(200, json={"keys": "x"}), 502),
        ("/tenant/keys", lambda: httpx.Response(200, json={"keys": [{"kty": "RSA"}]}), 502),
        ("/tenant/keys", lambda: httpx.Response(200, content=b"x" * 600_000), 502),
    ],
)
def test_answers_that_cannot_be_used(
    issuer: FakeIssuer, path: str, answer: Callable[[], httpx.Response], status: int
) -> None:
    issuer.answers[path] = answer
    assert issuer.refused() == status


# --------------------------------------------------------------------------------------------------- whose account


@pytest.mark.parametrize(
    ("claims", "trusted", "status"),
    [
        ({"email_verified": False}, False, 403),
        ({"email_verified": "true"}, False, 403),
        ({"email_verified": None}, False, 403),
        ({"email_verified": False}, True, 0),
        ({"email": ""}, True, 403),
        ({"email": ["ada@example.test"]}, True, 403),
        ({"email": "nobody@example.test"}, False, 403),
        ({"email": " ADA@Example.test "}, False, 0),
    ],
)
def test_whose_address_counts(world: World, claims: dict[str, Any], trusted: bool, status: int) -> None:
    issuer = FakeIssuer(world, trust_email=trusted)
    issuer.claims = claims
    if status:
        assert issuer.refused() == status
    else:
        assert issuer.round().user == world.admin.user


def test_who_was_known_is_known_by_who_they_are_not_by_address(world: World, issuer: FakeIssuer) -> None:
    issuer.round()
    issuer.claims = {"email": "olga@example.test", "email_verified": False}
    assert issuer.round().user == world.admin.user


def test_an_address_that_was_given_to_somebody_else_there(world: World, issuer: FakeIssuer) -> None:
    witness = witnessed(world)
    issuer.round()
    issuer.claims = {"sub": "somebody else"}
    assert issuer.refused() == 403
    assert witness.names == ["identity_linked", "sign_in_failed"]
    world.gateway.identity.new_link(world.admin.user)
    assert issuer.round().user == world.admin.user, "a new invitation says that it is right"


def test_a_closed_account_stays_closed(world: World, issuer: FakeIssuer) -> None:
    issuer.round()
    world.gateway.identity.deactivate(world.admin.user)
    assert issuer.refused() == 403


# --------------------------------------------------------------------------------------------------- the way back


def test_a_state_is_good_once(issuer: FakeIssuer) -> None:
    leaving, query = issuer.leave()
    issuer.come_back(leaving, query)
    with pytest.raises(Problem) as caught:
        issuer.come_back(leaving, query)
    assert caught.value.status == 422
    assert issuer.asked.count("/tenant/token") == 1


@pytest.mark.parametrize("changed", [{"state": "another"}, {"state": ""}, {"iss": "https://evil.example"}])
def test_a_way_back_that_is_not_the_one(issuer: FakeIssuer, changed: dict[str, str]) -> None:
    leaving, query = issuer.leave()
    with pytest.raises(Problem) as caught:
        issuer.come_back(leaving, {**query, **changed})
    assert caught.value.status == 422
    assert "/tenant/token" not in issuer.asked


def test_a_cookie_of_another_sign_in_or_none(issuer: FakeIssuer) -> None:
    _, query = issuer.leave()
    other, _ = issuer.leave()
    for value in (other.value, "", other.value + "x"):
        with pytest.raises(Problem) as caught:
            issuer.come_back(Leaving("", "", value), query)
        assert caught.value.status == 422


def test_a_way_back_after_too_long(world: World, issuer: FakeIssuer) -> None:
    leaving, query = issuer.leave()
    world.clock.forward(16 * 60)
    with pytest.raises(Problem) as caught:
        issuer.come_back(leaving, query)
    assert caught.value.status == 422


def test_the_pages_where_it_is_off_or_out_of_reach(world: World) -> None:
    with browser(world) as client:
        assert client.get("/oauth/callback").status_code == 404
        sealed = world.gateway.identity.sign_in.seal(world.gateway.identity.sign_in.request(QUERY))
        assert client.get("/oauth/handover", params={"request": sealed}).status_code == 404
        assert client.get("/oauth/handover", params={"request": "x"}).status_code == 422
        assert "Sign in with" not in client.get("/oauth/authorize", params=QUERY).text
    issuer = FakeIssuer(world)
    issuer.answers["/tenant/.well-known/openid-configuration"] = lost
    with browser(world) as client:
        answer = client.get("/oauth/handover", params={"request": sealed})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert client.get("/oauth/callback", params={"state": "x", "code": "y"}).status_code == 422


# ------------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("address", "issuer", "safe"),
    [
        ("https://issuer.example/x", "https://issuer.example", True),
        ("https://keys.example/x", "https://issuer.example", True),
        ("http://issuer.example/x", "https://issuer.example", False),
        ("https://localhost/x", "https://issuer.example", False),
        ("http://localhost:1/x", "http://127.0.0.1:2", True),
        ("https://issuer.example/x", "http://127.0.0.1:2", False),
        ("https:///x", "https://issuer.example", False),
        ("https://[broken", "https://issuer.example", False),
    ],
)
def test_which_addresses_may_be_called(address: str, issuer: str, safe: bool) -> None:
    assert is_safe(address, issuer) == safe


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"oidc_only": True}, "nobody could sign in"),
        ({"oidc_issuer": ISSUER}, "oidc_client_id"),
        ({"oidc_issuer": "http://issuer.example", "oidc_client_id": "us"}, "https://"),
    ],
)
def test_settings_that_cannot_work(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Settings.model_validate(given)


def test_settings_that_do() -> None:
    given = {
        "oidc_issuer": ISSUER,
        "oidc_client_id": "us",
        "oidc_client_secret": "hush",
        "public_url": BASE + "/",
    }
    settings = Settings.model_validate(given)
    options = settings.options()
    assert options.oidc is not None
    assert (options.public_url, options.oidc.client_secret, options.passwords) == (BASE, "hush", True)
    assert "hush" not in repr(settings)
    assert "hush" not in repr(options)
    assert Settings().options().oidc is None


def test_no_link_lets_a_kiosk_in_past_the_page_that_names_it(world: World) -> None:
    """Somebody's own kiosk asks, and its user sends a partner, whom the issuer knows, right to the issuer."""
    FakeIssuer(world)
    with_options(world, oidc=world.gateway.identity.options.oidc, device_code=True)
    with browser(world) as mallory, browser(world) as partner:
        form = {"client_id": "counterpart-desktop", "device_name": "Mallory's"}
        asked = mallory.post("/oauth/device_authorization", data=form).json()
        page = mallory.get("/oauth/device", params={"user_code": asked["user_code"]})
        link = {"request": hidden(page, "request")}
        sent = partner.get("/oauth/device/handover", params=link)
        assert (sent.status_code, asked["user_code"] in sent.text) == (200, True)
        cookie = sent.headers["set-cookie"].lower()
        assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/oauth/device"))
        assert mallory.get("/oauth/device/handover", params=link).status_code == 303, "from its page"
        other = mallory.post("/oauth/device_authorization", data=form).json()
        seen = mallory.get("/oauth/device", params={"user_code": other["user_code"]})
        assert hidden(seen, "request") != link["request"]
        assert mallory.get("/oauth/device/handover", params=link).status_code == 200, "the page of another"
