"""A deal needs something more, or its protection ends."""

from __future__ import annotations

from collections.abc import Iterator

from app.contract.manifest import Tone
from app.contract.rules import commands_from
from app.services.format import date_of
from app.services.needing.asking import NO_DUE, Sources, day_due, in_state, may, need
from app.services.views_model import Need

_PROTECTION_AHEAD = 14


def action_required(sources: Sources) -> Iterator[Need]:
    spec = sources.context.manifest.entity("deal_registration")
    if spec is None or not commands_from(spec, "action_required"):
        return
    for record in in_state(sources, "deal_registration", "action_required"):
        asked = str(record.data.get("review_comment") or "").strip().split("\n", 1)[0]
        about = " · ".join(
            part for part in (record.title, asked or sources.context.tr("action required")) if part
        )
        title = sources.context.tr("Complete “{words}”").format(words=record.subtitle or record.title)
        yield need(record, "alert-triangle", title, about, NO_DUE, sources.context.tr("Open"), "", Tone.WARN)


def protection(sources: Sources) -> Iterator[Need]:
    if not may(sources, "deal_registration", "ask_extension"):
        return
    for record in in_state(sources, "deal_registration", "approved", ("protected_until", _PROTECTION_AHEAD)):
        due = day_due(sources, record.data.get("protected_until"))
        days = date_of(record.data.get("protected_until"))
        left = (days - sources.context.formats.today()).days if days else 0
        ends = sources.context.tr("ends today")
        if left:
            ends = sources.context.tr.plural(left, "ends in %n day", "ends in %n days")
        about = f"{record.title} · {ends}"
        title = sources.context.tr("Extend protection on “{words}”").format(
            words=record.subtitle or record.title
        )
        yield need(
            record,
            "hourglass",
            title,
            about,
            due,
            sources.context.tr("Ask to extend"),
            "command:ask_extension",
        )
