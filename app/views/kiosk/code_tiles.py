"""The code as tiles of 56 by 72, its groups parted by a dash; those who listen hear it spelt."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.views.theme.fonts import Role
from app.views.theme.paint import draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Kiosk, Radius
from app.views.widgets.base import ThemedWidget

_GAP = 8
_DASH = 32
_BAR = (16, 3)


class CodeTiles(ThemedWidget):
    """One tile a sign. Never mirrored: a code reads from left to right everywhere."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._code = ""
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def code(self) -> str:
        """What is shown."""
        return self._code

    def show_code(self, code: str) -> None:
        """Show a code such as *KTRM-4827*."""
        self._code = code
        dash = self.tr("dash")
        spelt = ", ".join(dash if sign == "-" else sign for sign in code)
        self.setAccessibleName(self.tr("Code: {spelt}").format(spelt=spelt) if code else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width, height = Kiosk.CODE_TILE
        signs, dashes = len(self._code.replace("-", "")), self._code.count("-")
        return QSize(signs * (width + _GAP) - _GAP + dashes * _DASH if signs else 0, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        width, height = Kiosk.CODE_TILE
        font = self.theme.font(Role.KIOSK_CODE)
        x = 0
        for sign in self._code:
            if sign == "-":
                bar = QRect(x - _GAP + (_DASH + _GAP - _BAR[0]) // 2, (height - _BAR[1]) // 2, *_BAR)
                rounded(painter, bar, 1.5, tokens.field if tokens.scheme.high_contrast else tokens.line2)
                x += _DASH
                continue
            tile = QRect(x, 0, width, height)
            rounded(painter, tile, Radius.CARD, tokens.surface, tokens.line2)
            draw_text(painter, tile, sign, font, tokens.text, Qt.AlignmentFlag.AlignHCenter)
            x += width + _GAP
        painter.end()
