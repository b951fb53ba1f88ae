"""The form that makes a record: a deal to register, a request to raise. Generated from the manifest.

The draft is saved on this computer with every pause in typing; leaving, quitting and a crash lose nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from app.contract.errors import CounterpartError, Refused
from app.contract.manifest import EntityType
from app.services.views_model import Draft, FileInfo
from app.views.forms.foot import FormFoot
from app.views.forms.form import reveal
from app.views.page import DERIVE, HOME, NEW, Crumb, Head, Key, Page, PageContext, Place, Toast
from app.views.register.sheet import DraftSheet
from app.views.register.steps import SUBMIT, section_of, steps_of
from app.views.register.suggestions import SuggestionsPane
from app.views.theme.fonts import Role
from app.views.theme.tokens import Tone
from app.views.ways_out import ask_files
from app.views.widgets.base import Panel
from app.views.widgets.buttons import primary, secondary
from app.views.widgets.layout import column, row
from app.views.widgets.stepper import StepList, StepState
from app.views.widgets.text import Text

#: The pause in typing after which a draft is saved.
_PAUSE_MS = 250
_STEPS_WIDTH = 200


class RegisterPage(Page):
    """One draft at a time. `arrive` with an entity begins one, with a gid goes on with one."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._entity: EntityType | None = None
        self._gid = ""
        self.sheet: DraftSheet | None = None
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
        self._close = secondary(self.theme, self.tr("Save draft and close"))
        self._close.setObjectName("register.close")
        self._close.clicked.connect(self._leave)
        self._submit = primary(self.theme, self.tr("Submit"))
        self._submit.setObjectName("register.submit")
        self._submit.clicked.connect(self.submit)
        self.foot = FormFoot(self.theme, self.portal.formats, self._close, self._submit)
        self.setLayout(column(self._work(), self.foot))
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
            # The page is shown once one has arrived at it.
            QTimer.singleShot(0, self, self._begin_typing)
        except CounterpartError as error:
            self.said.emit(Toast(self.portal.formats.tr.told(error)))
            self.go.emit(Place(place.entity or HOME))

    def _begin_typing(self) -> None:
        """The keyboard goes where there is something to fill in: whoever asked for a form wants to write."""
        if self.sheet is not None and self.isVisible():
            self.sheet.focus_first(self._all_problems())

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
        sheet = DraftSheet(self.theme, self.portal, entity, draft, self.open_record.emit)
        sheet.edited.connect(self._on_edited)
        sheet.left.connect(self._save_now)
        sheet.judged.connect(self._tell_problems)
        sheet.added.connect(self._take)
        sheet.browsed.connect(lambda: self._take(ask_files(self)))
        sheet.removed.connect(self._remove)
        sheet.clash.acted.connect(self._open_clash)
        self.sheet = sheet
        self._scroll.setWidget(sheet)
        self._after.set_text(entity.form.after if entity.form else "")
        self.foot.show_saved(draft.saved_at, draft.doubt)
        self._name_button()
        self._look_around()
        self.head_changed.emit()

    # -- saving -------------------------------------------------------------------------------------------
    def _on_edited(self) -> None:
        self._untouched = False
        self._saver.start()

    def _save_now(self) -> None:
        if self._saver.isActive():
            self._saver.stop()
            self._save()

    def _save(self) -> None:
        sheet = self.sheet
        if sheet is None or not self._gid:
            return
        try:
            self.portal.drafts.save(self._gid, sheet.form.data(), text=sheet.message)
            saved = self.portal.drafts.load(self._gid)
            self.foot.show_saved(saved.saved_at, saved.doubt)
        except CounterpartError as error:
            self.foot.show_not_saved(self.portal.formats.tr.told(error))
            return
        self._look_around()

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
        if self.sheet is not None:
            self.sheet.show_file_problem(self.portal.formats.tr.told(error))

    def _remove(self, sha256: str) -> None:
        self.portal.drafts.remove_file(self._gid, sha256)
        self._show_files()

    def _show_files(self) -> None:
        if self.sheet is not None and self.sheet.files is not None:
            self.sheet.show_file_problem("")
            self.sheet.files.show_files(self.portal.drafts.load(self._gid).files)
        self._look_around()

    # -- what stands around the form ----------------------------------------------------------------------
    def _look_around(self) -> None:
        if self.sheet is None:
            return
        self.sheet.clash.show_hint(self.portal.drafts.may_clash(self._gid))
        self._suggest()
        self._show_steps()
        self._tell_problems()

    def _suggest(self) -> None:
        """A question may be answered already; other forms ask nothing."""
        sheet = self.sheet
        if sheet is None or sheet.message is None or not self._gid:
            self.suggestions.forget()
            return
        title = sheet.form.data().get(self._entity.title_field) if self._entity else ""
        self.suggestions.ask(self._gid, f"{title or ''} {sheet.message}".strip())

    def _open_clash(self) -> None:
        hint = self.portal.drafts.may_clash(self._gid)
        if hint is not None and hint.gid:
            self.open_record.emit(hint.gid)

    def _all_problems(self) -> dict[str, str]:
        """What keeps the draft from being submitted, with what the cells themselves cannot read."""
        # A field that is left by submitting is judged once the draft is gone.
        if self.sheet is None or not self._gid:
            return {}
        return {**self.portal.drafts.problems(self._gid), **self.sheet.form.problems()}

    def _shown_problems(self, sheet: DraftSheet) -> dict[str, str]:
        """What the user has been told of: all of it once they wanted to submit."""
        return self._all_problems() if self._judged else sheet.form.shown_problems()

    def _show_steps(self) -> None:
        sheet = self.sheet
        if sheet is None:
            return
        shown = self._shown_problems(sheet)
        steps = steps_of(sheet.form.sections, self._all_problems(), shown, sheet.file_count)
        current = next((step.key for step in steps if step.state is not StepState.DONE), SUBMIT)
        self._steps.set_steps(steps, current)

    def _to_step(self, key: str) -> None:
        if self.sheet is None:
            return
        number = section_of(key)
        if number is None:
            self._submit.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            reveal(self.sheet.form.anchor(number))

    def _tell_problems(self) -> None:
        if self.sheet is not None:
            shown = self._shown_problems(self.sheet)
            self.foot.show_problems([self.sheet.label_of(name) for name in shown])

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
        sheet = self.sheet
        if sheet is None or self._entity is None or not self._gid:
            return
        self._untouched = False
        self._saver.stop()
        self._save()
        self._judged = True
        unreadable = sheet.form.judge()
        try:
            if unreadable:
                raise Refused(fields=self._all_problems())
            done = self.portal.drafts.submit(self._gid)
        except Refused as error:
            self._show_steps()
            self._tell_problems()
            sheet.show_refused(error.fields)
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

    def _leave(self) -> None:
        entity = self._entity
        self.go.emit(Place(entity.name if entity else HOME))
