"""The parts every record has, whatever its type: the file it carries, and what belongs to it."""

from __future__ import annotations

from app.views.page import PageContext
from app.views.records.record.own_file import OwnFilePart
from app.views.records.record.parts import Part
from app.views.records.record.related import RelatedPart
from app.views.ways_out import AskWhere


def usual_parts(
    context: PageContext, ask: AskWhere, without: frozenset[str] = frozenset()
) -> tuple[Part, ...]:
    """Make them; `without`: entity types that a part made by hand shows already."""
    return (OwnFilePart(context, ask), RelatedPart(context, without))
