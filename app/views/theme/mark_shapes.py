"""The shapes of the sync marks, drawn on their own grid of 14 so that they stay sharp at that size.

Usage: ``draw_shape(painter, QPointF(x, y), Mark.WAITING, "#855000")``.
"""

from __future__ import annotations

from typing import assert_never

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen, QPolygonF

from app.views.theme.marks import Mark

_Points = tuple[tuple[float, float], ...]

_TICK: _Points = ((2.4, 7.4), (5.3, 10.3), (11.4, 3.7))
_ARROW_HEAD: _Points = ((2.9, 6.4), (7.0, 2.3), (11.1, 6.4))
_ARROW_SHAFT: _Points = ((7.0, 2.6), (7.0, 12.0))
_HANDS: _Points = ((7.0, 4.2), (7.0, 7.2), (9.0, 8.4))
_DIAMOND: _Points = ((7.0, 0.9), (13.1, 7.0), (7.0, 13.1), (0.9, 7.0))
_TWO_WAY: _Points = (
    (3.4, 7.0),
    (6.0, 4.4),
    (6.0, 6.2),
    (8.0, 6.2),
    (8.0, 4.4),
    (10.6, 7.0),
    (8.0, 9.6),
    (8.0, 7.8),
    (6.0, 7.8),
    (6.0, 9.6),
)
_OCTAGON: _Points = (
    (4.5, 0.9),
    (9.5, 0.9),
    (13.1, 4.5),
    (13.1, 9.5),
    (9.5, 13.1),
    (4.5, 13.1),
    (0.9, 9.5),
    (0.9, 4.5),
)
_CROSS: tuple[_Points, _Points] = (((5.1, 5.1), (8.9, 8.9)), ((8.9, 5.1), (5.1, 8.9)))
_BARS: tuple[_Points, _Points] = (((5.2, 4.9), (5.2, 9.1)), ((8.8, 4.9), (8.8, 9.1)))


def draw_shape(painter: QPainter, at: QPointF, mark: Mark, colour: str) -> None:
    """The shape of a mark in a square of 14 with its top left at ``at``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(at)
    match mark:
        case Mark.SYNCED:
            _stroke(painter, colour, 1.55, _TICK)
        case Mark.WAITING:
            _ring(painter, colour, QRectF(1.8, 1.8, 10.4, 10.4), 5.2)
            _stroke(painter, colour, 1.5, _HANDS)
        case Mark.SENDING:
            _stroke(painter, colour, 1.9, _ARROW_HEAD, _ARROW_SHAFT)
        case Mark.CONFLICT:
            _fill(painter, colour, _softened(_DIAMOND).subtracted(_polygon(_TWO_WAY)))
        case Mark.REJECTED:
            _fill(painter, colour, _softened(_OCTAGON).subtracted(_widened(1.8, *_CROSS)))
        case Mark.QUARANTINED:
            _ring(painter, colour, QRectF(1.3, 1.3, 11.4, 11.4), 2.2)
            _stroke(painter, colour, 1.4, *_BARS)
        case _:
            assert_never(mark)
    painter.restore()


def _stroke(painter: QPainter, colour: str, width: float, *lines: _Points) -> None:
    pen = QPen(QColor(colour), width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for line in lines:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line]))


def _ring(painter: QPainter, colour: str, rect: QRectF, radius: float) -> None:
    painter.setPen(QPen(QColor(colour), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, radius, radius)


def _fill(painter: QPainter, colour: str, path: QPainterPath) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawPath(path)


def _polygon(points: _Points) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    path.closeSubpath()
    return path


def _softened(points: _Points) -> QPainterPath:
    """The polygon with its corners a little rounded, within the same bounds."""
    inner = tuple((7 + (x - 7) * 0.93, 7 + (y - 7) * 0.93) for x, y in points)
    stroker = QPainterPathStroker()
    stroker.setWidth(0.85)
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    path = _polygon(inner)
    return path.united(stroker.createStroke(path))


def _widened(width: float, *lines: _Points) -> QPainterPath:
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    whole = QPainterPath()
    for line in lines:
        path = QPainterPath(QPointF(*line[0]))
        for x, y in line[1:]:
            path.lineTo(x, y)
        whole = whole.united(stroker.createStroke(path))
    return whole
