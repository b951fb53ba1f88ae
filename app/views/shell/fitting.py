"""Where a window that was closed opens again: where it was, as long as that is still on a screen.

Pure: rectangles in, a rectangle out. Screens may differ in scale, so a window moves as a whole to the screen that
shows most of it, and is made smaller where that screen is smaller. One whose screen is gone comes to the first one.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize

#: So much of the upper edge has to be on a screen for a person to get hold of the window.
_GRIP = QSize(160, 32)


def fitting(wanted: QRect, screens: Sequence[QRect]) -> QRect:
    """Return where to show a window. `screens`: the parts of each that windows may take, the main one first."""
    if not screens:
        return wanted
    grip = QRect(wanted.topLeft(), QSize(wanted.width(), _GRIP.height()))
    seen = [grip.intersected(screen) for screen in screens]
    reach = [
        part.width() if part.width() >= _GRIP.width() and part.height() >= _GRIP.height() // 2 else 0
        for part in seen
    ]
    if not any(reach):
        return _centred(wanted.size(), screens[0])
    return _inside(wanted, screens[reach.index(max(reach))])


def _inside(wanted: QRect, screen: QRect) -> QRect:
    """Keep the place as far as the whole window then is on the screen."""
    size = wanted.size().boundedTo(screen.size())
    x = min(max(wanted.x(), screen.left()), screen.right() + 1 - size.width())
    y = min(max(wanted.y(), screen.top()), screen.bottom() + 1 - size.height())
    return QRect(QPoint(x, y), size)


def _centred(wanted: QSize, screen: QRect) -> QRect:
    size = wanted.boundedTo(screen.size())
    x = screen.left() + (screen.width() - size.width()) // 2
    y = screen.top() + (screen.height() - size.height()) // 2
    return QRect(QPoint(x, y), size)
