"""Renewals and memberships: what comes due above the list, the quote and its answer beside it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from app.contract.errors import CounterpartError
from app.services.views_model import RecordView
from app.views.page import PageContext, Toast
from app.views.records.page import RecordsPage
from app.views.records.record.detail import DetailPane
from app.views.records.record.offers import COMMAND, Offer
from app.views.records.record.usual import usual_parts
from app.views.renewals.answer import AnswerPane
from app.views.renewals.credentials import MEMBERSHIP, CredentialPart
from app.views.renewals.outcome import OrderedPart
from app.views.renewals.quote import QuotePart
from app.views.ways_out import AskFiles, AskPrinter, AskWhere, ask_files, ask_where
from app.views.widgets.dialog import Dialog

RENEWAL = "renewal"
LAPSE = "lapse"


class RenewalDetail(DetailPane):
    """One renewal; letting it lapse stands beside its commands and asks once."""

    def __init__(
        self, context: PageContext, ask: AskFiles, ask_target: AskWhere, ask_paper: AskPrinter
    ) -> None:
        portal = context.portal
        parts = (
            OrderedPart(context),
            QuotePart(context, ask_target),
            CredentialPart(context, ask_target, "membership"),
            *usual_parts(context, ask_target),
        )
        asking = AnswerPane(context.theme, portal)
        super().__init__(
            context,
            ask,
            ask_target,
            parts=parts,
            asking=asking,
            extras=self._extras,
            ask_paper=ask_paper,
        )

    def _extras(self, record: RecordView) -> Sequence[Offer]:
        if not self._portal.renewing.may_lapse(self._portal.records.commands(record.gid)):
            return ()
        explain = self.tr("The contract ends on its day. You are asked once more.")
        return (Offer(COMMAND, LAPSE, self.tr("Let it lapse"), tip=explain),)

    def run_command(self, name: str) -> None:
        record = self._record()
        if name != LAPSE or record is None:
            super().run_command(name)
            return
        ends = self._portal.records.value_words(record.entity, "term_end", record.data)
        words = self.tr("The contract ends on {day}. {vendor} is told that you do not renew it.")
        dialog = Dialog(
            self._theme,
            self.window(),
            self.tr("Let “{title}” lapse?").format(title=record.subtitle or record.title),
            words.format(day=ends, vendor=self._portal.vendor),
            verb=self.tr("Let it lapse"),
            safe=self.tr("Keep it"),
            danger=True,
        )
        dialog.setObjectName("renewal.lapse")
        dialog.accepted.connect(self._lapse)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _lapse(self) -> None:
        try:
            done = self._portal.renewing.lapse(self.gid)
        except CounterpartError as problem:
            self.said.emit(Toast(self._portal.formats.tr.told(problem)))
        else:
            self.commands.settled(done)


class RenewalsPage(RecordsPage):
    """The manifest's list of renewals."""

    def __init__(
        self,
        context: PageContext,
        parent: QWidget | None = None,
        *,
        ask: AskFiles = ask_files,
        ask_target: AskWhere = ask_where,
    ) -> None:
        super().__init__(context, RENEWAL, parent, ask=ask, ask_target=ask_target)

    def make_detail(self, ask: AskFiles, ask_target: AskWhere, ask_paper: AskPrinter) -> DetailPane:
        return RenewalDetail(self.context, ask, ask_target, ask_paper)


class MembershipsPage(RecordsPage):
    """The manifest's list of memberships, each with its validity and certificate."""

    def __init__(
        self,
        context: PageContext,
        parent: QWidget | None = None,
        *,
        ask: AskFiles = ask_files,
        ask_target: AskWhere = ask_where,
    ) -> None:
        super().__init__(context, MEMBERSHIP, parent, ask=ask, ask_target=ask_target)

    def make_detail(self, ask: AskFiles, ask_target: AskWhere, ask_paper: AskPrinter) -> DetailPane:
        usual = usual_parts(self.context, ask_target)[1:]  # its file stands on its card
        parts = (CredentialPart(self.context, ask_target), *usual)
        return DetailPane(self.context, ask, ask_target, parts=parts, ask_paper=ask_paper)
