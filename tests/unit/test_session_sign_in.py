"""Sign-in through the browser: one shot, on this computer, and nobody else's answer counts."""

from __future__ import annotations

import base64
import hashlib
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import respx

from app.contract.errors import BadAnswer, Busy, Refused, SignInNeeded
from app.session.accounts import Device
from app.session.oauth import CLIENT_ID, OAuth, TokenSet
from app.session.sign_in import BrowserMissing, SignIn, SignInAbandoned
from app.sync.wire import Wire

GATEWAY = "https://portal.halden.example"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
GRANTED = {"access_token": "a1", "refresh_token": "r1", "token_type": "Bearer", "expires_in": 900}


class FixedClock:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def oauth() -> Iterator[OAuth]:
    wire = Wire(httpx.Client(base_url=GATEWAY), FixedClock())
    yield OAuth(wire, FixedClock())
    wire.close()


@pytest.fixture
def token() -> Iterator[respx.Route]:
    with respx.mock(assert_all_called=False) as router:
        router.route(host="127.0.0.1").pass_through()
        yield router.post(f"{GATEWAY}/oauth/token").respond(json=GRANTED)


class Browser:
    """Follows the address the way a browser would: the answer comes back to this computer."""

    def __init__(self, answer: Callable[[dict[str, str]], dict[str, str]], path: str = "") -> None:
        self._answer = answer
        self._path = path
        self.asked: dict[str, str] = {}
        self.page = ""
        self.status = 0

    def open(self, address: str) -> bool:
        parts = urlsplit(address)
        self.asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.visit(self._answer(self.asked))
        return True

    def visit(self, members: dict[str, str]) -> None:
        target = f"{self.asked['redirect_uri']}{self._path}?{urlencode(members)}"
        try:
            with urllib.request.urlopen(target, timeout=10) as response:
                self.status, self.page = response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                self.status, self.page = error.code, error.read().decode()


def attempt(oauth: OAuth, open_browser: Callable[[str], bool], patience: float = 10) -> SignIn:
    return SignIn(GATEWAY, oauth, Device("d-1", "BW-MO14"), open_browser, patience=patience)


def right(asked: dict[str, str]) -> dict[str, str]:
    return {"code": "c1", "state": asked["state"]}


def test_the_whole_way(oauth: OAuth, token: respx.Route) -> None:
    browser = Browser(right)
    tokens = attempt(oauth, browser.open).run()
    assert tokens == TokenSet("a1", "r1", NOW + timedelta(seconds=900))
    assert browser.asked["response_type"] == "code"
    assert browser.asked["client_id"] == CLIENT_ID
    assert (browser.asked["device_id"], browser.asked["device_name"]) == ("d-1", "BW-MO14")
    redirect = urlsplit(browser.asked["redirect_uri"])
    assert redirect.hostname == "127.0.0.1"
    assert redirect.port is not None
    assert redirect.port > 1023
    sent = {name: values[0] for name, values in parse_qs(token.calls.last.request.content.decode()).items()}
    assert (sent["grant_type"], sent["code"], sent["client_id"]) == ("authorization_code", "c1", CLIENT_ID)
    assert sent["redirect_uri"] == browser.asked["redirect_uri"]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest()).rstrip(b"=")
    assert (browser.asked["code_challenge_method"], browser.asked["code_challenge"]) == (
        "S256",
        challenge.decode(),
    )
    assert "You are signed in" in browser.page


def test_each_attempt_has_its_own_secrets(oauth: OAuth, token: respx.Route) -> None:
    one, two = Browser(right), Browser(right)
    attempt(oauth, one.open).run()
    attempt(oauth, two.open).run()
    for name in ("state", "code_challenge"):
        assert one.asked[name] != two.asked[name]
        assert len(one.asked[name]) >= 43


