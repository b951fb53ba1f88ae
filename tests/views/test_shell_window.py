"""The window: places, top bar, banner, freshness, keys, panes, toast, and what happens while it is open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.contract.errors import DiskFull
from app.services.views_model import FirstSyncProgress, Mode, Status, Target
from app.sync.events import ManifestChanged, RecordsChanged, StatusChanged
from app.views.documents.page import DocumentsPage
from app.views.main_window import MainWindow
from app.views.page import CONFLICT, HOME, NEW, SETTINGS, SYNC_CENTRE, Page, Place, Toast
from app.views.widgets.nav import NavRow
from app.views.widgets.search_box import SearchBox
from tests.services.conftest import partner_manifest
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.everywhere import places
from tests.views.stage import Stage, settle

Control = Qt.KeyboardModifier.ControlModifier
Shift = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(stage: Stage, qtbot: QtBot) -> Iterator[MainWindow]:
    sample.programme(stage.world)
    made = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    QApplication.processEvents()
    yield made
    settle()


def rows(window: MainWindow) -> dict[str, NavRow]:
    return {entry.text(): entry for entry in window.nav.findChildren(NavRow) if entry.isVisible()}


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def press(
    window: MainWindow, *keys: Qt.Key, with_: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    for key in keys:
        QTest.keyClick(window, key, with_)
    QApplication.processEvents()


# places


def test_the_places_are_the_manifests_with_their_counts(window: MainWindow) -> None:
    found = rows(window)
    assert list(found)[:9] == [
        "Home", "Deals", "Leads", "Requests", "Documents", "Orders", "Invoices", "Renewals", "Tasks",
    ]  # fmt: skip
    assert list(found)[-2:] == ["Sync centre", "Settings"]
    assert (found["Deals"].count, found["Leads"].count, found["Renewals"].count) == ("23", "2", "9")
    assert found["Orders"].count == "", "nothing there is not a nought"
    assert found["Home"].isChecked()


def test_who_listens_to_a_window_just_made_hears_that_its_page_is_there(stage: Stage, qtbot: QtBot) -> None:
    made = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(made)
    with qtbot.waitSignal(made.settled, timeout=5_000):
        made.show()
    settle()


def test_a_click_goes_there_and_the_top_bar_follows(window: MainWindow) -> None:
    click(rows(window)["Deals"])
    assert window.bar.title == "Deals"
    assert rows(window)["Deals"].isChecked()
    assert [button.text() for button in window.bar.buttons] == ["Register a deal"]
    click(rows(window)["Settings"])
    assert window.bar.title == "Settings"
    assert window.bar.search is None
    assert window.bar.buttons == ()


def test_g_and_a_letter_goes_to_a_place(window: MainWindow) -> None:
    press(window, Qt.Key.Key_G, Qt.Key.Key_D)
    assert window.bar.title == "Deals"
    press(window, Qt.Key.Key_G, Qt.Key.Key_S)
    assert window.bar.title == "Sync centre"
    press(window, Qt.Key.Key_G, Qt.Key.Key_H)
    assert window.bar.title.startswith("Good morning")


def test_the_button_of_the_top_bar_opens_the_form(window: MainWindow) -> None:
    window.go(Place("deal_registration"))
    click(window.bar.buttons[0])
    assert window.bar.title == "Register a deal"
    assert rows(window)["Deals"].isChecked(), "a form belongs to its list"


def test_the_trail_leads_back(stage: Stage, window: MainWindow) -> None:
    deal = stage.world.clash({"next_steps": ("a", "b", "c")})
    window.go(Place(CONFLICT, gid=deal))
    assert window.bar.title == "Conflict"
    assert rows(window)["Sync centre"].isChecked()
    crumb = next(one for one in window.bar.findChildren(QPushButton) if one.text() == "Sync centre")
    click(crumb)
    assert window.bar.title == "Sync centre"


def test_a_target_of_the_services_is_a_place(stage: Stage, window: MainWindow) -> None:
    gid = stage.world.deal("oriel", customer="Oriel Biotech")
    window.go(Target("deal_registration", gid=gid))
    assert window.bar.title == "Deals"
    assert window.current is not None
    assert "Oriel Biotech" in said(window.current)


def said(widget: QWidget) -> str:
    found = [one for one in widget.findChildren(QWidget) if one.isVisible()]
    return " ".join(one.text() for one in found if isinstance(one, QLabel | QPushButton | QLineEdit))


def test_a_record_opens_where_it_lives_and_a_draft_in_its_form(stage: Stage, window: MainWindow) -> None:
    window.open_record(stage.world.request())
    assert window.bar.title == "Requests"
    draft = stage.portal.drafts.start("deal_registration", {"customer": "Ledbury Homes"})
    window.open_record(draft)
    assert window.bar.title == "Register a deal"
    window.open_record("01900000-0000-7000-8000-00000000dead")
    assert window.toast.text == "This is not on this computer any more."
    assert window.bar.title == "Register a deal"


def test_a_place_this_user_has_not_is_said_so(window: MainWindow) -> None:
    window.go(Place("campaign"))
    assert window.toast.text == "This is not shared with you."
    assert rows(window)["Home"].isChecked()


def test_a_page_may_refuse_to_be_left(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    home = window.page(HOME)
    assert home is not None
    monkeypatch.setattr(home, "may_leave", lambda: False)
    window.go(Place(SETTINGS))
    assert window.current is home
    assert rows(window)["Home"].isChecked()


# how it stands


def test_live_and_offline_are_told_on_the_chip_and_the_banner(stage: Stage, window: MainWindow) -> None:
    assert window.bar.freshness.text() == "Live · as of 09:41"
    assert window.banner.isHidden()
    stage.offline()
    assert window.bar.freshness.text() == "Offline · as of 08:12"
    assert "The gateway cannot be reached." in window.bar.freshness.toolTip()
    assert window.banner.isVisible()
    assert window.banner.accessibleName() == (
        "Offline since 08:12. Everything you enter is saved here and sent when you are back."
    )
    click(window.banner.action)
    assert window.bar.title == "Sync centre"
    assert window.toast.text.startswith("The gateway cannot be reached.")
    stage.online()
    assert window.banner.isHidden()


def test_the_chip_opens_the_sync_centre(window: MainWindow) -> None:
    click(window.bar.freshness)
    assert window.bar.title == "Sync centre"
    assert not window.toast.isVisible(), "while it is live there is nothing to explain"


def test_who_chose_offline_goes_online_from_the_banner(stage: Stage, window: MainWindow) -> None:
    stage.offline(by_choice=True)
    assert window.banner.action.text() == "Go online"
    click(window.banner.action)
    assert stage.loop.offline == [False]


def test_who_is_asked_whether_most_records_may_go_says_so_in_the_banner(
    stage: Stage, window: MainWindow
) -> None:
    now = stage.world.clock.now()
    cause = "The gateway no longer shows 300 of the 400 records on this computer."
    stage.tell(StatusChanged(Status(Mode.PROBLEM, as_of=now, since=now, cause=cause, missing=300)))
    assert window.banner.accessibleName().startswith(cause)
    assert window.banner.action.text() == "Remove them"
    click(window.banner.action)
    assert stage.loop.believed == 1


def test_an_ended_session_asks_to_sign_in_and_waits_for_the_browser(
    stage: Stage, window: MainWindow, qtbot: QtBot
) -> None:
    now = stage.world.clock.now()
    stage.tell(StatusChanged(Status(Mode.SIGN_IN, as_of=now, since=now, cause="Your session has ended.")))
    assert window.banner.action.text() == "Sign in"
    with qtbot.waitSignal(window.sign_in_requested):
        click(window.banner.action)
    stage.bridge.signInChanged.emit("waiting")
    assert window.banner.action.text() == "Cancel"
    assert "browser" in window.banner.accessibleName()
    stage.bridge.signInChanged.emit("The browser did not come back.")
    assert window.toast.text == "The browser did not come back."
    assert window.banner.action.text() == "Sign in"


def test_the_first_sync_stands_at_home_and_gives_way(stage: Stage, window: MainWindow) -> None:
    now = stage.world.clock.now()
    stage.tell(StatusChanged(Status(Mode.FIRST_SYNC, as_of=None, since=now)))
    stage.tell(
        FirstSyncProgress(
            640, 1000, 100.0, 3.6, {"deal_registration": (200, 200), "request": (63, 100), "order": (0, 40)}
        )
    )
    window.go(Place(SETTINGS))
    window.go(Place(HOME))
    assert window.bar.title == "Welcome, Maya"
    assert window.bar.freshness.text() == "First sync · 64 %"
    found = rows(window)
    assert [found[name].count for name in ("Deals", "Requests", "Orders")] == ["Ready", "63 %", "Next"]
    cursors = stage.world.store.cursors
    cursors.write(replace(cursors.read(), complete=True))
    stage.online()
    assert window.bar.title.startswith("Good morning")
    assert rows(window)["Deals"].count == "23"


class Flashes(QObject):
    """Notes whatever shows as a window of its own."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.seen: list[str] = []
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        shows = event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
        if shows and watched is not self._window:
            self.seen.append(repr(watched))
        return False


