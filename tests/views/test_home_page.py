"""Home: what needs the user, where it leads, and what changed since they looked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from app.contract.narrowing import narrowed
from app.services.views_model import Target
from app.views.home.page import HomePage
from app.views.page import Place
from app.views.widgets.buttons import Button
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage

SOON = "2026-11-23T09:00:00Z"


@pytest.fixture
def home(stage: Stage, qtbot: QtBot) -> HomePage:
    page = HomePage(stage.context)
    qtbot.addWidget(page)
    return page


def button(page: HomePage, words: str) -> Button:
    found = [one for one in page.findChildren(Button) if one.text() == words and one.isVisibleTo(page)]
    assert found, f"no button {words!r}"
    return found[0]


def test_each_job_has_one_action_that_leads_to_it(stage: Stage, home: HomePage, qtbot: QtBot) -> None:
    asked = stage.world.request("vpn", number="REQ-3318", subject="VPN drops", state="waiting_on_partner")
    stage.show(home)
    reply = button(home, "Reply")
    assert reply.property("kind") == "primary"
    QTest.mouseClick(reply, Qt.MouseButton.LeftButton)
    assert stage.gone == [Target("request", gid=asked, focus="reply")]


def test_jobs_beyond_the_first_ones_are_shown_on_asking(stage: Stage, home: HomePage, qtbot: QtBot) -> None:
    for number in range(9):
        stage.world.request(f"r{number}", subject=f"Question {number}", state="waiting_on_partner")
    stage.show(home)
    assert len([one for one in home.findChildren(QPushButton) if one.text() == "Reply"]) == 7
    QTest.mouseClick(button(home, "All jobs"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len([row for row in home._needs.rows if row.isVisibleTo(home)]) == 9)
    assert button(home, "Fewer").isVisibleTo(home)


def test_a_job_is_reached_and_done_by_keyboard(stage: Stage, home: HomePage, qtbot: QtBot) -> None:
    asked = stage.world.request("vpn", subject="VPN drops", state="waiting_on_partner")
    stage.show(home)
    first = home.panes()[0]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Return)
    assert stage.gone == [Target("request", gid=asked, focus="reply")]


def test_a_solved_job_leaves_when_records_change(stage: Stage, home: HomePage) -> None:
    stage.world.request("vpn", subject="VPN drops", state="waiting_on_partner")
    stage.show(home)
    assert button(home, "Reply").isEnabled()
    stage.world.request("vpn", subject="VPN drops", state="resolved")
    home.on_records(frozenset({"request"}), None)
    assert not [one for one in home.findChildren(Button) if one.text() == "Reply" and one.isVisibleTo(home)]


def test_the_pipeline_names_its_figures_and_keeps_currencies_apart(stage: Stage, home: HomePage) -> None:
    stage.world.deal("a", state="submitted", amount="1000.00", currency="GBP")
    stage.world.deal("b", state="submitted", amount="500.00", currency="EUR")
    stage.world.deal("c", state="approved", amount="2000.00", currency="GBP", protected_until="2026-12-01")
    stage.show(home)
    said = [child.accessibleName() for child in home.findChildren(type(home._pipeline._bar))]
    assert any("Submitted 2, £1,000, €500" in words and "Approved 1, £2,000" in words for words in said)


def test_deals_that_lose_protection_open_as_a_list(stage: Stage, home: HomePage, qtbot: QtBot) -> None:
    stage.world.deal("c", state="approved", protected_until="2026-12-01")
    stage.show(home)
    QTest.mouseClick(button(home, "1 loses protection within 30 days"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(button(home, "Open as table"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(button(home, "Open renewals"), Qt.MouseButton.LeftButton)
    assert stage.gone == [
        Place("deal_registration", chip="ending"),
        Place("deal_registration", chip="open"),
        Target("renewal"),
    ]


def test_seen_changes_go_and_undo_brings_them_back(stage: Stage, home: HomePage, qtbot: QtBot) -> None:
    sample.document(stage.world, "prices", sample.price_list(), here=False, title="EMEA price list 2026.4")
    stage.show(home)
    titles = [row.accessibleName() for row in home._changes.rows]
    assert any("EMEA price list 2026.4" in title for title in titles)
    QTest.mouseClick(button(home, "Mark as seen"), Qt.MouseButton.LeftButton)
    assert not home._changes.rows
    undo = stage.toasts[-1].undo
    assert undo is not None
    undo()
    assert len(home._changes.rows) == len(titles)


def test_an_empty_home_says_what_belongs_here_and_what_to_do_first(
    stage: Stage, home: HomePage, qtbot: QtBot
) -> None:
    stage.show(home)
    words = {child.accessibleName() for child in home.findChildren(type(home._pipeline._empty))}
    assert "No deals here yet. Register the first one; it works offline too." in words
    assert any(word.startswith("Nothing needs you now.") for word in words)
    QTest.mouseClick(button(home, "Register a deal"), Qt.MouseButton.LeftButton)
    assert stage.gone == [Place("new", entity="deal_registration")]


def test_the_head_greets_and_searches_everything(stage: Stage, home: HomePage) -> None:
    head = home.head()
    assert (head.title, head.subtitle) == ("Good morning, Maya", "Monday 23 November")
    assert head.search is not None
    assert head.search.everything
    assert [action.text for action in head.actions] == ["Register a deal"]


def test_everything_is_named_and_follows_the_scheme(stage: Stage, home: HomePage) -> None:
    sample.requests(stage.world)
    sample.programme(stage.world)
    stage.show(home)
    assert unnamed(home) == []
    assert follows_scheme(home, stage.theme)


def test_the_pipeline_turns_into_a_table_and_stays_one(stage: Stage, home: HomePage, qtbot: QtBot) -> None:
    stage.world.deal("a", state="submitted", amount="1000.00", currency="GBP")
    stage.world.deal("b", state="approved", amount="500.00", currency="EUR")
    stage.show(home)
    section = home._pipeline
    QTest.mouseClick(section.toggle, Qt.MouseButton.LeftButton)
    assert not section._bar.isVisibleTo(home)
    said = [row.accessibleName() for row in section.table.rows]
    assert "Submitted, 1, £1,000, €0" in said
    QTest.keyClick(section.table.rows[0], Qt.Key.Key_Return)
    assert stage.gone == [Place("deal_registration", chip="stage:submitted")]
    again = HomePage(stage.context)
    qtbot.addWidget(again)
    stage.show(again)
    assert again._pipeline.table.isVisibleTo(again)


def test_a_portal_without_a_pipeline_shows_what_it_has(stage: Stage, qtbot: QtBot) -> None:
    world = stage.world
    held = {"order", "document", "task", "membership", "company"}
    stage.portal._context.renew(narrowed(stage.portal.manifest, held), stage.portal.me)
    world.put("order", "o", number="ORD-1", customer="Norvik", total="120.00", currency="GBP", state="placed")
    world.put("membership", "m", credential="Gold", valid_until="2026-12-10", state="active")
    home = HomePage(stage.context)
    qtbot.addWidget(home)
    stage.show(home)
    assert not home._pipeline.isVisibleTo(home)
    assert [row.accessibleName() for row in home._glance.rows] == ["Orders, 1 open · £120"]
    assert home._renewals._header.accessibleName() == "Memberships due"
    QTest.mouseClick(home._glance.rows[0], Qt.MouseButton.LeftButton)
    QTest.mouseClick(button(home, "Open memberships"), Qt.MouseButton.LeftButton)
    assert stage.gone == [Place("order"), Target("membership")]
    assert home.head().actions == ()


@pytest.mark.parametrize(
    "words",
    ["Campus core refresh, every building " * 8, "تحديث شبكة الحرم الجامعي " * 12, "🌊🏔️" * 60],
    ids=["long", "rtl", "emoji"],
)
def test_very_long_words_are_cut_and_push_nothing_out_of_view(
    stage: Stage, home: HomePage, words: str
) -> None:
    stage.world.request("long", subject=words, customer=words, state="waiting_on_partner", updated_at=SOON)
    stage.world.deal("long", title=words, customer=words, state="action_required", review_comment=words)
    stage.show(home)
    (area,) = home.findChildren(QScrollArea)
    content = area.widget()
    assert content is not None
    assert content.minimumSizeHint().width() <= area.viewport().width()
    assert home._needs.rows[0].accessibleName().count(words.strip()[:10]) >= 1
