"""Filters that no manifest lists and nobody keeps: what names another record, and whose day falls within a window.

They travel as the name of a chip, so that a place, a list and a deep link can hold them: `of:order:GID`,
`window:31:60` (days from today, both ends included).
"""

from __future__ import annotations

from datetime import timedelta

from app.contract.manifest import EntityType, Filter
from app.services.context import PortalContext, open_condition
from app.store.query import NOTHING, Condition, chip_condition, field_expression

_OF, _WINDOW = "of", "window"


def of_chip(field: str, gid: str) -> str:
    """The chip for the records that name `gid` in `field`."""
    return f"{_OF}:{field}:{gid}"


def window_chip(first: int, last: int) -> str:
    """The chip for open records whose day in the list's window field is `first` to `last` days ahead."""
    return f"{_WINDOW}:{first}:{last}"


def condition(context: PortalContext, entity: EntityType, chip: str) -> Condition | None:
    """Return the condition of such a chip; None for any other one. One that does not fit the type holds nothing."""
    kind, _, rest = chip.partition(":")
    if kind == _OF:
        field, _, gid = rest.partition(":")
        if entity.field(field) is None:
            return NOTHING
        return chip_condition(context.query(entity), (Filter(op="eq", field=field, values=(gid,)),))
    if kind == _WINDOW:
        span = _span(rest)
        return NOTHING if span is None else window_condition(context, entity, *span)
    return None


def window_condition(context: PortalContext, entity: EntityType, first: int, last: int) -> Condition:
    """Return the condition for open records whose day is `first` to `last` days ahead."""
    if entity.field(entity.list.window_field) is None:
        return NOTHING
    today = context.formats.today()
    begin, end = today + timedelta(days=first), today + timedelta(days=last + 1)
    expression = field_expression(entity, entity.list.window_field)
    span = Condition(f"{expression} >= ? AND {expression} < ?", (begin.isoformat(), end.isoformat()))
    return open_condition(context, entity) & span


def words(context: PortalContext, entity: EntityType, chip: str) -> str:
    """Return what such a chip says: *Order ORD-58214*, *31 to 60 days*; one of the manifest's says its own words."""
    listed = next((one.label for one in entity.list.chips if one.name == chip), "")
    if listed:
        return listed
    kind, _, rest = chip.partition(":")
    if kind == _OF:
        field, _, gid = rest.partition(":")
        spec = entity.field(field)
        shown = context.store.projection.get(gid)
        if spec is None or shown is None:
            return ""
        named = context.view(shown)
        return f"{spec.label} {named.number or named.title}"
    span = _span(rest) if kind == _WINDOW else None
    return window_words(context, *span) if span else ""


def window_words(context: PortalContext, first: int, last: int) -> str:
    """*Within 30 days*, *31 to 60 days*."""
    if first:
        return context.tr("{first} to {last} days").format(first=first, last=last)
    return context.tr.plural(last, "Within %n day", "Within %n days")


def _span(text: str) -> tuple[int, int] | None:
    first, _, last = text.partition(":")
    if not (first.isdecimal() and last.isdecimal()) or max(len(first), len(last)) > 4:
        return None
    return int(first), int(last)
