"""The invoices of an order, each with its state and its file."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from app.services.related import RelatedGroup
from app.services.views_model import RecordView
from app.views.page import PageContext, Place
from app.views.records.record.file_line import FileLine
from app.views.records.record.parts import Part
from app.views.records.record.related import RelatedRow
from app.views.ways_out import AskWhere
from app.views.widgets.buttons import link
from app.views.widgets.layout import column, emptied, row

INVOICE = "invoice"


class InvoicesPart(Part):
    """Related invoices with their files within reach; absent while there are none."""

    first = False

    def __init__(self, context: PageContext, ask: AskWhere) -> None:
        super().__init__(context)
        self._ask = ask
        self._shown: RelatedGroup | None = None
        self._files: dict[str, FileLine] = {}
        self._head = self.heading("")
        self.every = link(context.theme, "")
        self.every.setObjectName("invoices.all")
        self.every.clicked.connect(self._open_all)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        head = row(self._head, None, self.every, margins=(16, 0, 16, 0))
        self.setLayout(column(head, 4, self._column, margins=(0, 11, 0, 10)))

    def show_record(self, record: RecordView, *, online: bool) -> None:
        found = self.portal.about.related(record)
        group = next((one for one in found if one.entity == INVOICE), None)
        self.setVisible(group is not None)
        if group is None:
            return
        if group != self._shown:
            self._shown = group
            self._build(group)
        for gid, line in self._files.items():
            invoice = self.portal.records.get(gid)
            if invoice is not None:
                line.show_file(invoice)

    def _build(self, group: RelatedGroup) -> None:
        self._head.set_text(group.label if group.count == 1 else f"{group.label} · {group.count}")
        self.every.setVisible(group.count > len(group.lines))
        self.every.set_text(self.tr("All {count}").format(count=group.count))
        emptied(self._column)
        self._files = {}
        for one in group.lines:
            entry = RelatedRow(self.theme, one)
            entry.opened.connect(lambda gid=one.gid: self.open_record(gid))
            self._column.addWidget(entry)
            invoice = self.portal.records.get(one.gid)
            if invoice is not None and invoice.data.get("sha256"):
                line = FileLine(self.context, self._ask, "invoice")
                line.opened.connect(self.open_file_of)
                line.said.connect(self.said)
                self._files[one.gid] = line
                self._column.addLayout(row_of(line))

    def _open_all(self) -> None:
        if self._shown is not None:
            self.go.emit(Place(self._shown.entity, chip=self._shown.chip))


def row_of(line: FileLine) -> QVBoxLayout:
    """A file line below what it belongs to, with a little room."""
    return column(line, margins=(16, 2, 12, 8))
