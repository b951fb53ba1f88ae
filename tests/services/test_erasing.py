"""The gateway orders an account away: everything goes, whatever interrupts it, and the receipt arrives once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked

from app.composition import headless
from app.composition.demo import PassingKeyring
from app.contract.errors import SignInNeeded, WipeOrdered
from app.services.erased import AccountErased
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.session.accounts import Account
from app.session.wipe import FilesRemain
from app.store.keys import KeyRing
from tests.services.conftest import StandingClock
from tests.services.small_gateway import SmallGateway, small_gateway
from tests.services.test_opening import PHRASE, entered, surroundings

ORDER = "order-7F3C"
CANARY = "canaryQX"


class LockableKeyring(PassingKeyring):
    """A key store that can be locked."""

    locked = False

    def delete_password(self, service: str, username: str) -> None:
        if self.locked:
            raise KeyringLocked
        super().delete_password(service, username)


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        yield made


def wanted(account: Account) -> headless.Wanted:
    return headless.Wanted(account.id, "", lambda: PHRASE)


def with_work(around: Surroundings, gateway: SmallGateway) -> Account:
    """An account with records and unsent work, left by an earlier run."""
    opened = entered(Opening(around), gateway, PHRASE)
    write_canary(opened)
    opened.close()
    return opened.account


def write_canary(opened: OpenAccount) -> None:
    portal = opened.open_portal(lambda: None)
    portal.drafts.start("request", {"subject": CANARY})
    portal.close()
    # What lies beside the store goes with it: a store set aside, a salvaged one.
    opened.account.store_path.with_name("store.db.locked-20261101").write_text(CANARY)


def residue(root: Path, *words: str) -> list[str]:
    """The files under a folder that hold one of the words."""
    files = [path for path in root.rglob("*") if path.is_file()]
    return [path.name for path in files if any(word.encode() in path.read_bytes() for word in words)]


def erased_by_sync(around: Surroundings, account: Account) -> AccountErased:
    with pytest.raises(AccountErased) as caught, headless.opened(around, wanted(account)) as opened:
        headless.sync(around, opened)
    return caught.value


@pytest.mark.parametrize("ring", [True, False], ids=["key store", "passphrase"])
def test_everything_goes_and_is_confirmed_without_credentials(
    gateway: SmallGateway, tmp_path: Path, ring: bool
) -> None:
    around = surroundings(tmp_path, ring=ring)
    account = with_work(around, gateway)
    gateway.wipe = ORDER
    said = erased_by_sync(around, account)
    assert not account.folder.exists()
    found = around.ring()
    assert found is None or found.load(account.id) is None
    assert residue(tmp_path, CANARY, "Maya", "user-maya", account.id) == []
    receipt = {"order": ORDER, "wiped_at": "2026-11-23T09:41:00Z", "kept_aside": 0}
    assert gateway.wiped == [(receipt, "")]
    host = gateway.url.removeprefix("http://")
    assert f"{host} ordered it, and it was done on 23 Nov 2026" in said.text
    assert "ask your administrator" in said.text
    assert "\n" not in said.text
    assert Opening(around).accounts() == ()


def test_a_refresh_token_brings_the_order_too(gateway: SmallGateway, tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    account = with_work(around, gateway)
    clock = around.clock
    assert isinstance(clock, StandingClock)
    clock.go(hours=1)  # the access token has run out, so that it is renewed first
    gateway.wipe = ORDER
    gateway.asked.clear()
    erased_by_sync(around, account)
    assert gateway.asked == ["POST /oauth/token", "POST /v1/wiped"]


@pytest.mark.parametrize("order", ["", "x" * 401], ids=["none", "too long to be confirmed"])
def test_an_order_that_cannot_be_confirmed_only_ends_the_session(
    gateway: SmallGateway, tmp_path: Path, order: str
) -> None:
    around = surroundings(tmp_path)
    account = with_work(around, gateway)
    gateway.wipe, gateway.ended = order, True
    with headless.opened(around, wanted(account)) as opened:
        assert not headless.sync(around, opened).ok
    assert account.store_path.exists()
    assert gateway.wiped == []


def test_the_receipt_is_sent_at_the_next_start_and_then_never_again(
    gateway: SmallGateway, tmp_path: Path
) -> None:
    around = surroundings(tmp_path)
    account = with_work(around, gateway)
    gateway.wipe, gateway.down = ORDER, {"/v1/wiped"}
    assert "has not been told" in erased_text(around, account)
    assert (gateway.wiped, account.folder.exists()) == ([], False)
    gateway.down = set()
    for _ in range(2):
        headless.send_receipts(around)
    assert [body["order"] for body, _ in gateway.wiped] == [ORDER]
    words = Opening(around).erased()
    assert words is not None
    assert words.receipt == "The gateway has been told that it is done."
    assert residue(tmp_path, ORDER) == [], "what was confirmed is not kept"


def erased_text(around: Surroundings, account: Account) -> str:
    erased_by_sync(around, account)
    words = Opening(around).erased()
    assert words is not None
    return words.receipt


def test_a_refused_receipt_is_tried_at_each_start_until_nobody_can_know_of_it(
    gateway: SmallGateway, tmp_path: Path
) -> None:
    around = surroundings(tmp_path)
    account = with_work(around, gateway)
    gateway.wipe, gateway.refuses = ORDER, True
    erased_by_sync(around, account)
    headless.send_receipts(around)
    assert gateway.asked.count("POST /v1/wiped") == 2
    assert residue(tmp_path, ORDER) != []
    clock = around.clock
    assert isinstance(clock, StandingClock)
    clock.at += timedelta(days=91)
    for _ in range(3):
        headless.send_receipts(around)
    assert gateway.asked.count("POST /v1/wiped") == 3
    assert residue(tmp_path, ORDER) == []


def test_a_gateway_out_of_reach_does_not_hold_up_the_destruction(tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    with small_gateway() as gateway:
        account = with_work(around, gateway)
    note = Opening(around).erasing.obey(account, ORDER)
    assert (note.done, account.folder.exists()) == (True, False)
    headless.send_receipts(around)
    assert residue(tmp_path, ORDER) != []


@pytest.mark.parametrize(
    "moment",
    ["app.store.keys.KeyRing.destroy", "shutil.rmtree", "app.session.erasing.Erasing._keep"],
    ids=["before the key is gone", "before the files are gone", "before that is noted"],
)
def test_a_kill_at_any_moment_is_made_good_at_the_next_start(
    gateway: SmallGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    around = surroundings(tmp_path)
    account = with_work(around, gateway)
    assert residue(tmp_path, CANARY) != []

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(moment, killed)
        with pytest.raises(KeyboardInterrupt):
            Opening(around).erasing.obey(account, ORDER)
    ring = around.ring()
    assert ring is not None
    assert (ring.load(account.id) is None) is (moment != "app.store.keys.KeyRing.destroy"), (
        "the key goes first"
    )
    opening = Opening(around)
    assert (opening.accounts(), opening.account(account.id)) == ((), None), "it is not opened any more"
    headless.send_receipts(around)
    assert not account.folder.exists()
    assert ring.load(account.id) is None
    assert residue(tmp_path, CANARY, "Maya", account.id) == []
    assert [body["order"] for body, _ in gateway.wiped] == [ORDER]


def test_nothing_is_confirmed_while_a_locked_key_store_holds_the_key(
    gateway: SmallGateway, tmp_path: Path
) -> None:
    backend = LockableKeyring()
    around = replace(surroundings(tmp_path), ring=lambda: KeyRing(backend))
    account = with_work(around, gateway)
    backend.locked = True
    gateway.wipe = ORDER
    said = erased_by_sync(around, account)
    assert "the key store is locked" in said.text
    assert (account.folder.exists(), gateway.wiped) == (False, [])
    away = replace(around, ring=lambda: None)
    headless.send_receipts(away)
    assert gateway.wiped == [], "a key store that is away may still hold it"
    backend.locked = False
    headless.send_receipts(around)
    assert KeyRing(backend).load(account.id) is None
    assert len(gateway.wiped) == 1


def test_files_that_resist_are_emptied_and_tried_again(
    gateway: SmallGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = surroundings(tmp_path)
    account = with_work(around, gateway)

    def held(folder: Path, *, onerror: object) -> None:
        assert callable(onerror)
        for path in folder.iterdir():
            onerror(None, str(path), None)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", held)
        note = Opening(around).erasing.obey(account, ORDER)
        assert (note.done, account.folder.exists()) == (False, True)
        assert {path.stat().st_size for path in account.folder.iterdir()} == {0}
        gateway.wipe = ""
        with pytest.raises(FilesRemain):
            Opening(around).sign_in(gateway.url).run()
    again = entered(Opening(around), gateway)
    again.close()
    Opening(around).erasing.finish()
    assert again.account.store_path.exists(), "what came after the order is not meant by it"


def test_a_note_that_names_no_account_deletes_nothing(tmp_path: Path) -> None:
    around = surroundings(tmp_path / "root")
    outside = tmp_path / "kept.txt"
    outside.write_text("kept")
    (tmp_path / "root").mkdir()
    for number, name in enumerate(("", "..", "../kept.txt", ".")):
        note = {
            "gateway": "https://x.example",
            "order": "o",
            "account": name,
            "in_ring": False,
            "seen": False,
        }
        (tmp_path / "root" / f"wiped-{number}.json").write_text(json.dumps({**note, "wiped_at": None}))
    opening = Opening(around)
    assert opening.erasing.notes() == (), "what is no id of an account is not even looked at"
    opening.erasing.finish()
    assert outside.exists()
    assert (tmp_path / "root").exists()


def test_other_accounts_are_not_touched(gateway: SmallGateway, tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    account = with_work(around, gateway)
    gateway.user, gateway.name = "user-tom", "Tom"
    other = entered(Opening(around), gateway)
    other.close()
    Opening(around).erasing.obey(account, ORDER)
    assert [known.id for known in Opening(around).accounts()] == [other.account.id]
    again = Opening(around).open(other.account, Opening(around).key(other.account))
    assert again.session.signed_in
    again.close()


def test_signing_in_again_ends_the_telling(gateway: SmallGateway, tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    account = with_work(around, gateway)
    gateway.wipe = ORDER
    erased_by_sync(around, account)
    gateway.wipe = ""
    with (
        pytest.raises(AccountErased),
        headless.opened(around, headless.Wanted("", "", lambda: PHRASE)),
    ):
        raise AssertionError("there is no account")
    named = headless.Wanted("", gateway.url, lambda: PHRASE)
    with pytest.raises(AccountErased), headless.opened(around, named):
        raise AssertionError("it is told once to whoever names the gateway")
    with headless.opened(around, named) as opened:
        assert opened.session.signed_in
    assert Opening(around).erasing.notes() == ()


def test_the_error_says_what_it_is() -> None:
    error = WipeOrdered(ORDER)
    assert isinstance(error, SignInNeeded), "whoever knows no better ends the session"
    assert error.order == ORDER
    assert ORDER not in error.text
