"""The quote of a renewal as one reads an offer: quantity times price, until when it holds, and its document."""

from __future__ import annotations

from app.services.renewing import Intent, Quote
from app.services.views_model import RecordView
from app.views.page import PageContext
from app.views.records.record.file_line import FileLine
from app.views.records.record.parts import Part
from app.views.theme.fonts import Role
from app.views.theme.tokens import Tone
from app.views.ways_out import AskWhere
from app.views.widgets.cards import Card, Rule
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import column, holding
from app.views.widgets.text import Text


class QuotePart(Part):
    """A card with the figures, and below them what was answered and what came of it."""

    fields = frozenset(
        {"quantity", "amount", "unit_price", "quote_until", "quote", "intent", "wanted_quantity"}
    )

    def __init__(self, context: PageContext, ask: AskWhere) -> None:
        super().__init__(context)
        theme = context.theme
        self._sum = Text(theme, "", Role.FIGURE, wrap=True)
        self._count = Text(theme, "", Role.BODY, Tone.TEXT2, wrap=True)
        self._until = Text(theme, "", Role.LABEL, Tone.TEXT2, wrap=True)
        self.file = FileLine(context, ask, "quote")
        self.file.opened.connect(self.open_file_of)
        self.file.said.connect(self.said)
        self._file = holding(column(Rule(theme), column(self.file, margins=(12, 10, 8, 10))))
        self.answered = KeyValueList(theme)
        self._answered = holding(column(self.answered, margins=(0, 10, 0, 0)))
        card = Card(theme, tint="raised", name=self.tr("Quote"))
        figures = column(
            self.heading(self.tr("Quote")), 2, self._sum, self._count, self._until,
            margins=(12, 10, 12, 10),
        )  # fmt: skip
        card.body.addLayout(figures)
        card.body.addWidget(self._file)
        self.setLayout(column(card, self._answered, margins=(16, 12, 16, 10)))

    @property
    def words(self) -> tuple[str, str, str]:
        """The amount, how it comes about, and until when it holds."""
        return self._sum.text(), self._count.text(), self._until.text()

    def show_record(self, record: RecordView, *, online: bool) -> None:
        quote = self.portal.renewing.quote(record)
        money = self.portal.formats.money
        quoted = quote.amount is not None
        self._sum.set_text(money(quote.amount, quote.currency) if quoted else self.tr("Not quoted yet"))
        self._count.set_text(self._counted(quote))
        self._count.setVisible(bool(self._count.text()))
        self._show_until(record, quote)
        self._show_file(record)
        self._show_answer(record)
        self.show()

    def _counted(self, quote: Quote) -> str:
        formats = self.portal.formats
        if quote.quantity is None or quote.quantity == 1:
            return ""  # one of something costs what stands above
        count = formats.number(quote.quantity)
        if quote.each is None:
            return self.tr("For {count}").format(count=count)
        each = formats.money(quote.each, quote.currency)
        words = self.tr("{count} × {each}") if quote.exact else self.tr("{count} × {each}, with discount")
        return words.format(count=count, each=each)

    def _show_until(self, record: RecordView, quote: Quote) -> None:
        open_now = record.state == "quoted"
        self._until.setVisible(quote.until is not None)
        if quote.until is None or quote.until.at is None:
            return
        day = self.portal.formats.weekday_day(self.portal.formats.local(quote.until.at).date())
        over = quote.until.at < self.portal.present()
        if over:
            words = self.tr("The quote ended {day}. {vendor} may send a new one.")
        else:
            words = self.tr("Valid until {day} · {left} left")
        self._until.set_text(words.format(day=day, left=quote.until.words, vendor=self.portal.vendor))
        tone = Tone.BAD if over else Tone(quote.until.tone)
        self._until.set_tone(tone if open_now and tone is not Tone.NEUTRAL else Tone.TEXT2)

    def _show_file(self, record: RecordView) -> None:
        document = self.portal.records.get(str(record.data.get("quote") or ""))
        shown = document is not None and bool(document.data.get("sha256"))
        self._file.setVisible(shown)
        if shown and document is not None:
            self.file.show_file(document, document.title)

    def _show_answer(self, record: RecordView) -> None:
        facts = []
        intent, wanted = record.data.get("intent"), record.data.get("wanted_quantity")
        if intent:
            words = self.portal.records.value_words(record.entity, "intent", record.data)
            facts.append(Fact(self.tr("Your answer"), words))
        if isinstance(wanted, int) and intent != Intent.LAPSE:
            facts.append(Fact(self.tr("Wanted"), self.portal.formats.number(wanted), mark=True))
        self.answered.set_facts(facts)
        self._answered.setVisible(bool(facts))
