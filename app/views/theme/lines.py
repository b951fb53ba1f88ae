"""Lines of text, put into glyphs once: what a list paints again and again is not measured and shaped each time.

Usage: ``line = fitted(font, "Kestrel Foods", 120); line.draw(painter, x, top, height)``. Fonts are compared by value,
so a caller may go on to change its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextLayout, QTextOption

#: About what stands on a few full screens; glyphs of a line take a kilobyte or two.
_KEPT = 1_000

#: Wider than any line: nothing is broken.
_WIDE = 1e6


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is ready to be painted. ``width``: its advance in whole pixels, rounded up."""

    width: int
    _layout: QTextLayout
    _rise: float
    _whole: tuple[int, int]

    def draw(self, painter: QPainter, x: float, top: int, height: int) -> None:
        """Paint it in the painter's colour, centred in ``height`` pixels from ``top`` on a whole-pixel baseline."""
        self._layout.draw(painter, QPointF(x, _baseline(self._whole, top, height) - self._rise))


@lru_cache(_KEPT)
def shaped(font: QFont, text: str) -> Line:
    """The whole text as one line. It runs as its own letters say, whatever the layout around it."""
    layout = QTextLayout(text, font)
    layout.setCacheEnabled(True)
    option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(_WIDE)
    layout.endLayout()
    # The layout does not count spaces at the end.
    width = text_width(font, text) if text[-1:].isspace() else math.ceil(line.naturalTextWidth())
    return Line(width, layout, line.ascent(), _whole_metrics(font))


def fitted(font: QFont, text: str, width: int) -> Line:
    """As much of the text as fits."""
    whole = shaped(font, text)
    return whole if whole.width <= width else shaped(font, elided(font, text, width))


@lru_cache(4 * _KEPT)
def text_width(font: QFont, text: str) -> int:
    """The advance of one line in whole pixels, rounded up."""
    return math.ceil(QFontMetricsF(font).horizontalAdvance(text))


@lru_cache(4 * _KEPT)
def elided(font: QFont, text: str, width: int) -> str:
    """The text, cut with an ellipsis where it does not fit."""
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)


def forget_lines() -> None:
    """Forget every text that was painted: the next person at a shared screen has nothing of it in memory."""
    for kept in (shaped, text_width, elided):
        kept.cache_clear()


@lru_cache
def _whole_metrics(font: QFont) -> tuple[int, int]:
    metrics = QFontMetricsF(font)
    return round(metrics.ascent()), round(metrics.descent())


def baseline(font: QFont, top: int, height: int) -> int:
    """The y of the baseline for a line of text centred in ``height`` pixels from ``top``."""
    return _baseline(_whole_metrics(font), top, height)


def _baseline(whole: tuple[int, int], top: int, height: int) -> int:
    ascent, descent = whole
    return top + (height - ascent - descent) // 2 + ascent
