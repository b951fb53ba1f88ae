"""The head of a record table: 11/16 600, the sorted column with an arrow.

Usage: ``table.setHorizontalHeader(HeadView(theme, table))``; a click emits ``sort_asked(column, descending)``.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from app.views.delegates.table_rows import EDGE, PAD
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_text
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height

ARROW_ROOM = 16
"""What the arrow of a sorted column takes beside its words."""


class HeadView(QHeaderView):
    """32 high on raised, a rule above and below. It never sorts by itself: SQL does."""

    sort_asked = Signal(int, bool)
    resized = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._sorted = -1
        self._descending = False
        self._sortable: frozenset[int] = frozenset()
        self.corner = 0
        """How much of the far end something else covers: the last column's words end before it."""
        self.setFixedHeight(Height.TABLE_HEAD)
        self.setAccessibleName(self.tr("Columns"))
        self.setHighlightSections(False)
        self.setMinimumSectionSize(40)
        self.setStretchLastSection(False)
        self.sectionClicked.connect(self._clicked)
        theme.changed.connect(self._on_theme)

    def let_arrange(self) -> None:
        """Let columns be moved and made wider. The view tells of it: ``sectionMoved``, ``sectionResized``."""
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(True)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)

    def put_in_order(self) -> None:
        """Let every column stand at its own place again, without a word."""
        blocked = self.blockSignals(True)
        for column in range(self.count()):
            self.moveSection(self.visualIndex(column), column)
        self.blockSignals(blocked)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def set_sortable(self, columns: frozenset[int]) -> None:
        self._sortable = columns
        self.setSectionsClickable(bool(columns))

    def show_sort(self, column: int, *, descending: bool) -> None:
        """Where the arrow stands; -1 for none."""
        self._sorted = column
        self._descending = descending
        self.viewport().update()

    @property
    def sort(self) -> tuple[int, bool]:
        """Column and whether descending."""
        return self._sorted, self._descending

    def _clicked(self, column: int) -> None:
        if column in self._sortable:
            descending = not self._descending if column == self._sorted else False
            self.show_sort(column, descending=descending)
            self.sort_asked.emit(column, descending)

    def _on_theme(self) -> None:
        self.viewport().update()

    def natural_width(self, words: str, *, first: bool, last: bool) -> int:
        """How wide a column has to be for its head to show as a whole, without an arrow."""
        around = (EDGE if first else PAD) + (max(PAD, self.corner) if last else PAD)
        return text_width(self._theme.font(Role.TABLE_HEAD), words) + around

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), Height.TABLE_HEAD)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        tokens = self._theme.tokens
        painter.save()
        painter.fillRect(rect, tokens.raised)
        painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), tokens.line)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), tokens.line)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        model = self.model()
        words = str(model.headerData(section, Qt.Orientation.Horizontal) or "")
        kept = model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        at_end = kept is not None and bool(Qt.AlignmentFlag(int(kept)) & Qt.AlignmentFlag.AlignRight)
        lead = EDGE if self.visualIndex(section) == 0 else PAD
        last = self.visualIndex(section) == self.count() - 1
        trail = max(PAD, self.corner - self._beyond()) if last else PAD
        left, right = (trail, lead) if mirrored else (lead, trail)
        room = rect.adjusted(left, 0, -right, 0)
        side = Qt.AlignmentFlag.AlignRight if at_end is not mirrored else Qt.AlignmentFlag.AlignLeft
        is_sorted = section == self._sorted
        font = self._theme.font(Role.TABLE_HEAD)
        colour = tokens.text2 if is_sorted else tokens.text3
        arrow_room = ARROW_ROOM if is_sorted else 0
        text_room = (
            room.adjusted(arrow_room, 0, 0, 0)
            if side is Qt.AlignmentFlag.AlignRight
            else room.adjusted(0, 0, -arrow_room, 0)
        )
        used = draw_text(painter, text_room, words, font, colour, side)
        if is_sorted:
            x = (
                text_room.right() - used - 13
                if side is Qt.AlignmentFlag.AlignRight
                else text_room.left() + used + 3
            )
            icon = "arrow-down" if self._descending else "arrow-up"
            self._theme.draw_icon(painter, x, rect.top() + (rect.height() - 12) // 2, icon, colour, 12)
        painter.restore()

    def _beyond(self) -> int:
        """How far the head goes on beyond its last column."""
        return max(0, self.viewport().width() - (self.length() - self.offset()))

    def paintEvent(self, event: object) -> None:
        # Beyond the last column the head goes on, so that it reads as one strip.
        painter = QPainter(self.viewport())
        tokens = self._theme.tokens
        painter.fillRect(self.viewport().rect(), tokens.raised)
        painter.fillRect(QRect(0, 0, self.viewport().width(), 1), tokens.line)
        painter.fillRect(QRect(0, self.viewport().height() - 1, self.viewport().width(), 1), tokens.line)
        painter.end()
        super().paintEvent(event)  # type: ignore[arg-type]
