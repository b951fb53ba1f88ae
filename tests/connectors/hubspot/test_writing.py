"""What is HubSpot's own about writing: unique markers, batches that fail in part, histories, merges, schemas."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.contract.mutations import Status
from gateway.checks.finding import Severity
from gateway.checks.fitting import Misfit, misfits
from gateway.checks.systems import make_missing
from gateway.crm.hubspot.text import words
from gateway.crm.port import (
    Actor,
    CrmMissing,
    CrmRefused,
    CrmUnavailable,
    Ref,
    RowCreation,
    RowUpdate,
    SourceRow,
    WritesMany,
)
from gateway.crm.schema import Kind, WantedProperty
from gateway.systems import System
from tests.connectors.hubspot.lab import HubSpotLab, problem_of, set_up_pipelines
from tests.connectors.hubspot.standin.account import Source
from tests.connectors.hubspot.standin.calls import Call, Reply
from tests.connectors.hubspot.standin.errors import bad_request
from tests.connectors.hubspot.standin.model import Definition
from tests.connectors.portal import Portal
from tests.connectors.walking import gid_at
from tests.gateway.world import partner_manifest

_RIVAL = "counterpart_competitor"


def _many(lab: HubSpotLab) -> WritesMany:
    assert isinstance(lab.port, WritesMany)
    return lab.port


# ------------------------------------------------------------------------------------------------------- creating


def test_a_record_is_never_without_its_company(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    before = len(lab.server.calls)
    row = lab.port.create("deals", lab.new_deal(company), gid_at(lab.clock.now()), lab.actor)
    assert row.fields["@company"] == company.id
    writes = [call for call in lab.server.calls[before:] if call.writes]
    assert [(call.method, call.path[3:]) for call in writes] == [("POST", ("deals",))]


def test_a_marker_is_used_once_even_where_the_record_was_archived(lab: HubSpotLab) -> None:
    gid = gid_at(lab.clock.now())
    row = lab.port.create("deals", lab.new_deal(lab.company("Brightwater IT")), gid, lab.actor)
    lab.archive(row.ref)
    assert lab.port.find_created("deals", gid) == row.ref
    assert lab.port.was_written(row.ref, gid)


def test_a_stage_that_is_not_there_is_said_at_its_property(lab: HubSpotLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    with pytest.raises(CrmRefused) as caught:
        lab.port.update(ref, {"dealstage.label": "Nowhere"}, "m", lab.actor, None)
    assert "Nowhere" in caught.value.fields["dealstage.label"]
    assert not lab.port.was_written(ref, "m")


def test_a_stage_of_another_pipeline_is_not_taken(lab: HubSpotLab) -> None:
    """“Closed Won” is a stage, but not of the pipeline the mapping speaks of."""
    ref = lab.deal(lab.company("Brightwater IT"))
    with pytest.raises(CrmRefused):
        lab.port.update(ref, {"dealstage.label": "Closed Won"}, "m", lab.actor, None)


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"amount": "a lot"}, "amount"),
        ({"counterpart_industry": "witchcraft"}, "counterpart_industry"),
        ({"closedate": "tomorrow"}, "closedate"),
        ({"hs_object_id": "1"}, "hs_object_id"),
        ({"dealname": None}, "dealname"),
        ({"counterpart_nothing": "x"}, "counterpart_nothing"),
    ],
)
def test_what_hubspot_refuses_is_said_at_its_property(
    lab: HubSpotLab, fields: dict[str, Any], at: str
) -> None:
    if at == "hs_object_id":
        definitions = lab.account.definitions["deals"]
        definitions["hs_object_id"] = Definition("hs_object_id", "number", "number", read_only=True)
    ref = lab.deal(lab.company("Brightwater IT"))
    with pytest.raises(CrmRefused) as caught:
        lab.port.update(ref, fields, "m", lab.actor, None)
    assert set(caught.value.fields) == {at}
    assert len(caught.value.fields[at]) <= 500
    assert "portalId" not in str(caught.value)


def test_words_are_for_people() -> None:
    said = "Cannot set PropertyValueCoordinates{portalId=1, value=x} on <b>12</b>.\n\nAsk &c. " + "x" * 600
    assert words(said).startswith("Cannot set this value on 12 . Ask &c. xxx")
    assert len(words(said)) == 500


# ----------------------------------------------------------------------------------------------------------- many


def test_many_writes_are_one_call_and_each_stands_by_itself(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    one, two, gone = (lab.deal(company, competitor="Meridian") for _ in range(3))
    lab.delete(gone)
    made_before = gid_at(lab.clock.now())
    known = lab.port.create("deals", lab.new_deal(company), made_before, lab.actor)
    new = gid_at(lab.clock.now())
    lab.server.calls.clear()
    written = _many(lab).write_many(
        [
            RowUpdate(one, {_RIVAL: "Norrland"}, "m1", lab.actor, None),
            RowUpdate(two, {"counterpart_contact_email": "kim@gmail.example"}, "m2", lab.actor, None),
            RowUpdate(gone, {_RIVAL: "Norrland"}, "m3", lab.actor, None),
            RowCreation("deals", lab.new_deal(company, customer="New one"), new, lab.actor),
            RowCreation("deals", lab.new_deal(company), made_before, lab.actor),
            RowCreation("deals", lab.new_deal(company, contact_email="a@gmail.example"), "m4", lab.actor),
        ]
    )
    first, refused, missing, created, again, bad = written
    assert isinstance(first, SourceRow)
    assert first.fields[_RIVAL] == lab.look(one)["competitor"] == "Norrland"
    assert isinstance(refused, CrmRefused)
    assert refused.fields.keys() == {"counterpart_contact_email"}
    assert isinstance(missing, CrmMissing)
    assert isinstance(created, SourceRow)
    assert created.fields["@company"] == company.id
    assert lab.count("New one") == 1
    assert isinstance(again, SourceRow)
    assert again.ref == known.ref
    assert isinstance(bad, CrmRefused)
    assert len([call for call in lab.server.calls if call.writes]) == 2
    assert lab.port.was_written(one, "m1")
    assert not lab.port.was_written(two, "m2")
    assert lab.port.find_created("deals", new) == created.ref


def test_a_batch_that_fails_as_a_whole_is_made_one_by_one(
    lab: HubSpotLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an account does not tell of each by itself."""
    company = lab.company("Brightwater IT")
    one, two = (lab.deal(company) for _ in range(2))
    answer = lab.server.objects.answer

    def refuses_batches(call: Call) -> Reply:
        if call.path[-1] == "update":
            raise bad_request("One of the inputs is invalid")
        return answer(call)

    monkeypatch.setattr(lab.server.objects, "answer", refuses_batches)
    first, second = _many(lab).write_many(
        [
            RowUpdate(one, {_RIVAL: "Norrland"}, "m1", lab.actor, None),
            RowUpdate(two, {"counterpart_contact_email": "kim@gmail.example"}, "m2", lab.actor, None),
        ]
    )
    assert isinstance(first, SourceRow)
    assert isinstance(second, CrmRefused)
    assert lab.look(one)["competitor"] == "Norrland"


