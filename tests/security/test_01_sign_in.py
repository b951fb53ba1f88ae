"""1. Signing in opens the system's browser; the answer comes back to 127.0.0.1 on a port made for it, with PKCE S256,
once; an answer with another `state` is refused.

More: `tests/unit/test_session_sign_in.py`, `tests/gateway/test_identity.py`, `tests/browser/`.
"""

from __future__ import annotations

import base64
import hashlib
import socket
import webbrowser
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from app.composition.browser import FormBrowser
from app.composition.surroundings import real_surroundings
from app.contract.errors import Refused
from app.services.opening import Opening
from app.session import sign_in as sign_in_module
from tests.e2e.together import PASSWORD, Computer, Person, Vendor
from tests.gateway.test_identity import QUERY
from tests.security.conftest import Give
from tests.security.source import imports


@pytest.fixture
def person(vendor: Vendor) -> Person:
    return vendor.person("rep")


class Watched:
    """A browser that notes where it was sent, before somebody signs in with it."""

    def __init__(self, person: Person) -> None:
        self.asked: list[dict[str, str]] = []
        self.addresses: list[str] = []
        self._browser = FormBrowser(person.email, person.password)

    def __call__(self, address: str) -> bool:
        self.addresses.append(address)
        self.asked.append({name: one[0] for name, one in parse_qs(urlsplit(address).query).items()})
        return self._browser(address)


def signed_in(computer: Computer, browser: object) -> None:
    around = computer.around.__class__(**{**vars(computer.around), "open_browser": browser})
    Opening(around).sign_in(computer.wire.url).run()


def test_the_browser_is_the_systems_and_none_is_built_in(tmp_path: Path) -> None:
    assert real_surroundings(tmp_path).open_browser is webbrowser.open
    assert [one for one in imports() if "WebEngine" in one[1] or "WebView" in one[1]] == []


def test_it_leads_to_the_gateway_and_back_to_a_port_of_this_computer_with_s256(
    computer: Give, person: Person
) -> None:
    browser = Watched(person)
    made = computer(person)
    signed_in(made, browser)
    signed_in(made, browser)
    ports = []
    for address, asked in zip(browser.addresses, browser.asked, strict=True):
        assert address.startswith(f"{made.wire.url}/oauth/authorize?")
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        back = urlsplit(asked["redirect_uri"])
        assert (back.scheme, back.hostname) == ("http", "127.0.0.1")
        assert back.port is not None
        ports.append(back.port)
    one, two = browser.asked
    assert {name for name in one if one[name] == two[name]}.isdisjoint({"state", "code_challenge"})
    assert len(one["state"]) >= 43
    assert len(base64.urlsafe_b64decode(one["code_challenge"] + "=")) == hashlib.sha256().digest_size
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 5).close()


def test_the_port_is_the_systems_choice(person: Person) -> None:
    ports = set()
    for state in ("a", "b", "c"):
        with sign_in_module.Loopback(state) as loopback:
            ports.add(urlsplit(loopback.redirect_uri).port)
            assert loopback._server.server_address[0] == "127.0.0.1"
    assert all(port and port > 1023 for port in ports)


def test_an_answer_with_another_state_is_refused_and_its_code_never_used(
    vendor: Vendor, computer: Give, person: Person
) -> None:
    made = computer(person)
    pages: list[httpx.Response] = []

    def forged(address: str) -> bool:
        asked = {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}
        query = urlencode({"code": "a-code-of-somebody-else", "state": "not" + asked["state"]})
        pages.append(httpx.get(f"{asked['redirect_uri']}?{query}", trust_env=False))
        # Whoever comes second is too late, even with the right state.
        right = urlencode({"code": "c", "state": asked["state"]})
        pages.append(httpx.get(f"{asked['redirect_uri']}?{right}", trust_env=False))
        return True

    with pytest.raises(Refused, match="does not belong to this sign-in"):
        signed_in(made, forged)
    assert [page.status_code for page in pages] == [400, 410]
    assert Opening(made.around).accounts() == ()


def test_the_gateway_takes_nothing_less(vendor: Vendor) -> None:
    with httpx.Client(base_url=vendor.url, trust_env=False) as client:
        assert client.get("/oauth/authorize", params=QUERY).status_code == 200
        for change in (
            {"code_challenge_method": "plain"},
            {"code_challenge": ""},
            {"state": ""},
            {"redirect_uri": "https://attacker.example/callback"},
            {"redirect_uri": "http://attacker.example:50123/callback"},
            {"redirect_uri": "http://127.0.0.1.attacker.example:50123/callback"},
            {"redirect_uri": "counterpart://callback"},
        ):
            answer = client.get("/oauth/authorize", params={**QUERY, **change})
            assert answer.status_code == 422, change
            assert "location" not in answer.headers


def test_a_code_is_good_once_and_with_its_verifier_alone(vendor: Vendor, person: Person) -> None:
    verifier = "v" * 50
    with httpx.Client(base_url=vendor.url, trust_env=False) as client:

        def exchanged(code: str, with_verifier: str) -> httpx.Response:
            form = {
                "grant_type": "authorization_code",
                "client_id": QUERY["client_id"],
                "code": code,
                "redirect_uri": QUERY["redirect_uri"],
                "code_verifier": with_verifier,
            }
            return client.post("/oauth/token", data=form)

        assert exchanged(given_code(client, person), "w" * 50).json()["error"] == "invalid_grant"
        code = given_code(client, person)
        tokens = exchanged(code, verifier).json()
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert client.get("/v1/me", headers=bearer).status_code == 200
        assert exchanged(code, verifier).json()["error"] == "invalid_grant"
        assert client.get("/v1/me", headers=bearer).status_code == 401, "a code used twice was stolen"


def given_code(client: httpx.Client, person: Person) -> str:
    page = client.get("/oauth/authorize", params=QUERY).text
    request = page.split('name="request" value="')[1].split('"')[0]
    form = {"request": request, "email": person.email, "password": PASSWORD}
    answer = client.post("/oauth/authorize", data=form)
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
