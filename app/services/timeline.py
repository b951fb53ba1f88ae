"""What happened to a record: the vendor's events, and what this user asked for that is not answered yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from app.contract.manifest import EntityType, FieldType, Tone
from app.contract.mutations import Kind, Mutation
from app.services.context import PortalContext, command_label, command_spec, group_label, state_spec
from app.services.format import moment_of
from app.services.views_model import RecordView, SyncState, TimelineEntry
from app.store.outbox import Item
from app.store.states import ItemState

#: Icon of an event or of a command, by a word its kind begins with; the longest that fits speaks.
_ICONS: Mapping[str, str] = {
    "accept": "check",
    "action": "alert-triangle",
    "approval": "arrow-right",
    "approve": "rosette-discount-check",
    "ask_extension": "hourglass",
    "ask_information": "alert-triangle",
    "cancel": "ban",
    "convert": "checks",
    "create": "plus",
    "decline": "ban",
    "duplicate": "copy",
    "edit": "pencil",
    "expire": "hourglass",
    "extension": "hourglass",
    "file": "paperclip",
    "message": "message-circle",
    "patch": "pencil",
    "protection": "shield-check",
    "reject": "circle-x",
    "reopen": "rotate-clockwise",
    "resolve": "circle-check",
    "review": "eye",
    "send": "send",
    "ship": "truck",
    "start_review": "eye",
    "submit": "send",
    "withdraw": "arrow-back-up",
}

#: Kinds whose doer matters to the reader; the vendor's words do not repeat the name.
_TOLD_WITH_NAME = (
    "approved",
    "rejected",
    "submitted",
    "edit",
    "converted",
    "withdrawn",
    "cancelled",
    "extension",
)


def entries(context: PortalContext, record: RecordView) -> list[TimelineEntry]:
    """Return a record's events, newest first."""
    entity = context.manifest.entity(record.entity)
    items = [i for i in context.store.outbox.pending(record.gid) if i.state is not ItemState.QUARANTINED]
    pending = [_pending(context, entity, item) for item in items]
    events = [_event(context, entity, event) for event in events_of(entity, record.data)]
    return list(reversed(pending)) + _with_receipts(context, record.gid, list(reversed(events)))


def _with_receipts(
    context: PortalContext, gid: str, newest_first: Sequence[TimelineEntry]
) -> list[TimelineEntry]:
    """Name the receipt beside what this user asked for from this computer: *Submitted by you, receipt R-7F3C*."""
    signed = [item for item in context.store.outbox.history_of(gid) if item.receipt and item.mutation.command]
    told: list[TimelineEntry] = []
    for entry in newest_first:
        mine = entry.by in (context.me.name, context.me.user)
        item = next((one for one in signed if mine and _asked_for(one.mutation, entry.kind)), None)
        if item is not None:
            signed.remove(item)
        told.append(entry if item is None else replace(entry, text=f"{entry.text}, receipt {item.receipt}"))
    return told


def _asked_for(mutation: Mutation, kind: str) -> bool:
    """Tell whether an event of that kind is what a command brought about: *submitted* by `submit`."""
    name = mutation.command.name if mutation.command else ""
    return bool(kind) and (kind.startswith(name) or name.endswith(kind))


def events_of(entity: EntityType | None, data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the raw events of a record, oldest first; what has not their form is left out."""
    field = next((f for f in entity.fields if f.type is FieldType.EVENTS), None) if entity else None
    value = data.get(field.name) if field else None
    return [event for event in value if isinstance(event, dict)] if isinstance(value, list) else []


def event_icon(kind: str) -> str:
    """Return the icon of an event's kind."""
    known = [word for word in _ICONS if kind.startswith(word)]
    return _ICONS[max(known, key=len)] if known else "arrow-right"


def event_words(context: PortalContext, entity: EntityType | None, event: Mapping[str, Any]) -> str:
    """Return an event in words, with who did it where that matters: *Approved by Ingrid Solheim*."""
    kind, by = str(event.get("kind") or ""), str(event.get("by") or "")
    text = str(event.get("text") or command_label(entity, kind))
    if kind not in _TOLD_WITH_NAME or not by or by in text or ":" in text:
        return text
    return f"{text} by {'you' if by in (context.me.name, context.me.user) else by}"


def event_tone(entity: EntityType | None, kind: str) -> str:
    """Return the tone of an event: that of the state its command leads to, when it is a good or a bad one."""
    if kind == "action":
        return Tone.WARN
    command = command_spec(entity, kind) if entity else None
    state = state_spec(entity, command.to_state if command else kind)
    return state.tone if state is not None and state.tone in (Tone.OK, Tone.BAD, Tone.WARN) else Tone.NEUTRAL


def _event(context: PortalContext, entity: EntityType | None, event: Mapping[str, Any]) -> TimelineEntry:
    kind = str(event.get("kind") or "")
    return TimelineEntry(
        at=moment_of(event.get("at")),
        by=str(event.get("by") or ""),
        kind=kind,
        text=event_words(context, entity, event),
        icon=event_icon(kind),
        tone=event_tone(entity, kind),
        sync=SyncState.SYNCED,
    )


def _pending(context: PortalContext, entity: EntityType | None, item: Item) -> TimelineEntry:
    mutation = item.mutation
    kind = mutation.command.name if mutation.command else mutation.kind.value
    return TimelineEntry(
        at=item.captured_at,
        by=context.me.name,
        kind=kind,
        text=f"{_said(entity, mutation)} by you",
        icon=event_icon("edit" if mutation.kind is Kind.PATCH else kind),
        tone=Tone.NEUTRAL,
        sync=SyncState.SENDING if item.state is ItemState.SENDING else SyncState.WAITING,
    )


def _said(entity: EntityType | None, mutation: Mutation) -> str:
    match mutation.kind:
        case Kind.COMMAND:
            name = mutation.command.name if mutation.command else ""
            spec = command_spec(entity, name) if entity else None
            return (spec.done or spec.label) if spec else name
        case Kind.CREATE:
            return "Entered"
        case Kind.PATCH:
            return f"{changed_labels(entity, mutation.changes)} changed"
        case Kind.APPEND:
            return "Added"
        case Kind.DELETE:
            return "Deleted"
        case _:
            assert_never(mutation.kind)


def changed_labels(entity: EntityType | None, changes: Mapping[str, Any], limit: int = 3) -> str:
    """Name the fields of an edit: *Amount*, *Amount and next steps*, *5 fields*; one name for a group."""
    labels: dict[str, str] = {}
    for name in changes:
        spec = entity.field(name) if entity else None
        labels.setdefault(spec.merge_group if spec else name, group_label(entity, name))
    names = list(labels.values())
    if not names:
        return "Nothing"
    if len(names) > limit:
        return f"{len(names)} fields"
    lowered = names[:1] + [name[:1].lower() + name[1:] for name in names[1:]]
    return lowered[0] if len(lowered) == 1 else ", ".join(lowered[:-1]) + " and " + lowered[-1]
