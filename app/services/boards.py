"""A list as a board: a column for each open state, in the order of its steps, with cards for the first records of each.

A long column is not read whole: it shows its first cards in the list's order and counts the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.contract.manifest import CommandSpec, EntityType, StateSpec
from app.services.context import PortalContext, moved_by_jobs, state_spec
from app.services.format import sync_words
from app.services.records import Records
from app.services.views_model import Due, ListView, RecordView, SyncState

#: Cards of one column that are read.
MOST_CARDS = 60


@dataclass(frozen=True)
class BoardCard:
    """One record on the board, in words; `due` is its countdown. `sync_words` are empty where it is synced."""

    gid: str
    title: str
    subtitle: str
    amount: str
    due: Due | None
    sync: SyncState
    sync_words: str


@dataclass(frozen=True)
class BoardColumn:
    """One open state: how many records it holds, their sums by currency, and the first of them."""

    state: str
    label: str
    tone: str
    count: int
    totals: Mapping[str, Decimal]
    cards: tuple[BoardCard, ...]

    @property
    def more(self) -> int:
        """Records that have no card."""
        return self.count - len(self.cards)


@dataclass(frozen=True)
class Move:
    """What dropping a card on a column does: it gives `command`, or nothing, and `words` say which or why not.

    `here`: the card is in that column.
    """

    command: str
    words: str
    here: bool = False


class Boards:
    """Reads boards, and says where a card may go."""

    def __init__(self, context: PortalContext, records: Records) -> None:
        self._context = context
        self._records = records

    def read(self, view: ListView, most: Mapping[str, int] | None = None) -> tuple[BoardColumn, ...]:
        """Return the columns of a list, narrowed by its chip and search; none for a type without states.

        `most`: by state, how many cards are read where that is not `MOST_CARDS`.
        """
        spec = self._context.manifest.entity(view.entity)
        if spec is None:
            return ()
        wanted = most or {}
        return tuple(
            self._column(spec, view, state, wanted.get(state.name, MOST_CARDS))
            for state in board_states(spec)
        )

    def _column(self, spec: EntityType, view: ListView, state: StateSpec, most: int) -> BoardColumn:
        part = self._records.part(view, state.name, most)
        cards = tuple(self._card(spec, record) for record in part.first)
        return BoardColumn(state.name, state.label, state.tone, part.count, part.totals, cards)

    def _card(self, spec: EntityType, record: RecordView) -> BoardCard:
        money = spec.field(spec.list.total)
        held = money is not None and record.data.get(money.name) not in (None, "")
        amount = self._context.formats.value(money, record.data) if money is not None and held else ""
        synced = record.sync is SyncState.SYNCED
        return BoardCard(
            gid=record.gid,
            title=record.title,
            subtitle=record.subtitle,
            amount=amount,
            due=self._records.due(record),
            sync=record.sync,
            sync_words="" if synced else self._context.tr(sync_words(record.sync)),
        )

    # -- moving a card --------------------------------------------------------------------------------------
    def moves(self, gid: str) -> dict[str, Move]:
        """Return, by column, what dropping a record there does."""
        record = self._records.get(gid)
        spec = self._context.manifest.entity(record.entity) if record else None
        if record is None or spec is None:
            return {}
        return {state.name: self._move(spec, record, state) for state in board_states(spec)}

    def _move(self, spec: EntityType, record: RecordView, to: StateSpec) -> Move:
        tr = self._context.tr
        if to.name == record.state:
            return Move("", tr("It is here now."), here=True)
        if self._records.is_draft(record.gid):
            return Move("", tr("It is still a draft. Open it to hand it in."))
        possible = self._records.commands(record.gid)
        command = next((one for one in possible if one.to_state == to.name), None)
        if command is not None:
            return Move(command.name, command.label)
        return Move("", self._why_not(spec, record, to))

    def _why_not(self, spec: EntityType, record: RecordView, to: StateSpec) -> str:
        """Why a record cannot be moved to a state by this user now."""
        tr = self._context.tr
        leading = [one for one in _commands(spec) if one.to_state == to.name]
        apart = moved_by_jobs(self._context.manifest, spec)
        if any(one.name in apart for one in leading):
            return tr("This follows by itself.")
        mine = [one for one in leading if one.by == "partner"]
        froms = [state for one in mine for name in one.from_states if (state := state_spec(spec, name))]
        if froms:
            names = tr.listed(dict.fromkeys(tr.inside(state.label) for state in froms))
            return tr("Only from {states}.").format(states=names)
        here = tr.inside(record.state_label)
        if any(record.state in one.from_states for one in leading) or not _commands(spec):
            return tr("{vendor} decides this.").format(vendor=self._context.vendor)
        return tr("Not from {state}.").format(state=here)


def board_states(spec: EntityType) -> tuple[StateSpec, ...]:
    """Return the open states in the order of their steps; what comes before the first step leads."""
    states = spec.lifecycle.states if spec.lifecycle else ()
    found = [state for state in states if state.open]
    return tuple(sorted(found, key=lambda state: -1 if state.step is None else state.step))


def _commands(spec: EntityType) -> tuple[CommandSpec, ...]:
    return spec.lifecycle.commands if spec.lifecycle else ()
