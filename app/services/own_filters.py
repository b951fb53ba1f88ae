"""Filters a user made: conditions over fields from the manifest's closed set, kept under a name as a chip of their own.

Only what cannot hold words of a record is asked for as a value, such as a stage or a country: what is kept here is not
looked through when something is no longer shared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from pydantic import ValidationError

from app.contract.errors import Refused
from app.contract.manifest import Chip, EntityType, FieldType, Filter
from app.services.context import PortalContext
from app.services.format import sync_words
from app.services.prefs import Prefs
from app.services.views_model import SyncState

#: How a chip of one's own is told from the manifest's, whose names are identifiers.
_OWN = "own:"
LONGEST_NAME = 40
MOST_FILTERS = 12


class Says(StrEnum):
    """What a condition says of a field; each is an operator of the manifest."""

    IS = "in"
    IS_NOT = "not_in"
    OPEN = "open"
    WITHIN = "within_days"
    PAST = "before_today"
    MINE = "mine"
    EMPTY = "absent"
    FILLED = "present"


#: Tests that ask for values, and the one that asks for days.
WITH_VALUES = (Says.IS, Says.IS_NOT)
_DATES = (FieldType.DATE, FieldType.DATETIME)
_CLOSED = (FieldType.CHOICE, FieldType.CHOICES, FieldType.COUNTRY, FieldType.CURRENCY, FieldType.BOOLEAN)
#: The name of the condition about a record's own sync state, which is no field.
SYNC = ":sync"


class OwnFilters:
    """One user's filters. Every change is kept at once; what is removed can be put back in its place."""

    def __init__(self, context: PortalContext, prefs: Prefs) -> None:
        self._context = context
        self._prefs = prefs

    def of(self, entity: str) -> tuple[Chip, ...]:
        """Return the filters of an entity type in their order."""
        return own_chips(self._context, entity)

    def save(self, entity: str, label: str, filters: Sequence[Filter], name: str = "") -> Chip:
        """Keep a filter, new or under the `name` it has. Raises Refused without a name, or without a condition."""
        words = " ".join(label.split())[:LONGEST_NAME].strip()
        if not words:
            raise Refused(
                "Give the filter a name.", kept="Its conditions are kept.", fields={"name": "Needed."}
            )
        if not filters:
            raise Refused("Add a condition first.", kept="Nothing is lost.")
        before = self.of(entity)
        if not name and len(before) >= MOST_FILTERS:
            raise Refused(
                f"There is room for {MOST_FILTERS} filters of your own.",
                kept="Nothing is lost.",
                next_step="Delete one you no longer use.",
            )
        chip = Chip(name=name or f"{_OWN}{self._context.ids.new_id()}", label=words, filters=tuple(filters))
        there = any(one.name == chip.name for one in before)
        after = [chip if one.name == chip.name else one for one in before] if there else [*before, chip]
        self._keep(entity, after)
        return chip

    def rename(self, entity: str, name: str, label: str) -> Chip:
        """Give a filter another name. Raises Refused for an empty one, or a filter that is gone."""
        found = next((one for one in self.of(entity) if one.name == name), None)
        if found is None:
            raise Refused("This filter is no longer there.", kept="Nothing else changed.")
        return self.save(entity, label, found.filters, name)

    def remove(self, entity: str, name: str) -> int:
        """Remove a filter; returns where it stood, -1 when it was not there."""
        before = self.of(entity)
        at = next((place for place, one in enumerate(before) if one.name == name), -1)
        if at >= 0:
            self._keep(entity, [one for one in before if one.name != name])
        return at

    def put_back(self, entity: str, chip: Chip, at: int) -> None:
        """Put a removed filter back where it stood."""
        after = [one for one in self.of(entity) if one.name != chip.name]
        after.insert(max(0, at), chip)
        self._keep(entity, after)

    def _keep(self, entity: str, chips: Sequence[Chip]) -> None:
        self._prefs.set(_key(entity), [chip.model_dump(mode="json") for chip in chips] or None)


def is_own(chip: str) -> bool:
    """Tell whether a chip's name is that of a filter of one's own."""
    return chip.startswith(_OWN)


def own_chips(context: PortalContext, entity: str) -> tuple[Chip, ...]:
    """Return the filters kept for an entity type; what cannot be read is left out."""
    kept = Prefs(context.store).get(_key(entity))
    chips = []
    for one in kept if isinstance(kept, list) else ():
        try:
            chip = Chip.model_validate(one)
        except ValidationError:
            continue
        if is_own(chip.name) and chip.filters:
            chips.append(chip)
    return tuple(chips)


