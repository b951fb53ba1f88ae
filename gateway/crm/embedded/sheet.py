"""Papers as PDF: a page with head and foot, text that flows, tables that go on over pages.

Sizes are points on A4. The same input gives the same bytes: no time and no random id goes into a file.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

# Bytes as they are, instead of as letters, which make files a quarter larger.
rl_config.useA85 = 0

_WIDTH, _HEIGHT = 595.28, 841.89
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 539.0, 770.0, 78.0
_FONTS = Path(__file__).parents[3] / "resources" / "fonts"

_TEXT, _SOFT, _FAINT = HexColor("#14171D"), HexColor("#454C5A"), HexColor("#626A79")
_RULE, _STRONG, _ACCENT = HexColor("#E2E4E9"), HexColor("#14171D"), HexColor("#2952C4")


@dataclass(frozen=True)
class Faces:
    """Names of the faces in use."""

    text: str
    bold: str


_PLAIN = Faces("Helvetica", "Helvetica-Bold")


def faces() -> Faces:
    """Return the bundled faces, or the ones every reader has when they are not there."""
    if not (_FONTS / "Inter-Regular.ttf").exists():
        return _PLAIN
    for name in ("Inter-Regular", "Inter-SemiBold"):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(_FONTS / f"{name}.ttf")))
    return Faces("Inter-Regular", "Inter-SemiBold")


@dataclass(frozen=True)
class Column:
    """A column of a table: its head, the share of the width, and whether figures stand at the right."""

    label: str
    share: float
    right: bool = False
    soft: bool = False


@dataclass(frozen=True)
class Paper:
    """A finished file and its number of pages."""

    body: bytes
    pages: int


class Sheet:
    """One paper being written."""

    def __init__(self, title: str, sender: str, corner: str, code: str, plain: bool = False) -> None:
        """Open a paper; a `plain` one uses the faces every reader has, as most people's papers do."""
        self._faces = _PLAIN if plain else faces()
        self._buffer = io.BytesIO()
        self._canvas = Canvas(self._buffer, pagesize=(_WIDTH, _HEIGHT), invariant=1, pageCompression=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor(sender)
        self._sender, self._corner, self._code = sender, corner, code
        self._pages = 0
        self._y = 0.0
        self._open()

    def finish(self) -> Paper:
        """Close the last page and return the file."""
        self._close()
        self._canvas.save()
        return Paper(self._buffer.getvalue(), self._pages)

    # ------------------------------------------------------------------------------------------------- blocks

    def title(self, text: str, below: str = "") -> None:
        """Write the title and a line below it."""
        for line in self._split(text, self._faces.bold, 17, _RIGHT - _LEFT):
            self._write(line, self._faces.bold, 17, _TEXT, 23)
        for line in self._split(below, self._faces.text, 9, _RIGHT - _LEFT) if below else ():
            self._write(line, self._faces.text, 9, _FAINT, 13)
        self._y -= 10

    def heading(self, text: str) -> None:
        """Write a heading; it never stands alone at the end of a page."""
        self._room(60)
        self._y -= 8
        for line in self._split(text, self._faces.bold, 11, _RIGHT - _LEFT):
            self._write(line, self._faces.bold, 11, _TEXT, 17)

    def paragraph(self, text: str, indent: float = 0) -> None:
        """Write a paragraph."""
        for line in self._split(text, self._faces.text, 9.5, _RIGHT - _LEFT - indent):
            self._room(14)
            self._write(line, self._faces.text, 9.5, _SOFT, 14, indent)
        self._y -= 5

    def points(self, items: Sequence[str]) -> None:
        """Write a list."""
        for item in items:
            lines = self._split(item, self._faces.text, 9.5, _RIGHT - _LEFT - 14)
            self._room(14 * len(lines))
            self._dot()
            for line in lines:
                self._write(line, self._faces.text, 9.5, _SOFT, 14, 14)
            self._y -= 2
        self._y -= 4

    def numbered(self, number: str, text: str) -> None:
        """Write a clause with its number at the side."""
        lines = self._split(text, self._faces.text, 9.5, _RIGHT - _LEFT - 26)
        self._room(14 * min(len(lines), 3))
        self._canvas.setFont(self._faces.bold, 9.5)
        self._canvas.setFillColor(_TEXT)
        self._canvas.drawString(_LEFT, self._y - 9.5, number)
        for line in lines:
            self._room(14)
            self._write(line, self._faces.text, 9.5, _SOFT, 14, 26)
        self._y -= 4

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Write a table; the head is repeated on every page."""
        self._room(60)
        self._head(columns)
        for row in rows:
            if self._y - 20 < _BOTTOM:
                self._next()
                self._head(columns)
            self._row(columns, row)
        self._y -= 12

    def gap(self, height: float) -> None:
        """Leave room."""
        self._y -= height

    def next_page(self) -> None:
        """Go on with a new page."""
        self._next()

    # -------------------------------------------------------------------------------------------------- inside

    def _open(self) -> None:
        canvas = self._canvas
        self._pages += 1
        canvas.setFillColor(_ACCENT)
        canvas.roundRect(_LEFT, _HEIGHT - 64, 18, 18, 3, stroke=0, fill=1)
        canvas.setFillColor(HexColor("#FFFFFF"))
        canvas.setFont(self._faces.bold, 10)
        canvas.drawCentredString(_LEFT + 9, _HEIGHT - 58.5, self._sender[:1])
        canvas.setFillColor(_TEXT)
        canvas.setFont(self._faces.bold, 9.5)
        canvas.drawString(_LEFT + 25, _HEIGHT - 58.5, self._sender)
        canvas.setFillColor(_FAINT)
        canvas.setFont(self._faces.text, 8)
        canvas.drawRightString(_RIGHT, _HEIGHT - 58.5, self._corner)
        self._y = _TOP - 20

    def _close(self) -> None:
        canvas = self._canvas
        canvas.setFillColor(_FAINT)
        canvas.setFont(self._faces.text, 8)
        canvas.drawString(_LEFT, 48, self._code)
        canvas.drawRightString(_RIGHT, 48, str(self._pages))
        canvas.showPage()

    def _next(self) -> None:
        self._close()
        self._open()

    def _room(self, height: float) -> None:
        if self._y - height < _BOTTOM:
            self._next()

    def _write(
        self, text: str, face: str, size: float, colour: Color, leading: float, indent: float = 0
    ) -> None:
        self._canvas.setFont(face, size)
        self._canvas.setFillColor(colour)
        self._canvas.drawString(_LEFT + indent, self._y - size, text)
        self._y -= leading

    def _dot(self) -> None:
        self._canvas.setFillColor(_ACCENT)
        self._canvas.circle(_LEFT + 4, self._y - 6.5, 1.6, stroke=0, fill=1)

    def _head(self, columns: Sequence[Column]) -> None:
        canvas = self._canvas
        canvas.setStrokeColor(_STRONG)
        canvas.setLineWidth(1)
        canvas.line(_LEFT, self._y, _RIGHT, self._y)
        self._cells(columns, [column.label for column in columns], self._faces.bold, head=True)

    def _row(self, columns: Sequence[Column], row: Sequence[str]) -> None:
        self._cells(columns, row, self._faces.text, head=False)

    def _cells(self, columns: Sequence[Column], row: Sequence[str], face: str, head: bool) -> None:
        canvas, total = self._canvas, sum(column.share for column in columns)
        canvas.setFont(face, 8.5)
        x = _LEFT
        for column, text in zip(columns, row, strict=True):
            width = (_RIGHT - _LEFT) * column.share / total
            canvas.setFillColor(_FAINT if column.soft and not head else _TEXT)
            if column.right:
                canvas.drawRightString(x + width, self._y - 13, text)
            else:
                canvas.drawString(x, self._y - 13, text)
            x += width
        self._y -= 20
        canvas.setStrokeColor(_RULE)
        canvas.setLineWidth(0.6)
        canvas.line(_LEFT, self._y, _RIGHT, self._y)

    @staticmethod
    def _split(text: str, face: str, size: float, width: float) -> list[str]:
        return list(simpleSplit(text, face, size, width))
