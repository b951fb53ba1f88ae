"""Orders: the list, and beside it where an order is, what has left, and its invoices."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.views.orders.invoices import INVOICE, InvoicesPart
from app.views.orders.journey import JourneyPart
from app.views.orders.lines import LinesPart
from app.views.orders.shipment import ShipmentPart
from app.views.page import PageContext
from app.views.records.page import RecordsPage
from app.views.records.record.detail import DetailPane
from app.views.records.record.usual import usual_parts
from app.views.ways_out import AskFiles, AskPrinter, AskWhere, OpenAddress, ask_files, ask_where, open_address

ORDER = "order"


class OrdersPage(RecordsPage):
    """The manifest's list; `open_it` hands the carrier's address to the desktop."""

    def __init__(
        self,
        context: PageContext,
        parent: QWidget | None = None,
        *,
        ask: AskFiles = ask_files,
        ask_target: AskWhere = ask_where,
        open_it: OpenAddress = open_address,
    ) -> None:
        self._open_it = open_it
        super().__init__(context, ORDER, parent, ask=ask, ask_target=ask_target)

    def make_detail(self, ask: AskFiles, ask_target: AskWhere, ask_paper: AskPrinter) -> DetailPane:
        context = self.context
        parts = (
            JourneyPart(context),
            ShipmentPart(context, self._open_it),
            LinesPart(context),
            InvoicesPart(context, ask_target),
            *usual_parts(context, ask_target, frozenset({INVOICE})),
        )
        return DetailPane(context, ask, ask_target, parts=parts, ask_paper=ask_paper)
