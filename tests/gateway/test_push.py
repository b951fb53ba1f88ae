"""Mutations and their outcomes, one named case each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from app.contract.mutations import ClashReason, Kind, Mutation, Outcome, PushAnswer, PushBody, Status
from app.contract.version import WIRE_SCHEMA
from gateway.crm.port import CrmUnavailable, Ref
from gateway.ledger import Asked
from gateway.problems import Problem
from tests.gateway.world import Mirror, World


def code(outcome: Outcome) -> str:
    """Return the code of an outcome's problem."""
    assert outcome.problem is not None, outcome
    return outcome.problem.code


def draft(world: World, **fields: Any) -> tuple[Ref, str]:
    """Add a deal that has been read; return its row and gid."""
    ref = world.deal(**fields)
    world.read()
    return ref, world.gid(ref)


def version_of(world: World, gid: str) -> str:
    return Mirror(world, world.admin).snapshot().rows[gid][1]


# --------------------------------------------------------------------------------------------------------- patches


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
        ({"street": "High Street"}, ("invalid", "street")),
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


# ------------------------------------------------------------------------------------------------- what is not seen


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


# --------------------------------------------------------------------------------------------------------- creates


def test_a_new_deal_stands_in_the_system_under_its_own_gid(world: World) -> None:
    new = world.new_deal()
    outcome = world.push_one(world.rep, new)
    assert outcome.status is Status.APPLIED
    ref = world.port.find_created("deal", new.gid)
    assert ref is not None
    fields = world.port.rows[ref].fields
    assert (fields["cust"], fields["cents"], fields["account_id"]) == ("Hillcrest", 2_248_000, world.north.id)
    assert (fields["person"], fields["pipeline"], fields["stage"]) == ("Remy", "partner", "0")
    assert outcome.record is not None
    assert (outcome.record.gid, outcome.record.data["state"]) == (new.gid, "draft")
    assert outcome.record.data["owner"] == world.rep.user
    world.read()
    client = Mirror(world, world.rep).snapshot()
    assert client.of("deal_registration") == {new.gid}, "ingest finds the same record, not a second one"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"company": "south"}, "company"),
        ({"company": None}, "company"),
        ({"number": "D-1"}, "read_only"),
        ({"state": "approved"}, "read_only"),
        ({"magic": "x"}, "unknown_field"),
        ({"amount": "lots"}, "type"),
    ],
)
def test_new_deals_that_are_refused(world: World, changes: dict[str, Any], expected: str) -> None:
    if changes.get("company") == "south":
        changes = {"company": world.gid(world.south)}
    assert code(world.push_one(world.rep, world.new_deal(**changes))) == expected
    assert world.port.writes == 0


def test_a_draft_may_be_incomplete_and_a_request_may_not(world: World) -> None:
    assert world.push_one(world.rep, world.new_deal(problem="Short.", customer="")).status is Status.APPLIED
    company = world.gid(world.north)
    for changes, status in (
        ({"company": company, "subject": "Hi", "category": "question", "priority": "low"}, Status.REJECTED),
        (
            {"company": company, "subject": "Where?", "category": "question", "priority": "low"},
            Status.APPLIED,
        ),
    ):
        request = world.mutation(Kind.CREATE, "request", world.ids.new_id(), changes=changes)
        assert world.push_one(world.rep, request).status is status


def test_a_gid_that_is_taken_is_not_given_out_again(world: World) -> None:
    mine, foreign = world.ids.new_id(), world.ids.new_id()
    world.deal(portal_ref=mine)
    world.deal(account=world.south, portal_ref=foreign)
    world.read()
    message = world.message(mine).model_copy(update={"gid": foreign})
    assert code(world.push_one(world.admin, message)) == "revoked"
    assert code(world.push_one(world.admin, world.message(mine).model_copy(update={"gid": mine}))) == "exists"
    assert code(world.push_one(world.admin, world.new_deal(foreign))) == "revoked"
    assert code(world.push_one(world.admin, world.new_deal("not-a-gid"))) == "malformed"
    assert world.port.writes == 0


