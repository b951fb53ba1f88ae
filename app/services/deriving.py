"""Making a new record from one that exists: the renewal of a deal, a deal from a lead.

The form begins with what is copied. Handing it in sends the new record and then, depending on it, the command that
moves the old one: should the new one be refused, the old one stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.contract import rules
from app.contract.errors import NotAllowed
from app.contract.manifest import Job, Manifest
from app.contract.merge import same
from app.services.context import PortalContext
from app.services.drafts import DraftService
from app.services.records import Records
from app.services.views_model import Origin, RecordView

_GID = "gid"


def derive_job(manifest: Manifest, name: str) -> Job | None:
    """Return the job of that name, if this user has it and it derives a record."""
    return next((job for job in manifest.jobs if job.does == "derive" and job.name == name), None)


def copied(job: Job, record: RecordView) -> dict[str, Any]:
    """Return what the new record begins with: what the old one holds, and what is the same for all."""
    held = {_GID: record.gid, **record.data}
    found = {new: held.get(old) for new, old in job.copies.items()}
    return {name: value for name, value in {**found, **job.sets}.items() if not rules.blank(value)}


class Deriving:
    """What may be made from a record, and the draft of it."""

    def __init__(self, context: PortalContext, records: Records, drafts: DraftService) -> None:
        self._context = context
        self._records = records
        self._drafts = drafts

    def jobs(self, gid: str) -> tuple[Job, ...]:
        """Return the jobs that fit a record as it is shown; none for a draft."""
        record = self._records.get(gid)
        if record is None or self._records.is_draft(gid):
            return ()
        manifest = self._context.manifest
        return tuple(job for job in manifest.jobs if job.does == "derive" and self._fits(job, record))

    def _fits(self, job: Job, record: RecordView) -> bool:
        made, old = self._context.manifest.entity(job.entity), self._context.manifest.entity(record.entity)
        if job.of != record.entity or record.state not in job.states or made is None or old is None:
            return False
        moves = {command.name for command in rules.commands_from(old, record.state)}
        return made.creatable and (not job.then or job.then in moves)

    def begin(self, name: str, gid: str) -> tuple[str, bool]:
        """Open the draft of a job on a record: its gid, and whether it was begun just now.

        One that was begun before goes on. Raises NotAllowed when the job does not fit (any more).
        """
        job = next((job for job in self.jobs(gid) if job.name == name), None)
        record = self._records.get(gid)
        if job is None or record is None:
            raise NotAllowed(
                self._context.tr("This does not fit the record any more."),
                kept=self._context.tr("Nothing was changed."),
            )
        begun = next(
            (draft for draft in self._drafts.open_drafts() if _is_from(draft.origin, job, gid)), None
        )
        if begun is not None:
            return begun.gid, False
        data = copied(job, record)
        return self._drafts.start(job.entity, data, Origin(job.name, gid, data)), True

    def source_words(self, origin: Origin) -> str:
        """Return what a draft was derived from: *DR-2026-0417 · Kestrel Foods*; empty when that is not here."""
        record = self._records.get(origin.gid)
        return " · ".join(part for part in (record.number, record.title) if part) if record else ""

    def as_copied(self, origin: Origin | None, data: Mapping[str, Any]) -> frozenset[str]:
        """Return the fields of a draft that still hold what was copied."""
        if origin is None:
            return frozenset()
        job = derive_job(self._context.manifest, origin.job)
        fixed = job.sets if job else {}
        return frozenset(
            name for name, value in origin.copied.items() if name not in fixed and same(data.get(name), value)
        )


def _is_from(origin: Origin | None, job: Job, gid: str) -> bool:
    return origin is not None and (origin.job, origin.gid) == (job.name, gid)