def test_no_part_of_a_page_flashes_as_a_window_while_it_is_built(stage: Stage, window: MainWindow) -> None:
    flashes = Flashes(window)
    for place in places(stage):
        window.go(place)
        QApplication.processEvents()
    assert flashes.seen == []
    assert window.isActiveWindow(), "the keyboard stays where it was"


# keys, search, panes


def test_control_f_searches_this_page(window: MainWindow, qtbot: QtBot) -> None:
    window.go(Place("deal_registration"))
    press(window, Qt.Key.Key_F, with_=Control)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert isinstance(focus.parentWidget(), SearchBox)
    QTest.keyClicks(focus, "ledbury")
    page = window.current
    assert page is not None
    qtbot.waitUntil(lambda: page.model.rowCount() == 4)  # type: ignore[attr-defined]
    QTest.keyClick(focus, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.model.rowCount() == 23)  # type: ignore[attr-defined]


def test_control_f_at_home_opens_the_palette(window: MainWindow) -> None:
    press(window, Qt.Key.Key_F, with_=Control)
    assert window.palette_overlay.isVisible()


def test_the_search_is_not_lost_when_something_arrives(stage: Stage, window: MainWindow) -> None:
    window.go(Place("deal_registration"))
    box = window.bar.search
    assert box is not None
    box.focus_text()
    QTest.keyClicks(focused(), "kes")
    stage.tell(RecordsChanged(frozenset({"deal_registration"}), None))
    assert window.bar.search is box
    assert box.text() == "kes"


