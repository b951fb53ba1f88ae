"""Handing a draft in: the record, its first message, its files and the command, enqueued together.

One that was derived moves the record it comes from after that, by the command its job names.

A refused submission becomes the draft again. What the vendor already holds of it is not sent twice then: the next
submission edits that record, adds only what is new, and asks again, each superseding what was refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.contract import rules
from app.contract.errors import Refused
from app.contract.manifest import CommandSpec, EntityType, Manifest
from app.contract.merge import same, with_group
from app.contract.mutations import Command, Kind, Mutation, Status
from app.services.appending import FILE, MESSAGE, Appending
from app.services.context import PortalContext, command_label, state_of
from app.services.views_model import FileInfo
from app.store.drafts import Draft as StoredDraft
from app.store.drafts import DraftChild
from app.store.mirror import Truth


def submission_command(entity: EntityType, state: str = "") -> CommandSpec | None:
    """Return the command that hands a draft of this type in from `state` (default: the initial one), or None.

    A type without one is handed in by being created, as a request is.
    """
    if entity.lifecycle is None:
        return None
    state = state or entity.lifecycle.initial
    commands = (c for c in entity.lifecycle.commands if c.by == "partner" and c.validate_record)
    return next((command for command in commands if state in command.from_states), None)


def writes_message(manifest: Manifest, entity: EntityType) -> bool:
    """Tell whether a draft of this type holds a first message: it takes messages and has no command to hand it in."""
    message = manifest.entity(MESSAGE)
    return message is not None and entity.name in message.parents and submission_command(entity) is None


def children_of(draft: StoredDraft, entity: str) -> list[DraftChild]:
    """Return a draft's children of one type."""
    return [child for child in draft.children if child.entity == entity]


def text_of(draft: StoredDraft) -> str:
    """Return the first message of a draft, or an empty string."""
    return next((str(child.data.get("body") or "") for child in children_of(draft, MESSAGE)), "")


def file_of(child: DraftChild) -> FileInfo:
    """Return a draft's file as views see it."""
    data = child.data
    pages = data.get("pages")
    return FileInfo(
        sha256=str(data["sha256"]),
        name=str(data["name"]),
        size=int(data["size"]),
        media_type=str(data.get("media_type") or ""),
        pages=int(pages) if pages is not None else None,
    )


