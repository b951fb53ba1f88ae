"""The outbox tells each change once, in the user's words, with what can be done about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.contract.errors import Refused
from app.services.views_model import OutboxAction, OutboxView, SyncState
from tests.services.conftest import World


def only(world: World) -> OutboxView:
    (row,) = world.portal.outbox.items()
    return row


def test_one_field_is_told_with_both_values(world: World) -> None:
    deal = world.deal(state="approved")
    world.portal.intents.edit(deal, {"amount": "141800.00"})
    row = only(world)
    assert (row.what, row.whom) == ("Amount → £141,800.00", "Kestrel Foods · was £184,250.00")
    assert (row.state, row.actions) == (SyncState.WAITING, (OutboxAction.CANCEL,))
    world.portal.intents.edit(deal, {"next_steps": "Call"})
    assert only(world).what == "Amount and next steps"


def test_a_submission_is_one_row_beside_its_file(world: World, form: Mapping[str, Any], survey: Path) -> None:
    draft = world.portal.drafts.start("deal_registration", form)
    world.portal.drafts.add_file(draft, survey)
    world.portal.drafts.submit(draft)
    deal, file = world.portal.outbox.items()
    assert (deal.what, deal.whom) == ("Register a deal: Sales office Wi-Fi", "Ledbury Homes · after its file")
    assert deal.actions == (OutboxAction.EDIT, OutboxAction.CANCEL)
    assert (file.what, file.whom) == (
        "ledbury-site-survey.txt, 1\u00a0KB",
        "Ledbury Homes · Sales office Wi-Fi",
    )
    assert (file.actions, file.gid, file.entity) == ((OutboxAction.EDIT,), draft, "deal_registration")
    assert world.portal.outbox.count() == 2
    reopened = world.portal.outbox.edit(deal.mutation_id)
    assert (reopened.target.page, reopened.target.gid) == ("new", draft)
    assert world.portal.outbox.items() == []


def test_a_request_is_one_row_with_its_message(world: World) -> None:
    draft = world.portal.drafts.start("request", {"subject": "Demo unit", "customer": "Derby depot"})
    world.portal.drafts.save(draft, world.portal.drafts.load(draft).data, text="May we have one?")
    world.portal.drafts.submit(draft)
    row = only(world)
    assert (row.what, row.whom) == ("Raise a request: Demo unit", "Derby depot")
    world.settle(world.sent()[0].mutation_id)
    world.put_at(draft, "request", subject="Demo unit", state="new")
    assert only(world).what == "Message on Demo unit"


def test_cancelling_a_submission_makes_it_a_draft_again(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    draft = world.portal.drafts.start("deal_registration", form)
    world.portal.drafts.add_file(draft, survey)
    world.portal.drafts.submit(draft)
    done = world.portal.outbox.cancel(world.portal.outbox.items()[0].mutation_id)
    assert done.words == "Taken back to your drafts"
    assert [one.gid for one in world.portal.outbox.unfinished_drafts()] == [draft]


def test_a_message_goes_back_to_its_composer_with_its_files(world: World, survey: Path) -> None:
    request = world.request()
    world.portal.intents.message(request, "Delivery by 17 December.", files=[survey])
    message, file = world.portal.outbox.items()
    assert (message.what, message.whom) == ("Message on REQ-3321", "Quote for HA pair · Oriel Biotech")
    assert message.entity == "request"
    reopened = world.portal.outbox.edit(message.mutation_id)
    assert (reopened.text, [one.name for one in reopened.files]) == (
        "Delivery by 17 December.",
        ["ledbury-site-survey.txt"],
    )
    assert world.portal.outbox.items() == []
    text, files = world.portal.drafts.unfinished(request)
    assert (text, files[0].sha256) == ("Delivery by 17 December.", file.transfer)
    assert world.store.blobs.content(file.transfer) == survey.read_bytes()


def test_a_message_that_goes_back_leaves_what_was_begun_since(world: World, survey: Path) -> None:
    request = world.request()
    message = world.portal.intents.message(request, "Delivery by 17 December.", files=[survey])
    plan = survey.with_name("plan.txt")
    plan.write_text("Door 4")
    world.portal.drafts.add_to_unfinished(request, plan)
    world.portal.drafts.keep_unfinished(request, "And one more thing.")
    world.portal.outbox.edit(message.mutation_id)
    text, files = world.portal.drafts.unfinished(request)
    assert text == "Delivery by 17 December.\n\nAnd one more thing."
    assert [world.store.blobs.content(file.sha256) for file in files] == [b"Door 4", survey.read_bytes()]


@pytest.mark.parametrize("problem", [{"kind": "upload"}, {"kind": "rejected", "code": "blob"}])
def test_a_file_that_neither_side_has_cannot_be_sent_again(
    world: World, survey: Path, problem: Mapping[str, Any]
) -> None:
    done = world.portal.intents.attach(world.request(), survey)
    world.store.outbox.quarantine(done.mutation_id, problem)
    before = world.store.outbox.get(done.mutation_id)
    world.store.connection.run("DELETE FROM blob")
    with pytest.raises(Refused, match="no longer on this computer"):
        world.portal.outbox.retry(done.mutation_id)
    assert world.store.outbox.get(done.mutation_id) == before


def test_undo_puts_back_what_was_cancelled_with_its_files(world: World, survey: Path) -> None:
    request = world.request()
    world.portal.intents.message(request, "Delivery by 17 December.", files=[survey])
    done = world.portal.outbox.cancel(world.sent()[0].mutation_id)
    assert (world.sent(), world.store.blobs.all()) == ([], [])
    assert done.undoable
    assert world.portal.outbox.undo(done)
    message, file = world.sent()
    assert message.changes["body"] == "Delivery by 17 December."
    assert file.depends_on == (message.mutation_id,)
    assert world.store.blobs.content(file.changes["sha256"]) == survey.read_bytes()


def test_undo_of_a_discard_brings_the_reason_back_too(world: World) -> None:
    done = world.portal.intents.edit(world.deal(), {"amount": "141800.00"})
    world.store.outbox.quarantine(done.mutation_id, {"kind": "rejected", "message": "Locked."})
    discarded = world.portal.outbox.discard(done.mutation_id)
    assert world.portal.outbox.undo(discarded)
    row = only(world)
    assert (row.state, row.what) == (SyncState.REJECTED, "Amount → £141,800.00")
    assert not world.portal.outbox.undo(world.portal.outbox.retry(row.mutation_id))


def test_what_the_vendor_refused_says_so_in_their_words(world: World) -> None:
    deal = world.deal()
    done = world.portal.intents.edit(deal, {"amount": "141800.00"})
    problem = {
        "kind": "rejected",
        "code": "locked",
        "message": "Amount is locked during review.",
        "possible": [],
    }
    world.store.outbox.quarantine(done.mutation_id, problem)
    row = only(world)
    assert row.state is SyncState.REJECTED
    assert row.reason == "Halden’s CRM: “Amount is locked during review.” Your value is kept here."
    assert row.actions == (OutboxAction.ASK, OutboxAction.DISCARD)
    assert world.portal.outbox.needs_me([row]) == 1
    world.portal.outbox.discard(row.mutation_id)
    assert world.portal.outbox.items() == []


def test_a_refused_command_says_what_is_possible_now(world: World) -> None:
    deal = world.deal()
    done = world.portal.intents.command(deal, "convert", {"po_reference": "PO-1"})
    problem = {"kind": "rejected", "message": "This deal has expired.", "possible": ["ask_extension"]}
    world.store.outbox.quarantine(done.mutation_id, problem)
    row = only(world)
    assert row.possible == ("Ask to extend",)
    assert row.reason.endswith("Possible now: Ask to extend.")


def test_what_is_out_of_sight_keeps_only_what_was_typed(world: World) -> None:
    request = world.request()
    world.portal.intents.message(request, "Written on the train")
    world.store.mirror.remove(request, "revoked")
    row = only(world)
    assert row.state is SyncState.QUARANTINED
    assert row.actions == (OutboxAction.EXPORT, OutboxAction.DISCARD)
    assert "no longer shared with you. Your text is kept here, encrypted." in row.reason
    assert "Written on the train" in world.portal.outbox.export(row.mutation_id)
    assert "Quote for HA pair" not in world.portal.outbox.export_all()


def test_a_returned_draft_stands_in_the_outbox_until_it_is_mended(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    draft = world.portal.drafts.start("deal_registration", form)
    world.portal.drafts.add_file(draft, survey)
    world.portal.drafts.submit(draft)
    for mutation in world.sent():
        world.settle(mutation.mutation_id, "rejected")
    world.store.drafts.reopen(draft, {"website": "Registered already."}, "Not accepted.", world.clock.now())
    row = only(world)
    assert (row.what, row.state, row.actions) == (
        "Register a deal: Sales office Wi-Fi",
        SyncState.REJECTED,
        (OutboxAction.EDIT, OutboxAction.DISCARD),
    )
    assert row.reason == "Halden’s CRM: “Not accepted. Registered already.” Your draft is kept here."


def test_a_conflict_names_who_and_when(world: World) -> None:
    deal = world.clash({"decision_date": ("2026-12-18", "2027-01-15", "2026-12-22")})
    row = only(world)
    assert (row.what, row.whom) == ("1 field on Branch edge, 14 sites", "Kestrel Foods")
    assert row.reason == "Ingrid Solheim changed the same field at 08:57."
    assert (row.state, row.actions, row.gid) == (SyncState.CONFLICT, (OutboxAction.COMPARE,), deal)


def test_what_depended_on_a_refusal_is_sent_without_it(world: World) -> None:
    request = world.request()
    world.portal.intents.message(request, "First")
    first = world.sent()[0]
    second = world.portal.intents.message(request, "Second")
    item = world.store.outbox.get(second.mutation_id)
    assert item is not None
    world.store.outbox.rewrite(item.mutation.model_copy(update={"depends_on": (first.mutation_id,)}))
    world.settle(first.mutation_id, "rejected")
    world.store.outbox.quarantine(
        second.mutation_id, {"kind": "dependency", "message": "This follows something."}
    )
    row = only(world)
    assert OutboxAction.RETRY in row.actions
    world.portal.outbox.retry(row.mutation_id)
    (mutation,) = world.sent()
    assert mutation.depends_on == ()
    assert only(world).state is SyncState.WAITING


def test_the_order_puts_what_moves_first_and_people_after(world: World) -> None:
    world.clash({"decision_date": ("2026-12-18", "2027-01-15", "2026-12-22")})
    other = world.deal("other", customer="Oriel Biotech")
    waiting = world.portal.intents.edit(other, {"next_steps": "x"})
    request = world.request()
    sending = world.portal.intents.message(request, "Now")
    world.store.outbox.mark_sending([sending.mutation_id])
    states = [row.state for row in world.portal.outbox.items()]
    assert states == [SyncState.SENDING, SyncState.WAITING, SyncState.CONFLICT]
    assert waiting.mutation_id == world.portal.outbox.items()[1].mutation_id


@pytest.mark.parametrize("frozen", [True, False])
def test_what_is_on_its_way_is_not_cancelled(world: World, frozen: bool) -> None:
    done = world.portal.intents.edit(world.deal(), {"next_steps": "x"})
    if frozen:
        world.store.outbox.mark_sending([done.mutation_id])
    words = world.portal.outbox.cancel(done.mutation_id).words
    assert words == ("It is on its way already" if frozen else "Not sent: Next steps → x")


def test_everything_unsent_is_exported(world: World, form: Mapping[str, Any]) -> None:
    world.portal.drafts.start("deal_registration", form)
    world.portal.intents.edit(world.deal("other"), {"next_steps": "Ring them"})
    world.clash({"decision_date": ("2026-12-18", "2027-01-15", "2026-12-22")})
    found = json.loads(world.portal.outbox.export_all())
    assert {entry["state"] for entry in found} == {"queued", "conflict", "draft"}


def test_activity_is_told_with_its_look(world: World) -> None:
    world.store.activity.add(world.clock.now(), "merged", "Merged: contact phone, Oriel Biotech")
    (line,) = world.portal.outbox.activity(10)
    assert (line.icon, line.text) == ("git-merge", "Merged: contact phone, Oriel Biotech")
