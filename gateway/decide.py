"""What a mutation may do to a record as it is now: pure decisions, the same rules as on the client."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.contract.manifest import EntityType, FieldType, Template
from app.contract.merge import Clash, merge
from app.contract.mutations import Command, Mutation, Problem
from app.contract.rules import (
    Context,
    Violation,
    answer_name,
    blank,
    check_command,
    check_creation,
    check_fields,
    commands_from,
    editable_fields,
    type_problem,
    validate,
    validate_field,
)


@dataclass(frozen=True)
class Write:
    """Write these contract fields. `others`: touched fields whose text was merged with somebody else's."""

    changes: Mapping[str, Any]
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Nothing:
    """The record is as it was asked to be."""


@dataclass(frozen=True)
class Clashes:
    """A person has to decide."""

    clashes: tuple[Clash, ...]


@dataclass(frozen=True)
class Refuse:
    """It cannot be done, for this reason."""

    problem: Problem


def refuse(code: str, message: str, fields: Mapping[str, str] | None = None) -> Refuse:
    """Return a refusal."""
    return Refuse(Problem(code=code, message=message, fields=dict(fields or {})))


_MEND = "Some fields need mending."
_FOREIGN_COMPANY = "Pick one of your companies."


def _violated(violations: Iterable[Violation]) -> Refuse | None:
    found = tuple(violations)
    if not found:
        return None
    return refuse(found[0].code, _MEND, {item.field: item.message for item in found})


def decide_patch(
    entity: EntityType,
    mutation: Mutation,
    theirs: Mapping[str, Any],
    today: date,
    companies: Collection[str],
    company_field: str,
    template: Template | None = None,
) -> Write | Nothing | Clashes | Refuse:
    """Decide on an edit against the record as the system holds it now. `template`: the form it names."""
    wrong = _violated(
        (*check_fields(entity, mutation.changes), *stray_answers(entity, mutation.changes, template))
    )
    if wrong:
        return wrong
    editable = editable_fields(entity, theirs.get(entity.state_field) if entity.state_field else None)
    if entity.lifecycle is None and not editable.issuperset(mutation.changes):
        return refuse("locked", "This cannot be edited here.")
    merged = merge(entity, mutation.base, theirs, mutation.changes, editable)
    if merged.clashes:
        return Clashes(merged.clashes)
    if not merged.write:
        return Nothing()
    if company_field in merged.write and merged.write[company_field] not in companies:
        return refuse("company", _FOREIGN_COMPANY, {company_field: _FOREIGN_COMPANY})
    result = {**theirs, **merged.write}
    specs = [spec for spec in entity.fields if spec.name in merged.write]
    checked = (validate_field(spec, result, Context(today)) for spec in specs)
    wrong = _violated(item for item in checked if item)
    return wrong or Write(merged.write, merged.others)


def stray_answers(
    entity: EntityType, data: Mapping[str, Any], template: Template | None
) -> tuple[Violation, ...]:
    """Find answers that nobody asked for, or of the wrong form. What is missing may still come."""
    spec = entity.answers_field
    given = data.get(spec.name) if spec else None
    if spec is None or not isinstance(given, dict):
        return ()
    found = []
    for name, value in given.items():
        asked = template.by_name.get(name) if template else None
        words = "Not asked for." if asked is None else "" if blank(value) else type_problem(asked, value)
        if words:
            code = "type" if asked else "unknown_field"
            found.append(Violation(answer_name(spec, name), code, words))
    return tuple(found)


def decide_command(
    entity: EntityType,
    command: Command,
    data: Mapping[str, Any],
    context: Context,
    follows: Collection[str] = (),
) -> Write | Nothing | Refuse:
    """Decide on a command. Fields to write are the command's arguments; the state is the mapping's to write.

    `follows`: commands that are given because another record was handed in. Systems do that by themselves as well.
    """
    refusal = check_command(entity, command.name, data, command.args, context)
    if refusal is None:
        return Write(command.args)
    if refusal.code == "state" and command.name in follows and _leads_to(entity, command.name, data):
        return Nothing()
    return Refuse(
        Problem(
            code=refusal.code,
            message=refusal.message,
            fields=dict(refusal.fields),
            possible=refusal.possible,
        )
    )


def _leads_to(entity: EntityType, command: str, data: Mapping[str, Any]) -> bool:
    """Whether a record is where a command would have led it."""
    commands = entity.lifecycle.commands if entity.lifecycle else ()
    return any(one.name == command and one.to_state == data.get(entity.state_field) for one in commands)


def decide_create(
    entity: EntityType,
    changes: Mapping[str, Any],
    today: date,
    companies: Collection[str],
    company_field: str,
) -> Write | Refuse:
    """Decide on a new record. One that is handed in by a command later is checked whole then, others now."""
    if not entity.creatable:
        return refuse("not_allowed", f"Your role may not add {entity.plural.lower()}.")
    wrong = _violated(check_creation(entity, changes))
    if wrong:
        return wrong
    if company_field and changes.get(company_field) not in companies:
        return refuse("company", _FOREIGN_COMPANY, {company_field: _FOREIGN_COMPANY})
    if not _handed_in_later(entity):
        wrong = _violated(validate(entity, changes, Context(today)))
    return wrong or Write(changes)


def _handed_in_later(entity: EntityType) -> bool:
    lifecycle = entity.lifecycle
    return lifecycle is not None and any(
        command.validate_record and lifecycle.initial in command.from_states for command in lifecycle.commands
    )


def decide_append(entity: EntityType, changes: Mapping[str, Any], today: date) -> Write | Refuse:
    """Decide on a new child; its parent is judged by the caller."""
    if not entity.creatable:
        return refuse("not_allowed", f"Your role may not add {entity.plural.lower()}.")
    wrong = _violated(check_creation(entity, changes))
    if wrong:
        return wrong
    checked = (
        validate_field(spec, changes, Context(today)) for spec in entity.fields if spec.owner == "append"
    )
    wrong = _violated(item for item in checked if item)
    return wrong or Write({name: value for name, value in changes.items() if name != "parent"})


def decide_delete(entity: EntityType, data: Mapping[str, Any], *, unchanged: bool) -> Write | Refuse:
    """Decide on a deletion. `unchanged`: the record is still what the user saw."""
    state = entity.lifecycle.state(str(data.get(entity.state_field))) if entity.lifecycle else None
    possible = tuple(command.name for command in commands_from(entity, data.get(entity.state_field)))
    if state is None or not state.deletable:
        label = entity.label.lower()
        message = (
            f"This {label} can no longer be deleted: it is {state.label.lower()} now."
            if state
            else (f"A {label} cannot be deleted here.")
        )
        return Refuse(Problem(code="locked", message=message, possible=possible))
    if not unchanged:
        message = "Somebody changed this since you saw it. Look at it again before deleting it."
        return Refuse(Problem(code="changed", message=message, possible=possible))
    return Write({})


def changed_by_others(
    entity: EntityType,
    touched: Collection[str],
    base_position: int,
    changed: Mapping[str, tuple[int, str]],
    user: str,
) -> tuple[str, ...]:
    """Return visible fields, besides the touched ones, that somebody else changed since the user looked.

    `changed`: field to the position of its last change and the portal user who made it.
    """
    found = []
    for spec in entity.fields:
        if spec.name in touched or spec.name in ("updated_at", "created_at") or spec.type is FieldType.EVENTS:
            continue
        position, by = changed.get(spec.name, (0, ""))
        if position > base_position and by != user:
            found.append(spec.name)
    return tuple(found)
