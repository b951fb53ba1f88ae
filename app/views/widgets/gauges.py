"""Small painted figures: switch, progress, proof buckets, the last 24 hours, storage.

Usage: ``Switch(theme, "Work offline")``, ``ProgressBar(theme, height=6)``, ``BucketGrid(theme)``, ``DayStrip(theme)``,
``StorageBar(theme)``. Each says its figures as accessible name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QProgressBar, QSizePolicy, QWidget

from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_focus, draw_text, round_ends, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tokens
from app.views.widgets.base import ThemedWidget

_TRACK = QSize(32, 18)


class Switch(QCheckBox):
    """A switch with its words before it; ``clicked`` is the user, ``toggled`` any change."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        words = text_width(self._theme.font(Role.LABEL), self.text())
        return QSize(words + (8 if words else 0) + _TRACK.width() + 4, 24)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        x = 2 if mirrored else self.width() - _TRACK.width() - 2
        track = QRect(QPoint(x, (self.height() - _TRACK.height()) // 2), _TRACK)
        on = self.isChecked()
        ground = tokens.accent_fill if on else tokens.field
        if not self.isEnabled():
            ground = tokens.line2
        rounded(painter, track, 9, ground)
        at_right = on is not mirrored
        knob_x = track.right() - 15 if at_right else track.left() + 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.on_fill))
        painter.drawEllipse(QRectF(knob_x, track.top() + 2, 14, 14))
        if self.hasFocus():
            draw_focus(painter, self._theme, track.adjusted(-2, -2, 2, 2), 11, 1)
        words = QRect(
            _TRACK.width() + 12 if mirrored else 0, 0, self.width() - _TRACK.width() - 4, self.height()
        )
        colour = tokens.text2 if self.isEnabled() else tokens.text3
        draw_text(painter, words, self.text(), self._theme.font(Role.LABEL), colour)
        painter.end()


