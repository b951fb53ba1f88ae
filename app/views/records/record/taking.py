"""What one takes from a record or does for oneself: its number, its link, a pin."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.services.portal import Portal
from app.services.views_model import RecordView
from app.views.page import Toast


class Taking(QObject):
    """`said` gives a toast; `pinned`: the pins changed."""

    said = Signal(object)
    pinned = Signal()

    def __init__(self, portal: Portal, record: Callable[[], RecordView | None], parent: QObject) -> None:
        super().__init__(parent)
        self._portal = portal
        self._record = record

    def copy_link(self) -> None:
        """Put the record's link on the clipboard."""
        record = self._record()
        link = self._portal.links.of(record) if record is not None else ""
        if link:
            QGuiApplication.clipboard().setText(link)
            self.said.emit(Toast(self.tr("Link copied. It opens this where Counterpart is installed.")))

    def copy_number(self) -> None:
        """Put the record's number on the clipboard."""
        record = self._record()
        if record is not None and record.number:
            QGuiApplication.clipboard().setText(record.number)
            self.said.emit(Toast(self.tr("{number} copied").format(number=record.number)))

    def pin(self) -> None:
        """Pin the record to come back to it, or let go of it."""
        record, recent = self._record(), self._portal.recent
        if record is None:
            return
        on = not recent.is_pinned(record.gid)
        words = self.tr("“{title}” pinned") if on else self.tr("“{title}” is no longer pinned")
        self._keep_pinned(record.gid, on=on)
        self.said.emit(
            Toast(words.format(title=record.title), lambda: self._keep_pinned(record.gid, on=not on))
        )

    def _keep_pinned(self, gid: str, *, on: bool) -> None:
        self._portal.recent.pin([gid], on=on)
        self.pinned.emit()
