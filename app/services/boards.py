"""A list as a board: a column for each open state, in the order of its steps, with cards for the first records of each.

A long column is not read whole: it shows its first cards in the list's order and counts the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.contract.manifest import CommandSpec, EntityType, StateSpec
from app.services.context import PortalContext, moved_by_jobs, state_spec
from app.services.format import sync_words
from app.services.lists import Lists
from app.services.records import Records
from app.services.views_model import Due, ListView, RecordView, SyncState
from app.store.amounts import pounds

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


@dataclass
class _Pile:
    """What is gathered of one column: the first rows of it, and sums in pence by currency."""

    most: int
    count: int = 0
    first: list[int] = field(default_factory=list)
    pence: dict[str, int] = field(default_factory=dict)

    def add(self, row_id: int, code: str, pence: int | None) -> None:
        """Put a record on the pile."""
        self.count += 1
        if len(self.first) < self.most:
            self.first.append(row_id)
        if pence is not None:
            self.pence[code] = self.pence.get(code, 0) + pence


class Boards:
    """Reads boards, and says where a card may go."""

    def __init__(self, context: PortalContext, records: Records, lists: Lists) -> None:
        self._context = context
        self._store = context.store
        self._records = records
        self._lists = lists

    def read(self, view: ListView, most: Mapping[str, int] | None = None) -> tuple[BoardColumn, ...]:
        """Return the columns of a list, narrowed by its chip and search; none for a type without states.

        `most`: by state, how many cards are read where that is not `MOST_CARDS`.
        """
        spec = self._context.manifest.entity(view.entity)
        if spec is None:
            return ()
        piles = self._piles(spec, view, most or {})
        cards = self._cards(spec, piles.values())
        return tuple(self._column(state, piles[state.name], cards) for state in board_states(spec))

    def _column(self, state: StateSpec, pile: _Pile, cards: Mapping[int, BoardCard]) -> BoardColumn:
        shown = tuple(cards[row_id] for row_id in pile.first if row_id in cards)
        return BoardColumn(state.name, state.label, state.tone, pile.count, self._in_order(pile.pence), shown)

    def _piles(self, spec: EntityType, view: ListView, most: Mapping[str, int]) -> dict[str, _Pile]:
        """Go over the list once: a long one is in memory already, and its figures are one reading away."""
        piles = {state.name: _Pile(most.get(state.name, MOST_CARDS)) for state in board_states(spec)}
        money = spec.field(spec.list.total)
        names = (money.name, money.currency_field) if money is not None and money.currency_field else ("", "")
        initial = spec.lifecycle.initial if spec.lifecycle else ""
        figures = {
            row_id: (state or initial, code, pence)
            for row_id, state, code, pence in self._store.projection.staged(
                spec.name, spec.state_field, *names
            )
        }
        for row_id in self._lists.read(view).ids:
            state, code, pence = figures.get(row_id, ("", "", None))
            if state in piles:
                piles[state].add(row_id, code, pence)
        return piles

    def _cards(self, spec: EntityType, piles: Iterable[_Pile]) -> dict[int, BoardCard]:
        wanted = [row_id for pile in piles for row_id in pile.first]
        return {record.id: self._card(spec, record) for record in self._records.rows(wanted)}

    def _in_order(self, pence: Mapping[str, int]) -> dict[str, Decimal]:
        known = [*self._context.manifest.currencies]
        codes = sorted(pence, key=lambda code: (known.index(code) if code in known else 99, code))
        return {code: pounds(pence[code]) for code in codes}

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
        if command is not None and command.binds:
            return Move("", tr("Open it, and decide on what it says."))
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
