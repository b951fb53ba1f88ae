"""Pages on the screen: sizes and places that nobody prints do not stop the window, one bad page not the search."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.contract.errors import Refused
from app.services.pdf import PdfFile
from app.views.documents.pages_view import ZOOMS, PagesView
from app.views.documents.rendering import Renderer
from app.views.documents.search import DocumentSearch, Match
from app.views.documents.sheets import Box, PdfSheets
from app.views.theme.theme import Theme
from tests.services.test_documents import PRICES
from tests.views.stage import Stage


class Sheets:
    """Pages of any size, on each of which something is found."""

    def __init__(self, count: int, edge: float, refused: int = -1) -> None:
        self.count = count
        self.edge = edge
        self.refused = refused

    def size(self, index: int) -> tuple[float, float]:
        return self.edge, self.edge

    def render(self, index: int, scale: float) -> QImage:
        image = QImage(4, 4, QImage.Format.Format_RGB32)
        image.fill(0)
        return image

    def find(self, index: int, wanted: str) -> list[Box]:
        if index == self.refused:
            raise Refused("This file cannot be shown.")
        return [(0.0, 0.0, 1.0, 1.0)]

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize(
    ("count", "edge"), [(1, 1e9), (100, 1e9), (3, 1e300), (3, 1e308), (3, -5.0), (10_000, 1e6)]
)
def test_pages_larger_than_any_paper_are_shown_small(
    stage: Stage, theme: Theme, qtbot: QtBot, count: int, edge: float
) -> None:
    renderer = Renderer(stage.context.bridge)
    view = PagesView(theme, renderer)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    sheets = Sheets(count, edge)
    renderer.open(sheets)
    view.show_sheets(sheets, "Large")
    for zoom in (ZOOMS[-1], ZOOMS[0], None):
        view.set_zoom(zoom)
        view.go_to(count - 1)
        match = Match(count - 1, (0.0, edge / 2, edge, edge))
        view.show_matches([match], match)
        view.zoom_in()
        view.grab()
        QApplication.processEvents()
    assert view.count == count


def test_words_that_stand_beside_the_page_are_marked_at_its_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    sheets = PdfSheets(PRICES)
    width, height = sheets.size(0)
    monkeypatch.setattr(PdfFile, "find", lambda *_: [(-1e30, -1e30, 1e30, 1e30), (5.0, 10.0, 20.0, 30.0)])
    assert sheets.find(0, "x") == [(0.0, 0.0, width, height), (5.0, height - 30.0, 20.0, height - 10.0)]
    sheets.close()


def test_a_page_that_cannot_be_searched_hides_nothing_of_the_others(stage: Stage, qtbot: QtBot) -> None:
    search = DocumentSearch(stage.context.bridge)
    found: list[tuple[Match, ...]] = []
    search.found.connect(found.append)
    search.look(Sheets(3, 100.0, refused=1), "edge")
    qtbot.waitUntil(lambda: bool(found))
    assert [match.page for match in found[0]] == [0, 2]
