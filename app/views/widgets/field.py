"""A labelled field: label, optional, control, help or error or hint, counter.

Usage::

    title = Field(theme, "Title", LineControl(theme), help="As the customer calls it", limit=120)
    title.edited.connect(page.save_draft); title.left.connect(page.validate)
    title.set_error("Has passed. Pick 24 Nov 2026 or later.")

An error is shown on leaving and goes while typing; a hint warns and never blocks.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.bridge.tips import plain_tip
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.control import Control, FieldState
from app.views.widgets.layout import row
from app.views.widgets.text import Run, Text
from app.views.widgets.text_controls import show_number
from app.views.widgets.tiles import Icon


class Field(ThemedWidget):
    """A control with its words. ``edited`` and ``left`` are the control's own."""

    edited = Signal()
    left = Signal()

    def __init__(
        self,
        theme: Theme,
        label: str,
        control: Control,
        *,
        optional: bool = False,
        help: str = "",  # noqa: A002 - the word of the design
        limit: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self.control = control
        self._name = label
        self._help = help
        self._limit = limit
        self._error = ""
        self._hint = ""
        self._warning = ""
        self._optional = optional
        self._mark = ""
        self._label = Text(theme, label, Role.LABEL, Tone.TEXT2)
        self._show_label()
        self._label.setBuddy(control)
        self._icon = Icon(theme, "alert-circle", Tone.BAD, 14, self.tr("Error"))
        self._message = Text(theme, "", Role.SECONDARY, Tone.TEXT3, wrap=True)
        self._message.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._counter = Text(theme, "", Role.SECONDARY, Tone.TEXT3)
        self._below = QWidget()
        below = row(gap=5)
        # On the first line of a message that wraps.
        self._icon.setFixedSize(14, 16)
        below.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self._message, 1)
        below.addWidget(self._counter, 0, Qt.AlignmentFlag.AlignTop)
        self._below.setLayout(below)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        # A box to tick carries its words itself: what stands beside a name stands beside the box then.
        self._head = row(self._label if label else control, gap=4)
        self._head.addStretch(1)
        layout.addLayout(self._head)
        if label:
            layout.addWidget(control)
        else:
            self._label.setParent(self)
            self._label.hide()
        layout.addWidget(self._below)
        # Beside a field with a message, this one keeps its label on top.
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        control.edited.connect(self._on_edited)
        control.left.connect(self._on_left)
        self._show()

    def set_aside(self, widget: QWidget) -> None:
        """Put something small beside the name; its room stays while it is hidden."""
        policy = widget.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        widget.setSizePolicy(policy)
        widget.hide()
        self._head.insertWidget(1, widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A name that a narrow place cuts is said by its tip."""
        super().resizeEvent(event)
        cut = self._label.sizeHint().width() > self._label.width()
        self._label.setToolTip(plain_tip(self._label.text() if cut else ""))

    def _show_label(self) -> None:
        runs = [Run(self._name, Tone.TEXT2)]
        if self._mark:
            runs.append(Run(" " + self._mark, Tone.ACCENT, Role.SECONDARY))
        elif self._optional:
            runs.append(Run(" " + self.tr("optional"), Tone.TEXT3, Role.SECONDARY))
        self._label.set_runs(runs)

    def set_mark(self, words: str) -> None:
        """A word beside the label on where the value comes from, such as *copied*; empty when it is the user's own."""
        if words != self._mark:
            self._mark = words
            self._show_label()
            self._show()

    @property
    def mark(self) -> str:
        return self._mark

    @property
    def label(self) -> str:
        return self._name

    @property
    def error(self) -> str:
        return self._error

    def value(self) -> object:
        return self.control.value()

    def set_value(self, value: object) -> None:
        """Show a value; not an edit, so ``edited`` stays silent."""
        self.control.set_value(value)
        self._count()

    def set_error(self, words: str) -> None:
        """How to mend it, or an empty text; a 2 px border in bad, an icon and the words."""
        self._error = words
        self._show()

    def set_hint(self, words: str) -> None:
        """A warning that never blocks: border in warn, words below."""
        self._hint = words
        self._show()

    def warn(self, words: str) -> None:
        """The border of a hint whose words stand elsewhere, as on a card; who does not see it is still told them."""
        self._warning = words
        self._show()

    def set_help(self, words: str) -> None:
        self._help = words
        self._show()

    def set_locked(self, reason: str) -> None:
        """Take no input and say why; an empty reason opens the field again."""
        self.control.set_locked(bool(reason))
        self._help = reason or self._help
        self._show()

    def focus(self) -> None:
        self.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_edited(self) -> None:
        if self._error:
            self.set_error("")
        self._count()
        self.edited.emit()

    def _on_left(self) -> None:
        problem = self.control.problem()
        if problem:
            self.set_error(problem)
        self.left.emit()

    def _show(self) -> None:
        state = (
            FieldState.ERROR
            if self._error
            else FieldState.HINT
            if self._hint or self._warning
            else FieldState.PLAIN
        )
        words = self._error or self._hint or self._help
        tone = Tone.BAD if self._error else Tone.WARN if self._hint else Tone.TEXT3
        self.control.set_state(state)
        self._icon.setVisible(bool(self._error))
        self._message.set_tone(tone)
        self._message.set_text(words)
        self.control.name_as(
            self._name, " · ".join(part for part in (self._mark, words, self._warning) if part)
        )
        self._count()

    def _count(self) -> None:
        value = self.control.value()
        used = len(value) if isinstance(value, str) else 0
        if self._limit is not None:
            shown = show_number(str(self._limit), self.locale())
            self._counter.set_text(
                self.tr("{used} of {limit}").format(used=show_number(str(used), self.locale()), limit=shown)
            )
            self._counter.set_tone(Tone.BAD if used > self._limit else Tone.TEXT3)
        self._counter.setVisible(self._limit is not None)
        self._below.setVisible(bool(self._message.text()) or self._limit is not None)
