"""Memberships and certificates: what one holds, for how long, and the paper that proves it.

Usage, also from other pages::

    view = Credentials(context, ask_where); view.refresh()
    view.opened.connect(page.open_record); view.file_opened.connect(...); view.said.connect(page.said)
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.services.format import date_of
from app.services.views_model import RecordView
from app.views.documents.saving import AskWhere, ask_where
from app.views.page import PageContext
from app.views.records.record.file_line import FileLine
from app.views.records.record.parts import Part
from app.views.theme.fonts import Role
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import link
from app.views.widgets.cards import Card, Rule
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.gauges import ProgressBar
from app.views.widgets.layout import column, emptied, holding, row
from app.views.widgets.pills import Pill
from app.views.widgets.text import Text
from app.views.widgets.tiles import IconTile

MEMBERSHIP = "membership"
#: A card is never narrower; where two fit, they stand side by side.
_CARD = 320


class CredentialCard(Card):
    """One credential. `opened` gives a record's gid, `file_opened` the gid whose file is to be read."""

    opened = Signal(str)
    file_opened = Signal(str)
    said = Signal(object)

    def __init__(self, context: PageContext, ask: AskWhere, *, titled: bool = True) -> None:
        """`titled` False: where name and state stand above it already."""
        super().__init__(context.theme)
        theme = self._theme
        self._portal = context.portal
        self._gid = ""
        self._renewal = ""
        self._name = Text.cut(theme, "", Role.NAME)
        self._about = Text.cut(theme, "", Role.SECONDARY, Tone.TEXT3)
        self._pill = Pill(theme, "")
        self._valid = Text(theme, "", Role.LABEL, Tone.TEXT2, wrap=True)
        self.bar = ProgressBar(theme, 6, self.tr("Validity"))
        self._open = link(theme, "")
        self._open.setObjectName("credential.renewal")
        self._open.clicked.connect(lambda: self.opened.emit(self._renewal))
        self.file = FileLine(context, ask, "certificate")
        self.file.opened.connect(self.file_opened)
        self.file.said.connect(self.said)
        head = row(IconTile(theme, "certificate"), gap=12)
        head.addLayout(column(self._name, self._about), 1)
        head.addWidget(self._pill)
        self._head = holding(column(head, 12))
        self._head.setVisible(titled)
        self._more = holding(column(6, row(self._open, None)))
        self._file = holding(column(Rule(theme), column(self.file, margins=(14, 10, 10, 10))))
        inner = column(self._head, self.bar, 6, self._valid, self._more, margins=(14, 12, 14, 12))
        self.body.addLayout(inner)
        self.body.addWidget(self._file)

    @property
    def validity(self) -> str:
        """What the card says about how long it holds."""
        return self._valid.text()

    def show_credential(self, record: RecordView) -> None:
        """Show a membership as it is now."""
        data = record.data
        self._gid = record.gid
        self._name.set_text(record.title)
        about = (str(data.get("level") or ""), str(data.get("holder") or ""), record.number)
        self._about.set_text(" · ".join(part for part in about if part))
        self._pill.show_stage(record.state_label, Tone(record.tone))
        self._show_validity(record)
        self._show_renewal(record)
        self._file.setVisible(bool(data.get("sha256")))
        if data.get("sha256"):
            self.file.show_file(record, self.tr("Certificate"))
        self.setAccessibleName(
            ", ".join(part for part in (record.title, record.state_label, self._valid.text()) if part)
        )

    def _show_validity(self, record: RecordView) -> None:
        formats = self._portal.formats
        begin, until = (date_of(record.data.get(name)) for name in ("valid_from", "valid_until"))
        self.bar.setVisible(begin is not None and until is not None)
        if until is None:
            self._valid.set_text(self.tr("Valid without an end"))
            return
        today = formats.today()
        if begin is not None and until > begin:
            share = (today - begin).days / (until - begin).days
            self.bar.show_share(
                share, self.tr("{share} % of its time has passed").format(share=_percent(share))
            )
        due = formats.countdown(until)
        if until < today:
            words = self.tr("Ended {day}")
        elif begin is not None:
            words = self.tr("{begin} to {day} · {left} left")
        else:
            words = self.tr("Until {day} · {left} left")
        begins = formats.day(begin) if begin else ""
        self._valid.set_text(words.format(day=formats.day(until), left=due.words, begin=begins))
        tone = Tone.BAD if until < today else Tone(due.tone)
        self._valid.set_tone(Tone.TEXT2 if tone is Tone.NEUTRAL else tone)

    def _show_renewal(self, record: RecordView) -> None:
        entity = self._portal.manifest.entity("renewal")
        lifecycle = entity.lifecycle if entity else None
        found = self._portal.about.naming(record, "renewal", "membership") if lifecycle else []
        states = {one.name: one for one in lifecycle.states} if lifecycle else {}
        open_ones = [one for one in found if one.state not in states or states[one.state].open]
        self._more.setVisible(bool(open_ones))
        if open_ones:
            renewal = open_ones[0]
            self._renewal = renewal.gid
            words = self.tr("Renewal {number}: {state}")
            self._open.set_text(words.format(number=renewal.number, state=renewal.state_label))


