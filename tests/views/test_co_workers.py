"""Who works on a deal together: several people picked by name, with keys alone, and read by their names."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from app.contract.ids import source_gid
from app.views.forms.references import ReferencesControl
from app.views.page import Place
from app.views.records.page import RecordsPage
from tests.services.conftest import COMPANY
from tests.views.checks import unnamed
from tests.views.stage import Stage, settle

DEAL = "deal_registration"
INES, TOM = source_gid("test", "contact", "ines"), source_gid("test", "contact", "tom")


def page(stage: Stage, qtbot: QtBot, **changes: Any) -> RecordsPage:
    stage.world.put(
        "contact", "ines", name="Ines Duarte", position="Presales", company=COMPANY, email="i@b.example"
    )
    stage.world.put(
        "contact", "tom", name="Tomasz Wilk", position="Sales", company=COMPANY, email="t@b.example"
    )
    made = RecordsPage(stage.context, DEAL)
    qtbot.addWidget(made)
    gid = stage.world.deal(**changes)
    stage.show(made)
    made.arrive(Place(DEAL, gid=gid))
    QApplication.processEvents()
    return made


def control(made: RecordsPage) -> ReferencesControl:
    cell = made.detail.editor.form.cell("co_workers")
    assert cell is not None
    assert isinstance(cell.field.control, ReferencesControl)
    return cell.field.control


def pick(line: QLineEdit, text: str) -> None:
    line.setFocus()
    QTest.keyClicks(line, text)
    completer = line.completer()
    assert completer is not None
    popup = completer.popup()
    assert popup is not None
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    settle()


@pytest.mark.qt_log_ignore("This plugin does not support")  # what drops down is a window of its own
def test_people_are_added_by_name_and_taken_out_by_key(stage: Stage, qtbot: QtBot) -> None:
    made = page(stage, qtbot)
    made.detail.edit()
    settle()
    people = control(made)
    pick(people.line.edit, "Ines")
    pick(people.line.edit, "Tom")
    assert people.value() == (INES, TOM)
    assert [chip.text() for chip in people.chips] == ["Ines Duarte", "Tomasz Wilk"]
    assert people.line.edit.text() == ""
    QTest.keyClick(people.line.edit, Qt.Key.Key_Left)
    assert made.window().focusWidget() is people.chips[1]
    QTest.keyClick(people.chips[1], Qt.Key.Key_Left)
    QTest.keyClick(people.chips[0], Qt.Key.Key_Delete)
    settle()
    assert people.value() == (TOM,)
    assert made.window().focusWidget() is people.chips[0], "the keyboard stays among the chips"
    assert unnamed(made) == []
    save = made.findChild(QPushButton, "deals.save")
    assert isinstance(save, QPushButton)
    QTest.mouseClick(save, Qt.MouseButton.LeftButton)
    (mutation,) = stage.world.sent()
    assert dict(mutation.changes) == {"co_workers": [TOM]}
    facts = {fact.label: fact.value for fact in made.detail.reading.shown_facts}
    assert facts["Co-workers"] == "Tomasz Wilk"
    (row,) = stage.portal.outbox.items()
    assert row.what == "Co-workers → Tomasz Wilk"


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_name_that_nobody_has_is_no_person(stage: Stage, qtbot: QtBot) -> None:
    made = page(stage, qtbot, co_workers=[INES, source_gid("test", "contact", "far")])
    facts = {fact.label: fact.value for fact in made.detail.reading.shown_facts}
    assert facts["Co-workers"] == "Ines Duarte, 1 not on this computer"
    made.detail.edit()
    settle()
    people = control(made)
    QTest.keyClicks(people.line.edit, "Nobody")
    assert made.detail.editor.form.judge()["co_workers"] == "Pick one from the list, or leave it empty."
    people.line.edit.clear()
    QTest.keyClick(people.line.edit, Qt.Key.Key_Backspace)
    assert people.value() == (INES,)
