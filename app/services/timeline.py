"""What happened to a record: the vendor's events, and what this user asked for that is not answered yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, assert_never

from app.contract.manifest import EntityType, FieldType, Tone
from app.contract.mutations import Kind, Mutation, Status
from app.contract.said import said
from app.services.captured import doubt
from app.services.context import PortalContext, command_label, command_spec, group_label, state_spec
from app.services.format import moment_of
from app.services.views_model import RecordView, SyncState, TimelineEntry
from app.services.words import Words
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

#: What an answer was, before the words of what was asked; one that is not here was a refusal, whatever came of it.
_ENDINGS: Mapping[str, tuple[str, str]] = {
    Status.APPLIED: ("", Tone.NEUTRAL),
    Status.MERGED: ("", Tone.NEUTRAL),
    Status.CONFLICT: (said("Clashed: "), "clash"),
    Status.GONE: (said("Too late: "), Tone.WARN),
}

_REFUSED = said("Refused: ")
_EARLIEST = datetime.min.replace(tzinfo=UTC)


def entries(context: PortalContext, record: RecordView) -> list[TimelineEntry]:
    """Return a record's events, newest first."""
    entity = context.manifest.entity(record.entity)
    items = context.store.outbox.pending(record.gid)
    pending = [_pending(context, entity, item) for item in items if item.state is not ItemState.QUARANTINED]
    events = [_event(context, entity, event) for event in events_of(entity, record.data)]
    return list(reversed(pending)) + _with_receipts(context, entity, record.gid, list(reversed(events)))


@dataclass(frozen=True)
class _Attested:
    """Something this user asked for from this computer, and the receipt of its answer."""

    mutation: Mutation
    status: str
    receipt: str
    clock_off: int


def _attested(context: PortalContext, gid: str) -> list[_Attested]:
    """Return what was answered with a receipt, newest first; what was refused and waits for a person leads."""
    aside = [item for item in context.store.outbox.pending(gid) if item.state is ItemState.QUARANTINED]
    found = [
        _Attested(item.mutation, Status.REJECTED, trace.name, item.clock_off)
        for item in reversed(aside)
        if (trace := context.store.receipts.trace(item.mutation.mutation_id)) is not None
    ]
    found += [
        _Attested(one.mutation, one.status, one.receipt, one.clock_off)
        for one in context.store.outbox.history_of(gid)
    ]
    return [one for one in found if one.receipt]


def _with_receipts(
    context: PortalContext, entity: EntityType | None, gid: str, newest_first: Sequence[TimelineEntry]
) -> list[TimelineEntry]:
    """Name the receipt beside what this user asked for from this computer: *Submitted by you, receipt R-7F3C*.

    What the vendor's system does not tell of, such as a refusal, is told here.
    """
    signed = _attested(context, gid)
    told: list[TimelineEntry] = []
    for entry in newest_first:
        mine = entry.by in (context.me.name, context.me.user)
        one = next((one for one in signed if mine and _brought_about(entity, one, entry)), None)
        if one is not None:
            signed.remove(one)
        told.append(entry if one is None else _receipted(context, entry, one))
    told += [_receipted(context, _untold(context, entity, one), one) for one in signed]
    return sorted(told, key=lambda entry: entry.at or _EARLIEST, reverse=True)


def _receipted(context: PortalContext, entry: TimelineEntry, one: _Attested) -> TimelineEntry:
    return replace(
        entry,
        text=context.tr("{text}, receipt {receipt}").format(text=entry.text, receipt=one.receipt),
        receipt=one.receipt,
        mutation_id=one.mutation.mutation_id,
        where=entry.where or context.tr("on this computer"),
    )


