"""Things being written: on this device alone, durable with each save, until they are submitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from app.contract import rules
from app.contract.errors import NotAllowed, Refused
from app.contract.manifest import EntityType, FieldType, Owner
from app.contract.merge import same
from app.services import may_clash
from app.services.answering import ANSWERS
from app.services.appending import FILE, MESSAGE
from app.services.captured import doubt
from app.services.composing import Composing, file_data
from app.services.context import PortalContext
from app.services.files import read_file, take_in
from app.services.submission import (
    Submission,
    children_of,
    file_of,
    given,
    submission_command,
    text_of,
    writes_message,
)
from app.services.views_model import ClashHint, Discarded, Done, Draft, FileInfo, Origin
from app.store.drafts import Draft as StoredDraft
from app.store.drafts import DraftChild
from app.store.drafts import Origin as StoredOrigin
from app.store.states import BlobState, DraftState


class DraftService:
    """What this user is writing."""

    def __init__(self, context: PortalContext) -> None:
        self._context = context
        self._store = context.store
        self._submission = Submission(context)
        self._composing = Composing(context)

    # -- writing ------------------------------------------------------------------------------------------
    def start(
        self, entity: str, defaults: Mapping[str, Any] | None = None, origin: Origin | None = None
    ) -> str:
        """Begin a new record with the manifest's defaults; returns its gid, which it keeps for good."""
        spec = self._context.entity(entity)
        if not spec.creatable:
            raise NotAllowed(
                self._context.tr("Your role does not add {what}.").format(
                    what=self._context.tr.inside(spec.plural)
                )
            )
        data = {field.name: field.default for field in spec.fields if field.default is not None}
        data.update(self._only_company(spec))
        data.update(defaults or {})
        gid = self._context.ids.new_id()
        self._store.drafts.save(
            StoredDraft(
                gid=gid,
                entity=entity,
                data=data,
                saved_at=self._context.now(),
                origin=_stored(origin),
            )
        )
        return gid

    def _only_company(self, entity: EntityType) -> dict[str, Any]:
        """Who acts for one company alone need not pick it."""
        companies = self._context.me.companies
        field = next(
            (f for f in entity.fields if f.type is FieldType.REFERENCE and f.target == "company"), None
        )
        if field is None or field.owner is not Owner.PARTNER or len(companies) != 1:
            return {}
        return {field.name: companies[0].gid}

    def save(
        self, gid: str, data: Mapping[str, Any], step: int | None = None, text: str | None = None
    ) -> datetime:
        """Keep what the form holds now. Once this returns, it survives a crash. Returns the time of saving.

        The vendor's reason on a field goes with the first change of that field.
        """
        now = self._context.now()
        # Read and written in one transaction, here and below: a file is added on another thread meanwhile.
        with self._store.transaction():
            draft = self._open(gid)
            known = self._context.entity(draft.entity).by_name
            problems = {
                name: reason
                for name, reason in draft.problems.items()
                if name not in known or same(draft.data.get(name), data.get(name))
            }
            # What another version of the portal asked for is kept for the day it does so again.
            unknown = {name: value for name, value in draft.data.items() if name not in known}
            self._store.drafts.save(
                replace(
                    draft,
                    data={**unknown, **{name: value for name, value in data.items() if name in known}},
                    step=draft.step if step is None else step,
                    children=draft.children if text is None else self._with_text(draft, text),
                    problems=problems,
                    saved_at=now,
                )
            )
        return now

    def _with_text(self, draft: StoredDraft, text: str) -> tuple[DraftChild, ...]:
        old = next(iter(children_of(draft, MESSAGE)), None)
        others = tuple(child for child in draft.children if child.entity != MESSAGE)
        gid = old.gid if old else self._context.ids.new_id()
        return (DraftChild(MESSAGE, gid, {"body": text}), *others) if text else others

    def load(self, gid: str) -> Draft:
        """Return a draft. Raises NotAllowed when it is not here."""
        return self._view(self._draft(gid))

    def open_drafts(self) -> list[Draft]:
        """Return what is being written, last saved first."""
        aside = (MESSAGE, ANSWERS)
        drafts = [draft for draft in self._store.drafts.all(DraftState.OPEN) if draft.entity not in aside]
        return [self._view(draft) for draft in sorted(drafts, key=lambda draft: draft.saved_at, reverse=True)]

    def everything_written(self) -> list[Draft]:
        """Return all that is being written, messages and answers to tasks included."""
        return [self._view(draft) for draft in self._store.drafts.all(DraftState.OPEN)]

    def add_file(self, gid: str, path: Path) -> FileInfo:
        """Take a file into the draft. Reads it: run it in a task."""
        file = read_file(self._context, path)
        info = file.info
        with self._store.transaction():
            draft = self._open(gid)
            take_in(self._context, file)
            if all(child.data.get("sha256") != info.sha256 for child in children_of(draft, FILE)):
                child = DraftChild(FILE, self._context.ids.new_id(), file_data(info))
                problems = {name: reason for name, reason in draft.problems.items() if name != FILE}
                children = (*draft.children, child)
                self._store.drafts.save(
                    replace(draft, children=children, problems=problems, saved_at=self._context.now())
                )
        return info

    def remove_file(self, gid: str, sha256: str) -> None:
        """Take a file out of the draft. One that the vendor holds already stays with the record."""
        with self._store.transaction():
            draft = self._open(gid)
            left = tuple(child for child in draft.children if child.data.get("sha256") != sha256)
            self._store.drafts.save(replace(draft, children=left, saved_at=self._context.now()))

    # -- a message that is still being written --------------------------------------------------------------
    def unfinished(self, parent: str) -> tuple[str, tuple[FileInfo, ...]]:
        """Return text and files of a message that was begun on a record and not sent."""
        return self._composing.read(parent)

    def keep_unfinished(self, parent: str, text: str) -> None:
        """Keep the words that the composer of a record holds."""
        self._composing.keep(parent, text)

    def add_to_unfinished(self, parent: str, path: Path) -> FileInfo:
        """Take a file into the message that is being written on a record. Reads it: run it in a task."""
        file = read_file(self._context, path)
        self._composing.add_file(parent, file)
        return file.info

    def remove_from_unfinished(self, parent: str, sha256: str) -> None:
        """Take a file out of the message that is being written on a record."""
        self._composing.remove_file(parent, sha256)

    # -- checking -----------------------------------------------------------------------------------------
    def problems(self, gid: str) -> dict[str, str]:
        """Return what keeps a draft from being submitted: by field, or by child type (*file*, *message*)."""
        return self._problems(self._draft(gid))

    def _problems(self, draft: StoredDraft) -> dict[str, str]:
        entity = self._context.entity(draft.entity)
        context = self._context.rules_context({FILE: len(children_of(draft, FILE))})
        found = {
            v.field: self._context.tr(v.message)
            for v in rules.check_creation(entity, given(entity, draft.data))
        }
        found |= {v.field: self._context.tr(v.message) for v in rules.validate(entity, draft.data, context)}
        command = submission_command(entity)
        sections = entity.form.sections if entity.form else ()
        for need in (*(command.requires if command else ()), *(s.files for s in sections if s.files)):
            if context.children.get(need.entity, 0) < need.min:
                found[need.entity] = self._context.tr(need.message) or self._context.tr(
                    "Add at least {min}."
                ).format(min=need.min)
        if writes_message(self._context.manifest, entity) and not text_of(draft).strip():
            found[MESSAGE] = self._context.tr("Needed. Tell {vendor} what you need.").format(
                vendor=self._context.vendor
            )
        return found

    def section_problems(self, gid: str) -> list[int]:
        """Return how many fields of each form section still need mending."""
        draft = self._draft(gid)
        entity = self._context.entity(draft.entity)
        found = set(self._problems(draft))
        counts = []
        for section in entity.form.sections if entity.form else ():
            names = {name for line in section.rows for name in line}
            names |= {f.currency_field for name in names if (f := entity.field(name)) and f.currency_field}
            names |= {section.files.entity} if section.files else set()
            counts.append(len(names & found))
        return counts

    def may_clash(self, gid: str) -> ClashHint | None:
        """Return an open registration that may meet this one; a hint, never a block."""
        draft = self._draft(gid)
        return may_clash.hint(self._context, self._context.entity(draft.entity), gid, draft.data)

    # -- submitting ---------------------------------------------------------------------------------------
    def submit(self, gid: str) -> Done:
        """Hand a draft in. Raises Refused with a message per field when something is missing."""
        with self._store.transaction():
            draft = self._open(gid)
            entity = self._context.entity(draft.entity)
            found = self._problems(draft)
            if found:
                cause = self._context.tr.plural(
                    len(found), "%n field needs mending.", "%n fields need mending."
                )
                raise Refused(
                    cause,
                    kept=self._context.tr("The draft is saved on this computer."),
                    code="invalid",
                    fields=found,
                )
            self._store.drafts.save(replace(draft, problems={}, note="", saved_at=self._context.now()))
            last = self._submission.enqueue(entity, draft)
            self._store.drafts.submit(gid)
        self._context.wake()
        return Done(
            last.mutation_id,
            gid,
            self._context.tr("{label} submitted").format(label=entity.label),
            undoable=True,
        )

    def take_back(self, gid: str) -> Draft:
        """Take a submitted draft back out of the outbox to go on writing, as long as nothing of it was sent."""
        now = self._context.now()
        # In one transaction: the engine may be about to send.
        with self._store.transaction():
            draft = self._draft(gid)
            if draft.state is DraftState.OPEN:
                return self._view(draft)
            items = self._store.outbox.of_draft(gid)
            if not items or any(item.frozen for item in items):
                raise self._on_its_way(draft)
            for item in reversed(items):
                # Taken along already by what it follows; or something that cannot do without it has been sent.
                if self._store.outbox.get(item.mutation.mutation_id) is not None and not (
                    self._store.outbox.cancel(item.mutation.mutation_id, now)
                ):
                    raise self._on_its_way(draft)
            self._store.drafts.reopen(gid, {}, "", now)
        self._context.wake()
        return self.load(gid)

    def _on_its_way(self, draft: StoredDraft) -> Refused:
        kind = self._context.manifest.entity(draft.entity)
        return Refused(
            self._context.tr("This {what} is on its way already.").format(
                what=self._context.tr.inside(kind.label if kind else self._context.tr("Task"))
            ),
            kept=self._context.tr("It stays as you submitted it."),
            next_step=self._context.tr("Edit it once it has arrived."),
            code="sent",
        )

    def undo(self, done: Done) -> bool:
        """Take a submission back. Returns False when it is too late for that."""
        try:
            self.take_back(done.gid)
        except (Refused, NotAllowed):
            return False
        return True

    def discard(self, gid: str) -> Discarded:
        """Throw a draft away; returns what it held, so that `restore` can bring it back."""
        with self._store.transaction():
            draft = self._open(gid)
            shas = [str(child.data["sha256"]) for child in children_of(draft, FILE)]
            held = [
                sha
                for sha in shas
                if (blob := self._store.blobs.get(sha)) and blob.state is BlobState.COMPLETE
            ]
            discarded = Discarded(self._view(draft), {sha: self._store.blobs.content(sha) for sha in held})
            self._store.drafts.discard(gid)
        self._context.wake()
        return discarded

    def restore(self, discarded: Discarded) -> None:
        """Bring a discarded draft back (undo)."""
        draft = discarded.draft
        now = self._context.now()
        children = [DraftChild(FILE, self._context.ids.new_id(), file_data(file)) for file in draft.files]
        if draft.text:
            children.insert(0, DraftChild(MESSAGE, self._context.ids.new_id(), {"body": draft.text}))
        with self._store.transaction():
            for file in draft.files:
                content = discarded.contents.get(file.sha256)
                if content is not None:
                    self._store.blobs.add(file.sha256, file.size, file.media_type, file.name, (content,), now)
            self._store.drafts.save(
                StoredDraft(
                    gid=draft.gid,
                    entity=draft.entity,
                    data=dict(draft.data),
                    children=tuple(children),
                    problems=dict(draft.problems),
                    note=draft.note,
                    saved_at=now,
                    step=draft.step,
                    origin=_stored(draft.origin),
                )
            )
        self._context.wake()

    # -- parts --------------------------------------------------------------------------------------------
    def _draft(self, gid: str) -> StoredDraft:
        draft = self._store.drafts.load(gid)
        if draft is None:
            raise NotAllowed(
                self._context.tr("This draft is not on this computer any more."),
                kept=self._context.tr("What was submitted is kept."),
            )
        return draft

    def _open(self, gid: str) -> StoredDraft:
        draft = self._draft(gid)
        if draft.state is not DraftState.OPEN:
            raise Refused(
                self._context.tr("This is submitted already."),
                kept=self._context.tr("It stays as you submitted it."),
                next_step=self._context.tr("Take it back to edit."),
            )
        return draft

    def _view(self, draft: StoredDraft) -> Draft:
        return Draft(
            gid=draft.gid,
            entity=draft.entity,
            data=draft.data,
            files=tuple(file_of(child) for child in children_of(draft, FILE)),
            problems=draft.problems,
            note=draft.note,
            saved_at=draft.saved_at,
            step=draft.step,
            text=text_of(draft),
            submitted=draft.state is DraftState.SUBMITTED,
            origin=Origin(**vars(draft.origin)) if draft.origin else None,
            doubt=doubt(self._context, draft.saved_at, draft.clock_off),
        )


def _stored(origin: Origin | None) -> StoredOrigin | None:
    return StoredOrigin(**vars(origin)) if origin is not None else None
