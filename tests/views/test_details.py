"""Small things a demanding eye sees: told once, whole, framed without touching a letter, parted where it is due."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.contract.manifest import EntityType
from app.views.forms.form import RecordForm
from app.views.forms.sections import creation_sections, edit_sections
from app.views.forms.sources import sources_of
from app.views.main_window import MainWindow
from app.views.page import NEW, Place
from app.views.records.page import RecordsPage
from app.views.records.record.facts import facts_of
from app.views.records.record.reading import ReadingPane
from app.views.register.page import RegisterPage
from app.views.theme.fonts import Role
from app.views.theme.theme import SchemeChoice, Theme
from app.views.theme.tokens import Tone
from app.views.widgets.buttons import IconButton, link
from app.views.widgets.focus_ring import FocusRing
from app.views.widgets.layout import column, row
from app.views.widgets.pills import Pill
from app.views.widgets.scroll import Below, scrolled
from app.views.widgets.text import Text
from tests.services.conftest import COMPANY, partner_manifest
from tests.views import sample
from tests.views.stage import Stage, settle


def entity(name: str) -> EntityType:
    found = partner_manifest().entity(name)
    assert found is not None
    return found


def test_the_frame_of_the_keyboard_stands_outside_a_link_and_goes_with_it(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    words, other = link(theme, "All jobs"), link(theme, "Open renewals")
    # Neither holder leaves any room around the link.
    window.setLayout(column(row(words, None), row(other, None), None, margins=(16, 16, 16, 16)))
    window.resize(240, 120)
    window.show()
    window.activateWindow()
    QApplication.processEvents()
    other.setFocus(Qt.FocusReason.MouseFocusReason)
    words.setFocus(Qt.FocusReason.TabFocusReason)
    (ring,) = window.findChildren(FocusRing)
    place = QRect(words.mapTo(window, QPoint(0, 0)), words.size())
    assert ring.geometry().adjusted(3, 2, -3, -2).contains(place), (
        "the two pixels of the frame touch no letter"
    )
    other.setFocus(Qt.FocusReason.MouseFocusReason)
    QApplication.processEvents()
    assert not any(one.isVisible() for one in window.findChildren(FocusRing)), "a click shows no frame"


def test_a_short_name_takes_no_more_room_than_it_needs(theme: Theme, qtbot: QtBot) -> None:
    name = Text.giving_way(theme, "You", Role.STRONG)
    qtbot.addWidget(name)
    assert name.maximumWidth() == name.sizeHint().width()


def test_a_rule_parts_what_scrolls_from_what_stands_still_only_where_something_is_hidden(
    theme: Theme, qtbot: QtBot
) -> None:
    content = QWidget()
    content.setFixedHeight(400)
    window = QWidget()
    qtbot.addWidget(window)
    area = scrolled(content, "About this record")
    strip = Below(theme, area, column(Text(theme, "Write a comment")))
    window.setLayout(column(area, strip))
    window.resize(300, 200)
    window.show()
    QApplication.processEvents()
    assert strip.is_ruled("top")
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    assert not strip.is_ruled("top")


def test_what_is_edited_without_a_form_of_its_own_needs_no_title(stage: Stage) -> None:
    company, deal = entity("company"), entity("deal_registration")
    (only,) = edit_sections(company, {"phone", "website"}, "Follow-up")
    assert only.title == ""
    titles = [one.title for one in edit_sections(deal, {"customer", "next_steps"}, "Follow-up")]
    assert titles[-1] == "Follow-up"


def test_an_address_is_told_once_and_what_is_synced_lacks_no_number(stage: Stage, qtbot: QtBot) -> None:
    sample.account(stage.world)
    record = stage.portal.records.get(COMPANY)
    assert record is not None
    assert [fact.label for fact in facts_of(stage.portal, record, ())].count("Address") == 1
    page = RecordsPage(stage.context, "company")
    qtbot.addWidget(page)
    stage.show(page)
    assert isinstance(page.detail.reading, ReadingPane)
    said = [one.text() for one in page.detail.head.findChildren(Text) if one.isVisibleTo(page)]
    assert "Brightwater IT Ltd" in said
    assert "Not sent yet" not in said


@pytest.mark.parametrize("tone", [Tone.NEUTRAL, Tone.OK, Tone.ACCENT])
def test_with_high_contrast_a_pill_has_an_edge(theme: Theme, qtbot: QtBot, tone: Tone) -> None:
    pill = Pill(theme, "Approved", tone)
    qtbot.addWidget(pill)
    middle = QPoint(pill.sizeHint().width() // 2, 0)
    assert pill.grab().toImage().pixelColor(middle) == QColor(theme.tokens.soft(tone))
    theme.choose(SchemeChoice.CONTRAST)
    assert pill.grab().toImage().pixelColor(middle) == QColor(theme.tokens.tone(tone))


def test_with_high_contrast_what_cannot_be_pressed_looks_it(theme: Theme, qtbot: QtBot) -> None:
    theme.choose(SchemeChoice.CONTRAST)
    button = IconButton(theme, "chevron-left", "Page before")
    qtbot.addWidget(button)
    able = button.grab().toImage()
    button.disable("This is the first page.")
    assert button.grab().toImage() != able


def test_a_form_that_is_asked_for_has_the_keyboard_in_its_first_field(stage: Stage, qtbot: QtBot) -> None:
    window = MainWindow(stage.portal, stage.bridge, stage.theme)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    QApplication.processEvents()
    window.go(Place(NEW, entity="deal_registration"))
    qtbot.waitUntil(lambda: isinstance(window.focusWidget(), QLineEdit))
    page = window.current
    assert isinstance(page, RegisterPage)
    assert page.sheet is not None
    first = page.sheet.form.cell("customer")
    assert first is not None
    assert first.field.isAncestorOf(window.focusWidget())
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    QTest.qWait(10)
    assert not first.field.isAncestorOf(window.focusWidget())
    assert (page.foot.problem, first.field.error) == ("", ""), "what was not begun is not judged"
    settle()


def test_a_row_of_many_fields_breaks_in_two_before_a_name_is_cut(stage: Stage, qtbot: QtBot) -> None:
    sections = creation_sections(entity("deal_registration"))
    form = RecordForm(stage.theme, entity("deal_registration"), sections, sources_of(stage.portal))
    qtbot.addWidget(form)
    form.show()
    heights = []
    for width in (820, 556):
        form.resize(width, 900)
        QApplication.processEvents()
        names = ("industry", "street", "postcode", "city")
        heights.append({cell.field.y() for name in names if (cell := form.cell(name)) is not None})
        label = form.findChildren(Text)
        assert [
            one.text() for one in label if one.isVisible() and one.width() + 1 < one.sizeHint().width()
        ] == []
    assert [len(lines) for lines in heights] == [1, 2]
