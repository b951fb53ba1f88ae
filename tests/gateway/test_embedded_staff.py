"""What the vendor's staff do in the embedded CRM, and what it does by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from gateway.crm.embedded.domains import domain_key
from gateway.crm.embedded.files import NewFile
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.embedded.times import add_working_days, add_working_hours, from_ms
from gateway.crm.port import CrmMissing, CrmRefused, Ref
from tests.gateway.crm_world import World, build_world


@pytest.fixture
def world() -> Iterator[World]:
    made = build_world()
    yield made
    made.crm.close()


def test_a_deal_on_its_way_to_an_order(world: World) -> None:
    deal = world.submitted()
    world.desk.start_review(deal)
    world.desk.send_for_approval(deal)
    row = world.desk.approve(deal)
    assert row.fields["stage_code"] == "PROTECTED"
    assert (row.fields["prot_from"], row.fields["prot_to"]) == ("2026-11-23", "2027-02-21")
    assert row.fields["reviewer_name"] == "Ingrid Solheim"
    world.move(deal, "WON", "won-1", po_ref="BW-2231")
    (order,) = [world.crm.read(Ref("order", key)) for key in world.crm.sweep("order", None, 10)]
    assert order.fields["registration_id"] == int(deal.id)
    assert (order.fields["total"], order.fields["po_ref"], order.fields["status_code"]) == (
        "184250.00",
        "BW-2231",
        "PLACED",
    )
    world.crm.update(deal, {"stage_code": "WON"}, "won-1", world.maya, None)
    assert len(world.crm.sweep("order", None, 10)) == 1, "a deal is won once"


def test_a_returned_deal_tells_the_reason_on_the_field(world: World) -> None:
    deal = world.submitted()
    world.desk.ask_information(deal, "Please add the site survey.", {"est_value": "The RFQ says £141,800."})
    row = world.crm.read(deal)
    assert row.fields["stage_code"] == "INFO_NEEDED"
    assert row.fields["review_text"] == "Please add the site survey.\nAmount: The RFQ says £141,800."
    world.crm.update(deal, {"est_value": "141800.00"}, "m-1", world.maya, None)
    world.move(deal, "NEW", "m-2")
    assert [entry["what"] for entry in world.value(deal, "events")] == [
        "submitted",
        "action",
        "edit",
        "submitted",
    ]
    world.desk.approve(deal)
    assert world.value(deal, "review_text") is None


def test_a_refused_deal_tells_why(world: World) -> None:
    deal = world.submitted()
    row = world.desk.reject(deal, "Published tender.", {"domain": "This is the parent company."})
    assert (row.fields["stage_code"], row.fields["close_reason"]) == ("REFUSED", "Published tender.")
    assert row.fields["review_text"] == "Website: This is the parent company."
    with pytest.raises(CrmRefused):
        world.desk.reject(world.submitted("deal-2"), "No.", {"nonsense": "?"})


def test_a_duplicate_names_the_other(world: World) -> None:
    first, second = world.submitted("deal-1"), world.submitted("deal-2")
    row = world.desk.mark_duplicate(second, first)
    assert row.fields["dup_no"] == "DR-2026-0001"
    assert row.fields["close_reason"] == "Already registered as DR-2026-0001."


def test_an_extension_is_granted_or_refused(world: World) -> None:
    deal = world.protected()
    with pytest.raises(CrmRefused) as refusal:
        world.move(deal, "EXT_ASKED", "m-1", ext_until="2027-02-21", ext_note="Budget moves to spring.")
    assert list(refusal.value.fields) == ["ext_until"]
    world.move(deal, "EXT_ASKED", "m-2", ext_until="2027-04-30", ext_note="Budget moves to spring.")
    world.desk.approve(deal)
    assert (world.value(deal, "stage_code"), world.value(deal, "prot_to")) == ("PROTECTED", "2027-04-30")
    world.move(deal, "EXT_ASKED", "m-3", ext_until="2027-06-30", ext_note="Once more.")
    world.desk.refuse_extension(deal, "Twice is enough.")
    assert (world.value(deal, "stage_code"), world.value(deal, "prot_to")) == ("PROTECTED", "2027-04-30")


WRONG_STAGE = [
    pytest.param(lambda desk, ref: desk.start_review(ref), id="review a draft"),
    pytest.param(lambda desk, ref: desk.approve(ref), id="approve a draft"),
    pytest.param(lambda desk, ref: desk.send_for_approval(ref), id="send a draft"),
    pytest.param(lambda desk, ref: desk.expire(ref), id="expire a draft"),
    pytest.param(lambda desk, ref: desk.cancel(ref, "x"), id="cancel a draft"),
    pytest.param(lambda desk, ref: desk.edit(ref, {"stage_code": "WON"}), id="edit the stage"),
]


@pytest.mark.parametrize("act", WRONG_STAGE)
def test_a_draft_is_not_for_staff_to_move(world: World, act: object) -> None:
    deal = world.deal()
    assert callable(act)
    with pytest.raises(CrmRefused) as refusal:
        act(world.desk, deal)
    assert list(refusal.value.fields) == ["stage_code"]
    assert world.value(deal, "stage_code") == "DRAFT"


# ------------------------------------------------------------------------------------------------ requests


def test_the_ball_goes_back_and_forth(world: World) -> None:
    request = world.request()
    assert (world.value(request, "status_code"), world.value(request, "ball_with")) == ("NEW", "Halden")
    world.desk.take(request)
    assert world.value(request, "ball_with") == "Halden, Ingrid Solheim"
    world.clock.turn(hours=1)
    note = world.desk.answer(request, "Which floor?", [NewFile("Q-10482.pdf", "application/pdf", b"%PDF")])
    assert (world.value(request, "status_code"), world.value(request, "ball_with")) == (
        "WAIT_PARTNER",
        "Maya Okafor",
    )
    assert from_ms(world.value(request, "last_note_ms")) == world.clock.at
    (file,) = world.crm.children("attachment", request)
    assert (file.fields["note_id"], file.fields["added_by"]) == (int(note.id), "Ingrid Solheim")
    world.clock.turn(hours=1)
    world.crm.append("note", request, {"body": "The second."}, "n-1", world.maya)
    assert world.value(request, "status_code") == "WAIT_VENDOR"
    due = from_ms(world.value(request, "answer_due_ms"))
    assert due == datetime(2026, 11, 24, 10, 41, tzinfo=UTC), "eight working hours after 11:41"


def test_a_word_of_the_staff_leaves_the_ball_where_it_is(world: World) -> None:
    request = world.request()
    world.desk.answer(request, "Which floor?")
    world.desk.comment(request, "The plan would help too.")
    assert world.value(request, "status_code") == "WAIT_PARTNER"


def test_internal_notes_move_nothing_and_say_so(world: World) -> None:
    request = world.request()
    before = world.value(request, "last_note_ms")
    world.clock.turn(hours=1)
    world.desk.internal_note(request, "Margin is thin here.", [NewFile("margin.xlsx", "application/x", b"1")])
    (note,) = world.crm.children("note", request)
    (file,) = world.crm.children("attachment", request)
    assert note.fields["internal"] is True
    assert file.fields["internal"] is True
    assert world.value(request, "last_note_ms") == before
    assert world.value(request, "status_code") == "NEW"


def test_a_closed_request_takes_no_more_notes(world: World) -> None:
    request = world.request()
    world.move(request, "DONE", "m-1")
    assert world.value(request, "answer_due_ms") is None
    world.move(request, "WAIT_VENDOR", "m-2")
    world.desk.resolve(request)
    world.desk.close(request)
    with pytest.raises(CrmRefused, match="closed"):
        world.crm.append("note", request, {"body": "One more thing"}, "n-1", world.maya)
    with pytest.raises(CrmRefused):
        world.move(request, "WAIT_VENDOR", "m-3")


def test_who_wrote_on_which_side(world: World) -> None:
    request = world.request()
    world.crm.append("note", request, {"body": "Hello"}, "n-1", world.maya)
    world.desk.answer(request, "Good morning")
    told = [
        (row.fields["written_by"], row.fields["side_code"], row.fields["author_obj"])
        for row in world.crm.children("note", request)
    ]
    assert told == [("Maya Okafor", "P", "contact"), ("Ingrid Solheim", "V", "staff")]


# ----------------------------------------------------------------------------------------------- documents


def test_a_new_version_supersedes_the_old(world: World) -> None:
    fields = {
        "doc_code": "HS-PL",
        "doc_title": "EMEA price list",
        "file_name": "prices.pdf",
        "valid_to": "2026-11-22",
    }
    old = world.desk.publish({**fields, "ver_label": "2026.3"}, b"%PDF old")
    new = world.desk.publish(
        {**fields, "ver_label": "2026.4", "valid_to": "2027-11-30"}, b"%PDF new", replaces=old
    )
    assert world.value(old, "status_code") == "SUP"
    assert (world.value(new, "status_code"), world.value(new, "replaces_label")) == ("CUR", "2026.3")
    assert b"".join(world.crm.open_file(new).chunks) == b"%PDF new"
    world.desk.withdraw(new)
    assert world.value(new, "status_code") == "WDR"


def test_documents_expire_the_day_after_their_last(world: World) -> None:
    fields = {"doc_code": "HS-1", "doc_title": "Terms", "file_name": "t.pdf", "valid_to": "2026-11-23"}
    ref = world.desk.publish(fields, b"%PDF")
    assert world.desk.expire_due(date(2026, 11, 23)) == []
    assert world.desk.expire_due(date(2026, 11, 24)) == [ref]
    assert world.value(ref, "status_code") == "EXP"


# ------------------------------------------------------------------------------------------- move and merge


def test_a_moved_deal_belongs_to_the_other_company(world: World) -> None:
    deal = world.protected()
    with pytest.raises(CrmRefused):
        world.desk.move(deal, world.calder, Ref("contact", world.tomasz.id))
    world.desk.move(deal, world.calder, Ref("contact", world.other.id))
    row = world.crm.read(deal)
    assert (row.fields["account_id"], row.fields["owner_name"]) == (int(world.calder.id), "Ailsa Rowe")


def test_the_loser_of_a_merge_remembers_the_winner(world: World) -> None:
    loser, winner = world.submitted("deal-1"), world.submitted("deal-2")
    world.crm.append("note", loser, {"body": "From the first"}, "n-1", world.maya)
    request = world.request(registration_id=loser.id)
    world.hints.clear()
    world.desk.merge(loser, winner)
    assert world.crm.fetch([loser]) == []
    assert world.crm.merged_into(loser) == winner
    assert world.crm.merged_into(winner) is None
    assert [row.fields["body"] for row in world.crm.children("note", winner)] == ["From the first"]
    assert world.value(request, "registration_id") == int(winner.id)
    assert {loser, winner, request} <= set(world.hints[-1])
    with pytest.raises(CrmMissing) as missing:
        world.crm.update(loser, {"next_action": "x"}, "m-1", world.maya, None)
    assert missing.value.into == winner
    third = world.submitted("deal-3")
    world.desk.merge(winner, third)
    assert world.crm.merged_into(loser) == third
    with pytest.raises(CrmRefused):
        world.desk.merge(third, third)


def test_deleting_takes_notes_along_and_frees_what_pointed_here(world: World) -> None:
    deal = world.submitted()
    note = world.crm.append("note", deal, {"body": "Hello"}, "n-1", world.maya).ref
    request = world.request(registration_id=deal.id)
    world.hints.clear()
    world.desk.delete(deal)
    assert world.crm.fetch([deal, note]) == []
    assert world.value(request, "registration_id") is None
    assert {deal, note, request} <= set(world.hints[-1])
    with pytest.raises(CrmRefused, match="still has a"):
        world.desk.delete(world.brightwater)


def test_every_act_is_in_the_name_of_who_did_it(world: World) -> None:
    deal = world.submitted()
    StaffDesk.of(world.crm, "Jonas Meyer").edit(deal, {"rival": "Arrowmesh"})
    line = world.crm.history(deal)[-1]
    assert (line.field, line.by, line.via) == ("rival", "Jonas Meyer", "web, in the CRM")
    with pytest.raises(CrmMissing):
        StaffDesk.of(world.crm, "Nobody")


# ------------------------------------------------------------------------------- what rows tell of other rows


def test_rows_that_show_a_name_move_on_with_it(world: World) -> None:
    deal, other, request = world.submitted(), world.submitted("deal-2"), world.request()
    note = world.crm.append("note", request, {"body": "Any news?"}, "note-1", world.maya).ref
    lead = world.desk.create(
        "lead",
        {
            "account_id": int(world.brightwater.id),
            "cust_name": "Alder",
            "offered_contact_id": int(world.maya.id),
        },
    ).ref
    world.desk.start_review(deal)
    world.desk.take(request)
    world.desk.mark_duplicate(other, deal)
    fields = {"doc_code": "HS-1", "doc_title": "Prices", "file_name": "p.pdf", "ver_label": "1"}
    old = world.desk.publish(fields, b"%PDF old")
    new = world.desk.publish({**fields, "ver_label": "2"}, b"%PDF new", old)
    ingrid, maya = Ref("staff", str(world.desk.member.id)), Ref("contact", world.maya.id)
    for edited, change, told in (
        (ingrid, {"full_name": "Ingrid Berg"}, {(deal, "reviewer_name"), (request, "worker_name")}),
        (
            maya,
            {"full_name": "Maya Adeyemi"},
            {(deal, "owner_name"), (other, "owner_name"), (request, "owner_name"), (lead, "offered_name")},
        ),
        (maya, {"in_house": True}, {(note, "side_code")}),
        (deal, {"reg_no": "DR-2026-9999"}, {(other, "dup_no")}),
        (old, {"ver_label": "1a"}, {(new, "replaces_label")}),
    ):
        world.clock.turn(minutes=1)
        world.hints.clear()
        before = {ref: world.crm.read(ref) for ref, _ in told}
        world.desk.edit(edited, change)
        for ref, name in told:
            row = world.crm.read(ref)
            assert row.fields[name] != before[ref].fields[name], (ref, name)
            assert row.revision != before[ref].revision
            assert row.modified_at == world.clock.at
        showing = {ref for refs in world.hints for ref in refs} - {edited}
        assert {ref for ref, _ in told} <= showing
        assert len(world.hints) == 1, "all in one commit"


def test_rows_that_show_nothing_of_a_change_stay_as_they_are(world: World) -> None:
    deal = world.submitted()
    before = world.crm.read(deal)
    world.desk.edit(Ref("contact", world.maya.id), {"phone": "+44 1234", "full_name": "Maya Okafor"})
    assert world.crm.read(deal) == before


# --------------------------------------------------------------------------------------------- small things


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23T09:00", 2, "2026-11-23T11:00"),
        ("2026-11-23T16:30", 2, "2026-11-24T09:30"),
        ("2026-11-23T06:00", 9, "2026-11-23T17:30"),
        ("2026-11-27T17:30", 1, "2026-11-30T09:30"),
        ("2026-11-28T12:00", 40, "2026-12-04T12:30"),
    ],
)
def test_working_hours(start: str, hours: int, end: str) -> None:
    given = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert add_working_hours(given, hours) == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_working_days_skip_the_weekend() -> None:
    assert add_working_days(date(2026, 11, 27), 3) == date(2026, 12, 2)


@pytest.mark.parametrize(
    "address",
    [
        "kestrel.example",
        "https://www.Kestrel.example/rfq?x=1",
        "KESTREL.example.",
        "http://kestrel.example:8080",
    ],
)
def test_one_spelling_for_a_website(address: str) -> None:
    assert domain_key(address) == "kestrel.example"
