"""What a record leads to: another record, one of its files, the receipt of what was handed in."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.services.views_model import RecordView
from app.views.page import PageContext, Toast
from app.views.records.record.facts import FILE_LINK, RECORD_LINK
from app.views.records.record.parts import OTHER_FILE
from app.views.records.record.receipt import ReceiptPane
from app.views.requests.attachment import AttachmentPane
from app.views.ways_out import AskWhere


class Opening(QObject):
    """Owns the panes that lie over a record. `laid_over` gives the one to show, `closed` leads back to the record."""

    said = Signal(object)
    open_record = Signal(str)
    laid_over = Signal(object)
    closed = Signal()

    def __init__(
        self,
        context: PageContext,
        ask_target: AskWhere,
        parent: QObject,
        record: Callable[[], RecordView | None],
    ) -> None:
        super().__init__(parent)
        self._portal = context.portal
        self._record = record
        self.attachment = AttachmentPane(context, ask_target)
        self.receipt = ReceiptPane(context, ask_target)
        for pane in (self.attachment, self.receipt):
            pane.closed.connect(self.closed)
            pane.said.connect(self.said)

    def open(self, link: str) -> None:
        """Open what a link of facts, parts or comments leads to."""
        if link.startswith(RECORD_LINK):
            self.open_record.emit(link.removeprefix(RECORD_LINK))
        elif link.startswith(OTHER_FILE):
            self._open_file_of(link.removeprefix(OTHER_FILE))
        else:
            self._open_own_file(link.removeprefix(FILE_LINK))

    def open_receipt(self, mutation_id: str) -> None:
        """Show the evidence of what was handed in."""
        record = self._record()
        if record is not None:
            self.laid_over.emit(self.receipt)
            self.receipt.show_receipt(mutation_id, record.title)

    def _open_own_file(self, sha256: str) -> None:
        record = self._record()
        files = self._portal.records.files(record.gid) if record is not None else []
        file = next((one for one in files if one.sha256 == sha256), None)
        if file is None or record is None:
            return
        if not file.gid:
            self.said.emit(Toast(self.tr("This file opens once it is in the outbox.")))
            return
        self.attachment.show_file(file, record.title)
        self.laid_over.emit(self.attachment)

    def _open_file_of(self, gid: str) -> None:
        """Open the file that a record carries: this one, or one that belongs to it."""
        files, owner = self._portal.records.files(gid), self._portal.records.get(gid)
        file = next((one for one in files if one.gid == gid), None)
        if file is None or owner is None:
            self.said.emit(Toast(self.tr("This file is no longer shared with you.")))
            return
        self.attachment.show_file(file, owner.number or owner.title)
        self.laid_over.emit(self.attachment)
