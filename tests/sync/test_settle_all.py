"""Settling a batch together comes to the same as settling one outcome after the other."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.contract.errors import HostileAnswer
from app.contract.mutations import ClashReason, FieldClash, Kind, Mutation, Outcome, Problem, Status
from app.contract.records import Record
from app.store.database import Store
from app.sync.apply import settle, settle_all
from app.sync.push import Push
from app.sync.settings import EngineSettings
from tests.store.world import (
    KEY,
    LATER,
    MESSAGE,
    NOW,
    command,
    complete,
    gid,
    manifest,
    mutation,
    patch,
    puts,
    record,
    row,
)
from tests.sync.world import Middle, World

_TABLES = ("record", "shadow", "outbox", "conflict", "activity", "draft", "quarantine_row")


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two stores that hold the same 30 deals."""
    made = []
    for name in ("one.db", "two.db"):
        store = Store.open(tmp_path / name, KEY)
        complete(store)
        store.mirror.apply_puts(
            puts(row(n, customer=f"C{n}", x="old", state="approved") for n in range(30)), manifest()
        )
        made.append(store)
    yield made[0], made[1]
    for store in made:
        store.close()


@dataclass
class Batch:
    """What is sent, and what came back."""

    sent: list[Mutation]
    outcomes: list[Outcome]


