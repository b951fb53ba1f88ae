"""Small files of each kind that the window shows: a PDF, a picture, a text."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPageSize, QPainter, QPdfWriter


def a_paper(title: str) -> bytes:
    """A PDF of one page."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setResolution(96)
    painter = QPainter(writer)
    painter.setFont(QFont(painter.font().family(), 20))
    painter.drawText(QRectF(20, 40, 600, 60), 0, title)
    painter.end()
    return bytes(buffer.data().data())


def a_picture() -> bytes:
    """A PNG of a roof with two antennas."""
    image = QImage(640, 400, QImage.Format.Format_RGB32)
    image.fill(QColor("#dfe7f0"))
    painter = QPainter(image)
    painter.fillRect(60, 200, 520, 160, QColor("#6a7687"))
    for x in (180, 460):
        painter.fillRect(x, 110, 8, 90, QColor("#2952c4"))
    painter.setPen(QColor("#1d2430"))
    painter.drawText(QRectF(60, 366, 520, 24), Qt.AlignmentFlag.AlignCenter, "Rope walk, south roof")
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def a_text() -> bytes:
    """A plain text in UTF-8."""
    return "Rope walk – sites\n1  South roof, two antennas\n2  Winding house, one cabinet\n".encode()
