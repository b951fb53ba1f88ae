"""Writing: each intent of the user becomes mutations in the outbox, after the same rules the gateway applies.

Nothing here touches server truth. `base` holds what the user saw, pending edits included; groups travel whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.contract import rules
from app.contract.errors import NotAllowed, Refused
from app.contract.manifest import EntityType
from app.contract.merge import same, with_group
from app.contract.mutations import Command, Kind, Mutation
from app.contract.said import said
from app.services.appending import Appending
from app.services.composing import Composing
from app.services.context import PortalContext, command_label, command_spec, state_of, state_spec
from app.services.files import read_file, take_in
from app.services.timeline import changed_labels
from app.services.views_model import Done, FileInfo
from app.store.items import Item
from app.store.projection import Shown
from app.store.states import ItemState

_KEPT = said("What you typed is kept here.")


class Intents:
    """What a user may want of records that exist. Raises Refused with a message per field when the rules say no."""

    def __init__(self, context: PortalContext) -> None:
        self._context = context
        self._store = context.store
        self._appending = Appending(context)
        self._composing = Composing(context)

    # -- edit ---------------------------------------------------------------------------------------------
    def edit(self, gid: str, changes: Mapping[str, Any]) -> Done:
        """Change fields of a record. Values equal to what is shown are left out; nothing left means nothing sent."""
        shown = self._shown(gid)
        entity = self._context.entity(shown.entity)
        touched = {name: value for name, value in changes.items() if not same(value, shown.data.get(name))}
        if not touched:
            return Done("", gid, self._context.tr("Nothing changed"), undoable=False)
        self._refuse(self._edit_problems(entity, shown, touched))
        whole = with_group(entity, touched, shown.data)
        before = {name: shown.data.get(name) for name in whole}
        mutation = self._mutation(
            Kind.PATCH, shown, base=before, changes=whole, depends_on=self._appending.birth(gid)
        )
        label = changed_labels(entity, touched, self._context.tr)
        item = self._store.outbox.enqueue(mutation, label=label, detail=self._context.view(shown).title)
        self._context.wake()
        # Joined to an earlier unsent edit of the record, it goes under that one's id; undoing that one, under none.
        mutation_id = item.mutation.mutation_id if item else ""
        return Done(
            mutation_id,
            gid,
            self._context.tr("{label} changed").format(label=label),
            undoable=True,
            before=before,
        )

    def problems(self, gid: str, changes: Mapping[str, Any]) -> dict[str, str]:
        """Return what is wrong with an edit so far, by field; empty when it may be made."""
        shown = self._shown(gid)
        touched = {name: value for name, value in changes.items() if not same(value, shown.data.get(name))}
        return self._edit_problems(self._context.entity(shown.entity), shown, touched)

    def _edit_problems(self, entity: EntityType, shown: Shown, touched: Mapping[str, Any]) -> dict[str, str]:
        found = {v.field: self._context.tr(v.message) for v in rules.check_fields(entity, touched)}
        editable = rules.editable_fields(entity, state_of(entity, shown.data))
        undecided = self._undecided(shown)
        after = {**shown.data, **touched}
        for name in touched:
            spec = entity.field(name)
            if name in found or spec is None:
                continue
            if name in undecided:
                found[name] = self._context.tr(
                    "You and {vendor} both changed this. Decide the conflict first."
                ).format(vendor=self._context.vendor)
            elif name not in editable:
                state = state_spec(entity, state_of(entity, shown.data))
                found[name] = (
                    self._context.tr("Locked while {state}.").format(
                        state=self._context.tr.inside(state.label)
                    )
                    if state
                    else self._context.tr("Locked.")
                )
            else:
                violation = rules.validate_field(spec, after, self._context.rules_context())
                if violation:
                    found[name] = self._context.tr(violation.message)
        return found

    def _undecided(self, shown: Shown) -> frozenset[str]:
        """Fields of an edit that waits for a decision: what is shown there is mine, not a value both sides saw."""
        return frozenset(name for conflict in self._store.conflicts.of(shown.gid) for name in conflict.mine)

    # -- command ------------------------------------------------------------------------------------------
    def command(self, gid: str, name: str, args: Mapping[str, Any] | None = None) -> Done:
        """Ask for a transition. It carries the state that is shown, so that a stale one explains itself."""
        shown = self._shown(gid)
        entity = self._context.entity(shown.entity)
        given = {key: value for key, value in (args or {}).items() if not rules.blank(value)}
        refusal = rules.check_command(entity, name, shown.data, given, self._appending.rules_context(gid))
        if refusal is not None:
            fields = {name: self._context.tr(words) for name, words in refusal.fields.items()}
            raise Refused(self._context.tr(refusal.message), kept=_KEPT, code=refusal.code, fields=fields)
        spec = command_spec(entity, name)
        mutation = self._mutation(
            Kind.COMMAND,
            shown,
            command=Command(name=name, expected_state=state_of(entity, shown.data), args=given),
            depends_on=self._appending.waited_for(gid, spec.requires if spec else ()),
        )
        label = command_label(entity, name)
        self._store.outbox.enqueue(mutation, label=label, detail=self._context.view(shown).title)
        self._context.wake()
        return Done(mutation.mutation_id, gid, (spec.done if spec else "") or label, undoable=True)

    def command_problems(self, gid: str, name: str, args: Mapping[str, Any]) -> dict[str, str]:
        """Return what is wrong with a command's arguments so far, by field."""
        shown = self._shown(gid)
        entity = self._context.entity(shown.entity)
        refusal = rules.check_command(entity, name, shown.data, args, self._appending.rules_context(gid))
        return dict(refusal.fields) if refusal else {}

    # -- children -----------------------------------------------------------------------------------------
    def message(
        self,
        parent: str,
        text: str,
        files: Sequence[Path] = (),
        taken: Sequence[FileInfo] = (),
        *,
        composed: bool = True,
    ) -> Done:
        """Add a message with its files; only the files wait for their bytes. Without text, they go on their own.

        `composed`: it is what the record's composer holds, which goes with it. Otherwise that is left alone.
        """
        self._shown(parent)
        new = [read_file(self._context, path) for path in files]
        infos = [*taken, *(file.info for file in new)]
        if not text.strip() and not infos:
            nothing = {"body": self._context.tr("Write a message, or add a file.")}
            raise Refused(self._context.tr("There is nothing to send yet."), kept=_KEPT, fields=nothing)
        first: Mutation | None = None
        with self._store.transaction():
            for file in new:
                take_in(self._context, file)
            begun = self._composing.begun(parent) if composed else None
            gids = {str(child.data["sha256"]): child.gid for child in begun.children} if begun else {}
            if text.strip():
                first = self._appending.message(parent, text, gid=begun.gid if begun else "")
            sent = [
                self._appending.file(parent, info, gid=gids.get(info.sha256, ""), message=first)
                for info in infos
            ]
            if composed:
                # Only now: until the outbox names them, the files are held by what was begun.
                self._composing.sent(parent, text, {info.sha256 for info in infos})
        others = sent if first is not None else sent[1:]
        first = first or sent[0]
        self._context.wake()
        words = (
            self._context.tr("Message added")
            if text.strip()
            else self._context.tr("File added")
            if not others
            else self._context.tr.plural(len(infos), "%n file added", "%n files added")
        )
        # Cancelling a message takes its files along.
        more = () if text.strip() else tuple(other.mutation_id for other in others)
        return Done(first.mutation_id, first.gid, words, undoable=True, more=more)

    def attach(self, parent: str, path: Path) -> Done:
        """Add one file to a record. Reads it: run it in a task."""
        return self.message(parent, "", files=(path,), composed=False)

    # -- delete, undo -------------------------------------------------------------------------------------
    def delete(self, gid: str) -> Done:
        """Delete a record whose state allows it; it binds the version that is shown."""
        shown = self._shown(gid)
        entity = self._context.entity(shown.entity)
        state = state_spec(entity, state_of(entity, shown.data))
        if state is None or not state.deletable:
            raise Refused(
                self._context.tr("This cannot be deleted now."),
                kept=self._context.tr("It stays as it is."),
                code="state",
            )
        mutation = self._mutation(Kind.DELETE, shown)
        self._store.outbox.enqueue(
            mutation, label=self._context.tr("Delete"), detail=self._context.view(shown).title
        )
        self._context.wake()
        return Done(
            mutation.mutation_id,
            gid,
            self._context.tr("{label} deleted").format(label=entity.label),
            undoable=True,
        )

    def undo(self, done: Done) -> bool:
        """Take an intent back: what is unsent goes from the outbox, an edit that was sent is edited back.

        Returns False when it is too late for that.
        """
        item = self._unsent(done)
        if item is not None and (not done.before or same_values(item.mutation.base, done.before)):
            now = self._context.now()
            cancelled = [self._store.outbox.cancel(one, now) for one in (done.mutation_id, *done.more)]
            self._context.wake()
            return all(cancelled)
        if not done.before:
            return False
        try:
            self.edit(done.gid, done.before)
        except (Refused, NotAllowed):
            return False
        return True

    def undoable(self, done: Done) -> bool:
        """Whether `undo` can still do something; what has left the outbox is past it, but for an edit."""
        return not done.mutation_id or bool(done.before) or self._unsent(done) is not None

    # -- parts --------------------------------------------------------------------------------------------
    def _unsent(self, done: Done) -> Item | None:
        item = self._store.outbox.get(done.mutation_id) if done.mutation_id else None
        if item is None or item.frozen or item.state not in (ItemState.QUEUED, ItemState.DEFERRED):
            return None
        return item

    def _shown(self, gid: str) -> Shown:
        shown = self._store.projection.get(gid)
        if shown is None:
            raise NotAllowed(self._context.tr("This is not on this computer any more."), kept=_KEPT)
        return shown

    def _mutation(
        self,
        kind: Kind,
        shown: Shown,
        *,
        base: Mapping[str, Any] | None = None,
        changes: Mapping[str, Any] | None = None,
        command: Command | None = None,
        depends_on: Sequence[str] = (),
    ) -> Mutation:
        return Mutation(
            mutation_id=self._context.ids.new_id(),
            entity=shown.entity,
            gid=shown.gid,
            kind=kind,
            base_version=shown.version,
            base=dict(base or {}),
            changes=dict(changes or {}),
            command=command,
            depends_on=tuple(depends_on),
            captured_at=self._context.now(),
        )

    def _refuse(self, problems: Mapping[str, str]) -> None:
        if problems:
            count = len(problems)
            cause = self._context.tr.plural(count, "%n field needs mending.", "%n fields need mending.")
            raise Refused(cause, kept=_KEPT, code="invalid", fields=dict(problems))


def same_values(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    """Tell whether two sets of fields are the same fields with the same values."""
    return set(one) == set(two) and all(same(one[name], two[name]) for name in one)
