"""On a shared screen whatever one presses is at least 44 high and wide: for all pages, without a page knowing of it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QMenu,
    QSplitterHandle,
    QWidget,
)

from app.views.theme.tokens import Kiosk
from app.views.theme.touch import use_fingers
from app.views.widgets.choice_controls import SegmentedControl
from app.views.widgets.rows import OpenRow

_PRESSED = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QHeaderView, OpenRow)
_WHEN = frozenset({QEvent.Type.Polish, QEvent.Type.Show})
_LEAST = QSize(Kiosk.LEAST, Kiosk.LEAST)
#: What a frame takes of the line it stands around.
_FRAME = 4
_MENU = "QMenu::item { padding: 14px 28px 14px 16px; }"


class TouchTargets(QObject):
    """Watches the whole application: what comes on screen is grown before it is seen."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        use_fingers(app)
        app.installEventFilter(self)

    def stop(self) -> None:
        """Let things be as they are."""
        self._app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _WHEN and isinstance(watched, QWidget):
            grow(watched)
        return super().eventFilter(watched, event)


def grow(widget: QWidget) -> None:
    """Make one thing large enough for a finger, if it is one that is pressed."""
    if isinstance(widget, QMenu):
        if widget.styleSheet() != _MENU:
            widget.setStyleSheet(_MENU)
    elif isinstance(widget, QSplitterHandle):
        # Nothing to press: a line that parts two panes. Each keeps the width it has.
        widget.setEnabled(False)
    elif isinstance(widget, QLineEdit) and widget.property("kind") == "bare":
        _grow_in_frame(widget)
    elif isinstance(widget, SegmentedControl):
        _at_least(widget, QSize(0, Kiosk.LEAST + 2))
    elif isinstance(widget, _PRESSED):
        _at_least(widget, _LEAST)


def _grow_in_frame(edit: QLineEdit) -> None:
    """A line without a frame of its own: the frame around it is what one sees and presses."""
    frame = edit.parentWidget()
    if frame is not None and frame.property("kind") == "fieldbox":
        _at_least(frame, QSize(0, Kiosk.LEAST))
        edit.setMinimumHeight(Kiosk.LEAST - _FRAME)
    else:
        _at_least(edit, _LEAST)


def _at_least(widget: QWidget, least: QSize) -> None:
    size = widget.minimumSize().expandedTo(least)
    if size != widget.minimumSize() or not _holds(widget.maximumSize(), size):
        widget.setMaximumSize(widget.maximumSize().expandedTo(size))
        widget.setMinimumSize(size)


def _holds(outer: QSize, inner: QSize) -> bool:
    return outer.width() >= inner.width() and outer.height() >= inner.height()
