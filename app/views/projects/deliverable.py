"""What was handed over: read here, then accepted or sent back; its other versions and what was said about it."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.views_model import RecordView
from app.views.approvals.pane import DecisionPane
from app.views.page import Key, PageContext
from app.views.projects.milestones import DeliverableCard
from app.views.records.remarks import Remarks
from app.views.theme.fonts import Role
from app.views.theme.tokens import Tone
from app.views.ways_out import AskFiles, AskPrinter, AskWhere
from app.views.widgets.layout import column, emptied, holding
from app.views.widgets.text import Text


class DeliverablePane(DecisionPane):
    """A decision with the versions before it and a conversation."""

    def __init__(
        self,
        context: PageContext,
        ask: AskWhere,
        ask_paper: AskPrinter,
        ask_files: AskFiles,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, ask, ask_paper, parent)
        self._versions_shown: tuple[RecordView, ...] = ()
        self._versions = QVBoxLayout()
        head = Text(self.theme, self.tr("Other versions"), Role.TABLE_HEAD, Tone.TEXT3)
        self._versions_holder = holding(column(head, 6, self._versions, margins=(24, 0, 24, 16)))
        self.remarks = Remarks(context, ask_files)
        self.remarks.said.connect(self.said)
        self.remarks.changed.connect(self.follow)
        self.extra.addWidget(self._versions_holder)
        self.extra.addWidget(self.remarks)

    @property
    def versions(self) -> tuple[RecordView, ...]:
        """The other versions that stand here."""
        return self._versions_shown

    def follow_extra(self, record: RecordView) -> None:
        found = self._portal.about.earlier_versions(record)
        if found != self._versions_shown:
            self._versions_shown = found
            emptied(self._versions)
            if found:
                card = DeliverableCard(self.theme, found)
                card.opened.connect(self.open_record)
                self._versions.addWidget(card)
        self._versions_holder.setVisible(bool(found))
        self.remarks.show_record(record)

    def keep(self) -> None:
        super().keep()
        self.remarks.keep()

    def answer(self, focus: str) -> None:
        if focus == "reply":
            self.remarks.write_here()
        else:
            super().answer(focus)

    def own_keys(self, entity: str) -> tuple[Key, ...]:
        talks = self._portal.may.talk(entity)
        if not talks:
            return super().own_keys(entity)
        return (
            Key("Ctrl+Return", self.tr("Hand in what is written"), self._hand_in),
            Key("C", self.tr("Write a comment"), self.remarks.write_here),
        )

    def _hand_in(self) -> None:
        if self.foot.asks:
            super()._hand_in()
        else:
            self.remarks.box.send()
