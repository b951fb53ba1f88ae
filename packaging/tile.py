"""The program's own picture: two halves that match, on a tile in the product's colour. Each package draws it anew."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, QPainterPath, QPen

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.views.theme.tokens import LIGHT

#: Shares of an edge: the tile's corner, the ring's radius and its stroke, and how far the halves stand apart.
_ROUND, _RADIUS, _STROKE, _APART = 0.22, 0.25, 0.12, 0.045


def tiles(edges: Iterable[int], margin: float = 0.0) -> dict[int, bytes]:
    """PNG pictures by their edges in pixels. `margin`: the share of the edge that stays free around the tile."""
    return {edge: _png(edge, margin) for edge in edges}


def _png(edge: int, margin: float) -> bytes:
    image = QImage(edge, edge, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(edge * margin, edge * margin)
    _paint(painter, edge * (1 - 2 * margin))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not QImageWriter(buffer, QByteArray(b"PNG")).write(image):
        raise RuntimeError("Qt could not write a PNG picture")
    return bytes(buffer.data().data())


def _paint(painter: QPainter, edge: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(LIGHT.accent))
    painter.drawRoundedRect(QRectF(0, 0, edge, edge), edge * _ROUND, edge * _ROUND)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius, apart = edge * _RADIUS, edge * _APART
    for begin, shift, strength in ((90, -apart, 1.0), (-90, apart, 0.72)):
        ink = QColor("#FFFFFF")
        ink.setAlphaF(strength)
        pen = QPen(ink, edge * _STROKE)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        box = QRectF(edge / 2 - radius + shift, edge / 2 - radius, 2 * radius, 2 * radius)
        half = QPainterPath()
        half.arcMoveTo(box, begin)
        half.arcTo(box, begin, 180)
        painter.drawPath(half)
