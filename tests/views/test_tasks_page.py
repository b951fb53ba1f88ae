"""Tasks: filling in a form from its template, offline and online, and handing it in; as a person would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLineEdit, QScrollArea, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.services.views_model import DocState
from app.views.page import Place
from app.views.tasks.page import TasksPage
from app.views.theme.tokens import Space
from app.views.widgets.cards import SectionHeader
from tests.services.test_tasks import PROFILE, task
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, settle


class Picked:
    """What the person picks in the system's dialog."""

    def __init__(self) -> None:
        self.paths: Sequence[Path] = ()

    def __call__(self, _parent: QWidget) -> Sequence[Path]:
        return self.paths


@pytest.fixture
def picked() -> Picked:
    return Picked()


@pytest.fixture
def page(stage: Stage, qtbot: QtBot, picked: Picked) -> TasksPage:
    made = TasksPage(stage.context, ask=picked)
    qtbot.addWidget(made)
    return made


def terms(stage: Stage, **changes: Any) -> str:
    data = sample.price_list("Programme terms 2027", 2)
    return sample.document(
        stage.world, "terms-7", data, title="Programme terms 2027", version="7", category="legal", **changes
    )


def onboarding(stage: Stage) -> dict[str, str]:
    """A programme half way through."""
    made = {"terms": terms(stage)}
    made["signed"] = task(
        stage.world,
        "sign",
        number="TSK-101",
        title="Sign the 2027 programme terms",
        template="agreement",
        document=made["terms"],
        due_at="2026-11-30",
        description="The terms hold for every order from January on. Read them, then sign.",
    )
    made["profile"] = task(stage.world, "profile", number="TSK-102", due_at="2026-11-27")
    made["returned"] = task(
        stage.world,
        "sec",
        number="TSK-103",
        title="Answer the security questions",
        template="security_questions",
        state="returned",
        due_at="2026-11-24",
        review_note="The certificate ended in October. Please add the new one.",
        answers={
            "certified": "iso27001",
            "certificate_until": "2026-12-31",
            "incident_contact": "soc@brightwater.example",
        },
    )
    made["later"] = task(
        stage.world,
        "train",
        number="TSK-104",
        title="Name who takes the training",
        template="",
        due_at="2026-12-11",
        depends_on=[made["profile"]],
    )
    made["done"] = task(
        stage.world,
        "bank",
        number="TSK-100",
        title="Send your bank details",
        state="done",
        due_at="2026-11-10",
        answers=PROFILE,
    )
    made["sent"] = task(
        stage.world,
        "logo",
        number="TSK-99",
        title="Send your logo",
        project="",
        template="",
        state="submitted",
        due_at="2026-11-18",
    )
    return made


def field(page: TasksPage, name: str) -> QWidget:
    form = page.pane.answers.form
    assert form is not None
    cell = form.cell(name)
    assert cell is not None
    return cell.field


def write(page: TasksPage, name: str, text: str) -> None:
    box = field(page, name).findChild(QLineEdit) or field(page, name).findChild(QTextEdit)
    assert box is not None
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, text)


