"""A task's form with its files: generated from the template, saved with every pause in typing, judged by its rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.contract.manifest import Template
from app.services.portal import Portal
from app.services.views_model import FileInfo, FileView, SyncState, TaskView
from app.views.forms.form import RecordForm, reveal
from app.views.forms.sections import template_sections
from app.views.forms.sources import sources_of
from app.views.register.files import DraftFiles
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space
from app.views.widgets.files import FileLook, FileRow
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import emptied

_PAUSE_MS = 250
FILES = "file"


class AnswersForm(QWidget):
    """`edited`: nothing is kept yet; `paused`: it is time to keep it. `added`, `removed`, `browsed`: files."""

    edited = Signal()
    paused = Signal()
    added = Signal(object)
    browsed = Signal()
    removed = Signal(str)

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._portal = portal
        self._template: Template | None = None
        # A form that does not fit scrolls; it is never squeezed.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._open = False
        self.form: RecordForm | None = None
        self.files: DraftFiles | None = None
        self.facts = KeyValueList(theme, label_width=200)
        self._sent = QVBoxLayout()
        self._sent.setSpacing(Space.S)
        self._slot = QVBoxLayout()
        self._slot.setSpacing(Space.L)
        self._saver = QTimer(self)
        self._saver.setSingleShot(True)
        self._saver.setInterval(_PAUSE_MS)
        self._saver.timeout.connect(self.paused)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.L)
        layout.addWidget(self.facts)
        layout.addLayout(self._slot)
        layout.addLayout(self._sent)

    # what is shown

    def open_task(self, task: TaskView) -> None:
        """Build the form of a task anew, with what was filled in before."""
        self._saver.stop()
        emptied(self._slot)
        self.form = self.files = None
        self._template, self._open = task.template, task.open
        if task.open:
            self._build(task)
        self._show_facts(task)
        self.follow(task)

    def _build(self, task: TaskView) -> None:
        sections = template_sections(task.template) if task.template is not None else ()
        form = RecordForm(self._theme, None, sections, sources_of(self._portal))
        form.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        form.show_data(task.answers)
        form.edited.connect(lambda _names: self._on_edited())
        form.left.connect(lambda _name: self.flush())
        self.form = form
        self._slot.addWidget(form)
        if task.takes_files:
            self._place_files(form)
        if task.problems:
            form.tell(task.problems)
            if self.files is not None:
                self.files.show_problem(task.problems.get(FILES, ""))

    def _place_files(self, form: RecordForm) -> None:
        at = next((n for n, section in enumerate(form.sections) if section.files), None)
        note = "" if at is not None else self.tr("optional")
        files = DraftFiles(self._theme, self._portal.formats, self.tr("Files"), note)
        files.added.connect(self.added)
        files.browsed.connect(self.browsed)
        files.removed.connect(self.removed)
        if at is not None:
            form.slot(at).addWidget(files)
        else:
            self._slot.addWidget(files)
        self.files = files

    def _show_facts(self, task: TaskView) -> None:
        """What was answered, to read; only where it may not be edited."""
        facts = []
        if not task.open and task.template is not None:
            formats = self._portal.formats
            held = [
                spec for spec in task.template.fields if task.answers.get(spec.name) not in (None, "", [])
            ]
            facts = [Fact(spec.label, formats.value(spec, task.answers)) for spec in held]
        self.facts.set_facts(facts)
        self.facts.setVisible(bool(facts))

    def follow(self, task: TaskView) -> None:
        """Show the files as they are now; what is typed is left alone."""
        if self.files is not None:
            self.files.show_files(task.files)
        emptied(self._sent)
        for file in task.sent:
            self._sent.addWidget(self._sent_row(file))

    def _sent_row(self, file: FileView) -> FileRow:
        look = FileLook(file.name, self._portal.formats.size(file.size))
        waits = file.sync is not SyncState.SYNCED
        return FileRow(self._theme, look, Mark.WAITING if waits else None, removable=False)

    @property
    def fits(self) -> object:
        """What the form was built for; another template or state needs another form."""
        return self._template, self._open

    # values

    def values(self) -> dict[str, Any]:
        """What the form holds, by field name of the template."""
        return self.form.data() if self.form is not None else {}

    def flush(self) -> None:
        """Keep what was typed without waiting for a pause."""
        if self._saver.isActive():
            self._saver.stop()
            self.paused.emit()

    def _on_edited(self) -> None:
        self._saver.start()
        self.edited.emit()

    # rules

    def unreadable(self) -> dict[str, str]:
        """Show all problems of the fields; returns those that the form finds itself."""
        return self.form.judge() if self.form is not None else {}

    def tell(self, problems: Mapping[str, str]) -> None:
        """Show a refusal where it belongs, and give the first field the keyboard."""
        if self.files is not None:
            self.files.show_problem(problems.get(FILES, ""))
        if self.form is None:
            return
        first = next((name for name in self.form.names if name in problems), "")
        if first:
            self.form.focus_field(first)
        elif self.files is not None and FILES in problems:
            reveal(self.files)

    def label_of(self, name: str) -> str:
        """The words of a field."""
        spec = self._template.by_name.get(name) if self._template is not None else None
        return spec.label if spec is not None else self.tr("Files")


def taken(portal: Portal, gid: str, paths: Sequence[Path]) -> list[FileInfo]:
    """Take files in beside the answers of a task; slow, for a task of the bridge."""
    return [portal.tasks.add_file(gid, path) for path in paths]
