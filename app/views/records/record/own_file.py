"""The file a record carries itself: an invoice as it was sent, a certificate, what is to be approved."""

from __future__ import annotations

from app.services.views_model import RecordView
from app.views.page import PageContext
from app.views.records.record.file_line import FileLine
from app.views.records.record.parts import Part
from app.views.ways_out import AskWhere
from app.views.widgets.layout import column


class OwnFilePart(Part):
    """One line with the file; absent where the record has none."""

    first = False

    def __init__(self, context: PageContext, ask: AskWhere) -> None:
        super().__init__(context)
        self.line = FileLine(context, ask, "own_file")
        self.line.opened.connect(self.open_file_of)
        self.line.said.connect(self.said)
        self.setLayout(column(self.line, margins=(16, 11, 12, 11)))

    def show_record(self, record: RecordView, *, online: bool) -> None:
        shown = bool(record.data.get("sha256"))
        self.setVisible(shown)
        if shown:
            self.line.show_file(record)