def _untold(context: PortalContext, entity: EntityType | None, one: _Attested) -> TimelineEntry:
    """What this user asked for and the vendor's system says nothing of."""
    prefix, tone = _ENDINGS.get(one.status, (_REFUSED, Tone.BAD))
    mutation = one.mutation
    kind = mutation.command.name if mutation.command else mutation.kind.value
    why, kept = doubt(context, mutation.captured_at, one.clock_off), None
    if why is not None:
        kept = context.store.receipts.get(mutation.mutation_id)
    return TimelineEntry(
        # Once the gateway's time is here, it takes the place of one that is known to be wrong.
        at=kept.receipt.body.received_at if kept is not None else mutation.captured_at,
        by=context.me.name,
        kind="",
        text=context.tr("{prefix}{what} by you").format(
            prefix=context.tr(prefix), what=done_words(entity, mutation, context.tr)
        ),
        icon=event_icon("edit" if mutation.kind is Kind.PATCH else kind),
        tone=tone,
        sync=SyncState.SYNCED,
        doubt=None if kept is not None else why,
    )


def _brought_about(entity: EntityType | None, one: _Attested, entry: TimelineEntry) -> bool:
    """Tell whether an event is what a mutation brought about: *submitted* by `submit`, *edit* by the field."""
    mutation = one.mutation
    match mutation.kind:
        case Kind.COMMAND:
            return one.status in (Status.APPLIED, Status.MERGED) and _asked_for(mutation, entry.kind)
        case Kind.CREATE:
            return entry.kind in ("create", "created")
        case Kind.PATCH:
            written = one.status in (Status.APPLIED, Status.MERGED) and entry.kind == "edit"
            labels = (group_label(entity, name) for name in mutation.changes)
            return written and any(entry.text.startswith(label) for label in labels)
        case Kind.APPEND | Kind.DELETE:
            return False
        case _:
            assert_never(mutation.kind)


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
    if by in (context.me.name, context.me.user):
        return context.tr("{what} by you").format(what=text)
    return context.tr("{what} by {who}").format(what=text, who=by)


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
        where=" · ".join(str(part) for part in (event.get("device"), event.get("via")) if part),
    )


def _pending(context: PortalContext, entity: EntityType | None, item: Item) -> TimelineEntry:
    mutation = item.mutation
    kind = mutation.command.name if mutation.command else mutation.kind.value
    return TimelineEntry(
        at=item.captured_at,
        by=context.me.name,
        kind=kind,
        text=context.tr("{what} by you").format(what=done_words(entity, mutation, context.tr)),
        icon=event_icon("edit" if mutation.kind is Kind.PATCH else kind),
        tone=Tone.NEUTRAL,
        sync=SyncState.SENDING if item.state is ItemState.SENDING else SyncState.WAITING,
        doubt=doubt(context, item.captured_at, item.clock_off),
    )


def done_words(entity: EntityType | None, mutation: Mutation, tr: Words) -> str:
    """Return what a mutation does, as done: *Submitted*, *Next steps changed*."""
    match mutation.kind:
        case Kind.COMMAND:
            name = mutation.command.name if mutation.command else ""
            spec = command_spec(entity, name) if entity else None
            return (spec.done or spec.label) if spec else name
        case Kind.CREATE:
            return tr("Entered")
        case Kind.PATCH:
            return tr("{labels} changed").format(labels=changed_labels(entity, mutation.changes, tr))
        case Kind.APPEND:
            return tr("Added")
        case Kind.DELETE:
            return tr("Deleted")
        case _:
            assert_never(mutation.kind)


def changed_labels(entity: EntityType | None, changes: Mapping[str, Any], tr: Words, limit: int = 3) -> str:
    """Name the fields of an edit: *Amount*, *Amount and next steps*, *5 fields*; one name for a group."""
    labels: dict[str, str] = {}
    for name in changes:
        spec = entity.field(name) if entity else None
        labels.setdefault(spec.merge_group if spec else name, tr(group_label(entity, name)))
    names = list(labels.values())
    if not names:
        return tr("Nothing")
    if len(names) > limit:
        return tr.plural(len(names), "%n field", "%n fields")
    return tr.listed(names[:1] + [tr.inside(name) for name in names[1:]])
