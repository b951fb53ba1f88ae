"""Two vendors in one app: switching as a person would, links that belong to the other, and a second start."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from app.bridge.entrance_state import Step
from app.composition.instance import Handed
from app.composition.window import Client, WindowRequest
from app.services.links import host_of
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.session.accounts import Account
from app.views.main_window import MainWindow
from app.views.page import NEW, SETTINGS, SYNC_CENTRE, Place
from app.views.theme.theme import Theme
from tests.services.small_gateway import small_gateway
from tests.services.test_everywhere import account_with
from tests.services.test_opening import surroundings

Control = Qt.KeyboardModifier.ControlModifier


class Two:
    """Accounts at Halden and Norland on one computer, and the client in front of them."""

    def __init__(self, app: QApplication, root: Path, halden: str, norland: str) -> None:
        self.around: Surroundings = surroundings(root)
        self.opening = Opening(self.around)
        self.halden: Account
        self.norland: Account
        self.urls = (halden, norland)
        self._app = app
        self.client: Client

    def start(self, **wanted: str) -> None:
        self.client = Client(self._app, self.around, WindowRequest(**wanted), Theme(), io.StringIO())  # type: ignore[arg-type]
        self.client.begin()

    @property
    def window(self) -> MainWindow:
        assert self.client.window is not None
        return self.client.window

    @property
    def open_account(self) -> str:
        return self.client._account.account.id if self.client._account is not None else ""


@pytest.fixture
def two(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Two]:
    with small_gateway() as halden, small_gateway() as norland:
        norland.vendor, norland.accent = "Norland Instruments", "#0B7A4B"
        made = Two(qapp, tmp_path, halden.url, norland.url)
        made.halden = account_with(made.opening, halden, "Fans for the cabinet")
        made.norland = account_with(made.opening, norland, "Spare fans")
        # The engines get no answer: nothing arrives while a test looks.
        for gateway in (halden, norland):
            gateway.down |= {"/v1/manifest", "/v1/snapshot", "/v1/changes"}
        yield made
        made.client.close()


def shown(two: Two, account: Account, qtbot: QtBot) -> MainWindow:
    qtbot.waitUntil(lambda: two.open_account == account.id and two.client.window is not None)
    window = two.window
    window.activateWindow()
    return window


def typed(two: Two, text: str) -> Callable[[], bool]:
    """Whether a draft with that customer is kept."""

    def kept() -> bool:
        portal = two.client.portal
        assert portal is not None
        drafts = [portal.drafts.load(draft.gid) for draft in portal.outbox.unfinished_drafts()]
        return any(draft.data.get("customer") == text for draft in drafts)

    return kept


def test_the_head_of_the_navigation_leads_to_the_other_and_back_as_it_was_left(
    two: Two, qtbot: QtBot
) -> None:
    two.start(account=two.halden.id)
    window = shown(two, two.halden, qtbot)
    window.resize(1300, 820)
    draft = window._portal.drafts.start("deal_registration", {"customer": "Ledbury Homes"})
    window.go(Place(NEW, entity="deal_registration", gid=draft))
    QTest.mouseClick(window.nav.head, Qt.MouseButton.LeftButton)
    rows = window.accounts.menu.rows
    assert [(row.line.vendor, row.line.open) for row in rows] == [
        ("Halden Systems", True),
        ("Norland Instruments", False),
    ]
    assert QApplication.focusWidget() is rows[1]
    QTest.keyClick(rows[1], Qt.Key.Key_Return)
    window = shown(two, two.norland, qtbot)
    assert window.windowTitle().startswith("Norland Instruments")
    assert (window.width(), window.height()) == (1300, 820)
    assert window.bar.title != "Register a deal"
    window.go(Place(SETTINGS))
    QTest.keyClick(window, Qt.Key.Key_1, Control)
    window = shown(two, two.halden, qtbot)
    assert window.bar.title == "Register a deal", "the form that was open"
    assert typed(two, "Ledbury Homes")()
    QTest.keyClick(window, Qt.Key.Key_2, Control)
    assert shown(two, two.norland, qtbot).bar.title == "Settings"
    left = two.opening.account(two.halden.id)
    assert left is not None
    assert left.left.accent == "#2952C4"


def test_without_a_word_the_last_one_opens_and_a_link_opens_its_own(two: Two, qtbot: QtBot) -> None:
    two.start(account=two.norland.id)
    shown(two, two.norland, qtbot)
    two.client.close()
    two.start()
    shown(two, two.norland, qtbot)
    host = host_of(two.urls[0])
    two.client.take(Handed(link=f"counterpart://request/REQ-1?vendor={host}"))
    window = shown(two, two.halden, qtbot)
    assert window.bar.title == "Requests"
    two.client.close()
    two.start(link=f"counterpart://sync?vendor={two.norland.id}")
    window = shown(two, two.norland, qtbot)
    assert window.bar.title == "Sync centre"
    place = window.current.place() if window.current else None
    assert place is None or place.page == SYNC_CENTRE


def test_what_cannot_be_shown_is_one_calm_line(two: Two, qtbot: QtBot) -> None:
    two.start(account=two.halden.id)
    window = shown(two, two.halden, qtbot)
    window.go(Place(SETTINGS))
    for link, words in (
        ("https://evil.example/", "This is not a link that Counterpart can open. Nothing was changed."),
        (
            "counterpart://deal/" + "9" * 900,
            "This is not a link that Counterpart can open. Nothing was changed.",
        ),
        (
            "counterpart://deal/X?vendor=evil.example",
            "This link is for evil.example, and no account there is on this computer.",
        ),
        ("counterpart://campaign/X", "This link leads to something that is not shared with you."),
    ):
        two.client.take(Handed(link=link))
        assert window.toast.text == words
        assert window.bar.title == "Settings"
    two.client.take(Handed(link="counterpart://deal/DR-1"))
    assert window.toast.text == "No deal “DR-1” is on this computer."
    search = next(one for one in window.toast.findChildren(QPushButton) if one.isVisible())
    assert search.text() == "Search"
    QTest.mouseClick(search, Qt.MouseButton.LeftButton)
    assert window.palette_overlay.isVisible()
    assert window.palette_overlay._edit.text() == "DR-1"
    assert two.window is window, "and the account stayed open"


def test_one_search_across_all_vendors_and_choosing_opens_it_there(two: Two, qtbot: QtBot) -> None:
    two.start(account=two.halden.id)
    window = shown(two, two.halden, qtbot)
    palette = window.palette_overlay
    QTest.keyClick(window, Qt.Key.Key_K, Control)
    QTest.keyClicks(palette._edit, "fans")
    qtbot.waitUntil(lambda: not palette.waiting)
    QTest.keyClick(palette._edit, Qt.Key.Key_Up)
    entry = palette.entry()
    assert entry is not None
    assert entry.text == "Search all vendors for “fans”"
    QTest.keyClick(palette._edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: (found := palette.entry()) is not None and found.text == "Spare fans")
    assert palette.isVisible()
    found = palette.entry()
    assert found is not None
    assert found.head == "Norland Instruments · Maya Okafor"
    QTest.keyClick(palette._edit, Qt.Key.Key_Return)
    window = shown(two, two.norland, qtbot)
    assert window.bar.title == "Requests"
    assert window.current is not None
    place = window.current.place()
    assert place is not None
    record = window._portal.records.get(place.gid)
    assert record is not None
    assert record.title == "Spare fans"


def test_adding_a_vendor_leads_to_the_entrance_and_back(two: Two, qtbot: QtBot) -> None:
    two.start(account=two.halden.id)
    window = shown(two, two.halden, qtbot)
    window.accounts.open_menu()
    add = window.accounts.menu.findChild(QPushButton, "account.add")
    assert add is not None
    QTest.mouseClick(add, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: two.client.entrance is not None)
    entrance = two.client.entrance
    assert entrance is not None
    assert entrance.state.step is Step.ACCOUNT
    assert len(entrance.state.accounts) == 2
    entrance.use_account(two.halden.id)
    shown(two, two.halden, qtbot)
