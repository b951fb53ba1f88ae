"""The right half of the page: one record, read, edited, asked something of, or with one of its files open."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.contract.errors import CounterpartError, Refused
from app.contract.manifest import CommandSpec
from app.services.views_model import Done, OutboxAction, RecordView
from app.views.documents.saving import AskWhere
from app.views.page import CONFLICT, DERIVE, NEW, SYNC_CENTRE, Action, PageContext, Place, Toast
from app.views.records.record.asking import CommandPane
from app.views.records.record.editing import EditPane
from app.views.records.record.facts import FILE_LINK, RECORD_LINK
from app.views.records.record.head import DetailHead
from app.views.records.record.notices import COMPARE, CONTINUE, Told
from app.views.records.record.offers import COMMAND, Offer, offers_of
from app.views.records.record.reading import ReadingPane, takes_children
from app.views.records.record.receipt import ReceiptPane
from app.views.records.record.talk import Talk
from app.views.requests.attachment import AttachmentPane
from app.views.requests.composer import AskFiles
from app.views.theme.tokens import Width
from app.views.widgets.base import Panel
from app.views.widgets.dialog import Dialog
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import column


class DetailPane(Panel):
    """Shows one record. Signals are the page's own, passed on."""

    said = Signal(object)
    go = Signal(object)
    open_record = Signal(str)
    back_asked = Signal()

    def __init__(
        self, context: PageContext, ask: AskFiles, ask_target: AskWhere, parent: QWidget | None = None
    ) -> None:
        super().__init__(context.theme, "surface", parent=parent)
        self._portal = context.portal
        self._bridge = context.bridge
        self._theme = context.theme
        self._gid = ""
        self.nothing = EmptyState(self._theme, "file", self.tr("Choose one to read it here."))
        self.head = DetailHead(self._theme, self._portal)
        self.reading = ReadingPane(self._theme, self._portal)
        self.box = Talk(context, ask)
        self.editor = EditPane(self._theme, self._portal)
        self.asking = CommandPane(self._theme, self._portal)
        self.attachment = AttachmentPane(context, ask_target)
        self.receipt = ReceiptPane(context, ask_target)
        self.setMinimumWidth(Width.DETAIL_MIN)
        self._build()
        self._connect()

    def _build(self) -> None:
        self._write = QWidget()
        self._write.setLayout(column(self.box, margins=(16, 8, 16, 12)))
        self._record_page = QWidget()
        inner = QVBoxLayout(self._record_page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.head)
        inner.addWidget(self.reading, 1)
        inner.addWidget(self._write)
        self._stack = QStackedWidget()
        pages = (self.nothing, self._record_page, self.editor, self.asking, self.attachment, self.receipt)
        for page in pages:
            self._stack.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def _connect(self) -> None:
        self.head.commanded.connect(self.run_command)
        self.head.derive_asked.connect(self.derive)
        self.head.edit_asked.connect(self.edit)
        self.head.continue_asked.connect(self._go_on_with_draft)
        self.head.copy_asked.connect(self._copy_number)
        self.head.link_asked.connect(self._copy_link)
        self.head.back_asked.connect(self.back_asked)
        self.reading.opened.connect(self._open_link)
        self.reading.acted.connect(self._act)
        self.reading.edit_asked.connect(self.edit)
        self.reading.receipt_asked.connect(self._open_receipt)
        self.box.handed_in.connect(self._settled)
        self.editor.saved.connect(self.save)
        self.editor.cancelled.connect(self.cancel)
        self.asking.saved.connect(self.save)
        self.asking.cancelled.connect(self.cancel)
        for pane in (self.attachment, self.receipt):
            pane.closed.connect(self._close_file)
            pane.said.connect(self.said)

    # what is shown

    @property
    def gid(self) -> str:
        """The record shown, or an empty string."""
        return self._gid

    @property
    def closable(self) -> bool:
        """Whether a form, a file or a receipt is open over the record."""
        return self._stack.currentWidget() in (self.editor, self.asking, self.attachment, self.receipt)

    def show_record(self, gid: str) -> None:
        """Show another record; what is typed on the one before is kept, and what was typed on this one is back."""
        if gid == self._gid:
            return
        self.keep()
        self.editor.close_record()
        self.attachment.clear()
        self._gid = gid
        record = self._record()
        if record is None:
            self._show_nothing()
            return
        self._stack.setCurrentWidget(self._record_page)
        self.reading.area.verticalScrollBar().setValue(0)
        self.follow()
        self.box.show_parent(gid)
        if self.editor.unsaved(gid) and self._portal.records.editable(gid):
            self._open_editor(record)

    def follow(self) -> None:
        """Read the record again; what is being typed is left alone."""
        record = self._record()
        if record is None:
            self._show_nothing()
            return
        online = self._bridge.online
        if self._stack.currentWidget() is self.nothing:
            self._stack.setCurrentWidget(self._record_page)
        self.head.show_record(record, online=online)
        self.reading.show_record(record, self._portal.records.files(record.gid))
        self.box.show_online(online)
        self._write.setVisible(self._may_write(record))
        if self._stack.currentWidget() is self.editor:
            self._follow_editor(record)
        elif self._stack.currentWidget() is self.asking and not self.asking.follow(online=online):
            self._read()
            self.said.emit(Toast(self._no_longer(record)))
        elif self._stack.currentWidget() is self.attachment:
            self.attachment.follow()
        elif self._stack.currentWidget() is self.receipt:
            self.receipt.follow()

    def _may_write(self, record: RecordView) -> bool:
        kind = self._portal.manifest.entity("message")
        takes = takes_children(self._portal, record.entity, "message")
        return takes and kind is not None and kind.creatable and not self._portal.records.is_draft(record.gid)

    def _follow_editor(self, record: RecordView) -> None:
        if self._portal.records.editable(record.gid):
            self.editor.follow(record, online=self._bridge.online)
        else:
            self._read()
            self.said.emit(Toast(self.tr("Nothing can be edited now. What you typed is kept.")))

    def _no_longer(self, record: RecordView) -> str:
        label = self._portal.formats.tr.inside(self._portal.entity(record.entity).label)
        words = self.tr("This no longer fits: the {what} is {state} now.")
        return words.format(what=label, state=self._portal.formats.tr.inside(record.state_label))

    def _record(self) -> RecordView | None:
        return self._portal.records.get(self._gid) if self._gid else None

    def _show_nothing(self) -> None:
        self._stack.setCurrentWidget(self.nothing)
        if self._gid:
            title = self.tr("This is no longer shared with you.")
            kept = self.tr("What you had not sent is kept in the sync centre.")
            self.nothing.show_words("lock", title, kept)
        else:
            self.nothing.show_words("file", self.tr("Choose one to read it here."))

    def _read(self) -> None:
        self.editor.close_record()
        self._stack.setCurrentWidget(self._record_page)

    def focus_first(self) -> None:
        """Give the keyboard to what can be done with the record."""
        button = self.head.first_button()
        if button is not None and self._stack.currentWidget() is self._record_page:
            button.setFocus(Qt.FocusReason.OtherFocusReason)

    # forms

    def edit(self, field: str = "") -> None:
        """Open what can be edited now, at a field if one is named; a draft goes on in its form."""
        record = self._record()
        if record is None:
            return
        if self._portal.records.is_draft(record.gid):
            self._go_on_with_draft()
        elif self._portal.records.editable(record.gid):
            self._open_editor(record)
            names = self.editor.form.names
            self.editor.form.focus_field(field if field in names else next(iter(names), ""))

    def _open_editor(self, record: RecordView) -> None:
        self.editor.open_record(record, online=self._bridge.online)
        self._stack.setCurrentWidget(self.editor)

    def save(self) -> None:
        """Hand in the form that is open, or the comment."""
        page = self._stack.currentWidget()
        if page is self._record_page:
            self.box.send()
        elif page is self.editor or page is self.asking:
            done = self.editor.commit() if page is self.editor else self.asking.commit()
            if done is not None:
                self._read()
                self._settled(done)
                self.focus_first()

    def cancel(self) -> None:
        """Close the form or the file. An edit that is given up can be brought back."""
        page = self._stack.currentWidget()
        if page is self.editor:
            gid, changes = self._gid, self.editor.changes()
            self.editor.put_unsaved(gid, {})
            self._read()
            self.focus_first()
            if changes:
                self.said.emit(Toast(self.tr("Edit discarded"), lambda: self._bring_back(gid, changes)))
        elif page is self.asking:
            self._read()
            self.focus_first()
        elif page in (self.attachment, self.receipt):
            self._close_file()

    def _bring_back(self, gid: str, changes: dict[str, Any]) -> None:
        self.editor.put_unsaved(gid, changes)
        record = self._record()
        if record is not None and gid == self._gid:
            self._open_editor(record)
        else:
            self.open_record.emit(gid)

    def keep(self) -> None:
        """Keep what is being typed, without waiting for a pause."""
        self.box.flush()
        if self._stack.currentWidget() is self.editor:
            self.editor.keep()

    # commands

    def run_command(self, name: str) -> None:
        """Give a command; one that asks for something opens its form, one that ends the record asks first."""
        record = self._record()
        command = next((one for one in self._portal.records.commands(self._gid) if one.name == name), None)
        if record is None:
            return
        if command is None:
            self.said.emit(Toast(self._no_longer(record)))
        elif command.args:
            self._stack.setCurrentWidget(self.asking)
            self.asking.open_command(record, command, online=self._bridge.online)
        elif self._ends(record, command):
            self._ask_first(record, command)
        else:
            self._give(command)

    def derive(self, name: str) -> None:
        """Open the form of a record made from this one."""
        job = next((job for job in self._portal.deriving.jobs(self._gid) if job.name == name), None)
        if job is not None:
            self.go.emit(Place(NEW, entity=job.entity, focus=f"{DERIVE}{job.name}:{self._gid}"))

    def offers(self) -> tuple[Action, ...]:
        """What can be done with the record, for the palette."""
        record = self._record()
        if record is None or self._stack.currentWidget() is not self._record_page:
            return ()
        return tuple(
            Action(offer.label, partial(self._take, offer), offer.icon or "bolt", reason="")
            for offer in offers_of(self._portal, record.gid)
        )

    def _take(self, offer: Offer) -> None:
        (self.run_command if offer.kind == COMMAND else self.derive)(offer.name)

    def _ends(self, record: RecordView, command: CommandSpec) -> bool:
        lifecycle = self._portal.entity(record.entity).lifecycle
        state = lifecycle.state(command.to_state) if lifecycle else None
        return not command.primary and state is not None and not state.open

    def _ask_first(self, record: RecordView, command: CommandSpec) -> None:
        name = record.subtitle or record.title
        later = self.tr("Once {vendor} has it, this cannot be taken back here.")
        dialog = Dialog(
            self._theme,
            self.window(),
            self.tr("{verb} “{title}”?").format(verb=command.label, title=name),
            later.format(vendor=self._portal.vendor),
            verb=command.label,
            safe=self.tr("Keep it"),
            danger=True,
        )
        dialog.setObjectName("detail.dialog")
        dialog.accepted.connect(lambda: self._give(command))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _give(self, command: CommandSpec) -> None:
        try:
            done = self._portal.intents.command(self._gid, command.name)
        except Refused as refusal:
            self._explain(command, refusal)
        except CounterpartError as problem:
            self.said.emit(Toast(self._portal.formats.tr.told(problem)))
        else:
            self._settled(done)

    def _explain(self, command: CommandSpec, refusal: Refused) -> None:
        """What the command found missing is mended in the form where it can be, said otherwise."""
        record = self._record()
        if record is not None and set(refusal.fields) & self._portal.records.editable(self._gid):
            self._open_editor(record)
            self.editor.tell(refusal.fields, refusal.text)
            return
        words = " ".join(refusal.fields.values()) or refusal.text
        self.said.emit(Toast(f"{command.label}: {words}"))

    def _settled(self, done: Done) -> None:
        """Show what an intent did, with the way back."""
        self.follow()
        later = self.tr("{done}. Sent when you are back.").format(done=done.words)
        words = done.words if self._bridge.online or not done.undoable else later
        self.said.emit(Toast(words, (lambda: self._undo(done)) if done.undoable else None))

    def _undo(self, done: Done) -> bool:
        try:
            undone = self._portal.intents.undo(done)
        except CounterpartError as problem:
            self.said.emit(Toast(self._portal.formats.tr.told(problem)))
            return False
        if not undone:
            self.said.emit(Toast(self.tr("It is on its way already and can no longer be taken back.")))
        self.follow()
        return undone

    # cards

    def _act(self, told: Told, key: str) -> None:
        if key == COMPARE:
            self.go.emit(Place(CONFLICT, gid=self._gid))
        elif key == CONTINUE:
            self._go_on_with_draft()
        elif key == OutboxAction.ASK:
            self.write_here()
        elif key == OutboxAction.EXPORT:
            self.go.emit(Place(SYNC_CENTRE))
        else:
            self._settle(told.mutation_id, retry=key == OutboxAction.RETRY)

    def _settle(self, mutation_id: str, *, retry: bool) -> None:
        outbox = self._portal.outbox
        try:
            done = outbox.retry(mutation_id) if retry else outbox.discard(mutation_id)
        except CounterpartError as problem:
            self.said.emit(Toast(self._portal.formats.tr.told(problem)))
            return
        self.follow()
        self.said.emit(Toast(done.words, (lambda: self._restore(done)) if done.undoable else None))

    def _restore(self, done: Done) -> bool:
        undone = self._portal.outbox.undo(done)
        self.follow()
        return undone

    def _go_on_with_draft(self) -> None:
        record = self._record()
        if record is not None:
            self.go.emit(Place(NEW, entity=record.entity, gid=record.gid))

    def _copy_link(self) -> None:
        record = self._record()
        link = self._portal.links.of(record) if record is not None else ""
        if link:
            QGuiApplication.clipboard().setText(link)
            self.said.emit(Toast(self.tr("Link copied. It opens this where Counterpart is installed.")))

    def _copy_number(self) -> None:
        record = self._record()
        if record is not None and record.number:
            QGuiApplication.clipboard().setText(record.number)
            self.said.emit(Toast(self.tr("{number} copied").format(number=record.number)))

    # links and files

    def _open_link(self, link: str) -> None:
        if link.startswith(RECORD_LINK):
            self.open_record.emit(link.removeprefix(RECORD_LINK))
            return
        sha256 = link.removeprefix(FILE_LINK)
        file = next((one for one in self._portal.records.files(self._gid) if one.sha256 == sha256), None)
        record = self._record()
        if file is None or record is None:
            return
        if not file.gid:
            self.said.emit(Toast(self.tr("This file opens once it is in the outbox.")))
            return
        self.attachment.show_file(file, record.title)
        self._stack.setCurrentWidget(self.attachment)

    def _open_receipt(self, mutation_id: str) -> None:
        record = self._record()
        if record is not None:
            self._stack.setCurrentWidget(self.receipt)
            self.receipt.show_receipt(mutation_id, record.title)

    def _close_file(self) -> None:
        self.attachment.clear()
        self._stack.setCurrentWidget(self._record_page if self._record() else self.nothing)

    # comments

    def write_here(self) -> None:
        """Give the keyboard to the comment box."""
        record = self._record()
        if record is not None and self._may_write(record) and not self.closable:
            self.box.words.setFocus(Qt.FocusReason.OtherFocusReason)

    def answer(self, focus: str) -> None:
        """Do what one came for: edit, write, add a file, or run a command."""
        if focus == "edit":
            self.edit()
        elif focus == "reply":
            self.write_here()
        elif focus == "attach":
            self.write_here()
            self.box.pick()
        elif focus.startswith("command:"):
            self.run_command(focus.removeprefix("command:"))
