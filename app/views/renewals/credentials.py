"""A membership or certificate: what one holds, for how long, and the paper that proves it."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.services.format import date_of
from app.services.views_model import RecordView
from app.views.page import PageContext
from app.views.records.record.file_line import FileLine
from app.views.records.record.parts import Part
from app.views.theme.fonts import Role
from app.views.theme.tokens import Tone
from app.views.ways_out import AskWhere
from app.views.widgets.buttons import link
from app.views.widgets.cards import Card, Rule
from app.views.widgets.gauges import ProgressBar
from app.views.widgets.layout import column, holding, row
from app.views.widgets.pills import Pill
from app.views.widgets.text import Text
from app.views.widgets.tiles import IconTile

MEMBERSHIP = "membership"


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
        if not titled:
            self._head.hide()
        self._more = holding(column(6, row(self._open, None)))
        self._file = holding(column(Rule(theme), column(self.file, margins=(14, 10, 10, 10))))
        self._measure = holding(column(self.bar, 6))
        inner = column(self._head, self._measure, self._valid, self._more, margins=(14, 12, 14, 12))
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
        today = formats.today()
        # Nothing runs any more once it has ended.
        self._measure.setVisible(begin is not None and until is not None and until >= today)
        if until is None:
            self._valid.set_text(self.tr("Valid without an end"))
            return
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


class CredentialPart(Part):
    """The card of the membership that is shown, or (`of`) of the one that a record names in a field."""

    fields = frozenset({"valid_from", "valid_until"})

    def __init__(self, context: PageContext, ask: AskWhere, of: str = "") -> None:
        super().__init__(context, rules="top")
        self._of = of
        if of:
            self.fields = frozenset({of})
        self._head = self.heading(self.tr("Membership"))
        if not of:
            self._head.hide()
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
