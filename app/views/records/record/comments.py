"""The comments of a record, as one reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.views_model import Doubt, MessageView, SyncState
from app.views.theme.fonts import Role
from app.views.theme.marks import Mark
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.layout import column, emptied
from app.views.widgets.messages import Comment
from app.views.widgets.text import Text


@dataclass(frozen=True)
class Remark:
    """One comment as it is shown."""

    author: str
    shown: str
    time: str
    text: str
    own: bool
    mark: Mark | None
    doubt: Doubt | None = None


def remark_of(message: MessageView, time: str, you: str) -> Remark:
    """Return a message as a comment; its files are named below the words, and why it was refused."""
    files = ", ".join(file.name for file in message.files)
    text = "\n".join(part for part in (message.body, files, message.problem) if part)
    mark = None if message.sync in (SyncState.SYNCED, SyncState.DRAFT) else Mark(message.sync.value)
    shown = you if message.mine else message.author
    return Remark(message.author, shown, time, text, message.mine, mark, message.doubt)


class CommentList(ThemedWidget):
    """Comments, oldest first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: tuple[Remark, ...] = ()
        self._title = Text(theme, "", Role.TABLE_HEAD, Tone.TEXT3)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.setLayout(column(self._title, 6, self._list, margins=(16, 11, 16, 12)))
        self._head(0)

    @property
    def shown(self) -> tuple[Remark, ...]:
        """What stands here."""
        return self._shown

    def show_remarks(self, remarks: Sequence[Remark]) -> None:
        """Show these comments."""
        if tuple(remarks) == self._shown:
            return
        self._shown = tuple(remarks)
        emptied(self._list)
        for one in remarks:
            self._list.addWidget(
                Comment(
                    self.theme,
                    one.author,
                    one.shown,
                    one.time,
                    one.text,
                    own=one.own,
                    mark=one.mark,
                    doubt=one.doubt,
                )
            )
        self._head(len(remarks))

    def _head(self, count: int) -> None:
        words = self.tr("Comments · {count}").format(count=count) if count else self.tr("No comments yet")
        self._title.set_text(words)
