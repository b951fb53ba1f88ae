"""How a record stands on its way: whose turn it is, how long something holds, and what the vendor decided and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.contract.manifest import CommandSpec, EntityType, Filter, Owner, StateSpec, Tone
from app.contract.mutations import Kind, Mutation, Status
from app.services.context import PortalContext, command_spec, state_spec
from app.services.format import date_of
from app.services.records import Records
from app.services.views_model import Due, RecordView
from app.store.query import chip_condition
from app.store.states import ItemState

#: Fields in which the vendor says why; the first that holds something speaks.
_REASONS = ("reason", "lost_reason", "decline_reason")
#: What the vendor asks for, and what names the registration that came first.
_ASKED, _DUPLICATE_OF = "review_comment", "duplicate_of"
#: So many fields are named one by one.
_FEW = 5


@dataclass(frozen=True)
class Turn:
    """Whose turn it is, in a word or two (empty: nobody's), and what happens now."""

    who: str
    words: str
    tone: str
    icon: str


@dataclass(frozen=True)
class Window:
    """How long something holds. `share` of it has gone, None where its beginning is not known.

    `fields` are told by it. `asked`: the date that was asked for instead; `answer`: what the vendor made of the latest
    such wish.
    """

    fields: tuple[str, ...]
    label: str
    begins: date | None
    ends: date
    share: float | None
    due: Due
    asked: date | None = None
    answer: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the vendor decided or asks for. `opens`: a record that has to do with it; `told`: fields it has said."""

    tone: str
    title: str
    text: str = ""
    lines: tuple[str, ...] = ()
    opens: str = ""
    edits: bool = False
    told: frozenset[str] = frozenset()


class Standing:
    """Reads how records stand."""

    def __init__(self, context: PortalContext, records: Records) -> None:
        self._context = context
        self._store = context.store
        self._records = records

    # -- whose turn ---------------------------------------------------------------------------------------
    def turn(self, record: RecordView) -> Turn | None:
        """Return whose turn it is; None where the manifest says nothing of the state, and for a draft."""
        tr = self._context.tr
        state = state_spec(self._context.manifest.entity(record.entity), record.state)
        if state is None or self._records.is_draft(record.gid) or not (state.explain or state.waits_on):
            return None
        if self._waits(record.gid):
            return Turn(tr("Waits to send"), state.explain, Tone.WARN, "clock")
        match state.waits_on:
            case "partner":
                return Turn(tr("Your turn"), state.explain, Tone.WARN, "user")
            case "vendor":
                who = tr("{vendor}’s turn").format(vendor=self._context.vendor)
                return Turn(who, state.explain, Tone.ACCENT, "hourglass")
            case _:
                return Turn("", state.explain, Tone.NEUTRAL, "info-circle")

    def _waits(self, gid: str) -> bool:
        """Whether the state that is shown is one this user asked for and the vendor has not heard of yet."""
        return any(
            item.mutation.kind in (Kind.COMMAND, Kind.CREATE) and item.state is not ItemState.QUARANTINED
            for item in self._store.outbox.pending(gid)
        )

    # -- how long -----------------------------------------------------------------------------------------
    def window(self, record: RecordView) -> Window | None:
        """Return what runs out for a record, such as a protection or an offer; None where nothing does."""
        entity = self._context.manifest.entity(record.entity)
        column = next((c for c in entity.list.columns if c.show == "countdown"), None) if entity else None
        spec = entity.field(column.field) if entity and column else None
        ends = date_of(record.data.get(spec.name)) if spec else None
        due = self._records.due(record)
        if entity is None or spec is None or ends is None or due is None or spec.type != "date":
            return None
        begins = self._begins(entity, record, spec.name)
        other = spec.name.replace("until", "from")
        command, asked = self._asked_for(entity, record)
        waiting = command is not None and record.state == command.to_state
        return Window(
            fields=(spec.name, other) if entity.field(other) else (spec.name,),
            label=spec.label,
            begins=begins,
            ends=ends,
            share=_share(begins, ends, self._context.formats.today()),
            due=due,
            asked=asked if waiting else None,
            answer="" if waiting or asked is None else self._answer(ends, asked),
        )

    def _begins(self, entity: EntityType, record: RecordView, field: str) -> date | None:
        """The other end of a window: *protected_from* for *protected_until*, the day it was offered for an offer."""
        other = field.replace("until", "from")
        if other != field:
            return date_of(record.data.get(other)) if entity.field(other) else None
        offered = record.state == "offered" and entity.field("created_at") is not None
        return date_of(record.data.get("created_at")) if offered else None

    def _asked_for(self, entity: EntityType, record: RecordView) -> tuple[CommandSpec | None, date | None]:
        """The latest wish of this user for another date, as far as this computer knows."""
        taken = (Status.APPLIED.value, Status.MERGED.value)
        pending = [
            item.mutation
            for item in reversed(self._store.outbox.pending(record.gid))
            if item.state is not ItemState.QUARANTINED
        ]
        past = [one.mutation for one in self._store.outbox.history_of(record.gid) if one.status in taken]
        for mutation in (*pending, *past):
            wanted = _wanted(mutation)
            if wanted is not None and mutation.command is not None:
                return command_spec(entity, mutation.command.name), wanted
        return None, None

    def _answer(self, ends: date, asked: date) -> str:
        tr, day = self._context.tr, self._context.formats.day
        if ends >= asked:
            return tr("Extended to {date}, as you asked.").format(date=day(ends))
        return tr("You asked for {asked}; {vendor} answered with {date}.").format(
            asked=day(asked), vendor=self._context.vendor, date=day(ends)
        )

    # -- what was decided ---------------------------------------------------------------------------------
    def verdict(self, record: RecordView) -> Verdict | None:
        """Return what the vendor asks for or decided, with the reason; None where there is nothing to say."""
        entity = self._context.manifest.entity(record.entity)
        state = state_spec(entity, record.state)
        if entity is None or state is None or self._records.is_draft(record.gid):
            return None
        if state.open:
            asked = str(record.data.get(_ASKED) or "").strip()
            mine = state.waits_on == "partner" and entity.field(_ASKED) is not None
            asks = mine and (asked or _is_asked_by_vendor(entity, state.name))
            return self._asks(entity, record, asked) if asks else self._ended(record)
        if entity.field(_DUPLICATE_OF) is not None and record.state == "duplicate":
            return self._duplicate(entity, record, state)
        return self._closed(entity, record, state)

    def _asks(self, entity: EntityType, record: RecordView, asked: str) -> Verdict:
        title = self._context.tr("{vendor} asks for more").format(vendor=self._context.vendor)
        text = asked or self._context.tr("They do not say what is missing; ask them in a comment.")
        may = self._records.editable(record.gid)
        return Verdict(
            Tone.WARN, title, text, (self._mendable(entity, may),), edits=bool(may), told=frozenset({_ASKED})
        )

    def _mendable(self, entity: EntityType, may: frozenset[str]) -> str:
        """Which fields may be mended now, in one line."""
        tr = self._context.tr
        currencies = {spec.currency_field for spec in entity.fields}
        form = {
            name
            for part in (entity.form.sections if entity.form else ())
            for row in part.rows
            for name in row
        }
        companies = {spec.name for spec in entity.fields if spec.target == "company"}
        own = [
            spec
            for spec in entity.fields
            if spec.owner is Owner.PARTNER and spec.name in form - companies and spec.name not in currencies
        ]
        locked = [tr.inside(spec.label) for spec in own if spec.name not in may]
        open_ones = [tr.inside(spec.label) for spec in own if spec.name in may]
        if len(open_ones) <= _FEW:
            return tr("You can change {fields}.").format(fields=tr.listed(open_ones))
        if not locked:
            return tr("You can change everything.")
        if len(locked) <= _FEW:
            return tr("You can change everything but {fields}.").format(fields=tr.listed(locked))
        return tr.plural(len(open_ones), "You can change %n field.", "You can change %n fields.")

    def _duplicate(self, entity: EntityType, record: RecordView, state: StateSpec) -> Verdict:
        """Which registration came first, when it is to be seen here; otherwise only that there is one."""
        tr = self._context.tr
        told = frozenset({_DUPLICATE_OF})
        first = self._first(entity, str(record.data.get(_DUPLICATE_OF) or ""))
        if first is None or first.gid == record.gid:
            text = tr("Another registration of this customer came first. {vendor} does not say whose it is.")
            return Verdict(state.tone, state.label, text.format(vendor=self._context.vendor), told=told)
        owner = str(first.data.get("owner_name") or "")
        mine = first.data.get("owner") == self._context.me.user or not owner
        who = (
            tr("Registered by you.")
            if mine
            else tr("Registered by your colleague {name}.").format(name=owner)
        )
        title = tr("Duplicate of {number}").format(number=first.number or first.title)
        about = " · ".join(part for part in (first.title, first.subtitle) if part)
        return Verdict(state.tone, title, f"{about}. {who}", opens=first.gid, told=told)

    def _first(self, entity: EntityType, named: str) -> RecordView | None:
        if not named:
            return None
        found = self._records.get(named)
        if found is not None or not entity.number_field:
            return found
        same = Filter(op="eq", field=entity.number_field, values=(named,))
        where = chip_condition(self._context.query(entity), (same,))
        rows = self._records.rows(self._store.projection.ids(entity.name, where, most=1))
        return next(iter(rows), None)

    def _closed(self, entity: EntityType, record: RecordView, state: StateSpec) -> Verdict | None:
        name = next((n for n in _REASONS if entity.field(n) and record.data.get(n)), "")
        more = str(record.data.get(_ASKED) or "").strip() if entity.field(_ASKED) else ""
        reason = self._records.value_words(entity.name, name, record.data) if name else ""
        if not reason and not more:
            if state.tone != Tone.BAD and not state.explain:
                return None
            silent = self._context.tr("{vendor} gives no reason.").format(vendor=self._context.vendor)
            return Verdict(state.tone, state.label, state.explain or silent)
        told = frozenset({name, _ASKED} - {""})
        lines = (more,) if more and more != reason and reason else ()
        return Verdict(state.tone, state.label, reason or more, lines, told=told)

    def _ended(self, record: RecordView) -> Verdict | None:
        """An offer whose last day has passed: nothing can be answered any more."""
        ended = self._records.offer_ended(record)
        if ended is None:
            return None
        title = self._context.tr("The offer ended on {date}").format(date=self._context.formats.day(ended))
        text = self._context.tr("It goes to somebody else now, so it can no longer be accepted or declined.")
        return Verdict(Tone.NEUTRAL, title, text)


def _wanted(mutation: Mutation) -> date | None:
    """The date that a command asks for, as an extension does."""
    return date_of(mutation.command.args.get("until")) if mutation.command is not None else None


def _share(begins: date | None, ends: date, today: date) -> float | None:
    if begins is None or ends <= begins:
        return None
    return min(1.0, max(0.0, (today - begins).days / (ends - begins).days))


def _is_asked_by_vendor(entity: EntityType, state: str) -> bool:
    """Whether it is the vendor who brings a record into a state; what people put aside themselves asks them nothing."""
    commands = entity.lifecycle.commands if entity.lifecycle else ()
    return any(command.by == "vendor" and command.to_state == state for command in commands)