def all_chips(context: PortalContext, entity: EntityType) -> tuple[Chip, ...]:
    """Return the chips of a list: the manifest's, then one's own."""
    return (*entity.list.chips, *own_chips(context, entity.name))


# -- what can be asked ---------------------------------------------------------------------------------------
def subjects(entity: EntityType) -> list[tuple[str, str]]:
    """Return what a condition may be about, as (field, label): whose it is first, then fields by label, then sync."""
    mine = _whose(entity)
    inner = {spec.currency_field for spec in entity.fields if spec.currency_field} | {mine, "sha256"}
    fields = [
        (spec.name, spec.label)
        for spec in entity.fields
        if spec.name not in inner and spec.type not in (FieldType.EVENTS, FieldType.LINES)
    ]
    whose = [(mine, "Whose it is")] if mine else []
    return [*whose, *sorted(fields, key=lambda one: one[1].casefold()), (SYNC, "Sync")]


def may_say(entity: EntityType, field: str) -> tuple[Says, ...]:
    """Return what may be said of a field."""
    spec = entity.field(field)
    if field == SYNC:
        return (Says.IS,)
    if field == _whose(entity):
        return (Says.MINE,)
    if spec is None:
        return ()
    if field == entity.state_field:
        return (Says.IS, Says.IS_NOT, Says.OPEN)
    if spec.type in _DATES:
        return (Says.WITHIN, Says.PAST, Says.EMPTY, Says.FILLED)
    if spec.type in _CLOSED:
        return (Says.IS, Says.IS_NOT, Says.EMPTY, Says.FILLED)
    return (Says.EMPTY, Says.FILLED)


def values(context: PortalContext, entity: EntityType, field: str) -> list[tuple[str, str]]:
    """Return the values a condition may name, as (value, label)."""
    spec = entity.field(field)
    if field == SYNC:
        return [(state.value, sync_words(state)) for state in SyncState]
    if entity.lifecycle is not None and field == entity.state_field:
        return [(state.name, state.label) for state in entity.lifecycle.states]
    if spec is None:
        return []
    match spec.type:
        case FieldType.CHOICE | FieldType.CHOICES:
            return [(choice.value, choice.label) for choice in spec.choices]
        case FieldType.COUNTRY:
            return context.formats.countries()
        case FieldType.CURRENCY:
            return [(code, code) for code in context.manifest.currencies]
        case FieldType.BOOLEAN:
            return [("true", "Yes"), ("false", "No")]
        case _:
            return []


def condition(entity: EntityType, field: str, says: Says, given: Sequence[str], days: int) -> Filter | None:
    """Return one condition as the manifest writes it; None while something is missing."""
    if says not in may_say(entity, field):
        return None
    if field == SYNC:
        return Filter(op="sync", values=tuple(given)) if given else None
    if says in WITH_VALUES:
        return Filter(op=says.value, field=field, values=tuple(given)) if given else None
    if says is Says.WITHIN:
        return Filter(op=says.value, field=field, days=days) if days >= 0 else None
    return Filter(op=says.value, field=field)


def words(context: PortalContext, entity: EntityType, one: Filter) -> str:
    """Say a condition in a few words: *Stage is Approved*; the start of a filter's name."""
    if one.op == "sync":
        return ", ".join(sync_words(SyncState(value)) for value in one.values if value in _SYNC_VALUES)
    label = next((label for name, label in subjects(entity) if name == one.field), one.field)
    known = dict(values(context, entity, one.field))
    listed = ", ".join(known.get(value, value) for value in one.values)
    said: Mapping[str, str] = {
        Says.IS: f"{label}: {listed}",
        Says.IS_NOT: f"{label} not {listed}",
        Says.OPEN: "Open",
        Says.WITHIN: f"{label} within {one.days} days",
        Says.PAST: f"{label} has passed",
        Says.MINE: "Mine",
        Says.EMPTY: f"{label} empty",
        Says.FILLED: f"{label} filled in",
    }
    return said.get(one.op, label)


def says_of(one: Filter) -> Says | None:
    """Return what a condition says, None for one no builder makes."""
    op = {"eq": Says.IS.value, "sync": Says.IS.value}.get(one.op, one.op)
    return Says(op) if op in {one.value for one in Says} else None


def _whose(entity: EntityType) -> str:
    """The field that holds a user's id, as the manifest's own chips know it."""
    return next((one.field for chip in entity.list.chips for one in chip.filters if one.op == "mine"), "")


_SYNC_VALUES = frozenset(state.value for state in SyncState)


def _key(entity: str) -> str:
    return f"{entity}.filters"