def _percent(share: float) -> int:
    return round(100 * min(1.0, max(0.0, share)))


class Credentials(ThemedWidget):
    """All memberships this user sees as cards, one or two side by side; says so when there are none."""

    opened = Signal(str)
    file_opened = Signal(str)
    said = Signal(object)

    def __init__(
        self, context: PageContext, ask: AskWhere = ask_where, parent: QWidget | None = None
    ) -> None:
        super().__init__(context.theme, parent)
        self._context = context
        self._ask = ask
        self._cards: dict[str, CredentialCard] = {}
        self._columns = 0
        entity = context.portal.manifest.entity(MEMBERSHIP)
        self.empty = EmptyState(self.theme, "certificate", "")
        if entity is not None:
            self.empty.show_words(entity.icon, entity.empty, entity.empty_hint)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(12)
        self.setLayout(column(self._grid, self.empty, None))

    @property
    def cards(self) -> Sequence[CredentialCard]:
        """The cards, those that end first leading, those that have ended last."""
        return tuple(self._cards.values())

    def refresh(self) -> None:
        """Read the memberships afresh."""
        portal = self._context.portal
        records = portal.records.rows(portal.records.ids(MEMBERSHIP))
        today = portal.formats.today().isoformat()
        records.sort(key=lambda one: "" < str(one.data.get("valid_until") or "") < today)
        gids = [record.gid for record in records]
        if gids != list(self._cards):
            emptied(self._grid)
            self._cards = {gid: self._make() for gid in gids}
            self._columns = 0
            self._place()
        for record in records:
            self._cards[record.gid].show_credential(record)
        self.empty.setVisible(not records)

    def _make(self) -> CredentialCard:
        card = CredentialCard(self._context, self._ask)
        card.opened.connect(self.opened)
        card.file_opened.connect(self.file_opened)
        card.said.connect(self.said)
        return card

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        columns = max(1, min(2, self.width() // _CARD))
        if columns == self._columns:
            return
        self._columns = columns
        for number, card in enumerate(self._cards.values()):
            self._grid.addWidget(card, number // columns, number % columns, Qt.AlignmentFlag.AlignTop)
        for number in range(2):
            self._grid.setColumnStretch(number, 1 if number < columns else 0)


class CredentialPart(Part):
    """The card of the membership that is shown, or (`of`) of the one that a record names in a field."""

    fields = frozenset({"valid_from", "valid_until"})

    def __init__(self, context: PageContext, ask: AskWhere, of: str = "") -> None:
        super().__init__(context, rules="top")
        self._of = of
        if of:
            self.fields = frozenset({of})
        self._head = self.heading(self.tr("Membership"))
        self._head.setVisible(bool(of))
        self.card = CredentialCard(context, ask, titled=bool(of))
        self.card.opened.connect(self.open_record)
        self.card.file_opened.connect(self.open_file_of)
        self.card.said.connect(self.said)
        self.setLayout(column(self._head, 6, self.card, margins=(16, 12, 16, 12)))

    def show_record(self, record: RecordView, *, online: bool) -> None:
        found = self.portal.records.get(str(record.data.get(self._of) or "")) if self._of else record
        shown = found is not None and found.entity == MEMBERSHIP
        self.setVisible(shown)
        if shown and found is not None:
            self.card.show_credential(found)
