"""The right half of the page: head with commands, messages, composer, and what is due beside them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.contract.errors import CounterpartError
from app.services.views_model import (
    DocState,
    Done,
    FileView,
    Mode,
    RecordView,
    Reopened,
    SyncState,
    TransferProgress,
)
from app.views.page import NEW, PageContext, Place, Toast
from app.views.requests.composer import Composer
from app.views.requests.facts import facts_of
from app.views.requests.head import ConversationHead
from app.views.requests.resolved import ResolvedStrip
from app.views.requests.side import SIDE_WIDTH, SidePane
from app.views.requests.taking_back import TakingBack
from app.views.requests.thread import Shown, Thread, offline_moment
from app.views.ways_out import AskFiles
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import column
from app.views.widgets.scroll import Below
from app.views.writing.kept import KeptWriting

#: The narrowest column in which a conversation still reads well.
_LEAST = 360


class ConversationPane(QWidget):
    """Shows one request. Signals are the page's own, passed on."""

    said = Signal(object)
    go = Signal(object)
    open_record = Signal(str)
    file_opened = Signal(object)
    shown = Signal()
    """Another request stands here."""

    def __init__(self, context: PageContext, ask: AskFiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._portal = context.portal
        self._bridge = context.bridge
        self._theme = context.theme
        self._gid = ""
        self.messages = Thread(self._theme)
        self.composer = Composer(self._theme, self._portal.vendor, ask)
        self._kept = KeptWriting(context, self.composer)
        self._back = TakingBack(context, self)
        self.side = SidePane(self._theme)
        self.nothing = EmptyState(self._theme, "message-circle", self.tr("Choose a request to read it here."))
        self.head = ConversationHead(self._theme, self._portal)
        self.resolved = ResolvedStrip(self._theme, self._portal)
        self._build()
        self._connect()

    def _build(self) -> None:
        write = Below(self._theme, self.messages.area, column(self.composer, margins=(24, 8, 24, 16)))
        self._write = write
        middle = QWidget()
        middle.setMinimumWidth(_LEAST)
        middle.setLayout(_stacked(self.head, self.messages, self.resolved, write))
        talk = QWidget()
        whole = QHBoxLayout(talk)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(middle, 1)
        whole.addWidget(self.side)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.nothing)
        self._stack.addWidget(talk)
        self._talk = talk
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.setMinimumWidth(_LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Where it is narrow, the conversation comes first.
        self.side.setVisible(self.width() >= _LEAST + SIDE_WIDTH)

    def _connect(self) -> None:
        self.head.commanded.connect(self.run_command)
        self.resolved.changed.connect(self.follow)
        self.resolved.again.connect(self.write_here)
        self.resolved.said.connect(self.said)
        self.resolved.go.connect(self.go)
        self.messages.edited.connect(self._back.edit)
        self.messages.cancelled.connect(lambda message: self._back.cancel(message, self._gid))
        self.messages.discarded.connect(self._back.discard)
        self.messages.file_opened.connect(self.file_opened)
        self._back.said.connect(self.said)
        self._back.changed.connect(self.follow)
        self._back.reopened.connect(self._reopen)
        self._kept.reading.connect(self.composer.show_taking)
        self.composer.sent.connect(self.send)
        self.side.opened.connect(self._open_fact)
        self.nothing.acted.connect(self._go_on_with_draft)
        self._bridge.transfer.connect(self._on_transfer)

    # what is shown

    @property
    def gid(self) -> str:
        """The request shown, or an empty string."""
        return self._gid

    def show_record(self, gid: str) -> None:
        """Show another request; what was being written for the one before is kept."""
        if gid == self._gid:
            return
        self.keep()
        self._gid = gid
        self.follow()
        if self._record() is not None:
            self._kept.show_parent(gid)
        self.shown.emit()

    def follow(self) -> None:
        """Read the request again; the composer is left alone."""
        record = self._record()
        if record is None:
            self._show_nothing()
            return
        if record.sync is SyncState.DRAFT:
            self._show_draft(record)
            return
        self._stack.setCurrentWidget(self._talk)
        self.head.show_request(record)
        self._follow_messages()
        open_still = self.resolved.show_request(record)
        self.composer.show_online(self._bridge.online, reopens=self.resolved.reopening)
        kind = self._portal.manifest.entity("message")
        written = bool(self.composer.text or self.composer.files)
        self._write.setVisible(kind is not None and kind.creatable and (open_still or written))

    def _record(self) -> RecordView | None:
        return self._portal.records.get(self._gid) if self._gid else None

    def _show_nothing(self) -> None:
        self._stack.setCurrentWidget(self.nothing)
        if self._gid:
            self.nothing.show_words(
                "lock",
                self.tr("This request is no longer shared with you."),
                self.tr("What you wrote and had not sent is kept in the sync centre."),
            )
        else:
            self.nothing.show_words("message-circle", self.tr("Choose a request to read it here."))

    def _show_draft(self, record: RecordView) -> None:
        self._stack.setCurrentWidget(self.nothing)
        self.nothing.show_words(
            "pencil",
            self.tr("“{title}” is not submitted yet.").format(title=record.title),
            self.tr("It is saved on this computer."),
            self.tr("Go on writing"),
        )

    def _go_on_with_draft(self) -> None:
        record = self._record()
        if record is not None:
            self.go.emit(Place(NEW, entity=record.entity, gid=record.gid))

    def _on_transfer(self, _moving: TransferProgress) -> None:
        if self.isVisible():
            self._follow_messages()

    def _follow_messages(self) -> None:
        record = self._record()
        if record is None or record.sync is SyncState.DRAFT:
            return
        messages = tuple(self._portal.records.conversation(self._gid))
        files = self._portal.records.files(self._gid)
        status = self._bridge.status
        since = status.since if status.mode is Mode.OFFLINE else None
        shown = Shown(messages, self._file_words(files), offline_moment(messages, since))
        self.messages.show_messages(self._gid, shown, self._portal.me.name, self._portal.formats)
        self.side.show_clock(self._portal.requests.clock(record, messages), self._portal.vendor)
        self.side.show_facts(facts_of(self._portal, record, messages, files))

    def _file_words(self, files: Sequence[FileView]) -> dict[str, str]:
        said: dict[str, str] = {}
        missing = [file for file in files if file.gid and not file.here]
        states = self._portal.documents.states([file.gid for file in missing])
        for file in missing:
            moving = self._bridge.transfers.get(file.sha256)
            state = states.get(file.gid)
            if moving is not None and moving.state == "running" and moving.total:
                said[file.sha256] = f"{round(100 * moving.done / moving.total)} %"
            elif state is None or state.state in (DocState.ABSENT, DocState.FAILED):
                said[file.sha256] = self.tr("not pulled")
            elif state.state is not DocState.HERE:
                said[file.sha256] = self.tr("queued")
        return said

    def _open_fact(self, key: str) -> None:
        record = self._record()
        gid = str(record.data.get(key) or "") if record is not None else ""
        if gid and self._portal.records.get(gid) is not None:
            self.open_record.emit(gid)

    # writing

    def write_here(self) -> None:
        """Give the keyboard to the composer."""
        if self._stack.currentWidget() is self._talk:
            self.composer.words.setFocus(Qt.FocusReason.OtherFocusReason)

    def answer(self, focus: str) -> None:
        """Do what one came for: write, add a file, or run a command."""
        if focus in {"reply", "edit"}:
            self.write_here()
        elif focus == "attach":
            self.write_here()
            self.composer.pick()
        elif focus.startswith("command:"):
            self.run_command(focus.removeprefix("command:"))

    def keep(self) -> None:
        """Keep what is written now, without waiting for a pause."""
        self._kept.keep()

    def send(self) -> None:
        """Put the message into the outbox; it goes at once when online."""
        if not self.composer.button.isEnabled() or self._stack.currentWidget() is not self._talk:
            return
        # Sending files alone leaves the kept words: they have to be those that stand here.
        self.keep()
        try:
            if self.resolved.reopening:
                done = self._portal.requests.reopen(self._gid, self.composer.text, self.composer.files)
            else:
                done = self._portal.intents.message(self._gid, self.composer.text, taken=self.composer.files)
        except CounterpartError as problem:
            self._kept.tell(problem)
            return
        self.resolved.sent()
        self._kept.put("", ())
        self.follow()
        self._tell(done)

    def _reopen(self, reopened: Reopened) -> None:
        if reopened.target.page == NEW:
            self.go.emit(reopened.target)
            return
        # Words begun meanwhile are not thrown away for those that come back.
        text = "\n\n".join(part for part in (reopened.text, self.composer.text) if part)
        held = {file.sha256 for file in reopened.files}
        files = (*reopened.files, *(file for file in self.composer.files if file.sha256 not in held))
        self._kept.keep_whole(text, files)
        self.follow()
        self.write_here()

    # commands

    def run_command(self, name: str) -> None:
        """Run a command of the request's lifecycle; what no longer fits explains itself."""
        try:
            done = self._portal.intents.command(self._gid, name)
        except CounterpartError as problem:
            self.said.emit(Toast(self._portal.formats.tr.told(problem)))
            return
        self.follow()
        self._tell(done)

    def _tell(self, done: Done) -> None:
        words = (
            done.words
            if self._bridge.online
            else self.tr("{done}. Sent when you are back.").format(done=done.words)
        )
        undo = (lambda: self._undo(done)) if done.undoable else None
        self.said.emit(Toast(words, undo, done=(done,)))

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


def _stacked(head: QWidget, thread: QWidget, resolved: QWidget, write: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(head)
    layout.addWidget(thread, 1)
    layout.addWidget(resolved)
    layout.addWidget(write)
    return layout
