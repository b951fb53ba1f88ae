"""Who is locked here: a tile each, with initials, first name and the minutes left; and whose unsent work lies here."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.bridge.kiosk_state import LockedLine
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_focus, draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Kiosk, Radius, Tone
from app.views.widgets.base import ThemedWidget, keyboard_came
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.text import Text

_AVATAR, _INSET, _GAP = 40, 12, 12
_MOST_NAME = 140


class PersonTile(QPushButton):
    """64 high: initials, first name, how long the code still opens."""

    def __init__(self, theme: Theme, person: LockedLine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.person = person
        self._left = self.tr("{minutes} min left").format(minutes=person.minutes)
        self._focus_by_key = False
        self.setProperty("kind", "secondary")
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Unlock {name}").format(name=person.name))
        self.setAccessibleDescription(self._left)
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        name = min(_MOST_NAME, text_width(self._theme.font(Role.KIOSK_STEP), self.person.name))
        left = text_width(self._theme.font(Role.LEAD), self._left)
        return QSize(_INSET + _AVATAR + _GAP + max(name, left) + _INSET + 8, Kiosk.TARGET)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        ground = tokens.hover if self.isDown() else tokens.surface
        rounded(painter, self.rect(), Radius.CARD, ground, tokens.line2)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        x = self.width() - _INSET - _AVATAR if mirrored else _INSET
        tile = QRect(x, (self.height() - _AVATAR) // 2, _AVATAR, _AVATAR)
        rounded(painter, tile, Radius.CARD, tokens.accent_soft)
        font = self._theme.font(Role.KIOSK_BODY_STRONG)
        draw_text(painter, tile, self.person.initials, font, tokens.accent, Qt.AlignmentFlag.AlignHCenter)
        room = self.width() - 2 * _INSET - _AVATAR - _GAP
        left = _INSET if mirrored else _INSET + _AVATAR + _GAP
        align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        step, lead = self._theme.font(Role.KIOSK_STEP), self._theme.font(Role.LEAD)
        draw_text(painter, QRect(left, 9, room, 24), self.person.name, step, tokens.text, align)
        draw_text(painter, QRect(left, 34, room, 20), self._left, lead, tokens.text3, align)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect(), Radius.CARD)
        painter.end()


class PeopleStrip(ThemedWidget):
    """`chosen` gives a person's id. Nothing is shown while nobody is locked."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._people: tuple[LockedLine, ...] = ()
        title = Text(theme, self.tr("Locked here"), Role.KIOSK_BODY_STRONG, Tone.TEXT2)
        self._row = row(gap=16)
        self.setLayout(column(title, 8, self._row))
        self.tiles: list[PersonTile] = []
        self.hide()

    def show_people(self, people: Sequence[LockedLine]) -> None:
        """Show these; the keyboard stays with whom it was."""
        if tuple(people) == self._people:
            return
        self._people = tuple(people)
        focused = next((tile.person.id for tile in self.tiles if tile.hasFocus()), "")
        emptied(self._row)
        self.tiles = []
        for person in people:
            tile = PersonTile(self.theme, person)
            tile.clicked.connect(_chooses(self.chosen.emit, person.id))
            self._row.addWidget(tile)
            self.tiles.append(tile)
            if person.id == focused:
                tile.setFocus(Qt.FocusReason.OtherFocusReason)
        self._row.addStretch(1)
        self.setVisible(bool(people))


def _chooses(choose: Callable[[str], None], person: str) -> Callable[[], None]:
    return lambda: choose(person)