def test_many_writes_whose_answer_is_lost_are_not_known(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    refs = [lab.deal(company) for _ in range(2)]
    lab.lose_answer()
    with pytest.raises(CrmUnavailable):
        _many(lab).write_many([RowUpdate(ref, {_RIVAL: "N"}, f"m{ref.id}", lab.actor, None) for ref in refs])
    assert all(lab.port.was_written(ref, f"m{ref.id}") for ref in refs)


def test_links_and_notes_go_with_many_writes_too(lab: HubSpotLab) -> None:
    company, other = lab.company("Brightwater IT"), lab.company("Calder & Rowe")
    ref, request = lab.deal(company), lab.request(company, "Where is it?")
    note = {"hs_note_body": "Hello", "counterpart_public": True}
    moved, noted, lost = _many(lab).write_many(
        [
            RowUpdate(ref, {"@company": other.id}, "m1", lab.actor, None),
            RowCreation("notes", note, gid_at(lab.clock.now()), lab.actor, request),
            RowCreation("notes", note, gid_at(lab.clock.now()), lab.actor, Ref("tickets", "123")),
        ]
    )
    assert isinstance(moved, SourceRow)
    assert moved.fields["@company"] == other.id
    assert isinstance(noted, SourceRow)
    assert lab.texts(request) == ["Hello"]
    assert isinstance(lost, CrmMissing)


# --------------------------------------------------------------------------------------------------- histories


def test_a_history_tells_people_apart(lab: HubSpotLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    lab.tick(2)
    lab.port.update(ref, {_RIVAL: "Norrland"}, "m1", Actor("", "Maya Okafor", "BW-MO14"), None)
    lab.tick(2)
    lab.edit(ref, state="pending_approval")
    lab.tick(2)
    lab.account.update(
        lab.record(ref), {"counterpart_problem": "x"}, Source("AUTOMATION_PLATFORM", "enrollmentId:1")
    )
    found = lab.port.last_changes(ref, [_RIVAL, "dealstage.label", "counterpart_problem", "@company"])
    told = {name: (one.by, one.via) for name, one in found.items()}
    assert told == {
        _RIVAL: ("Maya Okafor", "partner portal"),
        "dealstage.label": ("Ingrid Solheim", "HubSpot"),
        "counterpart_problem": ("workflow", "workflow"),
    }
    assert (found["dealstage.label"].at - found[_RIVAL].at).total_seconds() == 2
    # Staff write over the portal's value: it is theirs.
    lab.edit(ref, competitor="Staff's")
    assert lab.port.last_changes(ref, [_RIVAL])[_RIVAL].by == "Ingrid Solheim"


# ------------------------------------------------------------------------------------------------------ merges


def test_a_write_to_what_was_merged_is_told(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    loser, winner = lab.deal(company), lab.deal(company)
    merged = lab.merged(loser, winner)
    with pytest.raises(CrmMissing) as caught:
        lab.port.update(loser, {_RIVAL: "N"}, "m1", lab.actor, None)
    assert caught.value.into == merged
    assert not lab.port.was_written(loser, "m1")


@pytest.mark.parametrize("born_here", ["primary", "secondary"])
def test_a_merge_of_what_was_born_in_the_portal_leads_on(lab: HubSpotLab, born_here: str) -> None:
    """The new record may bear the marker of one of the old ones: there is still one of it."""
    portal = Portal(lab)
    deal = portal.new_deal(customer="Merlin Foods")
    assert portal.until_done(deal).status is Status.APPLIED
    born = lab.port.find_created("deals", deal.gid)
    assert born is not None
    other = lab.deal(portal.north)
    portal.read()
    pair = (other, born) if born_here == "primary" else (born, other)
    merged = lab.merged(*pair)
    portal.read()
    portal.sweep("deals")
    portal.read()
    seen = {gid: record for gid, record in portal.seen().items() if record["@entity"] == "deal_registration"}
    [(gid, record)] = seen.items()
    [row] = lab.port.fetch([merged])
    assert record["title"] == row.fields["dealname"]
    outcome = portal.until_done(portal.patch(gid, {}, {"next_steps": "Visit"}))
    assert outcome.status in (Status.APPLIED, Status.MERGED), outcome
    assert lab.look(merged)["next_steps"] == "Visit"


# ------------------------------------------------------------------------------------------------------- people


def test_an_address_is_one_contacts_alone(lab: HubSpotLab) -> None:
    port = lab.connector()
    north, south = lab.company("Brightwater IT"), lab.company("Calder & Rowe")
    known = lab.add("contacts", {"email": "Maya@Brightwater.example", "firstname": "Maya"})
    found = port.person(north, "Maya Okafor", "maya@brightwater.example", ())
    assert found == known
    assert int(north.id) in lab.account.linked[int(known.id)]
    assert port.person(south, "Maya Okafor", "maya@brightwater.example", ()) == known
    second = port.person(south, "Maja O.", "maya@brightwater.example", (known.id,))
    assert lab.record(second).values["firstname"] == "Maja"
    assert "email" not in lab.record(second).values


# ------------------------------------------------------------------------------------------------------- schema


def test_properties_are_made_in_a_group_of_ours(lab: HubSpotLab) -> None:
    port = lab.connector()
    wanted: list[tuple[WantedProperty, Callable[[Definition], bool]]] = [
        (WantedProperty("counterpart_a", "A", Kind.TEXT, unique=True), lambda one: one.unique),
        (
            WantedProperty("counterpart_b", "B", Kind.CHOICES, {"x": "X"}),
            lambda one: one.options == {"x": "X"},
        ),
        (WantedProperty("counterpart_c", "C", Kind.DATE), lambda one: one.type == "date"),
        (WantedProperty("counterpart_d", "D", Kind.BOOLEAN), lambda one: one.type == "bool"),
        (WantedProperty("counterpart_e", "E", Kind.LONG_TEXT), lambda one: one.field_type == "textarea"),
    ]
    for one, fits in wanted:
        port.add_property("deals", one)
        made = lab.account.definitions["deals"][one.name]
        assert fits(made), one.name
        assert made.group == "counterpart"
    schema = port.describe("deals")
    assert schema is not None
    assert schema.properties["counterpart_a"].unique
    assert schema.properties["counterpart_b"].kind is Kind.CHOICES
    assert schema.properties["dealstage.label"].choices
    assert "Draft" in schema.properties["dealstage.label"].choices
    assert "Closed Won" not in schema.properties["dealstage.label"].choices
    assert schema.properties["@company"].target == "companies"
    with pytest.raises(CrmRefused, match="HubSpot"):
        port.add_property(
            "deals", WantedProperty("dealstage.label", "Stage", Kind.CHOICE, {"On hold": "On hold"})
        )


@pytest.fixture
def bare() -> Iterator[HubSpotLab]:
    """An account nobody has set up yet."""
    lab = HubSpotLab(lag=0.0, bare=True)
    yield lab
    lab.close()


def test_an_account_is_set_up_from_nothing(bare: HubSpotLab) -> None:
    """What the mapping misses is made; pipelines are left to an administrator, and told."""
    lab, port, manifest = bare, bare.connector(), partner_manifest()

    def missing() -> list[Misfit]:
        schemas = {obj: port.describe(obj) for obj in lab.mapping.objects()}
        found = misfits(lab.mapping, manifest, schemas)
        return [one for one in found if one.finding.severity is Severity.MEND]

    assert len(missing()) > 60
    said = [*make_missing(System(port, lab.mapping), missing())]
    assert any("deals.counterpart_id was made" in line for line in said)
    left = [one.finding.cause for one in missing()]
    assert left
    assert [cause for cause in left if ".label" not in cause] == []
    set_up_pipelines(lab.server, lab.mapping)
    lab.tick(1_000)
    assert [one.finding.cause for one in missing()] == []
    fields = lab.new_deal(lab.company("Brightwater IT"))
    row = port.create("deals", fields, gid_at(lab.clock.now()), lab.actor)
    assert row.fields["dealstage.label"] == "Draft"


def test_no_more_than_ten_properties_of_a_type_are_unique(lab: HubSpotLab) -> None:
    port = lab.connector()
    for n in range(9):
        port.add_property("deals", WantedProperty(f"counterpart_u{n}", f"U{n}", Kind.TEXT, unique=True))
    with pytest.raises(CrmRefused, match="at most 10"):
        port.add_property("deals", WantedProperty("counterpart_u9", "U9", Kind.TEXT, unique=True))


def test_the_stand_in_refuses_as_hubspot_does(lab: HubSpotLab) -> None:
    deals = lab.account.kind("deals")
    problem = problem_of(lambda: lab.account.create(deals, {"dealname": "x", "nope": "y", "amount": "z"}))
    body = problem.body()
    assert (problem.status, body["category"]) == (400, "VALIDATION_ERROR")
    assert [one["context"]["propertyName"] for one in body["errors"]] == [["nope"], ["amount"], ["dealstage"]]
    assert [one["name"] for one in json.loads(body["message"].partition(": ")[2])] == [
        "nope",
        "amount",
        "dealstage",
    ]