def tick(page: TasksPage, name: str, words: str) -> None:
    found = [one for one in field(page, name).findChildren(QAbstractButton) if one.text() == words]
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton, pos=QPoint(8, found[0].height() // 2))


def fill_profile(page: TasksPage) -> None:
    write(page, "legal_name", "Brightwater IT Ltd")
    write(page, "register_no", "07541893")
    write(page, "employees", "42")
    write(page, "services", "We install and look after networks of branches.")
    tick(page, "markets", "Mid-size")


def test_a_form_is_filled_in_offline_kept_and_handed_in(stage: Stage, page: TasksPage, qtbot: QtBot) -> None:
    stage.offline()
    gid = task(stage.world)
    stage.show(page)
    page.arrive(Place("task", gid=gid))
    write(page, "legal_name", "Brightwater")
    QTest.mouseClick(page.pane.submit, Qt.MouseButton.LeftButton)
    assert page.pane.foot.problem == "4 fields to fix"
    assert stage.world.sent() == []
    fill_profile(page)
    page.may_leave()
    assert page.pane.foot.saved == "Saved on this computer at 09:41"
    assert page.pane.submit.text() == "Hand in (waits to send)"
    QTest.mouseClick(page.pane.submit, Qt.MouseButton.LeftButton)
    patch, command = stage.world.sent()
    assert patch.changes["answers"] == PROFILE
    assert command.command is not None
    assert command.command.name == "submit"
    assert stage.toasts[-1].text == "Handed in. Sent when you are back."
    assert page.pane.notices.waits.isVisibleTo(page)
    assert not page.pane.submit.isVisibleTo(page)
    QTest.mouseClick(page.pane.notices.waits.action, Qt.MouseButton.LeftButton)
    assert stage.world.sent() == []
    assert page.pane.answers.values()["legal_name"] == "Brightwater IT Ltd"


def test_a_file_is_added_and_asked_for_where_it_belongs(
    stage: Stage, page: TasksPage, qtbot: QtBot, picked: Picked, tmp_path: Path
) -> None:
    gid = onboarding(stage)["returned"]
    stage.show(page)
    page.arrive(Place("task", gid=gid))
    assert "sent this back" in page.pane.notices.told.accessibleName()
    assert "The certificate ended in October." in page.pane.notices.told.accessibleDescription()
    QTest.mouseClick(page.pane.submit, Qt.MouseButton.LeftButton)
    files = page.pane.answers.files
    assert files is not None
    assert files._problem.text().startswith("Add the certificate")
    certificate = tmp_path / "iso.txt"
    certificate.write_text("ISO 27001 until 2027")
    picked.paths = (certificate,)
    QTest.mouseClick(files._drop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(files._rows))
    QTest.mouseClick(page.pane.submit, Qt.MouseButton.LeftButton)
    assert [one.entity for one in stage.world.sent()] == ["file", "task"]
    assert stage.toasts[-1].text == "Handed in"


def test_what_was_asked_for_warns_no_more_once_it_is_handed_in_again(stage: Stage, page: TasksPage) -> None:
    gid = onboarding(stage)["returned"]
    stage.show(page)
    page.arrive(Place("task", gid=gid))
    told = page.pane.notices.told
    assert told.property("tint") == "warn"
    task(stage.world, "sec", state="submitted", review_note="The certificate ended in October.")
    page.refresh()
    assert told.isVisibleTo(page)
    assert told.property("tint") == "raised"
    assert told.accessibleName() == "What Halden had asked for"
    assert told.accessibleDescription() == "The certificate ended in October."


def test_a_document_that_is_not_here_is_opened_with_one_click(stage: Stage, page: TasksPage) -> None:
    gid = terms(stage, here=False)
    signed = task(stage.world, "sign", template="agreement", document=gid)
    stage.show(page)
    page.arrive(Place("task", gid=signed))
    stage.offline()
    QTest.mouseClick(page.pane.paper.open, Qt.MouseButton.LeftButton)
    assert stage.portal.documents.state(gid).state is DocState.ABSENT
    QTest.mouseClick(page.pane.reader.back, Qt.MouseButton.LeftButton)
    stage.online()
    QTest.mouseClick(page.pane.paper.open, Qt.MouseButton.LeftButton)
    assert stage.portal.documents.state(gid).state is DocState.QUEUED


def test_a_box_to_tick_stands_right_below_the_title_of_its_section(stage: Stage, page: TasksPage) -> None:
    gid = onboarding(stage)["signed"]
    stage.show(page)
    page.arrive(Place("task", gid=gid))
    form = page.pane.answers.form
    assert form is not None
    (title,) = form.anchor(0).findChildren(SectionHeader)
    box = form.anchor(0).findChild(QCheckBox)
    assert box is not None
    gap = box.mapTo(form, QPoint(0, 0)).y() - title.mapTo(form, QPoint(0, title.height())).y()
    assert gap <= Space.L


def test_terms_are_opened_before_they_can_be_signed(stage: Stage, page: TasksPage, qtbot: QtBot) -> None:
    gid = onboarding(stage)["signed"]
    stage.show(page)
    page.arrive(Place("task", gid=gid))
    assert not page.pane.submit.isEnabled()
    assert page.pane.submit.accessibleDescription() == "Open the document first: you sign what it says."
    write(page, "signed_by", "Maya Okafor")
    QTest.mouseClick(page.pane.paper.open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.pane.reader.viewer.pages.count == 2)
    QTest.mouseClick(page.pane.reader.back, Qt.MouseButton.LeftButton)
    assert page.pane.submit.isEnabled()
    assert page.pane.answers.values()["signed_by"] == "Maya Okafor"
    write(page, "position", "Sales manager")
    QTest.mouseClick(page.pane.submit, Qt.MouseButton.LeftButton)
    assert page.pane.foot.problem.startswith("1 field to fix: I have read the document")
    tick(page, "agreed", "I have read the document and agree to it for my company")
    QTest.mouseClick(page.pane.submit, Qt.MouseButton.LeftButton)
    assert len(stage.world.sent()) == 2


def test_what_begins_later_says_after_what(stage: Stage, page: TasksPage) -> None:
    made = onboarding(stage)
    stage.show(page)
    page.arrive(Place("task", gid=made["later"]))
    assert page.pane.submit.accessibleDescription().startswith("Begins after “Tell us about your company”.")
    names = [one.accessibleName() for one in page.list.rows]
    assert any("not yet, Begins after “Tell us about your company”" in name for name in names)


def test_what_happens_next_is_always_said(stage: Stage, page: TasksPage) -> None:
    made = onboarding(stage)
    stage.show(page)
    said = {}
    for name in ("profile", "sent", "done"):
        page.arrive(Place("task", gid=made[name]))
        said[name] = page.pane._next.accessibleName() if page.pane._next_panel.isVisibleTo(page) else ""
    checks = "Halden checks it within 2 working days and accepts it, or says what is missing."
    assert said == {
        "profile": f"After you hand it in: {checks}",
        "sent": "What happens now: Halden checks it and accepts it, or says what is missing.",
        "done": "",
    }
    assert page.pane.answers.form is None


def test_a_task_that_changes_while_it_is_open_keeps_what_is_typed(stage: Stage, page: TasksPage) -> None:
    gid = task(stage.world)
    stage.show(page)
    page.arrive(Place("task", gid=gid))
    write(page, "legal_name", "A very long name " * 6)
    task(stage.world, title="Tell us about your company, please", due_at="2026-12-01")
    page.on_records(frozenset({"task"}), frozenset({gid}))
    assert page.pane._title.text() == "Tell us about your company, please"
    assert page.pane.answers.values()["legal_name"].startswith("A very long name A very")
    page.pane.keep()
    stage.world.store.mirror.remove(gid, "revoked")
    page.on_records(frozenset({"task"}), frozenset({gid}))
    assert page.pane.nothing.accessibleName().startswith("This task is no longer shared with you.")
    assert "A very long name" in stage.portal.outbox.export_all()


def test_the_list_is_walked_by_keyboard(stage: Stage, page: TasksPage) -> None:
    onboarding(stage)
    stage.show(page)
    first = page.list.rows[0]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Down)
    assert page.pane.gid == page.list.rows[1].line.record.gid
    assert page.list.rows[1].hasFocus()


def test_without_tasks_it_says_what_belongs_here(stage: Stage, page: TasksPage) -> None:
    stage.show(page)
    assert page.empty.accessibleName().startswith("What you are asked to do stands here")


def test_everything_is_named_and_follows_the_scheme(stage: Stage, page: TasksPage) -> None:
    onboarding(stage)
    stage.show(page)
    settle()
    assert unnamed(page) == []
    assert follows_scheme(page, stage.theme)


@pytest.mark.parametrize(
    "words",
    ["Everything about every office " * 9, "أخبرنا عن شركتك " * 20, "🌊🏔️" * 60],
    ids=["long", "rtl", "emoji"],
)
def test_very_long_words_push_nothing_out_of_view(stage: Stage, page: TasksPage, words: str) -> None:
    first = task(stage.world, "first", title=words, project=words)
    gid = task(
        stage.world, title=words, project=words, description=words, review_note=words, depends_on=[first]
    )
    stage.show(page)
    page.arrive(Place("task", gid=gid))
    assert page.minimumSizeHint().width() <= 960
    for area in page.findChildren(QScrollArea):
        content = area.widget()
        if content is not None and area.isVisibleTo(page):
            assert content.minimumSizeHint().width() <= area.viewport().width()
