"""What the embedded CRM says its objects are made of."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, Integer, Numeric, String, Text

from gateway.crm.embedded.codes import STATE_COLUMN, STATE_WORDS
from gateway.crm.embedded.objects import OBJECTS, OWN, ObjectSpec
from gateway.crm.schema import Kind, ObjectSchema, Property

_EVENTS = Property("events", "Events", Kind.ITEMS, writable=False)

#: What rows tell besides their columns, made as they are read.
_TOLD = {
    "registration": (
        Property("review_text", "Review comment", Kind.LONG_TEXT, writable=False),
        _EVENTS,
    ),
    "order": (_EVENTS,),
    "opportunity": (_EVENTS,),
    "document": (Property("audience_text", "Who it is for", Kind.TEXT, writable=False),),
    "ticket": (Property("ball_with", "Waits for", Kind.TEXT, writable=False),),
    "note": (
        Property(
            "author_obj",
            "Kind of author",
            Kind.TEXT,
            {"contact": "Contact", "staff": "Staff"},
            writable=False,
        ),
        Property("author_id", "Author", Kind.REFERENCE, writable=False),
        Property("side_code", "Side", Kind.CHOICE, {"P": "Partner", "V": "Vendor"}, writable=False),
    ),
}


_OBJECT_OF = {spec.table.name: name for name, spec in OBJECTS.items()}


def describe(obj: str) -> ObjectSchema | None:
    """Return what an object is made of; None where the CRM has no such object."""
    spec = OBJECTS.get(obj)
    if spec is None:
        return None
    return ObjectSchema(obj, spec.label, {one.name: one for one in _properties(spec)}, own=OWN)


def _properties(spec: ObjectSpec) -> Iterator[Property]:
    settable = spec.partner | spec.on_create
    for column in spec.table.columns:
        states = STATE_WORDS.get(spec.name) if column.name == STATE_COLUMN.get(spec.name) else None
        kind = Kind.CHOICE if states else _kind(column)
        target = next((_OBJECT_OF[key.column.table.name] for key in column.foreign_keys), "")
        yield Property(
            column.name,
            column.name,
            kind,
            states,
            writable=column.name in settable or column.name == "portal_ref",
            unique=bool(column.unique) or column.name == "portal_ref",
            target=target,
            open=states is not None,
        )
    for one in spec.shows:
        yield Property(one.told, one.told, Kind.TEXT, writable=False)
    yield from _TOLD.get(spec.name, ())


def _kind(column: Column[object]) -> Kind:
    if column.foreign_keys:
        return Kind.REFERENCE
    match column.type:
        case Boolean():
            return Kind.BOOLEAN
        case Integer() | BigInteger():
            return Kind.INTEGER
        case Numeric():
            return Kind.DECIMAL
        case Date():
            return Kind.DATE
        case JSON():
            return Kind.OTHER
        case Text():
            return Kind.LONG_TEXT
        case String():
            return Kind.TEXT
        case _:
            return Kind.OTHER
