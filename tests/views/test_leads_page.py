"""Leads: an offer that runs out, accepting and declining with a reason, and a deal made from one; on line and off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.views.page import DERIVE, NEW, Place
from app.views.records.page import RecordsPage
from app.views.register.page import RegisterPage
from app.views.widgets.field import Field
from app.views.widgets.files import DropArea
from app.views.widgets.radio_control import RadioRow
from tests.services.conftest import COMPANY
from tests.views.checks import unnamed
from tests.views.stage import Stage, settle

LEAD = "lead"


def lead(stage: Stage, **changes: Any) -> str:
    data = {
        "number": "LD-0772",
        "company": COMPANY,
        "customer": "Fennimore Dairy",
        "need": "Branch routers with cellular failover at six sites, before the spring season.",
        "country": "IE",
        "website": "fennimore.example",
        "sites": 6,
        "state": "offered",
        "expires_at": "2026-11-25",
        "created_at": "2026-11-15T10:00:00Z",
        "updated_at": "2026-11-21T10:00:00Z",
    }
    return stage.world.put(LEAD, "fennimore", **{**data, **changes})


def opened(stage: Stage, qtbot: QtBot, gid: str) -> RecordsPage:
    page = RecordsPage(stage.context, LEAD)
    qtbot.addWidget(page)
    stage.show(page)
    page.arrive(Place(LEAD, gid=gid))
    QApplication.processEvents()
    return page


def named(page: QWidget, name: str) -> QPushButton:
    settle()
    found = [one for one in page.findChildren(QPushButton, name) if one.isVisibleTo(page)]
    assert found, f"no button {name}"
    return found[0]


def press(page: QWidget, name: str) -> None:
    QTest.mouseClick(named(page, name), Qt.MouseButton.LeftButton)
    settle()


def buttons(page: RecordsPage) -> list[str]:
    settle()
    return [
        one.text()
        for one in page.detail.head.findChildren(QPushButton)
        if one.isVisibleTo(page) and one.text()
    ]


def words(page: QWidget) -> list[str]:
    settle()
    return [one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page) and one.text()]


def write(page: QWidget, name: str, text: str) -> None:
    line = next(one for one in page.findChildren(QLineEdit) if one.accessibleName() == name)
    line.setFocus()
    QTest.keyClicks(line, text)


@pytest.mark.parametrize("online", [True, False])
def test_a_lead_becomes_a_deal_in_its_form_and_both_can_be_taken_back(
    stage: Stage, qtbot: QtBot, tmp_path: Path, online: bool
) -> None:
    if not online:
        stage.offline()
    gid = lead(stage, state="working", contact_name="Aoife Byrne", contact_email="aoife@fennimore.example")
    page = opened(stage, qtbot, gid)
    assert buttons(page)[0] == "Register as a deal", "it only opens a form, so it does not wait"
    press(page, "detail.job.convert_lead")
    place = stage.gone[-1]
    assert place == Place(NEW, entity="deal_registration", focus=f"{DERIVE}convert_lead:{gid}")
    form = RegisterPage(stage.context)
    qtbot.addWidget(form)
    stage.show(form)
    form.arrive(place)
    assert "From lead LD-0772 · Fennimore Dairy" in words(form)
    marks = [one.label for one in form.findChildren(Field) if one.mark == "copied"]
    assert marks == ["Customer name", "Website", "Country", "Contact", "Contact e-mail", "Problem to solve"]
    write(form, "Customer name", " Ltd")
    assert "Customer name" not in [one.label for one in form.findChildren(Field) if one.mark]
    write(form, "Title", "Failover, 6 sites")
    write(form, "Amount", "48000")
    write(form, "Target close", "18 Dec 2026")
    survey = tmp_path / "survey.txt"
    survey.write_text("Six sites.")
    area = form.findChild(DropArea, "register.drop")
    assert area is not None
    area.dropped.emit((survey,))
    qtbot.waitUntil(lambda: "survey.txt" in words(form))
    press(form, "register.submit")
    sent = [m.command.name if m.command else m.kind.value for m in stage.world.sent()]
    assert sent == ["create", "append", "submit", "convert"]
    page.refresh()
    assert page.detail.reading.standing.turn.words == ""
    assert page.detail.head.first_button() is None, "it is converted, as soon as the deal has arrived"
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.world.sent() == []
    page.refresh()
    assert buttons(page)[0] == "Register as a deal"


def test_an_offer_counts_down_and_is_accepted_offline(stage: Stage, qtbot: QtBot) -> None:
    gid = lead(stage)
    stage.offline()
    page = opened(stage, qtbot, gid)
    assert page.detail.reading.standing.turn.words.startswith("Your turn. Accept it to get the contact")
    window = page.detail.reading.standing.window
    assert window.accessibleName() == "Offer ends 25 Nov 2026, 2 days left"
    assert buttons(page) == ["Accept (waits to send)", "Decline (waits to send)", "Edit"]
    (need,) = [one for one in stage.portal.home.needs_me() if one.target.gid == gid]
    assert need.due_tone in ("warn", "bad")
    press(page, "detail.command.accept")
    (mutation,) = stage.world.sent()
    assert mutation.command is not None
    assert mutation.command.name == "accept"
    assert page.detail.reading.standing.turn.words.startswith("Waits to send.")
    assert stage.toasts[-1].text == "Accepted. Sent when you are back."
    stage.world.settle(mutation.mutation_id)
    lead(stage, state="accepted", contact_name="Aoife Byrne", contact_email="aoife@fennimore.example")
    page.refresh()
    facts = {fact.label: fact.value for fact in page.detail.reading.shown_facts}
    assert (facts["Contact"], facts["Contact e-mail"]) == ("Aoife Byrne", "aoife@fennimore.example")
    assert not page.detail.reading.standing.window.isVisibleTo(page), "an accepted lead runs out no more"


def test_a_lead_is_declined_with_a_reason_by_key(stage: Stage, qtbot: QtBot) -> None:
    page = opened(stage, qtbot, lead(stage))
    press(page, "detail.command.decline")
    rows = page.detail.asking.findChildren(RadioRow)
    assert [row.text() for row in rows] == [
        "Problem unclear", "Next steps unclear", "Unable to support", "Duplicate", "Other",
    ]  # fmt: skip
    press(page, "detail.command.run")
    assert "Needed. Fill this in to go on." in words(page.detail.asking)
    rows[0].setFocus()
    rows[0].click()
    QTest.keyClick(rows[0], Qt.Key.Key_Up)
    assert rows[4].isChecked(), "the arrows go around"
    press(page, "detail.command.run")
    assert "Needed here. Fill this in to go on." in words(page.detail.asking), (
        "other reasons are written down"
    )
    note = page.detail.asking.findChild(QTextEdit)
    assert isinstance(note, QTextEdit)
    QTest.keyClicks(note, "We do not serve Ireland.")
    press(page, "detail.command.run")
    (mutation,) = stage.world.sent()
    assert mutation.command is not None
    assert dict(mutation.command.args) == {"decline_reason": "other", "note": "We do not serve Ireland."}
    (card,) = page.detail.reading.told.shown
    assert (card.title, card.text) == ("Declined", "Other")
    assert unnamed(page) == []


def test_an_offer_that_has_ended_has_no_buttons_and_says_so(stage: Stage, qtbot: QtBot) -> None:
    gid = lead(stage, expires_at="2026-11-22")
    page = opened(stage, qtbot, gid)
    assert not [text for text in buttons(page) if text in ("Accept", "Decline")]
    (card,) = page.detail.reading.told.shown
    assert card.title == "The offer ended on 22 Nov 2026"
    assert [one for one in stage.portal.home.needs_me() if one.target.gid == gid] == []
