"""The form that makes a record: a deal to register, a request to raise. Generated from the manifest.

The draft is saved on this computer with every pause in typing; leaving, quitting and a crash lose nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.contract.errors import CounterpartError, Refused
from app.contract.manifest import EntityType
from app.services.submission import writes_message
from app.services.views_model import Draft, FileInfo, Origin
from app.views.forms.form import RecordForm, reveal
from app.views.forms.sections import creation_sections
from app.views.forms.sources import hidden_fields, sources_of
from app.views.page import DERIVE, HOME, NEW, Crumb, Head, Key, Page, PageContext, Place, Toast
from app.views.register.clash import ClashCard
from app.views.register.files import DraftFiles
from app.views.register.origin import OriginNotice
from app.views.register.steps import SUBMIT, section_of, steps_of
from app.views.register.suggestions import SuggestionsPane
from app.views.requests.composer import ask_files
from app.views.theme.fonts import Role
from app.views.theme.tokens import Height, Space, Tone
from app.views.widgets.banner import Notice
from app.views.widgets.base import Panel
from app.views.widgets.buttons import primary, secondary
from app.views.widgets.doubt import DoubtMark
from app.views.widgets.field import Field
from app.views.widgets.layout import column, row
from app.views.widgets.stepper import StepList, StepState
from app.views.widgets.text import Text
from app.views.widgets.text_controls import TextControl
from app.views.widgets.tiles import Icon

#: The pause in typing after which a draft is saved.
_PAUSE_MS = 250
_STEPS_WIDTH = 200
_FILES = "file"
_MESSAGE = "message"


class RegisterPage(Page):
    """One draft at a time. `arrive` with an entity begins one, with a gid goes on with one."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._entity: EntityType | None = None
        self._gid = ""
        self._form: RecordForm | None = None
        self._files: DraftFiles | None = None
        self._text: Field | None = None
        self._clash: ClashCard | None = None
        self._told: Notice | None = None
        self._origin: Origin | None = None
        self._judged = False
        self._untouched = False
        self._saver = QTimer(self)
        self._saver.setSingleShot(True)
        self._saver.setInterval(_PAUSE_MS)
        self._saver.timeout.connect(self._save)
        self.suggestions = SuggestionsPane(context)
        self.suggestions.said.connect(self.said)
        self.suggestions.open_record.connect(self.open_record)
        self._steps = StepList(self.theme)
        self._steps.chosen.connect(self._to_step)
        self._after = Text(self.theme, "", Role.CAPTION, Tone.TEXT3, wrap=True)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setAccessibleName(self.tr("Form"))
        self._saved_icon = Icon(self.theme, "circle-check", Tone.OK, 16, self.tr("Saved"))
        self._doubt = DoubtMark(self.theme)
        self._saved = Text(self.theme, "", Role.SECONDARY, Tone.TEXT2, elide=True)
        self._problem = Text(self.theme, "", Role.LABEL, Tone.BAD)
        self._close = secondary(self.theme, self.tr("Save draft and close"))
        self._close.setObjectName("register.close")
        self._close.clicked.connect(self._leave)
        self._submit = primary(self.theme, self.tr("Submit"))
        self._submit.setObjectName("register.submit")
        self._submit.clicked.connect(self.submit)
        self.setLayout(column(self._work(), self._footer()))
        self.layout().setStretch(0, 1)  # type: ignore[union-attr]
        context.bridge.statusChanged.connect(self._on_status)

    def _work(self) -> QWidget:
        side = Panel(self.theme, "surface", rules="trailing")
        side.setFixedWidth(_STEPS_WIDTH)
        side.setLayout(column(self._steps, None, self._after, margins=(12, 16, 12, 20)))
        work = QWidget()
        layout = row(side, gap=0, align=False)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self.suggestions)
        work.setLayout(layout)
        work.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        return work

    def _footer(self) -> QWidget:
        footer = Panel(self.theme, "raised", rules="top")
        footer.setFixedHeight(Height.ACTION_FOOTER)
        line = row(gap=Space.M, margins=(Space.PAGE, 0, Space.PAGE, 0))
        line.addWidget(self._saved_icon)
        line.addWidget(self._saved)
        line.addWidget(self._doubt)
        line.addStretch(1)
        for widget in (self._problem, self._close, self._submit):
            line.addWidget(widget)
        footer.setLayout(line)
        return footer

    # -- page ---------------------------------------------------------------------------------------------
    def head(self) -> Head:
        """*Deals › Register a deal*."""
        entity = self._entity
        if entity is None:
            return Head("")
        title = entity.form.title if entity.form and entity.form.title else entity.label
        return Head(title, trail=(Crumb(entity.place_name, Place(entity.name)),))

    def arrive(self, place: Place) -> None:
        """Go on with a draft, or begin a new one."""
        self.may_leave()
        try:
            gid, self._untouched = self._draft_for(place)
            self._open(self.portal.drafts.load(gid))
        except CounterpartError as error:
            self.said.emit(Toast(self.portal.formats.tr.told(error)))
            self.go.emit(Place(place.entity or HOME))

    def _draft_for(self, place: Place) -> tuple[str, bool]:
        """The draft to go on with, and whether it was begun just now."""
        if place.focus.startswith(DERIVE):
            job, _, source = place.focus.removeprefix(DERIVE).partition(":")
            return self.portal.deriving.begin(job, source)
        if place.gid:
            return place.gid, place.focus == "fresh"
        return self.portal.drafts.start(place.entity), True

    def _on_status(self, _status: object) -> None:
        # A method, so that the connection goes with the page; a lambda would outlive it.
        self._name_button()

    def refresh(self) -> None:
        """What is typed is the user's; only what stands around it is read again."""
        self._name_button()

    def on_records(self, entities: frozenset[str], gids: frozenset[str] | None) -> None:
        """Another record changes nothing here."""

    def may_leave(self) -> bool:
        """Whatever was typed is saved before another page is shown; a form that was only looked at leaves nothing."""
        self._save_now()
        if self._untouched and self._gid:
            self._untouched = False
            self.portal.drafts.discard(self._gid)
            self._gid = ""
        return True

    def untouched(self) -> str:
        """A form that was only opened makes no record."""
        return self._gid if self._untouched else ""

    def place(self) -> Place | None:
        """The form with its draft, to go on with after the manifest changed."""
        return Place(NEW, entity=self._entity.name, gid=self._gid) if self._entity is not None else None

    def keys(self) -> tuple[Key, ...]:
        """Submit by key."""
        return (Key("Ctrl+Return", self.tr("Submit"), self.submit),)

    # -- the draft ----------------------------------------------------------------------------------------
    def _open(self, draft: Draft) -> None:
        entity = self.portal.entity(draft.entity)
        self._entity, self._gid, self._judged = entity, draft.gid, False
        content = Panel(self.theme, "surface")
        layout = QVBoxLayout(content)
        layout.setContentsMargins(Space.PAGE, Space.L, Space.PAGE, Space.PAGE)
        layout.setSpacing(Space.L)
        self._told = self._vendors_words(draft)
        if self._told is not None:
            layout.addWidget(self._told)
        self._origin = draft.origin
        if draft.origin is not None:
            layout.addWidget(
                OriginNotice(self.theme, self.portal, entity, draft.origin, self.open_record.emit)
            )
        hidden = hidden_fields(self.portal, entity.name)
        form = RecordForm(self.theme, entity, creation_sections(entity, hidden), sources_of(self.portal))
        self._form = form
        form.show_data(draft.data)
        self._mark_copied()
        self._clash = ClashCard(self.theme, form)
        self._clash.acted.connect(self._open_clash)
        self._place_files(form, entity)
        self._place_text(form, entity, draft)
        form.edited.connect(self._on_edited)
        form.left.connect(lambda _name: self._save_now())
        form.judged.connect(self._tell_problems)
        layout.addWidget(form)
        layout.addStretch(1)
        self._scroll.setWidget(content)
        if self._files is not None:
            self._files.show_files(draft.files)
        if draft.problems:
            form.tell(draft.problems)
        self._after.set_text(entity.form.after if entity.form else "")
        self._show_saved(draft)
        self._name_button()
        self._look_around()
        self.head_changed.emit()

    def _vendors_words(self, draft: Draft) -> Notice | None:
        if not draft.note and not draft.problems:
            return None
        title = self.tr("{vendor} sent this back").format(vendor=self.portal.vendor)
        kept = self.tr("Everything you entered is here. Mend it and submit it again.")
        return Notice(self.theme, title, f"{draft.note} {kept}".strip(), tone=Tone.BAD, icon="alert-circle")

    def _place_files(self, form: RecordForm, entity: EntityType) -> None:
        at = next((n for n, section in enumerate(form.sections) if section.files), None)
        if at is None and not self._takes_files(entity):
            self._files = None
            return
        title = "" if at is not None else self.tr("Files")
        note = "" if at is not None else self.tr("optional")
        files = DraftFiles(self.theme, self.portal.formats, title, note)
        files.added.connect(self._take)
        files.browsed.connect(lambda: self._take(ask_files(self)))
        files.removed.connect(self._remove)
        form.slot(at if at is not None else len(form.sections) - 1).addWidget(files)
        self._files = files

    def _takes_files(self, entity: EntityType) -> bool:
        file = self.portal.manifest.entity(_FILES)
        return file is not None and entity.name in file.parents

    def _place_text(self, form: RecordForm, entity: EntityType, draft: Draft) -> None:
        self._text = None
        if not writes_message(self.portal.manifest, entity):
            return
        box = TextControl(self.theme, self.tr("Say what happened and what you need"), lines=5)
        field = Field(self.theme, self.tr("Message"), box)
        field.set_value(draft.text)
        field.edited.connect(self._on_text)
        slot = form.slot(len(form.sections) - 1)
        slot.insertWidget(max(1, slot.count() - (1 if self._files is not None else 0)), field)
        self._text = field

    # -- saving -------------------------------------------------------------------------------------------
    def _mark_copied(self) -> None:
        if self._form is not None and self._origin is not None:
            names = self.portal.deriving.as_copied(self._origin, self._form.data())
            self._form.mark(names, self.tr("copied"))

    def _on_edited(self, _names: tuple[str, ...]) -> None:
        self._untouched = False
        self._mark_copied()
        self._saver.start()

    def _on_text(self) -> None:
        if self._text is not None:
            self._text.set_error("")
        self._untouched = False
        self._saver.start()

    def _save_now(self) -> None:
        if self._saver.isActive():
            self._saver.stop()
            self._save()

    def _save(self) -> None:
        form = self._form
        if form is None or not self._gid:
            return
        text = None if self._text is None else str(self._text.value() or "")
        try:
            self.portal.drafts.save(self._gid, form.data(), text=text)
            self._show_saved(self.portal.drafts.load(self._gid))
        except CounterpartError as error:
            self._saved_icon.show_icon("alert-circle")
            self._saved.set_text(self.portal.formats.tr.told(error))
            return
        self._look_around()

    def _show_saved(self, draft: Draft) -> None:
        at = self.portal.formats.time(draft.saved_at)
        self._saved_icon.show_icon("circle-check")
        self._doubt.show_doubt(draft.doubt)
        self._saved.set_text(self.tr("Saved on this computer at {time}").format(time=at))

    def _take(self, paths: Sequence[Path]) -> None:
        gid = self._gid

        def taken(_files: list[FileInfo]) -> None:
            if gid == self._gid:
                self._show_files()

        if paths:
            self._untouched = False
            self._save_now()
            self.bridge.tasks.run(
                lambda portal: [portal.drafts.add_file(gid, path) for path in paths], taken, self._not_taken
            )

    def _not_taken(self, error: CounterpartError) -> None:
        if self._files is not None:
            self._files.show_problem(self.portal.formats.tr.told(error))

    def _remove(self, sha256: str) -> None:
        self.portal.drafts.remove_file(self._gid, sha256)
        self._show_files()

    def _show_files(self) -> None:
        if self._files is not None:
            self._files.show_problem("")
            self._files.show_files(self.portal.drafts.load(self._gid).files)
        self._look_around()

    # -- what stands around the form ----------------------------------------------------------------------
    def _look_around(self) -> None:
        if self._form is None or self._clash is None:
            return
        self._clash.show_hint(self.portal.drafts.may_clash(self._gid))
        self._suggest()
        self._show_steps()
        self._tell_problems()

    def _suggest(self) -> None:
        """A question may be answered already; other forms ask nothing."""
        if self._form is None or self._text is None or not self._gid:
            self.suggestions.forget()
            return
        title = self._form.data().get(self._entity.title_field) if self._entity else ""
        self.suggestions.ask(self._gid, f"{title or ''} {self._text.value() or ''}".strip())

    def _open_clash(self) -> None:
        hint = self.portal.drafts.may_clash(self._gid)
        if hint is not None and hint.gid:
            self.open_record.emit(hint.gid)

    def _all_problems(self) -> dict[str, str]:
        """What keeps the draft from being submitted, with what the cells themselves cannot read."""
        form = self._form
        # A field that is left by submitting is judged once the draft is gone.
        if form is None or not self._gid:
            return {}
        return {**self.portal.drafts.problems(self._gid), **form.problems()}

    def _show_steps(self) -> None:
        form = self._form
        if form is None:
            return
        problems = self._all_problems()
        shown = form.shown_problems() if not self._judged else problems
        files = self._files.count if self._files is not None else 0
        steps = steps_of(form.sections, problems, shown, files)
        current = next((step.key for step in steps if step.state is not StepState.DONE), SUBMIT)
        self._steps.set_steps(steps, current)

    def _to_step(self, key: str) -> None:
        form = self._form
        if form is None:
            return
        number = section_of(key)
        if number is None:
            self._submit.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            reveal(form.anchor(number))

    def _tell_problems(self) -> None:
        form = self._form
        if form is None:
            return
        shown = self._all_problems() if self._judged else form.shown_problems()
        labels = [self._label(name) for name in shown]
        if not labels:
            self._problem.set_text("")
        elif len(labels) == 1:
            self._problem.set_text(self.tr("1 field to fix: {field}").format(field=labels[0]))
        else:
            self._problem.set_text(self.tr("{n} fields to fix").format(n=len(labels)))

    def _label(self, name: str) -> str:
        entity = self._entity
        spec = entity.field(name) if entity else None
        if spec is not None:
            return spec.label
        return {_FILES: self.tr("Evidence"), _MESSAGE: self.tr("Message")}.get(name, name)

    def _name_button(self) -> None:
        if self.bridge.online:
            self._submit.set_text(self.tr("Submit"))
            self._submit.set_icon("send")
        else:
            self._submit.set_text(self.tr("Submit (waits to send)"))
            self._submit.set_icon("clock")

    # -- handing in ---------------------------------------------------------------------------------------
    def submit(self) -> None:
        """Hand the draft in, or show what is missing and where."""
        form = self._form
        if form is None or self._entity is None or not self._gid:
            return
        self._untouched = False
        self._saver.stop()
        self._save()
        self._judged = True
        unreadable = form.judge()
        try:
            if unreadable:
                raise Refused(fields=self._all_problems())
            done = self.portal.drafts.submit(self._gid)
        except Refused as error:
            self._show_refused(error)
            return
        except CounterpartError as error:
            self.said.emit(Toast(self.portal.formats.tr.told(error)))
            return
        drafts, entity, gid = self.portal.drafts, self._entity.name, self._gid
        self._gid = ""

        def undo() -> bool:
            undone = drafts.undo(done)
            if undone:
                self.go.emit(Place("new", entity=entity, gid=gid))
            return undone

        self.said.emit(Toast(done.words, undo, done=(done,)))
        self.go.emit(Place(entity, gid=gid))

    def _show_refused(self, error: Refused) -> None:
        form = self._form
        if form is None:
            return
        fields: dict[str, Any] = dict(error.fields)
        if self._files is not None:
            self._files.show_problem(str(fields.get(_FILES, "")))
        if self._text is not None:
            self._text.set_error(str(fields.get(_MESSAGE, "")))
        self._show_steps()
        self._tell_problems()
        first = next((name for name in form.names if name in fields), "")
        if first:
            form.focus_field(first)
        elif self._files is not None and _FILES in fields:
            reveal(self._files)

    def _leave(self) -> None:
        entity = self._entity
        self.go.emit(Place(entity.name if entity else HOME))
