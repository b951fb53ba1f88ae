"""Requests: the list, one conversation, what is due, and where one writes; all of it works offline too."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from app.services.views_model import FileView, RecordView, SyncState
from app.views.page import Key, PageContext, Toast
from app.views.records.list_page import ListPage
from app.views.records.listing.tools import ListTools
from app.views.requests.attachment import AttachmentPane
from app.views.requests.conversation import ConversationPane
from app.views.theme.tokens import Height
from app.views.ways_out import AskFiles, AskPrinter, AskWhere, ask_files, ask_printer, ask_where
from app.views.widgets.action_list import RowList
from app.views.widgets.base import Panel
from app.views.widgets.layout import column, row
from app.views.widgets.splitter import Splitter

ENTITY = "request"
_LIST_WIDTH, _TALK_WIDTH = 288, 784
_SPLIT = "requests.split"


class RequestsPage(ListPage):
    """List and conversation side by side."""

    def __init__(
        self,
        context: PageContext,
        parent: QWidget | None = None,
        *,
        ask: AskFiles = ask_files,
        ask_target: AskWhere = ask_where,
        ask_paper: AskPrinter = ask_printer,
    ) -> None:
        super().__init__(context, ENTITY, parent)
        self.list = RowList(self.theme, self.tr("Requests"))
        self.list.setModel(self.model)
        self.conversation = ConversationPane(context, ask)
        self.attachment = AttachmentPane(context, ask_target)
        self.rows, self.reader = self.list, self.conversation
        self.tools = ListTools(
            context,
            ENTITY,
            self.model,
            self.list,
            self.chips,
            title=self._title,
            ask=ask_target,
            ask_printer=ask_paper,
        )
        self._build()
        self._connect()

    def _build(self) -> None:
        bar = Panel(self.theme, "surface", rules="bottom")
        bar.setFixedHeight(Height.CHIP_BAR_SMALL)
        line = row(gap=4, margins=(16, 0, 2, 1))
        line.addWidget(self.chips, 1)
        line.addWidget(self.tools.more, 0, Qt.AlignmentFlag.AlignVCenter)
        bar.setLayout(line)
        self._lists = QStackedWidget()
        self._lists.addWidget(self.list)
        self._lists.addWidget(self.empty)
        left = QWidget()
        left.setMinimumWidth(240)
        whole = column(self.narrowing.tiles, bar)
        whole.addWidget(self._lists, 1)
        whole.addWidget(self.tools.foot)
        left.setLayout(whole)
        self._right = QStackedWidget()
        for one in (self.conversation, self.attachment, self.tools.marking.form):
            self._right.addWidget(one)
        self.splitter = Splitter(self.theme)
        self.splitter.add(left, 0)
        self.splitter.add(self._right, 1)
        sizes = self.portal.prefs.get(_SPLIT, None)
        known = isinstance(sizes, list) and len(sizes) == 2 and all(isinstance(n, int) for n in sizes)
        self.splitter.setSizes(sizes if known else [_LIST_WIDTH, _TALK_WIDTH])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)

    def _connect(self) -> None:
        self.follow_list()
        self.splitter.moved.connect(lambda: self.portal.prefs.set(_SPLIT, self.splitter.sizes()))
        self.conversation.shown.connect(self._close_file)
        self.conversation.said.connect(self.said)
        self.conversation.go.connect(self.go)
        self.conversation.open_record.connect(self.open_record)
        self.conversation.file_opened.connect(self._open_file)
        self.attachment.said.connect(self.said)
        self.attachment.closed.connect(self._close_file)

    # page

    def _search_hint(self) -> str:
        return self.tr("Search requests and messages")

    def refresh(self) -> None:
        super().refresh()
        self.attachment.follow()

    def keys(self) -> tuple[Key, ...]:
        writing = (
            Key("Ctrl+Return", self.tr("Send the message"), self.conversation.send),
            Key("R", self.tr("Write an answer"), self.conversation.write_here),
        )
        return (
            *(writing if self.portal.may.talk(ENTITY) else ()),
            *self.tools.keys(),
            Key("Escape", self.tr("Close what is open, or let go of what is selected"), self._escape),
        )

    def panes(self) -> tuple[QWidget, ...]:
        return (self.list, self.conversation.composer.words)

    # the list

    def _show_rows(self, filled: bool) -> None:
        self._lists.setCurrentWidget(self.list if filled else self.empty)

    def _on_opened(self, _number: int) -> None:
        self.conversation.write_here()

    # beside it

    def _show_reader(self, shown: bool) -> None:
        """Both always have room."""

    def _show_form(self, shown: bool) -> None:
        self._right.setCurrentWidget(self.tools.marking.form if shown else self.conversation)

    def _open_file(self, file: FileView) -> None:
        if not file.gid:
            self.said.emit(Toast(self.tr("This file opens once its message is in the outbox.")))
            return
        self.attachment.show_file(file, _title(self.portal.records.get(self.conversation.gid)))
        self._right.setCurrentWidget(self.attachment)

    def _close_file(self) -> None:
        self.attachment.clear()
        self._right.setCurrentWidget(self.conversation)

    def _escape(self) -> None:
        if self._right.currentWidget() is not self.conversation:
            self._close_file()
        elif self.tools.marking.count > 1:
            self.tools.marking.clear()
        else:
            self.list.setFocus()


def _title(record: RecordView | None) -> str:
    return record.title if record is not None and record.sync is not SyncState.DRAFT else ""
