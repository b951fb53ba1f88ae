"""The pipeline: one bar per currency, each scaled to itself, and a legend with the figures.

Usage: ``StageBar(theme); bar.show_pipeline([BarLine("£1,284,300", (142300, ...))], [StageFigure("Submitted", "5",
("£142,300", "€96,400")), ...])``. The caller formats figures; shares are any non-negative numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.views.theme.fonts import Role
from app.views.theme.paint import draw_text, round_ends, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius
from app.views.widgets.base import ThemedWidget


@dataclass(frozen=True, slots=True)
class BarLine:
    """One currency: its total in words and its share per stage."""

    label: str
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class StageFigure:
    """One stage of the legend: word, count, and one amount per currency."""

    label: str
    count: str
    amounts: tuple[str, ...] = ()


_BAR = 28
_BAR_GAP = 8
_LABEL = 96
_GAP = 2


class StageBar(ThemedWidget):
    """Bars 28 high with segments 2 apart, above a legend of up to five columns."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._lines: tuple[BarLine, ...] = ()
        self._figures: tuple[StageFigure, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_pipeline(self, lines: Sequence[BarLine], figures: Sequence[StageFigure]) -> None:
        self._lines = tuple(lines)
        self._figures = tuple(figures)
        spoken = [", ".join((f"{figure.label} {figure.count}", *figure.amounts)) for figure in self._figures]
        self.setAccessibleName("; ".join(spoken) or self.tr("Nothing to show"))
        self.updateGeometry()
        self.update()

    def _legend_height(self) -> int:
        amounts = max((len(figure.amounts) for figure in self._figures), default=0)
        return 40 + 16 * amounts if self._figures else 0

    def sizeHint(self) -> QSize:
        bars = len(self._lines) * (_BAR + _BAR_GAP) - _BAR_GAP if self._lines else 0
        return QSize(420, bars + (16 if self._lines else 0) + self._legend_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        top = 0
        for line in self._lines:
            self._paint_line(painter, line, top)
            top += _BAR + _BAR_GAP
        self._paint_legend(painter, top + 8 if self._lines else 0)
        painter.end()

    def _paint_line(self, painter: QPainter, line: BarLine, top: int) -> None:
        tokens = self.theme.tokens
        label = self.lead(QRect(0, top, _LABEL - 8, _BAR))
        side = Qt.AlignmentFlag.AlignRight if self.mirrored else Qt.AlignmentFlag.AlignLeft
        draw_text(painter, label, line.label, self.theme.font(Role.LABEL), tokens.text2, side)
        track = QRect(_LABEL, top, self.width() - _LABEL, _BAR)
        total = sum(line.shares)
        if total <= 0:
            rounded(painter, self.lead(track), Radius.KEY, tokens.fill)
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(round_ends(self.lead(track).toRectF(), Radius.KEY))
        passed = 0.0
        for number, share in enumerate(line.shares):
            start = track.left() + round(track.width() * passed / total)
            passed += share
            end = track.left() + round(track.width() * passed / total)
            last = passed >= total
            width = end - start - (0 if last else _GAP)
            if share > 0 and width > 0:
                segment = self.lead(QRect(start, top, width, _BAR))
                painter.fillRect(segment, tokens.stages[min(number, len(tokens.stages) - 1)])
        painter.restore()

    def _paint_legend(self, painter: QPainter, top: int) -> None:
        if not self._figures:
            return
        tokens = self.theme.tokens
        pitch = min(self.width() // len(self._figures), 126)
        side = Qt.AlignmentFlag.AlignRight if self.mirrored else Qt.AlignmentFlag.AlignLeft
        for number, figure in enumerate(self._figures):
            x = number * pitch
            colour = tokens.stages[min(number, len(tokens.stages) - 1)]
            rounded(painter, self.lead(QRect(x, top + 4, 8, 8)), 2, colour)
            caption = self.lead(QRect(x + 14, top, pitch - 18, 16))
            draw_text(painter, caption, figure.label, self.theme.font(Role.CAPTION), tokens.text2, side)
            count = self.lead(QRect(x, top + 20, pitch - 4, 20))
            draw_text(painter, count, figure.count, self.theme.font(Role.SECTION), tokens.text, side)
            for line, amount in enumerate(figure.amounts):
                room = self.lead(QRect(x, top + 40 + 16 * line, pitch - 4, 16))
                draw_text(painter, room, amount, self.theme.font(Role.CAPTION), tokens.text3, side)
