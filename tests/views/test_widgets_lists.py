"""Tables and lists over item models: choosing, opening, sorting, transfers, actions; what is painted where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QPainter, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from app.bridge.roles import DataRole
from app.views.delegates.roles import CellKind, Index, cells_of, kind_named, mark_of, share_of, tone_of
from app.views.delegates.table_rows import TableDelegate
from app.views.theme.marks import Mark
from app.views.theme.theme import SchemeChoice, Theme
from app.views.theme.tokens import DARK, LIGHT, Tone
from app.views.widgets.action_list import ActionList, RowList
from app.views.widgets.record_table import Column, RecordTable
from tests.views.gallery.deals import deals_table
from tests.views.gallery.documents import documents_table
from tests.views.gallery.models import ListModel
from tests.views.gallery.requests import request_list
from tests.views.gallery.sync_centre import OUTBOX

LEFT = Qt.MouseButton.LeftButton


def drawn(widget: QWidget) -> QImage:
    return widget.grab().toImage()


@pytest.fixture
def table(theme: Theme, qtbot: QtBot) -> RecordTable:
    made = deals_table(theme)
    qtbot.addWidget(made)
    made.resize(743, 500)
    made.grab()
    return made


@pytest.fixture
def outbox(theme: Theme, qtbot: QtBot) -> ActionList:
    made = ActionList(theme, "Outbox")
    qtbot.addWidget(made)
    made.setModel(ListModel([{int(role): value for role, value in line.items()} for line in OUTBOX], made))
    made.resize(620, made.sizeHint().height())
    made.grab()
    return made


@pytest.fixture
def mirrored(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_rows_and_columns_have_the_sizes_of_the_design(table: RecordTable) -> None:
    assert table.rowHeight(0) == 36
    assert table.horizontalHeader().height() == 32
    assert sum(table.columnWidth(place) for place in range(6)) == table.viewport().width()
    table.resize(1000, 500)
    table.grab()
    assert sum(table.columnWidth(place) for place in range(6)) == table.viewport().width()
    assert table.columnWidth(0) == 140


def test_the_last_head_ends_before_what_covers_the_corner(table: RecordTable) -> None:
    table.head.moveSection(2, 5)  # the amount stands at its far end
    table.head.corner = 32
    image = drawn(table.head.viewport())
    far = range(image.width() - 32, image.width())
    assert {image.pixelColor(x, y).name() for x in far for y in range(1, 31)} == {QColor(LIGHT.raised).name()}


def test_the_chosen_row_has_ground_and_bar(table: RecordTable) -> None:
    image = drawn(table.viewport())
    assert image.pixelColor(0, 18) == QColor(LIGHT.accent)
    assert image.pixelColor(1, 18) == QColor(LIGHT.accent)
    assert image.pixelColor(2, 18) == QColor(LIGHT.accent_soft)
    assert image.pixelColor(0, 54) == QColor(LIGHT.surface)
    assert image.pixelColor(300, 71) == QColor(LIGHT.line)


def test_the_bar_is_at_the_leading_edge_from_right_to_left(
    theme: Theme, qtbot: QtBot, mirrored: None
) -> None:
    table = deals_table(theme)
    qtbot.addWidget(table)
    table.resize(743, 500)
    image = drawn(table.viewport())
    assert image.pixelColor(image.width() - 1, 18) == QColor(LIGHT.accent)
    assert image.pixelColor(0, 18) == QColor(LIGHT.accent_soft)


def test_a_table_follows_the_scheme(theme: Theme, table: RecordTable) -> None:
    theme.choose(SchemeChoice.DARK)
    image = drawn(table.viewport())
    assert image.pixelColor(300, 54) == QColor(DARK.surface)
    assert image.pixelColor(2, 18) == QColor(DARK.accent_soft)


def test_choosing_by_keyboard_and_code_is_told_once(table: RecordTable, qtbot: QtBot) -> None:
    seen: list[int] = []
    table.row_chosen.connect(seen.append)
    QTest.keyClick(table, Qt.Key.Key_Down)
    table.choose_row(5)
    table.choose_row(5)
    table.choose_row(-1)
    assert seen == [1, 5, -1]
    assert table.chosen_row() == -1


def test_return_opens_the_row(table: RecordTable, qtbot: QtBot) -> None:
    table.choose_row(3)
    with qtbot.waitSignal(table.row_opened) as opened:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [3]


def test_sorting_is_asked_for_and_never_done(table: RecordTable) -> None:
    asked: list[tuple[int, bool]] = []
    table.sort_asked.connect(lambda column, descending: asked.append((column, descending)))
    head = table.head
    for column in (0, 0, 2, 3):
        spot = QPoint(head.sectionViewportPosition(column) + 20, 16)
        QTest.mouseClick(head.viewport(), LEFT, pos=spot)
    assert asked == [(0, False), (0, True), (2, False)]
    assert table.model().index(0, 0).data() == "Kestrel Foods"
    assert head.sort == (2, False)


def test_a_table_without_a_model_is_quiet(theme: Theme, qtbot: QtBot) -> None:
    table = RecordTable(theme, "Deals")
    qtbot.addWidget(table)
    table.set_columns([Column(100, CellKind.NAME)])
    table.choose_row(0)
    table.show_transfer(0, True)
    assert table.chosen_row() == -1


def test_a_transfer_grows_its_row_and_can_be_cancelled(theme: Theme, qtbot: QtBot) -> None:
    table = documents_table(theme)
    qtbot.addWidget(table)
    table.resize(589, 500)
    table.grab()
    assert (table.rowHeight(4), table.columnSpan(4, 0)) == (52, 5)
    row = table.visualRect(table.model().index(4, 0))
    image = drawn(table.viewport())
    assert image.pixelColor(40, row.top() + 37) == QColor(LIGHT.accent_fill)
    assert image.pixelColor(500, row.top() + 37) == QColor(LIGHT.fill)
    with qtbot.waitSignal(table.transfer_cancelled) as cancelled:
        QTest.mouseClick(table.viewport(), LEFT, pos=QPoint(row.right() - 30, row.top() + 20))
    assert cancelled.args == [4]
    with qtbot.assertNotEmitted(table.transfer_cancelled):
        QTest.mouseClick(table.viewport(), LEFT, pos=QPoint(row.left() + 60, row.top() + 20))
    table.clear_transfers()
    assert (table.rowHeight(4), table.columnSpan(4, 0)) == (36, 1)


def test_a_cut_cell_offers_its_whole_text(table: RecordTable, monkeypatch: pytest.MonkeyPatch) -> None:
    tips: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _spot, text, _widget: tips.append(text))

    def point_at(row: int, column: int) -> None:
        index = table.model().index(row, column)
        option = QStyleOptionViewItem()
        option.rect = table.visualRect(index)
        event = QHelpEvent(QHelpEvent.Type.ToolTip, option.rect.center(), option.rect.center())
        table.cells.helpEvent(event, table, option, index)

    point_at(0, 0)
    table.setColumnWidth(0, 60)
    point_at(0, 0)
    assert tips == ["", "Kestrel Foods"]


def test_roles_are_read_with_a_fallback(theme: Theme) -> None:
    rows: list[dict[int, object]] = [
        {DataRole.PILL_TONE: "warn", DataRole.MARK: "conflict", DataRole.SHARE: 0.5},
        {DataRole.PILL_TONE: "purple", DataRole.MARK: "lost", DataRole.SHARE: None},
    ]
    model = ListModel(rows)
    good, odd = model.index(0, 0), model.index(1, 0)
    told = [tone_of(index, Tone.TEXT, DataRole.PILL_TONE) for index in (good, odd)]
    assert told == [Tone.WARN, Tone.TEXT]
    assert (mark_of(good), mark_of(odd)) == (Mark.CONFLICT, None)
    assert (share_of(good), share_of(odd)) == (0.5, None)
    assert (kind_named("figure", CellKind.TEXT), kind_named("poem", CellKind.TEXT)) == ("figure", "text")
    assert cells_of(good) == ()


def test_only_what_has_to_be_is_painted_again(table: RecordTable, monkeypatch: pytest.MonkeyPatch) -> None:
    painted: list[int] = []
    whole = TableDelegate.paint_row

    def noted(delegate: TableDelegate, painter: QPainter, rect: QRect, index: Index, *more: Any) -> None:
        painted.append(index.row())
        whole(delegate, painter, rect, index, *more)

    monkeypatch.setattr(TableDelegate, "paint_row", noted)
    table.grab()
    assert painted == [*range(13)]  # what fits into 468
    painted.clear()
    drawn_part = QImage(table.viewport().size(), QImage.Format.Format_RGB32)
    table.viewport().render(drawn_part, QPoint(), QRegion(0, 40, 200, 60))
    assert painted == [1, 2]


def test_the_row_with_the_keyboard_has_a_line_around_it(table: RecordTable, qtbot: QtBot) -> None:
    table.show()
    table.setFocus()
    qtbot.waitUntil(table.hasFocus)
    table.setCurrentIndex(table.model().index(2, 0))
    table.clearSelection()
    image = drawn(table.viewport())
    middle = 2 * 36 + 18
    assert image.pixelColor(0, middle) == image.pixelColor(image.width() - 1, middle) == QColor(LIGHT.accent)
    assert image.pixelColor(300, 2 * 36) == image.pixelColor(300, 3 * 36 - 2) == QColor(LIGHT.accent)
    assert image.pixelColor(300, middle + 10) == QColor(LIGHT.surface)


@pytest.mark.parametrize(
    ("row", "height"),
    [
        ({DataRole.TITLE: "With a pill", DataRole.PILL: "Open"}, 79),
        ({DataRole.TITLE: "With a day", DataRole.COUNTDOWN: "2 days left"}, 79),
        ({DataRole.TITLE: "Two lines", DataRole.SUBTITLE: "REQ-1"}, 54),
    ],
)
def test_rows_of_a_list_are_as_high_as_they_need(
    theme: Theme, qtbot: QtBot, row: dict[int, object], height: int
) -> None:
    view = RowList(theme, "Requests")
    qtbot.addWidget(view)
    view.setModel(ListModel([row, row], view))
    view.resize(288, 300)
    view.grab()
    heights = [view.visualRect(view.model().index(place, 0)).height() for place in range(2)]
    assert heights == [height, height], "rows of one list say the same things, so one is measured for all"


def test_the_request_list_tells_what_is_chosen(theme: Theme, qtbot: QtBot) -> None:
    view = request_list(theme)
    qtbot.addWidget(view)
    view.resize(288, 700)
    with qtbot.waitSignal(view.row_chosen) as chosen:
        QTest.keyClick(view, Qt.Key.Key_Down)
    assert chosen.args == [1]
    with qtbot.waitSignal(view.row_opened) as opened:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened.args == [1]


def test_the_outbox_is_as_high_as_its_rows(outbox: ActionList) -> None:
    assert outbox.height() == 79 + 57 + 57 + 77 + 77 + 77


def spot_of(outbox: ActionList, row: int, name: str) -> QPoint:
    """The middle of an action's button, found where the pointer finds it."""
    area = outbox.visualRect(outbox.model().index(row, 0))
    for x in range(area.right(), area.left(), -4):
        spot = QPoint(x, area.top() + 28)
        if outbox.action_at(spot)[1] == name:
            return QPoint(x - 8, spot.y())
    raise AssertionError(f"no {name} in row {row}")


