"""Your company: its details, people, what was asked for and what holds how long; edited here, offline too."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.contract.errors import CounterpartError
from app.contract.manifest import Job
from app.services.account import CHANGE, COMPANY, CONTACT, MEMBERSHIP
from app.services.views_model import AccountView, Done
from app.views.account.sections import (
    AccountSection,
    ChangesSection,
    ContactsSection,
    CredentialsSection,
    DetailsSection,
    KeeperSection,
)
from app.views.page import COLLEAGUES, NEW, Head, Key, Page, PageContext, Place, Toast
from app.views.records.record.editing import EditPane
from app.views.theme.fonts import Role
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import Panel
from app.views.widgets.chips import ChipBar, ChipItem
from app.views.widgets.columns import Columns
from app.views.widgets.layout import column, holding, row
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Text

_SIDE = 376
_GAP = 22


class AccountPage(Page):
    """One of the user's companies at a time; several are chosen above."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._company = ""
        self._account: AccountView | None = None
        self.chips = ChipBar(self.theme, ())
        self.details = DetailsSection(self.theme, self.portal)
        self.contacts = ContactsSection(self.theme, self.portal, CONTACT, self._words_of(CONTACT))
        asks = self.tr("Ask for a change") if self._job(CHANGE) is not None else ""
        self.changes = ChangesSection(self.theme, self.portal, CHANGE, asks)
        self.credentials = CredentialsSection(self.theme, self.portal, MEMBERSHIP)
        self.keeper = KeeperSection(self.theme, self.portal)
        self.colleagues = AccountSection(
            self.theme, self.tr("Colleagues and roles"), self.tr("Open colleagues")
        )
        self.editor = EditPane(self.theme, self.portal)
        self._build()
        self._connect()

    def _words_of(self, entity: str) -> str:
        job = self._job(entity)
        return job.label if job is not None else ""

    def _job(self, entity: str) -> Job | None:
        """The job that makes a record of a kind, where this role has it."""
        kind = self.portal.manifest.entity(entity)
        jobs = (job for job in self.portal.manifest.jobs if job.entity == entity and job.does == "create")
        return next(jobs, None) if kind is not None and kind.creatable else None

    def _build(self) -> None:
        me = self.portal.me
        role = self.tr("You are here as {role}.").format(role=me.role_label)
        own = Text(self.theme, role, Role.SECONDARY, Tone.TEXT2, wrap=True)
        own.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        self.colleagues.card.body.addWidget(own)
        if self.colleagues.action is not None:
            self.colleagues.action.setVisible(self.portal.keeps_colleagues)
        left = holding(column(self.details, self.contacts, None, gap=_GAP))
        right = holding(column(self.credentials, self.changes, self.keeper, self.colleagues, None, gap=_GAP))
        margins = (Space.PAGE, _GAP, Space.PAGE, Space.XL)
        self._bar = Panel(self.theme, "surface", rules="bottom")
        self._bar.setLayout(row(self.chips, None, margins=(Space.PAGE, 10, Space.PAGE, 10)))
        reading = QWidget()
        side = QVBoxLayout(reading)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        side.addWidget(self._bar)
        self._bar.setVisible(len(me.companies) > 1)
        content = Columns(left, right, side=_SIDE, margins=margins)
        side.addWidget(scrolled(content, self.tr("Your company")), 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(reading)
        self._stack.addWidget(self.editor)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)
        self.chips.set_items([ChipItem(one.gid, one.name, None) for one in me.companies])

    def _connect(self) -> None:
        self.chips.chosen.connect(self._choose)
        self.details.edit_asked.connect(self.edit)
        self.details.change_asked.connect(self._ask_change)
        self.contacts.added.connect(lambda: self.go.emit(Place(NEW, entity=CONTACT)))
        self.changes.added.connect(lambda: self._ask_change(""))
        for section in (self.contacts, self.changes, self.credentials):
            section.opened.connect(self._open)
        self.keeper.written.connect(lambda: self.go.emit(Place(NEW, entity="request")))
        if self.colleagues.action is not None:
            self.colleagues.action.clicked.connect(lambda: self.go.emit(Place(COLLEAGUES)))
        self.editor.saved.connect(self.save)
        self.editor.cancelled.connect(self.cancel)
        self.bridge.statusChanged.connect(self._follow_editor)

    # page

    def head(self) -> Head:
        return Head(self.tr("Your company"))

    def refresh(self) -> None:
        account = self.portal.account.read(self._company)
        self._account = account
        manifest = self.portal.manifest
        self.details.show_account(account)
        self.contacts.setVisible(manifest.entity(CONTACT) is not None)
        self.contacts.show_contacts(account.contacts)
        self.changes.setVisible(manifest.entity(CHANGE) is not None)
        self.changes.show_changes(account.changes)
        self.credentials.setVisible(manifest.entity(MEMBERSHIP) is not None)
        self.credentials.show_credentials(account.credentials)
        self.keeper.show_keeper(account.keeper, self._words_of("request"))
        if not self._editing and account.record is not None and self.editor.unsaved(account.gid):
            # What was typed and not saved is gone on with.
            self.edit()
        self._follow_editor()

    def arrive(self, place: Place) -> None:
        if place.gid and place.gid in {one.gid for one in self.portal.me.companies}:
            self.chips.select(place.gid)
            self._choose(place.gid)
        if place.focus == "edit":
            self.edit()

    def may_leave(self) -> bool:
        if self._editing:
            self.editor.keep()
        return True

    def keys(self) -> tuple[Key, ...]:
        if not self.portal.may.edit(COMPANY):
            return ()
        return (
            Key("E", self.tr("Edit details"), self.edit),
            Key("Ctrl+Return", self.tr("Save"), self.save),
            Key("Escape", self.tr("Stop editing"), self.cancel),
        )

    def panes(self) -> tuple[QWidget, ...]:
        return tuple(one for one in (self.details.action, self.contacts.action) if one is not None)

    def _choose(self, gid: str) -> None:
        self._company = gid
        self.refresh()

    # editing

    @property
    def _editing(self) -> bool:
        return self._stack.currentIndex() == 1

    def edit(self) -> None:
        """Edit one's own details; what is fixed has to be asked for."""
        account = self._account
        if account is None or account.record is None or not account.editable or self._editing:
            return
        self.editor.open_record(account.record, online=self.bridge.online)
        self._stack.setCurrentIndex(1)
        self.editor.form.focus_first()
        self.head_changed.emit()

    def _follow_editor(self) -> None:
        if self._editing and self._account is not None and self._account.record is not None:
            self.editor.follow(self._account.record, online=self.bridge.online)

    def save(self) -> None:
        """Hand the edit in; it waits where there is no network."""
        if not self._editing:
            return
        done = self.editor.commit()
        if done is not None:
            self._close_editor()
            self._tell(done)

    def cancel(self) -> None:
        """Give the edit up; it can be brought back."""
        if not self._editing or self._account is None:
            return
        gid, typed = self._account.gid, self.editor.changes()
        self.editor.put_unsaved(gid, {})
        self._close_editor()
        if typed:
            self.said.emit(Toast(self.tr("Edit discarded"), lambda: self._bring_back(gid, typed)))

    def _bring_back(self, gid: str, typed: dict[str, object]) -> None:
        self.editor.put_unsaved(gid, typed)
        self.refresh()

    def _close_editor(self) -> None:
        self.editor.close_record()
        self._stack.setCurrentIndex(0)
        self.refresh()
        self.head_changed.emit()

    def _tell(self, done: Done) -> None:
        if not done.mutation_id and not done.undoable:
            return
        later = self.tr("{done}. Sent when you are back.").format(done=done.words)
        words = done.words if self.bridge.online else later
        self.said.emit(Toast(words, lambda: self._undo(done), done=(done,)))

    def _undo(self, done: Done) -> None:
        if not self.portal.intents.undo(done):
            self.said.emit(Toast(self.tr("It is on its way already and can no longer be taken back.")))
        self.refresh()

    # the rest

    def _ask_change(self, field: str) -> None:
        if self._account is None:
            return
        try:
            gid, new = self.portal.account.ask_for(self._account.gid, field)
        except CounterpartError as problem:
            self.said.emit(Toast(self.portal.formats.tr.told(problem)))
            return
        self.go.emit(Place(NEW, entity=CHANGE, gid=gid, focus="fresh" if new else ""))

    def _open(self, gid: str) -> None:
        record = self.portal.records.get(gid)
        if record is not None and self.portal.records.is_draft(gid):
            self.go.emit(Place(NEW, entity=record.entity, gid=gid))
        else:
            self.open_record.emit(gid)
