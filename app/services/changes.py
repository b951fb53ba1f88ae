"""What the vendor changed since the user last looked: read from the records themselves, not from a log of traffic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.contract.manifest import EntityType, FieldType, Tone
from app.services.context import PortalContext, state_spec
from app.services.format import Formats, date_of, moment_of
from app.services.records import Records
from app.services.timeline import event_icon, event_tone, event_words, events_of
from app.services.views_model import ChangeLine, RecordView, Target
from app.store.query import Condition, field_expression, sort_order

#: A record has many events; the latest few of each say enough for a list of changes.
_LATEST_RECORDS = 80
_AT_ONCE = timedelta(minutes=2)
_LONGEST = 60


@dataclass(frozen=True)
class _Found:
    at: datetime
    icon: str
    tone: str
    title: str
    detail: str
    target: Target
    answer: bool = False
    arrival: bool = False


def lines(context: PortalContext, records: Records, since: datetime, limit: int) -> list[ChangeLine]:
    """Return what changed after `since`, newest first, at most `limit` lines."""
    found: list[_Found] = []
    for entity in context.manifest.entities:
        if entity.kind == "append":
            found += _answers(context, records, entity, since)
        elif entity.nav:
            found += _changed(context, records, entity, since)
    found = [line for line in found if not _follows_an_answer(line, found)]
    newest = sorted(found, key=lambda line: line.at, reverse=True)[:limit]
    return [_line(context.formats, item) for item in newest]


def _follows_an_answer(line: _Found, found: Sequence[_Found]) -> bool:
    """An answer moves its request along; the answer itself is the news."""
    return line.arrival and any(
        other.answer and other.target.gid == line.target.gid and abs(other.at - line.at) <= _AT_ONCE
        for other in found
    )


def _line(formats: Formats, item: _Found) -> ChangeLine:
    day = formats.local(item.at).date()
    return ChangeLine(
        at=item.at,
        group=group_of(formats, day),
        when=formats.time(item.at) if _shows_time(formats, day) else formats.short_moment(item.at),
        icon=item.icon,
        tone=item.tone,
        title=item.title,
        detail=item.detail,
        target=item.target,
        answer=item.answer,
    )


def group_of(formats: Formats, day: date) -> str:
    """Return the heading of a day: *Today*, *Yesterday*, *Weekend*, *Friday*, *Wed 11 Nov*."""
    today = formats.today()
    age = (today - day).days
    if age <= 0:
        return formats.tr("Today")
    if day.weekday() >= 5 and age < 7:
        return formats.tr("Weekend")
    if age == 1:
        return formats.tr("Yesterday")
    return formats.weekday(day, long=True) if age < 7 else formats.weekday_day(day)


def _shows_time(formats: Formats, day: date) -> bool:
    """Under a heading that names one day, the time says more than the day again; of one to come, the day does."""
    return day <= formats.today() and group_of(formats, day) != formats.tr("Weekend")


def _recent(
    context: PortalContext, records: Records, entity: EntityType, field: str, since: datetime
) -> list[RecordView]:
    """The latest of the vendor’s records after a moment; the database narrows, so that a long list costs little."""
    later = Condition(
        f"{field_expression(entity, field)} > ? AND record.version IS NOT NULL", (since.isoformat()[:19],)
    )
    order = sort_order(entity, f"-{field}")
    return records.rows(context.store.projection.ids(entity.name, later, order, _LATEST_RECORDS))


def _answers(
    context: PortalContext, records: Records, entity: EntityType, since: datetime
) -> Iterator[_Found]:
    """Messages of the vendor's people."""
    if entity.field("side") is None or entity.field("sent_at") is None:
        return
    for record in _recent(context, records, entity, "sent_at", since):
        at = moment_of(record.data.get("sent_at"))
        if at is None or at <= since:
            break
        parent = records.get(str(record.data.get("parent") or ""))
        if record.data.get("side") != "vendor" or parent is None:
            continue
        who = str(record.data.get("author_name") or context.vendor)
        detail = " · ".join(part for part in (parent.number, parent.title) if part)
        yield _Found(
            at,
            "message-circle",
            Tone.ACCENT,
            context.tr("{who} answered").format(who=who),
            detail,
            Target(parent.entity, parent.gid),
            answer=True,
        )


