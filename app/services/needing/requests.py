"""The vendor asked something back on a request."""

from __future__ import annotations

from collections.abc import Iterator

from app.services.format import moment_of
from app.services.may import May
from app.services.needing.asking import NO_DUE, Sources, in_state, need
from app.services.views_model import Need


def replies(sources: Sources) -> Iterator[Need]:
    if not May(sources.context).talk("request"):
        return
    for record in in_state(sources, "request", "waiting_on_partner"):
        moment = moment_of(record.data.get("due_at"))
        due = sources.context.formats.due(moment) if moment else NO_DUE
        title = sources.context.tr("Answer {vendor} on “{title}”").format(
            vendor=sources.context.vendor, title=record.title
        )
        about = " · ".join(part for part in (record.subtitle, sources.context.tr("waiting on you")) if part)
        yield need(record, "message-circle", title, about, due, sources.context.tr("Reply"), "reply")
