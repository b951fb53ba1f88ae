"""One change in the outbox as a person reads it: what, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from app.contract.manifest import EntityType, FieldType
from app.contract.mutations import Kind, Mutation
from app.services.context import PortalContext, command_label, group_label
from app.services.format import NOTHING
from app.services.timeline import changed_labels
from app.services.views_model import RecordView

_FILE = "file"
_LONGEST = 80


def in_words(context: PortalContext, mutation: Mutation) -> tuple[str, str]:
    """Return (what, for whom): *Amount → £141,800.00*, *Sableworks · was £129,300.00*."""
    entity = context.manifest.entity(mutation.entity)
    record = _record(context, mutation.gid)
    match mutation.kind:
        case Kind.CREATE:
            return _created(context, entity, mutation.changes)
        case Kind.PATCH:
            return _edited(context, entity, mutation, record)
        case Kind.COMMAND:
            name = mutation.command.name if mutation.command else ""
            return f"{command_label(entity, name)}: {_name(record)}".rstrip(
                ": "
            ), record.title if record else ""
        case Kind.APPEND:
            return _added(context, entity, mutation)
        case Kind.DELETE:
            return context.tr("Delete {name}").format(
                name=_name(record)
            ).rstrip(), record.title if record else ""
        case _:
            assert_never(mutation.kind)


def _record(context: PortalContext, gid: str) -> RecordView | None:
    shown = context.store.projection.get(gid)
    return context.view(shown) if shown else None


def _name(record: RecordView | None) -> str:
    return (record.subtitle or record.title) if record else ""


def _created(context: PortalContext, entity: EntityType | None, data: Mapping[str, Any]) -> tuple[str, str]:
    if entity is None:
        return context.tr("New record"), ""
    what = (
        entity.form.title
        if entity.form and entity.form.title
        else context.tr("New {what}").format(what=context.tr.inside(entity.label))
    )
    title = str(data.get(entity.title_field) or "")
    subtitle = str(data.get(entity.subtitle_field) or "") if entity.subtitle_field else ""
    # A deal is told by what is sold, for its customer; a request by its subject.
    sold = bool(subtitle) and entity.subtitle_field == "title"
    name, whom = (subtitle, title) if sold else (title, subtitle)
    return f"{what}: {name}".rstrip(": "), whom


def _edited(
    context: PortalContext, entity: EntityType | None, mutation: Mutation, record: RecordView | None
) -> tuple[str, str]:
    title = record.title if record else ""
    touched = {context.tr(group_label(entity, name)) for name in mutation.changes}
    if entity is None or len(touched) != 1:
        return changed_labels(entity, mutation.changes, context.tr), title
    label = next(iter(touched))
    if entity.answers_field is not None and entity.answers_field.name in mutation.changes:
        return f"{label}: {title}".rstrip(": "), record.subtitle if record else ""
    new = group_words(context, entity, mutation.changes, mutation.changes)
    old = group_words(context, entity, mutation.changes, mutation.base)
    was = "" if old == NOTHING else context.tr("was {old}").format(old=old)
    return f"{label} → {new}", " · ".join(part for part in (title, was) if part)


def group_words(
    context: PortalContext, entity: EntityType, names: Mapping[str, Any], data: Mapping[str, Any]
) -> str:
    """Return a group of fields in one line: an amount takes its currency along, an address its parts."""
    specs = [spec for spec in entity.fields if spec.name in names]
    attached = {spec.currency_field for spec in specs if spec.type is FieldType.MONEY}
    said = [
        _references(context, data.get(spec.name))
        if spec.type in (FieldType.REFERENCE, FieldType.REFERENCES)
        else _short(context, spec, data)
        for spec in specs
        if spec.name not in attached
    ]
    return ", ".join(text for text in said if text and text != NOTHING) or NOTHING


def _reference(context: PortalContext, gid: Any) -> str:
    record = _record(context, str(gid)) if gid else None
    return record.title if record else NOTHING


def _references(context: PortalContext, value: Any) -> str:
    """One title, or several."""
    gids = value if isinstance(value, list) else [value]
    return ", ".join(_reference(context, gid) for gid in gids) or NOTHING


def _short(context: PortalContext, spec: Any, data: Mapping[str, Any]) -> str:
    text = " ".join(context.formats.value(spec, data).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _added(context: PortalContext, entity: EntityType | None, mutation: Mutation) -> tuple[str, str]:
    parent = _record(context, str(mutation.changes.get("parent") or ""))
    about = " · ".join(part for part in (parent.title, parent.subtitle) if part) if parent else ""
    if mutation.entity == _FILE:
        size = context.formats.size(int(mutation.changes.get("size") or 0))
        return f"{mutation.changes.get('name')}, {size}", about
    what = entity.label if entity else context.tr("Message")
    place = (parent.number or parent.title) if parent else ""
    return context.tr("{what} on {place}").format(what=what, place=place) if place else what, about
