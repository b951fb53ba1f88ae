"""The vendor asks for the word that a document was read."""

from __future__ import annotations

from collections.abc import Iterator

from app.services.needing.asking import Sources, day_due, need
from app.services.views_model import Need


def to_confirm(sources: Sources) -> Iterator[Need]:
    for record, by in sources.library.to_confirm():
        version = str(record.data.get("version") or "")
        about = f"version {version}" if version else ""
        title = f"Confirm that you have read “{record.title}”"
        yield need(record, "file-certificate", title, about, day_due(sources, by.isoformat()), "Read", "read")
