"""Milestones down a line: reached, now, late or planned, each with what is handed over at it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.services.projects import Mark, Milestone
from app.services.related import RelatedLine
from app.services.views_model import RecordView
from app.views.records.record.related import RelatedRow
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.cards import Card
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.stepper import StepState, draw_disc
from app.views.widgets.text import Text

_DISC, _RAIL = 20, 32
_TONES = {
    Mark.REACHED: Tone.TEXT2,
    Mark.NOW: Tone.ACCENT,
    Mark.LATE: Tone.WARN,
    Mark.PLANNED: Tone.TEXT3,
    Mark.DROPPED: Tone.TEXT3,
}


class Rail(ThemedWidget):
    """The disc of one milestone and the line to the next one; decorative, since the row says it in words."""

    def __init__(self, theme: Theme, mark: Mark, *, last: bool, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._mark = mark
        self._last = last
        self.setFixedWidth(_RAIL)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(mark.value)

    def sizeHint(self) -> QSize:
        return QSize(_RAIL, _DISC)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        if not self._last:
            reached = self._mark is Mark.REACHED
            line = self.lead(QRect(_DISC // 2 - 1, _DISC, 2, self.height() - _DISC))
            painter.fillRect(line, tokens.accent_fill if reached else tokens.line)
        disc = self.lead(QRect(0, 0, _DISC, _DISC))
        if self._mark in (Mark.LATE, Mark.DROPPED):
            icon, tone = ("clock", Tone.WARN) if self._mark is Mark.LATE else ("ban", Tone.TEXT3)
            self.theme.draw_icon(painter, disc.left(), disc.top(), icon, tokens.tone(tone), _DISC)
        else:
            states = {Mark.REACHED: StepState.DONE, Mark.NOW: StepState.CURRENT}
            draw_disc(painter, self.theme, disc, states.get(self._mark, StepState.AHEAD))
        painter.end()


class MilestoneRow(ThemedWidget):
    """One milestone and its deliverables. `opened` gives a gid."""

    opened = Signal(str)

    def __init__(
        self, theme: Theme, milestone: Milestone, *, last: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        tone = _TONES[milestone.mark]
        when = " · ".join(part for part in (milestone.when, milestone.late) if part) or milestone.state
        day = Text(theme, when, Role.LABEL if milestone.late else Role.SECONDARY, tone)
        title_tone = Tone.TEXT if milestone.mark is not Mark.DROPPED else Tone.TEXT3
        top = row(gap=12)
        top.addWidget(Text.cut(theme, milestone.title, Role.NAME, title_tone), 1)
        top.addWidget(day)
        body = column(top)
        if milestone.about:
            body.addWidget(Text(theme, milestone.about, Role.SECONDARY, Tone.TEXT3, wrap=True))
        if milestone.deliverables:
            body.addSpacing(8)
            card = DeliverableCard(theme, milestone.deliverables)
            card.opened.connect(self.opened)
            body.addWidget(card)
        body.addSpacing(4 if last else 20)
        whole = row(gap=0, align=False)
        whole.addWidget(Rail(theme, milestone.mark, last=last))
        whole.addLayout(body, 1)
        self.setLayout(whole)
        said = (milestone.title, milestone.state, milestone.when, milestone.late)
        self.setAccessibleName(", ".join(part for part in said if part))


class DeliverableCard(Card):
    """Deliverables one below the other; `opened` gives a gid."""

    opened = Signal(str)

    def __init__(self, theme: Theme, found: Sequence[RecordView], parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self.setAccessibleName(self.tr("Deliverables"))
        self.body.setContentsMargins(0, 2, 0, 2)
        for number, record in enumerate(found):
            if number:
                self.add_rule()
            entry = RelatedRow(theme, self._line(record))
            entry.opened.connect(lambda gid=record.gid: self.opened.emit(gid))
            self.body.addWidget(entry)

    def _line(self, record: RecordView) -> RelatedLine:
        version = str(record.data.get("version") or "")
        told = self.tr("version {version}").format(version=version) if version else ""
        detail = " · ".join(part for part in (record.number, told) if part)
        return RelatedLine(
            record.gid, record.title, detail, record.state_label, record.tone, record.sync.value
        )


class MilestoneList(ThemedWidget):
    """All milestones; made anew only when something about them changed."""

    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: tuple[Milestone, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    @property
    def shown(self) -> tuple[Milestone, ...]:
        """What stands here."""
        return self._shown

    def show_milestones(self, milestones: Sequence[Milestone]) -> None:
        """Draw these, in their order."""
        if tuple(milestones) == self._shown:
            return
        self._shown = tuple(milestones)
        emptied(self._column)
        for number, milestone in enumerate(milestones):
            entry = MilestoneRow(self.theme, milestone, last=number == len(milestones) - 1)
            entry.opened.connect(self.opened)
            self._column.addWidget(entry)
