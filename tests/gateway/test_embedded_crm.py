"""The embedded CRM behind its port: markers, revisions, history, keyset listing, validation, files."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from app.contract.manifest import Owner, parse_manifest
from app.contract.narrowing import narrowed
from gateway.crm.embedded import writes
from gateway.crm.embedded.codes import PARTNER_MOVES
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.objects import OBJECTS
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.embedded.unit import Hand
from gateway.crm.port import (
    Actor,
    CrmConflict,
    CrmMissing,
    CrmPort,
    CrmRefused,
    FileBody,
    Ref,
)
from gateway.mapping import SystemMapping, problems
from gateway.systems import details_of
from tests.gateway.crm_world import World, build_world
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH, lender

pytestmark = AT_THE_SURFACE

ROOT = Path(__file__).parents[2]


@pytest.fixture
def world() -> Iterator[World]:
    made = build_world()
    yield made
    made.crm.close()


def body(data: bytes, name: str = "survey.pdf", digest: str = "") -> FileBody:
    return FileBody(
        digest or hashlib.sha256(data).hexdigest(), len(data), "application/pdf", name, iter([data])
    )


@ON_BOTH
def test_it_is_a_port(world: World) -> None:
    port: CrmPort = world.crm
    assert port.system == "embedded"
    assert port.label == "Halden's CRM"
    assert port.now() == world.clock.at


def test_mapping_covers_the_partner_manifest() -> None:
    manifest = parse_manifest(tomllib.loads((ROOT / "resources/manifests/partner.toml").read_text("utf-8")))
    mapping = SystemMapping.load((ROOT / "gateway/crm/embedded/mapping.toml").read_text("utf-8")).within(
        manifest
    )
    assert problems(mapping, manifest) == ()
    # What is served of the portal is all of it.
    assert narrowed(manifest, {item.entity for item in mapping.maps}, details_of([mapping])) is manifest
    for entity in manifest.entities:
        wanted = {spec.name for spec in entity.fields} - ({"parent"} if entity.kind == "append" else set())
        for item in mapping.of_entity(entity.name):
            assert set(item.fields) == wanted


def test_every_command_of_the_portal_is_a_move_the_crm_allows() -> None:
    manifest = parse_manifest(tomllib.loads((ROOT / "resources/manifests/partner.toml").read_text("utf-8")))
    mapping = SystemMapping.load((ROOT / "gateway/crm/embedded/mapping.toml").read_text("utf-8"))
    seen = 0
    for entity in manifest.entities:
        for command in entity.lifecycle.commands if entity.lifecycle else ():
            if command.by != "partner":
                continue
            (item,) = mapping.of_entity(entity.name)
            codes = item.fields[entity.state_field].values
            for state in command.from_states:
                (old, *_), (new, *_) = codes[state], codes[command.to_state]
                assert new in PARTNER_MOVES[item.object][old], (command.name, state)
                seen += 1
            args = item.commands[command.name].args if command.name in item.commands else {}
            written = {
                args[arg.name].property if arg.name in args else item.fields[arg.name].property
                for arg in command.args
            }
            assert written <= OBJECTS[item.object].partner, command.name
    assert seen > 12


def test_what_partners_may_edit_the_crm_lets_them_write() -> None:
    manifest = parse_manifest(tomllib.loads((ROOT / "resources/manifests/partner.toml").read_text("utf-8")))
    mapping = SystemMapping.load((ROOT / "gateway/crm/embedded/mapping.toml").read_text("utf-8"))
    for entity in manifest.entities:
        for item in mapping.of_entity(entity.name):
            for spec in entity.fields:
                if spec.owner in (Owner.PARTNER, Owner.SHARED):
                    settable = OBJECTS[item.object].partner | OBJECTS[item.object].on_create
                    assert item.fields[spec.name].property in settable, (entity.name, spec.name)


#: What it takes to make a row of each kind that the desk has no act for.
ONE_OF_EACH: dict[str, dict[str, object]] = {
    "opportunity": {"cust_name": "Kestrel Foods"},
    "invoice": {
        "total": "1.00",
        "balance": "1.00",
        "cur": "GBP",
        "issued_on": "2026-11-01",
        "due_on": "2026-12-01",
    },
    "task": {"subject": "Company profile"},
    "approval": {"subject": "Quote"},
    "membership": {"credential": "Gold partner"},
    "change_request": {"new_text": "Brightwater Group"},
    "project": {"prj_name": "New site"},
    "milestone": {"project_id": 1, "ms_name": "Design"},
    "deliverable": {"project_id": 1, "dlv_name": "Wireframes"},
}


def test_mapped_properties_are_shown_by_the_rows(world: World) -> None:
    mapping = SystemMapping.load((ROOT / "gateway/crm/embedded/mapping.toml").read_text("utf-8"))
    deal, request = world.submitted(), world.request()
    world.crm.append("note", request, {"body": "Two Edge 440, please."}, "note-1", world.maya)
    world.crm.attach("attachment", request, {"file_name": "plan.pdf"}, body(b"%PDF"), "file-1", world.maya)
    world.desk.publish({"doc_code": "HS-1", "doc_title": "Guide", "file_name": "guide.pdf"}, b"%PDF-1.4")
    world.desk.create("lead", {"account_id": 1, "cust_name": "Fennimore Dairy"})
    world.desk.create(
        "contract",
        {"account_id": 1, "cust_name": "N", "product_label": "V", "qty": 1, "term_end": "2027-01-01"},
    )
    world.desk.approve(deal)
    world.move(deal, "WON", "won", po_ref="PO-1")
    for obj, values in ONE_OF_EACH.items():
        world.desk.create(obj, {"account_id": 1, **values})
    shown = world.crm.read(Ref("document", "1")).fields["digest"]
    world.crm.append("acknowledgement", Ref("document", "1"), {"digest": shown}, "read-1", world.maya)
    for item in mapping.maps:
        (key, *_) = world.crm.sweep(item.object, None, 1)
        fields = world.crm.read(Ref(item.object, key)).fields
        named = {spec.property for spec in item.fields.values()} | {item.marker} - {""} | set(item.only)
        if item.parent:
            named |= {item.parent.property, item.parent.object_property}
        assert {name for name in named if not name.startswith("@")} - {""} <= set(fields)


# ------------------------------------------------------------------------------------------------ markers


def test_a_repeated_create_returns_the_first_row(world: World) -> None:
    first = world.deal("gid-1")
    again = world.crm.create(
        "registration", {"account_id": "1", "cust_name": "Somebody else"}, "gid-1", world.maya
    )
    assert again.ref == first
    assert again.fields["cust_name"] == "Kestrel Foods"
    assert world.crm.sweep("registration", None, 10) == [first.id]
    assert world.crm.find_created("registration", "gid-1") == first
    assert world.crm.find_created("registration", "gid-2") is None
    assert again.fields["portal_ref"] == "gid-1"


def test_a_repeated_note_and_file_are_there_once(world: World) -> None:
    request = world.request()
    for _ in range(2):
        world.crm.append("note", request, {"body": "Any news?"}, "note-1", world.maya)
        world.crm.attach("attachment", request, {"file_name": "a.pdf"}, body(b"x"), "file-1", world.maya)
    assert len(world.crm.children("note", request)) == 1
    assert len(world.crm.children("attachment", request)) == 1


def test_markers_tell_which_writes_arrived(world: World) -> None:
    deal = world.deal("gid-1")
    assert world.crm.was_written(deal, "gid-1")
    world.crm.update(deal, {"next_action": "Call Priya"}, "m-1", world.maya, None)
    world.crm.update(deal, {"next_action": "Call Priya"}, "m-2", world.maya, None)
    assert world.crm.was_written(deal, "m-1")
    assert world.crm.was_written(deal, "m-2"), "a write that changed nothing arrived all the same"
    assert not world.crm.was_written(deal, "m-3")


# ---------------------------------------------------------------------------------------------- revisions


def test_a_conditional_write_meets_a_newer_revision(world: World) -> None:
    deal = world.deal()
    seen = world.crm.read(deal).revision
    world.desk.edit(deal, {"next_action": "Demo at Derby depot."})
    with pytest.raises(CrmConflict):
        world.crm.update(deal, {"next_action": "Demo at Crewe."}, "m-1", world.maya, seen)
    assert world.value(deal, "next_action") == "Demo at Derby depot."
    assert not world.crm.was_written(deal, "m-1")
    fresh = world.crm.read(deal).revision
    world.crm.update(deal, {"next_action": "Demo at Crewe."}, "m-2", world.maya, fresh)
    assert world.value(deal, "next_action") == "Demo at Crewe."


def test_writes_in_one_millisecond_are_told_apart_by_revision(world: World) -> None:
    deal = world.deal()
    rows = [world.desk.edit(deal, {"next_action": text}) for text in ("one", "two", "three")]
    assert len({row.revision for row in rows}) == 3
    assert len({row.modified_at for row in rows}) == 1


def test_an_automation_moves_time_and_revision_but_no_content(world: World) -> None:
    before = world.crm.read(world.deal())
    world.clock.turn(seconds=5)
    after = world.desk.touch(before.ref)
    assert after.revision != before.revision
    assert after.modified_at == before.modified_at + timedelta(seconds=5)
    ignored = {"modified_ms"}
    assert {k: v for k, v in after.fields.items() if k not in ignored} == {
        k: v for k, v in before.fields.items() if k not in ignored
    }
    assert world.hints[-1] == (before.ref,)


# ------------------------------------------------------------------------------------------------ listing


def test_keyset_listing_meets_each_row_once_within_one_millisecond(world: World) -> None:
    refs = [world.deal(f"gid-{number}") for number in range(7)]
    found, since, after = [], world.clock.at, None
    while page := world.crm.changed_since("registration", since, after, 3):
        found += [item.ref for item in page]
        since, after = page[-1].modified_at, page[-1].ref.id
    assert found == refs


def test_listing_orders_by_time_then_id_as_a_number(world: World) -> None:
    refs = [world.deal(f"gid-{number}") for number in range(11)]
    world.clock.turn(milliseconds=1)
    world.desk.touch(refs[0])
    listed = [item.ref for item in world.crm.changed_since("registration", None, None, 100)]
    assert listed == [*refs[1:], refs[0]]
    since = world.crm.changed_since("registration", world.clock.at, None, 100)
    assert [item.ref for item in since] == [refs[0]]
    told = {item.ref: item.revision for item in world.crm.changed_since("registration", None, None, 100)}
    assert told == {row.ref: row.revision for row in world.crm.fetch(refs)}


def test_sweep_pages_over_living_rows_in_id_order(world: World) -> None:
    refs = [world.deal(f"gid-{number}") for number in range(12)]
    world.desk.archive(refs[3])
    world.desk.delete(refs[5])
    found: list[str] = []
    while page := world.crm.sweep("registration", found[-1] if found else None, 4):
        found += page
    assert found == [ref.id for ref in refs if ref not in (refs[3], refs[5])]


def test_archived_rows_are_listed_and_marked_deleted_ones_are_absent(world: World) -> None:
    archived, deleted = world.deal("gid-1"), world.deal("gid-2")
    world.clock.turn(seconds=1)
    world.desk.archive(archived)
    world.desk.delete(deleted)
    listed = world.crm.changed_since("registration", world.clock.at, None, 10)
    assert [item.ref for item in listed] == [archived]
    (row,) = world.crm.fetch([deleted, archived])
    assert row.ref == archived
    assert row.archived
    with pytest.raises(CrmMissing):
        world.crm.update(archived, {"next_action": "x"}, "m", world.maya, None)
    world.desk.restore(archived)
    assert not world.crm.read(archived).archived


def test_new_rows_are_kept_back_and_are_there_when_they_are_asked_for(world: World) -> None:
    hand = Hand("Maya Okafor", "test", contact_id=int(world.maya.id))
    with world.crm.writing() as unit:
        ticket = writes.create(unit, "ticket", {"subject": "Help", "account_id": 1}, hand, "gid-t")
        note = writes.add_note(unit, Ref("ticket", str(ticket)), "Here", hand, "gid-n")
        assert unit.row("ticket", ticket)["subject"] == "Help"
        assert (unit.by_marker("ticket", "gid-t"), unit.by_marker("note", "gid-n")) == (ticket, note)
        assert unit.child_ids("note", "ticket", ticket) == [note]
        other = writes.create(unit, "ticket", {"subject": "More", "account_id": 1}, hand, "gid-u")
        assert other == ticket + 1
        unit.remove("ticket", other, hand)
        assert writes.create(unit, "ticket", {"subject": "Again", "account_id": 1}, hand) == other + 1
    row = world.crm.read(Ref("ticket", str(ticket)))
    assert (row.fields["topic_code"], row.fields["prio"]) == ("QST", "P3"), (
        "defaults hold as in any insertion"
    )


def test_what_a_new_row_lacks_is_said_when_all_are_written(world: World) -> None:
    hand = Hand("Maya Okafor", "test", contact_id=int(world.maya.id))
    with pytest.raises(CrmRefused) as refused, world.crm.writing() as unit:
        unit.insert("registration", {"account_id": 1}, hand)
    assert refused.value.fields == {"cust_name": "Needed. Fill this in."}


def test_ids_are_never_used_twice(world: World) -> None:
    first = world.deal("gid-1")
    world.desk.delete(first)
    assert world.deal("gid-2").id != first.id


def test_archiving_through_the_port_is_repeatable(world: World) -> None:
    deal = world.deal()
    world.crm.archive(deal, "m-1", world.maya, "1")
    world.crm.archive(deal, "m-1", world.maya, "1")
    assert world.crm.was_written(deal, "m-1")
    world.desk.delete(deal)
    world.crm.archive(deal, "m-1", world.maya, None)
    fresh = world.deal("gid-2")
    with pytest.raises(CrmConflict):
        world.crm.archive(fresh, "m-2", world.maya, "99")


# ------------------------------------------------------------------------------------------------ history


def test_history_tells_who_when_and_by_which_way(world: World) -> None:
    deal = world.deal()
    world.clock.turn(minutes=3)
    world.crm.update(deal, {"next_action": "Call Priya", "pipe_code": "P25"}, "m-1", world.maya, None)
    world.clock.turn(minutes=3)
    world.desk.edit(deal, {"pipe_code": "P45"})
    last = world.crm.last_changes(deal, ["next_action", "pipe_code", "rival"])
    assert set(last) == {"next_action", "pipe_code"}
    assert (last["next_action"].by, last["next_action"].via) == ("Maya Okafor", "partner portal, BW-MO14")
    assert (last["pipe_code"].by, last["pipe_code"].via) == (
        "Ingrid Solheim, Halden Systems",
        "web, in the CRM",
    )
    assert last["pipe_code"].at == world.clock.at
    lines = [line for line in world.crm.history(deal) if line.field == "pipe_code"]
    assert [(line.old, line.new, line.marker) for line in lines] == [(None, "P25", "m-1"), ("P25", "P45", "")]


def test_history_has_no_line_for_a_value_that_stayed(world: World) -> None:
    deal = world.deal()
    count = len(world.crm.history(deal))
    world.crm.update(deal, {"cur": "GBP"}, "m-1", world.maya, None)
    assert len(world.crm.history(deal)) == count


def test_the_timeline_is_told_in_order(world: World) -> None:
    deal = world.submitted()
    world.clock.turn(days=1)
    world.desk.start_review(deal)
    world.desk.approve(deal)
    told = [(entry["who"], entry["what"], entry["words"]) for entry in world.value(deal, "events")]
    assert told == [
        ("Maya Okafor", "submitted", "Submitted"),
        ("Ingrid Solheim", "review", "Review started"),
        ("Ingrid Solheim", "approved", "Approved"),
    ]
    world.desk.edit(deal, {"prot_to": "2027-03-31"})
    assert world.value(deal, "events")[-1]["words"] == "Protected until 31 Mar 2027"


# --------------------------------------------------------------------------------------------- validation

REFUSED_VALUES = [
    pytest.param({"est_value": "5000000.01"}, "est_value", id="above the largest value"),
    pytest.param({"est_value": "0.00"}, "est_value", id="nothing"),
    pytest.param({"est_value": "many"}, "est_value", id="not a number"),
    pytest.param({"country_iso": "KP"}, "country_iso", id="embargo"),
    pytest.param({"ct_mail": "priya@GMAIL.com"}, "ct_mail", id="private mail"),
    pytest.param({"close_on": "2026-11-22"}, "close_on", id="passed"),
    pytest.param({"cust_name": "K" * 121}, "cust_name", id="too long"),
    pytest.param({"cust_name": None}, "cust_name", id="missing"),
    pytest.param({"prot_to": "2030-01-01"}, "prot_to", id="the staff's field"),
    pytest.param({"account_id": "2"}, "account_id", id="another company"),
    pytest.param({"shoe_size": "9"}, "shoe_size", id="no such field"),
]


@pytest.mark.parametrize(("changes", "field"), REFUSED_VALUES)
def test_values_are_refused_by_field(world: World, changes: dict[str, str | None], field: str) -> None:
    deal = world.deal()
    before = world.crm.read(deal)
    with pytest.raises(CrmRefused) as refusal:
        world.crm.update(deal, {**changes, "next_action": "Not written"}, "m-1", world.maya, None)
    assert list(refusal.value.fields) == [field]
    assert world.crm.read(deal) == before
    assert not world.crm.was_written(deal, "m-1")


def test_the_amount_is_locked_during_review(world: World) -> None:
    deal = world.submitted()
    world.crm.update(deal, {"est_value": "141800.00"}, "m-1", world.maya, None)
    world.desk.start_review(deal)
    with pytest.raises(CrmRefused, match="Amount is locked during review") as refusal:
        world.crm.update(deal, {"est_value": "129300.00"}, "m-2", world.maya, None)
    assert refusal.value.fields == {"est_value": "Amount is locked during review."}
    world.crm.update(deal, {"est_value": "141800.00", "next_action": "Site visit"}, "m-3", world.maya, None)
    assert world.value(deal, "next_action") == "Site visit"


@pytest.mark.parametrize("stage", ["REVIEW", "PROTECTED", "REFUSED", "WON"])
def test_a_partner_cannot_move_a_draft_as_staff_do(world: World, stage: str) -> None:
    deal = world.deal()
    with pytest.raises(CrmRefused) as refusal:
        world.move(deal, stage, "m-1")
    assert list(refusal.value.fields) == ["stage_code"]


def test_a_reference_to_nothing_is_refused(world: World) -> None:
    request = world.request()
    with pytest.raises(CrmRefused):
        world.crm.update(request, {"registration_id": "4711"}, "m-1", world.maya, None)
    with pytest.raises(CrmRefused):
        world.crm.update(request, {"registration_id": "seven"}, "m-2", world.maya, None)


def test_people_the_crm_does_not_know_cannot_write(world: World) -> None:
    with pytest.raises(CrmRefused, match="does not know Nobody"):
        world.crm.update(world.deal(), {"next_action": "x"}, "m-1", Actor("999", "Nobody"), None)


def test_partners_make_neither_leads_nor_unknown_objects(world: World) -> None:
    with pytest.raises(CrmRefused):
        world.crm.create("lead", {}, "m-1", world.maya)
    with pytest.raises(CrmMissing):
        world.crm.create("spaceship", {}, "m-1", world.maya)


# ------------------------------------------------------------------------------------------ hints and files


def test_listeners_hear_of_every_row_a_commit_touched(world: World) -> None:
    request = world.request()
    world.hints.clear()
    note = world.crm.append("note", request, {"body": "Any news?"}, "n-1", world.maya).ref
    assert world.hints == [(note, request)]
    world.hints.clear()
    with pytest.raises(CrmRefused):
        world.crm.append("note", request, {"body": "  "}, "n-2", world.maya)
    assert world.hints == []


def test_listeners_see_what_was_committed(world: World) -> None:
    seen: list[str] = []
    deal = world.deal()
    world.crm.on_commit(lambda refs: seen.append(world.value(refs[0], "next_action")))
    world.desk.edit(deal, {"next_action": "Site visit"})
    assert seen == ["Site visit"]


@pytest.mark.parametrize("size", [0, 1, 256 * 1024, 256 * 1024 + 1, 700_000])
def test_files_come_back_byte_by_byte(world: World, size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    ref = world.crm.attach("attachment", world.deal(), {}, body(data, "sites.xlsx"), "f-1", world.maya).ref
    found = world.crm.open_file(ref)
    assert b"".join(found.chunks) == data
    assert (found.size, found.name, found.sha256) == (size, "sites.xlsx", hashlib.sha256(data).hexdigest())


def test_a_damaged_file_is_refused(world: World) -> None:
    with pytest.raises(CrmRefused):
        world.crm.attach("attachment", world.deal(), {}, body(b"abc", digest="0" * 64), "f-1", world.maya)


def test_a_file_belongs_to_a_note_of_the_same_record(world: World) -> None:
    request, deal = world.request(), world.deal()
    note = world.crm.append("note", request, {"body": "Attached."}, "n-1", world.maya).ref
    world.crm.attach("attachment", request, {"note_id": note.id}, body(b"x"), "f-1", world.maya)
    with pytest.raises(CrmRefused):
        world.crm.attach("attachment", deal, {"note_id": note.id}, body(b"x"), "f-2", world.maya)


def test_bytes_that_are_not_there_are_missing(world: World) -> None:
    with pytest.raises(CrmMissing):
        world.crm.open_file(Ref("attachment", "77"))
    with pytest.raises(CrmMissing):
        world.crm.open_file(world.deal())


def test_a_crm_is_found_again(tmp_path: Path) -> None:
    url = lender.crm_address(tmp_path)
    made = build_world(url)
    deal = made.submitted()
    made.crm.close()
    again = EmbeddedCrm.open(url, now=made.clock)
    assert again.read(deal).fields["stage_code"] == "NEW"
    assert again.create("registration", {}, "deal-1", made.maya).ref == deal
    again.close()


def test_many_threads_write_one_after_the_other(tmp_path: Path) -> None:
    world = build_world(lender.crm_address(tmp_path))
    deal = world.deal()

    def work(number: int) -> None:
        for turn in range(10):
            world.desk.edit(deal, {"next_action": f"{number}/{turn}"})
            world.crm.append("note", deal, {"body": "x"}, f"n-{number}-{turn}", world.maya)
            world.crm.fetch([deal])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert world.crm.read(deal).revision == "41"
    lines = [line for line in world.crm.history(deal) if line.field == "next_action"]
    assert [line.old for line in lines[1:]] == [line.new for line in lines[:-1]], (
        "no edit was lost under another"
    )
    assert len(world.crm.children("note", deal)) == 40
    world.crm.close()


def test_two_processes_share_one_database(tmp_path: Path) -> None:
    """Two openings stand for two processes: what one locks in its own memory does not hold the other back."""
    url = lender.crm_address(tmp_path)
    world = build_world(url)
    other = EmbeddedCrm.open(url, now=world.clock)
    deal = world.deal()

    def work(crm: EmbeddedCrm) -> None:
        desk = StaffDesk(crm, world.desk.member)
        for turn in range(20):
            desk.edit(deal, {"next_action": f"{id(crm)}/{turn}"})

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, [world.crm, other]))
    assert world.crm.read(deal).revision == "41"
    other.close()
    world.crm.close()


@pytest.mark.databases("sqlite")
def test_what_the_crm_has_confirmed_survives_a_power_cut(tmp_path: Path) -> None:
    """The ledger tells a partner *applied* on its word; were it lost then, nobody would ever write it again."""
    crm = EmbeddedCrm.open(f"sqlite:///{tmp_path / 'crm.sqlite3'}")
    with crm.database.read() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        ]
    assert found == ["wal", 2]
    crm.close()
