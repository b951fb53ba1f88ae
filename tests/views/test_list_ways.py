"""One list in more than one way: the segments, what is remembered, and what stays in step."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.bridge.models import RecordListModel
from app.views.page import PageContext
from app.views.records.page import RecordsPage
from app.views.records.presentations import Presentation
from app.views.widgets.choice_controls import Segment
from tests.views.stage import Stage

DEAL = "deal_registration"


class Names(QLabel):
    """The plainest presentation there can be: titles below each other."""

    name, label, icon = "names", "Names", "columns"
    gid_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.chosen = ""

    @property
    def widget(self) -> QWidget:
        return self

    def show_list(self, model: RecordListModel) -> None:
        records = [model.record_at(row) for row in range(model.rowCount())]
        self.setText("\n".join(record.title for record in records if record))

    def choose(self, gid: str) -> None:
        self.chosen = gid


def names(_context: PageContext, entity: str) -> Presentation | None:
    return Names() if entity == DEAL else None


def opened(stage: Stage, qtbot: QtBot, entity: str = DEAL) -> RecordsPage:
    page = RecordsPage(stage.context, entity, ways=(names,))
    qtbot.addWidget(page)
    stage.show(page)
    return page


def test_a_list_goes_over_to_another_way_and_opens_in_it_again(stage: Stage, qtbot: QtBot) -> None:
    first, second = (
        stage.world.deal("1", customer="Kestrel", updated_at="2026-11-20T10:00:01Z"),
        stage.world.deal("2", customer="Meridian", updated_at="2026-11-20T10:00:00Z"),
    )
    page = opened(stage, qtbot)
    assert page.table.isVisibleTo(page)
    segments = page.ways.findChildren(Segment)
    assert [one.accessibleName() for one in segments] == ["Show as: Table", "Show as: Names"]
    QTest.mouseClick(segments[1], Qt.MouseButton.LeftButton)
    shown = page.presentations[0]
    assert isinstance(shown, Names)
    assert shown.isVisibleTo(page)
    assert (shown.text(), shown.chosen) == ("Kestrel\nMeridian", first)
    shown.gid_chosen.emit(second)
    assert (page.detail.gid, page.table.chosen_row()) == (second, 1)
    page.search("Meridian")
    assert shown.text() == "Meridian"
    again = opened(stage, qtbot)
    assert again.presentations[0].widget.isVisibleTo(again)
    names_segment = again.ways.findChildren(Segment)[1]
    names_segment.setFocus()
    QTest.keyClick(names_segment, Qt.Key.Key_Left)
    QApplication.processEvents()
    assert again.table.isVisibleTo(again)


def test_without_a_second_way_there_is_nothing_to_choose(stage: Stage, qtbot: QtBot) -> None:
    page = opened(stage, qtbot, "lead")
    assert not page.ways.isVisibleTo(page)
