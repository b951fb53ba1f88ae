"""Square tiles: initials of a person, an icon on a soft ground, the vendor's logo.

Usage: ``Avatar(theme, "Maya Okafor", size=32, own=True)``, ``IconTile(theme, "hourglass", Tone.ACCENT)``.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.contract.manifest import Brand
from app.views.theme.brand_mark import paint_tile
from app.views.theme.fonts import Role
from app.views.theme.paint import draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tone
from app.views.widgets.base import ThemedWidget


def initials(name: str) -> str:
    """The first letters of the first and last word, at most two."""
    words = name.split()
    if not words:
        return ""
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()


class Avatar(ThemedWidget):
    """A person's initials; one's own lie on accent-soft, others on grey."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        size: int = 28,
        *,
        own: bool = False,
        letters: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """`letters`: the initials, where the name is not all of it."""
        super().__init__(theme, parent)
        self._name = name
        self._letters = letters
        self._own = own
        self.setFixedSize(size, size)
        self.setAccessibleName(name)

    def show_person(self, name: str, *, own: bool) -> None:
        self._name = name
        self._own = own
        self.setAccessibleName(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        rounded(painter, self.rect(), Radius.CONTROL, tokens.accent_soft if self._own else tokens.fill)
        font = self.theme.font(Role.TABLE_HEAD)
        if self.width() < 28:
            font.setPixelSize(10)
        colour = tokens.accent if self._own else tokens.text2
        draw_text(
            painter,
            self.rect(),
            self._letters or initials(self._name),
            font,
            colour,
            Qt.AlignmentFlag.AlignHCenter,
        )
        painter.end()


class IconTile(ThemedWidget):
    """An icon of 18 on a soft tile of 32 (or other sizes); decoration unless it has `words`."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        tone: Tone = Tone.ACCENT,
        *,
        size: int = 32,
        icon_size: int = 18,
        words: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._icon = icon
        self._tone = tone
        self._icon_size = icon_size
        self.setFixedSize(size, size)
        self.setAccessibleName(words)

    def show_icon(self, icon: str, tone: Tone) -> None:
        self._icon = icon
        self._tone = tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        radius = Radius.CARD if self.width() >= 32 else Radius.CONTROL
        rounded(painter, self.rect(), radius, tokens.soft(self._tone))
        offset = (self.width() - self._icon_size) // 2
        self.theme.draw_icon(painter, offset, offset, self._icon, tokens.tone(self._tone), self._icon_size)
        painter.end()


class Icon(ThemedWidget):
    """A bare icon in a tone; without `words` it is decoration, and nothing to those who listen."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        tone: Tone = Tone.TEXT2,
        size: int = 16,
        words: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._name = name
        self._tone = tone
        self._size = size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(words)

    def show_icon(self, name: str, tone: Tone | None = None) -> None:
        self._name = name
        self._tone = tone or self._tone
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        x, y = (self.width() - self._size) // 2, (self.height() - self._size) // 2
        self.theme.draw_icon(painter, x, y, self._name, self.theme.tokens.tone(self._tone), self._size)
        painter.end()


class LogoTile(ThemedWidget):
    """The vendor's mark on the accent fill, or their initial where they have none."""

    def __init__(self, theme: Theme, brand: Brand, size: int = 28, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._brand = brand
        self.setFixedSize(size, size)
        self.setAccessibleName(brand.vendor)

    def show_brand(self, brand: Brand) -> None:
        self._brand = brand
        self.setAccessibleName(brand.vendor)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        font = self.theme.font(Role.STRONG)
        paint_tile(painter, self.width(), self._brand, tokens.accent_fill, tokens.on_fill, font)
        painter.end()
