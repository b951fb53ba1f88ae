"""A push that takes long: what somebody else has settled meanwhile is not written once more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.contract.mutations import Mutation, Outcome, Status
from app.sync.wire import TIMEOUTS
from gateway.crm.port import Actor, Ref, SourceRow
from gateway.ledger import Asked
from gateway.limits import Limits
from tests.gateway.world import World


class Slow:
    """A system without conditional writes in which an update takes its time; what happens meanwhile is played after
    the first one was made. `written` counts how often each mark reached it."""

    def __init__(self, world: World, seconds: float, meanwhile: Callable[[], None]) -> None:
        self.written: Counter[str] = Counter()
        self._world = world
        self._seconds = seconds
        self._meanwhile = meanwhile
        self._update = world.port.update
        world.port.unconditional()

    def update(
        self, ref: Ref, fields: Mapping[str, Any], marker: str, actor: Actor, revision: str | None
    ) -> SourceRow:
        """Write, and let time pass."""
        self.written[marker] += 1
        row = self._update(ref, fields, marker, actor, revision)
        self._world.clock.forward(self._seconds)
        if self.written.total() == 1:
            self._meanwhile()
        return row


def edits(world: World, count: int) -> tuple[list[Ref], list[Mutation]]:
    """An edit each of some deals."""
    refs = [world.deal() for _ in range(count)]
    world.read()
    change = {"competitor": "Northwall"}
    return refs, [world.patch(world.gid(ref), {"competitor": None}, change) for ref in refs]


def statuses(outcomes: list[Outcome]) -> list[Status]:
    """How they ended."""
    return [outcome.status for outcome in outcomes]


def test_a_lease_outlives_a_push_and_the_patience_of_its_client() -> None:
    limits, read = Limits(), TIMEOUTS.read
    assert read is not None
    assert limits.lease.total_seconds() >= 3 * max(limits.push_seconds, read)


def test_what_goes_alone_heeds_the_time_a_push_may_take(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, batch = edits(world, 5)
    slow = Slow(world, 6.0, lambda: None)
    monkeypatch.setattr(world.port, "update", slow.update)
    began = world.clock.monotonic()
    outcomes = world.push(world.admin, *batch)
    assert statuses(outcomes) == [Status.APPLIED] * 2 + [Status.DEFERRED] * 3
    assert world.clock.monotonic() - began < 2 * world.limits.push_seconds
    assert all(outcome.retry_after for outcome in outcomes[2:])
    world.clock.forward(1)
    assert world.gateway.recover() == 3, "nobody keeps what was put off"
    assert statuses(world.push(world.admin, *batch)) == [Status.APPLIED] * 5
    assert set(slow.written.values()) == {1}


def test_what_was_settled_while_a_push_was_busy_elsewhere_is_not_written_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(Limits(push_seconds=1000))
    refs, batch = edits(world, 3)

    def meanwhile() -> None:
        assert world.gateway.recover() == 3
        assert world.port.rows[refs[2]].fields["rival"] == "Northwall"
        world.port.edit(refs[2], rival=None)

    slow = Slow(world, world.limits.lease.total_seconds() + 1, meanwhile)
    monkeypatch.setattr(world.port, "update", slow.update)
    outcomes = world.push(world.admin, *batch)
    assert statuses(outcomes) == [Status.APPLIED] * 3
    assert set(slow.written.values()) == {1}
    assert world.port.rows[refs[2]].fields["rival"] is None, "the vendor took it back"


def test_what_somebody_else_has_taken_over_is_left_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Limits(push_seconds=1000))
    refs, batch = edits(world, 2)

    def meanwhile() -> None:
        taken = world.gateway._intake._receive(world.admin.user, "elsewhere", [Asked.of(batch[1])])
        assert not isinstance(taken[0], Outcome)

    slow = Slow(world, world.limits.lease.total_seconds() + 1, meanwhile)
    monkeypatch.setattr(world.port, "update", slow.update)
    assert statuses(world.push(world.admin, *batch)) == [Status.APPLIED, Status.DEFERRED]
    assert "rival" not in world.port.rows[refs[1]].fields
    assert world.gateway.recover() == 0, "whoever has it keeps it"


def test_a_lease_begins_anew_with_each_that_goes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Limits(push_seconds=1000, lease=timedelta(seconds=10)))
    _, batch = edits(world, 4)
    done: list[int] = []
    slow = Slow(world, 6.0, lambda: None)

    def update(*args: Any) -> SourceRow:
        row = slow.update(*args)
        if slow.written.total() == 2:
            # Twelve seconds after all of them were taken, and six after the second one's turn came.
            done.append(world.gateway.recover())
        return row

    monkeypatch.setattr(world.port, "update", update)
    assert statuses(world.push(world.admin, *batch)) == [Status.APPLIED] * 4
    assert done[0] == 2
    assert set(slow.written.values()) == {1}


def test_deciding_together_heeds_the_time_a_push_may_take(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs, batch = edits(world, 4)
    for ref in refs[:3]:
        world.port.edit(ref, rival="Stonegate")
    world.port.edit(refs[3], www="elsewhere.example")
    was_written = world.port.was_written

    def slowly(ref: Ref, marker: str) -> bool:
        world.clock.forward(6)
        return was_written(ref, marker)

    monkeypatch.setattr(world.port, "was_written", slowly)
    outcomes = world.push(world.admin, *batch)
    assert statuses(outcomes) == [Status.CONFLICT] * 2 + [Status.DEFERRED] * 2
    assert world.port.writes == 0