@pytest.mark.parametrize(
    "answer",
    [
        lambda asked: {"code": "c1", "state": "guessed"},
        lambda asked: {"code": "c1"},
        lambda asked: {"code": "c1", "state": ""},
        lambda asked: {"error": "access_denied", "state": "guessed"},
        lambda asked: {},
    ],
)
def test_a_wrong_state_is_refused_and_its_code_never_used(
    oauth: OAuth, token: respx.Route, answer: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    browser = Browser(answer)
    with pytest.raises(Refused) as caught:
        attempt(oauth, browser.open).run()
    assert caught.value.code == "state"
    assert not token.called
    assert (browser.status, "This answer was refused" in browser.page) == (400, True)


def test_a_state_given_twice_is_a_wrong_one(oauth: OAuth, token: respx.Route) -> None:
    def open_browser(address: str) -> bool:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        twice = f"{asked['redirect_uri']}?code=c1&state=x&state={asked['state']}"
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(twice, timeout=10)
        caught.value.close()
        return True

    with pytest.raises(Refused):
        attempt(oauth, open_browser).run()
    assert not token.called


def test_one_answer_is_taken_and_no_second(oauth: OAuth, token: respx.Route) -> None:
    browser = Browser(right)

    def twice(address: str) -> bool:
        browser.open(address)
        browser.visit({"code": "another", "state": browser.asked["state"]})
        return True

    attempt(oauth, twice).run()
    assert browser.status == 410
    assert b"code=c1" in token.calls.last.request.content
    with pytest.raises(urllib.error.URLError):
        browser.visit(right(browser.asked))


def test_other_addresses_of_the_port_are_nothing(oauth: OAuth, token: respx.Route) -> None:
    stray = Browser(right, path="/favicon.ico")
    browser = Browser(right)

    def both(address: str) -> bool:
        stray.open(address)
        return browser.open(address)

    attempt(oauth, both).run()
    assert stray.status == 404
    assert len(token.calls) == 1


def test_who_is_not_let_in_is_told_so(oauth: OAuth, token: respx.Route) -> None:
    browser = Browser(lambda asked: {"error": "access_denied", "state": asked["state"]})
    with pytest.raises(Refused) as caught:
        attempt(oauth, browser.open).run()
    assert caught.value.code == "access_denied"
    assert "You are not signed in" in browser.page
    assert not token.called


def test_an_answer_without_a_code(oauth: OAuth, token: respx.Route) -> None:
    browser = Browser(lambda asked: {"state": asked["state"]})
    with pytest.raises(Refused, match="did not let you sign in"):
        attempt(oauth, browser.open).run()


def test_a_browser_that_does_not_come_back(oauth: OAuth) -> None:
    with pytest.raises(SignInAbandoned, match="did not come back in time"):
        attempt(oauth, lambda _: True, patience=0.05).run()


def test_a_browser_that_cannot_be_opened_leaves_its_address(oauth: OAuth) -> None:
    signing_in = attempt(oauth, lambda _: False)
    with pytest.raises(BrowserMissing) as caught:
        signing_in.run()
    assert signing_in.address in caught.value.next_step


def test_it_can_be_given_up(oauth: OAuth) -> None:
    opened = threading.Event()
    caught: list[BaseException] = []

    def open_browser(_: str) -> bool:
        opened.set()
        return True

    signing_in = attempt(oauth, open_browser)

    def run() -> None:
        try:
            signing_in.run()
        except SignInAbandoned as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert opened.wait(10)
    signing_in.cancel()
    thread.join(10)
    assert len(caught) == 1


def test_the_page_says_nothing_of_the_answer_and_may_load_nothing(oauth: OAuth, token: respx.Route) -> None:
    browser = Browser(lambda asked: {"error": "<script>alert(1)</script>", "state": asked["state"]})
    with pytest.raises(Refused):
        attempt(oauth, browser.open).run()
    assert "script" not in browser.page


# -- the token endpoint ----------------------------------------------------------------------------------


def test_a_refused_code_means_signing_in_again(oauth: OAuth, token: respx.Route) -> None:
    token.respond(400, json={"error": "invalid_grant"})
    with pytest.raises(SignInNeeded):
        attempt(oauth, Browser(right).open).run()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"error": "invalid_grant"}, SignInNeeded),
        (400, {"error": "invalid_request"}, BadAnswer),
        (400, {}, BadAnswer),
        (400, {"error": "unauthorized_client"}, SignInNeeded),
        (401, {"error": "invalid_client"}, BadAnswer),
        (200, {"access_token": "a"}, BadAnswer),
        (503, {}, Busy),
    ],
)
def test_answers_of_the_token_endpoint(
    oauth: OAuth, token: respx.Route, status: int, body: dict[str, str], expected: type[Exception]
) -> None:
    token.respond(status, json=body)
    with pytest.raises(expected):
        oauth.refresh("r1")


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_page_put_in_between_does_not_end_the_session(
    oauth: OAuth, token: respx.Route, status: int
) -> None:
    token.respond(status, html="<h1>Sign in to the hotel's network</h1>")
    with pytest.raises(BadAnswer):
        oauth.refresh("r1")


def test_a_refusal_that_does_not_say_it_is_json_is_not_the_gateways(oauth: OAuth, token: respx.Route) -> None:
    token.respond(400, content=b'{"error": "invalid_grant"}', headers={"content-type": "text/plain"})
    with pytest.raises(BadAnswer):
        oauth.refresh("r1")


@pytest.mark.parametrize(("said", "held"), [(900, 900), (-5, 0), (1e12, 86_400)])
def test_how_long_a_token_holds(oauth: OAuth, token: respx.Route, said: float, held: float) -> None:
    token.respond(json=GRANTED | {"expires_in": said})
    assert oauth.refresh("r1").expires_at == NOW + timedelta(seconds=held)


def test_tokens_do_not_show_when_printed() -> None:
    shown = repr(TokenSet("secret-access", "secret-refresh", NOW))
    assert "secret" not in shown
