"""A lead is offered, and the offer ends."""

from __future__ import annotations

from collections.abc import Iterator

from app.services.format import date_of, plural
from app.services.needing.asking import Sources, day_due, in_state, may, need
from app.services.views_model import Need


def offers(sources: Sources) -> Iterator[Need]:
    if not may(sources, "lead", "accept"):
        return
    for record in in_state(sources, "lead", "offered", ("expires_at", 365)):
        sites = record.data.get("sites")
        ends = date_of(record.data.get("expires_at"))
        left = (ends - sources.context.formats.today()).days if ends else 0
        about = " · ".join(
            part
            for part in (
                plural(int(sites), "site") if sites else "",
                f"offer ends in {plural(left, 'day')}" if left else "offer ends today",
            )
            if part
        )
        due = day_due(sources, record.data.get("expires_at"))
        title = f"Take or decline the lead from {record.title}"
        yield need(record, "target-arrow", title, about, due, "Accept", "command:accept")
