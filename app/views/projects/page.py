"""Projects, and what is handed over to the client."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.views.page import PageContext
from app.views.projects.deliverable import DeliverablePane
from app.views.projects.project import ProjectPane
from app.views.records.reader_page import ReaderPage
from app.views.ways_out import AskFiles, AskPrinter, AskWhere, ask_files, ask_printer, ask_where

PROJECT, DELIVERABLE = "project", "deliverable"


class ProjectsPage(ReaderPage):
    """The list of projects and the one that is read."""

    def __init__(
        self,
        context: PageContext,
        parent: QWidget | None = None,
        *,
        ask: AskFiles = ask_files,
        ask_target: AskWhere = ask_where,
        ask_paper: AskPrinter = ask_printer,
    ) -> None:
        pane = ProjectPane(context, ask_target, ask_paper, ask)
        super().__init__(context, PROJECT, pane, parent, ask_target=ask_target, ask_paper=ask_paper)


class DeliverablesPage(ReaderPage):
    """The list of deliverables and the one that is decided on."""

    def __init__(
        self,
        context: PageContext,
        parent: QWidget | None = None,
        *,
        ask: AskFiles = ask_files,
        ask_target: AskWhere = ask_where,
        ask_paper: AskPrinter = ask_printer,
    ) -> None:
        pane = DeliverablePane(context, ask_target, ask_paper, ask)
        super().__init__(context, DELIVERABLE, pane, parent, ask_target=ask_target, ask_paper=ask_paper)
