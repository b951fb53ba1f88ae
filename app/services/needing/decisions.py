"""Something is to be approved, or was handed over to be accepted; only for whoever may decide."""

from __future__ import annotations

from collections.abc import Iterator

from app.services.format import NOTHING
from app.services.needing.asking import Sources, day_due, in_state, may, need
from app.services.views_model import Need


def approvals(sources: Sources) -> Iterator[Need]:
    """Approvals that wait."""
    if not may(sources, "approval", "approve"):
        return
    for record in in_state(sources, "approval", "pending"):
        amount = sources.records.value_words("approval", "amount", record.data)
        about = " · ".join(part for part in (record.subtitle, amount if amount != NOTHING else "") if part)
        title = f"Decide on “{record.title}”"
        due = day_due(sources, record.data.get("due_at"))
        yield need(record, "clipboard-check", title, about, due, "Read and decide")


def deliverables(sources: Sources) -> Iterator[Need]:
    """Deliverables that were handed over and not answered."""
    if not may(sources, "deliverable", "accept"):
        return
    for record in in_state(sources, "deliverable", "handed_over"):
        project = sources.records.title_of(str(record.data.get("project") or ""))
        version = f"version {record.subtitle}" if record.subtitle else ""
        about = " · ".join(part for part in (version, project) if part)
        due = day_due(sources, record.data.get("answer_by"))
        yield need(record, "package", f"Accept “{record.title}” or send it back", about, due, "Open")
