"""Deals and their like: finding one, reading it, editing within its locks, commands, comments; on line and off."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.contract.manifest import FieldSpec, FieldType, Owner
from app.contract.mutations import Kind
from app.services.views_model import SyncState
from app.views.page import Place
from app.views.records.page import RecordsPage
from app.views.records.record.facts import facts_of
from app.views.widgets.field import Field
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle

DEAL = "deal_registration"


@pytest.fixture
def kestrel(stage: Stage) -> str:
    sample.programme(stage.world)
    return stage.world.deal(
        updated_at="2026-11-23T09:41:00Z",
        reviewer="Ingrid Solheim",
        timeline=[
            {"at": "2026-11-17T10:00:00Z", "by": "Maya Okafor", "kind": "submitted", "text": "Submitted"},
            {"at": "2026-11-23T08:57:00Z", "by": "Ingrid Solheim", "kind": "approved", "text": "Approved"},
        ],
    )


@pytest.fixture
def page(stage: Stage, kestrel: str, qtbot: QtBot) -> RecordsPage:
    made = RecordsPage(stage.context, DEAL)
    qtbot.addWidget(made)
    stage.show(made)
    made.arrive(Place(DEAL, gid=kestrel))
    QApplication.processEvents()
    return made


def named(page: QWidget, name: str) -> QPushButton:
    settle()
    found = [one for one in page.findChildren(QPushButton, name) if one.isVisibleTo(page)]
    assert found, f"no button {name}"
    return found[0]


def press(page: QWidget, name: str) -> None:
    QTest.mouseClick(named(page, name), Qt.MouseButton.LeftButton)
    settle()


def shown(page: QWidget, name: str) -> bool:
    settle()
    return any(one.isVisibleTo(page) for one in page.findChildren(QWidget, name))


def field(page: RecordsPage, name: str) -> Field:
    cell = page.detail.editor.form.cell(name) or page.detail.asking.form.cell(name)
    assert cell is not None
    return cell.field


def type_next_steps(page: RecordsPage, text: str) -> None:
    editor = field(page, "next_steps").control.findChildren(QWidget)
    box = next(one for one in editor if hasattr(one, "toPlainText"))
    QTest.keyClicks(box, text)


def test_the_list_has_the_manifests_columns_counts_and_totals(page: RecordsPage) -> None:
    heads = [page.model.headerData(n, Qt.Orientation.Horizontal) for n in range(page.model.columnCount())]
    assert heads == ["Customer", "Title", "Amount", "Stage", "Protected", "Sync"]
    assert page.foot.count.text() == "24 open deals"
    assert len(page.foot.totals_shown) == 3, "currencies stand side by side and are never added"
    assert page.foot.totals_shown[0].startswith("£")
    assert page.foot.order.text() == "Sorted by last change"


def test_a_click_on_a_head_sorts_and_says_so(page: RecordsPage) -> None:
    page.table.sort_asked.emit(2, True)
    amounts = [float(str(r.data["amount"])) for n in range(5) if (r := page.model.record_at(n))]
    assert amounts == sorted(amounts, reverse=True)
    assert page.foot.order.text() == "Sorted by amount"


def test_keys_move_through_the_list_and_the_detail_follows(page: RecordsPage, kestrel: str) -> None:
    assert page.detail.gid == kestrel
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    assert page.detail.gid == page.model.gid_at(1) != kestrel


def test_search_finds_and_an_empty_result_leads_back(page: RecordsPage) -> None:
    page.search("Sableworks")
    assert 0 < page.model.rowCount() < 24
    page.search("nobody of that name")
    assert page._lists.currentWidget() is page.empty
    assert "No deal matches" in page.empty.accessibleName()
    page.empty.acted.emit()
    assert page.model.rowCount() == 24


def test_the_detail_tells_what_the_manifest_asks_for(page: RecordsPage) -> None:
    facts = {fact.label: fact for fact in page.detail.reading.shown_facts}
    assert list(facts)[:2] == ["Protected until", "Amount"]
    assert (facts["Protected until"].value, facts["Protected until"].note) == ("21 Feb 2027", "90 days left")
    assert facts["Reviewer"].pill == "Halden"
    assert "Partner company" not in facts, "who acts for one company alone knows it"
    assert page.detail.reading.stepper.accessibleName() == "Stage 4 of 5: Approved"
    assert page.detail.reading.shown_events[0].text == "Approved by Ingrid Solheim"


def test_a_field_the_vendor_has_just_invented_is_shown(
    stage: Stage, page: RecordsPage, kestrel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entity = stage.portal.entity(DEAL)
    new = FieldSpec(name="energy_class", label="Energy class", type=FieldType.TEXT, owner=Owner.VENDOR)
    monkeypatch.setattr(
        type(stage.portal), "entity", lambda _self, _name: entity.changed(fields=(*entity.fields, new))
    )
    stage.world.deal(energy_class="A+")
    record = stage.portal.records.get(kestrel)
    assert record is not None
    assert "Energy class" in [fact.label for fact in facts_of(stage.portal, record, [])]


def test_an_edit_goes_to_the_outbox_and_can_be_undone(stage: Stage, page: RecordsPage, kestrel: str) -> None:
    press(page, "deals.edit")
    type_next_steps(page, "Call Priya")
    press(page, "deals.save")
    (mutation,) = stage.world.sent()
    assert (mutation.kind, mutation.gid, dict(mutation.changes)) == (
        Kind.PATCH,
        kestrel,
        {"next_steps": "Call Priya"},
    )
    assert stage.toasts[-1].text == "Next steps changed"
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.world.sent() == []


def test_only_what_the_state_leaves_open_can_be_edited(page: RecordsPage) -> None:
    press(page, "deals.edit")
    names = set(page.detail.editor.form.names)
    assert "amount" in names
    assert "customer" not in names
    said = [w.accessibleName() for w in page.detail.editor.locked.findChildren(QWidget)]
    assert any("Customer name, Kestrel Foods, Locked while approved." in one for one in said)


def test_control_return_saves(stage: Stage, page: RecordsPage) -> None:
    press(page, "deals.edit")
    type_next_steps(page, "Visit")
    keys = list(page.keys())
    next(key for key in keys if key.keys == "Ctrl+Return").run()
    assert [m.changes["next_steps"] for m in stage.world.sent()] == ["Visit"]


def test_what_is_typed_survives_going_away_and_a_new_window(
    stage: Stage, page: RecordsPage, kestrel: str, qtbot: QtBot
) -> None:
    press(page, "deals.edit")
    type_next_steps(page, "Half a sent")
    page.table.choose_row(3)
    assert page.detail.gid != kestrel
    assert not page.detail.closable
    page.arrive(Place(DEAL, gid=kestrel))
    assert page.detail.editor.changes() == {"next_steps": "Half a sent"}
    again = RecordsPage(stage.context, DEAL)
    qtbot.addWidget(again)
    stage.show(again)
    again.arrive(Place(DEAL, gid=kestrel))
    assert again.detail.editor.changes() == {"next_steps": "Half a sent"}
    assert stage.world.sent() == []


def test_a_cancelled_edit_can_be_brought_back(stage: Stage, page: RecordsPage) -> None:
    press(page, "deals.edit")
    type_next_steps(page, "Gone")
    press(page, "deals.cancel")
    assert not page.detail.closable
    assert stage.toasts[-1].text == "Edit discarded"
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert page.detail.editor.changes() == {"next_steps": "Gone"}


def test_a_change_from_the_other_side_does_not_touch_what_is_typed(stage: Stage, page: RecordsPage) -> None:
    press(page, "deals.edit")
    type_next_steps(page, "Mine")
    stage.world.deal(
        next_steps="Theirs", contact_name="Priya Raman", updated_at="2026-11-23T09:41:00Z", timeline=[]
    )
    page.refresh()
    assert page.detail.editor.changes() == {"next_steps": "Mine"}, "the contact follows and is not sent back"
    assert field(page, "contact_name").value() == "Priya Raman"


def test_what_is_wrong_is_told_on_the_field_and_nothing_is_sent(stage: Stage, page: RecordsPage) -> None:
    press(page, "deals.edit")
    field(page, "target_close").set_value("2020-01-01")
    press(page, "deals.save")
    assert field(page, "target_close").error
    assert page.detail.closable
    assert stage.world.sent() == []


def test_a_command_asks_for_what_it_needs(stage: Stage, page: RecordsPage, kestrel: str) -> None:
    press(page, "detail.command.convert")
    press(page, "detail.command.run")
    assert stage.world.sent() == []
    cell = page.detail.asking.form.cell("po_reference")
    assert cell is not None
    assert cell.field.error
    cell.field.set_value("PO-7781")
    press(page, "detail.command.run")
    (mutation,) = stage.world.sent()
    assert mutation.command is not None
    assert (mutation.command.name, mutation.command.expected_state) == ("convert", "approved")
    assert mutation.command.args == {"po_reference": "PO-7781"}
    assert stage.toasts[-1].text == "Converted"


def test_what_a_command_asked_for_is_kept_until_it_was_given(
    stage: Stage, page: RecordsPage, qtbot: QtBot
) -> None:
    press(page, "detail.command.convert")
    cell = page.detail.asking.form.cell("po_reference")
    assert cell is not None
    line = cell.field.findChild(QLineEdit)
    assert line is not None
    QTest.keyClicks(line, "PO-7781")
    qtbot.waitUntil(lambda: stage.portal.prefs.get("records.unsaved", None) is not None)
    again = RecordsPage(stage.context, DEAL)
    qtbot.addWidget(again)
    stage.show(again)
    again.arrive(Place(DEAL, gid=page.detail.gid))
    press(again, "detail.command.convert")
    assert again.detail.asking.form.values()["po_reference"] == "PO-7781", "as after a crash"
    press(again, "detail.command.run")
    assert [m.command.args for m in stage.world.sent() if m.command] == [{"po_reference": "PO-7781"}]
    assert stage.portal.prefs.get("records.unsaved", None) is None


def test_a_command_that_ends_a_deal_asks_first(stage: Stage, page: RecordsPage) -> None:
    gid = stage.world.deal("submitted", state="submitted")
    page.arrive(Place(DEAL, gid=gid))
    press(page, "detail.command.withdraw")
    assert stage.world.sent() == []
    dialog = page.findChild(QWidget, "detail.dialog")
    assert dialog is not None
    dialog.accept()  # type: ignore[attr-defined]
    assert [m.command.name for m in stage.world.sent() if m.command] == ["withdraw"]


def test_off_line_every_button_says_that_it_waits(stage: Stage, page: RecordsPage) -> None:
    assert named(page, "detail.command.convert").text() == "Convert to order"
    stage.offline()
    assert named(page, "detail.command.convert").text() == "Convert to order (waits to send)"
    press(page, "deals.edit")
    assert named(page, "deals.save").text() == "Save (waits to send)"
    type_next_steps(page, "Later")
    press(page, "deals.save")
    assert stage.toasts[-1].text == "Next steps changed. Sent when you are back."
    assert page.detail.reading.shown_events[0].time == "Waits to send"


def test_a_comment_is_kept_as_it_is_typed_and_sent(stage: Stage, page: RecordsPage, kestrel: str) -> None:
    QTest.keyClicks(page.detail.box.words, "Report attached soon.")
    page.table.choose_row(2)
    assert stage.portal.drafts.unfinished(kestrel)[0] == "Report attached soon."
    page.arrive(Place(DEAL, gid=kestrel))
    assert page.detail.box.text == "Report attached soon."
    press(page, "comment.send")
    (mutation,) = stage.world.sent()
    assert (mutation.entity, mutation.changes["parent"]) == ("message", kestrel)
    assert [one.text for one in page.detail.reading.comments.shown] == ["Report attached soon."]


def test_files_go_with_a_comment(stage: Stage, page: RecordsPage, qtbot: QtBot, tmp_path: Path) -> None:
    survey = tmp_path / "survey.txt"
    survey.write_text("Three offices")
    paths: Sequence[Path] = (survey,)
    page.detail.box.offered.emit(paths)
    qtbot.waitUntil(lambda: len(page.detail.box.files) == 1)
    press(page, "comment.send")
    assert [m.entity for m in stage.world.sent()] == ["file"]


def test_a_comment_that_was_deleted_does_not_come_back_after_files_went_alone(
    stage: Stage, page: RecordsPage, kestrel: str, qtbot: QtBot, tmp_path: Path
) -> None:
    survey = tmp_path / "survey.txt"
    survey.write_text("Three offices")
    paths: Sequence[Path] = (survey,)
    box = page.detail.box
    QTest.keyClicks(box.words, "Hello")
    page.detail.keep()
    box.offered.emit(paths)
    qtbot.waitUntil(lambda: len(box.files) == 1)
    box.words.selectAll()
    QTest.keyClick(box.words, Qt.Key.Key_Delete)
    press(page, "comment.send")
    assert [m.entity for m in stage.world.sent()] == ["file"]
    assert stage.portal.drafts.unfinished(kestrel) == ("", ())


def test_a_conflict_leads_to_the_comparison(stage: Stage, page: RecordsPage) -> None:
    gid = stage.world.clash({"next_steps": ("a", "theirs", "mine")})
    page.refresh()
    page.arrive(Place(DEAL, gid=gid))
    press(page, "detail.notice.compare")
    assert stage.gone[-1] == Place("conflict", gid=gid)


def test_a_draft_offers_its_form(stage: Stage, page: RecordsPage) -> None:
    gid = stage.portal.drafts.start(DEAL, {"customer": "Ledbury Homes"})
    page.arrive(Place(DEAL, gid=gid))
    assert not shown(page, "deals.edit")
    assert not shown(page, "comment.box")
    press(page, "detail.continue")
    assert stage.gone[-1] == Place("new", entity=DEAL, gid=gid)


def test_a_refused_command_says_what_is_possible_now(stage: Stage, page: RecordsPage, kestrel: str) -> None:
    stage.portal.intents.command(kestrel, "convert", {"po_reference": "PO-1"})
    (mutation,) = stage.world.sent()
    stage.world.store.outbox.mark_sending([mutation.mutation_id])
    problem = {"kind": "rejected", "message": "The order desk has it already.", "possible": ["ask_extension"]}
    stage.world.store.outbox.quarantine(mutation.mutation_id, problem)
    page.refresh()
    record = stage.portal.records.get(kestrel)
    assert record is not None
    assert record.sync is SyncState.REJECTED
    (told,) = page.detail.reading.told.shown
    assert told.title == "“Convert to order” no longer fits: this deal is approved now."
    assert told.lines == ("You can: Ask to extend, Convert to order",)
    assert "The order desk has it already." in told.text
    press(page, "detail.notice.discard")
    assert page.detail.reading.told.shown == ()


@pytest.mark.parametrize("entity", ["lead", "renewal", "order"])
def test_other_lists_need_no_code_of_their_own(stage: Stage, entity: str, qtbot: QtBot) -> None:
    sample.programme(stage.world)
    made = RecordsPage(stage.context, entity)
    qtbot.addWidget(made)
    stage.show(made)
    assert made.head().title == stage.portal.entity(entity).plural
    assert made.head().actions == (), "these arrive by themselves"
    if entity == "order":
        assert made._lists.currentWidget() is made.empty
    else:
        assert made.detail.gid == made.model.gid_at(0)
        widths = [made.table.columnWidth(n) for n in range(made.model.columnCount())]
        assert sum(widths) <= made.table.viewport().width(), "no column is cut off"
    assert not shown(made, "comment.box")
    assert unnamed(made) == []


def test_register_stands_in_the_top_bar(stage: Stage, page: RecordsPage) -> None:
    (action,) = page.head().actions
    assert (action.text, action.primary) == ("Register a deal", True)
    action.run()
    assert stage.gone[-1] == Place("new", entity=DEAL)


def test_where_it_is_narrow_the_record_goes_over_the_list(page: RecordsPage) -> None:
    page.resize(700, 600)
    QApplication.processEvents()
    assert page.table.isVisibleTo(page)
    assert not page.detail.isVisibleTo(page)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert page.detail.isVisibleTo(page)
    assert not page.table.isVisibleTo(page)
    press(page, "detail.back")
    assert page.table.isVisibleTo(page)


def test_everything_is_named_and_follows_the_scheme(stage: Stage, page: RecordsPage) -> None:
    assert unnamed(page) == []
    press(page, "deals.edit")
    assert unnamed(page) == []
    press(page, "deals.cancel")
    assert follows_scheme(page, stage.theme)


def test_the_keyboard_stays_with_the_buttons_when_they_change(stage: Stage, page: RecordsPage) -> None:
    page.activateWindow()
    named(page, "deals.edit").setFocus()
    stage.offline()
    assert named(page, "deals.edit").hasFocus()
    press(page, "deals.edit")
    press(page, "deals.cancel")
    assert named(page, "detail.command.convert").hasFocus()


def test_a_state_that_changes_while_one_edits_keeps_what_was_typed(
    stage: Stage, page: RecordsPage, kestrel: str
) -> None:
    press(page, "deals.edit")
    field(page, "competitor").set_value("Northwind")
    page.detail.editor.keep()
    stage.world.deal(state="extension_requested")
    page.refresh()
    assert "competitor" not in page.detail.editor.form.names
    problem = page.detail.editor.findChild(QWidget, "detail.form.problem")
    assert problem is not None
    assert "Competitor: Northwind" in problem.text()  # type: ignore[attr-defined]
    type_next_steps(page, "More")
    stage.world.deal(state="approved")
    page.refresh()
    assert page.detail.editor.changes() == {"competitor": "Northwind", "next_steps": "More"}
    stage.world.deal(state="converted")
    page.refresh()
    assert not page.detail.closable
    assert stage.toasts[-1].text == "Nothing can be edited now. What you typed is kept."
    assert stage.world.sent() == []


def test_a_draft_that_came_back_tells_the_vendors_reasons(stage: Stage, page: RecordsPage) -> None:
    gid = stage.portal.drafts.start(DEAL, {"customer": "Ledbury Homes"})
    problems = {"website": "Registered already."}
    stage.world.store.drafts.reopen(gid, problems, "Not accepted.", stage.world.clock.now())
    page.arrive(Place(DEAL, gid=gid))
    (told,) = page.detail.reading.told.shown
    assert told.title == "Halden sent this back"
    assert (told.text, told.lines) == ("Not accepted.", ("Website: Registered already.",))
    press(page, "detail.notice.continue")
    assert stage.gone[-1] == Place("new", entity=DEAL, gid=gid)


def test_the_file_an_invoice_carries_opens_beside_the_list(stage: Stage, qtbot: QtBot) -> None:
    world = stage.world
    data = b"Invoice RE-1042 of Halden Systems"
    sha256 = hashlib.sha256(data).hexdigest()
    with world.store.transaction():
        world.store.blobs.add(sha256, len(data), "text/plain", "RE-1042.txt", (data,), world.clock.now())
    gid = world.put(
        "invoice", "1", number="RE-1042", customer="Norvik Shipping", total="1200.00", balance="200.00",
        currency="EUR", issued_at="2026-11-02", due_at="2026-12-02", state="open", sha256=sha256,
        size=len(data), media_type="text/plain", file_name="RE-1042.txt",
    )  # fmt: skip
    made = RecordsPage(stage.context, "invoice")
    qtbot.addWidget(made)
    stage.show(made)
    assert made.detail.gid == gid
    facts = {fact.label: fact for fact in made.detail.reading.shown_facts}
    assert facts["Still to pay"].value == "€200.00"
    assert "Files" not in facts, "its own file has a line of its own"
    assert not {"SHA-256", "Size", "Kind", "File name"} & set(facts), "told by the file itself"
    press(made, "own_file.open")
    assert made.detail.closable
    assert stage.portal.documents.summary().startswith("0 documents"), (
        "an invoice is no document of the vendor's"
    )
    assert unnamed(made) == []
