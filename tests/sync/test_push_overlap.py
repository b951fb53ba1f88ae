"""One batch is on its way while the one before is being settled; whatever happens to either, each is settled once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.contract.errors import Busy, CounterpartError, HostileAnswer
from app.contract.mutations import Mutation, Outcome, PushBody, Status
from app.contract.records import Record
from app.store.states import ItemState
from tests.sync import world
from tests.sync.world import World


@pytest.fixture
def client(tmp_path: Path) -> Iterator[World]:
    """A client that sends two mutations at a time, with seven deals to edit."""
    made = world.make(tmp_path / "store.db", batch=2)
    for number in range(1, 8):
        made.gateway.put(number, customer="C", state="approved", next_steps="Call them", amount="1.00")
    made.sync()
    made.gateway.pushed.clear()
    yield made
    made.store.close()


def edits(client: World, *numbers: int) -> None:
    for number in numbers:
        client.edit(f"m{number}", number, next_steps="Mine")


def left(client: World) -> dict[str, ItemState]:
    return {item.mutation.mutation_id: item.state for item in client.store.outbox.open_items()}


def of_another(mutation: Mutation) -> Outcome:
    """An outcome that carries the record of another mutation, and so cannot be settled."""
    wrong = Record(gid=mutation.gid[:-1] + "9", entity=mutation.entity, version="v", hash="0" * 32, data={})
    return Outcome(mutation_id=mutation.mutation_id, status=Status.APPLIED, record=wrong)


def watched(client: World) -> list[tuple[tuple[str, ...], dict[str, ItemState]]]:
    """Notes each batch that arrives with what the client's outbox holds at that moment."""
    seen: list[tuple[tuple[str, ...], dict[str, ItemState]]] = []
    push = client.gateway.push

    def noted(body: PushBody) -> object:
        seen.append((tuple(one.mutation_id for one in body.mutations), left(client)))
        return push(body)

    client.gateway.push = noted  # type: ignore[method-assign,assignment]
    return seen


def test_the_next_batch_has_left_when_the_one_before_is_settled(client: World) -> None:
    edits(client, 1, 2, 3, 4, 5)
    seen = watched(client)
    client.sync()
    assert [batch for batch, _ in seen] == [("m1", "m2"), ("m3", "m4"), ("m5",)]
    assert [[*outbox] for _, outbox in seen] == [
        ["m1", "m2", "m3", "m4", "m5"],
        ["m1", "m2", "m3", "m4", "m5"],  # what came back of the first is not settled yet
        ["m3", "m4", "m5"],
    ]
    assert left(client) == {}
    assert client.identical()


def test_a_later_edit_of_the_same_field_waits_until_the_earlier_is_settled(client: World) -> None:
    edits(client, 1, 2)
    client.gateway.faults["push"] = [Busy()]
    client.engine.cycle()  # what has been sent is frozen, so that the next edit is another mutation
    client.edit("again", 1, next_steps="Mine, once more")
    client.edit("other", 3, next_steps="Mine")
    client.clock.advance(60)
    seen = watched(client)
    client.sync()
    assert [batch for batch, _ in seen] == [("m1", "m2"), ("other",), ("again",)]
    assert client.gateway.data(1)["next_steps"] == "Mine, once more"
    assert "m1" not in seen[2][1]


def test_what_was_answered_is_settled_when_the_next_batch_brings_an_error(client: World) -> None:
    edits(client, 1, 2, 3, 4)
    client.gateway.faults["push"] = [None, Busy(retry_after=7.0)]
    client.engine.cycle()
    assert left(client) == {"m3": ItemState.QUEUED, "m4": ItemState.QUEUED}
    client.clock.advance(60)
    client.sync()
    assert left(client) == {}
    assert [client.gateway.data(number)["next_steps"] for number in range(1, 5)] == ["Mine"] * 4


def test_what_is_on_its_way_is_settled_when_the_one_before_cannot_be(client: World) -> None:
    edits(client, 1, 2, 3, 4)
    client.gateway.outcomes["m1"] = of_another
    client.engine.cycle()
    assert left(client) == {"m1": ItemState.DEFERRED}
    assert client.gateway.pushed == [("m1", "m2"), ("m3", "m4")]


@pytest.mark.parametrize("error", [Busy(), HostileAnswer("Nonsense.")])
def test_both_wrong(client: World, error: CounterpartError) -> None:
    """The first cannot be settled and the second brings an error: the second is kept as it is, to be sent again."""
    edits(client, 1, 2, 3, 4)
    client.gateway.outcomes["m1"] = of_another
    client.gateway.faults["push"] = [None, error]
    client.engine.cycle()
    assert left(client).keys() == {"m1", "m3", "m4"}
    del client.gateway.outcomes["m1"], client.gateway.ledger["m1"]
    client.clock.advance(600)
    client.sync()
    assert left(client) == {}
    assert client.identical()


def test_told_to_stop_it_settles_what_was_answered_and_sends_no_more(client: World) -> None:
    edits(client, 1, 2, 3, 4)
    push = client.gateway.push

    def last(body: PushBody) -> object:
        client.going[0] = False
        return push(body)

    client.gateway.push = last  # type: ignore[method-assign,assignment]
    client.engine.cycle()
    assert left(client) == {"m3": ItemState.QUEUED, "m4": ItemState.QUEUED}
    assert client.gateway.pushed == [("m1", "m2")]


def test_a_crash_between_sending_and_settling_repeats_nothing(client: World) -> None:
    class Crash(BaseException):
        pass

    edits(client, 1, 2, 3, 4)
    settle_many = client.store.outbox.settle_many

    def crash(*_: object) -> None:
        raise Crash

    client.store.outbox.settle_many = crash  # type: ignore[method-assign,assignment]
    with pytest.raises(Crash):
        client.engine.cycle()
    assert set(left(client).values()) == {ItemState.SENDING}
    client.store.outbox.settle_many = settle_many  # type: ignore[method-assign]
    client.again()
    client.sync()
    assert left(client) == {}
    assert client.identical()
    assert len([line for line in client.lines() if "What m" in line]) == 4, "each is told once"
