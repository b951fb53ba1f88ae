"""The application object, which macOS asks to open links of the scheme and receipts. Elsewhere a new start asks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication, QMessageBox

from app.composition.instance import Handed
from app.composition.receipt_box import receipt_box
from app.composition.receipts import receipt_named


class Application(QApplication):
    """Sees only what is sent to itself; a filter would see every event of every window, in Python."""

    asked = Signal(object)
    """A Handed, as a later start hands over what it was asked for."""

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self._box: QMessageBox | None = None

    def event(self, event: QEvent) -> bool:
        """Take the one kind of event that says what to open."""
        if not isinstance(event, QFileOpenEvent):
            return super().event(event)
        self.open_named(event.file() or event.url().toString())
        return True

    def open_named(self, text: str) -> None:
        """Open a receipt, by its path or address; what is none is taken for a link, whose grammar is closed."""
        path = receipt_named(text)
        if path is None:
            self.asked.emit(Handed.of("", "", text))
            return
        # One at a time; the wrapper keeps it alive.
        self._box = receipt_box(path)
        self._box.setWindowModality(Qt.WindowModality.NonModal)
        self._box.show()
