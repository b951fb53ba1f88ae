"""The palette: what it offers, in which order, what it marks; moving, running, closing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView, QWidget
from pytestqt.qtbot import QtBot

from app.contract.manifest import Job
from app.views.main_window import MainWindow
from app.views.page import HOME, Place
from app.views.shell.keys import caps
from app.views.shell.palette_list import Entry, Group, PaletteModel
from app.views.shell.ranking import Match, rank
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.widgets.dialog import Dialog
from tests.services.conftest import partner_manifest
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, open_stage, settle


@pytest.fixture
def window(stage: Stage, qtbot: QtBot) -> Iterator[MainWindow]:
    sample.programme(stage.world)
    sample.requests(stage.world)
    made = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    QApplication.processEvents()
    QTest.keyClick(made, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    yield made
    settle()


def write(window: MainWindow, text: str, qtbot: QtBot) -> list[Entry]:
    edit = QApplication.focusWidget()
    assert edit is not None
    QTest.keyClicks(edit, text)
    qtbot.wait(90)
    return entries(window)


def entries(window: MainWindow) -> list[Entry]:
    model = window.palette_overlay.findChildren(QListView)[0].model()
    assert isinstance(model, PaletteModel)
    return [entry for row in range(model.rowCount()) if (entry := model.entry(row))]


def texts(found: list[Entry], group: Group) -> list[str]:
    return [entry.text for entry in found if entry.group is group]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("re", "Register a deal", Match(60, ((0, 2),))),
        ("re", "Raise a request", Match(60, ((8, 2),))),
        ("re", "Core rack", None),
        ("ore", "Core rack", Match(20, ((1, 3),))),
        ("deal reg", "Register a deal", Match(120, ((0, 3), (11, 4)))),
        ("DEAL", "Register a deal", Match(60, ((11, 4),))),
        ("deals", "Register a deal", None),
        ("", "Anything", Match(0, ())),
    ],
)
def test_ranking(query: str, text: str, expected: Match | None) -> None:
    assert rank(query, text) == expected


def test_ranking_finds_by_other_words_and_marks_none_of_them() -> None:
    assert rank("verify", "Check both sides", "verify proof") == Match(1, ())


def test_ranges_stay_right_beside_letters_that_fold_to_two() -> None:
    found = rank("plan", "Straßen plan")
    assert found is not None
    assert found.ranges == ((8, 4),)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("Ctrl+Shift+S", ("Ctrl", "Shift", "S")),
        ("G, H", ("G", "H")),
        ("Ctrl+Return", ("Ctrl", "↵")),
        ("?", ("?",)),
        ("F6", ("F6",)),
    ],
)
def test_caps(keys: str, expected: tuple[str, ...], qapp: QApplication) -> None:
    assert caps(keys) == expected


def test_an_empty_palette_offers_what_one_does_and_where_one_goes(window: MainWindow) -> None:
    found = entries(window)
    assert texts(found, Group.DO)[:3] == ["Register a deal", "Raise a request", "Send what waits"]
    assert texts(found, Group.GO)[:3] == ["Home", "Deals", "Leads"]
    assert texts(found, Group.RECORDS) == []
    assert window.palette_overlay._view.verticalScrollBar().value() == 0, (
        "the head of the first group is seen"
    )


def test_what_is_typed_narrows_it_with_marks_keys_and_records(
    stage: Stage, window: MainWindow, qtbot: QtBot
) -> None:
    found = write(window, "re", qtbot)
    assert texts(found, Group.DO) == [
        "Register a deal",
        "Raise a request",
        "Send what waits",
        "Check both sides",
    ]
    assert texts(found, Group.GO) == ["Requests", "Renewals"]
    assert found[0].keys == ("Ctrl", "N")
    assert found[0].ranges == ((0, 2),)
    go = next(entry for entry in found if entry.text == "Renewals")
    assert (go.note, go.keys) == ("9 open", ("G", "W"))
    records = [entry for entry in found if entry.group is Group.RECORDS]
    assert records
    assert all(entry.mark is Mark.SYNCED for entry in records)


def test_a_record_is_found_by_its_words_and_opens(window: MainWindow, qtbot: QtBot) -> None:
    found = write(window, "vpn drops", qtbot)
    assert texts(found, Group.RECORDS)[0] == "VPN drops after firmware 8.4"
    record = next(entry for entry in found if entry.group is Group.RECORDS)
    assert record.ranges == ((0, 3), (4, 5))
    edit = QApplication.focusWidget()
    assert edit is not None
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert window.palette_overlay.isHidden()
    assert window.bar.title == "Requests"


def test_arrows_move_over_the_heads_and_around_the_ends(window: MainWindow, qtbot: QtBot) -> None:
    found = write(window, "re", qtbot)
    edit = QApplication.focusWidget()
    assert edit is not None
    seen = []
    for _ in range(5):
        chosen = window.palette_overlay.entry()
        assert chosen is not None
        seen.append(chosen.text)
        QTest.keyClick(edit, Qt.Key.Key_Down)
    assert seen == [entry.text for entry in found[:5]]
    for _ in range(6):
        QTest.keyClick(edit, Qt.Key.Key_Up)
    last = window.palette_overlay.entry()
    assert last is not None
    assert last.text == found[-1].text


def test_return_runs_what_was_typed_even_before_the_pause_is_over(window: MainWindow) -> None:
    edit = QApplication.focusWidget()
    assert edit is not None
    QTest.keyClicks(edit, "settings")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert window.bar.title == "Settings"


def test_a_click_runs_and_a_click_beside_closes(window: MainWindow, qtbot: QtBot) -> None:
    write(window, "renew", qtbot)
    view = window.palette_overlay.findChildren(QListView)[0]
    model = view.model()
    assert model is not None
    row = next(n for n in range(model.rowCount()) if str(model.index(n, 0).data()) == "Renewals")
    spot = view.visualRect(model.index(row, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert window.bar.title == "Renewals"
    window.open_palette()
    QTest.mouseClick(window.palette_overlay, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert window.palette_overlay.isHidden()


def test_escape_gives_the_keyboard_back(window: MainWindow, qtbot: QtBot) -> None:
    edit = QApplication.focusWidget()
    assert edit is not None
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    window.go(Place("deal_registration"))
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    before = QApplication.focusWidget()
    window.open_palette()
    assert QApplication.focusWidget() is not before
    inside = QApplication.focusWidget()
    assert inside is not None
    QTest.keyClick(inside, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is before


def test_nothing_found_says_so(window: MainWindow, qtbot: QtBot) -> None:
    assert write(window, "zzzz", qtbot) == []
    words = [one.text() for one in window.palette_overlay.findChildren(QWidget) if hasattr(one, "text")]
    assert "Nothing found. Try fewer letters." in words
    edit = QApplication.focusWidget()
    assert edit is not None
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert window.palette_overlay.isVisible(), "there is nothing to run"


def test_it_says_what_it_searches_and_how_to_move(window: MainWindow) -> None:
    words = [one.text() for one in window.palette_overlay.findChildren(QWidget) if hasattr(one, "text")]
    assert any(str(text).startswith("Searches everything kept on this computer") for text in words)


def test_offline_by_choice_is_a_command_both_ways(stage: Stage, window: MainWindow, qtbot: QtBot) -> None:
    (entry,) = [one for one in write(window, "offline", qtbot) if one.group is Group.DO]
    assert entry.text == "Work offline"
    entry.run()
    assert stage.loop.offline == [True]
    stage.offline(by_choice=True)
    window.palette_overlay.close_palette()
    window.open_palette()
    (entry,) = [one for one in write(window, "online", qtbot) if one.group is Group.DO]
    assert entry.text == "Go online"
    entry.run()
    assert stage.loop.offline == [True, False]


def test_entries_speak(window: MainWindow, qtbot: QtBot) -> None:
    write(window, "re", qtbot)
    model = window.palette_overlay.findChildren(QListView)[0].model()
    assert model is not None
    spoken = [model.index(n, 0).data(Qt.ItemDataRole.AccessibleTextRole) for n in range(model.rowCount())]
    assert spoken[:2] == ["Do", "Register a deal, Ctrl+N"]
    assert unnamed(window) == []


def test_it_follows_the_window_and_the_scheme(stage: Stage, window: MainWindow) -> None:
    window.resize(1500, 900)
    QApplication.processEvents()
    assert window.palette_overlay.size() == window.size()
    assert follows_scheme(window, stage.theme)


@pytest.fixture
def keyed(tmp_path: Path, theme: Theme, qtbot: QtBot) -> Iterator[tuple[Stage, MainWindow]]:
    """A window whose manifest has jobs of the two kinds that make nothing new, each with a key."""
    manifest = partner_manifest()
    opens = Job(
        name="papers",
        label="Read documents",
        icon="files",
        entity="document",
        does="open",
        shortcut="Ctrl+Shift+D",
    )
    gives = Job(
        name="withdraw_it",
        label="Take a deal back",
        icon="arrow-back-up",
        entity="deal_registration",
        does="command",
        command="withdraw",
        shortcut="Ctrl+Shift+W",
    )
    manifest = manifest.model_copy(update={"jobs": (*manifest.jobs, opens, gives)})
    stage = open_stage(tmp_path, theme, manifest=manifest)
    sample.programme(stage.world)
    made = MainWindow(stage.portal, stage.bridge, theme)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    settle()
    yield stage, made
    settle()
    stage.close()


def where(window: MainWindow) -> str:
    place = window.current.place() if window.current is not None else None
    return place.page if place is not None else ""


CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_a_job_may_open_a_list_by_palette_and_key(keyed: tuple[Stage, MainWindow], qtbot: QtBot) -> None:
    _, window = keyed
    QTest.keyClick(window, Qt.Key.Key_D, CTRL_SHIFT)
    settle()
    assert where(window) == "document"
    window.go(Place(HOME))
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    found = next(one for one in entries(window) if one.text == "Read documents")
    assert (found.group, found.keys) == (Group.DO, ("Ctrl", "Shift", "D"))
    found.run()
    assert where(window) == "document"


def test_a_job_may_give_a_command_to_the_record_that_is_shown(
    keyed: tuple[Stage, MainWindow], qtbot: QtBot
) -> None:
    stage, window = keyed
    QTest.keyClick(window, Qt.Key.Key_W, CTRL_SHIFT)
    settle()
    assert window.toast.text == "Take a deal back: open what it is about first."
    deal = stage.world.deal("new", customer="Ledbury Homes", state="submitted")
    done = stage.world.deal("old", customer="Ledbury Homes", state="withdrawn")
    window.go(Place("deal_registration", gid=deal))
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert [
        one.text for one in entries(window) if "ake a deal back" in one.text or one.text == "Withdraw"
    ] == ["Take a deal back"], "a job has its command's place, not one beside it"
    edit = QApplication.focusWidget()
    assert edit is not None
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    settle()
    QTest.keyClick(window, Qt.Key.Key_W, CTRL_SHIFT)
    settle()
    dialog = window.findChild(Dialog, "detail.dialog")
    assert dialog is not None
    assert dialog.isVisible()
    dialog.reject()
    settle()
    window.activateWindow()
    window.go(Place("deal_registration", gid=done))
    settle()
    QTest.keyClick(window, Qt.Key.Key_W, CTRL_SHIFT)
    settle()
    assert window.toast.text == "Take a deal back: not possible for Ledbury Homes."
