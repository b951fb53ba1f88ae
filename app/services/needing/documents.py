"""The vendor asks for the word that a document was read."""

from __future__ import annotations

from collections.abc import Iterator

from app.services.needing.asking import Sources, day_due, need
from app.services.views_model import Need


def to_confirm(sources: Sources) -> Iterator[Need]:
    tr = sources.context.tr
    for record, by in sources.library.to_confirm():
        version = str(record.data.get("version") or "")
        about = tr("version {version}").format(version=version) if version else ""
        title = tr("Confirm that you have read “{title}”").format(title=record.title)
        yield need(
            record, "file-certificate", title, about, day_due(sources, by.isoformat()), tr("Read"), "read"
        )
