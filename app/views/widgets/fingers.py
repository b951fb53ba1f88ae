"""On a screen for fingers whatever one presses is 44 high and wide at least, on all pages, and no page knows of it.

A window whose content changes is watched (`Fingers`); a dialog or popup is grown as it is shown (`grown`). Nothing here
is handed widgets that are being made or destroyed, as a style or a filter for the whole application would be.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QSplitterHandle,
    QWidget,
)

from app.views.theme.tokens import Kiosk
from app.views.theme.touch import by_fingers

_PRESSED = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QHeaderView)
#: Names of what is pressed besides: rows that open, and the frame around segments, whose height alone counts.
ROW, FRAME = "pressed_row", "pressed_frame"
#: What a frame takes of the line it stands around.
_FRAME = 4


class Fingers(QObject):
    """Grows what a window shows whenever it is about to paint, before it is seen; nothing where no finger comes."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        if by_fingers():
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.UpdateRequest, QEvent.Type.Show} and isinstance(watched, QWidget):
            grown(watched)
        return super().eventFilter(watched, event)


def grown(root: QWidget) -> None:
    """Grow all that is shown inside of `root`, where it is touched by fingers, and lay it out again."""
    if not by_fingers():
        return
    changed = [grow(widget) for widget in root.findChildren(QWidget) if not widget.isHidden()]
    if any(changed):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)


def grow(widget: QWidget) -> bool:
    """Make one thing large enough for a finger, if it is one that is pressed. Returns whether it was not."""
    least = QSize(Kiosk.LEAST, Kiosk.LEAST)
    if isinstance(widget, QSplitterHandle):
        # Nothing to press: a line that parts two panes. Each keeps the width it has.
        widget.setEnabled(False)
        return False
    if isinstance(widget, QLineEdit) and widget.property("kind") == "bare":
        return _grow_in_frame(widget)
    if widget.property(FRAME):
        return _at_least(widget, QSize(0, Kiosk.LEAST + 2))
    if isinstance(widget, _PRESSED) or widget.property(ROW):
        return _at_least(widget, least)
    return False


def _grow_in_frame(edit: QLineEdit) -> bool:
    """A line without a frame of its own: the frame around it is what one sees and presses."""
    frame = edit.parentWidget()
    if frame is None or frame.property("kind") != "fieldbox":
        return _at_least(edit, QSize(Kiosk.LEAST, Kiosk.LEAST))
    inner = _at_least(edit, QSize(0, Kiosk.LEAST - _FRAME))
    return _at_least(frame, QSize(0, Kiosk.LEAST)) or inner


def _at_least(widget: QWidget, least: QSize) -> bool:
    size = widget.minimumSize().expandedTo(least)
    most = widget.maximumSize()
    if size == widget.minimumSize() and most.width() >= size.width() and most.height() >= size.height():
        return False
    widget.setMaximumSize(most.expandedTo(size))
    widget.setMinimumSize(size)
    return True
