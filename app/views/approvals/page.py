"""Approvals: what waits for a decision beside all of what is decided on."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.views.approvals.pane import DecisionPane
from app.views.page import PageContext
from app.views.records.reader_page import ReaderPage
from app.views.ways_out import AskPrinter, AskWhere, ask_printer, ask_where

APPROVAL = "approval"


class ApprovalsPage(ReaderPage):
    """The list of approvals and the one that is read."""

    def __init__(
        self,
        context: PageContext,
        parent: QWidget | None = None,
        *,
        ask_target: AskWhere = ask_where,
        ask_paper: AskPrinter = ask_printer,
    ) -> None:
        pane = DecisionPane(context, ask_target, ask_paper)
        super().__init__(context, APPROVAL, pane, parent, ask_target=ask_target, ask_paper=ask_paper)
