"""The outbox as a place: what waits, what is under way, what needs a person, and what was sent before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.contract import rules
from app.contract.errors import NotAllowed, Refused
from app.contract.manifest import EntityType
from app.contract.mutations import Kind, Mutation
from app.services import activity
from app.services.answering import ANSWERS
from app.services.appending import without_bytes
from app.services.captured import doubt, doubt_of_mine
from app.services.composing import Composing
from app.services.context import PortalContext, state_of
from app.services.conversation import problem_text
from app.services.drafts import DraftService
from app.services.mutation_words import in_words
from app.services.taken_back import TakenBack, enter_again, held
from app.services.views_model import (
    ActivityLine,
    Done,
    Draft,
    FileInfo,
    OutboxAction,
    OutboxView,
    RefusedEdit,
    Reopened,
    SyncState,
    Target,
)
from app.services.words import Words
from app.store.conflicts import Conflict
from app.store.outbox import Item
from app.store.states import ConflictKind, ItemState
from app.sync.settlement import NO_FILE

_FILE = "file"
_MESSAGE = "message"


class OutboxService:
    """What has not reached the vendor, each with what can be done about it."""

    def __init__(self, context: PortalContext, drafts: DraftService) -> None:
        self._context = context
        self._store = context.store
        self._drafts = drafts
        self._composing = Composing(context)

    # -- reading ------------------------------------------------------------------------------------------
    def items(self) -> list[OutboxView]:
        """Return one row a change: what is sent first comes first, what needs a person after, newest last.

        A draft that was handed in is one row besides its files; a refused one stands here until it is mended.
        """
        items = self._store.outbox.open_items()
        waiting = [item for item in items if item.state is not ItemState.QUARANTINED]
        rows = [self._waiting(item, waiting) for item in waiting if not _is_second(item, waiting)]
        rows += [
            self._returned(draft) for draft in self._drafts.open_drafts() if draft.problems or draft.note
        ]
        rows += [self._set_aside(item) for item in items if item.state is ItemState.QUARANTINED]
        rows += [self._conflict(conflict) for conflict in self._store.conflicts.all()]
        return sorted(rows, key=lambda row: _RANK[row.state])

    def count(self) -> int:
        """Return how many rows `items` has."""
        return len(self.items())

    def needs_me(self, items: Sequence[OutboxView]) -> int:
        """Return how many of the rows need a person."""
        return sum(1 for item in items if item.state in _FOR_A_PERSON)

    def unfinished_drafts(self) -> list[Draft]:
        """Return drafts that are being written and were not returned by the vendor."""
        return [draft for draft in self._drafts.open_drafts() if not draft.problems and not draft.note]

    def activity(self, limit: int = 50) -> list[ActivityLine]:
        """Return the latest lines of what went back and forth, newest first."""
        return activity.lines(self._context, limit)

    def _waiting(self, item: Item, waiting: Sequence[Item]) -> OutboxView:
        mutation = item.mutation
        what, whom = in_words(self._context, mutation)
        whom = " · ".join(part for part in (whom, _after(item, waiting, self._context.tr)) if part)
        size = int(mutation.changes.get("size") or 0) if mutation.entity == _FILE else 0
        return OutboxView(
            mutation_id=mutation.mutation_id,
            state=SyncState.SENDING if item.state is ItemState.SENDING else SyncState.WAITING,
            what=what,
            whom=whom,
            captured_at=item.captured_at,
            doubt=doubt(self._context, item.captured_at, item.clock_off),
            reason=problem_text(item),
            actions=_actions(item),
            gid=_place(mutation)[1],
            entity=_place(mutation)[0] or self._entity_of(_place(mutation)[1]),
            transfer=item.blobs[0] if item.blobs else "",
            transfer_size=size,
        )

    def _set_aside(self, item: Item) -> OutboxView:
        problem: Mapping[str, Any] = item.problem or {}
        what, whom = in_words(self._context, item.mutation)
        rejected = problem.get("kind") == "rejected"
        entity = self._context.manifest.entity(item.mutation.entity)
        actions = [OutboxAction.ASK] if rejected and self._can_ask(item.mutation) else []
        # A message that is refused, as when its request was closed, may be taken later.
        again = problem.get("kind") in ("dependency", "upload") or (
            rejected and item.mutation.kind is Kind.APPEND
        )
        actions += [OutboxAction.RETRY] if again else []
        actions += [OutboxAction.DISCARD] if rejected else [OutboxAction.EXPORT, OutboxAction.DISCARD]
        return OutboxView(
            mutation_id=item.mutation.mutation_id,
            state=SyncState.REJECTED if rejected else SyncState.QUARANTINED,
            what=what,
            whom=whom,
            captured_at=item.captured_at,
            doubt=doubt(self._context, item.captured_at, item.clock_off),
            reason=self._reason(item, problem),
            actions=tuple(actions),
            gid=_place(item.mutation)[1],
            entity=_place(item.mutation)[0] or self._entity_of(_place(item.mutation)[1]),
            possible=_labels(entity, problem.get("possible") or ()),
        )

    def _reason(self, item: Item, problem: Mapping[str, Any]) -> str:
        if problem.get("kind") == "revoked":
            place = self._context.manifest.entity(
                self._entity_of(_place(item.mutation)[1]) or item.mutation.entity
            )
            known = place is not None and place.kind == "record"
            what = self._context.tr.inside(place.label) if known and place else self._context.tr("record")
            return self._context.tr(
                "This {what} is no longer shared with you. Your text is kept here, encrypted."
            ).format(what=what)
        fields = [str(text) for text in (problem.get("fields") or {}).values()]
        said = " ".join(dict.fromkeys([str(problem.get("message") or ""), *fields])).strip()
        if problem.get("kind") != "rejected":
            return said or self._context.tr("This needs you.")
        quoted = self._context.tr("{vendor}’s CRM: “{said}”").format(vendor=self._context.vendor, said=said)
        if item.mutation.kind is not Kind.COMMAND:
            return self._context.tr("{quoted} Your value is kept here.").format(quoted=quoted)
        possible = _labels(self._context.manifest.entity(item.mutation.entity), problem.get("possible") or ())
        now = (
            self._context.tr(" Possible now: {commands}.").format(commands=", ".join(possible))
            if possible
            else ""
        )
        # That a command no longer fits is told in our own words already; a value there is none.
        return f"{said if problem.get('code') == 'state' else quoted}{now}"

    def _can_ask(self, mutation: Mutation) -> bool:
        message = self._context.manifest.entity(_MESSAGE)
        return message is not None and mutation.entity in message.parents

    def _returned(self, draft: Draft) -> OutboxView:
        entity = self._context.manifest.entity(draft.entity)
        form = entity.form.title if entity and entity.form else draft.entity
        title = str(draft.data.get(entity.subtitle_field) or "") if entity and entity.subtitle_field else ""
        name = str(draft.data.get(entity.title_field) or "") if entity else ""
        said = " ".join(dict.fromkeys(part for part in (draft.note, *draft.problems.values()) if part))
        return OutboxView(
            mutation_id="",
            state=SyncState.REJECTED,
            what=f"{form}: {title or name}",
            whom=name if title else "",
            captured_at=draft.saved_at,
            doubt=draft.doubt,
            reason=self._context.tr("{vendor}’s CRM: “{said}” Your draft is kept here.").format(
                vendor=self._context.vendor, said=said
            ),
            actions=(OutboxAction.EDIT, OutboxAction.DISCARD),
            gid=draft.gid,
            entity=draft.entity,
        )

    def _conflict(self, conflict: Conflict) -> OutboxView:
        shown = self._store.projection.get(conflict.gid)
        record = self._context.view(shown) if shown else None
        name = (record.subtitle or record.title) if record else ""
        gone = self._store.mirror.truth(conflict.gid) is None
        count = 0 if gone else len(conflict.clashes)
        what = (
            self._context.tr.plural(count, "%n field", "%n fields")
            if count
            else self._context.tr("Your edit")
        )
        author = next((c for c in conflict.clashes if c.theirs_by), None)
        who = author.theirs_by if author else self._context.vendor
        when = (
            self._context.tr(" at {time}").format(time=self._context.formats.time(author.theirs_at))
            if author and author.theirs_at
            else ""
        )
        same = self._context.tr("the same field" if count == 1 else "the same fields")
        if count:
            reason = self._context.tr("{who} changed {same}{when}.").format(who=who, same=same, when=when)
        elif gone and conflict.kind is ConflictKind.GONE:
            reason = self._context.tr("{who} deleted this while you edited it.").format(who=who)
        else:
            reason = (
                self._context.tr("This is no longer to be seen.")
                if gone
                else self._context.tr("It is to be compared with what is there now.")
            )
        return OutboxView(
            mutation_id=conflict.mutation_id,
            state=SyncState.CONFLICT,
            what=self._context.tr("{what} on {name}").format(what=what, name=name) if name else what,
            whom=record.title if record and record.subtitle else "",
            captured_at=conflict.mine_at,
            doubt=doubt_of_mine(self._context, conflict),
            reason=reason,
            actions=(OutboxAction.COMPARE,),
            gid=conflict.gid,
            entity=conflict.entity,
        )

    def _entity_of(self, gid: str) -> str:
        shown = self._store.projection.get(gid)
        return shown.entity if shown else ""

    # -- acting -------------------------------------------------------------------------------------------
    def cancel(self, mutation_id: str) -> Done:
        """Take a change that was not sent out of the outbox; what depends on it goes too, a draft reopens."""
        item = self._item(mutation_id)
        if item.draft is not None and item.mutation.entity != _FILE and not self._outlived(item):
            self._drafts.take_back(item.draft)
            return Done("", item.draft, self._context.tr("Taken back to your drafts"), undoable=False)
        what, _ = in_words(self._context, item.mutation)
        taken = held(self._context, self._with_dependents(item))
        cancelled = self._store.outbox.cancel(mutation_id, self._context.now())
        self._context.wake()
        if not cancelled:
            return Done("", item.mutation.gid, self._context.tr("It is on its way already"), undoable=False)
        return Done(
            mutation_id,
            item.mutation.gid,
            self._context.tr("Not sent: {what}").format(what=what),
            undoable=True,
            taken=taken,
        )

    def _outlived(self, item: Item) -> bool:
        """Whether the draft it was handed in with has arrived, and only the record before that is still to move."""
        return item.moves_another and self._store.drafts.load(item.draft or "") is None

    def _with_dependents(self, item: Item) -> list[Item]:
        """An item and what waits for it, in the user's order."""
        going = [item]
        for other in self._store.outbox.open_items():
            if {one.mutation.mutation_id for one in going} & set(other.mutation.depends_on):
                going.append(other)
        return going

    def retry(self, mutation_id: str) -> Done:
        """Send a change that was set aside, or waits, again now."""
        item = self._item(mutation_id)
        if self._has_no_place(item.mutation):
            raise Refused(
                self._context.tr("What this belongs to has not been taken yet."),
                kept=self._context.tr("It stays here as you wrote it."),
                next_step=self._context.tr("Mend that and send it; this follows by itself."),
            )
        if self._lacks_bytes(item):
            raise without_bytes(str(item.mutation.changes.get("name") or ""))
        again = self._store.outbox.retry(mutation_id, self._context.ids.new_id(), self._context.now())
        self._context.wake()
        return Done(
            again.mutation.mutation_id, item.mutation.gid, self._context.tr("Sent again"), undoable=False
        )

    def _has_no_place(self, mutation: Mutation) -> bool:
        """Whether the vendor has no record to add this to, and none is on its way."""
        parent = str(mutation.changes.get("parent") or "")
        if mutation.kind is not Kind.APPEND or not parent or self._store.mirror.truth(parent) is not None:
            return False
        return all(item.state is ItemState.QUARANTINED for item in self._store.outbox.pending(parent))

    def _lacks_bytes(self, item: Item) -> bool:
        """Whether neither side holds its file: the gateway has not taken it or has lost it, and it is not here."""
        problem = item.problem or {}
        asked_for = problem.get("kind") == "upload" or problem.get("code") == NO_FILE
        return asked_for and any(self._store.blobs.get(sha256) is None for sha256 in item.blobs)

    def retry_all(self) -> None:
        """Send everything that waits now."""
        self._context.wake()

    def discard(self, mutation_id: str) -> Done:
        """Give up a change that was refused or set aside. Export it first if it is wanted elsewhere."""
        item = self._item(mutation_id)
        taken = held(self._context, [item])
        self._store.outbox.discard(mutation_id, self._context.now())
        self._context.wake()
        return Done(mutation_id, item.mutation.gid, self._context.tr("Discarded"), undoable=True, taken=taken)

    def may_mend(self, mutation_id: str) -> bool:
        """Tell whether this is an edit the vendor refused whose fields may still be edited."""
        item = self._store.outbox.get(mutation_id)
        if (
            item is None
            or item.mutation.kind is not Kind.PATCH
            or (item.problem or {}).get("kind") != "rejected"
        ):
            return False
        shown = self._store.projection.get(item.mutation.gid)
        entity = self._context.manifest.entity(item.mutation.entity)
        if shown is None or entity is None:
            return False
        return bool(
            rules.editable_fields(entity, state_of(entity, shown.data)) & item.mutation.changes.keys()
        )

    def mend(self, mutation_id: str) -> RefusedEdit:
        """Take a refused edit back to its form: it leaves the outbox, and what was wanted is the caller's to keep."""
        item = self._item(mutation_id)
        problem: Mapping[str, Any] = item.problem or {}
        fields = {str(name): str(words) for name, words in (problem.get("fields") or {}).items()}
        self._store.outbox.discard(mutation_id, self._context.now())
        self._context.wake()
        message = str(problem.get("message") or "")
        return RefusedEdit(item.mutation.gid, item.mutation.changes, fields, message)

    def undo(self, done: Done) -> bool:
        """Put back what `cancel` or `discard` took out. Returns False when there is nothing to put back."""
        if not isinstance(done.taken, TakenBack):
            return False
        enter_again(self._context, done.taken)
        return True

    def edit(self, mutation_id: str) -> Reopened:
        """Take back what was not sent to go on writing it: a draft to its form, a message to its composer."""
        item = self._item(mutation_id)
        mutation = item.mutation
        if item.draft is not None and not self._outlived(item):
            draft = self._drafts.take_back(item.draft)
            if draft.entity == ANSWERS:
                task = str(draft.data.get("parent") or "")
                return Reopened(Target(self._entity_of(task), gid=task, focus="edit"), "", draft.files)
            return Reopened(Target("new", entity=draft.entity, gid=draft.gid), draft.text, draft.files)
        parent = str(mutation.changes.get("parent") or "")
        if mutation.entity != _MESSAGE or not parent:
            return Reopened(Target(mutation.entity, gid=mutation.gid, focus="edit"))
        items = [one for one in self._store.outbox.open_items() if mutation_id in one.mutation.depends_on]
        files = tuple(_file(one.mutation) for one in items if one.mutation.entity == _FILE)
        text = str(mutation.changes.get("body") or "")
        with self._store.transaction():
            # The composer holds the files before the outbox lets go of them.
            self._composing.bring_back(parent, text, files, mutation.gid)
            if not self._store.outbox.cancel(mutation_id, self._context.now()):
                raise NotAllowed(
                    self._context.tr("This message is on its way already."),
                    kept=self._context.tr("It stays as you wrote it."),
                )
        self._context.wake()
        return Reopened(Target(self._entity_of(parent), gid=parent, focus="reply"), text, files)

    def _item(self, mutation_id: str) -> Item:
        item = self._store.outbox.get(mutation_id)
        if item is None:
            raise NotAllowed(
                self._context.tr("This is not in the outbox any more."),
                kept=self._context.tr("What became of it stands in the history."),
            )
        return item

    # -- export -------------------------------------------------------------------------------------------
    def export(self, mutation_id: str) -> str:
        """Return one change as JSON text, with everything the user typed."""
        return _json([self._exported(self._item(mutation_id))])

    def export_all(self) -> str:
        """Return everything that has not reached the vendor as JSON text: outbox, conflicts and drafts."""
        found = [self._exported(item) for item in self._store.outbox.open_items()]
        found += [
            {"state": "conflict", "what": one.label, "mutation": one.mutation.model_dump(mode="json")}
            for one in self._store.conflicts.all()
        ]
        for draft in self._drafts.everything_written():
            files = [vars(file) for file in draft.files]
            entry = {"gid": draft.gid, "entity": draft.entity, "data": dict(draft.data), "text": draft.text}
            found.append({"state": "draft", "draft": {**entry, "files": files}})
        return _json(found)

    def _exported(self, item: Item) -> dict[str, Any]:
        what, whom = in_words(self._context, item.mutation)
        return {
            "state": item.state.value,
            "what": what,
            "whom": whom,
            "problem": item.problem,
            "mutation": item.mutation.model_dump(mode="json"),
        }


