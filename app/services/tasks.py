"""Tasks: checklists by project, a task's form from its template, and handing it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from app.contract import rules
from app.contract.errors import NotAllowed, Refused
from app.contract.manifest import CommandSpec, EntityType, FieldType, StateSpec, Template, Tone
from app.contract.merge import same
from app.contract.mutations import Command, Kind, Mutation
from app.services.answering import Answering, answers_of
from app.services.appending import FILE, Appending
from app.services.captured import doubt
from app.services.context import PortalContext, state_spec
from app.services.format import date_of
from app.services.prefs import Prefs
from app.services.reading_state import ReadingState
from app.services.records import Records
from app.services.submission import children_of, file_of, submission_command
from app.services.views_model import (
    Checklist,
    Done,
    Due,
    FileInfo,
    RecordView,
    SyncState,
    TaskLine,
    TaskView,
)
from app.store.drafts import Draft
from app.store.states import DraftState, ItemState

_VENDOR = "vendor"
_NOTE = "review_note"


class TaskService:
    """What the vendor asks this user's companies to do. The gid of a task is that of its record."""

    def __init__(self, context: PortalContext, records: Records, prefs: Prefs) -> None:
        self._context = context
        self._store = context.store
        self._records = records
        self._answering = Answering(context)
        self._appending = Appending(context)
        self._reading = ReadingState(prefs)

    @property
    def _kept(self) -> str:
        return self._context.tr("Everything you filled in is kept on this computer.")

    # -- lists --------------------------------------------------------------------------------------------
    def checklists(self, entity: str, chip: str = "", text: str = "", most: int = 200) -> list[Checklist]:
        """Return the tasks of a list by project, the project with the next date first; at most `most` tasks."""
        spec = self._context.manifest.entity(entity)
        if spec is None:
            return []
        records = self._records.rows(self._records.ids(entity, chip, text, most=most))
        lines = self.lines(records)
        found: dict[str, list[TaskLine]] = {}
        for line in lines:
            found.setdefault(str(line.record.data.get("project") or ""), []).append(line)
        counts = self._progress(spec)
        return [
            Checklist(name, *counts.get(name, (sum(one.done for one in members), len(members))), members)
            # What stands on its own comes after the projects.
            for name, members in sorted(found.items(), key=lambda item: not item[0])
        ]

    def lines(self, records: Sequence[RecordView]) -> list[TaskLine]:
        """Return tasks with when they are due, whose turn it is, and what they begin after."""
        begun = self._answering.begun()
        return [self._line(record, begun) for record in records]

    def _line(self, record: RecordView, begun: frozenset[str]) -> TaskLine:
        spec = self._context.manifest.entity(record.entity)
        state = state_spec(spec, record.state)
        day = date_of(record.data.get("due_at"))
        runs = state is None or (state.open and state.waits_on != _VENDOR)
        due = self._context.formats.due(day) if day and runs else Due("", Tone.NEUTRAL, None)
        return TaskLine(
            record=record,
            due=due,
            turn=state.waits_on if state else "",
            done=_is_done(state),
            begun=record.gid in begun,
            after=tuple(self._before(record)),
        )

    def _before(self, record: RecordView) -> list[str]:
        """The titles of the tasks this one begins after that are not accepted yet."""
        named = record.data.get("depends_on")
        found = [self._records.get(str(gid)) for gid in named] if isinstance(named, list) else []
        return [one.title for one in found if one is not None and self._is_open(one)]

    def _is_open(self, record: RecordView) -> bool:
        state = state_spec(self._context.manifest.entity(record.entity), record.state)
        return state is not None and state.open

    def _progress(self, spec: EntityType) -> dict[str, tuple[int, int]]:
        """By project, how many tasks are accepted and how many there are, whatever the list shows."""
        counts: dict[str, tuple[int, int]] = {}
        first = spec.lifecycle.initial if spec.lifecycle else ""
        for project, value, count in self._store.projection.tally_by(spec.name, "project", spec.state_field):
            state = state_spec(spec, value or first)
            if _is_cancelled(state):
                continue
            done, total = counts.get(project or "", (0, 0))
            counts[project or ""] = (done + count * _is_done(state), total + count)
        return counts

    # -- one task -----------------------------------------------------------------------------------------
    def view(self, gid: str) -> TaskView | None:
        """Return one task with what was filled in so far; None when it is not (any more) shared."""
        record = self._records.get(gid)
        spec = self._context.manifest.entity(record.entity) if record else None
        if record is None or spec is None:
            return None
        line = self._line(record, self._answering.begun())
        draft = self._answering.of(gid)
        waiting = draft is not None and draft.state is DraftState.SUBMITTED
        written = draft if draft is not None and not waiting else None
        command = submission_command(spec, record.state)
        writes = spec.answers_field is None or spec.answers_field.name in self._records.editable(gid)
        is_open = command is not None and line.turn != _VENDOR and writes and not waiting
        template = self._context.template_of(record.entity, record.data)
        document = self._document(spec, record)
        named = bool(self._document_gid(spec, record))
        unread = is_open and named and (document is None or not self._reading.has_read(document))
        return TaskView(
            line=line,
            template=template,
            answers=answers_of(written) if written else self._given(spec, record),
            files=tuple(file_of(child) for child in children_of(written, FILE)) if written else (),
            sent=self._records.files(gid),
            problems=_without_prefix(spec, written.problems) if written else {},
            note=self._note(record, written),
            saved_at=written.saved_at if written else None,
            doubt=doubt(self._context, written.saved_at, written.clock_off) if written else None,
            open=is_open,
            hand_in=command.label if command and is_open else "",
            reason=self._reason(line, document, named=named, unread=unread) if is_open else "",
            next=self._next(spec, record, template, command if is_open else None),
            document=document,
            unread=unread,
            waiting=waiting or record.sync in (SyncState.WAITING, SyncState.SENDING),
            takes_files=self._takes_files(spec, template),
        )

    def _given(self, spec: EntityType, record: RecordView) -> Mapping[str, Any]:
        field = spec.answers_field
        found = record.data.get(field.name) if field else None
        return found if isinstance(found, dict) else {}

    def _note(self, record: RecordView, draft: Draft | None) -> str:
        """What stands in the way in the words of who sent it back: the gateway at once, or the vendor later."""
        if draft is not None and draft.note:
            return draft.note
        return str(record.data.get(_NOTE) or "").strip()

    def _reason(self, line: TaskLine, document: RecordView | None, *, named: bool, unread: bool) -> str:
        tr = self._context.tr
        if line.after:
            words = tr("Begins after “{title}”. It has to be accepted first; what you write here is kept.")
            return words.format(title=line.after[0])
        if named and document is None:
            words = tr("Its document is not shared with you. Ask {vendor} for it.")
            return words.format(vendor=self._context.vendor)
        if unread:
            return tr("Open the document first: you sign what it says.")
        return ""

    def _next(
        self, spec: EntityType, record: RecordView, template: Template | None, command: CommandSpec | None
    ) -> str:
        """What happens now; while it is filled in, what happens after it is handed in."""
        state = state_spec(spec, record.state)
        if command is None:
            return state.explain if state else ""
        return (template.form.after if template else "") or command.explain

    def _document_gid(self, spec: EntityType, record: RecordView) -> str:
        field = next((f for f in spec.fields if f.target == "document"), None)
        return str(record.data.get(field.name) or "") if field else ""

    def _document(self, spec: EntityType, record: RecordView) -> RecordView | None:
        gid = self._document_gid(spec, record)
        return self._records.get(gid) if gid else None

    def _takes_files(self, spec: EntityType, template: Template | None) -> bool:
        file = self._context.manifest.entity(FILE)
        if file is None or spec.name not in file.parents or not file.creatable:
            return False
        return template is None or any(part.files for part in template.form.sections)

    # -- filling in ---------------------------------------------------------------------------------------
    def save(self, gid: str, answers: Mapping[str, Any]) -> datetime:
        """Keep what the form holds now, on this computer. Returns the time of saving."""
        return self._answering.save(gid, answers)

    def add_file(self, gid: str, path: Path) -> FileInfo:
        """Take a file in beside the answers. Reads it: run it in a task."""
        return self._answering.add_file(gid, path)

    def remove_file(self, gid: str, sha256: str) -> None:
        """Take a file away that was not handed in."""
        self._answering.remove_file(gid, sha256)

    def problems(self, gid: str) -> dict[str, str]:
        """Return what keeps a task from being handed in, by field name of the template, or *file*."""
        record = self._records.get(gid)
        spec = self._context.manifest.entity(record.entity) if record else None
        if record is None or spec is None:
            return {}
        return _without_prefix(spec, self._problems(spec, record, self._answering.begin(gid)))

    def _problems(self, spec: EntityType, record: RecordView, draft: Draft) -> dict[str, str]:
        """The same rules as at the gateway, over the record as it will be."""
        context = self._appending.rules_context(record.gid)
        added = len(children_of(draft, FILE))
        children = {**context.children, FILE: context.children.get(FILE, 0) + added}
        whole = {**record.data, **self._changes(spec, draft)}
        judged = rules.Context(context.today, children, context.template)
        return {wrong.field: self._context.tr(wrong.message) for wrong in rules.validate(spec, whole, judged)}

    def _changes(self, spec: EntityType, draft: Draft) -> dict[str, Any]:
        field = spec.answers_field
        given = {name: value for name, value in answers_of(draft).items() if not rules.blank(value)}
        return {field.name: given} if field else {}

    # -- handing in ---------------------------------------------------------------------------------------
    def hand_in(self, gid: str) -> Done:
        """Hand a task in: its files, its answers, then the command. Raises Refused with a message per field."""
        task = self.view(gid)
        if task is None:
            raise NotAllowed(self._context.tr("This task is not shared with you any more."), kept=self._kept)
        record, spec = task.line.record, self._context.entity(task.line.record.entity)
        command = submission_command(spec, record.state)
        if not task.open or command is None:
            raise Refused(self._context.tr("This cannot be handed in now."), kept=self._kept, code="state")
        if task.reason:
            raise Refused(task.reason, kept=self._kept, code="not_yet")
        with self._store.transaction():
            draft = self._answering.begin(gid)
            found = self._problems(spec, record, draft)
            if found:
                cause = self._context.tr.plural(
                    len(found), "%n field needs mending.", "%n fields need mending."
                )
                fields = _without_prefix(spec, found)
                raise Refused(cause, kept=self._kept, code="invalid", fields=fields)
            self._store.drafts.save(draft)
            last = self._enqueue(spec, record, draft, command)
            self._store.drafts.submit(draft.gid)
        self._context.wake()
        return Done(last.mutation_id, gid, command.done or command.label, undoable=True)

    def _enqueue(self, spec: EntityType, record: RecordView, draft: Draft, command: CommandSpec) -> Mutation:
        own = [
            item.mutation.mutation_id
            for item in self._store.outbox.pending(record.gid)
            if item.state is not ItemState.QUARANTINED
        ]
        files = [
            self._appending.file(record.gid, file_of(child), gid=child.gid, draft=draft.gid)
            for child in children_of(draft, FILE)
            if self._store.mirror.truth(child.gid) is None
        ]
        after = [*own, *(file.mutation_id for file in files)]
        changes = self._changes(spec, draft)
        base = {name: record.data.get(name) for name in changes}
        if any(not same(value, base[name] or {}) for name, value in changes.items()):
            patch = self._mutation(Kind.PATCH, record, base=base, changes=changes, depends_on=own)
            self._store.outbox.enqueue(patch, label="Answers", detail=record.title, draft=draft.gid)
            after.append(patch.mutation_id)
        order = Command(name=command.name, expected_state=record.state)
        last = self._mutation(Kind.COMMAND, record, command=order, depends_on=after)
        self._store.outbox.enqueue(last, label=command.label, detail=record.title, draft=draft.gid)
        return last

    def _mutation(
        self,
        kind: Kind,
        record: RecordView,
        *,
        base: Mapping[str, Any] | None = None,
        changes: Mapping[str, Any] | None = None,
        command: Command | None = None,
        depends_on: Sequence[str] = (),
    ) -> Mutation:
        return Mutation(
            mutation_id=self._context.ids.new_id(),
            entity=record.entity,
            gid=record.gid,
            kind=kind,
            base_version=record.version,
            base=dict(base or {}),
            changes=dict(changes or {}),
            command=command,
            depends_on=tuple(dict.fromkeys(depends_on)),
            captured_at=self._context.now(),
        )

    def take_back(self, gid: str) -> bool:
        """Take a task that was handed in out of the outbox again. Returns False once something of it was sent."""
        now = self._context.now()
        with self._store.transaction():
            draft = self._answering.of(gid)
            items = self._store.outbox.of_draft(draft.gid) if draft is not None else []
            if draft is None or not items or any(item.frozen for item in items):
                return False
            for item in reversed(items):
                if self._store.outbox.get(item.mutation.mutation_id) is not None:
                    self._store.outbox.cancel(item.mutation.mutation_id, now)
            self._store.drafts.reopen(draft.gid, {}, "", now)
        self._context.wake()
        return True


def _is_done(state: StateSpec | None) -> bool:
    return state is not None and not state.open and state.tone == Tone.OK


def _is_cancelled(state: StateSpec | None) -> bool:
    return state is not None and not state.open and state.tone != Tone.OK


def _without_prefix(spec: EntityType, problems: Mapping[str, str]) -> dict[str, str]:
    """Name the template's fields as the template does: *agreed* for *answers.agreed*."""
    field = spec.answers_field
    start = f"{field.name}." if field is not None and field.type is FieldType.ANSWERS else ""
    return {name.removeprefix(start): words for name, words in problems.items()}
