"""The way in, through the real entrance: accounts, passphrase, and what stands in the way."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.bridge.entrance import Entrance
from app.bridge.entrance_state import AccountLine, EntranceState, Offer, Step
from app.contract.changes import Me
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.session.accounts import Account, Accounts
from app.store.database import Store
from app.store.keys import Cost, PassphraseKey
from app.store.pages import PAGE_SIZE
from app.views.theme.theme import Theme
from app.views.welcome.entrance import EntranceWindow
from app.views.welcome.steps import (
    AccountStep,
    BrowserStep,
    ErasedStep,
    PassphraseStep,
    ProblemStep,
)
from app.views.widgets.buttons import Button
from tests.services.conftest import KEY, CountedIds, StandingClock, partner_manifest
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import settle

WORDS = "correct horse battery"
#: Where nobody listens.
NOWHERE = "http://127.0.0.1:9"


def known_account(root: Path, *, ready: bool = True) -> Account:
    """An account with a passphrase and a store, as an earlier run left it."""
    account = Accounts(root).at(NOWHERE, "user-maya", "Maya Okafor", "Halden Systems")
    PassphraseKey(account.folder / "key.json", Cost(passes=1, memory=64, lanes=1)).create(WORDS, KEY)
    with Store.open(account.store_path, KEY) as store:
        if ready:
            store.cursors.save_manifest(json.dumps(partner_manifest().model_dump(mode="json")), "etag")
            store.cursors.save_me(
                Me(user="user-maya", name="Maya Okafor", email="", role="manager", role_label="", companies=(),
                   vendor="Halden Systems", device="d", grant="g")
            )  # fmt: skip
    return account


class Door:
    """The entrance and its window over one folder."""

    def __init__(self, root: Path, theme: Theme) -> None:
        self.browsed: list[str] = []
        self.entered: list[OpenAccount] = []
        surroundings = Surroundings(
            root=root, clock=StandingClock(), ids=CountedIds(), rng=random.Random(1), ring=lambda: None,
            open_browser=self._browse,
        )  # fmt: skip
        self.entrance = Entrance(Opening(surroundings))
        self.entrance.opened.connect(self.entered.append)
        self.window = EntranceWindow(self.entrance, theme)

    def _browse(self, address: str) -> bool:
        self.browsed.append(address)
        return True


@pytest.fixture
def door(tmp_path: Path, theme: Theme, qtbot: QtBot) -> Iterator[Door]:
    made = Door(tmp_path, theme)
    qtbot.addWidget(made.window)
    made.window.show()
    yield made
    made.entrance.stop()
    for account in made.entered:
        account.close()


def press(widget: QWidget, words: str) -> None:
    settle()
    found = [one for one in widget.findChildren(Button) if one.text() == words and one.isVisibleTo(widget)]
    assert found, f"no button {words!r}"
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


def arrived(door: Door, qtbot: QtBot, kind: type[QWidget]) -> None:
    qtbot.waitUntil(lambda: isinstance(door.window.card, kind))


def test_a_computer_without_accounts_asks_for_the_address(door: Door) -> None:
    door.entrance.begin()
    card = door.window.card
    assert isinstance(card, AccountStep)
    assert card.rows == []
    press(card, "Sign in")
    assert card.field.error == "Needed. Write the address the vendor gave you."
    QTest.keyClicks(card.address.edit, "not an address")
    assert card.field.error == ""
    QTest.keyClick(card.address.edit, Qt.Key.Key_Return)
    settle()
    card = door.window.card
    assert isinstance(card, AccountStep)
    assert card.field.error != ""
    assert card.address.edit.text() == "not an address", "what was typed stays"
    assert door.browsed == []


def test_signing_in_opens_the_browser_and_can_be_given_up(door: Door, qtbot: QtBot) -> None:
    door.entrance.begin()
    card = door.window.card
    assert isinstance(card, AccountStep)
    QTest.keyClicks(card.address.edit, NOWHERE)
    press(card, "Sign in")
    arrived(door, qtbot, BrowserStep)
    qtbot.waitUntil(lambda: bool(door.browsed))
    browser = door.window.card
    assert isinstance(browser, BrowserStep)
    QTest.mouseClick(browser.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == door.entrance.state.address
    assert browser.copy.text() == "Copied"
    QTest.keyClick(door.window, Qt.Key.Key_Escape)
    arrived(door, qtbot, AccountStep)


def test_a_wrong_passphrase_says_so_and_the_right_one_opens(door: Door, tmp_path: Path, qtbot: QtBot) -> None:
    known_account(tmp_path)
    door.entrance.begin()
    arrived(door, qtbot, PassphraseStep)
    card = door.window.card
    assert isinstance(card, PassphraseStep)
    press(card, "Unlock")
    assert card.one.error == "Needed."
    typed = card.one.control.focusProxy()
    assert typed is not None
    QTest.keyClicks(typed, "wrong")
    press(card, "Unlock")
    qtbot.waitUntil(lambda: door.entrance.state.step is Step.UNLOCK and bool(door.entrance.state.problem))
    card = door.window.card
    assert isinstance(card, PassphraseStep)
    assert card.one.error == door.entrance.state.problem
    edit = card.one.control.focusProxy()
    assert edit is not None
    QTest.keyClicks(edit, WORDS)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(door.entered))
    assert door.entered[0].account.name == "Maya Okafor"


def test_a_damaged_store_is_salvaged_on_asking(door: Door, tmp_path: Path, qtbot: QtBot) -> None:
    account = known_account(tmp_path)
    whole = account.store_path.read_bytes()
    account.store_path.write_bytes(whole[:PAGE_SIZE] + b"\x00" * (len(whole) - PAGE_SIZE))
    for rest in ("-wal", "-shm"):
        account.store_path.with_name(account.store_path.name + rest).unlink(missing_ok=True)
    door.entrance.begin()
    arrived(door, qtbot, PassphraseStep)
    card = door.window.card
    assert isinstance(card, PassphraseStep)
    edit = card.one.control.focusProxy()
    assert edit is not None
    QTest.keyClicks(edit, WORDS)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    arrived(door, qtbot, ProblemStep)
    problem = door.window.card
    assert problem is not None
    assert problem.accessibleName() == "The store on this computer is damaged"
    assert "what was not sent is brought over" in problem.accessibleDescription()
    press(problem, "Salvage and go on")
    qtbot.waitUntil(lambda: "salvaged" in door.entrance.state.heading)
    assert list(account.folder.glob("store.db.*")), "the damaged file is set aside, not deleted"


def test_a_gateway_that_cannot_be_reached_says_what_is_kept(door: Door, tmp_path: Path, qtbot: QtBot) -> None:
    known_account(tmp_path, ready=False)
    door.entrance.begin()
    arrived(door, qtbot, PassphraseStep)
    card = door.window.card
    assert isinstance(card, PassphraseStep)
    edit = card.one.control.focusProxy()
    assert edit is not None
    QTest.keyClicks(edit, WORDS)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    arrived(door, qtbot, ProblemStep)
    problem = door.window.card
    assert isinstance(problem, ProblemStep)
    settle()
    assert set(problem.buttons) & {"retry", "sign_in"}
    press(problem, "Back")
    arrived(door, qtbot, AccountStep)
    back = door.window.card
    assert isinstance(back, AccountStep)
    assert [row.accessibleName() for row in back.rows] == [f"Maya Okafor, Halden Systems, {NOWHERE}"]
    QTest.keyClick(back.rows[0], Qt.Key.Key_Return)
    arrived(door, qtbot, PassphraseStep)


def test_a_key_that_is_out_of_reach_for_good_is_no_dead_end(door: Door, tmp_path: Path, qtbot: QtBot) -> None:
    account = known_account(tmp_path)
    (account.folder / "key.json").unlink()
    door.entrance.begin()
    arrived(door, qtbot, ProblemStep)
    problem = door.window.card
    assert isinstance(problem, ProblemStep)
    assert problem.accessibleName() == "The key of this account cannot be reached"
    assert "the key of this account is in it" not in problem.accessibleDescription()
    press(problem, "Start afresh")
    settle()
    question = door.window.card
    assert isinstance(question, ProblemStep)
    assert question.accessibleName() == "Start without the key?"
    assert account.store_path.exists(), "nothing happens before the answer"
    press(question, "Start afresh")
    arrived(door, qtbot, PassphraseStep)
    assert list(account.folder.glob("store.db.locked-*")), "the store is set aside, not deleted"


class Scripted(QObject):
    """An entrance that shows one state and remembers what it was asked."""

    changed = Signal()

    def __init__(self, state: EntranceState) -> None:
        super().__init__()
        self.state = state
        self.asked: list[tuple[str, ...]] = []

    def show(self, state: EntranceState) -> None:
        self.state = state
        self.changed.emit()

    def cancel(self) -> None:
        self.asked.append(("cancel",))

    def choose_passphrase(self, one: str, two: str) -> None:
        self.asked.append(("choose", one, two))

    def use_account(self, account: str) -> None:
        self.asked.append(("use", account))


def test_a_new_passphrase_is_written_twice(theme: Theme, qtbot: QtBot) -> None:
    state = EntranceState(Step.NEW_PASSPHRASE, "Choose a passphrase", "Only you know it.", who="Maya Okafor")
    entrance = Scripted(state)
    window = EntranceWindow(entrance, theme)  # type: ignore[arg-type]
    qtbot.addWidget(window)
    window.show()
    card = window.card
    assert isinstance(card, PassphraseStep)
    one, two = card.one.control.focusProxy(), card.two.control.focusProxy()
    assert one is not None
    assert two is not None
    QTest.keyClicks(one, "a few good words")
    QTest.keyClicks(two, "a few good word")
    press(card, "Use this passphrase")
    assert entrance.asked == [("choose", "a few good words", "a few good word")]
    entrance.show(replace(state, problem="The two are not the same."))
    assert window.card is card, "what is typed stays"
    assert card.two.error == "The two are not the same."
    press(card, "Back")
    assert entrance.asked[-1] == ("cancel",)


def test_each_step_is_named_and_follows_the_scheme(theme: Theme, qtbot: QtBot) -> None:
    account = AccountLine("1", "Maya Okafor", "Halden Systems", "https://partners.halden.example")
    entrance = Scripted(EntranceState(Step.WORKING, "Opening", "One moment."))
    window = EntranceWindow(entrance, theme)  # type: ignore[arg-type]
    qtbot.addWidget(window)
    window.show()
    for state in (
        EntranceState(Step.ACCOUNT, "Choose an account", accounts=(account,)),
        EntranceState(Step.BROWSER, "Go on in your browser", "It is open there.", address=NOWHERE),
        EntranceState(Step.UNLOCK, "Unlock Halden Systems", "It is encrypted.", who="Maya Okafor"),
        EntranceState(Step.PROBLEM, "The key is missing", "It stays where it is."),
    ):
        entrance.show(state)
        settle()
        assert window.card is not None
        assert window.card.accessibleName() == state.heading
        assert unnamed(window) == []
        assert follows_scheme(window, theme)


class ToldOf(QObject):
    """An entrance that tells of an account that was ordered away."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[str] = []
        self.state = EntranceState(
            Step.ERASED,
            "Your account was erased from this computer",
            "portal.halden.example ordered it.",
            offers=(Offer("understood", "Go on", primary=True),),
            notes=(
                "Everything is destroyed.",
                "Ask your administrator.",
                "The gateway has not been told yet.",
            ),
        )

    def take(self, offer: str) -> None:
        self.taken.append(offer)


def test_an_erased_account_is_told_on_one_card_that_follows_its_receipt(theme: Theme, qtbot: QtBot) -> None:
    told = ToldOf()
    window = EntranceWindow(cast("Entrance", told), theme)
    qtbot.addWidget(window)
    window.show()
    card = window.card
    assert isinstance(card, ErasedStep)
    assert card.accessibleDescription() == " ".join((told.state.text, *told.state.notes))
    assert window.focusWidget() is card.buttons["understood"]
    told.state = replace(
        told.state, notes=(*told.state.notes[:2], "The gateway has been told that it is done.")
    )
    told.changed.emit()
    assert window.card is card, "the keyboard stays where it is"
    assert card.accessibleDescription().endswith("The gateway has been told that it is done.")
    assert unnamed(window) == []
    assert follows_scheme(window, theme)
    press(window, "Go on")
    assert told.taken == ["understood"]
