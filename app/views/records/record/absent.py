"""In the place of a record: that none is chosen, or that the one shown is no longer shared, with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.services.portal import Portal
from app.views.records.record.leftover import Leftover
from app.views.theme.theme import Theme
from app.views.widgets.empty_state import EmptyState


class AbsentPane(QStackedWidget):
    """`said` gives toasts."""

    said = Signal(object)

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.nothing = EmptyState(theme, "file", "")
        self.leftover = Leftover(theme, portal)
        self.leftover.said.connect(self.said)
        self.addWidget(self.nothing)
        self.addWidget(self.leftover)
        self.show_absent("", "", {})

    def show_absent(self, gid: str, entity: str, typed: Mapping[str, Mapping[str, Any]]) -> None:
        """Say why there is no record. `gid`: empty where none was chosen; `typed`: by command, what was not sent."""
        if gid and typed:
            self.leftover.show_typed(gid, entity, typed)
            self.setCurrentWidget(self.leftover)
            return
        self.setCurrentWidget(self.nothing)
        if gid:
            title = self.tr("This is no longer shared with you.")
            kept = self.tr("What you had not sent is kept in the sync centre.")
            self.nothing.show_words("lock", title, kept)
        else:
            self.nothing.show_words("file", self.tr("Choose one to read it here."))
