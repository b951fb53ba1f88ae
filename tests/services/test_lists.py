"""Long lists are answered from memory exactly as short ones are from the store, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from app.contract.manifest import Filter
from app.services.portal import Portal
from app.services.views_model import ListView
from app.store.database import Store
from tests.services.conftest import KEY, World, open_world

DEAL = "deal_registration"
CHIPS = ("", "open", "mine", "needs_me", "ending", "unsent", "all", "stage:approved")
SORTS = ("", "customer", "-customer", "amount", "-protected_until", "state", "sync")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = open_world(tmp_path / "store.db")
    made.store.cursors.write(replace(made.store.cursors.read(), cursor="c", epoch="e", complete=True))
    states = ("approved", "submitted", "rejected", "action_required", "converted")
    for number in range(25):
        made.deal(
            f"{number}",
            customer=("Kestrel", "Beacon", "aldgate")[number % 3] + f" {number % 7}",
            state=states[number % 5],
            amount=f"{number * 37 % 11}.50",
            currency=("GBP", "EUR")[number % 2],
            protected_until=f"2026-12-{number % 20 + 1:02}",
            updated_at=f"2026-11-{number % 9 + 10}T10:00:00Z",
        )
    made.store.mirror.build_indexes(made.portal.manifest)
    yield made
    made.store.close()


@pytest.fixture
def long(world: World, tmp_path: Path) -> Iterator[Portal]:
    """Another portal over the same store, to which every list is a long one."""
    store = Store.open(tmp_path / "store.db", KEY)
    portal = Portal.open(store, world.clock, world.ids, lambda: None, zone=UTC, short=0)
    yield portal
    portal.close()


def same(world: World, long: Portal) -> None:
    """Both say the same of every list."""
    for sort in SORTS:
        for chip in CHIPS:
            for text in ("", "kest", "kestrel 3", "edge", '"*'):
                view = ListView(DEAL, chip, text, sort)
                one, other = world.portal.lists.read(view), long.lists.read(view)
                assert [*other.ids] == [*one.ids], view
                if not chip.startswith("stage:"):
                    assert (other.counts, other.totals) == (one.counts, one.totals), view
    assert long.lists.counts() == world.portal.lists.counts() == world.portal.records.nav_counts()
    assert long.home.pipeline() == world.portal.home.pipeline()


def test_a_long_list_says_what_a_short_one_says(world: World, long: Portal) -> None:
    assert world.portal.lists.short(DEAL)
    assert not long.lists.short(DEAL)
    same(world, long)


def test_filters_of_ones_own_count_the_same(world: World, long: Portal) -> None:
    is_open, euro = Filter(op="open", field="state"), Filter(op="in", field="currency", values=("EUR",))
    chip = world.portal.filters.save(DEAL, "Open in euro", [is_open, euro])
    view = ListView(DEAL, chip.name, "kestrel", "amount")
    one, other = world.portal.lists.read(view), long.lists.read(view)
    assert [*other.ids] == [*one.ids] != []
    assert other.counts == one.counts
    assert other.counts[chip.name] == len(one.ids)
    world.portal.filters.remove(DEAL, chip.name)
    same(world, long)


def test_news_of_single_records_and_of_many(world: World, long: Portal) -> None:
    same(world, long)
    changed = frozenset({world.deal("3", state="rejected"), world.deal("new one", customer="Zebra")})
    long.lists.note(frozenset({DEAL}), changed)
    same(world, long)
    world.deal("4", customer="Beacon the second")
    world.store.mirror.remove(world.deal("5"), "tombstone")
    long.lists.note(frozenset({DEAL}), None)
    same(world, long)


def test_what_is_entered_here(world: World, long: Portal, form: Mapping[str, Any]) -> None:
    same(world, long)
    draft = world.portal.drafts.start(DEAL, form)
    world.portal.intents.edit(world.deal("0"), {"amount": "99.00"})
    long.lists.note_own()
    same(world, long)
    world.portal.drafts.discard(draft)
    long.lists.note_own()
    same(world, long)


def test_a_day_later_other_deals_end_soon(world: World, long: Portal) -> None:
    same(world, long)
    world.clock.go(days=5)
    same(world, long)


def test_the_first_rows_come_before_the_rest_only_where_that_takes_a_moment(
    world: World, long: Portal
) -> None:
    view = ListView(DEAL, "open", "", "customer")
    head = long.lists.head(view)
    assert head is not None
    assert not head.whole
    assert [*head.ids] == [*long.lists.read(view).ids]
    assert long.lists.head(view) is None, "it is in memory now"
    assert long.lists.head(ListView(DEAL, "open", "", "-customer")) is None, "and so is its other end"
    assert long.lists.head(ListView(DEAL, "open", "edge")) is None
    assert world.portal.lists.head(view) is None, "a short one is read at once"


def test_orders_are_made_ready_one_at_a_time(world: World, long: Portal) -> None:
    assert not long.lists.arrange(DEAL), "nothing is ready before the list was read"
    long.lists.read(ListView(DEAL))
    steps = 1
    while long.lists.arrange(DEAL):
        steps += 1
    assert steps == 5
    for field in ("customer", "title", "amount", "state", "protected_until"):
        assert long.lists.head(ListView(DEAL, sort=field)) is None


def test_while_records_arrive_nothing_moves(world: World, long: Portal) -> None:
    before = world.store.cursors.read()
    world.store.cursors.write(replace(before, complete=False, generation=1, cursor=None))
    shown = [*long.lists.read(ListView(DEAL)).ids]
    assert shown == sorted(shown)
    assert [*world.portal.lists.read(ListView(DEAL)).ids] == shown, "in a short list neither"
    world.deal("late", customer="Late", updated_at="2026-11-23T09:00:00Z")
    long.lists.note(frozenset({DEAL}), None)
    grown = [*long.lists.read(ListView(DEAL)).ids]
    assert grown[: len(shown)] == shown
    assert len(grown) == len(shown) + 1
    assert long.lists.head(ListView(DEAL)) is None
    world.store.cursors.write(before)
    long.lists.note(frozenset({DEAL}), None)
    same(world, long)


def test_a_type_nobody_has(long: Portal) -> None:
    assert long.lists.read(ListView("hologram")).ids == ()
    assert long.lists.head(ListView("hologram")) is None
    assert not long.lists.arrange("hologram")
