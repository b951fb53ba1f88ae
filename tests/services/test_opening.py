"""The way to an open account, over real HTTP, with a key store and with a passphrase, on good days and bad ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.composition.browser import FormBrowser
from app.composition.demo import PassingKeyring
from app.contract.errors import (
    CounterpartError,
    KeyStoreAway,
    KeyStoreLocked,
    LocalError,
    Refused,
    RetryableError,
    StoreDamaged,
    WrongKey,
)
from app.services.account_key import Lock
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.store.database import Store
from app.store.keys import KeyRing
from tests.services.conftest import CountedIds, StandingClock
from tests.services.small_gateway import SmallGateway, small_gateway

PHRASE = "four calm green otters"


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        yield made


def surroundings(root: Path, *, ring: bool = True, password: str = "correct horse") -> Surroundings:
    key_store = KeyRing(PassingKeyring())
    return Surroundings(
        root=root,
        clock=StandingClock(),
        ids=CountedIds(),
        rng=random.Random(1),
        ring=lambda: key_store if ring else None,
        open_browser=FormBrowser("maya@brightwater.example", password),
    )


def entered(opening: Opening, gateway: SmallGateway, passphrase: str = "") -> OpenAccount:
    signed_in = opening.sign_in(gateway.url).run()
    account = opening.open(signed_in.account, opening.key(signed_in.account, passphrase))
    try:
        account.session.begin(signed_in.tokens)
        account.first_contact()
    except CounterpartError:
        account.close()
        raise
    return account


def test_the_first_time_with_a_key_store(gateway: SmallGateway, tmp_path: Path) -> None:
    opening = Opening(surroundings(tmp_path))
    assert opening.accounts() == ()
    account = entered(opening, gateway)
    assert account.ready
    (known,) = opening.accounts()
    assert (known.name, known.vendor, known.gateway) == ("Maya Okafor", "Halden Systems", gateway.url)
    assert opening.lock(known) is Lock.OPEN
    portal = account.open_portal(lambda: None)
    assert portal.me.name == "Maya Okafor"
    portal.close()
    account.close()
    again = opening.open(known, opening.key(known))
    assert (again.ready, again.session.signed_in) == (True, True)
    again.close()


def test_the_first_time_with_a_passphrase(gateway: SmallGateway, tmp_path: Path) -> None:
    opening = Opening(surroundings(tmp_path, ring=False))
    signed_in = opening.sign_in(gateway.url).run()
    assert opening.lock(signed_in.account) is Lock.NEW_PASSPHRASE
    with pytest.raises(Refused, match="Choose at least 10 characters"):
        opening.key(signed_in.account, "short")
    key = opening.key(signed_in.account, PHRASE)
    opening.open(signed_in.account, key).close()
    assert opening.lock(signed_in.account) is Lock.PASSPHRASE
    assert opening.key(signed_in.account, PHRASE) == key
    with pytest.raises(WrongKey, match="not the passphrase of this account"):
        opening.key(signed_in.account, "five calm green otters")
    assert PHRASE.encode() not in b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())


def test_a_refused_sign_in_and_an_address_that_is_none(gateway: SmallGateway, tmp_path: Path) -> None:
    opening = Opening(surroundings(tmp_path, password="wrong"))
    with pytest.raises(Refused, match="did not let you sign in"):
        opening.sign_in(gateway.url).run()
    assert opening.accounts() == ()
    with pytest.raises(Refused, match="https://"):
        opening.sign_in("http://portal.halden.example")


def test_the_portal_is_fetched_once_and_then_at_hand(gateway: SmallGateway, tmp_path: Path) -> None:
    opening = Opening(surroundings(tmp_path))
    gateway.down = {"/v1/manifest"}
    with pytest.raises(RetryableError):
        entered(opening, gateway)
    (known,) = opening.accounts()
    account = opening.open(known, opening.key(known))
    assert not account.ready
    with pytest.raises(LocalError, match="has not reached this computer yet"):
        account.open_portal(lambda: None)
    gateway.down = set()
    account.first_contact()
    account.open_portal(lambda: None).close()
    account.close()


def test_only_the_same_person_signs_in_again(gateway: SmallGateway, tmp_path: Path) -> None:
    account = entered(Opening(surroundings(tmp_path)), gateway)
    gateway.user, gateway.name = "user-tomasz", "Tomasz Wilk"
    with pytest.raises(Refused, match="You signed in as Tomasz Wilk, but this account is Maya Okafor’s"):
        account.sign_in().run()
    gateway.user, gateway.name = "user-maya", "Maya Okafor"
    account.sign_in().run()
    assert account.session.signed_in
    account.close()


def test_a_wrong_key_and_a_damaged_store(gateway: SmallGateway, tmp_path: Path) -> None:
    opening = Opening(surroundings(tmp_path))
    account = entered(opening, gateway)
    account.close()
    (known,) = opening.accounts()
    with pytest.raises(WrongKey):
        opening.open(known, bytes(32))
    portal = account.open_portal(lambda: None)
    draft = portal.drafts.start("deal_registration", {"customer": "Ledbury Homes"})
    portal.close()
    overwrite_first_page(known.store_path)
    key = opening.key(known)
    with pytest.raises((StoreDamaged, WrongKey)):
        opening.open(known, key)
    report = opening.salvage(known, key)
    assert report.drafts == 1
    assert report.set_aside.exists()
    mended = opening.open(known, key)
    after = mended.open_portal(lambda: None)
    assert after.drafts.load(draft).data["customer"] == "Ledbury Homes"
    after.close()
    mended.close()


def overwrite_first_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 2000)


def test_a_lost_key_keeps_the_store_aside(gateway: SmallGateway, tmp_path: Path) -> None:
    entered(Opening(surroundings(tmp_path)), gateway).close()
    elsewhere = Opening(surroundings(tmp_path))
    (known,) = elsewhere.accounts()
    assert elsewhere.lock(known) is Lock.LOST
    with pytest.raises(LocalError, match="is not on this computer any more"):
        elsewhere.key(known)
    aside = elsewhere.start_afresh(known)
    assert aside is not None
    assert aside.exists()
    assert not known.store_path.exists()
    assert elsewhere.lock(known) is Lock.NEW
    elsewhere.open(known, elsewhere.key(known)).close()


class Bus:
    """A key store that is not there at first, as at log-in."""

    def __init__(self) -> None:
        self.ring = KeyRing(PassingKeyring())
        self.up = True

    def __call__(self) -> KeyRing | None:
        return self.ring if self.up else None


@pytest.mark.parametrize("known_holder", [True, False])
def test_a_key_store_that_is_away_for_a_moment_is_no_lost_key(
    gateway: SmallGateway, tmp_path: Path, known_holder: bool
) -> None:
    bus = Bus()
    opening = Opening(replace(surroundings(tmp_path), ring=bus))
    entered(opening, gateway).close()
    (account,) = opening.accounts()
    assert account.key_holder in ("secret_service", "windows", "macos")
    if not known_holder:  # an account that was made by a version that did not remember it
        account = replace(account, key_holder="")
    bus.up = False
    calls: list[Callable[[], object]] = [
        lambda: opening.lock(account), lambda: opening.key(account), lambda: opening.start_afresh(account)
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(KeyStoreLocked, match="cannot be reached"):
            call()
    assert account.store_path.exists()
    bus.up = True
    assert opening.lock(account) is Lock.OPEN
    opening.open(account, opening.key(account)).close()


def test_a_key_store_that_is_gone_for_good_is_given_up_only_when_one_says_so(
    gateway: SmallGateway, tmp_path: Path
) -> None:
    bus = Bus()
    opening = Opening(replace(surroundings(tmp_path), ring=bus))
    entered(opening, gateway).close()
    (account,) = opening.accounts()
    key = opening.key(account)
    bus.up = False
    with pytest.raises(KeyStoreAway):
        opening.start_afresh(account)
    aside = opening.start_afresh(account, although_away=True)
    assert aside is not None
    assert opening.lock(account) is Lock.NEW_PASSPHRASE
    opening.open(account, opening.key(account, PHRASE)).close()
    assert [known.key_holder for known in opening.accounts()] == ["passphrase"]
    bus.up = True
    back = bus.ring.load(account.id)
    assert back == key
    Store.open(aside, back).close()  # what was set aside opens once its key is back
    assert opening.lock(account) is Lock.PASSPHRASE


def test_giving_up_a_key_store_leaves_a_store_alone_whose_key_has_come_back(
    gateway: SmallGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = Opening(surroundings(tmp_path))
    entered(opening, gateway).close()
    (account,) = opening.accounts()
    assert opening.start_afresh(account, although_away=True) is None

    def locked(*_: object) -> bytes:
        raise KeyStoreLocked

    monkeypatch.setattr(KeyRing, "load", locked)
    with pytest.raises(KeyStoreLocked, match="is locked"):
        opening.start_afresh(account, although_away=True)
    assert account.store_path.exists()


def test_an_account_whose_key_holder_is_not_known_is_not_said_to_be_in_the_key_store(
    gateway: SmallGateway, tmp_path: Path
) -> None:
    opening = Opening(surroundings(tmp_path, ring=False))
    entered(opening, gateway, PHRASE).close()
    (account,) = opening.accounts()
    account = replace(account, key_holder="")  # made by a version that did not remember it
    (account.folder / "key.json").unlink()
    with pytest.raises(KeyStoreAway) as raised:
        opening.lock(account)
    assert raised.value.cause == "The key of this account cannot be reached."
    assert raised.value.kept == "What is on this computer is kept as it is, closed."
    assert raised.value.next_step.startswith("If the key is in your key store"), "the key, not what is kept"
    assert "If a passphrase opened this account" in raised.value.next_step
    assert opening.start_afresh(account, although_away=True) is not None
    assert opening.lock(account) is Lock.NEW_PASSPHRASE


def test_starting_afresh_leaves_a_store_alone_whose_key_has_come_back(
    gateway: SmallGateway, tmp_path: Path
) -> None:
    bus = Bus()
    opening = Opening(replace(surroundings(tmp_path), ring=bus))
    entered(opening, gateway).close()
    (account,) = opening.accounts()
    there, bus.ring = bus.ring, KeyRing(PassingKeyring())
    assert opening.lock(account) is Lock.LOST
    bus.ring = there
    assert opening.start_afresh(account) is None
    assert opening.lock(account) is Lock.OPEN


def test_a_lost_key_file_is_a_lost_key_though_there_is_no_key_store(
    gateway: SmallGateway, tmp_path: Path
) -> None:
    opening = Opening(surroundings(tmp_path, ring=False))
    entered(opening, gateway, PHRASE).close()
    (account,) = opening.accounts()
    assert account.key_holder == "passphrase"
    (account.folder / "key.json").unlink()
    assert opening.lock(account) is Lock.LOST
    assert opening.start_afresh(account) is not None
    assert opening.lock(account) is Lock.NEW_PASSPHRASE


def test_signing_out_while_the_key_store_is_away_deletes_nothing_and_says_why(
    gateway: SmallGateway, tmp_path: Path
) -> None:
    bus = Bus()
    account = entered(Opening(replace(surroundings(tmp_path), ring=bus)), gateway)
    account.transport.abort()
    bus.up = False
    with pytest.raises(KeyStoreLocked):
        account.sign_out()
    assert account.account.store_path.exists()
    bus.up = True
    account.sign_out()
    assert not account.account.folder.exists()


def test_signing_out_leaves_nothing(gateway: SmallGateway, tmp_path: Path) -> None:
    opening = Opening(surroundings(tmp_path))
    account = entered(opening, gateway)
    account.transport.abort()  # as the engine leaves it when it stops
    done = account.sign_out()
    assert done.told_gateway
    assert opening.accounts() == ()
    assert not account.account.folder.exists()
    assert "POST /oauth/revoke" in gateway.asked