def given(entity: EntityType, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a form that hold something, as far as the portal knows them now."""
    return {name: value for name, value in data.items() if name in entity.by_name and not rules.blank(value)}


@dataclass(frozen=True)
class _Plan:
    """What a submission is made from: the draft, what the vendor holds of it, and what was refused, by kind."""

    entity: EntityType
    draft: StoredDraft
    born: Truth | None
    refused: Mapping[Kind, str]

    @property
    def version(self) -> str | None:
        return self.born.version if self.born else None

    @property
    def state(self) -> str:
        return state_of(self.entity, self.born.data if self.born and self.born.data else {})


class Submission:
    """Turns drafts into outbox items; the caller holds the transaction."""

    def __init__(self, context: PortalContext) -> None:
        self._context = context
        self._store = context.store
        self._appending = Appending(context)

    def enqueue(self, entity: EntityType, draft: StoredDraft) -> Mutation:
        """Enqueue a whole draft; returns the mutation that hands it in. Raises Refused when nothing is to be sent."""
        plan = _Plan(entity, draft, self._store.mirror.truth(draft.gid), self._refused(draft.gid))
        first = self._again(plan) if plan.born else self._create(plan)
        if first is not None:
            self._put(plan, first)
        after = [first.mutation_id] if first else []
        message = self._message(plan, after)
        files = self._files(plan, message, after)
        last = files[-1] if files else message or first
        command = submission_command(entity, plan.state)
        if command is not None:
            last = self._mutation(
                plan,
                Kind.COMMAND,
                command=Command(name=command.name, expected_state=plan.state),
                depends_on=[*after, *(file.mutation_id for file in files)],
            )
            self._put(plan, last)
        if last is None:
            raise Refused(
                self._context.tr("There is nothing to send yet."),
                kept=self._context.tr("The draft is saved on this computer."),
            )
        self._move_origin(plan, last)
        return last

    def _move_origin(self, plan: _Plan, last: Mutation) -> None:
        """Give the record a draft was derived from the command of its job, once the new one is taken.

        One that no longer fits, as when a colleague was quicker, is left out: the new record stands by itself.
        """
        origin = plan.draft.origin
        old = self._store.projection.get(origin.gid) if origin else None
        job = next((job for job in self._context.manifest.jobs if origin and job.name == origin.job), None)
        entity = self._context.manifest.entity(old.entity) if old else None
        if old is None or job is None or entity is None or not job.then:
            return
        if rules.check_command(entity, job.then, old.data, {}, self._appending.rules_context(old.gid)):
            return
        refused = (one for one in self._store.outbox.history_of(old.gid) if one.status == Status.REJECTED)
        mutation = Mutation(
            mutation_id=self._context.ids.new_id(),
            entity=old.entity,
            gid=old.gid,
            kind=Kind.COMMAND,
            base_version=old.version,
            command=Command(name=job.then, expected_state=state_of(entity, old.data)),
            depends_on=(last.mutation_id,),
            captured_at=self._context.now(),
            supersedes=next((o.mutation.mutation_id for o in refused if _gives(o.mutation, job.then)), None),
        )
        label, title = command_label(entity, job.then), self._context.view(old).title
        self._store.outbox.enqueue(mutation, label=label, detail=title, draft=plan.draft.gid)

    def _put(self, plan: _Plan, mutation: Mutation) -> None:
        form = plan.entity.form
        what = form.title if form and form.title else plan.entity.label
        view = {name: str(plan.draft.data.get(name) or "") for name in _names(plan.entity)}
        named = next((text for text in view.values() if text), "")
        title = str(plan.draft.data.get(plan.entity.title_field) or "")
        label = f"{what}: {named}" if named else what
        self._store.outbox.enqueue(mutation, label=label, detail=title, draft=plan.draft.gid)

    def _create(self, plan: _Plan) -> Mutation:
        return self._mutation(plan, Kind.CREATE, changes=given(plan.entity, plan.draft.data))

    def _again(self, plan: _Plan) -> Mutation | None:
        """What the user mended since the vendor took the record in; None when nothing of it changed."""
        seen: Mapping[str, Any] = (plan.born.data if plan.born else None) or {}
        editable = rules.editable_fields(plan.entity, plan.state)
        touched = {
            name: value
            for name, value in plan.draft.data.items()
            if name in editable and not same(value, seen.get(name))
        }
        if not touched:
            return None
        whole = with_group(plan.entity, touched, seen)
        return self._mutation(plan, Kind.PATCH, base={name: seen.get(name) for name in whole}, changes=whole)

    def _message(self, plan: _Plan, after: Sequence[str]) -> Mutation | None:
        for child in children_of(plan.draft, MESSAGE):
            text = str(child.data.get("body") or "")
            if text.strip() and self._store.mirror.truth(child.gid) is None:
                return self._appending.message(
                    plan.draft.gid, text, gid=child.gid, after=after, draft=plan.draft.gid
                )
        return None

    def _files(self, plan: _Plan, message: Mutation | None, after: Sequence[str]) -> list[Mutation]:
        return [
            self._appending.file(
                plan.draft.gid,
                file_of(child),
                gid=child.gid,
                message=message,
                after=after,
                draft=plan.draft.gid,
            )
            for child in children_of(plan.draft, FILE)
            if self._store.mirror.truth(child.gid) is None
        ]

    def _refused(self, gid: str) -> dict[Kind, str]:
        """The last refused mutation of each kind: what is sent now says which one it replaces."""
        found: dict[Kind, str] = {}
        for item in self._store.outbox.history_of(gid):
            if item.status == Status.REJECTED:
                found.setdefault(item.mutation.kind, item.mutation.mutation_id)
        return found

    def _mutation(
        self,
        plan: _Plan,
        kind: Kind,
        *,
        base: Mapping[str, Any] | None = None,
        changes: Mapping[str, Any] | None = None,
        command: Command | None = None,
        depends_on: Sequence[str] = (),
    ) -> Mutation:
        return Mutation(
            mutation_id=self._context.ids.new_id(),
            entity=plan.entity.name,
            gid=plan.draft.gid,
            kind=kind,
            base_version=plan.version,
            base=dict(base or {}),
            changes=dict(changes or {}),
            command=command,
            depends_on=tuple(depends_on),
            captured_at=self._context.now(),
            supersedes=plan.refused.get(kind),
        )


def _gives(mutation: Mutation, command: str) -> bool:
    return mutation.command is not None and mutation.command.name == command


def _names(entity: EntityType) -> tuple[str, ...]:
    return tuple(name for name in (entity.subtitle_field, entity.title_field) if name)
