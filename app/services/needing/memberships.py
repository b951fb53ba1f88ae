"""A membership or certificate is about to end and nobody has answered its renewal."""

from __future__ import annotations

from collections.abc import Iterator

from app.services.format import date_of
from app.services.needing.asking import Sources, day_due, in_state, need
from app.services.passing import of_chip
from app.services.views_model import Need, RecordView

_AHEAD = 90
#: A quote that is open is a job of its own; an answer that is given needs nothing more.
_IN_HAND = ("quoted", "intent_sent", "ordered")


def due(sources: Sources) -> Iterator[Need]:
    """Memberships that are due."""
    for record in in_state(sources, "membership", "due", ("valid_until", _AHEAD)):
        if _in_hand(sources, record):
            continue
        until = date_of(record.data.get("valid_until"))
        left = (until - sources.context.formats.today()).days if until else 0
        tr = sources.context.tr
        ends = tr.plural(left, "ends in %n day", "ends in %n days") if left else tr("ends today")
        about = " · ".join(part for part in (record.subtitle, ends) if part)
        when = day_due(sources, record.data.get("valid_until"))
        yield need(
            record, "certificate", tr("Renew “{title}”").format(title=record.title), about, when, tr("Look")
        )


def _in_hand(sources: Sources, membership: RecordView) -> bool:
    entity = sources.context.manifest.entity("renewal")
    if entity is None or entity.field("membership") is None:
        return False
    found = sources.records.rows(sources.records.ids("renewal", of_chip("membership", membership.gid)))
    return any(one.state in _IN_HAND for one in found)
