"""The sheet of all keys, opened with *?*: those of the window and those of the page that is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.views.shell.keys import Bound, caps
from app.views.theme.fonts import Role
from app.views.theme.paint import rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import IconButton
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.pills import KeyCap
from app.views.widgets.text import Text

_WIDTH = 720
_ROWS = 30
#: As many keys stand together on either side of a break.
_LEAST = 2


#: A title and the keys below it; an empty title goes on with the part before.
Part = tuple[str, Sequence[Bound]]


def balanced(parts: Sequence[Part]) -> list[list[Part]]:
    """Two columns as even as parts allow; a long one is broken, and goes on at the head of the second."""
    whole = sum(1 + len(keys) for _title, keys in parts)
    first: list[Part] = []
    for place, (title, keys) in enumerate(parts):
        room = -(-whole // 2) - sum(1 + len(taken) for _title, taken in first) - 1
        if len(keys) <= room:
            first.append((title, keys))
            continue
        # Neither a title without keys nor one key alone is left behind.
        fits = room if _LEAST <= room <= len(keys) - _LEAST else 0
        if not first and not fits:
            fits = len(keys)
        if fits:
            first.append((title, keys[:fits]))
        rest: list[Part] = [] if fits == len(keys) else [("" if fits else title, keys[fits:])]
        return [column for column in (first, [*rest, *parts[place + 1 :]]) if column]
    return [first]


class _SheetCard(ThemedWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rounded(painter, self.rect(), Radius.DIALOG, self.theme.tokens.surface, self.theme.tokens.line2)
        painter.end()


class KeySheet(ThemedWidget):
    """Covers its parent while open; any click outside, Escape or *?* closes it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent)
        self._window = parent
        self._before: QWidget | None = None
        self.setAccessibleName(self.tr("All keys"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._card = _SheetCard(theme, self)
        self._close = IconButton(theme, "x", self.tr("Close"))
        self._close.clicked.connect(self.close_sheet)
        self._columns = row(gap=32, align=False)
        title = row(Text(theme, self.tr("All keys"), Role.SECTION), None, self._close)
        self._card.setLayout(column(title, Space.M, self._columns, margins=(24, 16, 16, 20)))
        parent.installEventFilter(self)
        self.hide()

    def open(self, parts: Sequence[tuple[str, Sequence[Bound]]]) -> None:
        """Show titled lists of keys, side by side."""
        emptied(self._columns)
        for part in balanced([(title, keys[:_ROWS]) for title, keys in parts if keys]):
            self._columns.addWidget(self._column(part), 1, Qt.AlignmentFlag.AlignTop)
        self._before = QApplication.focusWidget()
        self._place()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_sheet(self) -> None:
        if self.isHidden():
            return
        self.hide()
        # Its page may have been built anew meanwhile.
        if self._before is not None and isValid(self._before) and not self._before.isHidden():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None

    def _column(self, parts: Sequence[Part]) -> QWidget:
        holder = ThemedWidget(self.theme)
        # A part that goes on beside itself has a line in the place of its title, so that rows stand in line.
        holder.setLayout(column(*(self._part(title, keys) for title, keys in parts), gap=Space.L))
        return holder

    def _part(self, title: str, keys: Sequence[Bound]) -> QVBoxLayout:
        lines = column(Text(self.theme, title or " ", Role.TABLE_HEAD, Tone.TEXT3), gap=6)
        for bound in keys:
            # Each line has a width of its own: beside short keys there is room for long words.
            line = row(gap=12)
            line.addWidget(Text(self.theme, bound.words, Role.SECONDARY, Tone.TEXT2, elide=True), 1)
            line.addWidget(KeyCap(self.theme, *caps(bound.keys)))
            lines.addLayout(line)
        return lines

    def _place(self) -> None:
        self.setGeometry(self._window.rect())
        width = min(_WIDTH, self.width() - 48)
        height = min(self._card.sizeHint().height(), self.height() - 48)
        self._card.setGeometry(
            QRect((self.width() - width) // 2, (self.height() - height) // 2, width, height)
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Escape, Qt.Key.Key_Question}:
            self.close_sheet()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._card.geometry().contains(event.position().toPoint()):
            self.close_sheet()
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.theme.tokens.scrim))
        painter.end()
