"""Tokens: kept encrypted, renewed by one caller at a time, and destroyed at the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import respx

from app.contract.errors import BadAnswer, DiskFull, SignInNeeded, Unreachable, WipeOrdered
from app.session.accounts import Accounts
from app.session.oauth import OAuth, TokenSet
from app.session.tokens import MemoryVault, Session, StoreVault
from app.session.wipe import FilesRemain, sign_out
from app.store.database import Store
from app.sync.wire import Wire

GATEWAY = "https://portal.halden.example"
START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KEY = bytes(range(32))


class MovingClock:
    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def oauth(clock: MovingClock) -> Iterator[OAuth]:
    wire = Wire(httpx.Client(base_url=GATEWAY), clock)
    yield OAuth(wire, clock)
    wire.close()


class Server:
    """The token endpoint: each refresh token is good once, its successor is numbered one higher."""

    def __init__(self, router: respx.MockRouter) -> None:
        self.count = 1
        self.refused: list[str] = []
        self.before: list[Exception] = []
        router.post("/oauth/token").mock(side_effect=self._token)
        self.revoked = router.post("/oauth/revoke").respond(200)

    def _token(self, request: httpx.Request) -> httpx.Response:
        if self.before:
            raise self.before.pop()
        body = request.content.decode()
        if f"refresh_token=r{self.count}&" not in f"{body}&":
            self.refused.append(body)
            return httpx.Response(400, json={"error": "invalid_grant"})
        self.count += 1
        granted = {"access_token": f"a{self.count}", "refresh_token": f"r{self.count}", "expires_in": 900}
        return httpx.Response(200, json=granted)


@pytest.fixture
def server() -> Iterator[Server]:
    with respx.mock(base_url=GATEWAY, assert_all_called=False) as router:
        yield Server(router)


def first(clock: MovingClock) -> TokenSet:
    return TokenSet("a1", "r1", clock.now() + timedelta(seconds=900))


def test_without_a_sign_in_there_is_no_token(oauth: OAuth, clock: MovingClock) -> None:
    session = Session(MemoryVault(), oauth, clock)
    assert not session.signed_in
    with pytest.raises(SignInNeeded):
        session.access()
    with pytest.raises(SignInNeeded):
        session.renew("a1")


def test_a_token_is_used_while_it_holds_and_renewed_before_it_ends(
    oauth: OAuth, clock: MovingClock, server: Server
) -> None:
    session = Session(MemoryVault(first(clock)), oauth, clock)
    clock.moment += timedelta(seconds=800)
    assert session.access() == "a1"
    clock.moment += timedelta(seconds=50)
    assert session.access() == "a2"
    assert session.access() == "a2"


def test_a_refused_token_is_renewed_once_for_all_who_ask(
    oauth: OAuth, clock: MovingClock, server: Server
) -> None:
    session = Session(MemoryVault(first(clock)), oauth, clock)
    ready = threading.Barrier(6)
    got: list[str] = []

    def ask() -> None:
        ready.wait(10)
        got.append(session.renew("a1"))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert got == ["a2"] * 6
    assert server.refused == []


def test_a_lost_answer_is_asked_for_again_with_the_same_token(
    oauth: OAuth, clock: MovingClock, server: Server
) -> None:
    vault = MemoryVault(first(clock))
    session = Session(vault, oauth, clock)
    server.before = [httpx.ReadError("reset")]
    with pytest.raises(Unreachable):
        session.renew("a1")
    assert session.signed_in
    assert session.renew("a1") == "a2"
    kept = vault.load()
    assert kept is not None
    assert kept.refresh == "r2"


def test_an_ended_session_is_forgotten_and_everything_asks_to_sign_in(
    oauth: OAuth, clock: MovingClock, server: Server
) -> None:
    vault = MemoryVault(first(clock))
    session = Session(vault, oauth, clock)
    server.count = 5
    with pytest.raises(SignInNeeded):
        session.renew("a1")
    assert not session.signed_in
    assert vault.load() is None
    session.begin(TokenSet("a5", "r5", clock.now() + timedelta(seconds=900)))
    assert session.access() == "a5"


def test_a_session_that_was_ended_elsewhere_still_hears_of_an_order(
    tmp_path: Path, oauth: OAuth, clock: MovingClock
) -> None:
    vault = StoreVault(lambda: Store.open(tmp_path / "store.db", KEY))
    Session(vault, oauth, clock).begin(TokenSet("a1", "r1", START))
    with respx.mock(base_url=GATEWAY) as router:
        asked = router.post("/oauth/token").respond(400, json={"error": "invalid_grant"})
        with pytest.raises(SignInNeeded):
            Session(vault, oauth, clock).access()
        later = Session(vault, oauth, clock)
        assert not later.signed_in
        router.post("/oauth/token").mock(side_effect=httpx.ConnectError("away"))
        with pytest.raises(SignInNeeded):
            later.access()
        router.post("/oauth/token").respond(400, json={"error": "invalid_grant", "wipe": "order-1"})
        for _ in range(2):
            with pytest.raises(WipeOrdered):
                later.access()
        assert all(b"refresh_token=r1" in call.request.content for call in asked.calls)
        later.begin(TokenSet("a2", "r2", clock.now() + timedelta(seconds=900)))
        assert later.access() == "a2"
        calls = len(router.calls)
        router.post("/oauth/revoke").respond(200)
        later.end()
        with pytest.raises(SignInNeeded):
            later.access()
        assert [call.request.url.path for call in list(router.calls)[calls:]] == ["/oauth/revoke"]


@pytest.mark.parametrize("status", [400, 401])
def test_a_page_put_in_between_keeps_the_session(oauth: OAuth, clock: MovingClock, status: int) -> None:
    vault = MemoryVault(first(clock))
    session = Session(vault, oauth, clock)
    with respx.mock(base_url=GATEWAY) as router:
        router.post("/oauth/token").respond(
            status, html="<h1>Hotel</h1>", headers={"www-authenticate": 'Basic realm="Maintenance"'}
        )
        with pytest.raises(BadAnswer):
            session.renew("a1")
    assert session.signed_in
    assert vault.load() is not None


class FullDisk(MemoryVault):
    """A vault that takes nothing while `full`."""

    full = False

    def save(self, tokens: TokenSet) -> None:
        if self.full:
            raise DiskFull
        super().save(tokens)


def test_tokens_that_cannot_be_saved_are_used_and_saved_later(
    oauth: OAuth, clock: MovingClock, server: Server
) -> None:
    vault = FullDisk(first(clock))
    session = Session(vault, oauth, clock)
    vault.full = True
    with pytest.raises(DiskFull):
        session.renew("a1")
    assert session.access() == "a2"
    clock.moment += timedelta(seconds=900)
    with pytest.raises(DiskFull):
        session.access()
    assert server.count == 2, "what a restart would not find is not used up"
    vault.full = False
    assert session.access() == "a3"
    kept = vault.load()
    assert kept is not None
    assert (kept.refresh, server.refused) == ("r3", [])


@pytest.mark.parametrize("later", [0, 900])
def test_tokens_that_another_process_renewed_are_taken_from_the_vault(
    oauth: OAuth, clock: MovingClock, server: Server, later: int
) -> None:
    vault = MemoryVault(first(clock))
    window = Session(vault, oauth, clock)
    clock.moment += timedelta(seconds=850)
    assert Session(vault, oauth, clock).access() == "a2"
    clock.moment += timedelta(seconds=later)
    assert window.access() == ("a3" if later else "a2"), (
        "and one that has run out meanwhile is not handed out"
    )
    assert (window.renew(window.access()), server.refused) == ("a4" if later else "a3", [])


# -- in the encrypted store ------------------------------------------------------------------------------


def test_tokens_outlive_the_process_and_are_nowhere_in_the_clear(
    tmp_path: Path, oauth: OAuth, clock: MovingClock, server: Server
) -> None:
    path = tmp_path / "store.db"

    def open_store() -> Store:
        return Store.open(path, KEY)

    session = Session(StoreVault(open_store), oauth, clock)
    session.begin(TokenSet("canary-access", "r1", clock.now()))
    assert Session(StoreVault(open_store), oauth, clock).signed_in
    assert session.access() == "a2"
    again = Session(StoreVault(open_store), oauth, clock)
    assert again.access() == "a2"
    for file in tmp_path.iterdir():
        assert b"canary" not in file.read_bytes()
        assert b'"refresh"' not in file.read_bytes()


def test_tokens_that_cannot_be_read_mean_signing_in(tmp_path: Path, oauth: OAuth, clock: MovingClock) -> None:
    def open_store() -> Store:
        return Store.open(tmp_path / "store.db", KEY)

    with open_store() as store:
        store.settings.put("session.tokens", '{"access": "a1"}')
    assert not Session(StoreVault(open_store), oauth, clock).signed_in


# -- the end ---------------------------------------------------------------------------------------------


class Keys:
    def __init__(self) -> None:
        self.destroyed: list[str] = []

    def destroy(self, account: str) -> None:
        self.destroyed.append(account)


def test_signing_out_tells_the_gateway_destroys_the_key_and_deletes_everything(
    tmp_path: Path, oauth: OAuth, clock: MovingClock, server: Server
) -> None:
    accounts = Accounts(tmp_path)
    account = accounts.at(GATEWAY, "u1", "Maya Okafor", "Halden Systems")
    other = accounts.at(GATEWAY, "u2", "Sam Reyes", "Halden Systems")
    for one in (account, other):
        Store.open(one.store_path, KEY).close()
    vault = StoreVault(lambda: Store.open(account.store_path, KEY))
    session = Session(vault, oauth, clock)
    session.begin(first(clock))
    keys = Keys()
    assert sign_out(account, session, keys).told_gateway
    assert b"token=r1" in server.revoked.calls.last.request.content
    assert keys.destroyed == [account.id]
    assert not account.folder.exists()
    assert [one.id for one in accounts.list()] == [other.id]
    assert other.store_path.exists()


def test_signing_out_without_a_network_destroys_all_the_same(
    tmp_path: Path, oauth: OAuth, clock: MovingClock
) -> None:
    account = Accounts(tmp_path).at(GATEWAY, "u1", "Maya Okafor", "Halden Systems")
    session = Session(MemoryVault(first(clock)), oauth, clock)
    with respx.mock(base_url=GATEWAY) as router:
        router.post("/oauth/revoke").mock(side_effect=httpx.ConnectError("refused"))
        assert not sign_out(account, session, Keys()).told_gateway
    assert not session.signed_in
    assert not account.folder.exists()


def test_files_that_cannot_be_deleted_are_told_after_the_key_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Accounts(tmp_path).at(GATEWAY, "u1", "Maya Okafor", "Halden Systems")
    keys = Keys()

    def held(*_: object, **__: object) -> None:
        raise PermissionError("another program uses it")

    monkeypatch.setattr("os.unlink", held)
    with pytest.raises(FilesRemain) as caught:
        sign_out(account, None, keys)
    assert keys.destroyed == [account.id]
    assert "nobody can read them" in caught.value.text


@pytest.mark.parametrize(
    ("answer", "order"),
    [
        (httpx.Response(400, json={"error": "invalid_grant", "wipe": "order-1"}), "order-1"),
        (httpx.Response(401, json={"error": "invalid_grant", "wipe": "order-1"}), "order-1"),
        (httpx.Response(400, json={"error": "invalid_request", "wipe": "order-1"}), None),
        (httpx.Response(400, json={"error": "invalid_grant", "wipe": ""}), None),
        (
            httpx.Response(
                401,
                json={"status": 401, "code": "wipe", "fields": {"order": "order-1"}},
                headers={"content-type": "application/problem+json"},
            ),
            "order-1",
        ),
    ],
)
def test_a_refresh_that_orders_a_wipe_leaves_the_tokens_to_bring_it_again(
    oauth: OAuth, clock: MovingClock, answer: httpx.Response, order: str | None
) -> None:
    vault = MemoryVault(TokenSet("a1", "r1", START))
    session = Session(vault, oauth, clock)
    with respx.mock(base_url=GATEWAY) as router:
        router.post("/oauth/token").mock(return_value=answer)
        with pytest.raises((SignInNeeded, BadAnswer)) as caught:
            session.access()
    found = caught.value.order if isinstance(caught.value, WipeOrdered) else None
    assert found == order
    if order is not None:
        assert vault.load() is not None, "a crash before it is obeyed must not lose the order"
