"""Where one answers in a conversation: words, files, and one button that says whether it goes now or waits."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.ways_out import AskFiles, allowed, ask_files
from app.views.widgets.buttons import primary
from app.views.widgets.layout import column, row
from app.views.widgets.pills import KeyCap
from app.views.widgets.text import Text
from app.views.writing.box import WritingBox


class Composer(WritingBox):
    """The box below a conversation."""

    def __init__(
        self, theme: Theme, vendor: str, ask: AskFiles = ask_files, parent: QWidget | None = None
    ) -> None:
        send = primary(theme, "", "send", small=True)
        super().__init__(theme, ask, send, parent)
        self._send = send
        self.setAccessibleName(self.tr("Write a message"))
        self.words.setPlaceholderText(self.tr("Write to {vendor}").format(vendor=vendor))
        self.words.setAccessibleName(self.tr("Message to {vendor}").format(vendor=vendor))
        self._hint = Text(theme, self._takes(), Role.SECONDARY, Tone.TEXT3)
        key = KeyCap(theme, "Ctrl", "↵")
        foot = row(self.attach, self._hint, None, key, self._send, gap=8, margins=(0, 2, 0, 0))
        self.setLayout(column(self.words, self.tiles, self.problem, foot, gap=6, margins=(12, 11, 11, 9)))
        self.show_online(True)

    def show_online(self, online: bool, *, reopens: bool = False) -> None:
        """*Send* goes now; *Send (waits)* is kept and sent when the user is back. `reopens`: it does that too."""
        if reopens:
            words = self.tr("Send and reopen") if online else self.tr("Send and reopen (waits)")
        else:
            words = self.tr("Send") if online else self.tr("Send (waits)")
        self._send.set_text(words)
        self._send.set_icon("send" if online else "clock")

    def _takes(self) -> str:
        return self.tr("Drop files here, up to 50 MB each") if allowed().files else ""

    def show_taking(self, busy: bool) -> None:
        """While a file is being read."""
        words = self.tr("Reading the file") if busy else self._takes()
        self._hint.set_text(words)
