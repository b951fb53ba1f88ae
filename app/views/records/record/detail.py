"""The right half of the page: one record, read, edited, asked something of, or with one of its files open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.contract.errors import Refused
from app.contract.manifest import CommandSpec
from app.services.views_model import OutboxAction, RecordView
from app.views.page import CONFLICT, NEW, SYNC_CENTRE, PageContext, Place, Toast
from app.views.printing.record_print import RecordPrint
from app.views.records.record.absent import AbsentPane
from app.views.records.record.asking import CommandPane
from app.views.records.record.commanding import Commanding
from app.views.records.record.dropping import FileDrops
from app.views.records.record.editing import EditPane, Unsaved
from app.views.records.record.facts import files_title
from app.views.records.record.head import DetailHead, Extras, no_extras
from app.views.records.record.notices import COMPARE, CONTINUE, EDIT, MEND, OPEN, Told
from app.views.records.record.opening import Opening
from app.views.records.record.parts import Part
from app.views.records.record.reading import ReadingPane, takes_children
from app.views.records.record.taking import Taking
from app.views.records.record.talk import Talk
from app.views.theme.tokens import Width
from app.views.ways_out import AskFiles, AskPrinter, AskWhere, ask_printer
from app.views.widgets.base import Panel
from app.views.widgets.layout import column
from app.views.widgets.scroll import Below


class DetailPane(Panel):
    """Shows one record. Signals are the page's own, passed on."""

    said = Signal(object)
    go = Signal(object)
    open_record = Signal(str)
    pinned = Signal()
    back_asked = Signal()

    def __init__(
        self,
        context: PageContext,
        ask: AskFiles,
        ask_target: AskWhere,
        parent: QWidget | None = None,
        *,
        parts: Sequence[Part] = (),
        asking: CommandPane | None = None,
        extras: Extras = no_extras,
        ask_paper: AskPrinter = ask_printer,
    ) -> None:
        """`parts`: sections made by hand; `asking` asks for what commands need; `extras`: buttons besides commands."""
        super().__init__(context.theme, "surface", parent=parent)
        self._portal = context.portal
        self._bridge = context.bridge
        self._theme = context.theme
        self._gid = ""
        self._entity = ""
        self.absent = AbsentPane(self._theme, self._portal)
        self.head = DetailHead(self._theme, self._portal, extras)
        self.reading = ReadingPane(self._theme, self._portal, parts)
        self.box = Talk(context, ask)
        self.editor = EditPane(self._theme, self._portal)
        self.asking = asking or CommandPane(self._theme, self._portal)
        self.opening = Opening(context, ask_target, self, self._record)
        self.attachment, self.receipt = self.opening.attachment, self.opening.receipt
        self.drops = FileDrops(context, self, self._record)
        self.commands = Commanding(context, self, self._record)
        self.taking = Taking(self._portal, self._record, self)
        self.paper = RecordPrint(context, self, self.said.emit, ask_target, ask_paper)
        self.setMinimumWidth(Width.DETAIL_MIN)
        self._build()
        self._connect()

    def _build(self) -> None:
        self._write = Below(self._theme, self.reading.area, column(self.box, margins=(16, 8, 16, 12)))
        self._record_page = QWidget()
        inner = QVBoxLayout(self._record_page)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.head)
        inner.addWidget(self.reading, 1)
        inner.addWidget(self._write)
        self._stack = QStackedWidget()
        self._over = (self.editor, self.asking, self.attachment, self.receipt)
        pages = (self.absent, self._record_page, *self._over)
        for page in pages:
            self._stack.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def _connect(self) -> None:
        self.head.commanded.connect(self.run_command)
        self.head.derive_asked.connect(self.commands.derive)
        self.head.edit_asked.connect(self.edit)
        self.head.continue_asked.connect(self._go_on_with_draft)
        self.head.copy_asked.connect(self.taking.copy_number)
        self.head.pin_asked.connect(self.taking.pin)
        self.head.print_asked.connect(lambda: self.paper.print(self._gid))
        self.head.pdf_asked.connect(lambda: self.paper.save(self._gid))
        self.head.link_asked.connect(self.taking.copy_link)
        self.head.back_asked.connect(self.back_asked)
        self.reading.opened.connect(self.opening.open)
        self.reading.acted.connect(self._act)
        self.reading.edit_asked.connect(self.edit)
        self.reading.receipt_asked.connect(self.opening.open_receipt)
        self.box.handed_in.connect(self.commands.settled)
        self.drops.handed_in.connect(self.commands.settled)
        self.taking.pinned.connect(self.pinned)
        self.commands.changed.connect(self.follow)
        self.commands.asked.connect(self._ask)
        self.commands.mend.connect(self._mend)
        for giver in (self.drops, self.commands):
            giver.go.connect(self.go)
        for one in (self.drops, self.commands, self.taking, self.absent, self.opening):
            one.said.connect(self.said)
        self.editor.saved.connect(self.save)
        self.editor.cancelled.connect(self.cancel)
        self.editor.compare_asked.connect(self._compare)
        self.opening.open_record.connect(self.open_record)
        self.opening.laid_over.connect(self._stack.setCurrentWidget)
        self.opening.closed.connect(self._close_file)
        self.asking.saved.connect(self.save)
        self.asking.cancelled.connect(self.cancel)
        for part in self.reading.parts:
            part.opened.connect(self.opening.open)
            part.commanded.connect(self.run_command)
            part.said.connect(self.said)
            part.go.connect(self.go)

    # what is shown

    @property
    def gid(self) -> str:
        """The record shown, or an empty string."""
        return self._gid

    @property
    def closable(self) -> bool:
        """Whether a form, a file or a receipt is open over the record."""
        return self._stack.currentWidget() in self._over

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
        self._entity = record.entity
        online = self._bridge.online
        if self._stack.currentWidget() is self.absent:
            self._stack.setCurrentWidget(self._record_page)
        self.head.show_record(record, online=online)
        self.commands.saw(record)
        self.reading.show_record(record, self._portal.records.files(record.gid), online=online)
        self.box.show_online(online)
        self._write.setVisible(self._may_write(record))
        if self._stack.currentWidget() is self.editor:
            self._follow_editor(record)
        elif self._stack.currentWidget() is self.asking and not self.asking.follow(online=online):
            kept = self._keep_as_comment(record)
            self._read()
            self.said.emit(Toast(" ".join(part for part in (self.commands.no_longer(record), kept) if part)))
        elif self._stack.currentWidget() is self.attachment:
            self.attachment.follow()
        elif self._stack.currentWidget() is self.receipt:
            self.receipt.follow()

    def _keep_as_comment(self, record: RecordView) -> str:
        """The words of a command that no longer fits go into the comment box, where they may still be of use."""
        words = "\n".join(self.asking.long_words())
        if not words or self.box.text or not self._may_write(record):
            return ""
        self.box.words.setPlainText(words)
        self.box.flush()
        return self.tr("What you wrote stands below, as a comment.")

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

    def _record(self) -> RecordView | None:
        return self._portal.records.get(self._gid) if self._gid else None

    def _show_nothing(self) -> None:
        self.absent.show_absent(self._gid, self._entity, self._typed())
        self._stack.setCurrentWidget(self.absent)

    def _typed(self) -> dict[str, dict[str, Any]]:
        """What was typed on the record and not handed in: in its form, or into what commands asked for."""
        if self._stack.currentWidget() is self.asking:
            self.asking.keep()
        return Unsaved(self._portal).everything(self._gid)

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
                self.commands.settled(done)
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
        shown = self._stack.currentWidget()
        if shown is self.editor or shown is self.asking:
            shown.keep()

    # commands

    def run_command(self, name: str) -> None:
        """Give a command; one that asks for something opens its form, one that ends the record asks first."""
        self.commands.run(name)

    def _ask(self, command: CommandSpec) -> None:
        record = self._record()
        if record is not None:
            self._stack.setCurrentWidget(self.asking)
            self.asking.open_command(record, command, online=self._bridge.online)
            self.asking.bind(self.commands.sight(record))

    def _mend_refused(self, mutation_id: str) -> None:
        """Open the form with what was wanted and refused, the vendor's words on its fields."""
        refused = self._portal.outbox.mend(mutation_id)
        self.editor.put_unsaved(refused.gid, {**self.editor.unsaved(refused.gid), **refused.changes})
        self.follow()
        record = self._record()
        if record is not None and record.gid == refused.gid:
            self._open_editor(record)
            self.editor.tell(refused.fields, refused.reason)

    def _mend(self, refusal: Refused) -> None:
        record = self._record()
        if record is not None:
            self._open_editor(record)
            self.editor.tell(refusal.fields, refusal.text)

    # cards

    def _act(self, told: Told, key: str) -> None:
        if key == COMPARE:
            self._compare()
        elif key == MEND:
            self._mend_refused(told.mutation_id)
        elif key == EDIT:
            self.edit()
        elif key.startswith(OPEN):
            self.open_record.emit(key.removeprefix(OPEN))
        elif key == CONTINUE:
            self._go_on_with_draft()
        elif key == OutboxAction.ASK:
            self.write_here()
        elif key == OutboxAction.EXPORT:
            self.go.emit(Place(SYNC_CENTRE))
        else:
            self.commands.settle(told.mutation_id, retry=key == OutboxAction.RETRY)

    def _compare(self) -> None:
        self.keep()
        self.go.emit(Place(CONFLICT, gid=self._gid))

    def _go_on_with_draft(self) -> None:
        record = self._record()
        if record is not None:
            self.go.emit(Place(NEW, entity=record.entity, gid=record.gid))

    def pin(self) -> None:
        """Pin the record to come back to it, or let go of it."""
        self.taking.pin()

    # files

    def _close_file(self) -> None:
        self.attachment.clear()
        self._stack.setCurrentWidget(self._record_page if self._record() else self.absent)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        record = self._record()
        if record is not None and self._stack.currentWidget() is self._record_page:
            self.drops.enter(event, files_title(self._portal, self._portal.entity(record.entity)))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drops.drop(event)

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
