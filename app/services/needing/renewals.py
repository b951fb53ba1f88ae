"""A contract or membership comes up and its quote is not answered."""

from __future__ import annotations

from collections.abc import Iterator

from app.services.needing.asking import Sources, day_due, in_state, may, need
from app.services.views_model import Need, RecordView

_RENEWALS_AHEAD = 30


def quotes(sources: Sources) -> Iterator[Need]:
    if not may(sources, "renewal", "send_intent"):
        return
    formats = sources.context.formats
    for record in in_state(sources, "renewal", "quoted", ("term_end", _RENEWALS_AHEAD)):
        data = record.data
        amount = formats.money(data.get("amount"), str(data.get("currency") or ""))
        what = _how_many(sources, record)
        about = sources.context.tr("{title} · quoted {amount}").format(title=record.title, amount=amount)
        due = day_due(sources, data.get("term_end"))
        yield need(
            record,
            "refresh",
            sources.context.tr("Confirm the renewal of {what}").format(what=what),
            about,
            due,
            sources.context.tr("Send intent"),
            "command:send_intent",
        )


def _how_many(sources: Sources, record: RecordView) -> str:
    """*240 Vault seats*; a product that tells its own quantity is left as it is."""
    quantity = record.data.get("quantity")
    if not isinstance(quantity, int) or str(quantity) in record.subtitle:
        return record.subtitle
    return f"{sources.context.formats.number(quantity)} {record.subtitle}"
