"""What a field may hold: the common ground of all input controls.

A control gives and takes one value, says when the user edits or leaves it, and shows a state. Fields put a label,
help and messages around it; pages talk to the field.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from app.views.theme.theme import Theme
from app.views.widgets.base import ThemedWidget


class FieldState(StrEnum):
    """What the border says; also the style sheet's ``state``."""

    PLAIN = ""
    HINT = "hint"
    ERROR = "error"


class Control(ThemedWidget):
    """``edited`` comes with each change by the user, ``left`` when the keyboard leaves the control."""

    edited = Signal()
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._parts: tuple[QWidget, ...] = ()

    def value(self) -> object:
        """The value as the record keeps it, or None when empty."""
        raise TypeError(f"{type(self).__name__} holds no value")

    def set_value(self, value: object) -> None:
        """Show a value without saying that it was edited. Raises TypeError for a value of another kind."""
        raise TypeError(f"{type(self).__name__} takes no value, least of all {value!r}")

    def problem(self) -> str:
        """Why what is written cannot become a value, in the user's words; empty when it can."""
        return ""

    def set_state(self, state: FieldState) -> None:
        """Border of all parts."""
        for part in self._parts:
            dress(part, state.value)

    def set_locked(self, locked: bool) -> None:
        """Show the value but take no input."""
        for part in self._parts:
            part.setEnabled(not locked)

    def name_as(self, name: str, description: str) -> None:
        """Accessible name and description of the part that has the keyboard."""
        for part in self._parts:
            part.setAccessibleName(name)
            part.setAccessibleDescription(description)

    def watch(self, *parts: QWidget) -> None:
        """Declare the parts that take the keyboard; the first is the focus proxy."""
        self._parts = parts
        self.setFocusProxy(parts[0])
        for part in parts:
            part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent) and event.lostFocus():
            self.left.emit()
        return super().eventFilter(watched, event)


def dress(widget: QWidget, state: str) -> None:
    """Set the style sheet's ``state`` and let the sheet take effect."""
    if widget.property("state") == state:
        return
    widget.setProperty("state", state)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def text_or_none(value: object) -> str:
    """A text value as it is shown; None is an empty text. Raises TypeError for anything else."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise TypeError(f"expected a text, got {type(value).__name__}")
