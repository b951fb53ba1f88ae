"""Reading: lists, single records, their children and what may be done with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from app.contract import rules
from app.contract.manifest import Chip, CommandSpec, EntityType, FieldSpec, FieldType, Filter, Owner, Tone
from app.services import conversation, timeline
from app.services.context import PortalContext, moved_by_jobs, state_spec
from app.services.format import NOTHING, date_of, moment_of, sync_words
from app.services.own_filters import all_chips
from app.services.passing import condition as passing_condition
from app.services.views_model import (
    Due,
    FileView,
    MessageView,
    Option,
    RecordView,
    SyncState,
    TimelineEntry,
)
from app.store.query import (
    BY_ARRIVAL,
    EVERYTHING,
    Condition,
    Order,
    chip_condition,
    conversation_condition,
    list_order,
    text_condition,
)
from app.store.states import DraftState

_LAST = datetime.max.replace(tzinfo=UTC)
#: An offer and the last day to answer it.
_OFFERED, _OFFER_ENDS = "offered", "expires_at"
_TIMES = ("sent_at", "added_at", "created_at", "updated_at")


class Records:
    """The records this user may see, pending edits and drafts included."""

    def __init__(self, context: PortalContext) -> None:
        self._context = context
        self._store = context.store

    # -- lists --------------------------------------------------------------------------------------------
    def ids(self, entity: str, chip: str = "", text: str = "", sort: str = "", most: int = -1) -> list[int]:
        """Return the row ids of a list in its order, all or at `most` so many.

        `sort` "" is the manifest's, "-name" descending.
        """
        spec = self._context.manifest.entity(entity)
        if spec is None:
            return []
        where = self._condition(spec, chip, text)
        return self._store.projection.ids(entity, where, self._order(spec, sort).exact, most)

    def first_ids(self, entity: str, chip: str, sort: str, most: int) -> list[int]:
        """Return the first row ids of a list, without those born here: they are few and soon follow."""
        spec = self._context.manifest.entity(entity)
        if spec is None:
            return []
        where, order = self._condition(spec, chip, ""), list_order(spec, sort)
        return self._store.projection.ids(entity, where, order.key, most)

    def rows(self, ids: Sequence[int]) -> list[RecordView]:
        """Return the records with these row ids, in the order asked for; those that are gone are absent."""
        return [self._context.view(shown) for shown in self._store.projection.rows(ids)]

    def count(self, entity: str, chip: str | Chip = "", text: str = "") -> int:
        """Return how many records a chip holds; whoever has it already hands it in, instead of its name."""
        spec = self._context.manifest.entity(entity)
        return 0 if spec is None else self._store.projection.count(entity, self._condition(spec, chip, text))

    def totals(self, entity: str, chip: str = "", text: str = "") -> dict[str, Decimal]:
        """Return the list's total by currency, in the manifest's order of currencies. Nothing without a total field."""
        spec = self._context.manifest.entity(entity)
        return {} if spec is None else self.sums(spec, self._condition(spec, chip, text))

    def sums(self, entity: EntityType, condition: Condition) -> dict[str, Decimal]:
        """Return the sum of the list's total field by currency over a condition."""
        money = entity.field(entity.list.total)
        if money is None or not money.currency_field:
            return {}
        found = self._store.projection.totals(entity.name, money.name, money.currency_field, condition)
        known = list(self._context.manifest.currencies)
        return dict(sorted(found.items(), key=lambda i: (known.index(i[0]) if i[0] in known else 99, i[0])))

    def nav_counts(self) -> dict[str, int]:
        """Return what stands at the right of a navigation row: records in the list's first, filtering chip."""
        counts: dict[str, int] = {}
        for entity in self._context.manifest.entities:
            first = entity.list.chips[0] if entity.list.chips else None
            if entity.nav and first is not None and first.filters:
                counts[entity.name] = self.count(entity.name, first.name)
        return counts

    def is_counted(self, gid: str) -> bool:
        """Tell whether a record is one of those counted at the right of its navigation row."""
        shown = self._store.projection.get(gid)
        spec = self._context.manifest.entity(shown.entity) if shown is not None else None
        if spec is None or not spec.list.chips:
            return False
        where = self._condition(spec, spec.list.chips[0].name, "") & Condition("record.gid = ?", (gid,))
        return self._store.projection.count(spec.name, where) > 0

    def _condition(self, entity: EntityType, chip: str | Chip, text: str) -> Condition:
        if isinstance(chip, Chip):
            condition = self._met(entity, chip.filters)
        else:
            passing = passing_condition(self._context, entity, chip)
            condition = passing or self._met(entity, self._filters(entity, chip))
        if not text.strip():
            return condition
        talked_about = self.talked_about(entity)
        return condition & (conversation_condition(text) if talked_about else text_condition(text))

    def _met(self, entity: EntityType, filters: Sequence[Filter]) -> Condition:
        condition = EVERYTHING
        for one in filters:
            part = chip_condition(self._context.query(entity), (one,))
            if one.op == "mine":
                # The vendor says whose a record is; one born here and not sent yet is nobody else's.
                # No index has the version: it is looked at only where something local lies over the record.
                born = f"CASE WHEN sync <> '{SyncState.SYNCED}' THEN record.version IS NULL ELSE 0 END"
                part = Condition(f"({part.sql}) OR {born}", part.params)
            condition = condition & part
        return condition

    def chip(self, entity: EntityType, chip: str | Chip) -> Condition:
        """Return the condition of a chip."""
        return self._condition(entity, chip, "")

    def _filters(self, entity: EntityType, chip: str) -> Sequence[Filter]:
        found = next((item for item in all_chips(self._context, entity) if item.name == chip), None)
        if found is not None:
            return found.filters
        kind, _, state = chip.partition(":")
        if kind != "stage" or entity.lifecycle is None:
            return ()
        return (Filter(op="eq", field=entity.state_field, values=(state,)),)

    def matching(self, entity: str, filters: Sequence[Filter]) -> int:
        """Return how many records meet conditions that nobody has kept yet."""
        spec = self._context.manifest.entity(entity)
        return 0 if spec is None else self._store.projection.count(entity, self._met(spec, filters))

    def talked_about(self, entity: EntityType) -> bool:
        """Tell whether records of a type have messages or files, which a search in their list covers."""
        return any(entity.name in kind.parents for kind in self._context.manifest.entities)

    def _order(self, entity: EntityType, sort: str) -> Order:
        """While records still arrive they stay in the order they came, so that nothing moves under the pointer."""
        arriving = self._store.cursors.read().arriving
        return BY_ARRIVAL if arriving and not sort else list_order(entity, sort)

    # -- one record ---------------------------------------------------------------------------------------
    def get(self, gid: str) -> RecordView | None:
        """Return one record, or None when it is not (any more) on this computer."""
        shown = self._store.projection.get(gid)
        return None if shown is None else self._context.view(shown)

    def by_id(self, row_id: int) -> RecordView | None:
        """Return the record with this row id, or None."""
        return next(iter(self.rows([row_id])), None)

    def title_of(self, gid: str) -> str:
        """Return a record's title, or an empty string when it is not here."""
        found = self.get(gid)
        return found.title if found else ""

    def children(self, gid: str, entity: str) -> list[RecordView]:
        """Return a record's children of one type, oldest first; what is not sent yet comes last, drafts not at all."""
        found = self._store.projection.children(gid, entity)
        views = [self._context.view(shown) for shown in found if shown.sync is not SyncState.DRAFT]
        return sorted(views, key=lambda view: (_time(view.data), view.id))

    def files(self, gid: str) -> list[FileView]:
        """Return all files of a record: the one it carries itself, then what was added to it and its messages."""
        added = conversation.files(self._context, self.children(gid, "file"))
        return [*conversation.own_file(self._context, self.get(gid)), *added]

    def conversation(self, gid: str) -> list[MessageView]:
        """Return the messages of a record with their files, oldest first; rejected ones of mine included."""
        return conversation.messages(self._context, self.children(gid, "message"), self.children(gid, "file"))

    def timeline(self, gid: str) -> list[TimelineEntry]:
        """Return a record's events, newest first; what I asked for and is not answered yet leads."""
        found = self.get(gid)
        return [] if found is None else timeline.entries(self._context, found)

    # -- what may be done ---------------------------------------------------------------------------------
    def is_draft(self, gid: str) -> bool:
        """Tell whether a record is being written here, for the first time or again after a refusal: its form opens."""
        draft = self._store.drafts.load(gid)
        return draft is not None and draft.state is DraftState.OPEN

    def editable(self, gid: str) -> frozenset[str]:
        """Return the fields that may be edited now; a draft is edited through its form."""
        found = self.get(gid)
        entity = self._context.manifest.entity(found.entity) if found else None
        if found is None or entity is None or self.is_draft(gid):
            return frozenset()
        return rules.editable_fields(entity, found.state or None)

    def locked_reason(self, gid: str, field: str) -> str:
        """Return why a field may not be edited now, or an empty string when it may."""
        found = self.get(gid)
        entity = self._context.manifest.entity(found.entity) if found else None
        spec = entity.field(field) if entity else None
        if found is None or spec is None or field in self.editable(gid):
            return ""
        if spec.owner is Owner.VENDOR:
            return self._context.tr("Set by {vendor}.").format(vendor=self._context.vendor)
        return (
            self._context.tr("Locked while {state}.").format(state=self._context.tr.inside(found.state_label))
            if found.state_label
            else self._context.tr("Locked.")
        )

    def commands(self, gid: str) -> tuple[CommandSpec, ...]:
        """Return the commands that fit the record as it is shown; none for a draft.

        What is given together with a new record made from this one is not among them, see `deriving`.
        """
        found = self.get(gid)
        entity = self._context.manifest.entity(found.entity) if found else None
        if found is None or entity is None or self.is_draft(gid):
            return ()
        if self.offer_ended(found) is not None:
            return ()
        apart = moved_by_jobs(self._context.manifest, entity)
        return tuple(one for one in rules.commands_from(entity, found.state) if one.name not in apart)

    def offer_ended(self, record: RecordView) -> date | None:
        """Return the last day of an offer that has passed without an answer; None for anything else.

        The vendor's system may take a while to say so itself.
        """
        entity = self._context.manifest.entity(record.entity)
        if entity is None or entity.lifecycle is None or record.state != _OFFERED:
            return None
        last = date_of(record.data.get(_OFFER_ENDS))
        return last if last is not None and last < self._context.formats.today() else None

    def options(self, entity: str, text: str = "", limit: int = 50) -> list[Option]:
        """Return records a reference field may point to: those that match `text`, by title."""
        spec = self._context.manifest.entity(entity)
        if spec is None:
            return []
        views = self.rows(self.ids(entity, text=text, sort=spec.title_field)[:limit])
        born = [view for view in views if view.sync is not SyncState.DRAFT]
        return [Option(v.gid, v.title, " · ".join(p for p in (v.number, v.subtitle) if p)) for v in born]

    # -- in words -----------------------------------------------------------------------------------------
    def value_words(self, entity: str, field: str, data: Mapping[str, Any]) -> str:
        """Return a field's value as it is read, references as their own list calls them."""
        kind = self._context.manifest.entity(entity)
        spec = kind.field(field) if kind else None
        if spec is None:
            return str(data.get(field) or "")
        return self.spec_words(spec, data)

    def spec_words(self, spec: FieldSpec, data: Mapping[str, Any]) -> str:
        """Return a value as it is read, also of what a command asks for and no record has."""
        field = spec.name
        if spec.type is FieldType.REFERENCE and data.get(field):
            return self._called(str(data[field])) or self._context.tr("Not on this computer")
        if spec.type is FieldType.REFERENCES and isinstance(data.get(field), list):
            return self._names_of(data[field])
        return self._context.formats.value(spec, data)

    def _called(self, gid: str) -> str:
        """*ORD-58187*, *Kestrel Foods*: what a record is called in its list. Empty when it is not here."""
        found = self.get(gid)
        entity = self._context.manifest.entity(found.entity) if found is not None else None
        if found is None or entity is None:
            return ""
        names = next((one.field for one in entity.list.columns if one.show == "name"), "")
        return str(found.data.get(names) or found.title)

    def _names_of(self, gids: Sequence[str]) -> str:
        """*Ines Duarte, Tom Wilk*; those who are not here are counted."""
        shown = self._store.projection.many(gids)
        names = [self._context.view(shown[gid]).title for gid in gids if gid in shown]
        away = len(gids) - len(names)
        if away:
            names.append(self._context.tr.plural(away, "%n not on this computer", "%n not on this computer"))
        return ", ".join(names) or NOTHING

    def due(self, record: RecordView) -> Due | None:
        """Return the countdown of a record's list (protection, offer, term, answer), or None when none runs."""
        entity = self._context.manifest.entity(record.entity)
        column = next((c for c in entity.list.columns if c.show == "countdown"), None) if entity else None
        state = state_spec(entity, record.state)
        if entity is None or column is None or (state is not None and not state.open):
            return None
        lifecycle = entity.lifecycle
        offered = column.field == _OFFER_ENDS and lifecycle is not None and lifecycle.state(_OFFERED)
        if offered and record.state != _OFFERED:
            return None  # an offer that was answered runs no longer
        spec = entity.field(column.field)
        value = record.data.get(column.field)
        if spec is not None and spec.type is FieldType.DATETIME:
            moment = moment_of(value)
            mine = record.tone == Tone.WARN
            return self._context.formats.time_left(moment, mine=mine) if moment else None
        day = date_of(value)
        return self._context.formats.countdown(day) if day else None

    def changed_words(self, record: RecordView) -> str:
        """Return the sync mark's words with the time of the last change: *Synced 09:41*."""
        changed = moment_of(record.data.get("updated_at"))
        words = self._context.tr(sync_words(record.sync))
        if record.sync is not SyncState.SYNCED or changed is None:
            return words
        return f"{words} {self._context.formats.short_moment(changed)}"


def stage_chip(state: str) -> str:
    """The name of a chip that no manifest lists: the records in one state."""
    return f"stage:{state}"


def _time(data: Mapping[str, Any]) -> datetime:
    return next((moment for name in _TIMES if (moment := moment_of(data.get(name)))), _LAST)
