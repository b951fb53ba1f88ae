"""One task: how it stands, what is asked, the form, and what happens once it is handed in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.contract.errors import CounterpartError, Refused
from app.services.views_model import Done, TaskView
from app.views.forms.foot import FormFoot
from app.views.page import PageContext, Toast
from app.views.tasks.answers import AnswersForm, taken
from app.views.tasks.notices import TaskNotices
from app.views.tasks.paper import PaperCard, PaperReader
from app.views.theme.fonts import Role
from app.views.theme.tokens import Space, Tone, Width
from app.views.ways_out import AskFiles
from app.views.widgets.base import Panel
from app.views.widgets.buttons import primary
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import column, holding, row
from app.views.widgets.own_tasks import OwnTasks
from app.views.widgets.pills import Pill
from app.views.widgets.scroll import scrolled
from app.views.widgets.stepper import Stepper
from app.views.widgets.text import Run, Text
from app.views.widgets.tiles import Icon


class TaskPane(QWidget):
    """Shows one task at a time. `said` gives toasts; `changed`: something was handed in or taken back."""

    said = Signal(object)
    changed = Signal()

    def __init__(self, context: PageContext, ask: AskFiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._portal = context.portal
        self._bridge = context.bridge
        self._theme = context.theme
        self._ask = ask
        self._tasks = OwnTasks(self, context.bridge)
        self._gid = ""
        self._built: object = None
        self._judged = False
        self.nothing = EmptyState(self._theme, "list-check", self.tr("Choose a task to read it here."))
        self.reader = PaperReader(context)
        self._make_parts()
        self._stack = QStackedWidget()
        self._task = self._whole()
        for part in (self.nothing, self._task, self.reader):
            self._stack.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self._connect()

    # building

    def _make_parts(self) -> None:
        theme = self._theme
        self._title = Text(theme, "", Role.SECTION, elide=True)
        self._pill = Pill(theme, "")
        self._about = Text(theme, "", Role.SECONDARY, Tone.TEXT3, elide=True)
        self._due = Text(theme, "", Role.LABEL)
        self.stepper = Stepper(theme)
        self.notices = TaskNotices(theme, self._portal.vendor)
        self._description = Text(theme, "", Role.BODY, Tone.TEXT2, wrap=True)
        self.paper = PaperCard(theme)
        self.answers = AnswersForm(theme, self._portal)
        self._next_icon = Icon(theme, "info-circle", Tone.ACCENT, 16)
        self._next = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self.submit = primary(theme, "")
        self.submit.setObjectName("tasks.submit")
        self.foot = FormFoot(theme, self._portal.formats, self.submit)

    def _whole(self) -> QWidget:
        whole = QWidget()
        layout = QVBoxLayout(whole)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._head())
        self._area: QScrollArea = scrolled(self._content(), self.tr("Task"))
        layout.addWidget(self._area, 1)
        layout.addWidget(self._next_line())
        layout.addWidget(self.foot)
        return whole

    def _head(self) -> QWidget:
        head = Panel(self._theme, "surface", rules="bottom")
        first = row(gap=Space.S)
        first.addWidget(self._title)
        first.addWidget(self._pill)
        first.addStretch(1)
        first.addWidget(self._due)
        head.setLayout(column(first, self._about, gap=4, margins=(Space.PAGE, 14, Space.PAGE, 12)))
        return head

    def _content(self) -> QWidget:
        strip = Panel(self._theme, "raised", rules="bottom")
        strip.setLayout(column(self.stepper, margins=(Space.L, 13, Space.L, 13)))
        self._strip = strip
        body = holding(
            column(
                self.notices,
                self._description,
                self.paper,
                self.answers,
                None,
                gap=Space.L,
                margins=(Space.PAGE, Space.XL, Space.PAGE, Space.PAGE),
            )
        )
        body.setMaximumWidth(Width.FORM_MAX)
        return holding(column(strip, body, None))

    def _next_line(self) -> QWidget:
        """What happens next stands still while the form scrolls."""
        self._next_panel = Panel(self._theme, "raised", rules="top")
        line = row(gap=Space.S, margins=(Space.PAGE, 9, Space.PAGE, 9))
        line.addWidget(self._next_icon)
        line.addWidget(self._next, 1)
        self._next_panel.setLayout(line)
        return self._next_panel

    def _connect(self) -> None:
        self.answers.paused.connect(self._save)
        self.answers.edited.connect(self._on_edited)
        self.answers.added.connect(self._take)
        self.answers.browsed.connect(lambda: self._take(self._ask(self)))
        self.answers.removed.connect(self._remove)
        self.submit.clicked.connect(self.hand_in)
        self.notices.waits.acted.connect(self.take_back)
        self.paper.asked.connect(self.read_document)
        self.reader.closed.connect(self.close_document)
        self.reader.said.connect(self.said)
        self.reader.opened.connect(self._on_read)

    # what is shown

    @property
    def gid(self) -> str:
        """The task that is shown, or empty."""
        return self._gid

    def show_task(self, gid: str) -> None:
        """Show another task; what was typed into the one before is kept."""
        if gid == self._gid:
            return
        self.keep()
        self.close_document()
        self._gid, self._built, self._judged = gid, None, False
        self._area.verticalScrollBar().setValue(0)
        self.follow()

    def follow(self) -> None:
        """Read the task again; what is typed stays."""
        task = self._portal.tasks.view(self._gid) if self._gid else None
        if task is None:
            self._show_nothing()
            return
        fits = (self._gid, task.template, task.open)
        if self._built != fits:
            self.answers.open_task(task)
            self._built = fits
        else:
            self.answers.follow(task)
        self._show(task)
        if self._stack.currentWidget() is not self.reader:
            self._stack.setCurrentWidget(self._task)
        else:
            self.reader.viewer.follow()

    def _show_nothing(self) -> None:
        self.close_document()
        self._stack.setCurrentWidget(self.nothing)
        self._built = None
        if self._gid:
            self.nothing.show_words(
                "lock",
                self.tr("This task is no longer shared with you."),
                self.tr("What you filled in is kept here; the sync centre exports it."),
            )
        else:
            self.nothing.show_words("list-check", self.tr("Choose a task to read it here."))

    def _show(self, task: TaskView) -> None:
        record, data = task.line.record, task.line.record.data
        self._title.set_text(record.title)
        self._title.setMaximumWidth(self._title.sizeHint().width())
        self._pill.show_stage(record.state_label, Tone(record.tone))
        self._pill.setVisible(bool(record.state_label))
        kind = task.template.label if task.template is not None else ""
        self._about.set_text(" · ".join(part for part in (record.number, record.subtitle, kind) if part))
        self._due.set_text(
            self.tr("Due {when}").format(when=task.line.due.words) if task.line.due.words else ""
        )
        tone = Tone(task.line.due.tone)
        self._due.set_tone(Tone.TEXT3 if tone is Tone.NEUTRAL else tone)
        self._show_steps(task)
        self.notices.show_task(task, online=self._bridge.online)
        self._description.set_text(str(data.get("description") or ""))
        self._description.setVisible(bool(data.get("description")))
        self.paper.setVisible(task.document is not None)
        if task.document is not None:
            self.paper.show_document(task.document, unread=task.unread, is_open=task.open)
        self._show_next(task)
        self._show_foot(task)

    def _show_steps(self, task: TaskView) -> None:
        entity = self._portal.entity(task.line.record.entity)
        lifecycle = entity.lifecycle
        state = lifecycle.state(task.line.record.state) if lifecycle is not None else None
        steps = lifecycle.steps if lifecycle is not None else ()
        shown = bool(steps) and state is not None and state.step is not None
        self._strip.setVisible(shown)
        if shown and state is not None and state.step is not None:
            self.stepper.show_stages(steps, len(steps) if task.line.done else state.step)

    def _show_next(self, task: TaskView) -> None:
        self._next_panel.setVisible(bool(task.next))
        label = self.tr("After you hand it in") if task.open else self.tr("What happens now")
        self._next.set_runs([Run(f"{label}  ", Tone.TEXT, Role.LABEL), Run(task.next, Tone.TEXT2)])
        self._next.setAccessibleName(f"{label}: {task.next}")

    def _show_foot(self, task: TaskView) -> None:
        self.foot.setVisible(task.open)
        if not task.open:
            return
        words = task.hand_in
        if not self._bridge.online:
            words = self.tr("{does} (waits to send)").format(does=words)
        self.submit.set_text(words)
        self.submit.set_icon("send" if self._bridge.online else "clock")
        if task.reason:
            self.submit.disable(task.reason)
        else:
            self.submit.enable()
        if task.saved_at is not None:
            self.foot.show_saved(task.saved_at, task.doubt)
        else:
            self.foot.show_words(task.reason or self.tr("What you fill in is saved here as you type."))
        self._tell_problems()

    # filling in

    def keep(self) -> None:
        """Keep what is typed now, without waiting for a pause."""
        self.answers.flush()

    def _save(self) -> None:
        if not self._gid or self.answers.form is None:
            return
        try:
            self._portal.tasks.save(self._gid, self.answers.values())
        except CounterpartError as error:
            self.foot.show_not_saved(self._portal.formats.tr.told(error))
            return
        self.follow()

    def _on_edited(self) -> None:
        self.foot.show_problems(())

    def _take(self, paths: Sequence[Path]) -> None:
        gid = self._gid
        if not paths:
            return
        self.keep()
        self._tasks.run(
            lambda portal: taken(portal, gid, paths),
            lambda _files: self.follow() if gid == self._gid else None,
            lambda error: self.answers.tell({"file": self._portal.formats.tr.told(error)}),
        )

    def _remove(self, sha256: str) -> None:
        self._portal.tasks.remove_file(self._gid, sha256)
        self.follow()

    # its document

    def read_document(self) -> None:
        """Lay the document over the form; what is typed stays below."""
        task = self._portal.tasks.view(self._gid) if self._gid else None
        if task is None or task.document is None:
            return
        self.keep()
        self.reader.show_document(task.document)
        self._stack.setCurrentWidget(self.reader)

    def close_document(self) -> None:
        """Back to the form."""
        if self._stack.currentWidget() is self.reader:
            self.reader.close_document()
            self._stack.setCurrentWidget(self._task)
            self.paper.open.setFocus()

    def _on_read(self, gid: str) -> None:
        self._portal.library.read(gid)
        self.follow()

    # handing in

    def hand_in(self) -> None:
        """Hand the task in, or show what is missing and where."""
        if not self._gid or not self.submit.isEnabled():
            return
        gid = self._gid
        self.answers.flush()
        if self.answers.form is not None and self.answers.form.names:
            self._portal.tasks.save(gid, self.answers.values())
        self._judged = True
        unreadable = self.answers.unreadable()
        try:
            if unreadable:
                raise Refused(fields={**self._portal.tasks.problems(gid), **unreadable})
            done = self._portal.tasks.hand_in(gid)
        except Refused as error:
            self._tell_problems()
            self.answers.tell(error.fields)
            if not error.fields:
                self.said.emit(Toast(self._portal.formats.tr.told(error)))
            return
        except CounterpartError as error:
            self.said.emit(Toast(self._portal.formats.tr.told(error)))
            return
        self._judged = False
        self.follow()
        self.changed.emit()
        self._tell(done)

    def _tell(self, done: Done) -> None:
        sent = self.tr("{done}. Sent when you are back.").format(done=done.words)
        words = done.words if self._bridge.online else sent
        self.said.emit(Toast(words, lambda: self._undo(done.gid), done=(done,)))

    def take_back(self) -> None:
        """Go on filling in what was handed in and not sent."""
        self._undo(self._gid)

    def _undo(self, gid: str) -> None:
        if not self._portal.tasks.take_back(gid):
            self.said.emit(Toast(self.tr("It is on its way already and can no longer be taken back.")))
        self.follow()
        self.changed.emit()

    def _tell_problems(self) -> None:
        form = self.answers.form
        shown: dict[str, str] = {}
        if self._judged:
            shown = dict(self._portal.tasks.problems(self._gid))
        if form is not None:
            shown |= form.shown_problems()
        self.foot.show_problems([self.answers.label_of(name) for name in shown])
