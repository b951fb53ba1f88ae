"""A file of a conversation in the place of the conversation, with the way back."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.views_model import FileView
from app.views.documents.viewer import FileViewer
from app.views.page import PageContext
from app.views.theme.fonts import Role
from app.views.theme.tokens import Tone
from app.views.ways_out import AskWhere
from app.views.widgets.base import Panel
from app.views.widgets.buttons import IconButton
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text


class AttachmentPane(QWidget):
    """`closed`: back to the conversation, by the arrow or Escape."""

    closed = Signal()
    said = Signal(object)

    def __init__(self, context: PageContext, ask: AskWhere, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formats = context.portal.formats
        self._back = IconButton(context.theme, "arrow-left", self.tr("Back"))
        self._back.clicked.connect(self.closed)
        self._name = Text(context.theme, "", Role.SECTION, elide=True)
        self._detail = Text(context.theme, "", Role.SECONDARY, Tone.TEXT3, elide=True)
        self.viewer = FileViewer(context, ask=ask)
        self.viewer.said.connect(self.said)
        head = Panel(context.theme, "surface", rules="bottom")
        line = row(self._back, gap=12, margins=(16, 12, 24, 12))
        line.addLayout(column(self._name, self._detail), 1)
        head.setLayout(line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.viewer, 1)

    def show_file(self, file: FileView, request: str) -> None:
        """Open a file of a message; `request` is the title it belongs to."""
        self._name.set_text(file.name)
        added = self.tr("added by {name}").format(name=file.by) if file.by else ""
        when = self._formats.moment(file.at) if file.at else ""
        parts = (self._formats.size(file.size), " ".join(part for part in (added, when) if part), request)
        self._detail.set_text(" · ".join(part for part in parts if part))
        self.viewer.open_file(file.gid, file.name, file.media_type)
        self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    def follow(self) -> None:
        """Look again at the file that is open."""
        self.viewer.follow()

    def clear(self) -> None:
        """Let the file go."""
        self.viewer.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)
