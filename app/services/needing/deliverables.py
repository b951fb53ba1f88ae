"""Something was handed over to be accepted or sent back; only for whoever may decide."""

from __future__ import annotations

from collections.abc import Iterator

from app.services.needing.asking import Sources, day_due, in_state, may, need
from app.services.views_model import Need


def to_answer(sources: Sources) -> Iterator[Need]:
    """Deliverables that were handed over and not answered."""
    if not may(sources, "deliverable", "accept"):
        return
    tr = sources.context.tr
    for record in in_state(sources, "deliverable", "handed_over"):
        project = sources.records.title_of(str(record.data.get("project") or ""))
        version = tr("version {version}").format(version=record.subtitle) if record.subtitle else ""
        about = " · ".join(part for part in (version, project) if part)
        due = day_due(sources, record.data.get("answer_by"))
        title = tr("Accept “{title}” or send it back").format(title=record.title)
        yield need(record, "package", title, about, due, tr("Open"))
