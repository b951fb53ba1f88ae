"""Which columns a list has: the manifest's, or those its user chose, from every field of the entity type.

A choice is kept per entity type as names and widths; a field that is no longer there is left out, and whoever never
chose follows the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.contract.manifest import Column, EntityType, FieldSpec, FieldType
from app.services.context import PortalContext
from app.services.prefs import Prefs
from app.store.database import Store

#: How a field is shown where the manifest has no column for it; anything else as words.
_SHOWS: Mapping[FieldType, str] = {
    FieldType.MONEY: "money",
    FieldType.DATE: "date",
    FieldType.DATETIME: "datetime",
}

#: Width in pixels where the manifest gives none; docs/manifest.md has them too.
_WIDTHS: Mapping[str, int] = {
    "name": 190,
    "file": 260,
    "money": 112,
    "date": 108,
    "datetime": 124,
    "countdown": 100,
    "sync": 116,
    "pill": 138,
    "state_mark": 120,
    "kept": 70,
}
_USUAL_WIDTH = 140
LEAST_WIDTH, MOST_WIDTH = 48, 800

#: Fields without words of their own for a cell.
_NO_COLUMN = (FieldType.EVENTS, FieldType.LINES)

#: What a column of the manifest shows that no field of its own does.
_SYNC = Column(field="", label="", show="sync", width=_WIDTHS["sync"])


@dataclass(frozen=True)
class Chosen:
    """One column of a user's choice. `width` 0: as the portal has it."""

    name: str
    width: int = 0


class Columns:
    """The columns of every list. One user's choice, kept with the account."""

    def __init__(self, context: PortalContext, prefs: Prefs) -> None:
        self._context = context
        self._prefs = prefs

    def of(self, entity: str) -> tuple[Column, ...]:
        """Return the columns of a list as it is shown."""
        spec = self._context.manifest.entity(entity)
        return () if spec is None else self._named(resolved(spec, self.choice(entity)))

    def choice(self, entity: str) -> tuple[Chosen, ...]:
        """Return what the user chose, in order; nothing for the portal's own columns."""
        return _read(self._prefs.get(_key(entity)))

    def choose(self, entity: str, columns: Sequence[Chosen]) -> None:
        """Keep a choice; an empty one is the portal's own again."""
        kept = [[one.name, one.width] for one in columns]
        self._prefs.set(_key(entity), kept or None)

    def available(self, entity: str) -> tuple[Column, ...]:
        """Return every column there could be: the manifest's, then each further field by its label."""
        spec = self._context.manifest.entity(entity)
        return () if spec is None else self._named(available(spec))

    def _named(self, columns: Sequence[Column]) -> tuple[Column, ...]:
        """The column that no manifest names has its word in the reader's language."""
        sync = self._context.tr("Sync")
        return tuple(one if one.label else one.changed(label=sync) for one in columns)


def read_choice(store: Store, entity: str) -> tuple[Chosen, ...]:
    """Return what the user of a store chose for a list."""
    return _read(Prefs(store).get(_key(entity)))


def column_name(column: Column) -> str:
    """Return the name under which a column is chosen: its field, or what it shows where it has none."""
    return column.field or f":{column.show}"


def available(entity: EntityType) -> tuple[Column, ...]:
    """Return every column an entity type could have, the manifest's first."""
    own = _own(entity)
    fields = {column.field for column in own}
    currencies = {spec.currency_field for spec in entity.fields}
    people = {one.field for chip in entity.list.chips for one in chip.filters if one.op == "mine"}
    further = [
        _column(spec)
        for spec in entity.fields
        if spec.name not in fields | currencies | people and spec.type not in _NO_COLUMN and not _inner(spec)
    ]
    sync = () if any(column.show == "sync" for column in own) else (_SYNC,)
    return (*own, *sorted(further, key=lambda column: column.label.casefold()), *sync)


def resolved(entity: EntityType, choice: Sequence[Chosen]) -> tuple[Column, ...]:
    """Return the columns of a choice; the manifest's where nothing of it is left."""
    known = {column_name(column): column for column in available(entity)}
    found = [
        known[one.name].changed(width=one.width) if one.width else known[one.name]
        for one in choice
        if one.name in known
    ]
    # A type that nobody lists by itself may still be gone to: by its names.
    names = Column(field=entity.title_field, label=entity.label, show="name")
    return tuple(found) or _own(entity) or (names,)


def as_choice(columns: Sequence[Column], before: Sequence[Chosen] = ()) -> tuple[Chosen, ...]:
    """Return columns as a choice, with the widths that were chosen for them before."""
    widths = {one.name: one.width for one in before}
    return tuple(Chosen(name, widths.get(name, 0)) for name in map(column_name, columns))


def with_width(choice: Sequence[Chosen], name: str, width: int) -> tuple[Chosen, ...]:
    """Return a choice in which one column is as wide as it was drawn."""
    kept = max(LEAST_WIDTH, min(MOST_WIDTH, width))
    return tuple(Chosen(one.name, kept) if one.name == name else one for one in choice)


def toggled(choice: Sequence[Chosen], name: str, *, on: bool) -> tuple[Chosen, ...]:
    """Return a choice with a column shown at the end, or hidden; the last one stays."""
    there = any(one.name == name for one in choice)
    if on:
        return (*choice, Chosen(name)) if not there else tuple(choice)
    left = tuple(one for one in choice if one.name != name)
    return left or tuple(choice)


def moved(choice: Sequence[Chosen], name: str, by: int) -> tuple[Chosen, ...]:
    """Return a choice with one column moved; it stops at either end."""
    kept = [*choice]
    at = next((place for place, one in enumerate(kept) if one.name == name), -1)
    if at >= 0:
        one = kept.pop(at)
        kept.insert(max(0, min(len(kept), at + by)), one)
    return tuple(kept)


def _own(entity: EntityType) -> tuple[Column, ...]:
    """The manifest's own columns, with the usual width where it gives none."""
    return tuple(
        one if one.width else one.changed(width=_WIDTHS.get(one.show, _USUAL_WIDTH))
        for one in entity.list.columns
    )


def _column(spec: FieldSpec) -> Column:
    show = _SHOWS.get(spec.type, "text")
    return Column(field=spec.name, label=spec.label, show=show, width=_WIDTHS.get(show, _USUAL_WIDTH))


def _inner(spec: FieldSpec) -> bool:
    """Names of bytes mean nothing to a reader."""
    return spec.name == "sha256"


def _key(entity: str) -> str:
    return f"{entity}.columns"


def _read(kept: Any) -> tuple[Chosen, ...]:
    """Read what was kept, as far as it can be understood."""
    found: dict[str, Chosen] = {}
    for one in kept if isinstance(kept, list) else ():
        if isinstance(one, list) and len(one) == 2 and isinstance(one[0], str) and isinstance(one[1], int):
            width = max(LEAST_WIDTH, min(MOST_WIDTH, one[1])) if one[1] else 0
            found.setdefault(one[0], Chosen(one[0], width))
    return tuple(found.values())
