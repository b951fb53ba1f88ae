"""What stands beside a conversation, read from the request and the manifest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication

from app.contract.manifest import EntityType, FieldType
from app.services.format import moment_of
from app.services.portal import Portal
from app.services.views_model import FileView, MessageView, RecordView
from app.views.requests.side import Clock
from app.views.theme.tokens import Tone
from app.views.widgets.key_value import Fact

_DUE = "due_at"
_NOTHING: tuple[object, ...] = ("", None, [])


def clock_of(portal: Portal, record: RecordView) -> Clock | None:
    """Return when an answer is due and how much of its time has passed; None when none is awaited."""
    due = portal.records.due(record)
    if due is None or due.at is None:
        return None
    figure, _space, rest = due.words.rpartition(" ")
    tone = Tone(due.tone)
    asked = moment_of(record.data.get("last_message_at")) or moment_of(record.data.get("created_at"))
    now = portal.formats.now().astimezone(UTC)
    passed = _share(asked, due.at, now)
    mine = record.tone == Tone.WARN
    return Clock(
        figure=figure,
        rest=rest,
        tone=Tone.TEXT if tone is Tone.NEUTRAL else tone,
        passed=passed,
        who=_who(portal, due.at, mine=mine, over=due.at <= now),
    )


def _who(portal: Portal, at: datetime, *, mine: bool, over: bool) -> str:
    """*Halden answers by 14:30*, *You answer by Wed 25 Nov*, *Halden was to answer by Fri 15:20*."""
    formats = portal.formats
    day = formats.local(at).date()
    if day == formats.today():
        when = formats.time(at)
    else:
        when = formats.moment(at) if over else formats.weekday_day(day)
    if over:
        words = _said("You were to answer by {when}") if mine else _said("{vendor} was to answer by {when}")
    else:
        words = _said("You answer by {when}") if mine else _said("{vendor} answers by {when}")
    return words.format(vendor=portal.vendor, when=when)


def _said(words: str) -> str:
    return QCoreApplication.translate("RequestFacts", words)


def _share(start: datetime | None, end: datetime, now: datetime) -> float:
    if start is None or end <= start:
        return 0.0
    return min(1.0, max(0.0, (now - start) / (end - start)))


def facts_of(
    portal: Portal, record: RecordView, messages: Sequence[MessageView], files: Sequence[FileView]
) -> list[Fact]:
    """Return the manifest's detail fields of a request, then who takes part and which files it has."""
    entity = portal.entity(record.entity)
    shown = [name for name in entity.detail if name != _DUE and record.data.get(name) not in _NOTHING]
    facts = [_fact(portal, entity, record, name) for name in shown]
    people = list(dict.fromkeys(message.author for message in messages))
    if people:
        facts.append(Fact(_said("People"), ", ".join(people)))
    if files:
        size = portal.formats.size(sum(file.size for file in files))
        facts.append(Fact(_said("Files"), f"{len(files)} · {size}"))
    return facts


def _fact(portal: Portal, entity: EntityType, record: RecordView, name: str) -> Fact:
    spec = entity.field(name)
    label = spec.label if spec is not None else name
    words = portal.records.value_words(entity.name, name, record.data)
    refers = spec is not None and spec.type is FieldType.REFERENCE
    target = portal.records.get(str(record.data[name])) if refers else None
    if target is None:
        return Fact(label, words)
    # Within a request its customer is known; what tells deals apart is what is sold.
    return Fact(label, target.subtitle or target.title, link=name)
