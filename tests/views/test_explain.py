"""*What is this?* asked of a field in a form and of the facts of a record."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.contract.manifest import EntityType
from app.views.forms.explain import ExplainPopover
from app.views.forms.form import RecordForm
from app.views.forms.sections import creation_sections
from app.views.forms.sources import sources_of
from app.views.records.record.reading import ReadingPane
from app.views.widgets.buttons import IconButton
from app.views.widgets.text import Text
from tests.views.stage import Stage

#: What opens is a window of its own.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Shift = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def entity(stage: Stage) -> EntityType:
    return stage.portal.entity("deal_registration")


@pytest.fixture
def form(stage: Stage, entity: EntityType, qtbot: QtBot) -> RecordForm:
    made = RecordForm(stage.theme, entity, creation_sections(entity), sources_of(stage.portal))
    qtbot.addWidget(made)
    made.resize(840, 900)
    made.show()
    made.activateWindow()
    QTest.mouseMove(made, made.rect().bottomRight())
    QApplication.processEvents()
    return made


def popovers() -> list[ExplainPopover]:
    return [
        one for one in QApplication.topLevelWidgets() if isinstance(one, ExplainPopover) and one.isVisible()
    ]


def texts(popover: QWidget) -> list[str]:
    return [one.text() for one in popover.findChildren(Text)]


def test_the_key_explains_the_field_one_is_in(form: RecordForm, qtbot: QtBot) -> None:
    form.focus_field("problem")
    control = QApplication.focusWidget()
    assert control is not None
    QTest.keyClick(control, Qt.Key.Key_F1, Shift)
    (popover,) = popovers()
    assert texts(popover)[0] == "Problem to solve"
    assert "Needed. 20 to 2,000 characters." in texts(popover)
    assert "You. Halden reads it." in texts(popover)
    assert popover.accessibleName() == "Problem to solve"
    assert "20 to 2,000 characters" in popover.accessibleDescription()
    QTest.keyClick(popover, Qt.Key.Key_Escape)
    assert popovers() == []
    assert QApplication.focusWidget() is control


def test_the_mark_stands_beside_the_field_one_is_at_and_takes_no_stop(form: RecordForm) -> None:
    form.focus_field("problem")
    marks = {
        one.accessibleName(): one
        for one in form.findChildren(IconButton)
        if one.accessibleName().startswith("What is")
    }
    mark = marks["What is “Problem to solve”?"]
    assert [name for name, one in marks.items() if one.isVisible()] == [mark.accessibleName()]
    assert mark.focusPolicy() is Qt.FocusPolicy.NoFocus
    form.focus_field("customer")
    assert not mark.isVisible()


def test_the_mark_opens_it_too(form: RecordForm) -> None:
    form.focus_field("amount")
    mark = next(one for one in form.findChildren(IconButton) if one.accessibleName() == "What is “Amount”?")
    QTest.mouseClick(mark, Qt.MouseButton.LeftButton)
    (popover,) = popovers()
    assert "Needed. From 0.01 to 50,000,000." in texts(popover)
    popover.close()


def test_the_facts_of_a_record_are_explained(stage: Stage, qtbot: QtBot) -> None:
    gid = stage.world.deal("deal-1", number="DR-2026-0418", state="approved")
    record = stage.portal.records.get(gid)
    assert record is not None
    pane = ReadingPane(stage.theme, stage.portal)
    qtbot.addWidget(pane)
    pane.show_record(record, ())
    pane.resize(340, 700)
    pane.show()
    pane.activateWindow()
    QApplication.processEvents()
    pane.area.setFocus()
    QTest.keyClick(pane.area, Qt.Key.Key_F1, Shift)
    (popover,) = popovers()
    assert "Amount" in texts(popover)
    assert any(words.startswith("While the stage is “Draft”") for words in texts(popover))
    tips = [one.toolTip() for one in pane.facts.findChildren(Text) if one.text() == "Amount"]
    assert tips[0].startswith("Who fills it in: You. Halden reads it.")
    popover.close()