def test_an_action_is_clicked(outbox: ActionList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(outbox.acted) as acted:
        QTest.mouseClick(outbox.viewport(), LEFT, pos=spot_of(outbox, 3, "ask"))
    assert acted.args == [3, "ask"]


def test_a_press_that_leaves_the_action_does_nothing(outbox: ActionList, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(outbox.acted):
        QTest.mousePress(outbox.viewport(), LEFT, pos=spot_of(outbox, 3, "discard"))
        QTest.mouseRelease(outbox.viewport(), LEFT, pos=spot_of(outbox, 3, "ask"))


def test_actions_are_reached_by_keys(outbox: ActionList) -> None:
    acted: list[tuple[int, str]] = []
    outbox.acted.connect(lambda row, name: acted.append((row, name)))
    outbox.setCurrentIndex(outbox.model().index(1, 0))
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(outbox, key)
    QTest.keyClick(outbox, Qt.Key.Key_Down)
    QTest.keyClick(outbox, Qt.Key.Key_Space)
    assert acted == [(1, "edit"), (1, "cancel"), (1, "cancel"), (2, "cancel")]


def test_actions_are_found_from_right_to_left_too(theme: Theme, qtbot: QtBot, mirrored: None) -> None:
    made = ActionList(theme, "Outbox")
    qtbot.addWidget(made)
    made.setModel(ListModel([{int(role): value for role, value in line.items()} for line in OUTBOX], made))
    made.resize(620, made.sizeHint().height())
    made.grab()
    assert spot_of(made, 1, "cancel").x() < spot_of(made, 1, "edit").x() < 310