def test_the_id_that_a_row_of_the_vendor_will_have_is_not_to_be_had(world: World) -> None:
    _, gid = draft(world)
    coming = world.gid(Ref("deal", f"d{world.port._count + 1:04d}"))
    outcome = world.push_one(world.admin, world.new_deal(coming))
    assert code(outcome) == "malformed"
    assert outcome.problem is not None
    assert [*outcome.problem.fields] == ["gid"]
    said = world.message(gid).model_copy(update={"gid": world.gid(Ref("note", "n0009"))})
    assert code(world.push_one(world.admin, said)) == "malformed"
    assert world.port.writes == 0
    assert world.gid(world.deal()) == coming
    world.read()
    assert Mirror(world, world.admin).snapshot().of("deal_registration") == {gid, coming}


def test_a_create_sent_again_under_a_new_id_finds_what_was_made(world: World) -> None:
    new = world.new_deal()
    world.push_one(world.rep, new)
    again = new.model_copy(update={"mutation_id": world.ids.new_id()})
    assert world.push_one(world.rep, again).status is Status.APPLIED
    assert world.port.writes == 1


def test_the_systems_refusal_of_a_new_deal(world: World) -> None:
    world.port.refusals = {"cents": "More than we can protect."}
    outcome = world.push_one(world.rep, world.new_deal())
    assert outcome.problem is not None
    assert (outcome.problem.code, outcome.problem.fields) == ("crm", {"amount": "More than we can protect."})


# ------------------------------------------------------------------------------------------------ commands, deletes


def with_evidence(world: World, ref: Ref) -> None:
    world.port.add_file("paper", b"proof", on_id=ref.id, on_kind="D", label="proof.pdf")
    world.read()


def test_submitting_needs_evidence_and_a_complete_record(world: World) -> None:
    ref, gid = draft(world, pain="Short.")
    outcome = world.push_one(world.admin, world.command(gid, "submit", "draft"))
    assert outcome.problem is not None
    assert outcome.problem.code == "invalid"
    assert set(outcome.problem.fields) == {"problem", "file"}
    world.port.edit(ref, pain="Backups take all night and still fail.")
    with_evidence(world, ref)
    assert world.push_one(world.admin, world.command(gid, "submit", "draft")).status is Status.APPLIED
    assert world.port.rows[ref].fields["stage"] == "1"


def test_a_command_that_no_longer_fits_says_what_is_possible_now(world: World) -> None:
    ref, gid = draft(world)
    world.port.edit(ref, stage="5")
    outcome = world.push_one(world.admin, world.command(gid, "withdraw", "draft"))
    assert outcome.problem is not None
    assert outcome.problem.code == "state"
    assert outcome.problem.possible == ("ask_extension", "convert")
    assert "approved now" in outcome.problem.message
    assert outcome.record is not None
    assert outcome.record.data["state"] == "approved"


def test_a_state_that_moved_on_but_still_fits_is_no_obstacle(world: World) -> None:
    ref, gid = draft(world, stage="1")
    world.port.edit(ref, stage="3")
    assert world.push_one(world.admin, world.command(gid, "withdraw", "submitted")).status is Status.APPLIED
    assert world.port.rows[ref].fields["stage"] == "12"


def test_a_command_writes_its_arguments_and_constants(world: World) -> None:
    ref, gid = draft(world, stage="5")
    missing = world.push_one(world.admin, world.command(gid, "convert", "approved"))
    assert missing.problem is not None
    assert set(missing.problem.fields) == {"po_reference"}
    assert world.push_one(
        world.admin, world.command(gid, "convert", "approved", po_reference="PO-7")
    ).status is (Status.APPLIED)
    fields = world.port.rows[ref].fields
    assert (fields["stage"], fields["closed"], fields["po"]) == ("7", True, "PO-7")


@pytest.mark.parametrize("name", ["approve", "fly"])
def test_commands_that_are_not_the_partners(world: World, name: str) -> None:
    _, gid = draft(world, stage="4")
    assert (
        code(world.push_one(world.admin, world.command(gid, name, "pending_approval"))) == "unknown_command"
    )


def test_a_state_the_system_has_two_words_for_is_written_with_the_first(world: World) -> None:
    _, gid = draft(world, stage="2b")
    assert Mirror(world, world.admin).snapshot().data(gid)["state"] == "under_review"


def test_a_draft_is_deleted_and_gone_for_everybody(world: World) -> None:
    ref, gid = draft(world)
    client = Mirror(world, world.admin).snapshot()
    delete = world.mutation(Kind.DELETE, "deal_registration", gid, base_version=client.rows[gid][1])
    outcome = world.push_one(world.admin, delete)
    assert (outcome.status, outcome.record) == (Status.APPLIED, None)
    assert world.port.rows[ref].archived
    assert client.pull().gone == [(gid, "tombstone", None)]


