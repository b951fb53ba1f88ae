"""While a question is written: what may answer it already, offline, beside the form and without losing it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.views.page import Place
from app.views.register.page import RegisterPage
from tests.views import sample
from tests.views.checks import follows_scheme, unnamed
from tests.views.stage import Stage


@pytest.fixture
def page(stage: Stage, qtbot: QtBot) -> RegisterPage:
    stage.offline()
    world = stage.world
    guide = sample.document(
        world, "guide", sample.price_list("Edge 440 installer guide", 2), title="Edge 440 installer guide", version="4"
    )  # fmt: skip
    sha256 = str(stage.portal.documents.state(guide).sha256)
    world.store.search.add_text(
        sha256, "Chapter 7. A failed power supply is replaced while the unit runs. Order part PS-440."
    )
    solved = world.request("psu", number="REQ-3190", subject="Power supply of an Edge 440", state="resolved")
    sample.message(world, solved, "m1", "The power supply failed twice; we sent a new unit.", side="vendor")
    made = RegisterPage(stage.context)
    qtbot.addWidget(made)
    stage.show(made)
    made.arrive(Place("new", entity="request"))
    return made


def write(page: RegisterPage, text: str, qtbot: QtBot) -> None:
    assert page.sheet is not None
    cell = page.sheet.form.cell("subject")
    assert cell is not None
    box = cell.field.findChild(QLineEdit)
    assert box is not None
    with qtbot.waitSignal(page.suggestions.found):
        box.selectAll()
        QTest.keyClicks(box, text)


def test_what_may_answer_is_found_read_beside_the_form_and_counted(
    stage: Stage, page: RegisterPage, qtbot: QtBot
) -> None:
    pane = page.suggestions
    assert not pane.isVisibleTo(page)
    write(page, "Failed power supply in our Edge 440", qtbot)
    assert [row.suggestion.title for row in pane.rows] == [
        "Power supply of an Edge 440",
        "Edge 440 installer guide",
    ]
    guide = pane.rows[1]
    words = [guide.suggestion.excerpt[start:end] for start, end in guide.suggestion.ranges]
    assert words == ["failed power supply"] or {"failed", "power", "supply"} <= set(words)
    QTest.mouseClick(guide, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: pane.viewer.pages.count == 2)
    assert page.sheet is not None
    assert page.sheet.form.data()["subject"] == "Failed power supply in our Edge 440"
    QTest.mouseClick(pane.back, Qt.MouseButton.LeftButton)
    assert pane._note.text() == "You opened 1 of them. Go on if it did not help."
    QTest.keyClick(pane.rows[0], Qt.Key.Key_Return)
    assert pane.talk.isVisibleTo(page)
    QTest.mouseClick(pane.place, Qt.MouseButton.LeftButton)
    assert stage.portal.records.title_of(stage.opened[-1]) == "Power supply of an Edge 440"
    assert stage.world.sent() == []


def test_it_goes_when_nothing_is_found_and_never_shows_for_a_deal(
    stage: Stage, page: RegisterPage, qtbot: QtBot
) -> None:
    write(page, "Failed power supply in our Edge 440", qtbot)
    assert page.suggestions.isVisibleTo(page)
    write(page, "Webinar logo", qtbot)
    assert not page.suggestions.isVisibleTo(page)
    page.arrive(Place("new", entity="deal_registration"))
    assert not page.suggestions.isVisibleTo(page)


def test_everything_is_named_and_follows_the_scheme(stage: Stage, page: RegisterPage, qtbot: QtBot) -> None:
    write(page, "Failed power supply in our Edge 440", qtbot)
    assert unnamed(page.suggestions) == []
    assert follows_scheme(page.suggestions, stage.theme)
