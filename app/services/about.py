"""What is known around one record: what belongs to it, how it stands in one line, and the way it goes."""

from __future__ import annotations

from app.services.context import PortalContext
from app.services.due_windows import DueWindow, due_windows
from app.services.journey import Line, Step, expectation, lines, steps
from app.services.one_line import Answer, answer
from app.services.passing import of_chip, words
from app.services.projects import Plan, earlier_versions, plan_of
from app.services.records import Records
from app.services.related import RelatedGroup, related_to
from app.services.views_model import RecordView


class About:
    """Reads only; each method looks afresh."""

    def __init__(self, context: PortalContext, records: Records) -> None:
        self._context = context
        self._records = records

    def related(self, record: RecordView) -> tuple[RelatedGroup, ...]:
        """Return the records that name this one, as the manifest asks for them."""
        return related_to(self._context, self._records, record)

    def naming(self, record: RecordView, entity: str, field: str) -> list[RecordView]:
        """Return all records of a type that name this one in `field`, in the order of their list."""
        if self._context.manifest.entity(entity) is None:
            return []
        return self._records.rows(self._records.ids(entity, of_chip(field, record.gid)))

    def answer(self, record: RecordView) -> Answer:
        """Return how a record stands, in one line."""
        return answer(self._context, self._records, record)

    def steps(self, record: RecordView) -> tuple[Step, ...]:
        """Return the steps of a record's way with their days."""
        return steps(self._context, record)

    def expectation(self, record: RecordView) -> tuple[str, str]:
        """Return when its goods are expected and how late they are; empty words for neither."""
        return expectation(self._context, record)

    def lines(self, record: RecordView) -> tuple[Line, ...]:
        """Return its lines with what has left."""
        return lines(self._context, record)

    def windows(self, entity: str) -> tuple[DueWindow, ...]:
        """Return what comes due in a list by windows of days."""
        spec = self._context.manifest.entity(entity)
        return due_windows(self._context, self._records, spec) if spec else ()

    def plan(self, project: RecordView) -> Plan:
        """Return how a project stands."""
        return plan_of(self._context, self._records, project)

    def earlier_versions(self, record: RecordView) -> tuple[RecordView, ...]:
        """Return the other versions of a deliverable, the newest first."""
        return earlier_versions(self._context, self._records, record)

    def chip_words(self, entity: str, chip: str) -> str:
        """Return the words of a filter that is neither the manifest's nor the user's own; empty for those."""
        spec = self._context.manifest.entity(entity)
        return words(self._context, spec, chip) if spec else ""
