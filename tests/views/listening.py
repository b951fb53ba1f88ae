"""What somebody who does not see the window is told of it: names, roles and rows, as Qt hands them to the system."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from app.views.widgets.gauges import BucketGrid, ProgressBar, StorageBar
from app.views.widgets.stage_bar import StageBar
from app.views.widgets.stepper import Stepper

_Role = QAccessible.Role

_BUTTONS = frozenset(
    {
        _Role.Button,
        _Role.PushButton,
        _Role.CheckBox,
        _Role.RadioButton,
        _Role.ButtonMenu,
        _Role.ButtonDropDown,
        _Role.Switch,
        _Role.Link,
        _Role.ListItem,
        _Role.PageTab,
    }
)
_FITTING: tuple[tuple[type[QWidget], frozenset[QAccessible.Role]], ...] = (
    (QAbstractButton, _BUTTONS),
    (QLineEdit, frozenset({_Role.EditableText})),
    (QTextEdit, frozenset({_Role.EditableText})),
    (QPlainTextEdit, frozenset({_Role.EditableText})),
    (QComboBox, frozenset({_Role.ComboBox})),
    (QAbstractItemView, frozenset({_Role.Table, _Role.List, _Role.Tree})),
)
_PAINTED = (Stepper, StageBar, BucketGrid, ProgressBar, StorageBar)


def mute(window: QWidget) -> list[str]:
    """What one can reach or press, but not hear: no name, a role that does not fit, rows or figures without words."""
    found: list[str] = []
    for widget in window.findChildren(QWidget):
        if widget.isVisibleTo(window) and widget.width() and widget.height():
            found += [f"{type(widget).__name__} {widget.objectName()}: {why}" for why in _faults(widget)]
    return found


def _faults(widget: QWidget) -> Iterator[str]:
    face = QAccessible.queryAccessibleInterface(widget)
    if not face.isValid():
        yield "not known to the system"
        return
    name = face.text(QAccessible.Text.Name)
    if _reached(widget) and not name.strip():
        yield "no name"
    if isinstance(widget, QHeaderView):
        return  # its table speaks for it
    kind = next((roles for base, roles in _FITTING if isinstance(widget, base)), None)
    if kind is not None and face.role() not in kind:
        yield f"the role {face.role()} does not fit"
    if isinstance(widget, QAbstractItemView):
        yield from _silent_rows(widget)
    if isinstance(widget, _PAINTED) and not name.strip():
        yield "painted, and says nothing"


def _reached(widget: QWidget) -> bool:
    """Whether one gets there by keyboard or pointer; an area that scrolls is passed through."""
    if isinstance(
        widget, (QAbstractButton, QComboBox, QLineEdit, QAbstractItemView, QTextEdit, QPlainTextEdit)
    ):
        # A part of a control speaks through it.
        return not (isinstance(widget, QLineEdit) and isinstance(widget.parent(), QComboBox))
    by_key = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
    return by_key and not isinstance(widget, QAbstractScrollArea)


def _silent_rows(view: QAbstractItemView) -> Iterator[str]:
    model = view.model()
    for row in range(min(3, model.rowCount(QModelIndex()))):
        columns = 1 if isinstance(view, QListView) else model.columnCount(QModelIndex())
        for column in range(columns):
            index = model.index(row, column)
            said = index.data(Qt.ItemDataRole.AccessibleTextRole) or index.data(Qt.ItemDataRole.DisplayRole)
            if not str(said or "").strip():
                yield f"row {row}, column {column} says nothing"