def _changed(
    context: PortalContext, records: Records, entity: EntityType, since: datetime
) -> Iterator[_Found]:
    if entity.field("updated_at") is None:
        return
    for record in _recent(context, records, entity, "updated_at", since):
        at = moment_of(record.data.get("updated_at"))
        if at is None or at <= since:
            break
        if events_of(entity, record.data) or (entity.creatable and _has_events(entity)):
            yield from _events(context, entity, record, since)
        elif _is_news(entity, record):
            yield _arrival(context, entity, record, at, since)


def _has_events(entity: EntityType) -> bool:
    return any(field.type is FieldType.EVENTS for field in entity.fields)


def _events(
    context: PortalContext, entity: EntityType, record: RecordView, since: datetime
) -> Iterator[_Found]:
    """Events by others: what the user did is no news to them."""
    about = " · ".join(part for part in (record.title, record.subtitle) if part)
    for event in events_of(entity, record.data):
        at = moment_of(event.get("at"))
        by = str(event.get("by") or "")
        if at is None or at <= since or by in (context.me.name, context.me.user):
            continue
        kind = str(event.get("kind") or "")
        text = _text(context, entity, record, event)
        tone = event_tone(entity, kind)
        yield _Found(at, event_icon(kind), tone, text, about, Target(record.entity, gid=record.gid))


def _text(context: PortalContext, entity: EntityType, record: RecordView, event: Mapping[str, Any]) -> str:
    kind = str(event.get("kind") or "")
    until = date_of(record.data.get("protected_until"))
    reason = str(record.data.get("reason") or "").strip().rstrip(".")
    if kind.startswith("approve") and until is not None:
        return context.tr("Approved, protected to {day}").format(day=context.formats.day(until))
    if kind.startswith("reject") and reason:
        return context.tr("Rejected: {reason}").format(reason=context.tr.inside(reason))
    return event_words(context, entity, event)


def _is_news(entity: EntityType, record: RecordView) -> bool:
    """What the user brought about themselves is none, nor is a version that only made room for the next one."""
    commands = entity.lifecycle.commands if entity.lifecycle else ()
    if any(command.by == "partner" and command.to_state == record.state for command in commands):
        return False
    state = state_spec(entity, record.state)
    if entity.field("published_at") is not None:
        return state is None or state.open
    takes_messages = entity.field("last_message_at") is not None
    return not takes_messages or state is None or not state.open or state.tone is Tone.WARN


def _arrival(
    context: PortalContext, entity: EntityType, record: RecordView, at: datetime, since: datetime
) -> _Found:
    """A record without a history of its own: it is new, or it changed."""
    born = moment_of(record.data.get("created_at") or record.data.get("published_at"))
    is_new = born is not None and born > since - timedelta(minutes=1)
    state = record.state_label
    if is_new and entity.field("published_at") is not None:
        title = context.tr("{title} is out").format(title=record.title)
    elif is_new:
        title = context.tr("New {what}: {title}").format(
            what=context.tr.inside(entity.label), title=record.title
        )
    else:
        title = (
            f"{entity.label} {record.number or record.title}: {context.tr.inside(state)}"
            if state
            else record.title
        )
    about = [record.number, record.title, record.subtitle]
    parts = [_short(part) for part in dict.fromkeys(about) if part and part not in title]
    tone = record.tone if record.tone in (Tone.OK, Tone.BAD) else Tone.NEUTRAL
    detail = " · ".join(parts) or context.vendor
    return _Found(at, entity.icon, tone, title, detail, Target(record.entity, gid=record.gid), arrival=True)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