def dump(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything a batch may touch, and the words that are found."""
    tables = {name: store.connection.rows(f"SELECT * FROM {name} ORDER BY 1, 2") for name in _TABLES}
    # A record that was out of sight in between has another number; nothing refers to it.
    tables["record"] = sorted(row[1:] for row in tables["record"])
    tables["found"] = [(found.gid,) for found in store.search.find("mine", 100)]
    return tables


def alone(store: Store, pairs: Sequence[tuple[Mutation, Outcome]]) -> set[str]:
    """Settle one after the other."""
    hostile = set()
    for one, outcome in pairs:
        item = store.outbox.get(one.mutation_id)
        try:
            if item is not None:
                settle(store, item, outcome, LATER)
        except HostileAnswer:
            hostile.add(one.mutation_id)
    return hostile


def answers(draw: random.Random, one: Mutation, number: int) -> Outcome:
    """Some outcome that fits a mutation."""
    now = record(number, version=f"v{draw.randrange(9)}", customer=f"C{number}", x="mine", state="approved")
    name = one.mutation_id
    clash = FieldClash(
        group="x",
        reason=ClashReason.BOTH_CHANGED,
        base={"x": "old"},
        theirs={"x": "theirs"},
        mine={"x": "mine"},
    )
    made: list[Callable[[], Outcome]] = [
        lambda: Outcome(mutation_id=name, status=Status.APPLIED, record=now, receipt="R-1"),
        lambda: Outcome(mutation_id=name, status=Status.APPLIED, record=now, receipt="R-2"),
        lambda: Outcome(mutation_id=name, status=Status.APPLIED),
        lambda: Outcome(mutation_id=name, status=Status.MERGED, record=now, others=("customer",)),
        lambda: Outcome(mutation_id=name, status=Status.CONFLICT, record=now, clashes=(clash,)),
        lambda: Outcome(
            mutation_id=name, status=Status.REJECTED, record=now, problem=Problem(code="x", message="No.")
        ),
        lambda: Outcome(mutation_id=name, status=Status.DEFERRED, retry_after=3.0),
        lambda: Outcome(
            mutation_id=name, status=Status.GONE, problem=Problem(code="deleted", message="Deleted.")
        ),
        lambda: Outcome(
            mutation_id=name, status=Status.GONE, problem=Problem(code="revoked", message="Not shared.")
        ),
        lambda: Outcome(mutation_id=name, status=Status.APPLIED, record=record(29, x="another's")),
        lambda: Outcome(
            mutation_id=name,
            status=Status.APPLIED,
            record=Record(gid=now.gid, entity=now.entity, version="v", hash="no hash", data={}),
        ),
    ]
    return draw.choice(made)()


def entered(draw: random.Random) -> Batch:
    """A batch of edits of different records, with more waiting behind some of them."""
    sent, outcomes = [], []
    for number in draw.sample(range(25), 12):
        one = patch(f"m{number}", number, {"x": "old"}, {"x": "mine"})
        sent.append(one)
        outcomes.append(answers(draw, one, number))
    return Batch(sent, outcomes)


def behind(draw: random.Random, batch: Batch) -> list[Mutation]:
    """What was entered later and has not been sent."""
    found: list[Mutation] = []
    for one in batch.sent:
        number = int(one.mutation_id[1:])
        match draw.randrange(8):
            case 0:
                found.append(patch(f"n{number}", number, {"x": "mine"}, {"x": "mine again"}))
            case 1:
                found.append(patch(f"n{number}", number, {"y": None}, {"y": "other"}))
            case 2:
                found.append(command(f"n{number}", number, "submit", "draft"))
            case 3:
                found.append(mutation(f"n{number}", number, Kind.DELETE, depends_on=(one.mutation_id,)))
            case 4:
                changes = {"parent": gid(number), "body": "Hello"}
                new = mutation(f"n{number}", 100 + number, Kind.APPEND, MESSAGE, changes=changes)
                found.append(new.model_copy(update={"depends_on": (one.mutation_id,)}))
            case _:
                pass
    return found


@pytest.mark.parametrize("seed", range(40))
def test_together_is_as_alone(stores: tuple[Store, Store], seed: int) -> None:
    draw = random.Random(seed)
    batch = entered(draw)
    later = behind(draw, batch)
    for store in stores:
        for one in batch.sent:
            store.outbox.enqueue(one, "What it does", "Northwind")
        assert store.outbox.mark_sending([one.mutation_id for one in batch.sent]) == batch.sent
        for one in later:
            store.outbox.enqueue(one, "What follows", "Northwind")
    pairs = [*zip(batch.sent, batch.outcomes, strict=True)]
    together, apart = stores
    assert set(settle_all(together, pairs, LATER)) == alone(apart, pairs)
    assert dump(together) == dump(apart)


def test_a_batch_of_plain_outcomes_takes_the_statements_of_one(stores: tuple[Store, Store]) -> None:
    counts = []
    for store, many in zip(stores, (1, 20), strict=True):
        sent = [patch(f"m{n}", n, {"x": "old"}, {"x": "mine"}) for n in range(many)]
        for one in sent:
            store.outbox.enqueue(one, "What it does")
        asked: list[str] = []
        run, rows, run_many = store.connection.run, store.connection.rows, store.connection.run_many

        def noted(call: Callable[..., Any], asked: list[str] = asked) -> Callable[..., Any]:
            def wrapped(sql: str, *args: Any) -> Any:
                asked.append(sql)
                return call(sql, *args)

            return wrapped

        for name, call in (("run", run), ("rows", rows), ("run_many", run_many)):
            setattr(store.connection, name, noted(call))
        store.outbox.mark_sending([one.mutation_id for one in sent])
        pairs = [
            (one, Outcome(mutation_id=one.mutation_id, status=Status.APPLIED, record=record(n, x="mine")))
            for n, one in enumerate(sent)
        ]
        assert settle_all(store, pairs, LATER) == {}
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_was_taken_back_before_it_left_is_not_sent(stores: tuple[Store, Store]) -> None:
    store, _ = stores
    for name in ("m1", "m2"):
        store.outbox.enqueue(patch(name, int(name[1]), {"x": "old"}, {"x": "mine"}), "What it does")
    store.outbox.cancel("m1", NOW)
    assert [one.mutation_id for one in store.outbox.mark_sending(["m1", "m2"])] == ["m2"]


def test_a_word_that_came_in_after_the_plan_was_made_leaves_with_it(client: World) -> None:
    """The window joins an edit into the queued one while the engine is about to send."""
    client.edit("m1", 1, next_steps="One")
    client.edit("m2", 2, next_steps="Two")
    push = client.gateway.push
    open_items = client.store.outbox.open_items

    def meanwhile() -> Any:
        items = open_items()
        client.store.outbox.open_items = open_items  # type: ignore[method-assign]
        client.edit("m3", 2, next_steps="Two, and more")
        return items

    client.store.outbox.open_items = meanwhile  # type: ignore[method-assign]
    client.sync()
    assert push is not None
    assert client.gateway.data(2)["next_steps"] == "Two, and more"
    assert client.store.outbox.open_items() == []


def test_many_batches_go_from_one_look_at_the_queue(client: World) -> None:
    count = 450
    for number in range(10, 10 + count):
        client.gateway.put(number, customer="C", state="approved", next_steps="Call them")
    client.sync()
    for number in range(10, 10 + count):
        client.edit(f"m{number}", number, next_steps="One")
    looks: list[int] = []
    open_items = client.store.outbox.open_items

    def looked() -> Any:
        looks.append(1)
        return open_items()

    client.store.outbox.open_items = looked  # type: ignore[method-assign]
    push = Push(client.store, client.gateway, client.clock, Middle(), EngineSettings(), lambda _: None)
    push.run(lambda: True)
    assert [len(batch) for batch in client.gateway.pushed] == [200, 200, 50]
    assert open_items() == []
    assert len(looks) == 2, "before the first, and when nothing was left of what was seen then"
