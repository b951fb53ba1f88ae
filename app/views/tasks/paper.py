"""The document a task is about: a card that opens it, and the reader that lies over the form while it is open."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.views_model import RecordView
from app.views.documents.viewer import FileViewer
from app.views.page import PageContext
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import primary, secondary
from app.views.widgets.cards import Card
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import IconTile


class PaperCard(Card):
    """Title and standing of the document, and whether it was read; `asked` opens it."""

    asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, tint="raised", parent=parent)
        self._title = Text(theme, "", Role.NAME, elide=True)
        self._about = Text(theme, "", Role.SECONDARY, Tone.TEXT3, wrap=True)
        self.open = primary(theme, self.tr("Open and read"), small=True)
        self.open.setObjectName("tasks.open_document")
        self.open.clicked.connect(self.asked)
        self._tile = IconTile(theme, "file-certificate", Tone.ACCENT)
        line = row(self._tile, gap=Space.M, margins=(Space.M, 10, Space.M, 10))
        line.addLayout(column(self._title, self._about), 1)
        line.addWidget(self.open)
        self.body.addLayout(line)

    def show_document(self, record: RecordView, *, unread: bool, is_open: bool) -> None:
        """Show which document it is; `unread`: it has to be opened before anything is signed."""
        version = str(record.data.get("version") or "")
        title = self.tr("{title}, version {version}") if version else "{title}"
        self._title.set_text(title.format(title=record.title, version=version))
        if unread:
            words = self.tr("Open it first: you sign what it says.")
        elif is_open:
            words = self.tr("You have opened this version.")
        else:
            words = self.tr("What this is about.")
        self._about.set_text(words)
        self._about.set_tone(Tone.WARN if unread else Tone.TEXT3)
        self._tile.show_icon(
            "file-certificate" if unread else "file-text", Tone.WARN if unread else Tone.ACCENT
        )
        self.open.set_text(self.tr("Open and read") if unread else self.tr("Open again"))
        self.setAccessibleName(f"{record.title}. {words}")


class PaperReader(QWidget):
    """The document over the task; `closed` leads back to the form, which keeps what was typed."""

    closed = Signal()
    said = Signal(object)
    opened = Signal(str)
    """Its pages stand before the user; the gid."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = context.theme
        self._gid = ""
        self._title = Text(theme, "", Role.SECTION, elide=True)
        self.back = secondary(theme, self.tr("Back to the task"), "arrow-left", small=True)
        self.back.setObjectName("tasks.close_document")
        self.back.clicked.connect(self.closed)
        self.viewer = FileViewer(context)
        self.viewer.said.connect(self.said)
        self.viewer.verified.connect(self._on_verified)
        head = Panel(theme, "surface", rules="bottom")
        line = row(self.back, gap=Space.M, margins=(Space.PAGE, 10, Space.L, 11))
        line.addWidget(self._title, 1)
        head.setLayout(line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.viewer, 1)

    def show_document(self, record: RecordView) -> None:
        """Open a document here."""
        self._gid = record.gid
        self._title.set_text(record.title)
        self.viewer.open_file(record.gid, record.title, str(record.data.get("media_type") or ""))
        self.viewer.pages.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_document(self) -> None:
        """Let the document go."""
        self._gid = ""
        self.viewer.clear()

    def _on_verified(self, verified: bool) -> None:
        if verified and self._gid:
            self.opened.emit(self._gid)
