"""What one fills in to make a record: the form of one draft with its message, its files, and what is said around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from app.contract.manifest import EntityType
from app.services.portal import Portal
from app.services.submission import writes_message
from app.services.views_model import Draft
from app.views.forms.form import RecordForm, reveal
from app.views.forms.sections import creation_sections
from app.views.forms.sources import hidden_fields, sources_of
from app.views.register.clash import ClashCard
from app.views.register.files import DraftFiles
from app.views.register.origin import OriginNotice
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.banner import Notice
from app.views.widgets.base import Panel
from app.views.widgets.field import Field
from app.views.widgets.text_controls import TextControl

#: Names under which problems of files and of the message stand among those of fields.
FILES, MESSAGE = "file", "message"


class DraftSheet(Panel):
    """`edited`: something was typed; `left`: the keyboard left a field; `judged`: other problems are shown.

    `added` gives paths that were dropped, `browsed` asks for some, `removed` names a file to take out.
    """

    edited = Signal()
    left = Signal()
    judged = Signal()
    added = Signal(object)
    browsed = Signal()
    removed = Signal(str)

    def __init__(
        self,
        theme: Theme,
        portal: Portal,
        entity: EntityType,
        draft: Draft,
        open_record: Callable[[str], None],
    ) -> None:
        super().__init__(theme, "surface")
        self._portal = portal
        self._entity = entity
        self._origin = draft.origin
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.PAGE, Space.L, Space.PAGE, Space.PAGE)
        column.setSpacing(Space.L)
        told = self._vendors_words(draft)
        if told is not None:
            column.addWidget(told)
        if draft.origin is not None:
            column.addWidget(OriginNotice(theme, portal, entity, draft.origin, open_record))
        hidden = hidden_fields(portal, entity.name)
        self.form = RecordForm(theme, entity, creation_sections(entity, hidden), sources_of(portal))
        self.form.show_data(draft.data)
        self._mark_copied()
        self.clash = ClashCard(theme, self.form)
        self.files = self._place_files()
        self.text = self._place_text(draft)
        self.form.edited.connect(lambda _names: self._on_edited())
        self.form.left.connect(lambda _name: self.left.emit())
        self.form.judged.connect(self.judged)
        column.addWidget(self.form)
        column.addStretch(1)
        if self.files is not None:
            self.files.show_files(draft.files)
        if draft.problems:
            self.form.tell(draft.problems)

    def _vendors_words(self, draft: Draft) -> Notice | None:
        if not draft.note and not draft.problems:
            return None
        title = self.tr("{vendor} sent this back").format(vendor=self._portal.vendor)
        kept = self.tr("Everything you entered is here. Mend it and submit it again.")
        return Notice(self.theme, title, f"{draft.note} {kept}".strip(), tone=Tone.BAD, icon="alert-circle")

    def _place_files(self) -> DraftFiles | None:
        form = self.form
        at = next((n for n, section in enumerate(form.sections) if section.files), None)
        if at is None and not self._takes_files():
            return None
        title = "" if at is not None else self.tr("Files")
        note = "" if at is not None else self.tr("optional")
        files = DraftFiles(self.theme, self._portal.formats, title, note)
        files.added.connect(self.added)
        files.browsed.connect(self.browsed)
        files.removed.connect(self.removed)
        form.slot(at if at is not None else len(form.sections) - 1).addWidget(files)
        return files

    def _takes_files(self) -> bool:
        file = self._portal.manifest.entity(FILES)
        return file is not None and self._entity.name in file.parents

    def _place_text(self, draft: Draft) -> Field | None:
        if not writes_message(self._portal.manifest, self._entity):
            return None
        box = TextControl(self.theme, self.tr("Say what happened and what you need"), lines=5)
        field = Field(self.theme, self.tr("Message"), box)
        field.set_value(draft.text)
        field.edited.connect(self._on_text)
        slot = self.form.slot(len(self.form.sections) - 1)
        slot.insertWidget(max(1, slot.count() - (1 if self.files is not None else 0)), field)
        return field

    # what is written

    @property
    def message(self) -> str | None:
        """The words of the first message; None where the record has none."""
        return None if self.text is None else str(self.text.value() or "")

    @property
    def file_count(self) -> int:
        """How many files there are."""
        return self.files.count if self.files is not None else 0

    def _on_edited(self) -> None:
        self._mark_copied()
        self.edited.emit()

    def _on_text(self) -> None:
        if self.text is not None:
            self.text.set_error("")
        self.edited.emit()

    def _mark_copied(self) -> None:
        if self._origin is not None:
            names = self._portal.deriving.as_copied(self._origin, self.form.data())
            self.form.mark(names, self.tr("copied"))

    def focus_first(self, problems: Mapping[str, str]) -> None:
        """Give the first field that needs something the keyboard, or else the first of all."""
        form = self.form
        first = next((name for name in form.names if name in problems), next(iter(form.names), ""))
        form.begin_at(first)

    # what is wrong

    def label_of(self, name: str) -> str:
        """The words of a field, of the files or of the message."""
        spec = self._entity.field(name)
        if spec is not None:
            return spec.label
        return {FILES: self.tr("Evidence"), MESSAGE: self.tr("Message")}.get(name, name)

    def show_file_problem(self, words: str) -> None:
        """Why files could not be taken in; empty when nothing is wrong."""
        if self.files is not None:
            self.files.show_problem(words)

    def show_refused(self, problems: Mapping[str, str]) -> None:
        """Show a refusal where it belongs, and give the first field of it the keyboard."""
        self.show_file_problem(problems.get(FILES, ""))
        if self.text is not None:
            self.text.set_error(problems.get(MESSAGE, ""))
        first = next((name for name in self.form.names if name in problems), "")
        if first:
            self.form.focus_field(first)
        elif self.files is not None and FILES in problems:
            reveal(self.files)
