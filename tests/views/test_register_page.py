"""The form that makes a record: saved while one types, judged by the manifest's rules, handed in or sent back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.contract.clashing import make_filter
from app.services.views_model import ClashHint, SyncState
from app.store.clashes import ClashStore
from app.store.database import Store
from app.views.main_window import MainWindow
from app.views.page import NEW, Place
from app.views.register.clash import ClashCard
from app.views.register.page import RegisterPage
from app.views.theme.theme import Theme
from app.views.widgets.buttons import Button
from app.views.widgets.files import DropArea
from tests.services.conftest import KEY
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, open_stage, settle


def shown(stage: Stage, qtbot: QtBot, *, gid: str = "", entity: str = "deal_registration") -> RegisterPage:
    page = RegisterPage(stage.context)
    qtbot.addWidget(page)
    stage.show(page)
    page.arrive(Place(NEW, entity=entity, gid=gid))
    QApplication.processEvents()
    return page


@pytest.fixture
def page(stage: Stage, qtbot: QtBot) -> RegisterPage:
    return shown(stage, qtbot)


@pytest.fixture
def form() -> Mapping[str, Any]:
    return {
        "customer": "Ledbury Homes",
        "website": "ledburyhomes.example",
        "country": "GB",
        "title": "Sales office Wi-Fi",
        "amount": "22480.00",
        "target_close": "2026-12-18",
        "problem": "Sales staff lose the booking system several times a day.",
    }


def words(page: QWidget) -> list[str]:
    settle()
    return [one.text() for one in page.findChildren(QLabel) if one.isVisibleTo(page) and one.text()]


def edit(page: QWidget, name: str) -> QLineEdit:
    return next(one for one in page.findChildren(QLineEdit) if one.accessibleName() == name)


def write(page: QWidget, name: str, text: str) -> None:
    line = edit(page, name)
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text)


def leave(page: QWidget, name: str) -> None:
    QTest.keyClick(edit(page, name), Qt.Key.Key_Tab)
    QApplication.processEvents()


def button(page: QWidget, name: str) -> Button:
    found = page.findChild(Button, name)
    assert isinstance(found, Button)
    return found


def drop(page: QWidget, path: Path) -> None:
    area = page.findChild(DropArea, "register.drop")
    assert area is not None
    area.dropped.emit((path,))


def test_what_is_typed_is_in_the_store_after_the_pause(
    stage: Stage, page: RegisterPage, tmp_path: Path, qtbot: QtBot
) -> None:
    write(page, "Customer name", "Ledbury Homes")
    qtbot.wait(300)
    with Store.open(tmp_path / "store.db", KEY) as other:
        (draft,) = other.drafts.all()
        assert draft.data["customer"] == "Ledbury Homes"
    assert "Saved on this computer at 09:41" in words(page)


def test_the_hint_of_a_clash_stands_below_the_website_and_marks_it(stage: Stage, qtbot: QtBot) -> None:
    stage.world.deal("other", number="DR-2026-0288", website="https://www.ledburyhomes.example/")
    gid = stage.portal.drafts.start("deal_registration", {"website": "ledburyhomes.example"})
    page = shown(stage, qtbot, gid=gid)
    card = page.findChild(ClashCard)
    assert isinstance(card, ClashCard)
    site = edit(page, "Website")
    assert site.property("state") == "hint"
    assert site.mapTo(page, site.rect().topLeft()).y() < card.mapTo(page, card.rect().topLeft()).y()
    industry = edit(page, "Street")
    assert card.mapTo(page, card.rect().topLeft()).y() < industry.mapTo(page, industry.rect().topLeft()).y()
    assert card.action.text() == "Open DR-2026-0288"
    card.show_hint(ClashHint("May clash", "Another partner may have registered this customer.", "", ""))
    assert not card.action.isVisibleTo(card), "of somebody else's there is nothing to open"
    card.show_hint(None)
    assert site.property("state") == ""


def test_half_a_date_is_kept_as_it_was_typed(stage: Stage, page: RegisterPage, qtbot: QtBot) -> None:
    write(page, "Target close", "20 Nov so")
    page.may_leave()
    (draft,) = stage.portal.drafts.open_drafts()
    again = shown(stage, qtbot, gid=draft.gid)
    assert edit(again, "Target close").text() == "20 Nov so"


def test_a_form_only_looked_at_leaves_nothing(stage: Stage, page: RegisterPage) -> None:
    assert page.may_leave()
    assert stage.portal.drafts.open_drafts() == []


def test_a_field_is_judged_on_leaving_and_let_be_while_typing(page: RegisterPage, qtbot: QtBot) -> None:
    write(page, "Target close", "20 Nov 2026")
    assert not any("Has passed" in text for text in words(page))
    leave(page, "Target close")
    qtbot.waitUntil(lambda: "Has passed. Pick 24 Nov 2026 or later." in words(page))
    qtbot.waitUntil(lambda: "1 field to fix: Target close" in words(page))
    write(page, "Target close", "2")
    assert not any("Has passed" in text for text in words(page))


def test_submitting_too_early_shows_every_field_and_goes_to_the_first(
    stage: Stage, page: RegisterPage
) -> None:
    QTest.mouseClick(button(page, "register.submit"), Qt.MouseButton.LeftButton)
    assert stage.world.sent() == []
    assert words(page).count("Needed. Fill this in to go on.") >= 5
    assert "Add at least one evidence file." in words(page)
    assert QApplication.focusWidget() is edit(page, "Customer name")


def test_a_whole_form_with_evidence_is_handed_in_once(
    stage: Stage, form: Mapping[str, Any], tmp_path: Path, qtbot: QtBot
) -> None:
    gid = stage.portal.drafts.start("deal_registration", form)
    page = shown(stage, qtbot, gid=gid)
    survey = tmp_path / "survey.txt"
    survey.write_text("Three offices.\n")
    drop(page, survey)
    qtbot.waitUntil(lambda: "survey.txt" in words(page))
    stage.offline()
    submit = button(page, "register.submit")
    assert submit.text() == "Submit (waits to send)"
    QTest.mouseClick(submit, Qt.MouseButton.LeftButton)
    page.submit()
    kinds = [mutation.kind.value for mutation in stage.world.sent()]
    assert sorted(kinds) == ["append", "command", "create"]
    record = stage.portal.records.get(gid)
    assert record is not None
    assert record.sync is SyncState.WAITING
    assert stage.gone[-1] == Place("deal_registration", gid=gid)
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.world.sent() == []
    assert stage.gone[-1] == Place(NEW, entity="deal_registration", gid=gid)


def test_the_vendors_reason_stands_on_its_field_until_it_is_mended(
    stage: Stage, form: Mapping[str, Any], qtbot: QtBot
) -> None:
    world = stage.world
    gid = stage.portal.drafts.start("deal_registration", form)
    world.store.drafts.reopen(
        gid, {"customer": "Already a customer of ours."}, "Not this one.", world.clock.now()
    )
    page = shown(stage, qtbot, gid=gid)
    assert "Halden sent this back" in words(page)
    assert "Already a customer of ours." in words(page)
    write(page, "Customer name", "Ledbury Homes Ltd")
    assert "Already a customer of ours." not in words(page)
    page.may_leave()
    assert stage.portal.drafts.load(gid).problems == {}


def test_the_same_website_is_hinted_at_and_blocks_nothing(
    stage: Stage, form: Mapping[str, Any], qtbot: QtBot
) -> None:
    other = stage.world.deal(
        "other", number="DR-2026-0288", website="www.ledburyhomes.example", owner="tomasz"
    )
    page = shown(stage, qtbot, gid=stage.portal.drafts.start("deal_registration", form))
    assert "May clash with an existing registration" in words(page)
    opener = next(one for one in page.findChildren(Button) if one.text() == "Open DR-2026-0288")
    QTest.mouseClick(opener, Qt.MouseButton.LeftButton)
    assert stage.opened == [other]


def test_another_partners_registration_is_hinted_at_while_one_types(
    stage: Stage, form: Mapping[str, Any], qtbot: QtBot
) -> None:
    made = make_filter(b"salt", ["d:ledburyhomes.example"], stage.world.clock.now())
    ClashStore(stage.world.store.settings).keep(made.model_dump(mode="json"), "tag", stage.world.clock.now())
    page = shown(stage, qtbot)
    title = "May clash with a registration of another partner"
    write(page, "Website", "ledburyhomes.exampl")
    leave(page, "Website")
    assert title not in words(page)
    write(page, "Website", "www.LedburyHomes.example")
    qtbot.waitUntil(lambda: title in words(page))
    said = "Somebody has registered this website. You can go on; Halden decides. As of 09:41."
    assert said in words(page)
    assert not [one for one in page.findChildren(Button) if one.isVisibleTo(page) and "Open" in one.text()]


def test_a_request_takes_its_first_message(stage: Stage, qtbot: QtBot) -> None:
    page = shown(stage, qtbot, entity="request")
    write(page, "Subject", "Quote for HA pair")
    box = next(one for one in page.findChildren(QTextEdit) if one.accessibleName() == "Message")
    box.setFocus()
    QTest.keyClicks(box, "Please quote two Edge 440.")
    page.submit()
    assert [mutation.entity for mutation in stage.world.sent()] == ["request", "message"]


def test_the_company_is_asked_only_of_who_acts_for_several(
    stage: Stage, tmp_path: Path, theme: Theme, qtbot: QtBot
) -> None:
    assert "Partner company" not in words(shown(stage, qtbot))
    folder = tmp_path / "two"
    folder.mkdir()
    two = open_stage(folder, theme, companies=2)
    try:
        assert "Partner company" in words(shown(two, qtbot))
    finally:
        settle()
        two.close()


def test_it_speaks_and_follows_the_scheme(stage: Stage, page: RegisterPage) -> None:
    assert unnamed(page) == []
    assert follows_scheme(page, stage.theme)


def test_a_form_that_is_gone_hears_nothing_of_the_network(stage: Stage, qtbot: QtBot) -> None:
    made = RegisterPage(stage.context)
    kept = made.refresh  # whoever still holds the page keeps its Python half alive
    made.arrive(Place("new", entity="deal_registration"))
    made.deleteLater()
    settle()
    with qtbot.captureExceptions() as raised:
        stage.offline()
        settle()
    assert raised == []
    assert callable(kept)


def test_a_question_without_a_message_is_not_complete(stage: Stage, qtbot: QtBot) -> None:
    page = shown(stage, qtbot, entity="request")
    write(page, "Subject", "VPN drops")
    leave(page, "Subject")
    page._save()
    assert page._steps._rows["section0"].step.note == "1 field to fill in"
    box = page.findChild(QTextEdit)
    assert box is not None
    box.setPlainText("Since this morning it drops every ten minutes.")
    page._save()
    assert page._steps._rows["section0"].step.note == "Complete"


def test_a_form_that_was_only_opened_counts_for_nothing(stage: Stage, qtbot: QtBot) -> None:
    stage.world.deal("mine", state="submitted")
    window = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(window)
    window.show()
    deals = window.nav._rows["deal_registration"]
    qtbot.waitUntil(lambda: deals.count == "1")
    window.go(Place(NEW, entity="deal_registration"))
    window.filling.ask()
    page = window.current
    assert isinstance(page, RegisterPage)
    assert stage.portal.records.is_counted(page.untouched())
    assert deals.count == "1"
    write(page, "Customer name", "Ledbury Homes")
    assert page.untouched() == ""
    page._save()
    window.filling.ask()
    qtbot.waitUntil(lambda: deals.count == "2")
    settle()
