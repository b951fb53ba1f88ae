"""Answering a renewal: as quoted, with another quantity, or not at all; and what another quantity would come to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from app.contract.manifest import CommandSpec
from app.services.context import PortalContext
from app.services.format import date_of, decimal_of
from app.services.intents import Intents
from app.services.views_model import Done, Due, RecordView

ANSWER = "send_intent"
_PENNY = Decimal("0.01")


class Intent(StrEnum):
    """What a partner answers, as the manifest writes it."""

    RENEW = "renew"
    CHANGE = "change"
    LAPSE = "lapse"


@dataclass(frozen=True)
class Quote:
    """What the vendor offers. `each` and `amount` are None where they are not told; `until` where it has no end.

    `exact`: the amount is the quantity times the price; otherwise something else, such as a discount, is in it.
    """

    quantity: int | None
    each: Decimal | None
    amount: Decimal | None
    currency: str
    until: Due | None
    exact: bool


def quote_of(context: PortalContext, record: RecordView) -> Quote:
    """Return the quote of a renewal as it stands."""
    data = record.data
    quantity = data.get("quantity") if isinstance(data.get("quantity"), int) else None
    each, amount = decimal_of(data.get("unit_price")), decimal_of(data.get("amount"))
    until = date_of(data.get("quote_until"))
    product = each * quantity if each is not None and quantity is not None else None
    return Quote(
        quantity=quantity,
        each=each,
        amount=amount,
        currency=str(data.get("currency") or ""),
        until=context.formats.countdown(until) if until else None,
        exact=product is not None and product == amount,
    )


def estimate(quote: Quote, quantity: int | None) -> Decimal | None:
    """Return what another quantity would come to, rounded to pence: at the price each, or else in proportion.

    None where nothing tells; it is an estimate, since discounts may depend on the quantity.
    """
    if quantity is None or quantity < 0:
        return None
    if quote.each is not None and (quote.exact or quote.amount is None):
        return (quote.each * quantity).quantize(_PENNY, ROUND_HALF_UP)
    if quote.amount is None or not quote.quantity:
        return None
    return (quote.amount * quantity / quote.quantity).quantize(_PENNY, ROUND_HALF_UP)


class Renewing:
    """Gives the answers. All of them can be taken back until they are sent."""

    def __init__(self, context: PortalContext, intents: Intents) -> None:
        self._context = context
        self._intents = intents

    def quote(self, record: RecordView) -> Quote:
        """Return the quote of a renewal as it stands."""
        return quote_of(self._context, record)

    def may_lapse(self, offered: tuple[CommandSpec, ...]) -> bool:
        """Tell whether a renewal may be let go now: its answer is open and knows that word."""
        spec = next((one for one in offered if one.name == ANSWER), None)
        return spec is not None and _knows(spec, Intent.LAPSE)

    def answer(self, gid: str, quantity: int | None, note: str = "") -> Done:
        """Answer a quote: with the quantity that was quoted and nothing to add it is renewed as it is.

        A note is an edit of the record that goes before. Raises Refused.
        """
        shown = self._context.store.projection.get(gid)
        same = shown is not None and shown.data.get("quantity") == quantity and not note.strip()
        edited = self._intents.edit(gid, {"note": note}) if note.strip() else None
        intent = Intent.RENEW if same else Intent.CHANGE
        args: dict[str, Any] = {"intent": intent.value, "wanted_quantity": quantity}
        done = self._intents.command(gid, ANSWER, args)
        if edited is None or not edited.mutation_id:
            return done
        return replace(done, more=(*done.more, edited.mutation_id))

    def lapse(self, gid: str) -> Done:
        """Let the contract end. Raises Refused."""
        return self._intents.command(gid, ANSWER, {"intent": Intent.LAPSE.value})


def _knows(spec: CommandSpec, intent: Intent) -> bool:
    arg = next((one for one in spec.args if one.name == "intent"), None)
    return arg is not None and intent.value in {choice.value for choice in arg.choices}
