"""Answering a renewal with changes: another quantity, what it would come to, and a note."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.contract.errors import CounterpartError, Refused
from app.contract.manifest import CommandSpec
from app.services.portal import Portal
from app.services.renewing import ANSWER, Quote, estimate
from app.services.views_model import Done, RecordView
from app.views.forms.sections import argument_sections
from app.views.records.record.asking import CommandPane
from app.views.renewals.stepper import QuantityStepper
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.widgets.cards import Card
from app.views.widgets.layout import row
from app.views.widgets.text import Text


class AnswerPane(CommandPane):
    """The general pane for every other command; for this one a stepper with its sum, and the record's note."""

    def __init__(self, theme: Theme, portal: Portal, parent: QWidget | None = None) -> None:
        super().__init__(theme, portal, parent)
        self._portal = portal
        self._quote: Quote | None = None
        self._note = ""
        self.stepper: QuantityStepper | None = None
        self.sum = Text(theme, "", Role.BODY, wrap=True)

    def open_command(self, record: RecordView, command: CommandSpec, *, online: bool) -> None:
        if command.name != ANSWER:
            self.stepper = None
            super().open_command(record, command, online=online)
            return
        self._gid, self._command = record.gid, command
        self._quote = self._portal.renewing.quote(record)
        self._note = str(record.data.get("note") or "")
        explain = self.tr("{vendor} makes the order from your answer. Nothing is ordered before that.")
        note = self._portal.entity(record.entity).field("note")
        sections = argument_sections((note,)) if note is not None else ()
        self.open_form(command.label, explain.format(vendor=self._portal.vendor), None, sections)
        self.show_data({"note": self._note}, {})
        self._add_stepper(record)
        self.show_verb(self.tr("Send answer"), online)

    def _add_stepper(self, record: RecordView) -> None:
        spec = self._portal.entity(record.entity).field("wanted_quantity")
        self.stepper = QuantityStepper(self._theme, spec.label if spec else self.tr("Quantity"))
        wanted = record.data.get("wanted_quantity")
        quoted = self._quote.quantity if self._quote else None
        self.stepper.show_quantity(wanted if isinstance(wanted, int) else quoted)
        self.stepper.edited.connect(self._show_sum)
        self.sum = Text(self._theme, "", Role.BODY, wrap=True)
        self.sum.setObjectName("renewal.sum")
        card = Card(self._theme, inset=12, tint="raised")
        card.body.addLayout(row(self.sum, align=False))
        self._slot.insertWidget(0, self.stepper)
        self._slot.insertSpacing(1, 8)
        self._slot.insertWidget(2, card)
        self._slot.insertSpacing(3, 16)
        self._show_sum()
        self.stepper.field.focus()

    def _show_sum(self) -> None:
        quote, formats = self._quote, self._portal.formats
        if quote is None or self.stepper is None:
            return
        quantity = self.stepper.quantity
        found = estimate(quote, quantity)
        if found is None or quantity is None:
            self.sum.set_text(self.tr("{vendor} tells you the price.").format(vendor=self._portal.vendor))
            return
        amount = formats.money(found, quote.currency)
        if quantity == quote.quantity:
            self.sum.set_text(self.tr("{amount}, as quoted").format(amount=amount))
            return
        words = self.tr("About {amount} for {count}. An estimate: {vendor} confirms the price.")
        self.sum.set_text(
            words.format(amount=amount, count=formats.number(quantity), vendor=self._portal.vendor)
        )

    def follow(self, *, online: bool) -> bool:
        fits = super().follow(online=online)
        if self.stepper is not None:
            self.show_verb(self.tr("Send answer"), online)
        return fits

    def commit(self) -> Done | None:
        if self.stepper is None:
            return super().commit()
        if not self.stepper.judge():
            self.stepper.field.focus()
            return None
        note = str(self.form.values().get("note") or "")
        try:
            return self._portal.renewing.answer(
                self._gid, self.stepper.quantity, note if note != self._note else ""
            )
        except Refused as refusal:
            self.tell(refusal.fields, self._portal.formats.tr.told(refusal))
        except CounterpartError as problem:
            self.show_problem(self._portal.formats.tr.told(problem))
        return None
