"""Sending: batches, outcomes, and answers nobody can use."""

from __future__ import annotations

import pytest

from app.contract.errors import (
    BadAnswer,
    Busy,
    CertificateRefused,
    CounterpartError,
    NotAllowed,
    Refused,
    SignInNeeded,
    Unreachable,
)
from app.contract.mutations import Kind, Mutation, Outcome, Status
from app.store.states import ItemState, SyncState
from app.sync.events import Mode, OutboxChanged, RecordsChanged
from tests.store.world import command, gid, mutation
from tests.sync.world import DEAL, MESSAGE, REQUEST, World, deferred, gone, rejected


def states(client: World) -> dict[str, ItemState]:
    return {item.mutation.mutation_id: item.state for item in client.store.outbox.open_items()}


def test_an_edit_is_sent_settled_and_told(client: World) -> None:
    client.edit("m1", 1, next_steps="Call again")
    client.sync()
    assert client.gateway.data(1)["next_steps"] == "Call again"
    done = client.store.outbox.settled("m1")
    assert done is not None
    assert (done.status, done.receipt) == ("applied", "R-0005")
    assert client.lines()[-1] == "Sent: What m1 does, Northwind, receipt R-0005"
    assert client.told(OutboxChanged)
    assert RecordsChanged(frozenset({DEAL}), frozenset({gid(1)})) in client.events
    assert client.store.cursors.read().proven_at is None
    assert client.identical()


def test_edits_of_one_field_go_one_after_the_other_and_the_last_one_stands(client: World) -> None:
    client.edit("m1", 1, next_steps="One")
    client.store.outbox.mark_sending(["m1"])
    client.store.outbox.release(["m1"])
    client.edit("m2", 1, next_steps="Two")
    client.sync()
    assert client.gateway.pushed == [("m1",), ("m2",)]
    assert client.gateway.data(1)["next_steps"] == "Two"


def test_a_lost_answer_leads_to_the_same_body_once_more_and_to_one_effect(client: World) -> None:
    client.edit("m1", 1, next_steps="One")
    lost = client.gateway.push

    def lose(body: object) -> object:
        lost(body)  # type: ignore[arg-type]
        raise Unreachable

    client.gateway.push = lose  # type: ignore[method-assign,assignment]
    client.engine.cycle()
    assert client.mode() is Mode.OFFLINE
    assert states(client) == {"m1": ItemState.QUEUED}
    position = client.gateway.position
    client.gateway.push = lost  # type: ignore[method-assign]
    client.edit("m2", 1, next_steps="Two")
    client.clock.advance(400)
    client.sync()
    assert client.gateway.pushed == [("m1",), ("m1",), ("m2",)]
    assert client.gateway.position == position + 1
    assert client.gateway.data(1)["next_steps"] == "Two"


def test_what_a_killed_process_was_sending_is_sent_again(client: World) -> None:
    client.edit("m1", 1, next_steps="One")
    client.store.outbox.mark_sending(["m1"])
    client.again()
    client.sync()
    assert client.gateway.pushed == [("m1",)]
    assert states(client) == {}


def test_somebody_else_changed_the_same(client: World) -> None:
    client.edit("m1", 1, amount="200.00", next_steps="Mine")
    client.gateway.edit(1, amount="300.00")
    client.sync()
    (conflict,) = client.store.conflicts.all()
    assert conflict.mine == {"amount": "200.00", "next_steps": "Mine"}
    shown = client.store.projection.get(gid(1))
    assert shown is not None
    assert (shown.sync, shown.data["amount"], shown.data["next_steps"]) == (
        SyncState.CONFLICT,
        "200.00",
        "Mine",
    )
    assert client.gateway.data(1)["next_steps"] == "Call them"
    assert client.identical()
    assert "Needs you: What m1 does, Northwind. Ingrid Solheim changed the same." in client.lines()


def test_both_wrote_in_one_long_text(client: World) -> None:
    client.gateway.edit(1, next_steps="one\ntwo\nthree\nfour\n")
    client.sync()
    client.edit("m1", 1, next_steps="ONE\ntwo\nthree\nfour\n")
    client.gateway.edit(1, next_steps="one\ntwo\nthree\nFOUR\n")
    client.sync()
    assert client.gateway.data(1)["next_steps"] == "ONE\ntwo\nthree\nFOUR\n"
    assert any(line.startswith("Merged: next steps, Northwind") for line in client.lines())
    assert client.identical()


