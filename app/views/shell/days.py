"""Notices that another day has begun: what a page counts in days is wrong from then on, also without a network."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from app.services.format import Formats

#: How often it looks, in milliseconds; a computer that slept looks as soon as it is awake.
_EVERY = 30_000


class DayWatch(QObject):
    """`turned`: it is another day than when it last looked, where the user is."""

    turned = Signal()

    def __init__(self, formats: Formats, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._formats = formats
        self._today = formats.today()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Look at the calendar now."""
        today = self._formats.today()
        if today != self._today:
            self._today = today
            self.turned.emit()
