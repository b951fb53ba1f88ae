"""Chips and sorting: each operator as a row of a table, over real records."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.contract.manifest import EntityType, Filter
from app.store.database import Store
from app.store.query import (
    EVERYTHING,
    QueryContext,
    chip_condition,
    conversation_condition,
    field_equals,
    sort_order,
    text_condition,
)
from tests.store import world
from tests.store.world import gid, patch, puts, row

THING = EntityType.model_validate(
    {
        "name": "thing",
        "label": "Thing",
        "plural": "Things",
        "title_field": "name",
        "search": ["name"],
        "fields": [
            {"name": name, "label": name, "type": type_, "owner": "shared", **more}
            for name, type_, more in (
                ("name", "text", {}),
                ("state", "choice", {}),
                ("size", "integer", {}),
                ("done", "boolean", {}),
                ("amount", "money", {"currency_field": "currency"}),
                ("currency", "currency", {}),
                ("due", "date", {}),
                ("at", "datetime", {}),
                ("tags", "choices", {}),
                (
                    "kind",
                    "choice",
                    {"choices": [{"value": v, "label": v} for v in ("small", "large", "huge")]},
                ),
                ("owner", "text", {}),
                ("sha256", "text", {}),
            )
        ],
        "lifecycle": {
            "field": "state",
            "initial": "new",
            "states": [{"name": "new", "label": "New"}, {"name": "done", "label": "Done", "open": False}],
        },
    }
)
CONTEXT = QueryContext(THING, "me", date(2026, 11, 24))
ROWS: dict[int, dict[str, Any]] = {
    1: {
        "name": "beta",
        "state": "new",
        "kind": "huge",
        "owner": "me",
        "size": 2,
        "done": True,
        "amount": "10.00",
        "currency": "GBP",
        "tags": ["a", "b"],
        "sha256": "a" * 64,
        "due": "2026-11-24",
        "at": "2026-11-24T00:00:00Z",
    },
    2: {
        "name": "Alpha",
        "state": "done",
        "kind": "small",
        "owner": "you",
        "size": 10,
        "done": False,
        "amount": "9.50",
        "currency": "EUR",
        "tags": ["b"],
        "sha256": "b" * 64,
        "due": "2026-11-23",
        "at": "2026-12-01T23:59:59Z",
    },
    3: {
        "name": "gamma",
        "state": "later",
        "kind": "large",
        "amount": "-3.07",
        "currency": "GBP",
        "tags": [],
        "due": "2026-12-01",
        "at": "2026-12-02T00:00:00Z",
    },
    4: {"name": "", "due": "", "owner": None},
}


@pytest.fixture
def things(store: Store) -> Store:
    store.mirror.apply_puts(
        puts(row(n, entity="thing", **data) for n, data in ROWS.items()), world.manifest()
    )
    store.outbox.enqueue(patch("p", 3, {"owner": None}, {"owner": "x"}, entity="thing"), "Edit")
    for letter in "ab":
        store.connection.run(
            "INSERT INTO blob(sha256, size, media_type, name, state, direction, pinned, last_used)"
            " VALUES(?, 1, '', '', 'complete', 'down', ?, '')",
            (letter * 64, letter == "a"),
        )
    return store


CASES: dict[str, tuple[Filter, set[int]]] = {
    "eq": (Filter(op="eq", field="name", values=("beta",)), {1}),
    "eq a number": (Filter(op="eq", field="size", values=("10",)), {2}),
    "eq a truth": (Filter(op="eq", field="done", values=("true",)), {1}),
    "eq an untruth": (Filter(op="eq", field="done", values=("false",)), {2}),
    "eq an amount": (Filter(op="eq", field="amount", values=("9.5",)), {2}),
    "eq nonsense for a number": (Filter(op="eq", field="size", values=("many",)), set()),
    "in": (Filter(op="in", field="kind", values=("small", "large")), {2, 3}),
    "in a list": (Filter(op="in", field="tags", values=("a", "z")), {1}),
    "in nothing": (Filter(op="in", field="kind"), set()),
    "not in, where absent counts": (Filter(op="not_in", field="kind", values=("small", "large")), {1, 4}),
    "not in a list": (Filter(op="not_in", field="tags", values=("a",)), {2, 3, 4}),
    "within days, both ends": (Filter(op="within_days", field="due", days=7), {1, 3}),
    "within days, short": (Filter(op="within_days", field="due", days=6), {1}),
    "within days of a point in time": (Filter(op="within_days", field="at", days=7), {1, 2}),
    "before today": (Filter(op="before_today", field="due"), {2}),
    "mine": (Filter(op="mine", field="owner"), {1}),
    "sync": (Filter(op="sync", values=("waiting", "sending")), {3}),
    "present": (Filter(op="present", field="tags"), {1, 2}),
    "present text": (Filter(op="present", field="name"), {1, 2, 3}),
    "absent": (Filter(op="absent", field="tags"), {3, 4}),
    "absent text": (Filter(op="absent", field="due"), {4}),
    "open, unknown states too": (Filter(op="open", field="state"), {1, 3, 4}),
    "kept": (Filter(op="kept", field="sha256"), {1}),
    "an operator of a newer manifest": (Filter(op="resembles", field="name", values=("beta",)), set()),
    "a field of a newer manifest": (Filter(op="eq", field="colour", values=("red",)), set()),
}


@pytest.mark.parametrize("name", CASES)
def test_a_filter(things: Store, name: str) -> None:
    one, expected = CASES[name]
    condition = chip_condition(CONTEXT, [one])
    found = {shown.gid for shown in things.projection.rows(things.projection.ids("thing", condition))}
    assert found == {gid(number) for number in expected}
    assert things.projection.count("thing", condition) == len(expected)


def test_filters_join_by_and(things: Store) -> None:
    chip = [Filter(op="open", field="state"), Filter(op="in", field="kind", values=("huge", "small"))]
    assert things.projection.count("thing", chip_condition(CONTEXT, chip)) == 1
    assert chip_condition(CONTEXT, []) == EVERYTHING
    assert (
        things.projection.count("thing", chip_condition(CONTEXT, chip) & field_equals(THING, "name", "beta"))
        == 1
    )
    assert things.projection.count("thing", field_equals(THING, "name", None)) == 1
    assert things.projection.count("thing", field_equals(THING, "amount", "9.50")) == 1


SORTS: dict[str, list[int]] = {
    "name": [2, 1, 3, 4],  # case does not count, blank last
    "-name": [3, 1, 2, 4],
    "size": [1, 2, 3, 4],
    "-size": [2, 1, 4, 3],
    "amount": [3, 2, 1, 4],  # as numbers, not as text
    "-amount": [1, 2, 3, 4],
    "due": [2, 1, 3, 4],
    "-due": [3, 1, 2, 4],
    "kind": [2, 3, 1, 4],  # in the manifest's order
    "-kind": [1, 3, 2, 4],
    "state": [1, 2, 3, 4],  # a state nobody knows comes with the blank ones
    "sync": [1, 2, 4, 3],
    "": [1, 2, 3, 4],
    "colour": [1, 2, 3, 4],
}


@pytest.mark.parametrize("sort", SORTS)
def test_an_order(things: Store, sort: str) -> None:
    ids = things.projection.ids("thing", EVERYTHING, sort_order(THING, sort))
    assert [shown.gid for shown in things.projection.rows(ids)] == [gid(number) for number in SORTS[sort]]


def test_text_narrows_a_list(store: Store) -> None:
    rows = [row(1, customer="Harbour"), row(2, customer="Airport")]
    store.mirror.apply_puts(puts(rows), world.manifest())
    assert store.projection.count(world.DEAL, text_condition("harb")) == 1
    assert store.projection.count(world.DEAL, text_condition(" ")) == 2


def test_text_finds_a_conversation_by_its_messages(store: Store) -> None:
    rows = [
        row(1, customer="Harbour"),
        row(2, customer="Airport"),
        row(3, entity="message", parent=gid(2), body="crane"),
    ]
    store.mirror.apply_puts(puts(rows), world.manifest())
    assert store.projection.count(world.DEAL, conversation_condition("crane") & EVERYTHING) == 1
    assert store.projection.count(world.DEAL, conversation_condition("harb")) == 1
    assert store.projection.count(world.DEAL, conversation_condition(" ")) == 2


def test_totals_are_exact_to_the_penny(store: Store) -> None:
    amounts = ["0.10"] * 999 + ["0.20", "9999999999999.99", "-0.30"]
    rows = [row(n, entity="thing", amount=amount, currency="GBP") for n, amount in enumerate(amounts)]
    rows += [
        row(2000, entity="thing", amount="5.00", currency="EUR"),
        row(2001, entity="thing", amount="", currency="EUR"),
    ]
    rows += [row(2002, entity="thing", amount="1.00"), row(2003, entity="thing")]
    store.mirror.apply_puts(puts(rows), world.manifest())
    assert store.projection.totals("thing", "amount", "currency") == {
        "": Decimal("1.00"),
        "EUR": Decimal("5.00"),
        "GBP": sum(map(Decimal, amounts), Decimal(0)),
    }


def test_a_tally(things: Store) -> None:
    assert things.projection.tally("thing", "state") == {"new": 1, "done": 1, "later": 1, None: 1}


def test_reading_by_id_keeps_the_order_and_leaves_out_what_left(things: Store) -> None:
    ids = things.projection.ids("thing")
    assert [shown.id for shown in things.projection.rows([ids[2], 999, ids[0]])] == [ids[2], ids[0]]
    assert things.projection.many([gid(1), gid(77)]).keys() == {gid(1)}


def test_children_come_in_the_order_they_came(store: Store) -> None:
    rows = [row(n, entity="message", parent=gid(1), body=str(n)) for n in (5, 3, 4)]
    store.mirror.apply_puts(puts([*rows, row(6, entity="file", parent=gid(1))]), world.manifest())
    assert [shown.data["body"] for shown in store.projection.children(gid(1), "message")] == ["5", "3", "4"]
    assert len(store.projection.children(gid(1))) == 4
    assert store.projection.children(gid(2)) == []


def test_totals_of_amounts_that_no_whole_number_holds_are_exact_too(store: Store) -> None:
    """SQLite would cut each to the largest number it has, and fail to add two of those."""
    vast = "99999999999999999999.99"
    held = [
        (vast, "GBP"),
        (vast, "GBP"),
        ("0.01", "GBP"),
        (f"-{vast}", "EUR"),
        ("1e400", "USD"),
        ("5.00", "USD"),
    ]
    rows = [row(n, entity="thing", amount=sum_of, currency=code) for n, (sum_of, code) in enumerate(held)]
    store.mirror.apply_puts(puts(rows), world.manifest())
    assert store.projection.totals("thing", "amount", "currency") == {
        "EUR": Decimal(f"-{vast}"),
        "GBP": Decimal("199999999999999999999.99"),
        "USD": Decimal("5.00"),
    }
    pence = {row[3] for row in store.projection.staged("thing", "state", "amount", "currency")}
    assert pence == {9999999999999999999999, -9999999999999999999999, 1, 0, 500}
