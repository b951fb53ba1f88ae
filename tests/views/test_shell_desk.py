"""The window beside its pages: it comes back as it was left, takes back, helps, and its palette knows the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from app.sync.events import RecordsChanged
from app.views.main_window import MainWindow
from app.views.page import HOME, SYNC_CENTRE, Place, Toast, Way
from app.views.records.page import RecordsPage
from app.views.shell.places import letters
from app.views.theme.theme import SchemeChoice
from tests.services.conftest import partner_manifest
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle

Control = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(stage: Stage, qtbot: QtBot) -> Iterator[MainWindow]:
    sample.programme(stage.world)
    yield opened(stage, qtbot)
    settle()


def opened(stage: Stage, qtbot: QtBot) -> MainWindow:
    made = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    QApplication.processEvents()
    return made


def press(
    window: MainWindow, key: Qt.Key, with_: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(window, key, with_)
    QApplication.processEvents()


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def deals(window: MainWindow) -> RecordsPage:
    page = window.current
    assert isinstance(page, RecordsPage)
    return page


# where it was left


def test_the_window_comes_back_to_record_chip_search_and_scroll(
    stage: Stage, window: MainWindow, qtbot: QtBot
) -> None:
    window.resize(1100, 640)
    window.go(Place("deal_registration", chip="all", text="e"))
    page = deals(window)
    page.table.choose_row(9)
    page.table.verticalScrollBar().setValue(150)
    gid = page.detail.gid
    window.close()
    again = opened(stage, qtbot)
    page = deals(again)
    assert stage.loop.wakes == [], "all of it before the engine was even started"
    assert again.size() == window.size()
    assert (page.detail.gid, page.chips.current()) == (gid, "all")
    assert again.bar.search is not None
    assert again.bar.search.text() == "e"
    assert page.table.chosen_row() == 9
    assert page.table.verticalScrollBar().value() == 150


def test_half_typed_text_is_there_again(stage: Stage, window: MainWindow, qtbot: QtBot) -> None:
    window.go(Place("deal_registration"))
    page = deals(window)
    gid = page.detail.gid
    page.detail.edit()
    page.detail.editor.form.focus_field("next_steps")
    QTest.keyClicks(focused(), "Half a sentence that no")
    window.close()
    page = deals(opened(stage, qtbot))
    assert page.detail.gid == gid
    assert page.detail.closable, "the form is open again"
    assert page.detail.editor.changes() == {"next_steps": "Half a sentence that no"}


@pytest.mark.parametrize(
    "left", [{"page": "campaign"}, {"page": ""}, {"page": 7}, [], "deals", {"page": "order", "gid": "gone"}]
)
def test_a_place_that_is_no_more_is_home_or_its_list(stage: Stage, qtbot: QtBot, left: object) -> None:
    sample.programme(stage.world)
    stage.portal.prefs.set("window.place", left)
    title = opened(stage, qtbot).bar.title
    assert title == ("Orders" if left == {"page": "order", "gid": "gone"} else "Good morning, Maya")


# taking back


def test_control_z_walks_back_over_pages_and_says_what_was_sent(stage: Stage, window: MainWindow) -> None:
    gids = [stage.world.deal(f"mine-{n}", state="submitted", title=f"Site {n}") for n in range(3)]
    for gid in gids:
        window.go(Place("deal_registration", gid=gid))
        page = deals(window)
        page.detail.commands.settled(stage.portal.intents.command(gid, "withdraw"))
    window.go(Place(HOME))
    last = stage.world.sent()[-1]
    stage.world.store.outbox.mark_sending([last.mutation_id])
    press(window, Qt.Key.Key_Z, Control)
    assert window.toast.text == "Taken back: Withdrawn. On its way already: “Withdrawn”."
    assert [one.gid for one in stage.world.sent()] == [gids[0], gids[2]]
    press(window, Qt.Key.Key_Z, Control)
    assert [one.gid for one in stage.world.sent()] == [gids[2]]
    assert "On its way" not in window.toast.text
    press(window, Qt.Key.Key_Z, Control)
    assert [one.gid for one in stage.world.sent()] == [gids[2]]


def test_what_was_taken_out_of_the_outbox_comes_back(stage: Stage, window: MainWindow) -> None:
    gid = deals_gid(stage)
    stage.portal.intents.edit(gid, {"next_steps": "Call Priya"})
    (item,) = stage.world.sent()
    window.go(Place(SYNC_CENTRE))
    page = window.current
    assert page is not None
    page._do(lambda: stage.portal.outbox.cancel(item.mutation_id))  # type: ignore[attr-defined]
    assert stage.world.sent() == []
    press(window, Qt.Key.Key_Z, Control)
    assert [one.changes for one in stage.world.sent()] == [{"next_steps": "Call Priya"}]


def deals_gid(stage: Stage) -> str:
    return stage.world.deal("kestrel-2", number="DR-2026-0999", customer="Quillon Energy")


# palette


def texts(window: MainWindow) -> list[str]:
    model = window.palette_overlay._model
    return [entry.text for row in range(model.rowCount()) if (entry := model.entry(row)) is not None]


def test_the_palette_has_what_can_be_done_with_the_record_and_the_page(
    stage: Stage, window: MainWindow
) -> None:
    window.go(Place("deal_registration", gid=deals_gid(stage)))
    labels = [command.label for command in stage.portal.records.commands(deals(window).detail.gid)]
    assert labels
    press(window, Qt.Key.Key_K, Control)
    found = texts(window)
    assert set(labels) | {"Copy link", "Edit"} <= set(found)
    window.palette_overlay.close_palette()
    stage.offline()
    press(window, Qt.Key.Key_K, Control)
    assert f"{labels[0]} (waits to send)" in texts(window)
    QTest.keyClicks(window.palette_overlay._edit, "copy li")
    QTest.keyClick(window.palette_overlay._edit, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == "counterpart://deal/DR-2026-0999"
    assert window.toast.text.startswith("Link copied")
    window.go(Place(HOME))
    press(window, Qt.Key.Key_K, Control)
    assert "Copy link" not in texts(window)
    assert not any("Search all vendors" in text for text in texts(window))


def test_a_command_of_the_palette_does_what_its_button_does(stage: Stage, window: MainWindow) -> None:
    gid = deals_gid(stage)
    window.go(Place("deal_registration", gid=gid))
    command = next(one for one in stage.portal.records.commands(gid) if one.args)
    press(window, Qt.Key.Key_K, Control)
    QTest.keyClicks(window.palette_overlay._edit, command.label)
    QTest.keyClick(window.palette_overlay._edit, Qt.Key.Key_Return)
    assert deals(window).detail.closable, "its form is open"


def test_the_look_is_changed_from_the_palette_and_kept(stage: Stage, window: MainWindow) -> None:
    press(window, Qt.Key.Key_K, Control)
    QTest.keyClicks(window.palette_overlay._edit, "dark")
    QTest.keyClick(window.palette_overlay._edit, Qt.Key.Key_Return)
    assert stage.theme.choice is SchemeChoice.DARK
    assert stage.portal.prefs.get("theme") == "dark"


def test_every_place_has_a_letter_of_its_own() -> None:
    manifest = partner_manifest()
    order = next(one for one in manifest.entities if one.name == "order")
    added = [
        order.model_copy(update={"name": name, "plural": plural, "key": key})
        for name, plural, key in (
            ("ballot", "Quotas", "Q"),
            ("venture", "Ventures", ""),
            ("dispute", "Disputes", "D"),
            ("sheet", "Sheets", "S"),
        )
    ]
    found = letters(manifest.changed(entities=(*manifest.entities, *added)))
    assert len(set(found.values())) == len(found)
    assert not {"H", "S"} & set(found.values())
    assert found["deal_registration"] == "D"
    assert found["ballot"] == "Q"
    assert found["venture"] in "VENTURS", "one without a letter takes one of its word"
    assert found["dispute"] in "ISPUTE", "and so does one whose letter is taken"


# help


def test_help_is_found_read_and_leads_to_its_place(stage: Stage, window: MainWindow, qtbot: QtBot) -> None:
    press(window, Qt.Key.Key_F1)
    panel = window.help
    assert panel.isVisible()
    assert len(panel.rows) == 8
    QTest.keyClicks(focused(), "price list")
    qtbot.waitUntil(lambda: [entry.topic.title for entry in panel.rows] == ["Documents"])
    QTest.mouseClick(panel.rows[0], Qt.MouseButton.LeftButton)
    text = panel.findChild(QTextBrowser)
    assert text is not None
    assert "Keep offline" in text.toPlainText()
    assert text.loadResource(2, "https://tracker.example/pixel.png").size() == QSize(1, 1), (
        "nothing is loaded"
    )
    assert unnamed(window) == []
    QTest.mouseClick(panel.show_me, Qt.MouseButton.LeftButton)
    assert window.bar.title == "Documents"
    assert panel.isVisible(), "one goes on reading beside it"
    assert follows_scheme(window, stage.theme)
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert panel.isHidden()


# calm


def test_nothing_jumps_while_changes_arrive(stage: Stage, window: MainWindow) -> None:
    window.resize(1100, 640)
    window.go(Place("deal_registration", chip="all"))
    page = deals(window)
    page.table.choose_row(9)
    page.table.verticalScrollBar().setValue(180)
    page.table.setFocus()
    gid, first = page.detail.gid, page.table.rowAt(1)
    at_top = page.model.gid_at(first)
    offset = page.table.rowViewportPosition(first)
    for number in range(5):
        stage.world.deal(f"fresh-{number}", customer="New one", updated_at="2026-11-23T09:40:00Z")
    stage.tell(RecordsChanged(frozenset({"deal_registration"}), None))
    stage.bridge._tell()
    QApplication.processEvents()
    assert page.model.rowCount() == 28
    assert page.detail.gid == gid
    assert page.model.gid_at(page.table.chosen_row()) == gid
    now = page.model.row_of(at_top)
    assert page.table.rowViewportPosition(now) == offset, "what one was looking at stays where it was"
    assert QApplication.focusWidget() is page.table


def test_a_toast_with_another_way_on_is_no_undo(window: MainWindow) -> None:
    went: list[int] = []
    window.say(Toast("Nothing here.", action=Way("Search", lambda: went.append(1))))
    press(window, Qt.Key.Key_Z, Control)
    assert went == []
