"""The way in, step by step, as the entrance shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.bridge.entrance import Entrance
from app.bridge.entrance_state import Step
from app.contract.errors import KeyStoreLocked, RetryableError
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.store.drafts import Draft
from app.store.keys import KeyRing
from tests.services.small_gateway import SmallGateway, small_gateway
from tests.services.test_opening import PHRASE, Bus, entered, overwrite_first_page, surroundings


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        yield made


class Way:
    """An entrance and what came of it."""

    def __init__(self, opening: Opening, qtbot: QtBot, passphrase: str = "") -> None:
        self.qtbot = qtbot
        self.opened: list[OpenAccount] = []
        self.entrance = Entrance(opening, passphrase)
        self.entrance.opened.connect(self.opened.append)

    def until(self, step: Step) -> Any:
        self.qtbot.waitUntil(lambda: self.entrance.state.step is step)
        return self.entrance.state

    def offers(self) -> list[str]:
        return [offer.name for offer in self.entrance.state.offers]

    def close(self) -> None:
        self.entrance.stop()
        for account in self.opened:
            account.close()


def test_from_the_address_to_the_open_account(gateway: SmallGateway, tmp_path: Path, qtbot: QtBot) -> None:
    way = Way(Opening(surroundings(tmp_path)), qtbot)
    way.entrance.begin()
    state = way.entrance.state
    assert (state.step, state.heading, state.accounts) == (Step.ACCOUNT, "Welcome", ())
    way.entrance.sign_in("not an address")
    assert way.entrance.state.problem.startswith("Write the address the vendor gave you")
    way.entrance.sign_in(gateway.url)
    assert way.entrance.state.step is Step.BROWSER
    assert way.entrance.state.address.startswith(gateway.url)
    way.until(Step.DONE)
    assert way.opened[0].ready
    way.close()


def test_a_known_account_opens_by_itself(gateway: SmallGateway, tmp_path: Path, qtbot: QtBot) -> None:
    around = surroundings(tmp_path)
    entered(Opening(around), gateway).close()
    way = Way(Opening(around), qtbot)
    way.entrance.begin()
    way.until(Step.DONE)
    way.close()
    named = Way(Opening(around), qtbot)
    named.entrance.begin(gateway=gateway.url)
    named.until(Step.DONE)
    named.close()


def test_several_accounts_are_offered(gateway: SmallGateway, tmp_path: Path, qtbot: QtBot) -> None:
    around = surroundings(tmp_path)
    entered(Opening(around), gateway).close()
    gateway.user, gateway.name = "user-tomasz", "Tomasz Wilk"
    entered(Opening(around), gateway).close()
    way = Way(Opening(around), qtbot)
    way.entrance.begin()
    assert [line.name for line in way.entrance.state.accounts] == ["Maya Okafor", "Tomasz Wilk"]
    way.entrance.use_account(way.entrance.state.accounts[1].id)
    way.until(Step.DONE)
    assert way.opened[0].account.name == "Tomasz Wilk"
    way.close()


def test_choosing_and_giving_a_passphrase(gateway: SmallGateway, tmp_path: Path, qtbot: QtBot) -> None:
    opening = Opening(surroundings(tmp_path, ring=False))
    way = Way(opening, qtbot)
    way.entrance.begin(gateway=gateway.url)
    state = way.until(Step.NEW_PASSPHRASE)
    assert state.text.startswith("This computer has no secure key store.")
    way.entrance.choose_passphrase(PHRASE, "something else")
    assert way.entrance.state.problem == "The two are not the same."
    way.entrance.choose_passphrase("short", "short")
    qtbot.waitUntil(lambda: "Too short" in way.entrance.state.problem)
    way.entrance.choose_passphrase(PHRASE, PHRASE)
    way.until(Step.DONE)
    way.close()

    again = Way(opening, qtbot)
    again.entrance.begin()
    state = again.until(Step.UNLOCK)
    assert (state.heading, state.who) == ("Unlock Halden Systems", "Maya Okafor")
    again.entrance.unlock("a wrong passphrase")
    qtbot.waitUntil(lambda: again.entrance.state.problem == "That is not the passphrase of this account.")
    again.entrance.unlock(PHRASE)
    again.until(Step.DONE)
    again.close()


def test_a_given_passphrase_is_used_once(gateway: SmallGateway, tmp_path: Path, qtbot: QtBot) -> None:
    opening = Opening(surroundings(tmp_path, ring=False))
    way = Way(opening, qtbot, PHRASE)
    way.entrance.begin(gateway=gateway.url)
    way.until(Step.DONE)
    way.close()
    wrong = Way(opening, qtbot, "a wrong passphrase")
    wrong.entrance.begin()
    state = wrong.until(Step.PROBLEM)
    assert state.heading == "That is not the passphrase of this account."
    wrong.entrance.take("retry")
    wrong.until(Step.UNLOCK)
    wrong.close()


def test_without_a_network_the_first_time(gateway: SmallGateway, tmp_path: Path, qtbot: QtBot) -> None:
    gateway.down = {"/v1/manifest"}
    way = Way(Opening(surroundings(tmp_path)), qtbot)
    way.entrance.begin(gateway=gateway.url)
    way.until(Step.PROBLEM)
    assert way.offers() == ["retry", "back"]
    gateway.down = set()
    way.entrance.take("retry")
    way.until(Step.DONE)
    way.close()


def test_a_locked_key_store(
    gateway: SmallGateway, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: object) -> bytes:
        raise KeyStoreLocked

    monkeypatch.setattr(KeyRing, "load", locked)
    way = Way(Opening(surroundings(tmp_path)), qtbot)
    way.entrance.begin(gateway=gateway.url)
    state = way.until(Step.PROBLEM)
    assert state.heading == "Your key store is locked"
    assert state.text == "Nothing is lost. Unlock it to go on."
    assert way.offers() == ["retry", "passphrase", "back"]
    way.entrance.take("passphrase")
    way.until(Step.NEW_PASSPHRASE)
    way.entrance.choose_passphrase(PHRASE, PHRASE)
    way.until(Step.DONE)
    way.close()


def test_a_damaged_store_is_salvaged(gateway: SmallGateway, tmp_path: Path, qtbot: QtBot) -> None:
    around = surroundings(tmp_path)
    account = entered(Opening(around), gateway)
    portal = account.open_portal(lambda: None)
    portal.drafts.start("request", {"subject": "Demo unit"})
    portal.close()
    account.close()
    overwrite_first_page(account.account.store_path)
    way = Way(Opening(around), qtbot)
    way.entrance.begin()
    way.until(Step.PROBLEM)
    assert way.offers()[0] == "salvage"
    way.entrance.take("salvage")
    qtbot.waitUntil(lambda: way.entrance.state.heading == "Your store was salvaged")
    assert "It was 1 change" in way.entrance.state.text
    way.entrance.take("retry")
    way.until(Step.DONE)
    way.close()


def test_a_store_of_a_newer_version_is_left_for_the_way_back(
    gateway: SmallGateway, tmp_path: Path, qtbot: QtBot
) -> None:
    around = surroundings(tmp_path)
    account = entered(Opening(around), gateway)
    portal = account.open_portal(lambda: None)
    portal.drafts.start("request", {"subject": "Demo unit"})
    portal.close()
    with account.open_store() as store:
        store.connection.run(
            "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES('store', 'm999_later', '')"
        )
    account.close()
    way = Way(Opening(around), qtbot)
    way.entrance.begin()
    state = way.until(Step.PROBLEM)
    assert state.heading == "This account was last opened with a newer version of Counterpart"
    assert way.offers() == ["retry", "go_back", "back"]
    assert "nothing is deleted" in state.text
    way.entrance.take("go_back")
    qtbot.waitUntil(lambda: way.entrance.state.heading == "Back at this version")
    assert "Brought over: 1 " in way.entrance.state.text
    way.entrance.take("retry")
    way.until(Step.DONE)
    assert [draft.data["subject"] for draft in drafts_of(way)] == ["Demo unit"]
    assert list(account.account.folder.glob("store.db.newer-*")), "it is set aside, not deleted"
    way.close()


def drafts_of(way: Way) -> list[Draft]:
    """The drafts of the account that was opened."""
    (opened,) = way.opened
    with opened.open_store() as store:
        return store.drafts.all()


def test_a_lost_key_and_a_fresh_start(gateway: SmallGateway, tmp_path: Path, qtbot: QtBot) -> None:
    entered(Opening(surroundings(tmp_path)), gateway).close()
    way = Way(Opening(surroundings(tmp_path)), qtbot)
    way.entrance.begin()
    state = way.until(Step.PROBLEM)
    assert (state.heading, way.offers()) == ("The key is missing", ["retry", "afresh", "back"])
    way.entrance.take("afresh")
    state = way.until(Step.PROBLEM)
    assert (state.heading, way.offers()[0]) == ("Sign in again", "sign_in")
    way.entrance.take("sign_in")
    way.until(Step.DONE)
    way.close()


def test_a_key_store_that_is_not_up_yet_is_looked_for_again_and_nothing_is_set_aside(
    gateway: SmallGateway, tmp_path: Path, qtbot: QtBot
) -> None:
    bus = Bus()
    opening = Opening(replace(surroundings(tmp_path), ring=bus))
    entered(opening, gateway).close()
    bus.up = False
    way = Way(opening, qtbot)
    way.entrance.begin()
    state = way.until(Step.PROBLEM)
    assert (state.heading, way.offers()) == (
        "Your key store cannot be reached",
        ["retry", "give_up", "back"],
    )
    assert state.text.startswith("Nothing is lost"), "the heading is not said twice"
    bus.up = True
    way.entrance.take("retry")
    way.until(Step.DONE)
    way.close()


def test_a_key_store_that_is_gone_for_good_is_given_up_after_a_question(
    gateway: SmallGateway, tmp_path: Path, qtbot: QtBot
) -> None:
    bus = Bus()
    opening = Opening(replace(surroundings(tmp_path), ring=bus))
    entered(opening, gateway).close()
    (account,) = opening.accounts()
    bus.up = False
    way = Way(opening, qtbot)
    way.entrance.begin()
    way.until(Step.PROBLEM)
    way.entrance.take("give_up")
    state = way.entrance.state
    assert (state.heading, way.offers()) == ("Start without the key?", ["retry", "afresh_away", "back"])
    assert "not sent is set aside" in state.text
    assert "can be opened again should the key come back" in state.text
    assert account.store_path.exists(), "nothing is done before one has said so"
    way.entrance.take("afresh_away")
    way.until(Step.NEW_PASSPHRASE)
    assert not account.store_path.exists()
    assert list(account.folder.glob("store.db.locked-*")), "it is set aside, not deleted"
    way.entrance.choose_passphrase(PHRASE, PHRASE)
    state = way.until(Step.PROBLEM)
    assert (state.heading, way.offers()[0]) == ("Sign in again", "sign_in")
    way.entrance.take("sign_in")
    way.until(Step.UNLOCK)
    way.entrance.unlock(PHRASE)
    way.until(Step.DONE)
    way.close()


def test_giving_up_the_browser(gateway: SmallGateway, tmp_path: Path, qtbot: QtBot) -> None:
    around = replace(surroundings(tmp_path), open_browser=lambda _: True)
    way = Way(Opening(around), qtbot)
    way.entrance.sign_in(gateway.url)
    way.entrance.cancel()
    assert way.entrance.state.step is Step.ACCOUNT
    qtbot.wait(50)
    assert way.entrance.state.step is Step.ACCOUNT
    way.close()


def test_a_browser_that_does_not_open(gateway: SmallGateway, tmp_path: Path, qtbot: QtBot) -> None:
    around = replace(surroundings(tmp_path), open_browser=lambda _: False)
    way = Way(Opening(around), qtbot)
    way.entrance.sign_in(gateway.url)
    state = way.until(Step.PROBLEM)
    assert state.heading == "The browser could not be opened."
    assert "Open this address in a browser on this computer: http://127.0.0.1" in state.text
    way.close()


def test_an_order_that_comes_at_the_first_contact_is_obeyed(
    gateway: SmallGateway, tmp_path: Path, qtbot: QtBot
) -> None:
    around = surroundings(tmp_path)
    gateway.down = {"/v1/manifest"}
    with pytest.raises(RetryableError):
        entered(Opening(around), gateway)
    (account,) = Opening(around).accounts()
    gateway.wipe = "order-1"
    way = Way(Opening(around), qtbot)
    way.entrance.begin()
    state = way.until(Step.ERASED)
    assert not account.folder.exists()
    assert gateway.url.removeprefix("http://") in state.text
    assert "ask your administrator" in " ".join(state.notes)
    qtbot.waitUntil(lambda: [body["order"] for body, _ in gateway.wiped] == ["order-1"])
    way.close()


@pytest.mark.parametrize("known", [True, False], ids=["with an account", "with nothing here"])
def test_an_order_that_a_sign_in_leads_to_is_obeyed_and_confirmed(
    gateway: SmallGateway, tmp_path: Path, qtbot: QtBot, known: bool
) -> None:
    around = surroundings(tmp_path)
    if known:
        entered(Opening(around), gateway).close()
    gateway.wipe = "order-1"
    way = Way(Opening(around), qtbot)
    way.entrance.sign_in(gateway.url)
    way.until(Step.ERASED)
    assert Opening(around).accounts() == ()
    qtbot.waitUntil(lambda: [body["order"] for body, _ in gateway.wiped] == ["order-1"])
    gateway.wipe = ""
    way.entrance.take("understood")
    way.entrance.sign_in(gateway.url)
    way.until(Step.DONE)
    way.close()


def test_with_nothing_here_it_is_confirmed_on_a_computer_without_a_key_store_too(
    gateway: SmallGateway, tmp_path: Path, qtbot: QtBot
) -> None:
    gateway.wipe = "order-1"
    way = Way(Opening(surroundings(tmp_path, ring=False)), qtbot)
    way.entrance.sign_in(gateway.url)
    state = way.until(Step.ERASED)
    assert state.heading == "Your account was erased from this computer"
    assert [body["order"] for body, _ in gateway.wiped] == ["order-1"]
    way.close()


def test_a_wipe_that_was_interrupted_goes_on_and_is_told_before_anything_opens(
    gateway: SmallGateway, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    around = surroundings(tmp_path)
    account = entered(Opening(around), gateway)
    account.close()
    gateway.user, gateway.name = "user-tom", "Tom"
    entered(Opening(around), gateway).close()
    with monkeypatch.context() as patch:
        patch.setattr("app.session.erasing.remove_folder", lambda _folder: [])
        account.erase("order-1")
    assert account.account.folder.exists()
    gateway.down = {"/v1/wiped"}
    way = Way(Opening(around), qtbot)
    way.entrance.begin()
    state = way.until(Step.ERASED)
    assert not account.account.folder.exists()
    assert "has not been told yet" in state.notes[-1]
    assert way.opened == []
    way.entrance.take("understood")
    way.until(Step.DONE)
    assert way.opened[0].account.name == "Tom", "the other account is opened as ever"
    way.close()
    gateway.down = set()
    later = Way(Opening(around), qtbot)
    later.entrance.begin()
    later.until(Step.DONE)
    qtbot.waitUntil(lambda: [body["order"] for body, _ in gateway.wiped] == ["order-1"])
    qtbot.waitUntil(lambda: Opening(around).erasing.notes() == ())
    later.close()