def test_a_refused_edit_is_kept_aside_and_the_record_shows_the_vendors_value(client: World) -> None:
    client.gateway.outcomes["m1"] = lambda one: rejected(one, "crm", "Amount is locked.", amount="Locked.")
    client.edit("m1", 1, amount="200.00")
    client.sync()
    (left,) = client.store.outbox.open_items()
    assert left.problem == {
        "kind": "rejected", "code": "crm", "message": "Amount is locked.", "fields": {"amount": "Locked."},
        "possible": [],
    }  # fmt: skip
    assert client.shown(1) == client.gateway.data(1)
    assert client.mode() is Mode.LIVE


def test_what_waits_behind_a_deferred_item_is_another_records_no_concern(client: World) -> None:
    answers = [20.0]
    client.gateway.outcomes["m1"] = lambda one: (
        deferred(one, answers.pop()) if answers else client.gateway._apply(one)
    )
    client.edit("m1", 1, next_steps="One")
    client.edit("m2", 2, next_steps="Two")
    client.sync()
    assert states(client) == {"m1": ItemState.DEFERRED}
    assert client.engine.cycle() == 20
    assert client.gateway.data(2)["next_steps"] == "Two"
    client.clock.advance(20)
    client.sync()
    assert client.gateway.data(1)["next_steps"] == "One"
    assert client.gateway.pushed == [("m1", "m2"), ("m1",)]


def test_a_deferral_is_no_change_so_a_proof_stands(client: World) -> None:
    client.gateway.outcomes["m1"] = lambda one: deferred(one, 20)
    client.edit("m1", 1, next_steps="One")
    client.sync()
    assert client.engine.status.proven_at is not None


def test_an_edit_of_a_record_that_was_deleted_is_for_the_user_to_decide(client: World) -> None:
    client.edit("m1", 1, next_steps="Mine")
    client.gateway.take(1)
    client.sync()
    (conflict,) = client.store.conflicts.all()
    assert (conflict.kind, conflict.mine) == ("gone", {"next_steps": "Mine"})
    assert conflict.last is not None
    assert conflict.last["next_steps"] == "Call them"
    assert (client.shown(1) or {})["customer"] == "Northwind"
    assert client.identical()


def test_an_edit_of_a_record_out_of_sight_leaves_only_what_was_typed(client: World) -> None:
    client.edit("m1", 1, next_steps="Mine")
    client.gateway.take(1, "revoked")
    client.sync()
    assert client.shown(1) is None
    (left,) = client.store.outbox.open_items()
    assert left.problem == {"kind": "revoked", "message": ""}
    assert (left.label, left.mutation.changes, left.mutation.base) == ("", {"next_steps": "Mine"}, {})
    assert not any("Northwind" in line for line in client.lines())
    assert client.store.scrub_due is False


def test_a_message_on_a_record_out_of_sight_takes_the_record_along(client: World) -> None:
    client.enter(mutation("m1", 5, Kind.APPEND, MESSAGE, changes={"parent": gid(4), "body": "Please"}))
    client.gateway.outcomes["m1"] = lambda one: gone(one, "revoked")
    client.engine.cycle()
    assert client.shown(4) is None
    (left,) = client.store.outbox.open_items()
    assert (left.problem or {})["kind"] == "revoked"
    assert left.mutation.changes["body"] == "Please"


def test_a_final_outcome_never_leaves_a_mutation_to_be_sent_for_ever(client: World) -> None:
    """The record had been revoked and its edit set aside before a late *gone* came for a message elsewhere."""
    client.enter(mutation("m1", 5, Kind.APPEND, MESSAGE, changes={"parent": gid(77), "body": "Please"}))
    client.gateway.outcomes["m1"] = lambda one: gone(one, "revoked")
    client.sync()
    (left,) = client.store.outbox.open_items()
    assert left.state is ItemState.QUARANTINED


def test_a_deletion_that_was_done_by_somebody_else_already(client: World) -> None:
    client.enter(mutation("m1", 2, Kind.DELETE, base_version="v2"))
    client.gateway.take(2)
    client.sync()
    assert client.shown(2) is None
    assert states(client) == {}


