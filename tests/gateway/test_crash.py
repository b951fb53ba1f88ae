"""The process ends at the worst moment: after coming back everything happened exactly once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.contract.mutations import Kind, Mutation, Status
from gateway.crm.port import CrmUnavailable, Ref
from gateway.failpoints import Crash, Failpoint
from tests.gateway.world import Mirror, World

Make = Callable[[World], Mutation]


def patch(world: World) -> Mutation:
    """An edit of the one deal there is."""
    return world.patch(world.gid(deal_of(world)), {"competitor": None}, {"competitor": "Northwall"})


def create(world: World) -> Mutation:
    """A new deal."""
    return world.new_deal()


def append(world: World) -> Mutation:
    """A message on the deal."""
    return world.message(world.gid(deal_of(world)))


def command(world: World) -> Mutation:
    """Withdrawing the deal."""
    return world.command(world.gid(deal_of(world)), "withdraw", "draft")


def delete(world: World) -> Mutation:
    """Deleting the deal."""
    gid = world.gid(deal_of(world))
    seen = Mirror(world, world.admin).snapshot().rows[gid][1]
    return world.mutation(Kind.DELETE, "deal_registration", gid, base_version=seen)


def deal_of(world: World) -> Ref:
    """The first deal in the system."""
    return next(ref for ref in world.port.rows if ref.obj == "deal")


def crash_at(world: World, point: Failpoint) -> None:
    """Let the process end the next time it comes to a point."""

    def hook(reached: Failpoint) -> None:
        if reached is point:
            raise Crash

    world.gateway.failpoints.hook = hook


KINDS = (patch, create, append, command, delete)


@pytest.mark.parametrize("ingested", [False, True], ids=["", "ingest was quicker"])
@pytest.mark.parametrize("point", list(Failpoint))
@pytest.mark.parametrize("make", KINDS)
def test_after_a_crash_the_client_sends_it_again(make: Make, point: Failpoint, ingested: bool) -> None:
    world = World()
    world.deal()
    world.read()
    mutation = make(world)
    crash_at(world, point)
    with pytest.raises(Crash):
        world.push_one(world.admin, mutation)
    world.gateway = world.restarted()
    world.let_leases_run_out()  # nobody freed the lease; it has run out
    if ingested:
        world.read()
    outcome = world.push_one(world.admin, mutation)
    assert outcome.status is Status.APPLIED
    assert world.port.writes == 1
    client = Mirror(world, world.admin).snapshot()
    assert world.read() == 0, "what the outcome wrote is what the system holds"
    assert client.pull().gone == []


@pytest.mark.parametrize("point", list(Failpoint))
@pytest.mark.parametrize("make", KINDS)
def test_after_a_crash_the_gateway_finishes_it_by_itself(make: Make, point: Failpoint) -> None:
    world = World()
    world.deal()
    world.read()
    client = Mirror(world, world.admin).snapshot()
    mutation = make(world)
    crash_at(world, point)
    with pytest.raises(Crash):
        world.push_one(world.admin, mutation)
    world.gateway = world.restarted()
    done = world.gateway.recover(alone=True)
    assert done == (0 if point is Failpoint.AFTER_OUTCOME else 1)
    assert world.port.writes == 1
    assert client.pull().hashes() == Mirror(world, world.admin).snapshot().hashes()
    assert world.push_one(world.admin, mutation).status is Status.APPLIED, (
        "the client never came back until now"
    )
    assert world.port.writes == 1
    assert world.gateway.receipt(world.admin, mutation.mutation_id).body.status == "applied"


@pytest.mark.parametrize("make", KINDS)
def test_an_answer_lost_on_its_way_from_the_system(make: Make) -> None:
    world = World()
    world.deal()
    world.read()
    mutation = make(world)

    def lost() -> None:
        raise CrmUnavailable("connection reset")

    world.port.after_write = lost
    assert world.push_one(world.admin, mutation).status is Status.DEFERRED
    assert world.push_one(world.admin, mutation).status is Status.APPLIED
    assert world.port.writes == 1


def test_a_vendors_edit_after_a_write_that_got_through_is_kept() -> None:
    world = World()
    ref = world.deal()
    world.read()
    mutation = patch(world)
    crash_at(world, Failpoint.AFTER_CRM_WRITE)
    with pytest.raises(Crash):
        world.push_one(world.admin, mutation)
    world.port.edit(ref, rival="Stonegate")
    world.gateway = world.restarted()
    assert world.gateway.recover(alone=True) == 1
    assert world.port.rows[ref].fields["rival"] == "Stonegate"
    outcome = world.push_one(world.admin, mutation)
    assert outcome.status is Status.APPLIED
    assert outcome.record is not None
    assert outcome.record.data["competitor"] == "Stonegate"


def test_what_was_written_counts_also_when_it_would_be_refused_now() -> None:
    world = World()
    new = world.new_deal()
    crash_at(world, Failpoint.AFTER_CRM_WRITE)
    with pytest.raises(Crash):
        world.push_one(world.rep, new)
    world.gateway = world.restarted()
    world.gateway.identity.set_companies(world.rep.user, [world.gid(world.south)])
    assert world.gateway.recover(alone=True) == 1
    outcome = world.push_one(world.rep, new)
    assert (outcome.status, outcome.record) == (Status.APPLIED, None), (
        "it is there, and not theirs to see any more"
    )


def test_a_ledger_lost_with_a_restored_database_does_not_make_a_record_twice() -> None:
    world = World()
    new = world.new_deal()
    assert world.push_one(world.rep, new).status is Status.APPLIED
    older = World()  # the same beginnings, without the ledger: as restored from a copy made before
    older.port.rows = world.port.rows
    assert older.push_one(older.rep, new).status is Status.APPLIED
    assert sum(row.fields.get("portal_ref") == new.gid for row in world.port.rows.values()) == 1


def test_the_order_of_one_users_mutations_survives_a_crash() -> None:
    world = World()
    ref = world.deal()
    world.read()
    gid = world.gid(ref)
    first = world.patch(gid, {"competitor": None}, {"competitor": "one"})
    second = world.patch(gid, {"competitor": "one"}, {"competitor": "two"})
    crash_at(world, Failpoint.AFTER_RECEIVED)
    with pytest.raises(Crash):
        world.push_one(world.admin, first)
    world.gateway = world.restarted()
    world.let_leases_run_out()
    assert world.push_one(world.admin, second).status is Status.DEFERRED, "the first one comes first"
    outcomes = world.push(world.admin, first, second)
    assert [o.status for o in outcomes] == [Status.APPLIED, Status.APPLIED]
    assert world.port.rows[ref].fields["rival"] == "two"
