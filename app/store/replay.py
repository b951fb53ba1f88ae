"""What a record looks like to its user: server truth with everything local laid over it.

Pure, and a preview: only the gateway decides what becomes of a mutation.

The layers, bottom to top:

    server truth                 or, while a record deleted there is not decided about, what it was
    unresolved conflicts         the user's values stay until the user has decided
    pending mutations, in order  a patch merges where that is clean and otherwise shows the user's values;
                                 a create or append gives the record its data as long as the server has none;
                                 a command shows the state it leads to while it still fits; a delete hides the record
    an open draft                its data as typed

What the vendor has rejected is not laid over, except a create or append: there is nothing else to show of it.
What was revoked shows nothing at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from app.contract.manifest import EntityType
from app.contract.merge import merge
from app.contract.mutations import Kind, Mutation
from app.store.states import ItemState, SyncState


@dataclass(frozen=True)
class Pending:
    """One open item of the outbox. `problem` is the kind of its problem when it is quarantined, such as "rejected"."""

    mutation: Mutation
    state: ItemState
    problem: str = ""


@dataclass(frozen=True)
class Unresolved:
    """The touched fields of a mutation that ended in a conflict: what the user saw, and what the user wants."""

    base: Mapping[str, Any]
    mine: Mapping[str, Any]


@dataclass(frozen=True)
class OpenDraft:
    """A draft that is being written; `returned` when the vendor sent it back with problems."""

    data: Mapping[str, Any]
    returned: bool = False


@dataclass(frozen=True)
class Local:
    """Everything local about one record, pending items in the user's order."""

    pending: tuple[Pending, ...] = ()
    conflicts: tuple[Unresolved, ...] = ()
    draft: OpenDraft | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is local, so that server truth is all there is."""
        return not self.pending and not self.conflicts and self.draft is None


@dataclass(frozen=True)
class Replayed:
    """What to show; `data` None: the record is hidden."""

    data: dict[str, Any] | None
    sync: SyncState


def replay(
    entity: EntityType | None, truth: Mapping[str, Any] | None, last: Mapping[str, Any] | None, local: Local
) -> Replayed:
    """Lay everything local over server truth. `last` is what a record deleted at the server was."""
    shown = truth if truth is not None else last
    data = None if shown is None else dict(shown)
    for conflict in local.conflicts:
        data = {**(conflict.base if data is None else data), **conflict.mine}
    for item in local.pending:
        if _lies_over(item, data):
            data = _apply(entity, data, item.mutation)
    if local.draft is not None:
        data = {**_born(entity), **(data or {}), **local.draft.data}
    return Replayed(data, sync_state(local))


def sync_state(local: Local) -> SyncState:
    """Return how the record stands: what needs a person comes first, then what is under way."""
    states = {item.state for item in local.pending}
    problems = {item.problem for item in local.pending if item.state is ItemState.QUARANTINED}
    if local.conflicts:
        return SyncState.CONFLICT
    if "rejected" in problems or (local.draft is not None and local.draft.returned):
        return SyncState.REJECTED
    if problems:
        return SyncState.QUARANTINED
    if ItemState.SENDING in states:
        return SyncState.SENDING
    if states:
        return SyncState.WAITING
    return SyncState.SYNCED if local.draft is None else SyncState.DRAFT


def _lies_over(item: Pending, data: dict[str, Any] | None) -> bool:
    if item.state is not ItemState.QUARANTINED:
        return True
    return item.mutation.kind in (Kind.CREATE, Kind.APPEND) and data is None and item.problem != "revoked"


def _apply(
    entity: EntityType | None, data: dict[str, Any] | None, mutation: Mutation
) -> dict[str, Any] | None:
    match mutation.kind:
        case Kind.CREATE | Kind.APPEND:
            # Once the server has the record its truth holds these values, or what became of them since.
            return {**_born(entity), **mutation.changes} if data is None else data
        case Kind.PATCH:
            return None if data is None else {**data, **_patched(entity, data, mutation)}
        case Kind.COMMAND:
            return None if data is None else {**data, **_commanded(entity, data, mutation)}
        case Kind.DELETE:
            return None
        case _:
            assert_never(mutation.kind)


def _born(entity: EntityType | None) -> dict[str, Any]:
    """The state in which a record comes into being."""
    if entity is None or entity.lifecycle is None:
        return {}
    return {entity.lifecycle.field: entity.lifecycle.initial}


def _patched(entity: EntityType | None, data: Mapping[str, Any], mutation: Mutation) -> dict[str, Any]:
    if entity is None:
        return dict(mutation.changes)
    result = merge(entity, mutation.base, data, mutation.changes, frozenset(mutation.changes))
    if not result.clashes:
        return dict(result.write)
    clashing = {name: value for clash in result.clashes for name, value in clash.mine.items()}
    apart = {name: value for name, value in mutation.changes.items() if name not in clashing}
    rest = merge(entity, mutation.base, data, apart, frozenset(apart))
    return {**rest.write, **clashing}


def _commanded(entity: EntityType | None, data: Mapping[str, Any], mutation: Mutation) -> dict[str, Any]:
    if entity is None or entity.lifecycle is None or mutation.command is None:
        return {}
    asked = mutation.command
    spec = next((command for command in entity.lifecycle.commands if command.name == asked.name), None)
    if spec is None or data.get(entity.lifecycle.field) not in spec.from_states:
        return {}
    given = {name: value for name, value in asked.args.items() if entity.field(name) is not None}
    return {**given, entity.lifecycle.field: spec.to_state}