def test_edit_then_submit_waits_for_the_edit(client: World) -> None:
    client.gateway.edit(1, state="draft")
    client.sync()
    client.edit("m1", 1, next_steps="Mine")
    client.enter(command("m2", 1, "submit", "draft"))
    client.gateway.edit(1, next_steps="Theirs")
    client.sync()
    assert client.gateway.data(1)["state"] == "draft"
    assert states(client) == {"m2": ItemState.QUARANTINED}


@pytest.mark.parametrize("error", [Refused("Too many.", code="too_large"), NotAllowed("Not you.")])
def test_a_batch_refused_as_a_whole_is_halved_until_the_one_at_fault_stands_alone(
    client: World, error: CounterpartError
) -> None:
    for number in range(1, 4):
        client.edit(f"m{number}", number, next_steps="Mine")
    push = client.gateway.push

    def choosy(body: object) -> object:
        if any(one.mutation_id == "m2" for one in body.mutations):  # type: ignore[attr-defined]
            raise error
        return push(body)  # type: ignore[arg-type]

    client.gateway.push = choosy  # type: ignore[method-assign,assignment]
    client.sync()
    assert client.gateway.pushed == [("m1",), ("m3",)]
    (left,) = client.store.outbox.open_items()
    assert (left.mutation.mutation_id, (left.problem or {})["message"]) == ("m2", error.cause)
    assert client.mode() is Mode.LIVE


@pytest.mark.parametrize("error", [BadAnswer(), Busy("It fell over.")])
def test_a_mutation_over_which_the_gateway_falls_keeps_nothing_else_from_going(
    client: World, error: CounterpartError
) -> None:
    """Neither the other mutations nor the news: it is found by sending alone, and waits longer and longer."""
    for number in range(1, 4):
        client.edit(f"m{number}", number, next_steps="Mine")
    push = client.gateway.push

    def stumbling(body: object) -> object:
        if any(one.mutation_id == "m1" for one in body.mutations):  # type: ignore[attr-defined]
            raise error
        return push(body)  # type: ignore[arg-type]

    client.gateway.push = stumbling  # type: ignore[method-assign,assignment]
    client.gateway.put(8, customer="News")
    for _ in range(4):
        client.clock.advance(client.engine.cycle() or 1)
    assert client.mode() is Mode.LIVE
    assert client.shown(8) == {"customer": "News"}
    assert client.gateway.data(2)["next_steps"] == client.gateway.data(3)["next_steps"] == "Mine"
    (left,) = client.store.outbox.open_items()
    assert (left.mutation.mutation_id, left.state) == ("m1", ItemState.DEFERRED)
    client.gateway.push = push  # type: ignore[method-assign]
    client.clock.advance(600)
    client.sync()
    assert client.gateway.data(1)["next_steps"] == "Mine"
    assert states(client) == {}


def test_an_answer_for_other_mutations_is_not_used(client: World) -> None:
    client.edit("m1", 1, next_steps="Mine")
    push = client.gateway.push

    def short(body: object) -> object:
        answer = push(body)  # type: ignore[arg-type]
        return answer.model_copy(update={"outcomes": ()})

    client.gateway.push = short  # type: ignore[method-assign,assignment]
    client.engine.cycle()
    assert states(client) == {"m1": ItemState.QUEUED}
    assert client.mode() is Mode.SYNCING
    assert "did not answer each change" in client.engine.status.cause


def test_another_records_content_is_refused_and_the_rest_of_the_batch_counts(client: World) -> None:
    def mixed_up(one: Mutation) -> Outcome:
        return Outcome(
            mutation_id=one.mutation_id, status=Status.APPLIED, record=client.gateway.record(gid(3))
        )

    client.gateway.outcomes["m1"] = mixed_up
    client.edit("m1", 1, next_steps="Mine")
    client.edit("m2", 2, next_steps="Mine")
    client.engine.cycle()
    assert states(client) == {"m1": ItemState.DEFERRED}
    assert client.mode() is Mode.PROBLEM
    assert (client.shown(1) or {})["next_steps"] == "Mine"
    assert client.identical()