def test_a_delete_binds_the_version_that_was_seen(world: World) -> None:
    ref, gid = draft(world)
    seen = version_of(world, gid)
    world.port.edit(ref, todo="news")
    outcome = world.push_one(
        world.admin, world.mutation(Kind.DELETE, "deal_registration", gid, base_version=seen)
    )
    assert code(outcome) == "changed"
    assert not world.port.rows[ref].archived
    world.port.edit(ref, todo="Call them.\nSend an offer.\n")  # as it was: content counts, not counters
    again = world.mutation(Kind.DELETE, "deal_registration", gid, base_version=seen)
    assert world.push_one(world.admin, again).status is Status.APPLIED


def test_only_a_draft_can_be_deleted(world: World) -> None:
    _, gid = draft(world, stage="1")
    delete = world.mutation(Kind.DELETE, "deal_registration", gid, base_version=version_of(world, gid))
    outcome = world.push_one(world.admin, delete)
    assert code(outcome) == "locked"
    assert outcome.problem is not None
    assert "withdraw" in outcome.problem.possible


def test_a_record_made_here_can_be_deleted_before_its_version_was_known(world: World) -> None:
    new = world.new_deal()
    outcomes = world.push(world.rep, new, world.mutation(Kind.DELETE, "deal_registration", new.gid))
    assert [o.status for o in outcomes] == [Status.APPLIED, Status.APPLIED]


# --------------------------------------------------------------------------------------------------------- appends


def test_a_message_is_added_once_and_brings_its_parents_news(world: World) -> None:
    ticket = world.port.add("ticket", account_id=world.north.id, head="Help", stage="P")
    world.read()
    client = Mirror(world, world.admin).snapshot()
    message = world.message(world.gid(ticket), "Here you are.")
    assert [world.push_one(world.admin, message).status for _ in range(2)] == [Status.APPLIED, Status.APPLIED]
    client.pull()
    assert client.data(message.gid)["body"] == "Here you are."
    assert client.data(world.gid(ticket))["state"] == "waiting_on_vendor", "without waiting for ingest"
    assert world.port.writes == 1


def test_a_message_on_a_record_made_in_the_same_batch(world: World) -> None:
    changes = {
        "company": world.gid(world.north),
        "subject": "Where is it?",
        "category": "question",
        "priority": "low",
    }
    request = world.mutation(Kind.CREATE, "request", world.ids.new_id(), changes=changes)
    message = world.message(request.gid, depends_on=(request.mutation_id,))
    assert [o.status for o in world.push(world.rep, request, message)] == [Status.APPLIED, Status.APPLIED]


@pytest.mark.parametrize(
    "changes", [{"body": ""}, {"body": "x", "author": "me"}, {"body": 7}, {"body": "x", "z": 1}]
)
def test_messages_that_are_refused(world: World, changes: dict[str, Any]) -> None:
    _, gid = draft(world)
    message = world.mutation(Kind.APPEND, "message", world.ids.new_id(), changes={"parent": gid, **changes})
    assert world.push_one(world.admin, message).status is Status.REJECTED


def test_what_was_added_cannot_be_edited_or_deleted(world: World) -> None:
    _, gid = draft(world)
    message = world.message(gid)
    world.push_one(world.admin, message)
    edit = world.patch(message.gid, {"body": "Any news?"}, {"body": "Never mind."}, entity="message")
    assert world.push_one(world.admin, edit).status is Status.REJECTED
    delete = world.mutation(Kind.DELETE, "message", message.gid)
    assert world.push_one(world.admin, delete).status is Status.REJECTED


def test_children_and_records_are_made_in_their_own_ways(world: World) -> None:
    _, gid = draft(world)
    as_create = world.mutation(
        Kind.CREATE, "message", world.ids.new_id(), changes={"parent": gid, "body": "x"}
    )
    as_append = world.mutation(Kind.APPEND, "deal_registration", world.ids.new_id(), changes={"parent": gid})
    on_child = world.message(world.push_one(world.admin, world.message(gid)).record.gid)  # type: ignore[union-attr]
    unknown = world.mutation(Kind.CREATE, "secret_plan", world.ids.new_id(), changes={})
    outcomes = world.push(world.admin, as_create, as_append, on_child, unknown)
    assert [code(outcome) for outcome in outcomes] == ["malformed", "malformed", "parent", "unknown_entity"]


# ------------------------------------------------------------------------------------------- ids, order, dependencies


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
