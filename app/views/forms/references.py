"""A control for several references: a chip for each, and a line to find more by name.

Usage: ``ReferencesControl(theme, lambda text: records.options("contact", text), records.title_of)``. The value is a
tuple of gids in the order they were added, or None. Keys: Backspace in the empty line, or Delete on a chip, takes one
out; the arrows move between chips and line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.bridge.tips import plain_tip
from app.services.views_model import Option as Candidate
from app.views.forms.reference import ReferenceControl
from app.views.requests.flow import Flow
from app.views.theme.fonts import Role
from app.views.theme.lines import elided, text_width
from app.views.theme.paint import draw_focus, draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Radius
from app.views.widgets.base import keyboard_came
from app.views.widgets.control import Control, FieldState
from app.views.widgets.layout import emptied

_INSET, _CROSS, _MOST = 9, 14, 220


class ReferenceChip(QPushButton):
    """A chosen record; pressing it, Delete or Backspace takes it out."""

    removed = Signal()
    stepped = Signal(int)
    """An arrow key: -1 towards the first chip, 1 towards the line."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._focus_by_key = False
        self.setAutoDefault(False)
        self.setAccessibleName(self.tr("Remove {name}").format(name=text))
        self.setToolTip(plain_tip(self.accessibleName()))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.removed)
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        words = min(_MOST, text_width(self._theme.font(Role.LABEL), self.text()))
        return QSize(words + 2 * _INSET + _CROSS + 4, Height.CONTROL_SMALL - 4)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        forward = Qt.Key.Key_Right
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            forward = Qt.Key.Key_Left
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.stepped.emit(1 if event.key() == forward else -1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        hovered = self.underMouse() and self.isEnabled()
        ground = tokens.hover if hovered else tokens.accent_soft
        rounded(painter, self.rect(), Radius.CONTROL, ground, tokens.accent_line)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        taken = (_CROSS + 4) if self.isEnabled() else 0
        inner = self.rect().adjusted(_INSET, 0, -_INSET, 0)
        words = inner.adjusted(taken, 0, 0, 0) if mirrored else inner.adjusted(0, 0, -taken, 0)
        font = self._theme.font(Role.LABEL)
        align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        draw_text(painter, words, elided(font, self.text(), words.width()), font, tokens.text, align)
        if taken:
            x = inner.left() if mirrored else inner.right() + 1 - _CROSS
            self._theme.draw_icon(painter, x, (self.height() - _CROSS) // 2, "x", tokens.text2, _CROSS)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect())
        painter.end()


class ReferencesControl(Control):
    """Any number of records of one type."""

    def __init__(
        self,
        theme: Theme,
        candidates: Callable[[str], Sequence[Candidate]],
        title_of: Callable[[str], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._title_of = title_of
        self._gids: tuple[str, ...] = ()
        self._locked = False
        self.line = ReferenceControl(
            theme, lambda text: [one for one in candidates(text) if one.gid not in self._gids], title_of
        )
        self.line.edit.setPlaceholderText(self.tr("Type a name to add somebody"))
        self._holder = QWidget()
        self._chips = Flow(6)
        self._holder.setLayout(self._chips)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._holder)
        layout.addWidget(self.line)
        self.line.edited.connect(self._on_line)
        self.watch(self.line.edit)
        self._show()

    def value(self) -> tuple[str, ...] | None:
        return self._gids or None

    def set_value(self, value: object) -> None:
        if value is not None and not isinstance(value, tuple | list):
            raise TypeError(f"expected gids, got {type(value).__name__}")
        self._gids = tuple(dict.fromkeys(str(gid) for gid in value or ()))
        self.line.set_value(None)
        self._show()

    def problem(self) -> str:
        return self.line.problem()

    def set_locked(self, locked: bool) -> None:
        self._locked = locked
        self.line.setVisible(not locked)
        self._show()

    def set_state(self, state: FieldState) -> None:
        self.line.set_state(state)

    def name_as(self, name: str, description: str) -> None:
        chosen = ", ".join(self._words(gid) for gid in self._gids)
        self.setAccessibleName(name)
        self.line.name_as(name, " · ".join(part for part in (chosen, description) if part))

    @property
    def chips(self) -> list[ReferenceChip]:
        """The chips, in order."""
        items = (self._chips.itemAt(n) for n in range(self._chips.count()))
        return [widget for item in items if item and isinstance(widget := item.widget(), ReferenceChip)]

    def _words(self, gid: str) -> str:
        return self._title_of(gid) or self.tr("Somebody who is not on this computer")

    def _show(self) -> None:
        emptied(self._chips)
        self._holder.setVisible(bool(self._gids))
        for number, gid in enumerate(self._gids):
            chip = ReferenceChip(self.theme, self._words(gid))
            chip.setEnabled(not self._locked)
            chip.removed.connect(lambda number=number: self._remove(number))
            chip.stepped.connect(lambda step, number=number: self._step(number + step))
            self._chips.addWidget(chip)
            chip.show()  # at once, so that it may take the keyboard

    def _on_line(self) -> None:
        picked = self.line.value()
        if picked is not None:
            self._gids = (*self._gids, picked) if picked not in self._gids else self._gids
            # Qt writes the picked title into the line after this.
            QTimer.singleShot(0, self, lambda: self.line.set_value(None))
            self._show()
        self.edited.emit()

    def _remove(self, number: int) -> None:
        self._gids = (*self._gids[:number], *self._gids[number + 1 :])
        self._show()
        self.edited.emit()
        self._step(number)

    def _step(self, number: int) -> None:
        """Give a chip the keyboard; beyond the last one, the line."""
        chips = self.chips
        target = chips[max(0, number)] if number < len(chips) else self.line.edit
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and watched is self.line.edit
            and not self.line.edit.text()
            and self._gids
            and event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Left)
        ):
            if event.key() == Qt.Key.Key_Backspace:
                self._remove(len(self._gids) - 1)
                self.line.edit.setFocus()
            else:
                self._step(len(self._gids) - 1)
            return True
        return super().eventFilter(watched, event)
