"""Co-selling: both views side by side, where they differ, one's own edited, and steps that are written together."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.views.opportunities.sides import SidesTable, SideValue
from app.views.page import Place
from app.views.records.page import RecordsPage
from tests.services.conftest import COMPANY
from tests.views.checks import unnamed
from tests.views.stage import Stage, settle

OPPORTUNITY = "opportunity"


def opportunity(stage: Stage, **changes: Any) -> str:
    data = {
        "number": "CO-118",
        "company": COMPANY,
        "customer": "Meridian Rail",
        "title": "Depot edge refresh",
        "problem": "Depots lose signalling data when the line drops.",
        "partner_stage": "qualified",
        "partner_close": "2027-02-26",
        "partner_amount": "96400.00",
        "currency": "GBP",
        "partner_contact": "Maya Okafor",
        "partner_next_steps": "Site survey at Doncaster, 4 December.",
        "vendor_close": "2027-03-12",
        "vendor_amount": "96400.00",
        "vendor_team": "Ingrid Solheim, Jonas Weber",
        "vendor_next_steps": "Size the HA pair.",
        "next_steps": "Joint call with the CTO on 9 December.\nAgree the pilot depot.",
        "state": "technical_validation",
        "timeline": [
            {"at": "2026-11-20T15:20:00Z", "by": "Ingrid Solheim", "kind": "edit", "text": "Joint next steps changed"},
        ],
        "updated_at": "2026-11-20T15:20:00Z",
    }  # fmt: skip
    return stage.world.put(OPPORTUNITY, "meridian", **{**data, **changes})


@pytest.fixture
def page(stage: Stage, qtbot: QtBot) -> RecordsPage:
    gid = opportunity(stage)
    made = RecordsPage(stage.context, OPPORTUNITY)
    qtbot.addWidget(made)
    stage.show(made)
    made.arrive(Place(OPPORTUNITY, gid=gid))
    QApplication.processEvents()
    return made


def words(page: QWidget) -> list[str]:
    settle()
    return [one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page) and one.text()]


def press(page: QWidget, name: str) -> None:
    settle()
    found = [one for one in page.findChildren(QPushButton, name) if one.isVisibleTo(page)]
    assert found, f"no button {name}"
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)
    settle()


def test_both_views_stand_side_by_side_and_say_where_they_differ(stage: Stage, page: RecordsPage) -> None:
    view = page.detail.reading.sides.table.shown
    assert view is not None
    assert view.labels == ("You", "Halden")
    assert [(row.label, row.differs) for row in view.rows] == [
        ("Stage", True), ("Close", True), ("Amount", False), ("Who", False), ("Next steps", False),
    ]  # fmt: skip
    assert [cell.words for cell in view.rows[0].cells] == ["Qualified", "Technical validation"]
    assert words(page.detail.reading.sides).count("differs") == 2
    facts = [fact.label for fact in page.detail.reading.shown_facts]
    assert "Your stage" not in facts
    assert "Joint next steps" not in facts
    assert "Last written by Ingrid Solheim, Fri 15:20" in words(page)
    assert unnamed(page) == []


def test_a_value_of_ones_own_opens_the_form_there_and_the_vendors_does_not(
    stage: Stage, page: RecordsPage
) -> None:
    theirs = page.detail.reading.sides.findChild(SideValue, "sides.vendor_close")
    assert isinstance(theirs, SideValue)
    QTest.mouseClick(theirs, Qt.MouseButton.LeftButton)
    assert not page.detail.closable
    mine = page.detail.reading.sides.findChild(SideValue, "sides.partner_close")
    assert isinstance(mine, SideValue)
    QTest.mouseClick(mine, Qt.MouseButton.LeftButton)
    settle()
    form = page.detail.editor.form
    cell = form.cell("partner_close")
    assert cell is not None
    assert cell.field.isAncestorOf(page.window().focusWidget())
    assert "Halden: 12 Mar 2027" in words(page.detail.editor)
    assert form.cell("vendor_close") is None
    line = page.window().focusWidget()
    QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(line, "12 Mar 2027")
    press(page, "deals.save")
    (mutation,) = stage.world.sent()
    assert dict(mutation.changes) == {"partner_close": "2027-03-12"}
    view = page.detail.reading.sides.table.shown
    assert view is not None
    assert [row.differs for row in view.rows[:2]] == [True, False]


def test_steps_are_written_together_with_what_was_seen_as_base(stage: Stage, page: RecordsPage) -> None:
    press(page, "together.next_steps")
    box = page.window().focusWidget()
    QTest.keyClick(box, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(box, " Doncaster.")
    press(page, "deals.save")
    (mutation,) = stage.world.sent()
    seen = "Joint call with the CTO on 9 December.\nAgree the pilot depot."
    assert dict(mutation.base) == {"next_steps": seen}
    assert dict(mutation.changes) == {"next_steps": f"{seen} Doncaster."}
    assert "Written by you, waits to send" in words(page)


def test_the_sides_stand_one_below_the_other_where_it_is_narrow(stage: Stage, qtbot: QtBot) -> None:
    record = stage.portal.records.get(opportunity(stage))
    assert record is not None
    table = SidesTable(stage.theme)
    qtbot.addWidget(table)
    table.resize(240, 700)
    table.show_sides(stage.portal.sides.read(record))
    assert words(table).count("Halden") == 5
    table.resize(520, 700)
    settle()
    assert words(table).count("Halden") == 1


def test_a_closed_opportunity_is_only_read(stage: Stage, page: RecordsPage) -> None:
    opportunity(stage, state="closed_lost", lost_reason="Budget moved to 2028")
    page.refresh()
    settle()
    assert not page.detail.reading.sides.table.edit.isVisibleTo(page)
    assert "Budget moved to 2028" in words(page)
