"""Edits and their outcomes, and what a user does not see; one named case each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from app.contract.mutations import ClashReason, Kind, Status
from gateway.crm.port import Ref
from tests.gateway.pushes import code, draft, version_of
from tests.gateway.world import World

# ------------------------------------------------------------------------------------------------------------ patches


def test_an_edit_writes_only_what_was_touched(world: World) -> None:
    ref, gid = draft(world)
    world.port.edit(ref, www="new.example")  # not read yet: the write must not take it back
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert outcome.status is Status.APPLIED
    row = world.port.rows[ref]
    assert (row.fields["rival"], row.fields["www"]) == ("Northwall", "new.example")
    assert row.history["rival"].by == "Ada Admin"
    assert row.history["rival"].via == "portal, Ada's laptop"
    assert outcome.record is not None
    assert outcome.record.data["website"] == "new.example", "the answer carries what is true now"
    assert outcome.written_at == world.clock.now()


def test_an_edit_of_a_record_somebody_else_changed_elsewhere_is_merged(world: World) -> None:
    ref, gid = draft(world)
    seen = version_of(world, gid)
    world.port.edit(ref, clerk="Jonas Meyer")
    edit = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}, base_version=seen)
    outcome = world.push_one(world.admin, edit)
    assert (outcome.status, outcome.others) == (Status.MERGED, ("reviewer",))


def test_ones_own_edits_are_nobody_elses(world: World) -> None:
    _, gid = draft(world)
    seen = version_of(world, gid)
    first = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}, base_version=seen)
    second = world.patch(gid, {"website": "riverside.example"}, {"website": "r.example"}, base_version=seen)
    assert [o.status for o in world.push(world.admin, first, second)] == [Status.APPLIED, Status.APPLIED]


def test_long_texts_are_merged_by_line(world: World) -> None:
    ref, gid = draft(world, stage="5", todo="one\ntwo\nthree\nfour\n")
    world.port.edit(ref, todo="one!\ntwo\nthree\nfour\n")
    base = "one\ntwo\nthree\nfour\n"
    outcome = world.push_one(
        world.admin, world.patch(gid, {"next_steps": base}, {"next_steps": "one\ntwo\nthree\nfour?\n"})
    )
    assert (outcome.status, outcome.others) == (Status.MERGED, ("next_steps",))
    assert world.port.rows[ref].fields["todo"] == "one!\ntwo\nthree\nfour?\n"


def test_the_same_field_on_both_sides_is_a_conflict_and_nothing_is_written(world: World) -> None:
    ref, gid = draft(world)
    world.clock.forward(30)
    at = world.clock.now()
    world.port.edit(ref, by="Jonas Meyer", rival="Stonegate")
    writes = world.port.writes
    edit = world.patch(
        gid,
        {"competitor": None, "website": "riverside.example"},
        {"competitor": "Northwall", "website": "r.example"},
    )
    outcome = world.push_one(world.admin, edit)
    assert outcome.status is Status.CONFLICT
    (clash,) = outcome.clashes
    assert (clash.group, clash.reason) == ("competitor", ClashReason.BOTH_CHANGED)
    assert (clash.base, clash.theirs, clash.mine) == (
        {"competitor": None},
        {"competitor": "Stonegate"},
        {"competitor": "Northwall"},
    )
    assert (clash.theirs_by, clash.theirs_at, clash.theirs_via) == ("Jonas Meyer", at, "web")
    assert world.port.writes == writes
    assert outcome.record is not None
    assert outcome.record.data["competitor"] == "Stonegate"


def test_fields_that_mean_one_thing_clash_together(world: World) -> None:
    ref, gid = draft(world)
    world.port.edit(ref, cur="EUR")
    edit = world.patch(
        gid, {"amount": "18425.00", "currency": "GBP"}, {"amount": "20000.00", "currency": "GBP"}
    )
    outcome = world.push_one(world.admin, edit)
    assert [clash.group for clash in outcome.clashes] == ["amount"]
    assert world.port.rows[ref].fields["cents"] == 1_842_500


def test_an_edit_the_state_has_locked_meanwhile_says_who_locked_it(world: World) -> None:
    ref, gid = draft(world)
    world.port.edit(ref, by="Jonas Meyer", stage="2")
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert [c.reason for c in outcome.clashes] == [ClashReason.LOCKED]
    assert outcome.clashes[0].theirs_by == "Jonas Meyer"


def test_an_edit_that_is_true_already_writes_nothing(world: World) -> None:
    _, gid = draft(world, rival="Northwall")
    writes = world.port.writes
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert (outcome.status, world.port.writes, outcome.written_at) == (Status.APPLIED, writes, None)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"number": "D-1"}, ("read_only", "number")),
        ({"state": "approved"}, ("read_only", "state")),
        ({"margin": "12"}, ("unknown_field", "margin")),
        ({"amount": "1e3x"}, ("type", "amount")),
        ({"amount": "-5.00", "currency": "GBP"}, ("between", "amount")),
        ({"target_close": "2020-01-01"}, ("not_before", "target_close")),
        ({"customer": ""}, ("required", "customer")),
        ({"street": "High Street"}, ("unknown_field", "street")),
    ],
)
def test_edits_that_break_a_rule(world: World, changes: dict[str, Any], expected: tuple[str, str]) -> None:
    _, gid = draft(world)
    writes = world.port.writes
    base = {"amount": "18425.00", "target_close": "2026-12-20", "customer": "Riverside", "currency": "GBP"}
    outcome = world.push_one(world.admin, world.patch(gid, base, changes))
    assert outcome.status is Status.REJECTED
    assert outcome.problem is not None
    assert (outcome.problem.code, *outcome.problem.fields) == expected
    assert world.port.writes == writes


def test_the_systems_own_refusal_stands_on_the_contracts_field_in_its_words(world: World) -> None:
    _, gid = draft(world)
    world.port.refusals = {"rival": "We never name that company."}
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert outcome.problem is not None
    assert outcome.problem.fields == {"competitor": "We never name that company."}
    assert outcome.problem.message == "The CRM says no."


def test_a_deal_cannot_be_moved_to_a_company_that_is_not_ones_own(world: World) -> None:
    _, gid = draft(world)
    north, south = world.gid(world.north), world.gid(world.south)
    outcome = world.push_one(world.admin, world.patch(gid, {"company": north}, {"company": south}))
    assert code(outcome) == "company"


def test_a_reference_to_a_foreign_record_is_refused(world: World) -> None:
    ticket = world.port.add(
        "ticket", account_id=world.north.id, head="Help", stage="N", cat="question", prio="low"
    )
    foreign = world.deal(world.south)
    world.read()
    edit = world.patch(world.gid(ticket), {"deal": None}, {"deal": world.gid(foreign)}, entity="request")
    outcome = world.push_one(world.admin, edit)
    assert outcome.problem is not None
    assert outcome.problem.fields == {"deal": "This record is not shared with you."}


def test_somebody_elses_write_in_the_last_moment_is_met_by_deciding_again(world: World) -> None:
    ref, gid = draft(world)
    world.port.before_write = lambda: world.port.edit(ref, rival="Stonegate")
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert outcome.status is Status.CONFLICT
    assert world.port.rows[ref].fields["rival"] == "Stonegate"


def test_a_record_deleted_in_the_last_moment_is_gone(world: World) -> None:
    ref, gid = draft(world)
    world.port.before_write = lambda: world.port.delete(ref)
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert (outcome.status, code(outcome)) == (Status.GONE, "deleted")


def test_a_system_without_conditional_writes_shows_a_slip_when_read_back(world: World) -> None:
    ref, gid = draft(world)
    world.port.unconditional()
    world.port.after_write = lambda: world.port.edit(ref, by="Jonas Meyer", rival="Stonegate")
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert outcome.status is Status.CONFLICT
    assert outcome.clashes[0].theirs == {"competitor": "Stonegate"}
    assert outcome.clashes[0].theirs_by == "Jonas Meyer"


@pytest.mark.parametrize("conditional", [True, False])
def test_a_value_the_system_brings_into_its_own_form_is_no_conflict(
    world: World, monkeypatch: pytest.MonkeyPatch, conditional: bool
) -> None:
    ref, gid = draft(world)
    if not conditional:
        world.port.unconditional()
    write = world.port._write

    def trimmed(row: Ref, fields: Mapping[str, Any], *more: Any) -> Any:
        return write(row, {n: v.strip() if isinstance(v, str) else v for n, v in fields.items()}, *more)

    monkeypatch.setattr(world.port, "_write", trimmed)
    seen = "Call them.\nSend an offer.\n"
    outcome = world.push_one(world.admin, world.patch(gid, {"next_steps": seen}, {"next_steps": "Wait. "}))
    assert (outcome.status, outcome.written_at) == (Status.APPLIED, world.clock.now())
    assert outcome.record is not None
    assert outcome.record.data["next_steps"] == world.port.rows[ref].fields["todo"] == "Wait."


def test_an_edit_that_slips_in_after_a_value_was_brought_into_form_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, gid = draft(world)
    world.port.unconditional()
    update = world.port.update

    def rounded(row: Ref, fields: Mapping[str, Any], *more: Any) -> Any:
        return update(row, {name: value.strip() for name, value in fields.items()}, *more)

    monkeypatch.setattr(world.port, "update", rounded)
    world.port.after_write = lambda: world.port.edit(ref, by="Jonas Meyer", rival="Stonegate")
    outcome = world.push_one(
        world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall "})
    )
    assert outcome.status is Status.CONFLICT
    assert outcome.clashes[0].theirs == {"competitor": "Stonegate"}


def test_a_system_without_conditional_writes_applies_when_nothing_slips_in(world: World) -> None:
    ref, gid = draft(world)
    world.port.unconditional()
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert outcome.status is Status.APPLIED
    assert world.port.rows[ref].fields["rival"] == "Northwall"


# --------------------------------------------------------------------------------------------------- what is not seen


@pytest.mark.parametrize("kind", ["patch", "command", "delete", "message"])
def test_a_foreign_record_is_as_gone_as_one_that_never_was(world: World, kind: str) -> None:
    _, foreign = draft(world, account=world.south)
    answers = []
    for gid in (foreign, world.ids.new_id()):
        mutation = {
            "patch": lambda gid=gid: world.patch(gid, {}, {"competitor": "x"}),
            "command": lambda gid=gid: world.command(gid, "withdraw", "draft"),
            "delete": lambda gid=gid: world.mutation(Kind.DELETE, "deal_registration", gid),
            "message": lambda gid=gid: world.message(gid),
        }[kind]()
        outcome = world.push_one(world.admin, mutation)
        answers.append((outcome.status, code(outcome), outcome.record))
    assert answers[0] == answers[1] == (Status.GONE, "revoked", None)
    assert world.port.writes == 0


def test_a_record_revoked_since_the_last_read_is_not_written(world: World) -> None:
    ref, gid = draft(world)
    world.port.edit(ref, account_id=world.south.id)  # the gateway has not read that yet
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert (outcome.status, code(outcome), outcome.record) == (Status.GONE, "revoked", None)
    assert "rival" not in world.port.rows[ref].fields


def test_a_read_only_role_changes_nothing(world: World) -> None:
    _, gid = draft(world)
    reader = world.user("Rita Reader", "read_only", world.north)
    outcomes = world.push(
        reader,
        world.patch(gid, {"competitor": None}, {"competitor": "x"}),
        world.command(gid, "withdraw", "draft"),
        world.new_deal(),
        world.message(gid),
    )
    assert {code(outcome) for outcome in outcomes} == {"not_allowed"}
    assert world.port.writes == 0


def test_a_role_that_may_not_create_deals(world: World) -> None:
    support = world.user("Sam Support", "support", world.north)
    assert code(world.push_one(support, world.new_deal())) == "not_allowed"
