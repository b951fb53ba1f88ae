"""Deciding on exactly what is shown: an approval, a deliverable.

A decision quotes the hash of the fields it binds as they stood *on the screen*. Whoever shows them takes a `Sight` when
it draws, and hands that in; nothing here ever reads the newest record to fill the hash in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.contract import rules
from app.contract.errors import Refused
from app.contract.manifest import SHOWN, CommandSpec, EntityType, FieldSpec, FieldType
from app.contract.said import said
from app.services.context import PortalContext, command_spec
from app.services.format import NOTHING, decimal_of
from app.services.intents import Intents
from app.services.views_model import Done, RecordView
from app.store.states import ItemState


@dataclass(frozen=True)
class Sight:
    """What stood on the screen of a record: the values of every field that a command of its type binds."""

    gid: str
    entity: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Waiting:
    """A decision that is on its way: its words, its mutation, and whether it still fits what is there."""

    mutation_id: str
    words: str
    fits: bool


@dataclass(frozen=True)
class Difference:
    """One thing that is not what it was: its label, then how it was and how it is. Empty words: there was nothing."""

    label: str
    before: str
    after: str


def binding(entity: EntityType) -> tuple[CommandSpec, ...]:
    """Return the partner's commands that decide on what is shown."""
    commands = entity.lifecycle.commands if entity.lifecycle else ()
    return tuple(one for one in commands if one.binds and one.by == "partner")


def sight_of(entity: EntityType, record: RecordView) -> Sight:
    """Return what stands on the screen once `record` is drawn."""
    names = dict.fromkeys(name for command in binding(entity) for name in command.binds)
    return Sight(record.gid, record.entity, {name: record.data.get(name) for name in names})


def changed(sight: Sight, record: RecordView) -> bool:
    """Tell whether a record holds something else now than what was seen."""
    return any(record.data.get(name) != value for name, value in sight.values.items())


class Deciding:
    """Gives the commands that bind what was shown."""

    def __init__(self, context: PortalContext, intents: Intents) -> None:
        self._context = context
        self._intents = intents

    def sight(self, record: RecordView) -> Sight:
        """Return what stands on the screen once `record` is drawn."""
        return sight_of(self._context.entity(record.entity), record)

    def decide(self, sight: Sight, command: str, args: Mapping[str, Any] | None = None) -> Done:
        """Give a command about what was seen.

        Raises Refused with the code "shown" when the record holds something else by now, and as `Intents.command`.
        """
        spec = command_spec(self._context.entity(sight.entity), command)
        if spec is None or not spec.binds:
            raise Refused(said("This is not something you can do here."), kept=said("Nothing was sent."))
        quoted = {SHOWN: rules.shown_hash(spec, sight.values)}
        return self._intents.command(sight.gid, command, {**(args or {}), **quoted})

    def give(self, sight: Sight, command: str, args: Mapping[str, Any] | None = None) -> Done:
        """Give any command about what was seen: one that binds it as a decision. Raises as `decide`."""
        spec = command_spec(self._context.entity(sight.entity), command)
        if spec is not None and spec.binds:
            return self.decide(sight, command, args)
        return self._intents.command(sight.gid, command, args)

    def problems(self, sight: Sight, command: str, args: Mapping[str, Any]) -> dict[str, str]:
        """Return what is wrong with the arguments of a decision so far, by field."""
        spec = command_spec(self._context.entity(sight.entity), command)
        quoted = {SHOWN: rules.shown_hash(spec, sight.values)} if spec and spec.binds else {}
        return self._intents.command_problems(sight.gid, command, {**args, **quoted})

    def waiting(self, record: RecordView) -> Waiting | None:
        """Return the decision on a record that is not answered yet. It counts only while it fits."""
        entity = self._context.entity(record.entity)
        for item in self._context.store.outbox.pending(record.gid):
            asked = item.mutation.command
            spec = command_spec(entity, asked.name) if asked is not None else None
            if asked is None or spec is None or not spec.binds or item.state is ItemState.QUARANTINED:
                continue
            fits = asked.args.get(SHOWN) == rules.shown_hash(spec, record.data)
            return Waiting(item.mutation.mutation_id, spec.done or spec.label, fits)
        return None

    def take_back(self, record: RecordView, waiting: Waiting) -> bool:
        """Take a decision back that is not sent yet. False when it is on its way already."""
        return self._intents.undo(Done(waiting.mutation_id, record.gid, "", undoable=True))

    def differences(self, sight: Sight, record: RecordView) -> tuple[Difference, ...]:
        """Return what changed since it was seen, in the user's words."""
        entity = self._context.entity(record.entity)
        return differences(self._context, entity, sight.values, record.data)


def differences(
    context: PortalContext, entity: EntityType, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[Difference, ...]:
    """Compare what was seen with what is there. Lines are compared one by one, a file by its name and size."""
    found: list[Difference] = []
    currencies = {spec.currency_field: spec for spec in entity.fields if spec.currency_field}
    for name, old in before.items():
        spec, new = entity.field(name), after.get(name)
        if spec is None or old == new:
            continue
        if name in currencies and before.get(currencies[name].name) != after.get(currencies[name].name):
            continue  # told with its amount
        if name in currencies:
            spec = currencies[name]
        if spec.type is FieldType.LINES:
            found += _line_differences(context, entity, old, new, before, after)
        elif name == "sha256":
            found.append(_file_difference(context, before, after))
        else:
            was, now = (_words(context, spec, data) for data in (before, after))
            found.append(Difference(spec.label, was, now))
    return tuple(found)


def _words(context: PortalContext, spec: FieldSpec, data: Mapping[str, Any]) -> str:
    words = context.formats.value(spec, data)
    return "" if words == NOTHING else words


def _file_difference(
    context: PortalContext, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Difference:
    def name(data: Mapping[str, Any]) -> str:
        if not data.get("sha256"):
            return ""
        known = str(data.get("file_name") or context.tr("The file"))
        size = data.get("size")
        told = context.formats.size(size) if isinstance(size, int) else ""
        return " · ".join(part for part in (known, told, str(data["sha256"])[:8]) if part)

    return Difference(context.tr("File"), name(before), name(after))


def _line_differences(
    context: PortalContext,
    entity: EntityType,
    old: Any,
    new: Any,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> list[Difference]:
    """Lines that left, came or hold something else; they are told apart by code and name, then by order."""
    was, now = _keyed(old), _keyed(new)
    found = []
    for key in dict.fromkeys([*was, *now]):
        one, other = was.get(key), now.get(key)
        if one != other:
            label = str((one or other or {}).get("name") or "")
            found.append(
                Difference(label, _line_words(context, one, before), _line_words(context, other, after))
            )
    return found or [
        Difference(context.tr("Lines"), context.tr("In another order"), context.tr("In a new order"))
    ]


def _keyed(rows: Any) -> dict[tuple[str, int], Mapping[str, Any]]:
    keyed: dict[tuple[str, int], Mapping[str, Any]] = {}
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, Mapping):
            name = str(row.get("code") or row.get("name") or "")
            number = sum(1 for known, _ in keyed if known == name)
            keyed[(name, number)] = row
    return keyed


def _line_words(context: PortalContext, row: Mapping[str, Any] | None, data: Mapping[str, Any]) -> str:
    if row is None:
        return ""
    currency = str(data.get("currency") or "")
    told = []
    for key, value in row.items():
        if key in ("name", "code") or value in (None, ""):
            continue
        amount = decimal_of(value) if key in ("value", "amount", "price") else None
        told.append(context.formats.money(amount, currency) if amount is not None else str(value))
    return " · ".join(told)
