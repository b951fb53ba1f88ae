"""The vendor waits for a decision this user may give."""

from __future__ import annotations

from collections.abc import Iterator

from app.services.needing.asking import Sources, day_due, in_state, may, need
from app.services.views_model import Need

_APPROVAL = "approval"


def to_decide(sources: Sources) -> Iterator[Need]:
    if not may(sources, _APPROVAL, "approve"):
        return
    formats, tr = sources.context.formats, sources.context.tr
    for record in in_state(sources, _APPROVAL, "pending"):
        data = record.data
        amount = formats.money_short(data.get("amount"), str(data.get("currency") or ""))
        about = " · ".join(part for part in (record.subtitle, amount if data.get("amount") else "") if part)
        title = tr("Decide on “{title}”").format(title=record.title)
        due = day_due(sources, data.get("due_at"))
        yield need(record, "clipboard-check", title, about, due, tr("Decide"))
