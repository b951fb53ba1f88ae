"""A vendor's mark: one path on a grid of 24, painted in one colour, and nothing else that a manifest might bring.

The path comes from a gateway, so it is put into a drawing that is made here; what is no path is not painted at all.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.contract.manifest import Brand

#: Edges of the window's icon, as desktops ask for them.
_EDGES = (16, 24, 32, 48, 64, 128, 256)

#: The share of a tile that its mark takes, and that rounds its corners.
_INSET, _ROUND = 0.14, 0.22


def mark_drawing(path: str, colour: str) -> QSvgRenderer | None:
    """Return what paints a mark, or None for a path that is none. `colour` is ``#RRGGBB``."""
    if not path.strip() or any(sign in path for sign in "<>&\"'"):
        return None
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="{colour}" d="{path}"/></svg>'
    drawing = QSvgRenderer(QByteArray(svg.encode()))
    return drawing if drawing.isValid() else None


def paint_tile(painter: QPainter, edge: float, brand: Brand, ground: str, ink: str, font: QFont) -> None:
    """Paint a tile of `edge` pixels at the origin: the mark, or the initial, in `ink` on a rounded `ground`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    corner = edge * _ROUND
    painter.drawRoundedRect(QRectF(0, 0, edge, edge), corner, corner)
    drawing = mark_drawing(brand.mark, ink)
    if drawing is not None:
        inset = edge * _INSET
        drawing.render(painter, QRectF(inset, inset, edge - 2 * inset, edge - 2 * inset))
        return
    letter = (brand.initial.strip() or brand.vendor.strip())[:1].upper()
    font.setPixelSize(max(11, round(edge / 2)))
    painter.setFont(font)
    painter.setPen(QColor(ink))
    painter.drawText(QRectF(0, 0, edge, edge), Qt.AlignmentFlag.AlignCenter, letter)


def window_icon(brand: Brand, ground: str, ink: str, font: QFont) -> QIcon:
    """Return the tile as the icon of a window, in all sizes that desktops ask for."""
    icon = QIcon()
    for edge in _EDGES:
        pixmap = QPixmap(edge, edge)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_tile(painter, edge, brand, ground, ink, QFont(font))
        painter.end()
        icon.addPixmap(pixmap)
    return icon
