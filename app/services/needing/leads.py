"""A lead is offered, and the offer ends."""

from __future__ import annotations

from collections.abc import Iterator

from app.services.format import date_of
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
                sources.context.tr.plural(int(sites), "%n site", "%n sites") if sites else "",
                sources.context.tr.plural(left, "offer ends in %n day", "offer ends in %n days")
                if left
                else sources.context.tr("offer ends today"),
            )
            if part
        )
        due = day_due(sources, record.data.get("expires_at"))
        title = sources.context.tr("Take or decline the lead from {title}").format(title=record.title)
        yield need(record, "target-arrow", title, about, due, sources.context.tr("Accept"), "command:accept")
