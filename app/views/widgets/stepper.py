"""Where something stands on its way: the lifecycle across, and a wizard's steps down.

Usage: ``Stepper(theme, ["Submitted", "Review", "Approval", "Approved", "Converted"], current=3)``;
``StepList(theme); steps.set_steps([Step("customer", "Customer", "Complete", StepState.DONE), ...])``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.bridge.tips import plain_tip
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_focus, draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tokens, Tone
from app.views.widgets.base import ThemedWidget, keyboard_came

_DISC = 20


class StepState(StrEnum):
    """How far one step is."""

    DONE = "done"
    CURRENT = "current"
    AHEAD = "ahead"


class Stepper(ThemedWidget):
    """Discs on a line with their words below; the current one is a ring. 40 high, mirrored from right to left."""

    def __init__(
        self, theme: Theme, stages: Sequence[str] = (), current: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._stages: tuple[str, ...] = ()
        self._current = 0
        self._failed = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_stages(stages, current)

    def show_stages(self, stages: Sequence[str], current: int, *, failed: bool = False) -> None:
        """``current`` counts from 0; equal to the number of stages means all are done. ``failed`` ends it in bad."""
        self._stages = tuple(stages)
        self._current = current
        self._failed = failed
        if 0 <= current < len(self._stages):
            words = self.tr("Stage {number} of {count}: {stage}")
            named = words.format(number=current + 1, count=len(stages), stage=self._stages[current])
        else:
            named = self.tr("All {count} stages passed").format(count=len(stages))
        self.setAccessibleName(named)
        self.setToolTip(plain_tip(" → ".join(self._stages)))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(64 * max(1, len(self._stages)), 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._stages:
            return
        tokens = self.theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pitch = self.width() / len(self._stages)
        for number in range(len(self._stages) - 1):
            x = round(pitch * (number + 0.5))
            end = round(pitch * (number + 1.5))
            rule = self.lead(QRect(x + _DISC // 2, _DISC // 2 - 1, end - x - _DISC, 2))
            painter.fillRect(rule, tokens.accent_fill if number < self._current else tokens.line)
        worded = self._worded(pitch)
        for number, stage in enumerate(self._stages):
            x = round(pitch * (number + 0.5))
            disc = self.lead(QRect(x - _DISC // 2, 0, _DISC, _DISC))
            state = self._state(number)
            draw_disc(painter, self.theme, disc, state, failed=self._failed)
            if number not in worded:
                continue
            role, tone = _STAGE_WORDS[state]
            if self._failed and state is StepState.CURRENT:
                tone = Tone.BAD
            half = round(pitch / 2) + 3 if len(worded) == len(self._stages) else round(pitch)
            words = self.lead(QRect(x - half, 24, 2 * half, 16))
            colour = tokens.tone(tone)
            draw_text(painter, words, stage, self.theme.font(role), colour, Qt.AlignmentFlag.AlignHCenter)
        painter.end()

    def _worded(self, pitch: float) -> frozenset[int]:
        """The steps whose words are shown: all of them, or where they would run into each other the current one and
        those far enough from it. The tip has them all."""
        numbers = range(len(self._stages))
        font = self.theme.font(Role.TABLE_HEAD)
        if all(text_width(font, stage) <= pitch + 6 for stage in self._stages) and (
            sum(text_width(font, stage) + 6 for stage in self._stages) <= self.width()
        ):
            return frozenset(numbers)
        ends = {0, len(self._stages) - 1}
        return frozenset(
            n for n in numbers if n == self._current or (n in ends and abs(n - self._current) > 1)
        )

    def _state(self, number: int) -> StepState:
        if number < self._current:
            return StepState.DONE
        return StepState.CURRENT if number == self._current else StepState.AHEAD


_STAGE_WORDS = {
    StepState.DONE: (Role.CAPTION_MEDIUM, Tone.TEXT2),
    StepState.CURRENT: (Role.TABLE_HEAD, Tone.ACCENT),
    StepState.AHEAD: (Role.CAPTION, Tone.TEXT3),
}


def draw_disc(
    painter: QPainter, theme: Theme, disc: QRect, state: StepState, *, number: str = "", failed: bool = False
) -> None:
    """A disc of 20: filled with a tick, a ring with a dot (or a number), or an empty ring."""
    tokens = theme.tokens
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if state is StepState.DONE:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.accent_fill))
        painter.drawEllipse(QRectF(disc))
        theme.draw_icon(painter, disc.left() + 4, disc.top() + 4, "check", tokens.on_fill, 12, 3.0)
    elif state is StepState.CURRENT:
        colour = tokens.bad if failed else tokens.accent
        _ring(painter, disc, colour, 1 if number else 2, tokens.surface)
        if not number:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QRectF(disc).adjusted(6, 6, -6, -6))
    else:
        _ring(painter, disc, tokens.line2, 1, tokens.surface)
    if number and state is not StepState.DONE:
        colour = tokens.accent if state is StepState.CURRENT else tokens.text3
        draw_text(painter, disc, number, theme.font(Role.TABLE_HEAD), colour, Qt.AlignmentFlag.AlignHCenter)
    painter.restore()


def _ring(painter: QPainter, disc: QRect, colour: str, width: int, fill: str) -> None:
    inset = width / 2
    painter.setPen(QPen(QColor(colour), width))
    painter.setBrush(QColor(fill))
    painter.drawEllipse(QRectF(disc).adjusted(inset, inset, -inset, -inset))


@dataclass(frozen=True, slots=True)
class Step:
    """A wizard's step; ``tone`` colours the note (bad for fields to fix)."""

    key: str
    title: str
    note: str = ""
    state: StepState = StepState.AHEAD
    tone: Tone = Tone.TEXT3


