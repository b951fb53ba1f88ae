"""The way of an order, step below step: what is behind it and when, where it is, what comes next and when it is due."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.services.journey import Passed, Step
from app.services.views_model import RecordView
from app.views.page import PageContext
from app.views.records.record.parts import STEPS, Part
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_text
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.layout import column
from app.views.widgets.stepper import StepState, draw_disc

_ROW, _DISC, _START = 32, 20, 32
_DISCS = {
    Passed.DONE: StepState.DONE,
    Passed.NOW: StepState.CURRENT,
    Passed.AHEAD: StepState.AHEAD,
    Passed.ENDED: StepState.CURRENT,
}


class Journey(ThemedWidget):
    """Discs on a line down, the step's words beside each and its day at the end; says all of it by name."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._steps: tuple[Step, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_steps(())

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is drawn."""
        return self._steps

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Draw these, the earliest first."""
        self._steps = tuple(steps)
        words = {
            Passed.DONE: self.tr("done"),
            Passed.NOW: self.tr("now"),
            Passed.AHEAD: self.tr("to come"),
            Passed.ENDED: self.tr("ended"),
        }
        said = [
            " ".join(part for part in (step.label, words[step.passed], step.when, step.late) if part)
            for step in self._steps
        ]
        self.setAccessibleName(", ".join(said) or self.tr("No steps"))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, max(1, len(self._steps)) * _ROW - (_ROW - _DISC))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        for number in range(len(self._steps) - 1):
            reached = self._steps[number + 1].passed is not Passed.AHEAD
            rule = self.lead(QRect(_DISC // 2 - 1, number * _ROW + _DISC, 2, _ROW - _DISC))
            painter.fillRect(rule, tokens.accent_fill if reached else tokens.line)
        for number, step in enumerate(self._steps):
            self._paint_step(painter, step, number * _ROW)
        painter.end()

    def _paint_step(self, painter: QPainter, step: Step, top: int) -> None:
        tokens = self.theme.tokens
        disc = self.lead(QRect(0, top, _DISC, _DISC))
        draw_disc(painter, self.theme, disc, _DISCS[step.passed], failed=step.passed is Passed.ENDED)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        start_side, end_side = (right, left) if self.mirrored else (left, right)
        when = " · ".join(part for part in (step.when, step.late) if part)
        tone = Tone.BAD if step.late else Tone.TEXT2 if step.passed is not Passed.AHEAD else Tone.TEXT3
        font = self.theme.font(Role.LABEL if step.late else Role.SECONDARY)
        used = min(text_width(font, when), self.width() - _START - 40)
        end = self.lead(QRect(self.width() - used, top, used, _DISC))
        draw_text(painter, end, when, font, tokens.tone(tone), end_side)
        role = {Passed.NOW: Role.STRONG, Passed.DONE: Role.NAME}.get(step.passed, Role.BODY)
        colour = {Passed.NOW: Tone.ACCENT, Passed.DONE: Tone.TEXT, Passed.ENDED: Tone.BAD}.get(
            step.passed, Tone.TEXT3
        )
        room = self.lead(QRect(_START, top, self.width() - _START - used - 12, _DISC))
        draw_text(painter, room, step.label, self.theme.font(role), tokens.tone(colour), start_side)


class JourneyPart(Part):
    """The way of a record, in the place of the stepper across."""

    fields = frozenset({"placed_at", "expected_at", "shipped_at", "delivered_at"})
    tells = frozenset({STEPS})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.journey = Journey(context.theme)
        self.setLayout(column(self.journey, margins=(16, 14, 16, 14)))

    def show_record(self, record: RecordView, *, online: bool) -> None:
        steps = self.portal.about.steps(record)
        if steps != self.journey.steps:
            self.journey.show_steps(steps)
        self.setVisible(bool(steps))
