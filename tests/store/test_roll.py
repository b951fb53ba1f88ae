"""A roll says what SQLite says, whatever has happened to the records since it was called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.contract.mutations import Kind
from app.store.database import Store
from app.store.query import (
    BY_ARRIVAL,
    EVERYTHING,
    Condition,
    Order,
    QueryContext,
    chip_condition,
    list_order,
)
from app.store.roll import MOST_FOLLOWED, Roll
from app.store.roll_text import Shape
from tests.store import world

MINE = "me"
STATES = ("draft", "submitted", "approved", "action_required", "rejected", "a state of tomorrow", None)
SORTS = (
    "",
    "customer",
    "-customer",
    "amount",
    "-amount",
    "state",
    "protected_until",
    "-protected_until",
    "sync",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db", world.KEY) as made:
        world.complete(made)
        yield made


def deal(draw: Random) -> dict[str, Any]:
    """A deal with gaps, ties, letters beyond ASCII and a currency that no manifest names."""
    data = {
        "customer": draw.choice(("Ärger", "zeta", "Zeta", "alpha", "Beta", "", None)),
        "title": draw.choice(("One", "two", "Three")),
        "amount": draw.choice(("10.10", "9.99", "1000.00", "", None, "9" * 20 + ".99")),
        "currency": draw.choice(("GBP", "EUR", "XAU")),
        "state": draw.choice(STATES),
        "owner": draw.choice((MINE, "you")),
        "protected_until": draw.choice(("2026-11-25", "2026-12-20", "2027-05-01", None)),
        "updated_at": draw.choice(("2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z", None)),
    }
    return {key: value for key, value in data.items() if value is not None}


def put(store: Store, numbers: range | list[int], seed: int = 1) -> None:
    draw = Random(seed)
    store.mirror.apply_puts(
        world.puts(world.row(number, version=f"v{seed}", **deal(draw)) for number in numbers),
        world.manifest(),
    )


def shape(store: Store) -> Shape:
    entity = world.manifest().by_name[world.DEAL]
    context = QueryContext(entity, MINE, date(2026, 11, 24))
    chips = tuple((chip.name, chip_condition(context, chip.filters)) for chip in entity.list.chips)
    return Shape(world.DEAL, list_order(entity, ""), chips, "amount", "currency", ("GBP", "EUR"))


def roll_of(store: Store) -> Roll:
    store.mirror.build_indexes(world.manifest())
    made = Roll(store.connection, shape(store))
    made.load()
    return made


def order(sort: str) -> Order:
    return list_order(world.manifest().by_name[world.DEAL], sort)


def check(store: Store, roll: Roll, sorts: tuple[str, ...] = SORTS) -> None:
    """The roll answers every list as SQL would."""
    for sort in sorts:
        for name, where in (("", EVERYTHING), *roll.shape.groups):
            listed = roll.listed(order(sort), name)
            assert [*listed.ids] == store.projection.ids(world.DEAL, where, order(sort).exact), (sort, name)
            assert listed.totals == store.projection.totals(world.DEAL, "amount", "currency", where)
            assert listed.counts == {n: store.projection.count(world.DEAL, w) for n, w in roll.shape.groups}


def test_every_chip_in_every_order_with_its_sums(store: Store) -> None:
    put(store, range(60))
    store.mirror.apply_puts(
        world.puts([world.row(900, entity=world.REQUEST, subject="Another type")]), world.manifest()
    )
    check(store, roll_of(store))


MANY_HITS = [*range(30, 3, -1), 9_999, 8, 8]


@pytest.mark.parametrize("hits", [[3, 5, 8, 13, 9_999], [8, 3, 8, 41, 3], [7], [], MANY_HITS])
def test_among_the_hits_of_a_search(store: Store, hits: list[int]) -> None:
    put(store, range(40))
    store.mirror.apply_puts(
        world.puts([world.row(900, entity=world.REQUEST, subject="Another type")]), world.manifest()
    )
    roll = roll_of(store)
    check_among(store, roll, hits)
    put(store, [3, 5], 5)
    assert roll.follow([world.gid(3), world.gid(5)])
    check_among(store, roll, hits)


def check_among(store: Store, roll: Roll, hits: list[int]) -> None:
    among = Condition(f"record.id IN ({', '.join(map(str, hits))})")
    for sort in ("customer", "-amount"):
        for name, where in (("", EVERYTHING), *roll.shape.groups):
            listed = roll.listed(order(sort), name, hits)
            assert [*listed.ids] == store.projection.ids(world.DEAL, where & among, order(sort).exact)
            assert listed.totals == store.projection.totals(world.DEAL, "amount", "currency", where & among)
            assert listed.counts == {
                n: store.projection.count(world.DEAL, w & among) for n, w in roll.shape.groups
            }


def test_only_what_is_asked_for_is_counted(store: Store) -> None:
    put(store, range(40))
    roll = roll_of(store)
    name = roll.shape.groups[0][0]
    for hits in (None, [3, 5, 8], MANY_HITS):
        whole = roll.listed(order("customer"), "", hits)
        assert roll.listed(order("customer"), "", hits, [name]).counts == {name: whole.counts[name]}
        assert roll.listed(order("customer"), "", hits, []).counts == {}


def test_single_changes_are_followed(store: Store) -> None:
    put(store, range(50))
    roll = roll_of(store)
    check(store, roll)
    for seed in range(2, 12):
        changed = Random(seed).sample(range(60), 5)  # some of them are new
        put(store, changed, seed)
        assert roll.follow([world.gid(number) for number in changed])
        check(store, roll)


def test_an_order_is_turned_round_after_a_change_too(store: Store) -> None:
    put(store, range(50))
    roll = roll_of(store)
    roll.arrange(order("protected_until"))
    put(store, [7, 8], 5)
    assert roll.follow([world.gid(7), world.gid(8)])
    check(store, roll, ("-protected_until",))


def test_what_cannot_be_followed_is_said(store: Store) -> None:
    put(store, range(50))
    roll = roll_of(store)
    store.mirror.remove(world.gid(3), "tombstone")
    assert not roll.follow([world.gid(3)]), "nobody knows any more which id it had"
    many = [*range(MOST_FOLLOWED + 1)]
    put(store, [*many[4:], 50, 51, 52, 53], 4)
    assert not roll.follow([world.gid(number) for number in [*many[4:], 50, 51, 52, 53]])
    roll.load()
    check(store, roll)


def test_what_is_entered_here_is_followed_and_leads_while_it_is_unsent(store: Store) -> None:
    put(store, range(20))
    roll = roll_of(store)
    store.outbox.enqueue(world.mutation("edit", 4, changes={"customer": "Aaa"}, base={}), "Edit")
    store.outbox.enqueue(world.mutation("new", 77, Kind.CREATE, changes={"customer": "Born here"}), "New")
    assert roll.follow_local()
    check(store, roll)
    assert roll.listed(order("")).ids[0] == store.connection.value(
        "SELECT id FROM record WHERE gid = ?", (world.gid(77),)
    )


def test_a_roll_grows_while_records_arrive(store: Store) -> None:
    store.cursors.write(replace(store.cursors.read(), generation=1, complete=False))
    put(store, range(10))
    roll = Roll(store.connection, shape(store))
    roll.load(BY_ARRIVAL)
    before = [*roll.listed(BY_ARRIVAL).ids]
    assert not roll.extend(BY_ARRIVAL)
    put(store, range(10, 30), 2)
    assert roll.extend(BY_ARRIVAL)
    after = roll.listed(BY_ARRIVAL)
    assert [*after.ids][:10] == before, "nothing that is shown moves"
    assert [*after.ids] == store.projection.ids(world.DEAL)
    assert after.totals == store.projection.totals(world.DEAL, "amount", "currency")
    assert after.counts == {n: store.projection.count(world.DEAL, w) for n, w in roll.shape.groups}


def test_an_empty_type(store: Store) -> None:
    roll = roll_of(store)
    check(store, roll)
    assert [*roll.listed(order("")).ids] == []


def test_more_currencies_than_can_be_told_apart_harm_nothing(store: Store) -> None:
    rows = [
        world.row(number, customer=f"{number}", amount="1.00", currency=f"C{number:03}")
        for number in range(170)
    ]
    store.mirror.apply_puts(world.puts(rows), world.manifest())
    roll = roll_of(store)
    listed = roll.listed(order("customer"))
    assert [*listed.ids] == store.projection.ids(world.DEAL, EVERYTHING, order("customer").exact)
    assert len(listed.totals) == 148, "two places are kept for those the manifest names"
    assert set(listed.totals.values()) == {Decimal("1.00")}
