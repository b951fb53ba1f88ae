"""The head of the entrance: whose screen this is, which one, and whether the gateway can be reached."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.contract.manifest import Brand
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import LogoTile

_CHIP, _INSET, _DOT, _ICON = 40, 16, 10, 18


class ReachChip(ThemedWidget):
    """40 high: *Live · as of 09:41*, or *Offline · as of 08:12*. It only tells; nobody is signed in who could ask."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._words = ""
        self._online = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_reach(self, *, online: bool, as_of: str) -> None:
        """`as_of`: when the gateway last answered; empty when it never has."""
        if online:
            words = self.tr("Live · as of {time}").format(time=as_of)
        elif as_of:
            words = self.tr("Offline · as of {time}").format(time=as_of)
        else:
            words = self.tr("Offline")
        self._words, self._online = words, online
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    @property
    def words(self) -> str:
        """What it says."""
        return self._words

    def sizeHint(self) -> QSize:
        shape = _DOT + 6 if self._online else _ICON + 8
        words = text_width(self.theme.font(Role.KIOSK_BODY_STRONG), self._words)
        return QSize(2 * _INSET + shape + words, _CHIP)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        tone = Tone.OK if self._online else Tone.WARN
        colour = tokens.tone(tone)
        painter = QPainter(self)
        edge = colour if tokens.scheme.high_contrast else None
        rounded(painter, self.rect(), Radius.CARD, tokens.soft(tone), edge)
        size = _DOT if self._online else _ICON
        x = self.width() - _INSET - size if self.mirrored else _INSET
        top = (self.height() - size) // 2
        if self._online:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QRectF(x, top, size, size))
        else:
            self.theme.draw_icon(painter, x, top, "wifi-off", colour, size)
        room = size + (6 if self._online else 8)
        left = _INSET if self.mirrored else _INSET + room
        words = QRect(left, 0, self.width() - 2 * _INSET - room, self.height())
        align = Qt.AlignmentFlag.AlignRight if self.mirrored else Qt.AlignmentFlag.AlignLeft
        draw_text(painter, words, self._words, self.theme.font(Role.KIOSK_BODY_STRONG), colour, align)
        painter.end()


class EntranceHead(ThemedWidget):
    """Mark and name of the vendor, the place, and the chip."""

    def __init__(self, theme: Theme, brand: Brand, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.logo = LogoTile(theme, brand, 44)
        self.name = Text(theme, brand.vendor, Role.KIOSK_NAME, elide=True)
        self.place = Text(theme, "", Role.LEAD, Tone.TEXT2, elide=True)
        self.chip = ReachChip(theme)
        words = column(self.name, self.place)
        line = row(self.logo, gap=14)
        line.addLayout(words, 1)
        line.addWidget(self.chip)
        self.setLayout(line)

    def show_brand(self, brand: Brand, place: str) -> None:
        """Whose screen this is, and which."""
        self.logo.show_brand(brand)
        self.name.set_text(brand.vendor)
        self.place.set_text(place)
        self.place.setVisible(bool(place))
