"""Writing a comment on a record: one line that grows, kept as it is typed, with files, sent now or later."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal

from app.contract.errors import CounterpartError
from app.views.page import PageContext
from app.views.ways_out import AskFiles
from app.views.widgets.buttons import IconButton
from app.views.widgets.layout import column, row
from app.views.writing.box import WritingBox
from app.views.writing.kept import KeptWriting


class Talk(WritingBox):
    """The comment box of one record at a time; `handed_in` gives what sending did."""

    handed_in = Signal(object)

    def __init__(self, context: PageContext, ask: AskFiles) -> None:
        send = IconButton(context.theme, "send", "")
        super().__init__(context.theme, ask, send)
        self._send = send
        self._portal = context.portal
        self._gid = ""
        self.setAccessibleName(self.tr("Write a comment"))
        self.words.setObjectName("comment.box")
        self.words.setPlaceholderText(self.tr("Write a comment"))
        self.words.setAccessibleName(self.tr("Comment"))
        self.attach.setObjectName("comment.attach")
        self._send.setObjectName("comment.send")
        line = row(gap=2, align=False)
        line.addWidget(self.words, 1, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.attach, 0, Qt.AlignmentFlag.AlignBottom)
        line.addWidget(self._send, 0, Qt.AlignmentFlag.AlignBottom)
        self.setLayout(column(line, self.tiles, self.problem, margins=(10, 1, 4, 1)))
        self._kept = KeptWriting(context, self)
        self.sent.connect(self.send)
        self.show_online(True)

    def show_parent(self, gid: str) -> None:
        """Show what was begun on a record."""
        self._kept.show_parent(gid)
        self._gid = gid

    def show_online(self, online: bool) -> None:
        """*Send* goes now; *Send (waits to send)* is kept and sent when the user is back."""
        self._send.set_words(self.tr("Send") if online else self.tr("Send (waits to send)"))
        self._send.set_icon("send" if online else "clock")
        self._show_able()

    def send(self) -> None:
        """Put the comment into the outbox; it goes at once when online."""
        if not self.button.isEnabled():
            return
        # Sending files alone leaves the kept words: they have to be those that stand here.
        self._kept.keep()
        try:
            done = self._portal.intents.message(self._gid, self.text, taken=self.files)
        except CounterpartError as problem:
            self._kept.tell(problem)
            return
        self._kept.put("", ())
        self.handed_in.emit(done)
