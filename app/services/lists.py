"""Lists of any length: their ids, the records of each chip, and sums.

A short list is read from the store each time. A long one is answered from a roll in memory, which takes a moment to
be called and then answers at once; so whoever reads long lists keeps one `Lists` and tells it what has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.contract.manifest import Chip, EntityType
from app.services import stages
from app.services.columns import read_choice, resolved
from app.services.context import PortalContext
from app.services.own_filters import all_chips
from app.services.records import Records
from app.services.views_model import Figure, Listing, ListView
from app.store.query import BY_ARRIVAL, Condition, Order, list_order
from app.store.roll import Listed, Roll
from app.store.roll_text import Shape

#: A list of so many records is still read from the store within a frame.
SHORT = 3_000

#: So many chips have a figure.
_MOST_COUNTED = 40

#: A first screenful, with some room to scroll.
_HEAD = 200


@dataclass
class _Held:
    """A roll, the order it was called in, and what has changed since: gids, None for more than can be named."""

    roll: Roll
    own: Order
    changed: set[str] | None
    local: bool = False


class Lists:
    """Reads lists. `short`: up to how many records a list is read without a roll."""

    def __init__(self, context: PortalContext, records: Records, short: int = SHORT) -> None:
        self._context = context
        self._store = context.store
        self._records = records
        self._short = short
        self._held: dict[str, _Held] = {}

    def short(self, entity: str) -> bool:
        """Tell whether a list is read at once."""
        return self._store.projection.at_most(entity, self._short)

    def empty(self, entity: str) -> bool:
        """Tell whether there are no records of a type at all."""
        return self._store.projection.at_most(entity, 0)

    def read(self, view: ListView) -> Listing:
        """Return a list."""
        spec = self._context.manifest.entity(view.entity)
        if spec is None:
            return Listing((), {}, {})
        if self.short(view.entity):
            return self._read_short(spec, view)
        found = self._from_roll(spec, view)
        chips = {chip.name: found.counts[chip.name] for chip in self._counted(spec)}
        return Listing(found.ids, chips, self._in_order(found.totals))

    def head(self, view: ListView) -> Listing | None:
        """Return the first rows of a list that would take a moment; None where it would not."""
        spec = self._context.manifest.entity(view.entity)
        if spec is None or view.text or not self._settled(spec) or self.short(view.entity):
            return None
        held = self._held.get(view.entity)
        if held is not None and held.changed == set() and held.roll.has(list_order(spec, view.sort)):
            return None
        ids = self._records.first_ids(view.entity, view.chip, view.sort, _HEAD)
        return Listing(ids, {}, {}, whole=False)

    def counts(self) -> dict[str, int]:
        """Return what stands beside each navigation row: the records in the list's first chip, where it filters."""
        found: dict[str, int] = {}
        for spec in self._context.manifest.entities:
            first = spec.list.chips[0] if spec.list.chips else None
            if spec.nav and first is not None and first.filters:
                short = self.short(spec.name)
                found[spec.name] = (
                    self._records.count(spec.name, first.name)
                    if short
                    else self._up_to_date(spec).roll.count(first.name)
                )
        return found

    def figure(self, entity: EntityType, name: str, where: Condition) -> Figure:
        """Return how many records meet a condition, and their sums; `name` is that of a group, see `stages`."""
        if not self.short(entity.name):
            roll = self._up_to_date(entity).roll
            if (name, where) in roll.shape.groups:
                return Figure(roll.count(name), self._in_order(roll.totals(name)))
        count = self._store.projection.count(entity.name, where)
        return Figure(count, self._records.sums(entity, where))

    def all_short(self) -> bool:
        """Tell whether every list of the navigation is read at once."""
        return all(self.short(spec.name) for spec in self._context.manifest.entities if spec.nav)

    def arrange(self, entity: str) -> bool:
        """Make one more order of a list in memory ready; False when all its columns are. It may be broken off."""
        spec = self._context.manifest.entity(entity)
        held = self._held.get(entity)
        if spec is None or held is None or held.own == BY_ARRIVAL:
            return False
        columns = resolved(spec, read_choice(self._context.store, entity))
        orders = [list_order(spec, column.field) for column in columns if column.field]
        missing = [order for order in orders if not held.roll.has(order)]
        if missing:
            held.roll.arrange(missing[0])
        return len(missing) > 1

    # -- what has changed ----------------------------------------------------------------------------------
    def note(self, entities: frozenset[str], gids: frozenset[str] | None) -> None:
        """Take note that records changed."""
        for name in entities & self._held.keys():
            held = self._held[name]
            if gids is None or held.changed is None:
                held.changed = None
            else:
                held.changed |= gids

    def note_own(self) -> None:
        """Take note that something was entered here: of the records that something local lies over."""
        for held in self._held.values():
            held.local = True

    # -- reading -------------------------------------------------------------------------------------------
    def _read_short(self, spec: EntityType, view: ListView) -> Listing:
        counts = {chip.name: self._records.count(spec.name, chip, view.text) for chip in self._counted(spec)}
        return Listing(
            self._records.ids(view.entity, view.chip, view.text, view.sort),
            counts,
            self._records.totals(view.entity, view.chip, view.text),
        )

    def _from_roll(self, spec: EntityType, view: ListView) -> Listed:
        held = self._up_to_date(spec)
        order = list_order(spec, view.sort) if view.sort else held.own
        among = self._hits(spec, view.text)
        chips = [chip.name for chip in self._counted(spec)]
        if view.chip and view.chip not in chips:
            others = self._records.ids(view.entity, view.chip, view.text)
            return held.roll.listed(order, "", others, chips)
        return held.roll.listed(order, view.chip, among, chips)

    def _up_to_date(self, spec: EntityType) -> _Held:
        shape, own = self._shape(spec), list_order(spec, "") if self._settled(spec) else BY_ARRIVAL
        held = self._held.pop(spec.name, None)
        if held is None or held.roll.shape != shape or held.own != own or not self._followed(held):
            held = _Held(Roll(self._store.connection, shape), own, set())
            held.roll.load(own)
        # Kept only now: what failed half-way is called again.
        self._held[spec.name] = held
        held.changed, held.local = set(), False
        return held

    def _followed(self, held: _Held) -> bool:
        """Bring a roll up to date by its changes; False when it is quicker to call it again."""
        if held.own == BY_ARRIVAL:
            # Whatever changes while records arrive is told again when they are all there.
            held.roll.extend(held.own)
            return True
        if held.changed is None:
            return False
        local = not held.local or held.roll.follow_local()
        return local and (not held.changed or held.roll.follow(held.changed))

    def _settled(self, spec: EntityType) -> bool:
        """Whether the records are all here, with what sorts them."""
        return self._store.cursors.read().complete and self._store.mirror.indexed(spec.name)

    def _shape(self, spec: EntityType) -> Shape:
        money = spec.field(spec.list.total)
        amount, currency = (money.name, money.currency_field) if money and money.currency_field else ("", "")
        return Shape(
            spec.name,
            list_order(spec, ""),
            (
                *((one.name, self._records.chip(spec, one)) for one in self._counted(spec)),
                *stages.groups(self._context, spec),
            ),
            amount,
            currency,
            self._context.manifest.currencies,
        )

    def _counted(self, spec: EntityType) -> tuple[Chip, ...]:
        """The chips with a figure; a list is not counted hundreds of times over."""
        return all_chips(self._context, spec)[:_MOST_COUNTED]

    def _hits(self, spec: EntityType, text: str) -> list[int] | None:
        return self._store.projection.hits(text, conversation=self._records.talked_about(spec))

    def _in_order(self, totals: Mapping[str, Decimal]) -> dict[str, Decimal]:
        known = [*self._context.manifest.currencies]
        return {
            code: totals[code]
            for code in sorted(totals, key=lambda code: (known.index(code) if code in known else 99, code))
        }
