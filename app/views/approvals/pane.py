"""One thing to decide on: all of it, what changed meanwhile, and the decision.

What is quoted with a decision is taken when the content is drawn (`_drawn`), and may be given only while that is what
the user has read (`_seen`).
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.contract.errors import CounterpartError, Refused
from app.services.deciding import Sight, Waiting, changed
from app.services.views_model import Done, RecordView
from app.views.approvals.asking import DecisionFoot
from app.views.approvals.content import DecisionContent
from app.views.approvals.differences import ChangedCard
from app.views.approvals.told import NEWER, TAKE_BACK, decision_told, state_explained
from app.views.page import SYNC_CENTRE, Key, PageContext, Place, Toast
from app.views.records.reader_pane import ReaderPane
from app.views.records.record.facts import RECORD_LINK
from app.views.records.record.notices import Told, ToldList
from app.views.requests.attachment import AttachmentPane
from app.views.ways_out import AskPrinter, AskWhere
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import column, holding
from app.views.widgets.scroll import scrolled


class DecisionPane(ReaderPane):
    """`extra` widgets stand below the content and are told of the record by the subclass."""

    def __init__(
        self, context: PageContext, ask: AskWhere, ask_paper: AskPrinter, parent: QWidget | None = None
    ) -> None:
        super().__init__(context, ask, ask_paper, parent, decides=True)
        self._gid = ""
        self._asked = ""
        self._seen: Sight | None = None
        self._drawn: Sight | None = None
        self.nothing = EmptyState(self.theme, "clipboard-check", "")
        self.told = ToldList(self.theme)
        self.changed = ChangedCard(self.theme)
        self.content = DecisionContent(context, ask)
        self.foot = DecisionFoot(self.theme, self._portal)
        self.attachment = AttachmentPane(context, ask)
        self.extra = QVBoxLayout()
        self.extra.setSpacing(0)
        self._build()
        self._connect()

    def _build(self) -> None:
        card = holding(column(self.changed, margins=(24, 16, 24, 0)))
        self._changed_holder = card
        told = column(self.told, margins=(8, 4, 8, 0))
        inner = QWidget()
        inner.setLayout(column(told, card, self.content, self.extra, None))
        self.area = scrolled(inner, self.tr("What you decide on"))
        self._record_page = QWidget()
        whole = QVBoxLayout(self._record_page)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        for part in (self.head, self.area, self.foot):
            whole.addWidget(part, 1 if part is self.area else 0)
        self._stack = QStackedWidget()
        for page in (self.nothing, self._record_page, self.attachment):
            self._stack.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def _connect(self) -> None:
        self.told.acted.connect(self._act)
        self.changed.read.connect(self._on_read)
        self.content.opened.connect(self._open_link)
        self.content.file_opened.connect(self.open_file)
        self.content.said.connect(self.said)
        self.foot.decided.connect(self._decide)
        self.attachment.closed.connect(self._close_file)
        self.attachment.said.connect(self.said)
        self._bridge.transfer.connect(lambda _event: self._show_foot())

    # what is shown

    @property
    def gid(self) -> str:
        return self._gid

    def show_record(self, gid: str) -> None:
        if gid == self._gid:
            return
        self.keep()
        self.foot.close_form()
        self.content.clear()
        self.attachment.clear()
        self._gid, self._seen, self._drawn = gid, None, None
        self.area.verticalScrollBar().setValue(0)
        self.follow()

    def follow(self) -> None:
        record = self.record()
        if record is None:
            self._show_nothing()
            return
        if self._stack.currentWidget() is self.nothing:
            self._stack.setCurrentWidget(self._record_page)
        self._pull(record)
        self.head.show_record(record)
        self.content.show_content(record)
        self._drawn = self._portal.deciding.sight(record)
        # What stands there when it is opened is what is read first.
        self._seen = self._seen or self._drawn
        self._show_changes(record)
        self.told.show_told(decision_told(self._portal, record, self._waiting(record)))
        self.follow_extra(record)
        self._show_foot()
        if self._stack.currentWidget() is self.attachment:
            self.attachment.follow()

    def follow_extra(self, record: RecordView) -> None:
        """Show what a subclass adds."""

    def _commands(self) -> list[Any]:
        return [one for one in self._portal.records.commands(self._gid) if one.binds]

    def _waiting(self, record: RecordView) -> Waiting | None:
        return self._portal.deciding.waiting(record)

    def _pull(self, record: RecordView) -> None:
        """Whoever may decide needs the file: it is asked for once there is a network, once for each file."""
        sha256 = str(record.data.get("sha256") or "")
        if self._bridge.online and sha256 != self._asked and self._commands():
            self._asked = sha256
            if self.content.unread_file(record):
                self._portal.documents.pull(record.gid)

    def _show_changes(self, record: RecordView) -> None:
        decides = bool(self._commands())
        if not decides:
            self._seen = self._drawn
        found = self._portal.deciding.differences(self._seen, record) if self._seen else ()
        was_hidden = self._changed_holder.isHidden()
        self.changed.show_differences(found)
        self._changed_holder.setVisible(bool(found))
        if found and was_hidden:
            self.area.verticalScrollBar().setValue(0)

    def _on_read(self) -> None:
        self._seen = self._drawn
        self.follow()
        if self.foot.buttons:
            self.foot.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_nothing(self) -> None:
        self._stack.setCurrentWidget(self.nothing)
        if self._gid:
            kept = self.tr("What you had not sent is kept in the sync centre.")
            self.nothing.show_words("lock", self.tr("This is no longer shared with you."), kept)
        else:
            self.nothing.show_words("clipboard-check", self.tr("Choose one to read it here."))

    # deciding

    def _show_foot(self) -> None:
        record = self.record()
        if record is None:
            return
        commands = self._commands()
        self.foot.show_commands(
            self._gid,
            commands,
            online=self._bridge.online,
            reason=self._reason(record) if commands else "",
            note=self._note(record, bool(commands)),
        )

    def _reason(self, record: RecordView) -> str:
        """Why nothing can be decided this moment."""
        if self._seen is None or changed(self._seen, record) or self._seen != self._drawn:
            return self.tr("Read what changed first.")
        if self.content.unread_file(record):
            if self._bridge.online:
                return self.tr("You decide on its file too. It is being pulled.")
            return self.tr("You decide on its file too, which is not on this computer yet.")
        return ""

    def _note(self, record: RecordView, decides: bool) -> str:
        if not decides:
            return self._who_may(record)
        if not self._bridge.online:
            return self.tr("Your decision waits to send. It counts only if nothing here changes before.")
        return state_explained(self._portal, record)

    def _who_may(self, record: RecordView) -> str:
        """For whoever may not decide: who may."""
        entity = self._portal.entity(record.entity)
        state = entity.lifecycle.state(record.state) if entity.lifecycle else None
        if state is None or not state.open or state.waits_on != "partner":
            return ""
        who = str(record.data.get("approvers") or "")
        if who:
            return self.tr("You can read this. {who} may decide.").format(who=who)
        return self.tr("You can read this. Others at your company may decide.")

    def _decide(self, command: str, args: dict[str, Any]) -> None:
        record, sight = self.record(), self._drawn
        if record is None or sight is None:
            return
        try:
            done = self._portal.deciding.decide(sight, command, args)
        except Refused as refusal:
            self.follow()
            self.foot.tell(dict(refusal.fields))
            self.said.emit(Toast(self._portal.formats.tr.told(refusal)))
            return
        except CounterpartError as problem:
            self.said.emit(Toast(self._portal.formats.tr.told(problem)))
            return
        self.foot.settled()
        self._seen = None
        self.follow()
        self._say(done)

    def _say(self, done: Done) -> None:
        later = self.tr("{done}. Sent when you are back.").format(done=done.words)
        words = done.words if self._bridge.online else later
        self.said.emit(Toast(words, lambda: self._undo(done), done=(done,)))

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

    # cards, links, files

    def _act(self, told: Told, key: str) -> None:
        record = self.record()
        if record is None:
            return
        if key == NEWER:
            self.open_record.emit(str(record.data.get("superseded_by") or ""))
        elif key == TAKE_BACK:
            waiting = self._waiting(record)
            if waiting is not None and not self._portal.deciding.take_back(record, waiting):
                self.said.emit(Toast(self.tr("It is on its way already and can no longer be taken back.")))
            self._seen = None
            self.follow()
        else:
            self.go.emit(Place(SYNC_CENTRE))

    def _open_link(self, link: str) -> None:
        if link.startswith(RECORD_LINK):
            self.open_record.emit(link.removeprefix(RECORD_LINK))

    def open_file(self, gid: str) -> None:
        """Read a record's file over the whole pane."""
        files, owner = self._portal.records.files(gid), self._portal.records.get(gid)
        file = next((one for one in files if one.gid == gid), None)
        if file is None or owner is None:
            self.said.emit(Toast(self.tr("This file is no longer shared with you.")))
            return
        if not file.here:
            self._portal.documents.pull(gid)
        self.attachment.show_file(file, owner.number or owner.title)
        self._stack.setCurrentWidget(self.attachment)

    def _close_file(self) -> None:
        self.attachment.clear()
        self._stack.setCurrentWidget(self._record_page if self.record() else self.nothing)

    # as the page asks

    def keep(self) -> None:
        self.foot.keep()

    def answer(self, focus: str) -> None:
        if focus.startswith("command:"):
            self.foot.press(focus.removeprefix("command:"))

    def escape(self) -> bool:
        if self._stack.currentWidget() is self.attachment:
            self._close_file()
            return True
        if self.foot.asks:
            self.foot.close_form()
            return True
        return False

    def own_keys(self, entity: str) -> tuple[Key, ...]:
        if not self._portal.may.decide(entity):
            return ()
        return (Key("Ctrl+Return", self.tr("Hand in what is written"), self._hand_in),)

    def _hand_in(self) -> None:
        if self.foot.asks and self.foot.buttons:
            self.foot.buttons[0].click()

    def stops(self) -> tuple[QWidget, ...]:
        return tuple(self.foot.buttons[:1])
