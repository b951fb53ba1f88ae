"""Records that name another one, in short: shown with it, and all of them a click away."""

from __future__ import annotations

from dataclasses import dataclass

from app.contract.manifest import EntityType, Related
from app.services.context import PortalContext
from app.services.format import NOTHING
from app.services.passing import condition, of_chip
from app.services.records import Records
from app.services.views_model import RecordView
from app.store.query import list_order

#: So many stand with the record; more are shown by the list.
MOST = 5
_DAYS = ("date", "countdown", "datetime")


@dataclass(frozen=True)
class RelatedLine:
    """One related record: its name, number with amount and day, and its state as a pill. `sync` is its mark."""

    gid: str
    title: str
    detail: str
    state: str
    tone: str
    sync: str


@dataclass(frozen=True)
class RelatedGroup:
    """Related records of one type; `chip` filters the list of `entity` to all `count` of them."""

    label: str
    icon: str
    entity: str
    chip: str
    count: int
    lines: tuple[RelatedLine, ...]


def related_to(context: PortalContext, records: Records, record: RecordView) -> tuple[RelatedGroup, ...]:
    """Return what the manifest shows with a record, in its order; types without such records are left out."""
    entity = context.manifest.entity(record.entity)
    groups = (_group(context, records, record, one) for one in (entity.related if entity else ()))
    return tuple(group for group in groups if group is not None)


def _group(
    context: PortalContext, records: Records, record: RecordView, related: Related
) -> RelatedGroup | None:
    entity = context.manifest.entity(related.entity)
    if entity is None or entity.field(related.field) is None:
        return None
    chip = of_chip(related.field, record.gid)
    where = condition(context, entity, chip)
    assert where is not None
    count = context.store.projection.count(entity.name, where)
    if not count:
        return None
    ids = context.store.projection.ids(entity.name, where, list_order(entity, "").key, MOST)
    return RelatedGroup(
        label=related.label or entity.plural,
        icon=entity.icon,
        entity=entity.name,
        chip=chip,
        count=count,
        lines=tuple(_line(records, entity, one, record) for one in records.rows(ids)),
    )


def _line(records: Records, entity: EntityType, record: RecordView, of: RecordView) -> RelatedLine:
    title, about = record.title, [record.number if record.number != record.title else ""]
    if title == of.title and record.subtitle:
        # Everything about one customer is called like the customer: what it is about tells more.
        title = record.subtitle
    about += [_first(records, entity, record, ("money",)), _first(records, entity, record, _DAYS)]
    return RelatedLine(
        gid=record.gid,
        title=title,
        detail=" · ".join(part for part in dict.fromkeys(about) if part and part != title),
        state=record.state_label,
        tone=record.tone,
        sync=record.sync.value,
    )


def _first(records: Records, entity: EntityType, record: RecordView, shows: tuple[str, ...]) -> str:
    """The value of the first column of a kind, as *Due 24 Nov 2026* where it is a day."""
    column = next((one for one in entity.list.columns if one.show in shows and one.field), None)
    if column is None:
        return ""
    value = records.value_words(entity.name, column.field, record.data)
    if value == NOTHING:
        return ""
    return f"{column.label} {value}" if column.show in _DAYS else value
