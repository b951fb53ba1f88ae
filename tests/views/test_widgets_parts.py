"""The parts: each has a name, is reached by keys, and says what happened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QColor, QDropEvent, QFocusEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.views.theme.theme import Theme
from app.views.theme.tokens import LIGHT, Tone
from app.views.widgets.banner import Banner
from app.views.widgets.base import Panel, ThemedWidget
from app.views.widgets.buttons import Button, ButtonKind, primary
from app.views.widgets.chips import ChipBar, ChipItem
from app.views.widgets.choice_cell import ChoiceCell, ChoiceGroup
from app.views.widgets.dialog import Dialog
from app.views.widgets.files import DropArea
from app.views.widgets.freshness import FreshnessChip
from app.views.widgets.gauges import (
    BucketGrid,
    CellState,
    ProgressBar,
    StorageBar,
    StorageKind,
    StoragePart,
    Switch,
)
from app.views.widgets.nav import NavItem, NavList
from app.views.widgets.rows import Job, JobRow
from app.views.widgets.search_box import SearchBox
from app.views.widgets.splitter import Splitter
from app.views.widgets.stepper import Step, StepList, Stepper, StepState
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon, IconTile, initials
from app.views.widgets.toast import Toast
from app.views.widgets.topbar import TopBar
from tests.views.gallery.screens import SCREENS

PLACES = [NavItem("home", "Home", "home"), NavItem("deals", "Deals", "briefcase", "23")]
# Frames and grounds that only hold others, and pictures beside the words they go with; a screen reader passes them by.
SILENT = (Panel, Icon, IconTile)


@pytest.mark.parametrize("name", sorted(SCREENS))
def test_everything_a_screen_shows_has_a_name(theme: Theme, qtbot: QtBot, name: str) -> None:
    make: Callable[[Theme], QWidget] = SCREENS[name]
    screen = make(theme)
    qtbot.addWidget(screen)
    screen.grab()
    nameless = []
    for widget in screen.findChildren(QWidget):
        focusable = widget.focusPolicy() is not Qt.FocusPolicy.NoFocus and not widget.isHidden()
        painted = isinstance(widget, ThemedWidget) and type(widget).paintEvent is not ThemedWidget.paintEvent
        if type(widget) in SILENT or not (focusable or painted) or widget.focusProxy() is not None:
            continue
        if type(widget).__name__ in {"Rule", "ChoiceCell", "EditedCell"}:
            continue
        spoken = QAccessible.queryAccessibleInterface(widget)
        if not spoken.text(QAccessible.Text.Name):
            nameless.append(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
    assert nameless == []


@pytest.mark.parametrize("name", sorted(SCREENS))
def test_building_a_screen_opens_no_window_of_its_own(theme: Theme, qtbot: QtBot, name: str) -> None:
    before = {id(widget) for widget in QApplication.topLevelWidgets() if widget.isVisible()}
    qtbot.addWidget(SCREENS[name](theme))
    after = [
        widget for widget in QApplication.topLevelWidgets() if widget.isVisible() and id(widget) not in before
    ]
    assert after == []


def test_a_disabled_button_keeps_its_words_and_says_why(theme: Theme, qtbot: QtBot) -> None:
    button = primary(theme, "Submit")
    qtbot.addWidget(button)
    button.set_tip("Ctrl Enter")
    button.disable("Fill in the title first")
    assert (button.text(), button.toolTip()) == ("Submit", "Fill in the title first")
    assert button.accessibleDescription() == "Fill in the title first"
    button.enable()
    assert (button.isEnabled(), button.toolTip()) == (True, "Ctrl Enter")


def test_a_button_grows_with_its_words(theme: Theme, qtbot: QtBot) -> None:
    button = primary(theme, "Submit", "clock")
    qtbot.addWidget(button)
    before = button.sizeHint()
    button.set_text("Submit (waits to send)")
    assert button.sizeHint().width() > before.width()
    assert button.sizeHint().height() == 32
    assert button.accessibleName() == "Submit (waits to send)"


def test_focus_is_seen_after_a_key_and_not_after_a_click(theme: Theme, qtbot: QtBot) -> None:
    button = Button(theme, "Edit", ButtonKind.SECONDARY)
    qtbot.addWidget(button)
    button.resize(button.sizeHint())

    def edge(reason: Qt.FocusReason) -> QColor:
        button.focusInEvent(QFocusEvent(QEvent.Type.FocusIn, reason))
        button.hasFocus = lambda: True  # type: ignore[method-assign]
        return button.grab().toImage().pixelColor(button.width() // 2, 0)

    assert edge(Qt.FocusReason.MouseFocusReason) == QColor(LIGHT.line2)
    assert edge(Qt.FocusReason.TabFocusReason) == QColor(LIGHT.accent)
    assert edge(Qt.FocusReason.ActiveWindowFocusReason) == QColor(LIGHT.accent)


def test_chips_choose_one_and_say_their_counts(theme: Theme, qtbot: QtBot) -> None:
    bar = ChipBar(
        theme, [ChipItem("open", "Open", 1023), ChipItem("mine", "Mine", 14), ChipItem("all", "All")]
    )
    qtbot.addWidget(bar)
    chips = bar.findChildren(QAbstractButton)
    assert [chip.accessibleName() for chip in chips] == ["Open, 1,023", "Mine, 14", "All"]
    with qtbot.waitSignal(bar.chosen) as chosen:
        chips[1].click()
    assert (chosen.args, bar.current()) == (["mine"], "mine")
    with qtbot.waitSignal(bar.chosen) as chosen:
        chips[1].setFocus()
        QTest.keyClick(chips[1], Qt.Key.Key_Right)
    assert chosen.args == ["all"]
    with qtbot.assertNotEmitted(bar.chosen):
        bar.select("open")
        bar.set_items([ChipItem("new", "New")])
    assert bar.current() == "new"


def test_navigation_asks_and_the_page_decides(theme: Theme, qtbot: QtBot) -> None:
    nav = NavList(theme, "Halden Systems", "Brightwater IT Ltd")
    qtbot.addWidget(nav)
    nav.set_places(PLACES)
    nav.set_footer_places([NavItem("sync", "Sync centre", "arrows-diff", "6")])
    nav.select("home")
    rows = {row.accessibleName(): row for row in nav.findChildren(QAbstractButton)}
    with qtbot.waitSignal(nav.chosen) as chosen:
        rows["Deals, 23"].click()
    assert (chosen.args, nav.current()) == (["deals"], "home")
    nav.select("deals")
    nav.set_count("deals", "Ready")
    nav.set_count("unknown", "1")
    assert rows["Deals, 23"].accessibleName() == "Deals, Ready"
    nav.set_places([*PLACES, NavItem("tasks", "Tasks", "clipboard-check")])
    assert nav.current() == "deals"


def test_navigation_is_walked_by_arrow_keys(theme: Theme, qtbot: QtBot) -> None:
    nav = NavList(theme, "Halden Systems", "Brightwater IT Ltd")
    qtbot.addWidget(nav)
    nav.set_places(PLACES)
    nav.select("home")
    nav.focus_rows()
    first = nav.focusWidget()
    assert first is not None
    assert first.accessibleName() == "Home"
    QTest.keyClick(first, Qt.Key.Key_Down)
    second = nav.focusWidget()
    assert second is not None
    assert second.accessibleName() == "Deals, 23"


def test_freshness_says_what_holds(theme: Theme, qtbot: QtBot) -> None:
    chip = FreshnessChip(theme)
    qtbot.addWidget(chip)
    chip.show_live("09:41")
    assert chip.accessibleName() == "Live · as of 09:41"
    chip.show_proven("09:41")
    assert chip.accessibleName() == "Live · proven identical 09:41"
    chip.show_first_sync(64)
    assert chip.accessibleName() == "First sync · 64 %"
    chip.show_offline("08:12", "No network on this computer")
    assert (chip.accessibleName(), chip.toolTip()) == ("Offline · as of 08:12", "No network on this computer")


def test_search_waits_for_the_last_key_and_clears_with_escape(theme: Theme, qtbot: QtBot) -> None:
    box = SearchBox(theme, "Search deals", "Ctrl F")
    qtbot.addWidget(box)
    edit = box.findChild(QLineEdit)
    assert edit is not None
    heard: list[str] = []
    box.searched.connect(heard.append)
    with qtbot.waitSignal(box.searched):
        QTest.keyClicks(edit, " kestrel ")
    assert heard == ["kestrel"]
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    assert (heard, box.text()) == (["kestrel", ""], "")
    with qtbot.waitSignal(box.left):
        QTest.keyClick(edit, Qt.Key.Key_Escape)


def test_a_search_that_is_a_button_opens_by_click_and_key(theme: Theme, qtbot: QtBot) -> None:
    box = SearchBox(theme, "Search everything", "Ctrl K", as_button=True)
    qtbot.addWidget(box)
    edit = box.findChild(QLineEdit)
    assert edit is not None
    with qtbot.waitSignal(box.searched):
        QTest.mouseClick(edit, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(box.searched):
        QTest.keyClick(edit, Qt.Key.Key_Return)


def test_the_top_bar_takes_turns(theme: Theme, qtbot: QtBot) -> None:
    bar = TopBar(theme)
    qtbot.addWidget(bar)
    bar.set_breadcrumb("Deals", "Register a deal")
    assert bar.title == "Register a deal"
    crumb = next(button for button in bar.findChildren(Button) if button.text() == "Deals")
    with qtbot.waitSignal(bar.crumb_clicked):
        crumb.click()
    first, second = SearchBox(theme, "Search deals"), SearchBox(theme, "Search requests")
    bar.set_search(first)
    bar.set_search(second)
    shown = [bar.search]
    bar.set_search(None)
    shown.append(bar.search)
    assert shown == [second, None]
    bar.set_title("Home", "Monday")
    assert crumb.isHidden()


def test_undo_runs_once_and_the_newest_toast_replaces(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    toast = Toast(theme, window, fades=False)
    undone: list[str] = []
    toast.say("Draft discarded", undo=lambda: undone.append("draft"))
    toast.say("Message cancelled", undo=lambda: undone.append("message"))
    assert toast.text == "Message cancelled"
    assert toast.geometry().center().x() == pytest.approx(400, abs=1)
    toast.undo()
    toast.undo()
    assert undone == ["message"]
    assert toast.isHidden()


def test_a_toast_without_undo_offers_none(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    toast = Toast(theme, window, fades=False)
    toast.say("Saved on this computer at 09:38")
    assert not toast.can_undo
    button = toast.findChild(QAbstractButton)
    assert button is not None
    assert button.isHidden()
    toast.dismiss()


def test_a_dialog_asks_and_the_safe_answer_is_near(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    dialog = Dialog(
        theme,
        window,
        "Discard this message?",
        "It is gone then.",
        verb="Discard",
        safe="Keep it",
        danger=True,
    )
    assert dialog.width() == 480
    assert (dialog.accessibleName(), dialog.accessibleDescription()) == (
        "Discard this message?",
        "It is gone then.",
    )
    dialog.safe_button.setFocus()
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog, Qt.Key.Key_Return)
    with qtbot.waitSignal(dialog.accepted):
        dialog.verb_button.click()


def test_choice_cells_are_one_of_several(theme: Theme, qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    cells = [ChoiceCell(theme, name, Text(theme, name), holder) for name in ("Theirs", "Mine", "Edited")]
    group = ChoiceGroup(*cells, parent=holder)
    assert group.current() == -1
    with qtbot.waitSignal(group.chosen) as chosen:
        QTest.mouseClick(cells[1], Qt.MouseButton.LeftButton)
    assert (chosen.args, group.current(), cells[1].chosen) == ([1], 1, True)
    with qtbot.waitSignal(group.chosen) as chosen:
        QTest.keyClick(cells[1].dot, Qt.Key.Key_Right)
    assert chosen.args == [2]
    with qtbot.assertNotEmitted(group.chosen):
        group.select(0)
        group.select(-1)
    assert group.current() == -1


def test_figures_are_spoken(theme: Theme, qtbot: QtBot) -> None:
    grid = BucketGrid(theme, [CellState.SAME] * 15 + [CellState.DIFFERS])
    steps = Stepper(theme, ["Submitted", "Review", "Approved"], 1)
    done = Stepper(theme, ["Submitted", "Review"], 2)
    store = StorageBar(
        theme,
        [
            StoragePart(StorageKind.UNSENT, 1, "Unsent", "11 MB"),
            StoragePart(StorageKind.FREE, 99, "Free", "1 GB"),
        ],
    )
    bar = ProgressBar(theme)
    for widget in (grid, steps, done, store, bar):
        qtbot.addWidget(widget)
    bar.show_share(0.64, "41,280 of 64,524 records")
    assert grid.accessibleName() == "15 of 16 buckets identical"
    assert steps.accessibleName() == "Stage 2 of 3: Review"
    assert done.accessibleName() == "All 2 stages passed"
    assert store.accessibleName() == "Unsent 11 MB, Free 1 GB"
    assert (bar.value(), bar.accessibleName()) == (640, "41,280 of 64,524 records")


@pytest.mark.parametrize("share", [-1.0, 0.0, 0.001, 1.0, 7.0])
def test_a_bar_never_leaves_its_track(theme: Theme, qtbot: QtBot, share: float) -> None:
    bar = ProgressBar(theme)
    qtbot.addWidget(bar)
    bar.resize(100, 6)
    bar.show_share(share)
    image = bar.grab().toImage()
    assert image.pixelColor(50, 3) == QColor(LIGHT.accent_fill if share >= 1 else LIGHT.fill)


def test_something_unsent_is_never_too_small_to_see(theme: Theme, qtbot: QtBot) -> None:
    store = StorageBar(
        theme,
        [
            StoragePart(StorageKind.UNSENT, 1, "Unsent", "1 KB"),
            StoragePart(StorageKind.FREE, 1e9, "Free", "1 TB"),
        ],
    )
    qtbot.addWidget(store)
    store.resize(300, 52)
    assert store.grab().toImage().pixelColor(2, 5) == QColor(LIGHT.warn)


def test_a_switch_is_a_checkbox_to_a_screen_reader(theme: Theme, qtbot: QtBot) -> None:
    switch = Switch(theme, "Work offline")
    qtbot.addWidget(switch)
    spoken = QAccessible.queryAccessibleInterface(switch)
    assert spoken is not None
    assert spoken.role() is QAccessible.Role.CheckBox
    with qtbot.waitSignal(switch.toggled):
        QTest.keyClick(switch, Qt.Key.Key_Space)
    assert switch.isChecked()


def test_steps_keep_their_rows_while_their_state_changes(theme: Theme, qtbot: QtBot) -> None:
    steps = StepList(theme)
    qtbot.addWidget(steps)
    steps.set_steps([Step("a", "Customer"), Step("b", "Evidence", "1 of 1 file")], "a")
    before = steps.findChildren(QAbstractButton)
    steps.set_steps(
        [
            Step("a", "Customer", "Complete", StepState.DONE),
            Step("b", "Evidence", "1 field to fix", tone=Tone.BAD),
        ],
        "b",
    )
    assert steps.findChildren(QAbstractButton) == before
    assert before[1].accessibleName() == "Step 2: Evidence, 1 field to fix"
    with qtbot.waitSignal(steps.chosen) as chosen:
        before[0].click()
    assert chosen.args == ["a"]


def test_a_row_opens_by_key_and_its_button_acts(theme: Theme, qtbot: QtBot) -> None:
    row = JobRow(
        theme,
        Job("hourglass", Tone.WARN, "Extend protection", "DR-1", "Today", Tone.BAD, "Ask"),
        pressing=True,
    )
    qtbot.addWidget(row)
    assert row.accessibleName() == "Extend protection, DR-1, Today"
    with qtbot.waitSignal(row.opened):
        QTest.keyClick(row, Qt.Key.Key_Return)
    button = row.findChild(Button)
    assert button is not None
    with qtbot.waitSignal(row.acted), qtbot.assertNotEmitted(row.opened):
        button.click()


def test_a_banner_is_shown_with_its_window(theme: Theme, qtbot: QtBot) -> None:
    banner = Banner(theme)
    assert banner.isHidden()
    banner.show_message("wifi-off", "Offline since 08:12.", "Why offline?")
    assert not banner.isVisible()
    window = QWidget()
    qtbot.addWidget(window)
    banner.setParent(window)
    banner.show_message("wifi-off", "Offline since 08:12.", "Why offline?")
    assert not banner.isHidden()
    assert banner.accessibleName() == "Offline since 08:12."
    with qtbot.waitSignal(banner.acted):
        banner.action.click()


def test_only_local_files_are_taken(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    good = tmp_path / "ledbury.pdf"
    good.write_bytes(b"%PDF")
    area = DropArea(theme)
    qtbot.addWidget(area)

    def drop(*urls: QUrl) -> None:
        data = QMimeData()
        data.setUrls(list(urls))
        spot, action = QPointF(5, 5), Qt.DropAction.CopyAction
        area.dropEvent(
            QDropEvent(spot, action, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        )

    with qtbot.waitSignal(area.dropped) as dropped:
        drop(
            QUrl.fromLocalFile(str(good)),
            QUrl("https://example.org/x.pdf"),
            QUrl.fromLocalFile(str(tmp_path)),
        )
    assert dropped.args == [(good,)]
    with qtbot.assertNotEmitted(area.dropped):
        drop(QUrl("https://example.org/x.pdf"))
    with qtbot.waitSignal(area.browsed):
        QTest.keyClick(area, Qt.Key.Key_Space)


def test_the_divider_is_remembered(theme: Theme, qtbot: QtBot) -> None:
    def make() -> Splitter:
        split = Splitter(theme)
        qtbot.addWidget(split)
        split.resize(1000, 400)
        for stretch in (1, 0):
            pane = QLabel("pane")
            pane.setMinimumWidth(50)
            split.add(pane, stretch)
        split.grab()
        return split

    split = make()
    split.setSizes([700, 299])
    other = make()
    assert other.restore(split.state())
    assert other.sizes() == split.sizes()
    assert not other.restore(b"")
    assert not other.restore(b"nonsense")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Maya Okafor", "MO"), ("Ingrid", "I"), ("", ""), ("maya van der okafor", "MO"), ("  ", "")],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_the_stepper_mirrors(theme: Theme, qtbot: QtBot) -> None:
    steps = Stepper(theme, ["One", "Two", "Three"], 0)
    qtbot.addWidget(steps)
    steps.resize(300, 40)
    ring = QPoint(50, 10)
    assert steps.grab().toImage().pixelColor(ring) == QColor(LIGHT.accent)
    steps.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    image = steps.grab().toImage()
    assert image.pixelColor(300 - 50 - 1, 10) == QColor(LIGHT.accent)
    assert image.pixelColor(ring) != QColor(LIGHT.accent)
