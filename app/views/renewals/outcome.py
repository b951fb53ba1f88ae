"""What came of a renewal: the order that was made from it."""

from __future__ import annotations

from app.services.related import RelatedLine
from app.services.views_model import RecordView
from app.views.page import PageContext
from app.views.records.record.parts import Part
from app.views.records.record.related import RelatedRow
from app.views.widgets.layout import column, emptied, row


class OrderedPart(Part):
    """One row that opens the order and says where it stands; absent before there is one."""

    fields = frozenset({"order"})

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._shown: RelatedLine | None = None
        self._slot = column()
        head = row(self.heading(self.tr("Ordered as")), None, margins=(16, 0, 16, 0))
        self.setLayout(column(head, 4, self._slot, margins=(0, 11, 0, 6)))

    def show_record(self, record: RecordView, *, online: bool) -> None:
        order = self.portal.records.get(str(record.data.get("order") or ""))
        self.setVisible(order is not None)
        if order is None:
            return
        answer = self.portal.about.answer(order).words
        rest = answer.removeprefix(order.state_label).removeprefix(" · ")
        line = RelatedLine(
            order.gid, order.number or order.title, rest, order.state_label, order.tone, order.sync.value
        )
        if line != self._shown:
            self._shown = line
            emptied(self._slot)
            entry = RelatedRow(self.theme, line)
            entry.opened.connect(lambda: self.open_record(line.gid))
            self._slot.addWidget(entry)
