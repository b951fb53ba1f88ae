"""What waits to be done: how much of it one user may have, and that nobody's keeps others' waiting."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.contract.mutations import PushBody, Status
from gateway import ledger
from gateway.limits import Limits
from gateway.problems import Problem
from gateway.tables import ledger as table
from tests.gateway.pushes import code, draft
from tests.gateway.world import World


def down(most: int = 1000) -> World:
    """A world whose system is down, so that all that is pushed stays open."""
    world = World(replace(Limits(), open_most=most))
    world.port.down = True
    return world


def open_ones(world: World) -> list[str]:
    """Mutations that are written down and not done."""
    with world.gateway.ground.database.read() as connection:
        found = select(table.c.mutation_id).where(table.c.state == "received").order_by(table.c.seq)
        return list(connection.execute(found).scalars())


def test_as_much_is_written_down_as_there_is_room_for() -> None:
    world = down(most=3)
    mutations = [world.new_deal() for _ in range(5)]
    outcomes = world.push(world.admin, *mutations[:2])
    assert [code(one) for one in outcomes] == ["later", "later"]
    with pytest.raises(Problem) as caught:
        world.push(world.admin, *mutations[1:])
    assert (caught.value.status, caught.value.code, caught.value.retry_after) == (429, "too_many_open", 60.0)
    assert open_ones(world) == [one.mutation_id for one in mutations[:3]]
    # Somebody else's room is theirs.
    assert code(world.push_one(world.other, world.new_deal(company=world.gid(world.south)))) == "later"


def test_what_is_known_is_answered_and_what_was_put_off_goes_once_there_is_room() -> None:
    world = down(most=3)
    mutations = [world.new_deal() for _ in range(4)]
    with pytest.raises(Problem):
        world.push(world.admin, *mutations)
    world.port.down = False
    world.clock.forward(60)
    outcomes = world.push(world.admin, *mutations)
    assert [one.status for one in outcomes] == [Status.APPLIED] * 3 + [Status.DEFERRED]
    assert (code(outcomes[3]), outcomes[3].retry_after) == ("too_many_open", 60.0)
    assert world.push_one(world.admin, mutations[3]).status is Status.APPLIED
    assert open_ones(world) == []
    assert world.port.writes == 4


def test_everybody_has_their_turn() -> None:
    world = down()
    many = [world.new_deal() for _ in range(30)]
    for start in range(0, 30, 10):
        world.gateway.push(world.admin, PushBody(mutations=tuple(many[start : start + 10])))
    few = [world.new_deal(company=world.gid(world.south)) for _ in range(2)]
    world.push(world.other, *few)
    world.clock.forward(600)
    with world.gateway.ground.database.read() as connection:
        entries = ledger.waiting(connection, world.clock.now(), 6)
    assert [entry.user == world.other.user for entry in entries] == [False, True, False, True, False, False]
    assert [entry.mutation_id for entry in entries if entry.user == world.other.user] == [
        one.mutation_id for one in few
    ]
    world.port.down = False
    assert world.gateway._intake.recover(4) == 4
    assert set(open_ones(world)) == {one.mutation_id for one in many[2:]}


def test_what_waits_for_its_own_record_takes_nobodys_place() -> None:
    world = World()
    _, gid = draft(world)
    world.port.down = True
    edits = [world.patch(gid, {"competitor": None}, {"competitor": f"rival {n}"}) for n in range(3)]
    for one in edits:
        world.push_one(world.admin, one)
    # Only the first is written down: the others were told to wait for it.
    assert open_ones(world) == [edits[0].mutation_id]
    with world.gateway.ground.feed.writing() as writer:
        asked = [ledger.Asked.of(one) for one in edits[1:]]
        ledger.receive(writer.connection, world.admin.user, "d", asked, world.clock.now())
    world.clock.forward(600)
    with world.gateway.ground.database.read() as connection:
        found = ledger.waiting(connection, world.clock.now(), 10)
    assert [entry.mutation_id for entry in found] == [edits[0].mutation_id]


def test_what_could_not_be_taken_up_lets_others_go_first() -> None:
    world = down()
    first = world.new_deal()
    world.push_one(world.admin, first)
    waits = world.new_deal().model_copy(update={"depends_on": ("never heard of",)})
    with world.gateway.ground.feed.writing() as writer:
        asked = [ledger.Asked.of(waits)]
        ledger.receive(writer.connection, world.admin.user, "d", asked, world.clock.now())
    world.clock.forward(1)
    assert world.gateway._intake.recover(1) == 0
    with world.gateway.ground.database.read() as connection:
        due = connection.execute(
            select(table.c.due_at).where(table.c.mutation_id == waits.mutation_id)
        ).scalar_one()
    assert due > world.clock.now()
