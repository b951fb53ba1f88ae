"""Line icons, tinted at the moment they are drawn, sharp at every scale.

Usage: ``Icons(asset_path("icons")).pixmap("home", "#454C5A", 18, 2.0)``. Names are file names without ``.svg``.
"""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_STROKE = re.compile(r'stroke-width="[0-9.]+"')
LINE = 1.75
"""The stroke of the look, on a grid of 24."""
_SCALES = (1.0, 1.5, 2.0, 3.0)


class IconMissing(LookupError):
    """No icon of that name is bundled."""


class Icons:
    """The bundled icons with their rendered pixmaps; one object per theme, bounded in size."""

    def __init__(self, folder: Path, capacity: int = 600) -> None:
        self._folder = folder
        self._capacity = capacity
        self._sources: dict[str, str] = {}
        self._pixmaps: dict[tuple[str, str, int, float, float], QPixmap] = {}

    def names(self) -> frozenset[str]:
        """Every bundled name; filled ones end in ``-filled``."""
        return frozenset(path.stem for path in self._folder.glob("*.svg"))

    def has(self, name: str) -> bool:
        return name in self._sources or (self._folder / f"{name}.svg").is_file()

    def pixmap(self, name: str, colour: str, size: int, ratio: float = 1.0, stroke: float = LINE) -> QPixmap:
        """A square pixmap of ``size`` logical pixels for a screen of that device pixel ratio. Raises IconMissing."""
        key = (name, colour, size, ratio, stroke)
        found = self._pixmaps.get(key)
        if found is not None:
            return found
        if len(self._pixmaps) >= self._capacity:
            self._pixmaps.clear()
        rendered = self._render(name, colour, size, ratio, stroke)
        self._pixmaps[key] = rendered
        return rendered

    def icon(self, name: str, colour: str, size: int) -> QIcon:
        """A QIcon with pixmaps for the usual screen scales, for menus and other native places."""
        icon = QIcon()
        for scale in _SCALES:
            icon.addPixmap(self.pixmap(name, colour, size, scale))
        return icon

    def _render(self, name: str, colour: str, size: int, ratio: float, stroke: float) -> QPixmap:
        renderer = QSvgRenderer(QByteArray(self._tinted(name, colour, stroke).encode()))
        edge = max(1, round(size * ratio))
        pixmap = QPixmap(edge, edge)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        renderer.render(painter, QRectF(0, 0, edge, edge))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def _tinted(self, name: str, colour: str, stroke: float) -> str:
        source = _STROKE.sub(f'stroke-width="{stroke}"', self._source(name))
        return source.replace("currentColor", colour)

    def _source(self, name: str) -> str:
        source = self._sources.get(name)
        if source is None:
            path = self._folder / f"{name}.svg"
            if not path.is_file():
                raise IconMissing(name)
            source = path.read_text(encoding="utf-8")
            self._sources[name] = source
        return source
