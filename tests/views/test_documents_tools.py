"""The strip above a page in the room it gets: what it shows is whole, and what does not fit goes."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.views.documents.tools import ToolStrip
from app.views.theme.theme import Theme
from tests.views.stage import Stage


@pytest.mark.parametrize(
    ("width", "words", "fits_width", "zooms"),
    [
        (480, "Page 12 of 1284", True, True),
        (370, "12 of 1284", True, True),
        (328, "12 of 1284", False, True),
        (230, "12 of 1284", False, False),
    ],
)
def test_no_word_of_it_is_cut(
    stage: Stage, theme: Theme, qtbot: QtBot, width: int, words: str, fits_width: bool, zooms: bool
) -> None:
    strip = ToolStrip(theme, stage.portal.formats)
    qtbot.addWidget(strip)
    strip.offer(pages=True, search=True)
    strip.show_page(11, 1284)
    strip.show_zoom(None)
    strip.resize(width, 40)
    strip.show()
    QApplication.processEvents()
    page = strip._page
    assert page.text().replace(",", "") == words
    assert page.width() >= page.sizeHint().width()
    assert strip.fit.isVisible() is fits_width
    assert strip.larger.isVisible() is zooms
    assert strip.search.isVisible()
    assert strip.search.geometry().right() <= width
