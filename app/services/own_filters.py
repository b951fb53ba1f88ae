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
from app.contract.said import said
from app.services.context import PortalContext
from app.services.format import sync_words
from app.services.prefs import Prefs
from app.services.views_model import SyncState
from app.services.words import Words

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
            raise Refused(said("Give the filter a name."), kept=said("Its conditions are kept."))
        if not filters:
            raise Refused(said("Add a condition first."), kept=said("Nothing is lost."))
        before = self.of(entity)
        if not name and len(before) >= MOST_FILTERS:
            raise Refused(
                said("There is room for {count} filters of your own.", count=MOST_FILTERS),
                kept=said("Nothing is lost."),
                next_step=said("Delete one you no longer use."),
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
            raise Refused(said("This filter is no longer there."), kept=said("Nothing else changed."))
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

    def subjects(self, entity: str) -> list[tuple[str, str]]:
        """Return what a condition may be about, as (field, label)."""
        return subjects(self._context.entity(entity), self._context.tr)

    def may_say(self, entity: str, field: str) -> tuple[Says, ...]:
        """Return what may be said of a field."""
        return may_say(self._context.entity(entity), field)

    def values(self, entity: str, field: str) -> list[tuple[str, str]]:
        """Return the values a condition may name, as (value, label)."""
        return values(self._context, self._context.entity(entity), field)

    def condition(
        self, entity: str, field: str, says: Says, given: Sequence[str], days: int
    ) -> Filter | None:
        """Return one condition; None while something is missing."""
        return condition(self._context.entity(entity), field, says, given, days)

    def words(self, entity: str, filters: Sequence[Filter]) -> str:
        """Return a name for a filter, made from its conditions."""
        kind = self._context.entity(entity)
        whole = ", ".join(words(self._context, kind, one) for one in filters)
        return whole if len(whole) <= LONGEST_NAME else f"{whole[: LONGEST_NAME - 1].rstrip()}…"

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
def subjects(entity: EntityType, tr: Words) -> list[tuple[str, str]]:
    """Return what a condition may be about, as (field, label): whose it is first, then fields by label, then sync."""
    mine = _whose(entity)
    inner = {spec.currency_field for spec in entity.fields if spec.currency_field} | {mine, "sha256"}
    fields = [
        (spec.name, spec.label)
        for spec in entity.fields
        if spec.name not in inner and spec.type not in (FieldType.EVENTS, FieldType.LINES)
    ]
    whose = [(mine, tr("Whose it is"))] if mine else []
    return [*whose, *sorted(fields, key=lambda one: one[1].casefold()), (SYNC, tr("Sync"))]


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
        return [(state.value, context.tr(sync_words(state))) for state in SyncState]
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
            return [("true", context.tr("Yes")), ("false", context.tr("No"))]
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
    tr = context.tr
    if one.op == "sync":
        known_states = [SyncState(value) for value in one.values if value in _SYNC_VALUES]
        return ", ".join(tr(sync_words(state)) for state in known_states)
    label = next((label for name, label in subjects(entity, tr) if name == one.field), one.field)
    known = dict(values(context, entity, one.field))
    listed = ", ".join(known.get(value, value) for value in one.values)
    sentences: Mapping[str, str] = {
        Says.IS: tr("{field}: {values}").format(field=label, values=listed),
        Says.IS_NOT: tr("{field} not {values}").format(field=label, values=listed),
        Says.OPEN: tr("Open"),
        Says.WITHIN: tr.plural(one.days, "{field} within %n day", "{field} within %n days").format(
            field=label
        ),
        Says.PAST: tr("{field} has passed").format(field=label),
        Says.MINE: tr("Mine"),
        Says.EMPTY: tr("{field} empty").format(field=label),
        Says.FILLED: tr("{field} filled in").format(field=label),
    }
    return sentences.get(one.op, label)


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
