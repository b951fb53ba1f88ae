"""Mutations sent together or again: their ids, their order, what they wait for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from app.contract.mutations import Mutation, Outcome, PushAnswer, PushBody, Status
from app.contract.version import WIRE_SCHEMA
from gateway.crm.port import CrmUnavailable, Ref
from gateway.ledger import Asked
from gateway.problems import Problem
from tests.gateway.pushes import code, draft
from tests.gateway.world import World


def test_the_same_mutation_again_gives_its_outcome_and_the_record_of_today(world: World) -> None:
    ref, gid = draft(world)
    edit = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})
    first = world.push_one(world.admin, edit)
    world.port.edit(ref, rival="Stonegate")
    world.read()
    again = world.push_one(world.admin, edit)
    assert (again.status, again.receipt, again.written_at) == (first.status, first.receipt, first.written_at)
    assert again.record is not None
    assert again.record.data["competitor"] == "Stonegate"
    assert world.port.rows[ref].fields["rival"] == "Stonegate", "nothing is written twice"


def test_the_same_id_with_another_body_is_refused(world: World) -> None:
    ref, gid = draft(world)
    edit = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})
    world.push_one(world.admin, edit)
    other = edit.model_copy(update={"changes": {"competitor": "Stonegate"}})
    assert code(world.push_one(world.admin, other)) == "id_reused"
    assert world.port.rows[ref].fields["rival"] == "Northwall"


def test_one_id_for_two_records_of_a_batch_is_refused_for_the_second_alone(world: World) -> None:
    rows = [draft(world) for _ in range(3)]
    edits = [world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}) for _, gid in rows]
    edits[2] = edits[2].model_copy(update={"mutation_id": edits[1].mutation_id})
    outcomes = world.push(world.admin, *edits)
    assert [o.status for o in outcomes] == [Status.APPLIED, Status.APPLIED, Status.REJECTED]
    assert code(outcomes[2]) == "id_reused"
    assert [world.port.rows[ref].fields.get("rival") for ref, _ in rows] == ["Northwall", "Northwall", None]


@pytest.mark.parametrize(
    ("odd", "field"),
    [
        ({"mutation_id": "\ud800"}, "mutation_id"),
        ({"mutation_id": {"a": 1}}, "mutation_id"),
        ({"mutation_id": None}, "mutation_id"),
        ({"\ud800": 1}, "mutation"),
    ],
)
def test_names_that_cannot_be_told_again_fail_no_other(world: World, odd: dict[str, Any], field: str) -> None:
    _, one = draft(world)
    _, two = draft(world)
    good, bad = (world.patch(gid, {"competitor": None}, {"competitor": "x"}) for gid in (one, two))
    items = [good.model_dump(mode="json"), {**bad.model_dump(mode="json"), **odd}]
    answer = world.gateway.push_items(world.admin, items)
    told = PushAnswer.model_validate_json(answer.model_dump_json())
    assert [o.status for o in told.outcomes] == [Status.APPLIED, Status.REJECTED]
    assert told.outcomes[1].problem is not None
    assert list(told.outcomes[1].problem.fields) == [field]
    newer = {**items[1], "wire_schema": WIRE_SCHEMA + 1, "a_member_to_come": 1}
    (outcome,) = world.gateway.push_items(world.admin, [newer]).outcomes
    assert outcome.model_dump_json()
    assert outcome.status is Status.DEFERRED


def test_ids_of_two_users_do_not_meet(world: World) -> None:
    _, gid = draft(world)
    edit = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})
    world.push_one(world.admin, edit)
    outcome = world.push_one(world.other, edit)
    assert (outcome.status, outcome.record) == (Status.GONE, None)
    with pytest.raises(Problem):
        world.gateway.receipt(world.rep, edit.mutation_id)


def test_a_conflict_told_again_after_revocation_shows_nothing_of_the_record(world: World) -> None:
    ref, gid = draft(world)
    world.port.edit(ref, rival="Stonegate")
    edit = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})
    assert world.push_one(world.admin, edit).status is Status.CONFLICT
    world.port.edit(ref, account_id=world.south.id)
    world.read()
    again = world.push_one(world.admin, edit)
    assert (again.status, again.clashes, again.record) == (Status.GONE, (), None)
    assert "Stonegate" not in again.model_dump_json()


def test_one_bad_mutation_fails_no_other(world: World) -> None:
    _, one = draft(world)
    _, two = draft(world)
    good = [world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}) for gid in (one, two)]
    items: list[Any] = [
        good[0].model_dump(mode="json"),
        {"mutation_id": "m1", "kind": "explode"},
        "nonsense",
        {**good[0].model_dump(mode="json"), "mutation_id": world.ids.new_id(), "surprise": 1},
        {**good[0].model_dump(mode="json"), "mutation_id": world.ids.new_id(), "changes": {"amount": 1.5}},
        {
            **good[0].model_dump(mode="json"),
            "mutation_id": world.ids.new_id(),
            "changes": {"title": "\ud800"},
        },
        {**good[0].model_dump(mode="json"), "mutation_id": "x" * 61},
        {**good[0].model_dump(mode="json"), "mutation_id": "m2", "captured_at": "0001-01-01T00:00:00Z"},
        good[1].model_dump(mode="json"),
    ]
    answer = world.gateway.push_items(world.admin, items)
    assert [o.status for o in answer.outcomes] == [Status.APPLIED, *[Status.REJECTED] * 7, Status.APPLIED]
    assert {code(o) for o in answer.outcomes[1:-1]} == {"malformed"}
    assert answer.outcomes[1].mutation_id == "m1"


def test_a_bug_met_by_one_mutation_fails_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, one = draft(world)
    _, two = draft(world)
    update = world.port.update

    def broken(ref: Ref, *args: Any) -> Any:
        if world.gid(ref) == one:
            raise KeyError("unforeseen")
        return update(ref, *args)

    monkeypatch.setattr(world.port, "update", broken)
    bad, good = (world.patch(gid, {"competitor": None}, {"competitor": "x"}) for gid in (one, two))
    assert [o.status for o in world.push(world.admin, bad, good)] == [Status.DEFERRED, Status.APPLIED]
    again = [world.push_one(world.admin, bad) for _ in range(5)]
    assert [o.status for o in again] == [*[Status.DEFERRED] * 4, Status.REJECTED], "it is given up in the end"
    assert code(again[-1]) == "failed"


def test_a_batch_is_not_endless(world: World) -> None:
    with pytest.raises(Problem) as caught:
        world.gateway.push_items(world.admin, [{}] * 201)
    assert caught.value.status == 413


def test_a_closed_account_is_told_at_once(world: World) -> None:
    world.gateway.identity.deactivate(world.admin.user)
    with pytest.raises(Problem) as caught:
        world.gateway.push(world.admin, PushBody(mutations=(world.new_deal(),)))
    assert caught.value.status == 401


def test_a_newer_schema_is_not_guessed_at_and_waits_for_a_newer_gateway(world: World) -> None:
    newer = world.new_deal().model_copy(update={"wire_schema": WIRE_SCHEMA + 1})
    outcome = world.push_one(world.rep, newer)
    assert (outcome.status, outcome.retry_after) == (Status.DEFERRED, 300.0)
    assert outcome.problem is not None
    assert "newer version" in outcome.problem.message
    assert world.port.writes == 0
    odd = {**newer.model_dump(mode="json"), "mutation_id": "m", "a_member_to_come": 1}
    (outcome,) = world.gateway.push_items(world.rep, [odd]).outcomes
    assert (outcome.status, outcome.retry_after) == (Status.DEFERRED, 300.0)


def test_dependencies(world: World) -> None:
    _, gid = draft(world)
    edit = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})
    waits = world.message(gid, depends_on=(edit.mutation_id,))
    assert world.push_one(world.admin, waits).status is Status.DEFERRED, (
        "nothing is known of what it waits for"
    )
    assert [o.status for o in world.push(world.admin, edit, waits)] == [Status.APPLIED, Status.APPLIED]
    refused = world.patch(gid, {}, {"number": "D-1"})
    hopeless = world.message(gid, depends_on=(refused.mutation_id,))
    outcomes = world.push(world.admin, refused, hopeless)
    assert [code(o) for o in outcomes] == ["read_only", "depends"]
    assert code(world.push_one(world.admin, hopeless)) == "depends", "and that is its outcome for good"


def test_what_was_done_before_the_ledger_was_set_back_is_not_waited_for_for_ever(world: World) -> None:
    _, gid = draft(world)
    forgotten = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})
    waits = world.message(gid, depends_on=(forgotten.mutation_id,))
    for _ in range(6):
        assert world.push_one(world.admin, waits).status is Status.DEFERRED
        world.clock.forward(10)
    assert world.push_one(world.admin, waits).status is Status.APPLIED


def test_what_follows_a_deferred_mutation_on_the_same_record_waits_with_it(world: World) -> None:
    _, one = draft(world)
    _, two = draft(world)

    def fail() -> None:
        raise CrmUnavailable("The memory CRM is down.", 3.0)

    world.port.before_write = fail
    batch = [
        world.patch(one, {"competitor": None}, {"competitor": "first"}),
        world.patch(one, {"competitor": "first"}, {"competitor": "second"}),
        world.message(one),
        world.patch(two, {"competitor": None}, {"competitor": "other"}),
    ]
    statuses = [o.status for o in world.push(world.admin, *batch)]
    assert statuses == [Status.DEFERRED, Status.DEFERRED, Status.DEFERRED, Status.APPLIED]
    assert [o.status for o in world.push(world.admin, *batch)] == [Status.APPLIED] * 4


def test_the_budget_defers_the_rest(world: World) -> None:
    _, one = draft(world)
    _, two = draft(world)
    world.port.after_write = lambda: world.clock.forward(11)
    batch = [world.patch(gid, {"competitor": None}, {"competitor": "x"}) for gid in (one, two)]
    outcomes = world.push(world.admin, *batch)
    assert [o.status for o in outcomes] == [Status.APPLIED, Status.DEFERRED]
    assert outcomes[1].retry_after


def test_a_record_somebody_works_on_is_left_alone(world: World) -> None:
    _, gid = draft(world)
    inner: list[Outcome] = []
    other = world.patch(gid, {"website": "riverside.example"}, {"website": "r.example"})
    world.port.after_write = lambda: inner.append(world.push_one(world.colleague(), other))
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "x"}))
    assert outcome.status is Status.APPLIED
    assert [o.status for o in inner] == [Status.DEFERRED]


def test_a_system_that_is_down_defers_with_its_own_pause(world: World) -> None:
    _, gid = draft(world)
    world.port.down = True
    edit = world.patch(gid, {"competitor": None}, {"competitor": "x"})
    outcome = world.push_one(world.admin, edit)
    assert (outcome.status, outcome.retry_after) == (Status.DEFERRED, 3.0)
    world.port.down = False
    assert world.gateway.recover() == 0, "its pause is not over"
    world.clock.forward(3)
    assert world.gateway.recover() == 1
    assert world.push_one(world.admin, edit).status is Status.APPLIED
    assert world.port.writes == 1


def test_mutations_of_a_closed_account_are_not_finished(world: World) -> None:
    ref, gid = draft(world)
    world.port.down = True
    world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "x"}))
    world.port.down = False
    world.gateway.identity.deactivate(world.admin.user)
    world.clock.forward(10)
    assert world.gateway.recover() == 1
    assert "rival" not in world.port.rows[ref].fields


def test_a_lease_left_behind_runs_out(world: World) -> None:
    _, gid = draft(world)
    edit: Mutation = world.patch(gid, {"competitor": None}, {"competitor": "x"})
    (work,) = world.gateway._intake._receive(world.admin.user, "elsewhere", [Asked.of(edit)])
    assert not isinstance(work, Outcome)
    assert world.push_one(world.admin, edit).status is Status.DEFERRED
    world.let_leases_run_out()
    assert world.push_one(world.admin, edit).status is Status.APPLIED


def test_what_somebody_is_working_on_is_not_finished_by_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, gid = draft(world)
    edit: Mutation = world.patch(gid, {"competitor": None}, {"competitor": "x"})
    intake = world.gateway._intake
    assert not isinstance(intake._receive(world.admin.user, "elsewhere", [Asked.of(edit)])[0], Outcome)
    tried: list[int] = []
    receive = intake._receive

    def noted(user: str, device: str, asked: Sequence[Asked]) -> object:
        tried.append(len(asked))
        return receive(user, device, asked)

    monkeypatch.setattr(intake, "_receive", noted)
    assert world.gateway.recover() == 0
    assert tried == [], "it is not even looked at, as long as whoever has it may still be at it"
    world.let_leases_run_out()
    assert world.gateway.recover() == 1
