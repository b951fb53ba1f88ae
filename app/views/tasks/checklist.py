"""Tasks by project: how far each project is, and its tasks with whose turn it is, when they are due, what comes first.

Usage: ``list = TaskList(theme); list.show_lists(portal.tasks.checklists("task"), gid); list.chosen.connect(show)``.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.services.views_model import Checklist, SyncState, TaskLine
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.cards import Rule
from app.views.widgets.gauges import ProgressBar
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.rows import OpenRow
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_ROW = 54


class TaskRow(OpenRow):
    """One task: its mark, its title, and a second line that says what is next. `stepped`: an arrow key, -1 or 1."""

    stepped = Signal(int)

    def __init__(self, theme: Theme, line: TaskLine, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.line = line
        self._chosen = False
        self.setFixedHeight(_ROW)
        icon, tone, said = self._mark(line)
        about, about_tone = self._about(line, said)
        title = Text(theme, line.record.title, Role.NAME, Tone.TEXT3 if line.done else Tone.TEXT, elide=True)
        second = row(gap=Space.S)
        second.addWidget(Text(theme, about, Role.SECONDARY, about_tone, elide=True), 1)
        if line.due.words:
            tone_due = Tone.TEXT3 if line.due.tone == Tone.NEUTRAL else Tone(line.due.tone)
            second.addWidget(Text(theme, line.due.words, Role.LABEL, tone_due))
        whole = row(Icon(theme, icon, tone, 18, said), gap=Space.M, margins=(Space.L, 0, Space.L, 0))
        whole.addLayout(column(None, title, second, None), 1)
        self.setLayout(whole)
        spoken = (line.record.title, said, about if about != said else "", line.due.words)
        self.setAccessibleName(", ".join(part for part in spoken if part))

    def _mark(self, line: TaskLine) -> tuple[str, Tone, str]:
        """Shape, tone and word of how a task stands."""
        label = line.record.state_label
        if line.record.sync in (SyncState.WAITING, SyncState.SENDING):
            return "clock", Tone.WARN, self.tr("waits to be sent")
        if line.done:
            return "circle-check", Tone.OK, label
        if line.turn == "vendor":
            return "progress-check", Tone.ACCENT, label
        if line.after:
            return "lock", Tone.TEXT3, self.tr("not yet")
        if line.record.tone == Tone.WARN and line.record.state != "todo":
            return "alert-triangle", Tone.WARN, label
        return ("pencil", Tone.ACCENT, self.tr("begun")) if line.begun else ("circle", Tone.TEXT2, label)

    def _about(self, line: TaskLine, said: str) -> tuple[str, Tone]:
        if line.after and not line.done:
            return self.tr("Begins after “{title}”").format(title=line.after[0]), Tone.TEXT3
        words = said[:1].upper() + said[1:]
        return words, Tone.WARN if line.record.sync is SyncState.WAITING else Tone.TEXT3

    def choose(self, chosen: bool) -> None:
        """Show that this is the task which is open beside the list."""
        if self._chosen != chosen:
            self._chosen = chosen
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._chosen:
            painter = QPainter(self)
            painter.fillRect(self.rect(), self.theme.tokens.accent_soft)
            bar = self.rect()
            bar.setWidth(2)
            painter.fillRect(self.lead(bar), self.theme.tokens.accent)
            painter.end()
        super().paintEvent(event)


class TaskList(ThemedWidget):
    """`chosen` gives a gid, by pointer or keyboard; arrow keys go from task to task."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: tuple[Checklist, ...] = ()
        self._gid = ""
        self.rows: list[TaskRow] = []
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(0, 0, 0, Space.L)
        self._column.setSpacing(0)
        self._area: QScrollArea = scrolled(content, self.tr("Tasks"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)

    def show_lists(self, lists: Sequence[Checklist], more: str = "") -> None:
        """Show these checklists; `more` says below them what is left out."""
        if self._shown == tuple(lists):
            return
        self._shown = tuple(lists)
        held = next((one.line.record.gid for one in self.rows if one.hasFocus()), "")
        emptied(self._column)
        self.rows = []
        for checklist in lists:
            self._column.addWidget(self._head(checklist))
            for line in checklist.lines:
                self._column.addWidget(self._row(line))
                self._column.addWidget(Rule(self.theme))
        if more:
            note = Text(self.theme, more, Role.SECONDARY, Tone.TEXT3, wrap=True)
            note.setContentsMargins(Space.L, Space.M, Space.L, 0)
            self._column.addWidget(note)
        self._column.addStretch(1)
        self._mark()
        again = next((one for one in self.rows if one.line.record.gid == held), None)
        if again is not None:
            again.setFocus(Qt.FocusReason.OtherFocusReason)

    def _head(self, checklist: Checklist) -> QWidget:
        """The project's name, how far it is in words, and the same as a bar."""
        head = ThemedWidget(self.theme)
        name = checklist.name or self.tr("On their own")
        done = self.tr("{done} of {total} accepted").format(done=checklist.done, total=checklist.total)
        title = Text(self.theme, name, Role.STRONG, elide=True)
        line = row(gap=Space.S)
        line.addWidget(title, 1)
        line.addWidget(Text(self.theme, done, Role.CAPTION, Tone.TEXT3))
        parts: list[QWidget] = []
        if checklist.name:
            bar = ProgressBar(self.theme, 6, self.tr("Progress of {name}").format(name=name))
            bar.show_share(checklist.done / checklist.total if checklist.total else 0.0, done)
            parts.append(bar)
        head.setLayout(column(line, *parts, gap=6, margins=(Space.L, Space.L, Space.L, Space.M)))
        head.setAccessibleName(f"{name}, {done}")
        return head

    def _row(self, line: TaskLine) -> TaskRow:
        made = TaskRow(self.theme, line)
        made.opened.connect(lambda: self.chosen.emit(line.record.gid))
        made.stepped.connect(lambda step: self._step(made, step))
        self.rows.append(made)
        return made

    def choose(self, gid: str) -> None:
        """Mark a task as the open one and bring it into view."""
        self._gid = gid
        self._mark()

    def _mark(self) -> None:
        for one in self.rows:
            one.choose(one.line.record.gid == self._gid)
            if one.line.record.gid == self._gid:
                top = one.pos().y()
                self._area.ensureVisible(0, top + _ROW, 0, 0)
                self._area.ensureVisible(0, top, 0, 0)

    def _step(self, made: TaskRow, step: int) -> None:
        at = self.rows.index(made) + step
        if 0 <= at < len(self.rows):
            self.rows[at].setFocus(Qt.FocusReason.TabFocusReason)
            self.chosen.emit(self.rows[at].line.record.gid)