class StepRow(QPushButton):
    """One step: disc or number, title, note; the current one lies on accent-soft."""

    def __init__(self, theme: Theme, step: Step, number: int, parent: QWidget | None = None) -> None:
        super().__init__(step.title, parent)
        self._theme = theme
        self._step = step
        self._number = number
        self._current = False
        self._focus_by_key = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)
        self.show_step(step, current=False)

    @property
    def step(self) -> Step:
        return self._step

    def show_step(self, step: Step, *, current: bool) -> None:
        self._step = step
        self._current = current
        self.setText(step.title)
        words = self.tr("Step {number}: {title}").format(number=self._number, title=step.title)
        self.setAccessibleName(f"{words}, {step.note}" if step.note else words)
        self.update()

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(175, 44)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        if self._current:
            rounded(painter, self.rect(), Radius.CONTROL, tokens.accent_soft)
        elif self.underMouse():
            rounded(painter, self.rect(), Radius.CONTROL, tokens.hover)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        disc = QRect(self.width() - 30 if mirrored else 10, 12, _DISC, _DISC)
        state = self._step.state
        if self._current and state is not StepState.DONE:
            state = StepState.CURRENT
        draw_disc(painter, self._theme, disc, state, number=str(self._number))
        room = QRect(10 if mirrored else 40, 5 if self._step.note else 12, self.width() - 50, 20)
        align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        colour = tokens.accent if self._current else tokens.text
        draw_text(painter, room, self._step.title, self._theme.font(Role.NAME), colour, align)
        if self._step.note:
            note = QRect(room.left(), 23, room.width(), 16)
            self._draw_note(painter, note, tokens, align)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect())
        painter.end()

    def _draw_note(self, painter: QPainter, note: QRect, tokens: Tokens, align: Qt.AlignmentFlag) -> None:
        font = self._theme.font(Role.CAPTION)
        draw_text(painter, note, self._step.note, font, tokens.tone(self._step.tone), align)


class StepList(ThemedWidget):
    """A wizard's steps; ``chosen`` gives the key of the step the user asked for."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._rows: dict[str, StepRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self.setAccessibleName(self.tr("Steps"))

    def set_steps(self, steps: Sequence[Step], current: str = "") -> None:
        """Show these steps; rows are kept where keys stay, so that the keyboard is not lost."""
        if list(self._rows) != [step.key for step in steps]:
            self._rebuild(steps)
        for step in steps:
            self._rows[step.key].show_step(step, current=step.key == current)

    def _rebuild(self, steps: Sequence[Step]) -> None:
        for old in self._rows.values():
            self._column.removeWidget(old)
            old.deleteLater()
        self._rows = {}
        for number, step in enumerate(steps, start=1):
            entry = StepRow(self.theme, step, number, self)
            entry.clicked.connect(lambda _on=False, key=step.key: self.chosen.emit(key))
            self._column.addWidget(entry)
            self._rows[step.key] = entry
