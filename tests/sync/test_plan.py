"""What may be sent now: each rule of the planner is a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from app.contract.mutations import MAX_BATCH, Kind, Mutation
from app.store.outbox import Item
from app.store.states import ItemState
from app.sync.plan import MAX_BATCH_BYTES, Hold, depends, plan_push
from tests.store.world import FILE, MESSAGE, NOW, command, gid, mutation, patch


def item(seq: int, body: Mutation, **more: Any) -> Item:
    """An item of the outbox; queued and never sent unless said otherwise."""
    known: dict[str, Any] = {
        "state": ItemState.QUEUED, "frozen": False, "attempts": 0, "due_at": None, "captured_at": NOW,
        "label": "", "detail": "", "problem": None, "draft": None, "blobs": (),
    }  # fmt: skip
    return Item(seq=seq, mutation=body, **(known | more))


def create(name: str, number: int, **more: Any) -> Mutation:
    return mutation(name, number, Kind.CREATE, changes={"customer": "Northwind"}, **more)


def edit(name: str, number: int, *fields: str, **more: Any) -> Mutation:
    return patch(name, number, dict.fromkeys(fields, "old"), dict.fromkeys(fields, "new"), **more)


def message(name: str, number: int, parent: int, **more: Any) -> Mutation:
    changes = {"parent": gid(parent), "body": "Hello"}
    return mutation(name, number, Kind.APPEND, MESSAGE, changes=changes, **more)


def order(name: str, number: int, *needs: str) -> Mutation:
    return command(name, number, "submit", "draft").model_copy(update={"depends_on": needs})


@dataclass(frozen=True)
class Row:
    """An outbox and what is planned for it."""

    title: str
    items: Sequence[Item]
    batch: tuple[str, ...]
    held: dict[str, Hold] = field(default_factory=dict)
    stranded: tuple[str, ...] = ()
    uploaded: frozenset[str] = frozenset()
    settled: dict[str, str] = field(default_factory=dict)
    on_its_way: frozenset[str] = frozenset()


LATER = NOW + timedelta(seconds=30)
DEFERRED = {"state": ItemState.DEFERRED, "frozen": True, "due_at": LATER}
DUE = {"state": ItemState.DEFERRED, "frozen": True, "due_at": NOW}
UNDER_WAY = {"state": ItemState.SENDING, "frozen": True}
ASIDE = {"state": ItemState.QUARANTINED, "frozen": True}

ROWS = [
    Row("nothing to do", [], ()),
    Row("in the user's order", [item(1, edit("a", 2, "x")), item(2, edit("b", 1, "x"))], ("a", "b")),
    Row("what was on its way is sent again", [item(1, edit("a", 1, "x"), **UNDER_WAY)], ("a",)),
    Row("deferred until later", [item(1, edit("a", 1, "x"), **DEFERRED)], (), {"a": Hold.NOT_DUE}),
    Row("deferred and due", [item(1, edit("a", 1, "x"), **DUE)], ("a",)),
    Row(
        "a deferred item holds back its record and nothing else",
        [item(1, edit("a", 1, "x"), **DEFERRED), item(2, edit("b", 1, "y")), item(3, edit("c", 2, "x"))],
        ("c",),
        {"a": Hold.NOT_DUE, "b": Hold.PREDECESSOR},
    ),
    Row(
        "what is set aside holds back nothing",
        [item(1, edit("a", 1, "x"), **ASIDE), item(2, edit("b", 1, "x"))],
        ("b",),
        {"a": Hold.QUARANTINED},
    ),
    Row(
        "what needs something set aside asks for a person too",
        [item(1, edit("a", 1, "x"), **ASIDE), item(2, order("b", 1, "a"))],
        (),
        {"a": Hold.QUARANTINED},
        stranded=("b",),
    ),
    Row(
        "overlapping edits go one after the other",
        [item(1, edit("a", 1, "x", "y")), item(2, edit("b", 1, "y")), item(3, edit("c", 2, "y"))],
        ("a", "c"),
        {"b": Hold.NEXT_BATCH},
    ),
    Row("edits of different fields go together", [item(1, edit("a", 1, "x")), item(2, edit("b", 1, "y"))], ("a", "b")),
    Row(
        "per-record order: nothing overtakes what waits for the next batch",
        [item(1, edit("a", 1, "x")), item(2, edit("b", 1, "x")), item(3, edit("c", 1, "z"))],
        ("a",),
        {"b": Hold.NEXT_BATCH, "c": Hold.NEXT_BATCH},
    ),
    Row(
        "create and submit together, when the submission names the creation",
        [item(1, create("a", 1)), item(2, order("b", 1, "a"))],
        ("a", "b"),
    ),
    Row(
        "a command that names nothing sees first how the edit ended",
        [item(1, edit("a", 1, "x")), item(2, order("b", 1))],
        ("a",),
        {"b": Hold.NEXT_BATCH},
    ),
    Row(
        "a delete binds to what its predecessor leaves",
        [item(1, edit("a", 1, "x")), item(2, mutation("b", 1, Kind.DELETE, depends_on=("a",)))],
        ("a",),
        {"b": Hold.NEXT_BATCH},
    ),
    Row(
        "a child goes after its parent in the same batch, when it names it",
        [item(1, create("a", 1)), item(2, message("b", 2, 1, depends_on=("a",)))],
        ("a", "b"),
    ),
    Row(
        "a child that does not name its parent waits for it all the same",
        [item(1, create("a", 1)), item(2, message("b", 2, 1))],
        ("a",),
        {"b": Hold.NEXT_BATCH},
    ),
    Row(
        "no child before a parent that waits",
        [item(1, create("a", 1), **DEFERRED), item(2, message("b", 2, 1)), item(3, message("c", 3, 9))],
        ("c",),
        {"a": Hold.NOT_DUE, "b": Hold.DEPENDENCY},
    ),
    Row(
        "a file waits for its upload and holds back what needs it",
        [
            item(1, create("a", 1)),
            item(2, mutation("b", 2, Kind.APPEND, FILE, changes={"parent": gid(1)}, depends_on=("a",)), blobs=("f1",)),
            item(3, order("c", 1, "a", "b")),
        ],
        ("a",),
        {"b": Hold.UPLOAD, "c": Hold.DEPENDENCY},
    ),
    Row(
        "with its file there all of it goes",
        [
            item(1, create("a", 1)),
            item(2, mutation("b", 2, Kind.APPEND, FILE, changes={"parent": gid(1)}, depends_on=("a",)), blobs=("f1",)),
            item(3, order("c", 1, "a", "b")),
        ],
        ("a", "b", "c"),
        uploaded=frozenset({"f1"}),
    ),
    Row(
        "what was deferred while the clock was ahead",
        [item(1, edit("a", 1, "x"), **DEFERRED, problem={"since": (NOW + timedelta(minutes=1)).isoformat()})],
        ("a",),
    ),
    Row(
        "what was deferred a moment ago",
        [item(1, edit("a", 1, "x"), **DEFERRED, problem={"since": (NOW - timedelta(minutes=1)).isoformat()})],
        (),
        {"a": Hold.NOT_DUE},
    ),
    Row("a dependency that was applied", [item(1, order("b", 1, "a"))], ("b",), settled={"a": "applied"}),
    Row("a dependency that was merged", [item(1, order("b", 1, "a"))], ("b",), settled={"a": "merged"}),
    Row("a dependency settled so long ago that nobody knows", [item(1, order("b", 1, "a"))], ("b",)),
    Row("a dependency in conflict", [item(1, order("b", 1, "a"))], (), stranded=("b",), settled={"a": "conflict"}),
    Row("a dependency taken back", [item(1, order("b", 1, "a"))], (), stranded=("b",), settled={"a": "cancelled"}),
    Row(
        "what may have arrived is asked about, whatever became of its dependency",
        [item(1, order("b", 1, "a"), **UNDER_WAY)],
        ("b",),
        settled={"a": "rejected"},
    ),
    Row(
        "beside what is on its way goes what has nothing to do with it",
        [item(1, edit("a", 1, "x")), item(2, edit("b", 1, "y")), item(3, edit("c", 2, "x"))],
        ("c",),
        {"a": Hold.NEXT_BATCH, "b": Hold.NEXT_BATCH},
        on_its_way=frozenset({"a"}),
    ),
    Row(
        "what builds on something that is on its way waits until it is settled",
        [item(1, create("a", 1)), item(2, message("b", 2, 1)), item(3, order("c", 3, "a")), item(4, edit("d", 4, "x"))],
        ("d",),
        {"a": Hold.NEXT_BATCH, "b": Hold.NEXT_BATCH, "c": Hold.NEXT_BATCH},
        on_its_way=frozenset({"a"}),
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_plan(row: Row) -> None:
    plan = plan_push(row.items, NOW, row.uploaded, row.settled, row.on_its_way)
    assert tuple(one.mutation_id for one in plan.batch) == row.batch
    assert plan.held == row.held
    assert tuple(one.mutation.mutation_id for one in plan.stranded) == row.stranded


def test_the_first_that_comes_due() -> None:
    soon = NOW + timedelta(seconds=5)
    items = [
        item(1, edit("a", 1, "x"), **DEFERRED),
        item(2, edit("b", 2, "x"), **(DEFERRED | {"due_at": soon})),
    ]
    assert plan_push(items, NOW, frozenset(), {}).next_due == soon


def test_a_batch_has_a_most_of_mutations() -> None:
    items = [item(n, edit(f"m{n}", n, "x")) for n in range(1, MAX_BATCH + 6)]
    plan = plan_push(items, NOW, frozenset(), {})
    assert len(plan.batch) == MAX_BATCH
    assert set(plan.held.values()) == {Hold.NEXT_BATCH}
    assert len(plan_push(items, NOW, frozenset(), {}, most=3).batch) == 3


def test_a_batch_has_a_most_of_bytes_and_one_large_mutation_still_goes() -> None:
    large = "x" * (MAX_BATCH_BYTES - 1_000)
    items = [
        item(1, patch("a", 1, {"x": ""}, {"x": large + large})),
        item(2, patch("b", 2, {"x": ""}, {"x": "small"})),
    ]
    plan = plan_push(items, NOW, frozenset(), {})
    assert [one.mutation_id for one in plan.batch] == ["a"]
    assert plan.held == {"b": Hold.NEXT_BATCH}


@pytest.mark.parametrize(
    ("later", "earlier", "hangs_on_it"),
    [
        (order("b", 1, "a"), edit("a", 1, "x"), True),
        (order("b", 1), edit("a", 1, "x"), True),
        (order("b", 1), edit("a", 2, "x"), False),
        (mutation("b", 1, Kind.DELETE), edit("a", 1, "x"), True),
        (edit("b", 1, "y"), edit("a", 1, "x"), False),
        (edit("b", 1, "y"), create("a", 1), True),
        (message("b", 2, 1), create("a", 1), True),
        (message("b", 2, 1), edit("a", 1, "x"), False),
        (message("b", 2, 1, depends_on=("a",)), edit("a", 1, "x"), True),
    ],
)
def test_what_makes_sense_only_after_another(later: Mutation, earlier: Mutation, hangs_on_it: bool) -> None:
    assert depends(item(2, later), item(1, earlier)) is hangs_on_it
    assert depends(item(1, later), item(2, earlier)) is False
