"""A list on paper: one line a record, the head on every page, the number of the page below.

The same pages go to a PDF and to a printer. They are painted one by one, so that ten thousand records can be counted
and stopped; a text layout of all of them would first have to be held in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPagedPaintDevice, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from app.services.exporting.sheet import Kind, Row, SheetColumn

#: Points, 72 to the inch.
_ROW, _TEXT, _TITLE = 17.0, 8.5, 13.0
_HEAD_ROOM, _FOOT_ROOM = 34.0, 20.0
_PAD = 5.0
_MARGIN = 40
_POINTS = 72.0
#: Wider lists lie on their side. Pixels of the screen's columns.
_UPRIGHT = 640
_INK, _SOFT, _LINE = QColor("#14171D"), QColor("#626A79"), QColor("#C9CDD6")
_FIGURES = (Kind.MONEY, Kind.NUMBER)


@dataclass(frozen=True)
class Words:
    """What stands around the rows; `page` has places for `number` and `total`."""

    title: str
    below: str
    page: str


@dataclass(frozen=True)
class ListPaper:
    """A list as it is to be printed. `count`: how many rows there are about, for the number of pages."""

    words: Words
    columns: tuple[SheetColumn, ...]
    count: int
    font: QFont
    mirrored: bool = False

    @property
    def lying(self) -> bool:
        """Whether the paper lies on its side."""
        return sum(column.width for column in self.columns) > _UPRIGHT


def paper_font(font: QFont) -> QFont:
    """The face of the screen without its tabular figures: their glyphs have no letters, so that nobody could search
    a PDF for a number, or copy it out of one."""
    plain = QFont(font.family())
    # Said of the font itself: left out, it would be taken over from the application's.
    plain.setFeature(QFont.Tag("tnum"), 0)
    return plain


def page_layout(*, lying: bool) -> QPageLayout:
    """A4 with even margins."""
    way = QPageLayout.Orientation.Landscape if lying else QPageLayout.Orientation.Portrait
    edge = QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    return QPageLayout(QPageSize(QPageSize.PageSizeId.A4), way, edge, QPageLayout.Unit.Point)


def list_pdf(paper: ListPaper, rows: Iterable[Row]) -> bytes:
    """Return the list as a PDF. Any thread."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    device = QPdfWriter(buffer)
    device.setTitle(paper.words.title)
    device.setResolution(300)
    device.setPageLayout(page_layout(lying=paper.lying))
    for _page in paint_list(device, paper, rows):
        pass
    buffer.close()
    return bytes(data.data())


def paint_list(device: QPagedPaintDevice, paper: ListPaper, rows: Iterable[Row]) -> Iterator[int]:
    """Paint page after page, and yield the number of each. Whoever stops asking gets no further page."""
    painter = QPainter(device)
    try:
        scale = device.logicalDpiX() / _POINTS
        whole = device.pageLayout().paintRect(QPageLayout.Unit.Point)
        page = _Page(painter, paper, QRectF(0, 0, whole.width(), whole.height()))
        source, number = iter(rows), 0
        while True:
            some = [*islice(source, page.rows)]
            if not some and number:
                return
            if number:
                device.newPage()
            number += 1
            painter.save()
            painter.scale(scale, scale)
            page.paint(some, number)
            painter.restore()
            yield number
    finally:
        painter.end()


class _Page:
    """Measures of a page, and the painting of one."""

    def __init__(self, painter: QPainter, paper: ListPaper, room: QRectF) -> None:
        self._painter = painter
        self._paper = paper
        self._room = room
        self.rows = max(1, int((room.height() - _HEAD_ROOM - _ROW - _FOOT_ROOM) // _ROW))
        self.total = max(1, -(-paper.count // self.rows))
        self._spans = _spans(paper.columns, room.width(), mirrored=paper.mirrored)

    def paint(self, rows: Sequence[Row], number: int) -> None:
        painter, words = self._painter, self._paper.words
        width = self._room.width()
        self._line(QRectF(0, 0, width, 18), words.title, _TITLE, _INK, bold=True)
        self._line(QRectF(0, 17, width, 12), words.below, _TEXT, _SOFT)
        y = _HEAD_ROOM
        for column, (x, wide) in zip(self._paper.columns, self._spans, strict=True):
            room = QRectF(x, y, wide, _ROW)
            self._line(room, column.label, _TEXT, _SOFT, bold=True, figure=column.kind in _FIGURES)
        self._rule(y + _ROW)
        for place, row in enumerate(rows, 1):
            top = y + place * _ROW
            for column, cell, (x, wide) in zip(self._paper.columns, row, self._spans, strict=True):
                figure = column.kind in _FIGURES
                self._line(QRectF(x, top, wide, _ROW), cell.words, _TEXT, _INK, figure=figure)
            self._rule(top + _ROW)
        said = words.page.format(number=number, total=max(number, self.total))
        self._line(QRectF(0, self._room.height() - 12, width, 12), said, _TEXT, _SOFT, figure=True)
        painter.setPen(Qt.PenStyle.NoPen)

    def _line(
        self, room: QRectF, words: str, size: float, ink: QColor, *, bold: bool = False, figure: bool = False
    ) -> None:
        painter = self._painter
        font = QFont(self._paper.font)
        font.setPixelSize(max(1, round(size)))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(ink)
        at_end = figure is not self._paper.mirrored
        side = Qt.AlignmentFlag.AlignRight if at_end else Qt.AlignmentFlag.AlignLeft
        inner = room.adjusted(_PAD, 0, -_PAD, 0)
        cut = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(inner.width()))
        flags = side | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        painter.drawText(inner, int(flags) | int(Qt.TextFlag.TextSingleLine), cut)

    def _rule(self, y: float) -> None:
        pen = QPen(_LINE)
        pen.setWidthF(0.5)
        self._painter.setPen(pen)
        self._painter.drawLine(0, int(y), int(self._room.width()), int(y))


def _spans(columns: Sequence[SheetColumn], width: float, *, mirrored: bool) -> list[tuple[float, float]]:
    """Where each column stands: as wide among the others as on the screen."""
    whole = sum(max(1, column.width) for column in columns) or 1
    spans, x = [], 0.0
    for column in columns:
        wide = width * max(1, column.width) / whole
        spans.append((width - x - wide if mirrored else x, wide))
        x += wide
    return spans
