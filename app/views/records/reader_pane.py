"""The wide half of a reader page: one record, with what can be done with any of them behind its head."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.services.views_model import RecordView
from app.views.page import Key, PageContext
from app.views.printing.record_print import RecordPrint
from app.views.records.reader_head import ReaderHead
from app.views.records.record.taking import Taking
from app.views.ways_out import AskPrinter, AskWhere
from app.views.widgets.base import Panel


class ReaderPane(Panel):
    """The wide half: one record. The signals are the page's own, passed on."""

    said = Signal(object)
    go = Signal(object)
    open_record = Signal(str)
    back_asked = Signal()
    pinned = Signal()

    def __init__(
        self,
        context: PageContext,
        ask: AskWhere,
        ask_paper: AskPrinter,
        parent: QWidget | None = None,
        *,
        decides: bool,
    ) -> None:
        """`decides`: its day is that of a decision."""
        super().__init__(context.theme, "surface", parent=parent)
        self._portal = context.portal
        self._bridge = context.bridge
        self.head = ReaderHead(context.theme, context.portal, decides=decides)
        self.taking = Taking(context.portal, self.record, self)
        self.taking.said.connect(self.said)
        self.taking.pinned.connect(self.pinned)
        self.paper = RecordPrint(context, self, self.said.emit, ask, ask_paper)
        self.head.back_asked.connect(self.back_asked)
        self.head.copy_asked.connect(self.taking.copy_number)
        self.head.link_asked.connect(self.taking.copy_link)
        self.head.pin_asked.connect(self.taking.pin)
        self.head.print_asked.connect(lambda: self.paper.print(self.gid))
        self.head.pdf_asked.connect(lambda: self.paper.save(self.gid))

    def record(self) -> RecordView | None:
        """The record shown; None when there is none, or it is no longer here."""
        return self._portal.records.get(self.gid) if self.gid else None

    @property
    def gid(self) -> str:
        """The record shown, or an empty string."""
        raise NotImplementedError

    def show_record(self, gid: str) -> None:
        """Show another record."""
        raise NotImplementedError

    def follow(self) -> None:
        """Read the record again; what is being typed is left alone."""
        raise NotImplementedError

    def keep(self) -> None:
        """Keep what is being typed."""

    def answer(self, focus: str) -> None:
        """Do what one came for, see `Place.focus`."""

    def show_narrow(self, narrow: bool) -> None:
        """Whether the pane lies over the list, so that it needs a way back."""
        self.head.back.setVisible(narrow)

    def escape(self) -> bool:
        """Close what is open within; False when nothing was."""
        return False

    def own_keys(self, entity: str) -> tuple[Key, ...]:
        """Keys that work while the page is shown; `entity` is what it shows, and this user may do no more with."""
        return ()

    def stops(self) -> tuple[QWidget, ...]:
        """Widgets that F6 gives the focus to."""
        return ()