class ProgressBar(QProgressBar):
    """A bar of 6 or 8; give it ``setRange`` and ``setValue``, and say what it measures in ``measure``."""

    def __init__(self, theme: Theme, height: int = 6, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedHeight(height)
        self.setTextVisible(False)
        self.setRange(0, 1000)
        self.setValue(0)
        self.setAccessibleName(name or self.tr("Progress"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.update()

    def show_share(self, share: float, name: str = "") -> None:
        """From 0 to 1, with the figures as accessible name."""
        self.setValue(round(1000 * min(1.0, max(0.0, share))))
        if name:
            self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:
        span = self.maximum() - self.minimum()
        share = (self.value() - self.minimum()) / span if span else 0.0
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        painter = QPainter(self)
        draw_bar(painter, self._theme.tokens, self.rect(), share, mirrored=mirrored)
        painter.end()


def draw_track(painter: QPainter, tokens: Tokens, rect: QRect) -> None:
    """What a bar fills; with high contrast its edge is seen."""
    edge = tokens.line if tokens.scheme.high_contrast else None
    rounded(painter, rect, rect.height() / 2, tokens.fill, edge)


def draw_bar(painter: QPainter, tokens: Tokens, rect: QRect, share: float, *, mirrored: bool = False) -> None:
    """A track with round ends and its filled part, for widgets and delegates."""
    radius = rect.height() / 2
    draw_track(painter, tokens, rect)
    width = round(rect.width() * min(1.0, max(0.0, share)))
    if width <= 0:
        return
    filled = QRect(rect)
    filled.setWidth(max(width, rect.height()))
    if mirrored:
        filled.moveRight(rect.right())
    rounded(painter, filled, radius, tokens.accent_fill)


class CellState(StrEnum):
    """One bucket or hour: proven identical, differing or being fetched, not checked."""

    SAME = "same"
    DIFFERS = "differs"
    UNCHECKED = "unchecked"


def _draw_cell(painter: QPainter, tokens: Tokens, cell: QRect, state: CellState) -> None:
    if state is CellState.SAME:
        rounded(painter, cell, 2, tokens.ok)
    else:
        rounded(painter, cell, 2, None, tokens.warn if state is CellState.DIFFERS else tokens.line2)


class BucketGrid(ThemedWidget):
    """One cell of 8 by 12 per bucket, 2 apart; wraps to the width it has."""

    def __init__(
        self, theme: Theme, cells: Sequence[CellState] = (), name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._cells: tuple[CellState, ...] = ()
        self._per_row = 16
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_cells(cells, name)

    def show_cells(self, cells: Sequence[CellState], name: str = "") -> None:
        """``name`` says the figures, such as *Renewals: 15 of 16 buckets identical*."""
        self._cells = tuple(cells)
        same = sum(1 for cell in self._cells if cell is CellState.SAME)
        words = self.tr("{same} of {all} buckets identical").format(same=same, all=len(self._cells))
        self.setAccessibleName(name or words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        columns = min(self._per_row, max(1, len(self._cells)))
        rows = max(1, -(-len(self._cells) // self._per_row))
        return QSize(columns * 10 - 2, rows * 14 - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for number, state in enumerate(self._cells):
            line, place = divmod(number, self._per_row)
            _draw_cell(painter, self.theme.tokens, self.lead(QRect(place * 10, line * 14, 8, 12)), state)
        painter.end()


class DayStrip(ThemedWidget):
    """The last 24 hours, oldest first: a cell an hour, and the words for both ends."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._cells: tuple[CellState, ...] = (CellState.UNCHECKED,) * 24
        self._start = ""
        self._end = self.tr("Now")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_hours(self._cells, "")

    def show_hours(self, cells: Sequence[CellState], start: str, end: str = "") -> None:
        """``start`` and ``end`` are the words below, such as *Sun 10:00* and *Now*."""
        self._cells = tuple(cells)
        self._start = start
        self._end = end or self.tr("Now")
        good = sum(1 for cell in self._cells if cell is CellState.SAME)
        words = self.tr("{good} of {all} proofs on time").format(good=good, all=len(self._cells))
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 36)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        count = max(1, len(self._cells))
        for number, state in enumerate(self._cells):
            left = round((self.width() + 3) * number / count)
            right = round((self.width() + 3) * (number + 1) / count) - 3
            cell = QRect(left, 0, right - left, 16)
            _draw_cell(painter, tokens, self.lead(cell), state)
        font = self.theme.font(Role.CAPTION)
        words = QRect(0, 20, self.width(), 16)
        left_side, right_side = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        start_side, end_side = (right_side, left_side) if self.mirrored else (left_side, right_side)
        draw_text(painter, words, self._start, font, tokens.text3, start_side)
        draw_text(painter, words, self._end, font, tokens.text3, end_side)
        painter.end()


class StorageKind(StrEnum):
    """What takes room; decides the colour."""

    DOCUMENTS = "documents"
    RECORDS = "records"
    UNSENT = "unsent"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class StoragePart:
    """A kind, its share (any unit) and its words: *Documents*, *214 MB*."""

    kind: StorageKind
    share: float
    label: str
    figure: str


class StorageBar(ThemedWidget):
    """A bar of 10 with a legend of labels and figures below."""

    def __init__(
        self, theme: Theme, parts: Sequence[StoragePart] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._parts: tuple[StoragePart, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_parts(parts)

    def show_parts(self, parts: Sequence[StoragePart]) -> None:
        self._parts = tuple(parts)
        spoken = ", ".join(f"{part.label} {part.figure}" for part in self._parts)
        self.setAccessibleName(spoken or self.tr("Storage"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, 52)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        colours = {
            StorageKind.DOCUMENTS: tokens.stages[3],
            StorageKind.RECORDS: tokens.stages[1],
            StorageKind.UNSENT: tokens.warn,
            StorageKind.FREE: tokens.fill,
        }
        painter = QPainter(self)
        self._paint_bar(painter, colours)
        pitch = (self.width() + 16) // max(1, len(self._parts))
        side = Qt.AlignmentFlag.AlignRight if self.mirrored else Qt.AlignmentFlag.AlignLeft
        for number, part in enumerate(self._parts):
            x = number * pitch
            edge = tokens.line2 if part.kind is StorageKind.FREE else None
            rounded(painter, self.lead(QRect(x, 24, 8, 8)), 2, colours[part.kind], edge)
            label = self.lead(QRect(x + 14, 20, pitch - 18, 16))
            draw_text(painter, label, part.label, self.theme.font(Role.CAPTION), tokens.text3, side)
            figure = self.lead(QRect(x, 36, pitch - 4, 16))
            draw_text(painter, figure, part.figure, self.theme.font(Role.LABEL), tokens.text, side)
        painter.end()

    def _paint_bar(self, painter: QPainter, colours: dict[StorageKind, str]) -> None:
        total = sum(part.share for part in self._parts)
        track = QRect(0, 0, self.width(), 10)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(round_ends(track.toRectF(), 3))
        painter.fillRect(track, self.theme.tokens.fill)
        passed = 0.0
        for part in self._parts:
            if part.share <= 0 or part.kind is StorageKind.FREE:
                continue
            start = round(self.width() * passed / total)
            passed += part.share
            # Something unsent is never too small to see.
            width = max(4, round(self.width() * passed / total) - start - 2)
            painter.fillRect(self.lead(QRect(start, 0, width, 10)), colours[part.kind])
            gap = self.lead(QRect(start + width, 0, 2, 10))
            painter.fillRect(gap, self.theme.tokens.surface)
        painter.restore()