@pytest.mark.parametrize(
    ("error", "mode"),
    [
        (Unreachable(), Mode.OFFLINE),
        (Busy(retry_after=7), Mode.SYNCING),
        (SignInNeeded(), Mode.SIGN_IN),
        (CertificateRefused(), Mode.PROBLEM),
    ],
)
def test_whatever_stands_in_the_way_the_outbox_is_kept_and_nothing_shows_as_being_sent(
    client: World, error: CounterpartError, mode: Mode
) -> None:
    client.edit("m1", 1, next_steps="Mine")
    client.gateway.faults["push"] = [error]
    client.engine.cycle()
    assert client.mode() is mode
    assert client.engine.status.cause == error.cause
    assert states(client) == {"m1": ItemState.QUEUED}
    assert (client.shown(1) or {})["next_steps"] == "Mine"


def test_a_submission_sent_back_reopens_its_draft_with_everything_in_it(client: World) -> None:
    from app.store.drafts import Draft, DraftChild
    from app.store.states import DraftState

    number = 20
    file = DraftChild("message", gid(21), {"body": "See the attachment"})
    client.store.drafts.save(
        Draft(gid(number), REQUEST, {"subject": "Demo unit"}, client.clock.now(), children=(file,))
    )
    client.enter(
        mutation("m1", number, Kind.CREATE, REQUEST, changes={"subject": "Demo unit"}), draft=gid(number)
    )
    message = mutation(
        "m2", 21, Kind.APPEND, MESSAGE, changes={"parent": gid(number), "body": "See the attachment"},
        depends_on=("m1",),
    )  # fmt: skip
    client.enter(message, draft=gid(number))
    client.store.drafts.submit(gid(number))
    client.gateway.outcomes["m1"] = lambda one: rejected(one, "invalid", "Say more.", subject="Too short.")
    client.sync()
    draft = client.store.drafts.load(gid(number))
    assert draft is not None
    assert (draft.state, draft.problems, draft.note) == (
        DraftState.OPEN,
        {"subject": "Too short."},
        "Say more.",
    )
    assert draft.children == (file,)
    assert states(client) == {}
    assert gid(number) not in client.gateway.held


def test_a_draft_goes_once_everything_of_it_has_arrived(client: World) -> None:
    from app.store.drafts import Draft

    client.store.drafts.save(Draft(gid(20), REQUEST, {"subject": "Demo unit"}, client.clock.now()))
    client.enter(mutation("m1", 20, Kind.CREATE, REQUEST, changes={"subject": "Demo unit"}), draft=gid(20))
    client.store.drafts.submit(gid(20))
    client.sync()
    assert client.store.drafts.load(gid(20)) is None
    assert client.shown(20) == client.gateway.data(20)


def test_a_rejected_part_of_a_draft_that_was_given_up_is_still_kept(client: World) -> None:
    client.gateway.outcomes["m1"] = lambda one: rejected(one, "invalid", "Say more.")
    client.enter(mutation("m1", 20, Kind.CREATE, REQUEST, changes={"subject": "Demo unit"}), draft=gid(20))
    client.sync()
    assert states(client) == {"m1": ItemState.QUARANTINED}


def test_a_gateway_with_another_history_leads_to_a_snapshot_and_keeps_the_outbox(client: World) -> None:
    client.gateway.epoch = "e2"
    client.gateway.outcomes["m1"] = lambda one: deferred(one, 50)
    client.edit("m1", 1, next_steps="Mine")
    client.sync()
    assert client.store.cursors.read().epoch == "e2"
    assert "snapshot" in client.gateway.calls[5:]
    assert states(client) == {"m1": ItemState.DEFERRED}
    assert (client.shown(1) or {})["next_steps"] == "Mine"
    assert client.identical()


def test_when_no_answer_can_be_used_it_is_not_the_mutations(client: World) -> None:
    for number in range(1, 4):
        client.edit(f"m{number}", number, next_steps="Mine")
    client.edit("m4", 4, subject="Mine")
    client.gateway.faults["push"] = [BadAnswer()] * 100
    for _ in range(12):
        before = len([one for one in client.gateway.calls if one == "push"])
        client.clock.advance(client.engine.cycle() or 1)
        assert len([one for one in client.gateway.calls if one == "push"]) - before <= 3
    client.gateway.faults["push"].clear()
    for _ in range(6):
        client.clock.advance(client.engine.cycle())
    assert states(client) == {}
    assert client.identical()
