"""A deal from its form to its end, as one lives it: whose turn it is, mending, locks, extension, files, bad endings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.contract.mutations import Kind
from app.store.states import GoneReason
from app.views.page import CONFLICT, NEW, Place
from app.views.records.page import RecordsPage
from app.views.records.record.editing import Unsaved
from app.views.shell.here import here
from app.views.widgets.timeline import EventRow
from tests.services.conftest import MAYA
from tests.views.checks import unnamed
from tests.views.stage import Stage, settle

DEAL = "deal_registration"
ASKED = [
    {"at": "2026-11-17T10:00:00Z", "by": "Maya Okafor", "kind": "submitted", "text": "Submitted"},
    {
        "at": "2026-11-18T10:00:00Z",
        "by": "Ingrid Solheim",
        "kind": "review",
        "text": "Review started",
        "via": "web, in the CRM",
    },
    {"at": "2026-11-23T08:57:00Z", "by": "Ingrid Solheim", "kind": "action", "text": "More was asked for"},
]


def opened(stage: Stage, qtbot: QtBot, gid: str) -> RecordsPage:
    page = RecordsPage(stage.context, DEAL)
    qtbot.addWidget(page)
    stage.show(page)
    page.arrive(Place(DEAL, gid=gid))
    QApplication.processEvents()
    return page


def press(page: QWidget, name: str) -> None:
    settle()
    found = [one for one in page.findChildren(QPushButton, name) if one.isVisibleTo(page)]
    assert found, f"no button {name}"
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)
    settle()


def words(page: QWidget) -> list[str]:
    settle()
    return [one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page) and one.text()]


def turn(page: RecordsPage) -> str:
    settle()
    return page.detail.reading.standing.turn.words


def box(page: RecordsPage, name: str) -> QTextEdit:
    cell = page.detail.editor.form.cell(name) or page.detail.asking.form.cell(name)
    assert cell is not None
    found = cell.field.control.findChild(QTextEdit)
    assert isinstance(found, QTextEdit)
    return found


def vendor(stage: Stage, page: RecordsPage, **changes: Any) -> None:
    """The vendor does something, and it arrives."""
    stage.world.deal(**changes)
    page.refresh()
    settle()


@pytest.mark.parametrize("online", [True, False])
def test_from_review_to_approved_by_way_of_more_information(stage: Stage, qtbot: QtBot, online: bool) -> None:
    gid = stage.world.deal(state="submitted", protected_until=None)
    stage.world.put("file", "survey", parent=gid, name="survey.pdf", sha256="a" * 64, size=9000)
    page = opened(stage, qtbot, gid)
    assert turn(page) == "Halden’s turn. Halden begins to review it within 3 working days."
    vendor(
        stage, page, state="action_required", review_comment="Which sites are in the first phase?",
        timeline=ASKED,
    )  # fmt: skip
    if not online:
        stage.offline()
    assert turn(page).startswith("Your turn.")
    (card,) = page.detail.reading.told.shown
    assert (card.title, card.text) == ("Halden asks for more", "Which sites are in the first phase?")
    assert card.lines == ("You can change everything but country, industry and type.",)
    notes = [row.accessibleName() for row in page.detail.reading.findChildren(EventRow)]
    assert "Review started, Ingrid Solheim · web, in the CRM, Wed 18 Nov" in notes
    press(page, "detail.notice.edit")
    assert "country" not in page.detail.editor.form.names
    locked = [one.accessibleName() for one in page.detail.editor.locked.findChildren(QWidget)]
    assert "Country, United Kingdom, Locked while action required." in locked
    assert [one.text for one in page.detail.editor.told.shown] == ["Which sites are in the first phase?"]
    QTest.keyClicks(box(page, "problem"), " Leeds and York first.")
    press(page, "deals.save")
    press(page, "detail.command.submit")
    patch, submit = stage.world.sent()
    assert (patch.kind, list(patch.changes)) == (Kind.PATCH, ["problem"])
    assert submit.command is not None
    assert (submit.command.name, submit.command.expected_state) == ("submit", "action_required")
    assert turn(page).startswith("Waits to send.")
    for mutation in (patch, submit):
        stage.world.settle(mutation.mutation_id)
    vendor(stage, page, state="pending_approval")
    assert turn(page).startswith("Halden’s turn.")
    vendor(
        stage, page, state="approved", review_comment=None, protected_from="2026-10-25",
        protected_until="2026-12-04",
    )  # fmt: skip
    assert (
        turn(page) == "The customer is yours until the protection ends. What identifies the deal is locked."
    )
    window = page.detail.reading.standing.window
    assert window.accessibleName() == "Protected until 4 Dec 2026, 11 days left"
    assert "Protected until" not in [fact.label for fact in page.detail.reading.shown_facts], "said once"
    assert unnamed(page) == []


def test_an_extension_stands_beside_the_date_that_holds(stage: Stage, qtbot: QtBot) -> None:
    gid = stage.world.deal(protected_from="2026-09-05", protected_until="2026-12-04")
    page = opened(stage, qtbot, gid)
    press(page, "detail.command.ask_extension")
    cell = page.detail.asking.form.cell("until")
    assert cell is not None
    QTest.keyClicks(page.window().focusWidget(), "1 Mar 2027")
    QTest.keyClicks(box(page, "note"), "The budget moved to March.")
    press(page, "detail.command.run")
    assert "Now 4 Dec 2026   →   asked for 1 Mar 2027" in words(page)
    (mutation,) = stage.world.sent()
    stage.world.settle(mutation.mutation_id)
    vendor(stage, page, state="approved", protected_until="2027-01-31")
    assert "You asked for 1 Mar 2027; Halden answered with 31 Jan 2027." in words(page)


def test_endings_say_why_and_a_duplicate_opens_ones_own(stage: Stage, qtbot: QtBot) -> None:
    first = stage.world.deal("first", number="DR-2026-0288", title="Edge renewal", owner=MAYA)
    gid = stage.world.deal(state="duplicate", duplicate_of="DR-2026-0288")
    page = opened(stage, qtbot, gid)
    press(page, f"detail.notice.open:{first}")
    assert stage.opened == [first]
    vendor(stage, page, state="duplicate", duplicate_of="DR-2026-7777")
    assert "7777" not in " ".join(words(page))
    assert not any(fact.label == "Duplicate of" for fact in page.detail.reading.shown_facts)
    vendor(stage, page, state="rejected", reason="Published tender", duplicate_of=None)
    (card,) = page.detail.reading.told.shown
    assert (card.title, card.text) == ("Rejected", "Published tender")
    assert page.detail.head.first_button() is None


def test_a_renewal_begins_from_a_deal_that_has_ended(stage: Stage, qtbot: QtBot) -> None:
    gid = stage.world.deal(state="expired")
    page = opened(stage, qtbot, gid)
    told = here(stage.portal, page, stage.gone.append, stage.toasts.append, online=True)
    assert "Register its renewal" in [command.text for command in told], "the palette has it too"
    press(page, "detail.job.renew_deal")
    assert stage.gone == [Place(NEW, entity=DEAL, focus=f"derive:renew_deal:{gid}")]


def dropped(page: RecordsPage, path: Path) -> bool:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    where, action, button = QPointF(60, 300), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(where.toPoint(), action, data, button, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(page.detail, enter)
    if not enter.isAccepted():
        return False
    assert page.detail.drops.veil.isVisible()
    QApplication.sendEvent(
        page.detail, QDropEvent(where, action, data, button, Qt.KeyboardModifier.NoModifier)
    )
    return True


def test_evidence_is_dropped_onto_the_record(stage: Stage, qtbot: QtBot, survey: Path) -> None:
    gid = stage.world.deal(state="action_required")
    page = opened(stage, qtbot, gid)
    assert dropped(page, survey)
    qtbot.waitUntil(lambda: bool(stage.toasts))
    assert stage.toasts[-1].text == "File added"
    (mutation,) = stage.world.sent()
    assert (mutation.entity, mutation.changes["parent"]) == ("file", gid)
    assert "Evidence" in [fact.label for fact in page.detail.reading.shown_facts]
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.world.sent() == []
    vendor(stage, page, state="rejected")
    assert not dropped(page, survey), "what is closed takes nothing more"


def test_a_conflict_within_an_open_form_locks_its_field_and_leads_to_the_comparison(
    stage: Stage, qtbot: QtBot
) -> None:
    gid = stage.world.deal(next_steps="Site visit")
    page = opened(stage, qtbot, gid)
    page.detail.edit()
    QTest.keyClick(box(page, "next_steps"), Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(box(page, "next_steps"), " in Leeds")
    stage.world.clash({"amount": ("184250.00", "190000.00", "180000.00")})
    page.refresh()
    settle()
    assert [one.title for one in page.detail.editor.told.shown] == ["Both sides changed: Amount"]
    cell = page.detail.editor.form.cell("amount")
    assert cell is not None
    assert "You and Halden both changed this. Compare to decide." in words(cell.field)
    assert page.detail.editor.changes() == {"next_steps": "Site visit in Leeds"}
    press(page.detail.editor, "detail.notice.compare")
    assert stage.gone == [Place(CONFLICT, gid=gid)]
    assert page.detail.editor.unsaved(gid) == {"next_steps": "Site visit in Leeds"}


def test_what_was_typed_outlives_a_record_that_is_no_longer_shared(stage: Stage, qtbot: QtBot) -> None:
    gid = stage.world.deal()
    page = opened(stage, qtbot, gid)
    page.detail.edit()
    QTest.keyClicks(box(page, "next_steps"), "Call Priya on Monday")
    page.detail.keep()
    stage.world.store.mirror.remove(gid, GoneReason.REVOKED)
    page.refresh()
    settle()
    said = words(page.detail)
    assert "This is no longer shared with you." in said
    assert "Call Priya on Monday" in said
    assert "Kestrel Foods" not in said
    press(page, "leftover.copy")
    assert QGuiApplication.clipboard().text() == "Next steps: Call Priya on Monday"
    press(page, "leftover.discard")
    assert page.detail.editor.unsaved(gid) == {}
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert page.detail.editor.unsaved(gid) == {"next_steps": "Call Priya on Monday"}


def test_what_was_typed_for_a_command_outlives_a_crash_and_a_record_that_is_no_longer_shared(
    stage: Stage, qtbot: QtBot
) -> None:
    gid = stage.world.deal(protected_from="2026-09-05", protected_until="2026-12-04")
    page = opened(stage, qtbot, gid)
    Unsaved(stage.portal).put(gid, {"next_steps": "Call Priya on Monday"})
    press(page, "detail.command.ask_extension")
    QTest.keyClicks(page.window().focusWidget(), "1 Mar 2027")
    QTest.keyClicks(box(page, "note"), "The budget moved to March.")
    stage.world.store.mirror.remove(gid, GoneReason.REVOKED)
    fresh = opened(stage, qtbot, gid)  # as after a crash: another page over the same store
    said = words(fresh.detail)
    assert {"Call Priya on Monday", "1 Mar 2027", "The budget moved to March."} <= set(said)
    press(fresh, "leftover.copy")
    copied = QGuiApplication.clipboard().text().splitlines()
    assert "Next steps: Call Priya on Monday" in copied
    assert "Ask to extend: Protect until: 1 Mar 2027" in copied
    press(fresh, "leftover.discard")
    assert Unsaved(stage.portal).everything(gid) == {}
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert set(Unsaved(stage.portal).everything(gid)) == {"", "ask_extension"}


def test_a_refused_field_goes_back_into_the_form_with_the_vendors_words(stage: Stage, qtbot: QtBot) -> None:
    gid = stage.world.deal()
    done = stage.portal.intents.edit(gid, {"amount": "190000.00", "next_steps": "Call Priya"})
    problem = {"kind": "rejected", "message": "No.", "fields": {"amount": "Above the limit of your tier."}}
    stage.world.store.outbox.quarantine(done.mutation_id, problem)
    page = opened(stage, qtbot, gid)
    press(page, "detail.notice.mend")
    cell = page.detail.editor.form.cell("amount")
    assert cell is not None
    assert cell.field.error == "Above the limit of your tier."
    assert page.detail.editor.changes()["amount"] == "190000.00"
    assert page.detail.editor.changes()["next_steps"] == "Call Priya"
    assert stage.portal.outbox.items() == []
    edit = cell.field.control.findChild(QLineEdit)
    assert edit is not None
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "150000")
    press(page, "deals.save")
    (mutation,) = stage.world.sent()
    assert mutation.changes["amount"] == "150000.00"
    assert mutation.changes["next_steps"] == "Call Priya"


def test_words_for_a_command_that_no_longer_fits_become_a_comment(stage: Stage, qtbot: QtBot) -> None:
    gid = stage.world.deal()
    page = opened(stage, qtbot, gid)
    press(page, "detail.command.ask_extension")
    QTest.keyClicks(box(page, "note"), "The budget moved to March.")
    vendor(stage, page, state="expired")
    assert page.detail.box.text == "The budget moved to March."
    assert stage.toasts[-1].text.endswith("What you wrote stands below, as a comment.")
    assert stage.portal.drafts.unfinished(gid)[0] == "The budget moved to March."


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    path = tmp_path / "site-survey.txt"
    path.write_text("Three offices, one comms room.\n")
    return path


def test_a_whole_deal_offline_goes_together(
    stage: Stage, qtbot: QtBot, survey: Path, deal_form: Mapping[str, Any]
) -> None:
    stage.offline()
    gid = stage.portal.drafts.start(DEAL)
    stage.portal.drafts.save(gid, {**stage.portal.drafts.load(gid).data, **deal_form})
    stage.portal.drafts.add_file(gid, survey)
    stage.portal.drafts.submit(gid)
    page = opened(stage, qtbot, gid)
    assert turn(page).startswith("Waits to send.")
    press(page, "detail.command.withdraw")
    dialog = page.window().findChild(QWidget, "detail.dialog")
    assert dialog is not None, "what ends a deal is asked for"


@pytest.fixture
def deal_form() -> Mapping[str, Any]:
    return {
        "customer": "Ledbury Homes",
        "website": "ledburyhomes.example",
        "country": "GB",
        "title": "Sales office Wi-Fi",
        "amount": "22480.00",
        "target_close": "2026-12-18",
        "problem": "Sales staff lose the booking system several times a day.",
    }
