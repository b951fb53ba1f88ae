"""The square a camera reads: always dark on white, whatever the scheme, and sharp on every screen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.services.square_code import Square, square_of
from app.views.theme.paint import rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import LIGHT, Kiosk, Radius
from app.views.widgets.base import ThemedWidget

#: The square's own quiet zone, in modules (ISO/IEC 18004); the design's is wider where there is room.
_QUIET_MODULES = 4


class SquareCode(ThemedWidget):
    """A white card with the square in it; without a text the card is empty."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._text = ""
        self._square: Square = ()
        self._edge = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_size(Kiosk.SQUARE + 2 * Kiosk.QUIET)

    def show_text(self, text: str, words: str) -> None:
        """Show the square of a text; `words` is what those hear who cannot see it."""
        if text != self._text:
            self._text = text
            self._square = square_of(text) if text else ()
        self.setAccessibleName(words)
        self.update()

    def show_size(self, edge: int) -> None:
        """How wide and high the card is."""
        if edge != self._edge:
            self._edge = edge
            self.setFixedSize(edge, edge)

    def sizeHint(self) -> QSize:
        return QSize(self._edge, self._edge)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = self.theme.tokens
        edge = tokens.line2 if not tokens.scheme.dark else LIGHT.line2
        rounded(painter, self.rect(), Radius.CARD, LIGHT.surface, edge)
        if self._square:
            self._paint_square(painter)
        painter.end()

    def _paint_square(self, painter: QPainter) -> None:
        """Modules are whole pixels of the screen, so that no edge is grey: as large as quiet zone and card allow."""
        count = len(self._square)
        ratio = self.devicePixelRatioF()
        quiet = Kiosk.QUIET * self._edge / (Kiosk.SQUARE + 2 * Kiosk.QUIET)
        room = min(self._edge - 2 * quiet, self._edge * count / (count + 2 * _QUIET_MODULES))
        module = max(1, int(room * ratio / count)) / ratio
        start = round((self._edge - module * count) / 2 * ratio) / ratio
        ink = QColor(LIGHT.text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        for y, line in enumerate(self._square):
            for first, last in runs(line):
                part = QRectF(start + first * module, start + y * module, (last - first) * module, module)
                painter.fillRect(part, ink)


def runs(line: tuple[bool, ...]) -> list[tuple[int, int]]:
    """Stretches of dark modules: (first, one past the last). Painted as one, they have no seams."""
    found: list[tuple[int, int]] = []
    first = -1
    for at, dark in enumerate((*line, False)):
        if dark and first < 0:
            first = at
        elif not dark and first >= 0:
            found.append((first, at))
            first = -1
    return found