def test_letters_typed_into_a_field_are_letters(window: MainWindow) -> None:
    window.go(Place("deal_registration"))
    press(window, Qt.Key.Key_F, with_=Control)
    QTest.keyClicks(focused(), "gd?")
    assert window.bar.title == "Deals"
    assert window.sheet.isHidden()
    box = window.bar.search
    assert box is not None
    assert box.text() == "gd?"


def test_the_manifests_jobs_have_their_keys(window: MainWindow) -> None:
    press(window, Qt.Key.Key_N, with_=Control)
    assert window.bar.title == "Register a deal"
    press(window, Qt.Key.Key_R, with_=Control | Shift)
    assert window.bar.title == "Raise a request"


def test_all_keys_stand_on_one_sheet(window: MainWindow) -> None:
    window.go(Place("deal_registration"))
    press(window, Qt.Key.Key_Question, with_=Shift)
    assert window.sheet.isVisible()
    words = said(window.sheet)
    for text in ("Register a deal", "Next pane", "Sync centre", "Everywhere", "Deals"):
        assert text in words
    press(window, Qt.Key.Key_G, Qt.Key.Key_S)
    assert window.bar.title == "Deals", "nothing happens below an open sheet"
    QTest.keyClick(window.sheet, Qt.Key.Key_Escape)
    assert window.sheet.isHidden()


def test_f6_goes_round_the_panes(window: MainWindow) -> None:
    window.go(Place("deal_registration"))
    seen = []
    window.nav.focus_rows()
    for _ in range(6):
        press(window, Qt.Key.Key_F6)
        focus = QApplication.focusWidget()
        assert focus is not None
        seen.append(window.nav.isAncestorOf(focus))
        if seen[-1]:
            break
    assert len(seen) > 1
    assert seen[-1], "and comes back to the navigation"
    assert not any(seen[:-1])


def test_send_and_check_have_keys(stage: Stage, window: MainWindow) -> None:
    before = len(stage.loop.wakes)
    press(window, Qt.Key.Key_S, with_=Control | Shift)
    assert len(stage.loop.wakes) > before
    assert window.toast.text == "Sending what waits"
    press(window, Qt.Key.Key_V, with_=Control | Shift)
    assert stage.loop.verified == [True]
    assert window.bar.title == "Sync centre"


# toast


def test_control_z_takes_the_last_change_back_once(window: MainWindow) -> None:
    undone: list[int] = []
    window.say(Toast("Withdrawn", lambda: undone.append(1)))
    assert (window.toast.isVisible(), window.toast.text) == (True, "Withdrawn")
    press(window, Qt.Key.Key_Z, with_=Control)
    press(window, Qt.Key.Key_Z, with_=Control)
    assert undone == [1]


