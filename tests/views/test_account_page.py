"""Your company: editing one's own details, asking for a change of the fixed ones, people and credentials."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QScrollArea
from pytestqt.qtbot import QtBot

from app.contract.narrowing import narrowed
from app.views.account.page import AccountPage
from app.views.page import Place
from app.views.shell.catalogue import build_page
from app.views.theme.theme import Theme
from app.views.widgets.buttons import Button
from app.views.widgets.rows import OpenRow
from tests.services.conftest import COMPANY, World
from tests.services.test_account import company
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage, open_stage


@pytest.fixture
def page(stage: Stage, qtbot: QtBot) -> AccountPage:
    made = AccountPage(stage.context)
    qtbot.addWidget(made)
    return made


def settled_account(world: World) -> dict[str, str]:
    company(world, website="brightwater.example", stage="active")
    made = {
        "maya": world.put(
            "contact",
            "maya",
            company=COMPANY,
            name="Maya Okafor",
            position="Sales manager",
            email="maya@brightwater.example",
            phone="+44 113 496 0001",
            purpose=["sales"],
        ),
        "tomasz": world.put(
            "contact",
            "tomasz",
            company=COMPANY,
            name="Tomasz Wilk",
            position="Technical lead",
            email="tomasz@brightwater.example",
            purpose=["technical", "billing"],
        ),
        "asked": world.put(
            "change_request",
            "vat",
            number="CR-14",
            company=COMPANY,
            what="vat",
            present="GB 123 4567 89",
            wanted="GB 987 6543 21",
            state="asked",
        ),
        "done": world.put(
            "change_request",
            "name",
            number="CR-9",
            company=COMPANY,
            what="legal_name",
            present="Brightwater Ltd",
            wanted="Brightwater IT Ltd",
            answer="Changed from 1 November on.",
            state="done",
        ),
    }
    for name, until, holder in (
        ("Gold partner", "2027-11-30", ""),
        ("Edge engineer", "2026-12-12", "Tomasz Wilk"),
    ):
        world.put(
            "membership",
            name,
            company=COMPANY,
            credential=name,
            level="Gold" if not holder else "Expert",
            holder=holder,
            valid_from="2025-03-01",
            valid_until=until,
            state="active" if not holder else "due",
        )
    return made


def button(page: AccountPage, words: str) -> Button:
    found = [one for one in page.findChildren(Button) if one.text() == words and one.isVisibleTo(page)]
    assert found, words
    return found[0]


def edit_phone(page: AccountPage, text: str) -> None:
    QTest.mouseClick(button(page, "Edit details"), Qt.MouseButton.LeftButton)
    cell = page.editor.form.cell("phone")
    assert cell is not None
    box = cell.field.findChild(QLineEdit)
    assert box is not None
    box.selectAll()
    QTest.keyClicks(box, text)


@pytest.mark.parametrize("online", [True, False])
def test_own_details_are_edited_and_undone(stage: Stage, page: AccountPage, online: bool) -> None:
    settled_account(stage.world)
    if not online:
        stage.offline()
    stage.show(page)
    edit_phone(page, "+44 113 496 0099")
    assert set(page.editor.form.names) == {"street", "postcode", "city", "phone", "website"}
    save = page.editor.save
    assert save.text() == ("Save" if online else "Save (waits to send)")
    QTest.mouseClick(save, Qt.MouseButton.LeftButton)
    (sent,) = stage.world.sent()
    assert (sent.entity, sent.changes) == ("company", {"phone": "+44 113 496 0099"})
    assert stage.toasts[-1].text == ("Phone changed" if online else "Phone changed. Sent when you are back.")
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert stage.world.sent() == []


def test_what_is_typed_survives_leaving_and_what_is_wrong_is_told(
    stage: Stage, page: AccountPage, qtbot: QtBot
) -> None:
    settled_account(stage.world)
    stage.show(page)
    edit_phone(page, "ring me")
    QTest.mouseClick(page.editor.save, Qt.MouseButton.LeftButton)
    cell = page.editor.form.cell("phone")
    assert cell is not None
    assert cell.field.error.startswith("Write a phone number")
    page.may_leave()
    again = AccountPage(stage.context)
    qtbot.addWidget(again)
    stage.show(again)
    cell = again.editor.form.cell("phone")
    assert cell is not None
    assert cell.field.value() == "ring me"
    QTest.mouseClick(again.editor.cancel, Qt.MouseButton.LeftButton)
    assert stage.toasts[-1].text == "Edit discarded"
    assert stage.world.sent() == []


def test_a_fixed_detail_is_asked_for_with_what_it_is_now(stage: Stage, page: AccountPage) -> None:
    settled_account(stage.world)
    stage.show(page)
    ask = next(one for one in page.findChildren(Button) if one.accessibleName() == "Ask for a change of Tier")
    QTest.mouseClick(ask, Qt.MouseButton.LeftButton)
    place = stage.gone[-1]
    assert isinstance(place, Place)
    assert (place.page, place.entity, place.focus) == ("new", "change_request", "fresh")
    assert stage.portal.drafts.load(place.gid).data["present"] == "Gold"
    page.refresh()
    names = [one.accessibleName() for one in page.changes.findChildren(OpenRow)]
    assert any(name.startswith("Tier") and "Not submitted" in name for name in names)


def test_people_credentials_and_requests_open_where_they_live(stage: Stage, page: AccountPage) -> None:
    made = settled_account(stage.world)
    stage.show(page)
    for row in (*page.contacts.findChildren(OpenRow), *page.changes.findChildren(OpenRow)):
        QTest.keyClick(row, Qt.Key.Key_Return)
    assert set(stage.opened) == set(made.values())
    said = [row.accessibleName() for row in page.credentials.findChildren(OpenRow)]
    assert "Edge engineer, Valid until 12 Dec 2026 · Expert · Tomasz Wilk, 19 days" in said
    QTest.mouseClick(button(page, "Add a contact"), Qt.MouseButton.LeftButton)
    assert stage.gone[-1] == Place("new", entity="contact")


@pytest.fixture
def reader(tmp_path: Path, theme: Theme) -> Iterator[Stage]:
    made = open_stage(tmp_path, theme, role="read_only")
    yield made
    made.close()


def test_who_only_reads_sees_no_button_that_changes(reader: Stage, qtbot: QtBot) -> None:
    settled_account(reader.world)
    page = AccountPage(reader.context)
    qtbot.addWidget(page)
    reader.show(page)
    shown = {one.text() for one in page.findChildren(Button) if one.isVisibleTo(page)}
    assert shown == set()


def test_everything_is_named_and_follows_the_scheme(stage: Stage, page: AccountPage) -> None:
    settled_account(stage.world)
    stage.show(page)
    assert unnamed(page) == []
    assert follows_scheme(page, stage.theme)


@pytest.mark.parametrize(
    "words", ["Brightwater " * 30, "برايت ووتر " * 40, "🌊" * 90], ids=["long", "rtl", "emoji"]
)
def test_very_long_words_push_nothing_out_of_view(stage: Stage, page: AccountPage, words: str) -> None:
    made = settled_account(stage.world)
    company(stage.world, name=words, street=words, looked_after_by=words)
    stage.world.put_at(made["maya"], "contact", name=words, position=words)
    stage.world.put_at(made["done"], "change_request", wanted=words, answer=words)
    stage.show(page)
    (area,) = (one for one in page.findChildren(QScrollArea) if one.isVisibleTo(page))
    content = area.widget()
    assert content is not None
    assert content.minimumSizeHint().width() <= area.viewport().width()


def test_a_portal_that_knows_no_companies_has_no_such_page(stage: Stage) -> None:
    stage.portal._context.renew(narrowed(stage.portal.manifest, {"request", "message"}), stage.portal.me)
    assert build_page("account", stage.context) is None
    assert build_page("task", stage.context) is None
