"""The jobs that wait for the user: which records ask for something, in one sentence with one action each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from app.contract.manifest import Tone
from app.services.conflicts import ConflictService
from app.services.context import PortalContext, in_states, within_days
from app.services.format import date_of, moment_of
from app.services.outbox import OutboxService
from app.services.records import Records
from app.services.views_model import (
    Due,
    Need,
    OutboxAction,
    OutboxView,
    RecordView,
    SyncState,
    Target,
)
from app.store.query import list_order, sort_order

_MOST_OF_A_KIND = 20
_RENEWALS_AHEAD = 30
_PROTECTION_AHEAD = 14
_LAST = datetime.max.replace(tzinfo=UTC)
#: Without a date of its own, what is the user's turn stands with what is due today.
_PRESSING = (Tone.WARN, Tone.BAD)
_URGENT = {Tone.BAD: Tone.BAD, Tone.WARN: Tone.WARN}


@dataclass(frozen=True)
class Sources:
    """Where jobs come from."""

    context: PortalContext
    records: Records
    outbox: OutboxService
    conflicts: ConflictService


def jobs(sources: Sources) -> list[Need]:
    """Return all jobs, most urgent first."""
    kinds: tuple[Callable[[Sources], Iterator[Need]], ...] = (
        _replies,
        _action_required,
        _conflicts,
        _returned,
        _renewals,
        _leads,
        _protection,
        _drafts,
    )
    found = [need for kind in kinds for need in kind(sources)]
    formats = sources.context.formats
    tonight = formats.now().replace(hour=23, minute=59, second=59)
    return sorted(found, key=lambda need: need.due_at or (tonight if need.tone in _PRESSING else _LAST))


def _in_state(
    sources: Sources, entity: str, state: str, until: tuple[str, int] | None = None
) -> list[RecordView]:
    """Records of a type in one state; `until` (field, days) keeps those whose date falls within so many days."""
    spec = sources.context.manifest.entity(entity)
    if spec is None or not spec.state_field or not spec.lifecycle or spec.lifecycle.state(state) is None:
        return []
    where = in_states(sources.context, spec, (state,))
    # Of very many the ones that changed last, which the list's index has first.
    order = list_order(spec, "").key
    if until is not None:
        where = where & within_days(sources.context, spec, *until)
        order = sort_order(spec, until[0])
    ids = sources.context.store.projection.ids(entity, where, order, _MOST_OF_A_KIND)
    records = sources.records.rows(ids if until is not None else sorted(ids))
    return [record for record in records if _undecided(record)]


def _undecided(record: RecordView) -> bool:
    """A record whose answer already waits to be sent needs nothing more."""
    return record.sync not in (SyncState.WAITING, SyncState.SENDING, SyncState.CONFLICT)


def _need(
    record: RecordView, icon: str, title: str, about: str, due: Due, action: str, focus: str, tone: str = ""
) -> Need:
    detail = " · ".join(part for part in (record.number, about) if part)
    return Need(
        icon=icon,
        tone=tone or _URGENT.get(Tone(due.tone), Tone.ACCENT),
        title=title,
        detail=detail,
        due=due.words,
        due_tone=due.tone,
        due_at=due.at,
        action_label=action,
        target=Target(record.entity, gid=record.gid, focus=focus),
    )


def _no_due() -> Due:
    return Due("", Tone.NEUTRAL, None)


def _day_due(sources: Sources, value: object) -> Due:
    day = date_of(value)
    if day is None:
        return _no_due()
    formats = sources.context.formats
    end = datetime(day.year, day.month, day.day, 23, 59, tzinfo=formats.now().tzinfo).astimezone(UTC)
    words = formats.due(day)
    return Due(words.words, words.tone, end)


def _replies(sources: Sources) -> Iterator[Need]:
    for record in _in_state(sources, "request", "waiting_on_partner"):
        moment = moment_of(record.data.get("due_at"))
        due = sources.context.formats.due(moment) if moment else _no_due()
        title = sources.context.tr("Answer {vendor} on “{title}”").format(
            vendor=sources.context.vendor, title=record.title
        )
        about = " · ".join(part for part in (record.subtitle, sources.context.tr("waiting on you")) if part)
        yield _need(record, "message-circle", title, about, due, sources.context.tr("Reply"), "reply")


def _action_required(sources: Sources) -> Iterator[Need]:
    for record in _in_state(sources, "deal_registration", "action_required"):
        asked = str(record.data.get("review_comment") or "").strip().split("\n", 1)[0]
        about = " · ".join(
            part for part in (record.title, asked or sources.context.tr("action required")) if part
        )
        title = sources.context.tr("Complete “{words}”").format(words=record.subtitle or record.title)
        yield _need(
            record, "alert-triangle", title, about, _no_due(), sources.context.tr("Open"), "", Tone.WARN
        )


def _conflicts(sources: Sources) -> Iterator[Need]:
    today = sources.context.formats.today()
    for conflict in sources.conflicts.list():
        name = conflict.subtitle or conflict.title
        title = sources.context.tr("Decide what becomes of your edit on “{name}”")
        if conflict.fields:
            title = sources.context.tr.plural(
                len(conflict.fields), "Decide %n field on “{name}”", "Decide %n fields on “{name}”"
            )
        due = sources.context.formats.due(today)
        yield Need(
            icon="arrows-left-right",
            tone="clash",
            title=title.format(name=name),
            detail=" · ".join(
                part for part in (conflict.number, conflict.title, sources.context.tr("conflict")) if part
            ),
            due=due.words,
            due_tone=due.tone,
            due_at=conflict.mine_at,
            action_label=sources.context.tr("Compare"),
            target=Target("conflict", gid=conflict.gid),
        )


def _returned(sources: Sources) -> Iterator[Need]:
    """What the vendor refused: drafts that came back, and edits that stand in the sync centre."""
    for item in sources.outbox.items():
        if item.state is SyncState.REJECTED:
            yield _returned_need(sources, item)


def _returned_need(sources: Sources, item: OutboxView) -> Need:
    edits = OutboxAction.EDIT in item.actions
    return Need(
        icon="mark-rejected",
        tone=Tone.BAD,
        title=sources.context.tr("{vendor} returned “{what}”").format(
            vendor=sources.context.vendor, what=item.what
        ),
        detail=" · ".join(part for part in (item.whom, item.reason) if part),
        due="",
        due_tone=Tone.NEUTRAL,
        due_at=item.captured_at,
        action_label=sources.context.tr("Mend") if edits else sources.context.tr("Look"),
        target=Target("new", entity=item.entity, gid=item.gid)
        if edits
        else Target("sync_centre", gid=item.gid),
    )


def _how_many(sources: Sources, record: RecordView) -> str:
    """*240 Vault seats*; a product that tells its own quantity is left as it is."""
    quantity = record.data.get("quantity")
    if not isinstance(quantity, int) or str(quantity) in record.subtitle:
        return record.subtitle
    return f"{sources.context.formats.number(quantity)} {record.subtitle}"


def _renewals(sources: Sources) -> Iterator[Need]:
    formats = sources.context.formats
    for record in _in_state(sources, "renewal", "quoted", ("term_end", _RENEWALS_AHEAD)):
        data = record.data
        amount = formats.money(data.get("amount"), str(data.get("currency") or ""))
        what = _how_many(sources, record)
        about = sources.context.tr("{title} · quoted {amount}").format(title=record.title, amount=amount)
        due = _day_due(sources, data.get("term_end"))
        yield _need(
            record,
            "refresh",
            sources.context.tr("Confirm the renewal of {what}").format(what=what),
            about,
            due,
            sources.context.tr("Send intent"),
            "command:send_intent",
        )


def _leads(sources: Sources) -> Iterator[Need]:
    for record in _in_state(sources, "lead", "offered", ("expires_at", 365)):
        sites = record.data.get("sites")
        ends = date_of(record.data.get("expires_at"))
        left = (ends - sources.context.formats.today()).days if ends else 0
        about = " · ".join(
            part
            for part in (
                sources.context.tr.plural(int(sites), "%n site", "%n sites") if sites else "",
                sources.context.tr.plural(left, "offer ends in %n day", "offer ends in %n days")
                if left
                else sources.context.tr("offer ends today"),
            )
            if part
        )
        due = _day_due(sources, record.data.get("expires_at"))
        title = sources.context.tr("Take or decline the lead from {title}").format(title=record.title)
        yield _need(record, "target-arrow", title, about, due, sources.context.tr("Accept"), "command:accept")


def _protection(sources: Sources) -> Iterator[Need]:
    for record in _in_state(sources, "deal_registration", "approved", ("protected_until", _PROTECTION_AHEAD)):
        due = _day_due(sources, record.data.get("protected_until"))
        days = date_of(record.data.get("protected_until"))
        left = (days - sources.context.formats.today()).days if days else 0
        ends = sources.context.tr("ends today")
        if left:
            ends = sources.context.tr.plural(left, "ends in %n day", "ends in %n days")
        about = f"{record.title} · {ends}"
        title = sources.context.tr("Extend protection on “{words}”").format(
            words=record.subtitle or record.title
        )
        yield _need(
            record,
            "hourglass",
            title,
            about,
            due,
            sources.context.tr("Ask to extend"),
            "command:ask_extension",
        )


def _drafts(sources: Sources) -> Iterator[Need]:
    for row in sources.outbox.unfinished_drafts():
        entity = sources.context.manifest.entity(row.entity)
        record = sources.records.get(row.gid)
        label = entity.label if entity else row.entity
        name = (record.subtitle or record.title) if record else label
        yield Need(
            icon="pencil",
            tone=Tone.NEUTRAL,
            title=sources.context.tr("Finish “{name}”").format(name=name),
            detail=sources.context.tr("{label} · not submitted · saved {moment}").format(
                label=label, moment=sources.context.formats.moment(row.saved_at)
            ),
            due="",
            due_tone=Tone.NEUTRAL,
            due_at=None,
            action_label=sources.context.tr("Go on"),
            target=Target("new", entity=row.entity, gid=row.gid),
        )