_RANK: Mapping[SyncState, int] = {
    SyncState.SENDING: 0,
    SyncState.WAITING: 1,
    SyncState.REJECTED: 2,
    SyncState.CONFLICT: 3,
    SyncState.QUARANTINED: 4,
    SyncState.DRAFT: 5,
    SyncState.SYNCED: 6,
}
_FOR_A_PERSON = (SyncState.REJECTED, SyncState.CONFLICT, SyncState.QUARANTINED)


def _is_second(item: Item, waiting: Sequence[Item]) -> bool:
    """A submission is told once, by what it began with; besides it only its files have rows of their own."""
    if item.draft is None or item.mutation.entity == _FILE:
        return False
    parts = (other for other in waiting if other.draft == item.draft and other.mutation.entity != _FILE)
    return next(parts).mutation.mutation_id != item.mutation.mutation_id


def _after(item: Item, waiting: Sequence[Item], tr: Words) -> str:
    """What a submission waits for: its files go first."""
    if item.draft is None or item.mutation.entity == _FILE:
        return ""
    files = sum(1 for one in waiting if one.draft == item.draft and one.mutation.entity == _FILE)
    return tr.plural(files, "after its file", "after its %n files") if files else ""


def _actions(item: Item) -> tuple[OutboxAction, ...]:
    if item.frozen or item.state is ItemState.SENDING:
        return (OutboxAction.RETRY,) if item.state is ItemState.DEFERRED else ()
    if item.moves_another:
        return (OutboxAction.CANCEL,)
    is_form = item.draft is not None and item.mutation.entity != _FILE
    if is_form or (item.draft is None and item.mutation.entity == _MESSAGE):
        return (OutboxAction.EDIT, OutboxAction.CANCEL)
    return (OutboxAction.EDIT,) if item.draft is not None else (OutboxAction.CANCEL,)


def _place(mutation: Mutation) -> tuple[str, str]:
    """Where a change belongs: (entity, gid) of its record; the entity of a child's parent is not in the mutation."""
    parent = mutation.changes.get("parent")
    return ("", str(parent)) if mutation.kind is Kind.APPEND and parent else (mutation.entity, mutation.gid)


def _labels(entity: EntityType | None, names: Sequence[str]) -> tuple[str, ...]:
    commands = entity.lifecycle.commands if entity and entity.lifecycle else ()
    words = {command.name: command.label for command in commands}
    return tuple(words.get(name, name) for name in names)


def _file(mutation: Mutation) -> FileInfo:
    changes = mutation.changes
    return FileInfo(
        sha256=str(changes["sha256"]),
        name=str(changes["name"]),
        size=int(changes["size"]),
        media_type=str(changes.get("media_type") or ""),
    )


def _json(value: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(list(value), ensure_ascii=False, indent=2, default=str)