def test_control_z_in_a_field_is_the_fields_own(window: MainWindow) -> None:
    undone: list[int] = []
    window.go(Place("deal_registration"))
    window.say(Toast("Withdrawn", lambda: undone.append(1)))
    press(window, Qt.Key.Key_F, with_=Control)
    focus = focused()
    QTest.keyClicks(focus, "kes")
    QTest.keyClick(focus, Qt.Key.Key_Z, Control)
    assert undone == []


def test_an_error_of_the_background_is_said(stage: Stage, window: MainWindow) -> None:
    stage.bridge.failed.emit(DiskFull())
    assert window.toast.text.startswith("The disk is full.")


# meanwhile


def test_counts_follow_what_arrives(stage: Stage, window: MainWindow) -> None:
    stage.world.deal("new-one")
    stage.tell(RecordsChanged(frozenset({"deal_registration"}), None))
    stage.bridge._tell()
    assert rows(window)["Deals"].count == "24"
    gid = stage.world.deal("edited")
    stage.portal.intents.edit(gid, {"next_steps": "Call Priya"})
    QApplication.processEvents()
    assert rows(window)["Sync centre"].count == "1"


def test_a_new_manifest_builds_places_and_forms_again(stage: Stage, window: MainWindow) -> None:
    window.go(Place(NEW, entity="deal_registration"))
    whole = partner_manifest().model_dump(mode="json")
    deal = next(entity for entity in whole["entities"] if entity["name"] == "deal_registration")
    deal["plural"] = "Registrations"
    deal["fields"].append({"name": "seats", "label": "Seats", "type": "integer", "owner": "partner"})
    stage.world.store.cursors.save_manifest(json.dumps(whole), "etag-2")
    stage.tell(ManifestChanged())
    settle()
    assert "Registrations" in rows(window)
    assert window.bar.title == "Register a deal"
    assert "Seats" in said(window)


def test_every_page_speaks_and_follows_the_scheme(stage: Stage, window: MainWindow) -> None:
    for place in ("deal_registration", "lead", "renewal", "order", SYNC_CENTRE, SETTINGS, HOME):
        window.go(Place(place))
        QApplication.processEvents()
        assert unnamed(window) == [], place
    assert follows_scheme(window, stage.theme)


def test_size_is_kept(stage: Stage, window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1400, 900)
    window.close()
    again = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(again)
    assert (again.width(), again.height()) == (1400, 900)


def test_what_is_typed_is_saved_on_closing(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[str] = []
    page: Page | None = window.page(HOME)
    assert page is not None

    def leave() -> bool:
        left.append("home")
        return True

    monkeypatch.setattr(page, "may_leave", leave)
    window.close()
    assert left == ["home"]


def test_a_document_whose_last_day_passes_while_offline_says_so(stage: Stage, window: MainWindow) -> None:
    """The window stays open over midnight and nothing comes in; the calendar alone decides."""
    for name, changes in (
        ("lapsing", {"valid_until": "2026-11-23"}),
        ("replaced", {"state": "superseded", "valid_until": "2026-11-23"}),
    ):
        stage.world.put("document", name, **{
            "code": name, "title": name, "category": "guide", "state": "current", "sha256": "0" * 64, "size": 10,
            "file_name": f"{name}.pdf", "media_type": "application/pdf", **changes,
        })  # fmt: skip
    stage.offline()
    window.go(Place("document"))
    page = window.current
    assert isinstance(page, DocumentsPage)

    def standing() -> dict[str, str]:
        titles = [column.show for column in page.model.columns]
        where = titles.index("state_mark")
        found = {}
        for row in range(page.model.rowCount()):
            record = page.model.record_at(row)
            assert record is not None
            found[record.title] = str(page.model.index(row, where).data())
        return found

    assert standing() == {"lapsing": "Ends today", "replaced": "Superseded"}
    page.arrive(Place("document", gid=next(iter(gids(page, "lapsing")))))
    assert page.reader._mark.accessibleName() == "Ends today"
    turned: list[bool] = []
    window.days.turned.connect(lambda: turned.append(True))
    stage.world.clock.go(hours=13)
    window.days.look()
    assert turned == []
    stage.world.clock.go(hours=2)
    window.days.look()
    QApplication.processEvents()
    window.days.look()
    assert turned == [True]
    assert standing() == {"lapsing": "Expired", "replaced": "Superseded"}
    assert page.reader._mark.accessibleName() == "Expired"
    assert "was valid until 23 Nov 2026" in page.reader._detail.text()


def gids(page: DocumentsPage, title: str) -> list[str]:
    found = [page.model.record_at(row) for row in range(page.model.rowCount())]
    return [record.gid for record in found if record is not None and record.title == title]
