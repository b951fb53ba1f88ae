"""What every kind of job is found with: where records come from, and how one becomes a job with a due date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.contract.manifest import Tone
from app.services.conflicts import ConflictService
from app.services.context import PortalContext, command_spec, in_states, within_days
from app.services.format import date_of
from app.services.library import Library
from app.services.outbox import OutboxService
from app.services.records import Records
from app.services.tasks import TaskService
from app.services.views_model import Due, Need, RecordView, SyncState, Target
from app.store.query import list_order, sort_order

_MOST_OF_A_KIND = 20
_URGENT = {Tone.BAD: Tone.BAD, Tone.WARN: Tone.WARN}

NO_DUE = Due("", Tone.NEUTRAL, None)


@dataclass(frozen=True)
class Sources:
    """Where jobs come from."""

    context: PortalContext
    records: Records
    outbox: OutboxService
    conflicts: ConflictService
    library: Library
    tasks: TaskService


def in_state(
    sources: Sources, entity: str, states: str | Sequence[str], until: tuple[str, int] | None = None
) -> list[RecordView]:
    """Records of a type in some states; `until` (field, days) keeps those whose date falls within so many days.

    Nothing for a portal or a role without that type or those states; one whose answer already waits is left out.
    """
    spec = sources.context.manifest.entity(entity)
    wanted = (states,) if isinstance(states, str) else tuple(states)
    if spec is None or not spec.state_field or not spec.lifecycle:
        return []
    known = tuple(state for state in wanted if spec.lifecycle.state(state) is not None)
    if not known or (until is not None and spec.field(until[0]) is None):
        return []
    where = in_states(sources.context, spec, known)
    # Of very many the ones that changed last, which the list's index has first.
    order = list_order(spec, "").key
    if until is not None:
        where = where & within_days(sources.context, spec, *until)
        order = sort_order(spec, until[0])
    ids = sources.context.store.projection.ids(entity, where, order, _MOST_OF_A_KIND)
    records = sources.records.rows(ids if until is not None else sorted(ids))
    return [record for record in records if undecided(record)]


def undecided(record: RecordView) -> bool:
    """A record whose answer already waits to be sent needs nothing more."""
    return record.sync not in (SyncState.WAITING, SyncState.SENDING, SyncState.CONFLICT)


def may(sources: Sources, entity: str, command: str) -> bool:
    """Whether this user's role may give a command; the manifest it was served holds no other."""
    spec = sources.context.manifest.entity(entity)
    return spec is not None and command_spec(spec, command) is not None


def need(
    record: RecordView,
    icon: str,
    title: str,
    about: str,
    due: Due,
    action: str,
    focus: str = "",
    tone: str = "",
) -> Need:
    """One job about a record; the action leads to it with `focus`. Pressing dates give the tone unless one is given."""
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


def day_due(sources: Sources, value: object) -> Due:
    """The end of a day (`YYYY-MM-DD`) where the user is, in words; nothing for a value that is no day."""
    day = date_of(value)
    if day is None:
        return NO_DUE
    formats = sources.context.formats
    end = datetime(day.year, day.month, day.day, 23, 59, tzinfo=formats.now().tzinfo).astimezone(UTC)
    words = formats.due(day)
    return Due(words.words, words.tone, end)
