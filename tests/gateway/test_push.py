"""New records, commands, deletes and what is added, one named case each."""

from __future__ import annotations

from typing import Any

import pytest

from app.contract.mutations import Kind, Status
from gateway.crm.port import Ref
from tests.gateway.pushes import code, draft, version_of
from tests.gateway.world import Mirror, World

# ------------------------------------------------------------------------------------------------------------ creates


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


# -------------------------------------------------------------------------------------------------- commands, deletes


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


# ------------------------------------------------------------------------------------------------------------ appends


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
