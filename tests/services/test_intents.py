"""Each intent becomes exactly the mutation it means, and none when the rules say no."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.contract.errors import NotAllowed, Refused
from app.contract.mutations import Kind
from app.services.views_model import SyncState
from tests.services.conftest import World


def test_an_edit_carries_what_was_seen(world: World) -> None:
    deal = world.deal()
    done = world.portal.intents.edit(deal, {"next_steps": "Site visit Leeds", "customer": "Kestrel Foods"})
    (mutation,) = world.sent()
    assert (mutation.kind, mutation.base_version) == (Kind.PATCH, "1")
    assert mutation.changes == {"next_steps": "Site visit Leeds"}
    assert mutation.base == {"next_steps": None}
    assert done.words == "Next steps changed"
    assert world.wakes == [1]
    shown = world.portal.records.get(deal)
    assert shown is not None
    assert shown.data["next_steps"] == "Site visit Leeds"
    assert shown.sync is SyncState.WAITING


def test_fields_that_mean_one_thing_travel_together(world: World) -> None:
    deal = world.deal()
    world.portal.intents.edit(deal, {"amount": "190000.00"})
    (mutation,) = world.sent()
    assert mutation.changes == {"amount": "190000.00", "currency": "GBP"}
    assert mutation.base == {"amount": "184250.00", "currency": "GBP"}


def test_nothing_changed_sends_nothing(world: World) -> None:
    deal = world.deal()
    done = world.portal.intents.edit(deal, {"amount": "184250.00", "next_steps": ""})
    assert (world.sent(), done.undoable) == ([], False)


@pytest.mark.parametrize(
    ("state", "changes", "field", "words"),
    [
        ("approved", {"customer": "Other"}, "customer", "Locked while approved."),
        ("under_review", {"amount": "1.00"}, "amount", "Locked while under review."),
        ("approved", {"amount": "0.00"}, "amount", "Too low. At least 0.01."),
        (
            "approved",
            {"target_close": "2026-11-20"},
            "target_close",
            "Has passed. Pick 24 Nov 2026 or later.",
        ),
        (
            "approved",
            {"contact_email": "nobody"},
            "contact_email",
            "Write an e-mail address, such as name@company.example.",
        ),
        ("approved", {"reviewer": "Me"}, "reviewer", "Reviewer is set by the vendor."),
        ("approved", {"state": "converted"}, "state", "Stage is set by the vendor."),
    ],
)
def test_the_rules_speak_per_field(
    world: World, state: str, changes: dict[str, str], field: str, words: str
) -> None:
    deal = world.deal(state=state)
    with pytest.raises(Refused) as refused:
        world.portal.intents.edit(deal, changes)
    assert refused.value.fields == {field: words}
    assert world.sent() == []
    assert world.portal.intents.problems(deal, changes) == {field: words}


def test_a_field_in_conflict_is_decided_before_it_is_edited(world: World) -> None:
    deal = world.clash({"sales_stage": ("qualified", "technical_validation", "business_validation")})
    with pytest.raises(Refused) as refused:
        world.portal.intents.edit(deal, {"sales_stage": "committed"})
    assert "Decide the conflict first" in refused.value.fields["sales_stage"]
    world.portal.intents.edit(deal, {"competitor": "Arrowmesh"})
    assert world.sent()[0].changes == {"competitor": "Arrowmesh"}


def test_a_command_carries_the_state_that_was_seen(world: World) -> None:
    deal = world.deal()
    world.portal.intents.edit(deal, {"next_steps": "Wait"})
    done = world.portal.intents.command(
        deal, "ask_extension", {"until": "2027-03-31", "note": "The customer moved the project."}
    )
    edit, command = world.sent()
    assert command.command is not None
    assert (command.command.name, command.command.expected_state) == ("ask_extension", "approved")
    assert command.command.args["until"] == "2027-03-31"
    assert command.depends_on == (edit.mutation_id,)
    assert done.words == "Extension asked for"
    shown = world.portal.records.get(deal)
    assert shown is not None
    assert shown.state_label == "Extension requested"


def test_a_command_that_does_not_fit_explains_itself(world: World) -> None:
    deal = world.deal(state="under_review")
    with pytest.raises(Refused) as refused:
        world.portal.intents.command(deal, "convert", {"po_reference": "PO-1"})
    assert refused.value.cause == "“Convert to order” no longer fits: this deal is under review now."
    with pytest.raises(Refused) as missing:
        world.portal.intents.command(world.deal(), "convert", {})
    assert missing.value.fields == {"po_reference": "Needed. Fill this in to go on."}
    assert world.sent() == []


def test_a_submission_that_needs_evidence_waits_for_it(world: World, survey: Path) -> None:
    deal = world.deal(state="action_required", target_close="2027-01-29")
    with pytest.raises(Refused) as refused:
        world.portal.intents.command(deal, "submit")
    assert refused.value.fields == {"file": "Add at least one evidence file."}
    world.portal.intents.attach(deal, survey)
    world.portal.intents.command(deal, "submit")
    file, command = world.sent()
    assert command.depends_on == (file.mutation_id,)


def test_a_message_with_files(world: World, survey: Path) -> None:
    request = world.request()
    done = world.portal.intents.message(request, "  Here is the survey.  ", files=[survey])
    message, file = world.sent()
    assert message.changes == {"parent": request, "body": "Here is the survey."}
    assert (message.entity, message.kind, message.depends_on) == ("message", Kind.APPEND, ())
    assert file.changes["message"] == message.gid
    assert file.changes["name"] == "ledbury-site-survey.txt"
    assert file.depends_on == (message.mutation_id,)
    items = world.store.outbox.open_items()
    assert [item.blobs for item in items] == [(), (file.changes["sha256"],)]
    (shown,) = world.portal.records.conversation(request)
    assert (shown.author, shown.mine, shown.sync) == ("You", True, SyncState.WAITING)
    assert [item.name for item in shown.files] == ["ledbury-site-survey.txt"]
    assert shown.files[0].here
    assert world.portal.intents.undo(done)
    assert world.sent() == []
    assert world.portal.records.conversation(request) == []


def test_a_message_needs_words_or_a_file(world: World, survey: Path) -> None:
    request = world.request()
    with pytest.raises(Refused) as refused:
        world.portal.intents.message(request, "   ")
    assert refused.value.fields == {"body": "Write a message, or add a file."}
    done = world.portal.intents.attach(request, survey)
    (file,) = world.sent()
    assert "message" not in file.changes
    assert done.words == "File added"


def test_children_of_what_is_not_sent_wait_for_its_birth(world: World) -> None:
    draft = world.portal.drafts.start("request")
    data = {
        "company": world.portal.me.companies[0].gid,
        "subject": "Demo unit",
        "category": "question",
        "priority": "low",
    }
    world.portal.drafts.save(draft, data, text="May we have one?")
    world.portal.drafts.submit(draft)
    world.portal.intents.message(draft, "It can wait until Monday.")
    create, first, second = world.sent()
    assert first.depends_on == (create.mutation_id,)
    assert second.depends_on == (create.mutation_id,)


def test_undo_of_an_unsent_edit_leaves_nothing_to_send(world: World) -> None:
    deal = world.deal()
    done = world.portal.intents.edit(deal, {"next_steps": "Call"})
    assert world.portal.intents.undo(done)
    assert world.sent() == []
    shown = world.portal.records.get(deal)
    assert shown is not None
    assert shown.sync is SyncState.SYNCED


def test_undo_of_the_second_of_two_edits_keeps_the_first(world: World) -> None:
    deal = world.deal()
    world.portal.intents.edit(deal, {"next_steps": "Call"})
    done = world.portal.intents.edit(deal, {"competitor": "Arrowmesh"})
    assert world.portal.intents.undo(done)
    (mutation,) = world.sent()
    assert mutation.changes["next_steps"] == "Call"
    assert not mutation.changes.get("competitor")


def test_undo_of_an_edit_that_was_sent_edits_it_back(world: World) -> None:
    deal = world.deal(next_steps="Call")
    done = world.portal.intents.edit(deal, {"next_steps": "Visit"})
    world.store.outbox.mark_sending([done.mutation_id])
    world.settle(done.mutation_id)
    world.deal(next_steps="Visit")
    assert world.portal.intents.undo(done)
    (mutation,) = world.sent()
    assert (mutation.changes, mutation.base) == ({"next_steps": "Call"}, {"next_steps": "Visit"})


def test_undo_of_a_command_that_is_on_its_way_is_too_late(world: World) -> None:
    done = world.portal.intents.command(world.deal(), "convert", {"po_reference": "PO-77"})
    world.store.outbox.mark_sending([done.mutation_id])
    assert not world.portal.intents.undo(done)


def test_a_record_that_left_takes_no_intents(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.portal.intents.edit("01900000-0000-7000-8000-00000000ffff", {"next_steps": "x"})


def test_only_what_may_be_deleted_is(world: World) -> None:
    with pytest.raises(Refused):
        world.portal.intents.delete(world.deal())
    draft = world.deal("there", state="draft")
    world.portal.intents.delete(draft)
    (mutation,) = world.sent()
    assert (mutation.kind, mutation.base_version) == (Kind.DELETE, "1")
    assert world.portal.records.get(draft) is None


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.pdf", b"", "“empty.pdf” is empty."),
        ("large.iso", b"x" * (50 * 1024 * 1024 + 1), "“large.iso” is 52.4\u00a0MB."),
    ],
)
def test_files_that_are_not_taken(
    world: World, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Refused) as refused:
        world.portal.intents.attach(world.request(), path)
    assert refused.value.cause == words
    with pytest.raises(Refused, match="is not a file"):
        world.portal.intents.attach(world.request(), tmp_path)
    assert world.store.blobs.all() == []


def test_the_type_of_a_file_is_what_its_bytes_say(world: World, tmp_path: Path) -> None:
    disguised = tmp_path / "invoice.pdf"
    disguised.write_bytes(b"MZ\x90\x00" + b"\x00" * 200)
    request = world.request()
    assert "executable" in world.portal.drafts.add_to_unfinished(request, disguised).media_type
    table = tmp_path / "sites.csv"
    table.write_text("site,city\n1,Leeds\n")
    assert world.portal.drafts.add_to_unfinished(request, table).media_type == "text/csv"
