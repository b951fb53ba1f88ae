"""Deciding on what is shown: approvals and deliverables, on line and off, while they change, and for who may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.bridge.roles import DataRole
from app.contract import rules
from app.contract.ids import source_gid
from app.contract.manifest import SHOWN
from app.services.context import command_spec
from app.services.views_model import DocState
from app.views.approvals.page import ApprovalsPage
from app.views.page import Place
from app.views.projects.page import DeliverablesPage, ProjectsPage
from app.views.records.record.related import RelatedRow
from app.views.theme.theme import Theme
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, open_stage, settle

SENT_BACK = "The search page is missing."


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


def note(page: QWidget) -> str:
    found = page.findChild(QWidget, "decision.note")
    assert found is not None
    return str(found.text())  # type: ignore[attr-defined]


def write(page: ApprovalsPage | DeliverablesPage, text: str) -> None:
    form = page.pane.foot.form  # type: ignore[attr-defined]
    box = next(one for one in form.findChildren(QWidget) if hasattr(one, "toPlainText"))
    QTest.keyClick(box, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(box, text)


@pytest.fixture
def page(stage: Stage, qtbot: QtBot) -> ApprovalsPage:
    gid = sample.approvals(stage.world)
    made = ApprovalsPage(stage.context)
    qtbot.addWidget(made)
    stage.show(made)
    made.arrive(Place("approval", gid=gid))
    QApplication.processEvents()
    return made


def test_approving_quotes_the_hash_of_what_stands_there(stage: Stage, page: ApprovalsPage) -> None:
    record = stage.portal.records.get(page.pane.gid)
    assert record is not None
    press(page, "decision.approve")
    (mutation,) = stage.world.sent()
    spec = command_spec(stage.portal.entity("approval"), "approve")
    assert spec is not None
    assert mutation.command is not None
    assert mutation.command.args == {SHOWN: rules.shown_hash(spec, record.data)}
    assert stage.toasts[-1].text == "Approved"
    (told,) = page.pane.told.shown  # type: ignore[attr-defined]
    assert told.title == "Approved, waits to send"
    page.narrowing.show_everything()
    page.refresh()
    row = page.model.row_of(page.pane.gid)
    assert page.model.index(row, 0).data(DataRole.MARK) == "waiting", "not yet what the vendor has"
    other = next(one for one in range(page.model.rowCount()) if one != row)
    assert page.model.index(other, 0).data(DataRole.MARK) == "synced"
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.world.sent() == []
    assert named(page, "decision.approve").isEnabled()


def test_what_changes_while_one_reads_has_to_be_read_first(stage: Stage, page: ApprovalsPage) -> None:
    stage.world.put("approval", "kestrel", amount="34100.00")
    page.refresh()
    card = page.pane.changed  # type: ignore[attr-defined]
    assert [(one.label, one.before, one.after) for one in card.shown] == [
        ("Amount", "£36,260.00", "£34,100.00")
    ]
    approve = named(page, "decision.approve")
    assert not approve.isEnabled()
    assert approve.toolTip() == "Read what changed first." == note(page)
    QTest.mouseClick(approve, Qt.MouseButton.LeftButton)
    assert stage.world.sent() == []
    # It changes once more: compared is with what was read, not with what came between.
    stage.world.put("approval", "kestrel", amount="33000.00")
    page.refresh()
    assert [one.after for one in card.shown] == ["£33,000.00"]
    press(page, "decision.read")
    assert not card.isVisibleTo(page)
    press(page, "decision.approve")
    record = stage.world.store.mirror.truth(page.pane.gid)
    spec = command_spec(stage.portal.entity("approval"), "approve")
    assert record is not None
    assert record.data is not None
    assert spec is not None
    assert [m.command.args[SHOWN] for m in stage.world.sent() if m.command] == [
        rules.shown_hash(spec, record.data)
    ]


def test_a_change_nobody_has_drawn_yet_is_refused_and_then_shown(stage: Stage, page: ApprovalsPage) -> None:
    stage.world.put("approval", "kestrel", amount="1.00")
    press(page, "decision.approve")
    assert stage.world.sent() == []
    assert "has changed since you read it" in stage.toasts[-1].text
    assert page.pane.changed.isVisibleTo(page)  # type: ignore[attr-defined]


def test_what_goes_back_to_what_was_read_needs_no_reading(stage: Stage, page: ApprovalsPage) -> None:
    stage.world.put("approval", "kestrel", amount="1.00")
    page.refresh()
    stage.world.put("approval", "kestrel", amount="36260.00")
    page.refresh()
    assert named(page, "decision.approve").isEnabled()


def test_rejecting_asks_why_and_keeps_what_is_typed(stage: Stage, page: ApprovalsPage, qtbot: QtBot) -> None:
    stage.offline()
    words = [named(page, f"decision.{one}").text() for one in ("approve", "reject")]
    assert words == ["Approve (waits to send)", "Reject (waits to send)"]
    press(page, "decision.reject")
    press(page, "decision.confirm")
    assert stage.world.sent() == [], "a reason is needed"
    write(page, "Too dear for")
    stage.world.put("approval", "kestrel", amount="34100.00")
    page.refresh()
    assert not named(page, "decision.confirm").isEnabled()
    assert page.pane.foot.form.values() == {"reason": "Too dear for"}  # type: ignore[attr-defined]
    again = ApprovalsPage(stage.context)
    qtbot.addWidget(again)
    page.may_leave()
    stage.show(again)
    again.arrive(Place("approval", gid=page.pane.gid))
    press(again, "decision.reject")
    assert again.pane.foot.form.values() == {"reason": "Too dear for"}  # type: ignore[attr-defined]
    write(again, " us")
    assert named(again, "decision.confirm").text() == "Reject (waits to send)"
    assert "counts only if nothing here changes" in note(again)
    press(again, "decision.confirm")
    (mutation,) = stage.world.sent()
    assert mutation.command is not None
    assert sorted(str(mutation.command.args["reason"]).split()) == ["Too", "dear", "for", "us"]
    assert stage.toasts[-1].text == "Rejected. Sent when you are back."


def test_a_decision_that_waits_says_when_it_will_not_count_any_more(
    stage: Stage, page: ApprovalsPage
) -> None:
    stage.offline()
    press(page, "decision.approve")
    stage.world.put("approval", "kestrel", amount="99000.00")
    page.refresh()
    (told,) = page.pane.told.shown  # type: ignore[attr-defined]
    assert told.title == "What you decided on has changed since"
    press(page, "detail.notice.take_back")
    assert stage.world.sent() == []
    assert named(page, "decision.approve").isEnabled()


def test_what_is_left_to_decide_opens_with_a_click(stage: Stage, page: ApprovalsPage) -> None:
    stage.world.put(
        "approval", "second", subject="Joint campaign", state="pending", amount="10.00", currency="GBP"
    )
    page.refresh()
    settle()
    decided = page.pane.gid
    press(page, "decision.approve")
    (mutation,) = stage.world.sent()
    stage.world.settle(mutation.mutation_id)
    stage.world.put("approval", "kestrel", state="approved")
    page.refresh()
    settle()
    assert page.pane.gid == decided, "what one reads stays open"
    spot = page.list.visualRect(page.model.index(0, 0)).center()
    QTest.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    settle()
    assert page.pane.gid == page.model.gid_at(0) != decided


def test_superseded_leads_to_the_newer_one(stage: Stage, page: ApprovalsPage) -> None:
    page.arrive(Place("approval", gid=source_gid("test", "approval", "oriel")))
    assert not shown(page, "decision.approve")
    press(page, "detail.notice.newer")
    assert stage.opened == [source_gid("test", "approval", "kestrel")]
    page.arrive(Place("approval", gid=source_gid("test", "approval", "sable")))
    (told,) = page.pane.told.shown  # type: ignore[attr-defined]
    assert (told.title, told.lines) == ("Rejected by Tom Reyes", ("The margin does not cover support.",))


def test_a_file_that_is_not_here_has_to_come_first(stage: Stage, page: ApprovalsPage) -> None:
    stage.offline()
    stage.world.put(
        "approval", "demo", sha256="cd" * 32, size=900, media_type="application/pdf", file_name="loan.pdf"
    )
    gid = source_gid("test", "approval", "demo")
    page.arrive(Place("approval", gid=gid))
    assert not named(page, "decision.approve").isEnabled()
    assert "not on this computer yet" in note(page)
    assert stage.portal.documents.state(gid).state is DocState.ABSENT
    stage.online()
    assert stage.portal.documents.state(gid).state is DocState.QUEUED, (
        "asked for as soon as there is a network"
    )


def test_what_is_no_longer_shared_says_so(stage: Stage, page: ApprovalsPage) -> None:
    stage.world.store.mirror.remove(page.pane.gid, "revoked")
    page.pane.follow()
    assert "no longer shared with you" in page.pane.nothing.accessibleName()  # type: ignore[attr-defined]


def test_its_number_link_and_pin_are_behind_the_dots(stage: Stage, page: ApprovalsPage) -> None:
    menu = page.pane.head.menu()
    actions = {one.objectName(): one for one in menu.actions()}
    actions["detail.copy"].trigger()
    assert QGuiApplication.clipboard().text() == "AP-0231"
    actions["detail.link"].trigger()
    assert QGuiApplication.clipboard().text().startswith("counterpart://approval/")
    actions["detail.pin"].trigger()
    assert stage.portal.recent.is_pinned(page.pane.gid)
    assert page.place() == Place("approval", gid=page.pane.gid, chip="open")
    menu.deleteLater()


def test_everything_is_named(stage: Stage, page: ApprovalsPage) -> None:
    assert unnamed(page) == []
    assert follows_scheme(page, stage.theme)
    page.resize(700, 600)
    QApplication.processEvents()
    assert page.list.isVisibleTo(page)
    assert not page.pane.isVisibleTo(page)
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    assert page.pane.isVisibleTo(page)
    press(page, "detail.back")
    assert page.list.isVisibleTo(page)


def test_who_may_not_decide_reads_it_with_who_may(tmp_path: Path, theme: Theme, qtbot: QtBot) -> None:
    stage = open_stage(tmp_path, theme, role="support")
    gid = sample.approvals(stage.world)
    made = ApprovalsPage(stage.context)
    qtbot.addWidget(made)
    stage.show(made)
    made.arrive(Place("approval", gid=gid))
    assert not shown(made, "decision.approve")
    assert note(made) == "You can read this. Sales manager, finance may decide."
    stage.world.put("approval", "kestrel", amount="1.00")
    made.refresh()
    assert not made.pane.changed.isVisibleTo(made)  # type: ignore[attr-defined]
    stage.close()


# -- deliverables, projects ---------------------------------------------------------------------------------
@pytest.fixture
def handed(stage: Stage, qtbot: QtBot) -> DeliverablesPage:
    sample.use_manifest(stage.world, sample.client_manifest())
    sample.projects(stage.world)
    made = DeliverablesPage(stage.context)
    qtbot.addWidget(made)
    stage.show(made)
    made.arrive(Place("deliverable", gid=source_gid("test", "deliverable", "pages")))
    QApplication.processEvents()
    return made


def test_a_deliverable_is_read_and_accepted(stage: Stage, handed: DeliverablesPage) -> None:
    assert handed.model.rowCount() == 1, "what is to be decided comes first"
    stage.offline()
    press(handed, "decision.accept")
    (mutation,) = stage.world.sent()
    assert mutation.command is not None
    assert set(mutation.command.args) == {SHOWN}
    assert stage.toasts[-1].text == "Accepted. Sent when you are back."
    assert unnamed(handed) == []


def test_a_deliverable_is_sent_back_with_a_reason_and_comes_again(
    stage: Stage, handed: DeliverablesPage
) -> None:
    press(handed, "decision.send_back")
    write(handed, SENT_BACK)
    press(handed, "decision.confirm")
    (mutation,) = stage.world.sent()
    assert mutation.command is not None
    assert mutation.command.args["reason"] == SENT_BACK
    stage.world.settle(mutation.mutation_id)
    sample.deliverable(stage.world, "pages", source_gid("test", "project", "relaunch"), title="Page designs",
                       version="3", state="handed_over", reason=SENT_BACK)  # fmt: skip
    handed.refresh()
    assert [one.label for one in handed.pane.changed.shown] != []  # type: ignore[attr-defined]
    press(handed, "decision.read")
    assert named(handed, "decision.accept").isEnabled()


def test_earlier_versions_and_comments_stand_with_a_deliverable(
    stage: Stage, handed: DeliverablesPage
) -> None:
    pane = handed.pane
    assert [one.number for one in pane.versions] == ["DL-207"]  # type: ignore[attr-defined]
    QTest.keyClicks(pane.remarks.box.words, "Much better.")  # type: ignore[attr-defined]
    keys = list(handed.keys())
    next(key for key in keys if key.keys == "Ctrl+Return").run()
    assert [(m.entity, m.changes["body"]) for m in stage.world.sent()] == [("message", "Much better.")]
    row = next(one for one in pane.findChildren(RelatedRow) if "DL-207" in one.accessibleName())
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_Return)
    assert stage.opened == [source_gid("test", "deliverable", "pages-1")]


def test_a_project_shows_what_waits_its_milestones_and_its_budget(stage: Stage, qtbot: QtBot) -> None:
    sample.use_manifest(stage.world, sample.client_manifest())
    gid = sample.projects(stage.world)
    made = ProjectsPage(stage.context)
    qtbot.addWidget(made)
    stage.show(made)
    made.arrive(Place("project", gid=gid))
    pane = made.pane
    assert [one.number for one in pane.waiting] == ["DL-212"]  # type: ignore[attr-defined]
    assert pane.budget.words == ("€42,350 of €60,000 spent", "€17,650 left")  # type: ignore[attr-defined]
    assert [one.title for one in pane.milestones.shown][:2] == ["Concept", "Design"]  # type: ignore[attr-defined]
    row = next(one for one in pane.findChildren(RelatedRow) if one.isVisibleTo(pane))
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert stage.opened == [source_gid("test", "deliverable", "pages")]
    made.arrive(Place("project", gid=source_gid("test", "project", "audit")))
    assert pane.budget.words[1] == "€1,100 over the budget"  # type: ignore[attr-defined]
    assert pane.waiting == ()  # type: ignore[attr-defined]
    assert unnamed(made) == []
    bare = stage.world.put("project", "bare", title="🚧 " + "Very long name " * 12, state="planned")
    made.arrive(Place("project", gid=bare))
    settle()
    assert pane.area.horizontalScrollBar().maximum() == 0  # type: ignore[attr-defined]
    made.arrive(Place("project", gid=gid))
    settle()
    assert follows_scheme(made, stage.theme)
