"""Small shapes drawn once and then only copied: the ground of a pill, the shape of a sync mark.

Usage: ``stamps.put(painter, x, y, (width, height), ("pill", width, colour), lambda p: p.drawRoundedRect(…))``.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap

#: More different ones than a screen has; beyond, all are drawn anew.
_MOST = 300


class Stamps:
    """Shapes by what they look like and the screen's device pixel ratio; one object per theme."""

    def __init__(self) -> None:
        self._pixmaps: dict[tuple[object, float], QPixmap] = {}

    def put(
        self,
        painter: QPainter,
        x: int,
        y: int,
        size: tuple[int, int],
        look: object,
        draw: Callable[[QPainter], None],
    ) -> None:
        """Show a shape of ``size`` logical pixels with its top left corner at ``x``, ``y``.

        ``look`` names everything it depends on; ``draw`` paints it at 0, 0 when it is not there yet.
        """
        ratio = painter.device().devicePixelRatioF()
        found = self._pixmaps.get((look, ratio))
        if found is None:
            found = self._drawn(size, ratio, draw)
            if len(self._pixmaps) >= _MOST:
                self._pixmaps.clear()
            self._pixmaps[look, ratio] = found
        painter.drawPixmap(x, y, found)

    @staticmethod
    def _drawn(size: tuple[int, int], ratio: float, draw: Callable[[QPainter], None]) -> QPixmap:
        width, height = (max(1, round(edge * ratio)) for edge in size)
        pixmap = QPixmap(width, height)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        draw(painter)
        painter.end()
        return pixmap
