"""What is HubSpot's own about reading: links, notes, files, names, and the search with its lag and its cap."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import pytest

from gateway.crm.port import CrmMissing, CrmUnavailable, Ref, SourceRow
from tests.connectors.hubspot.lab import HubSpotLab, problem_of
from tests.connectors.hubspot.standin.model import Stage
from tests.connectors.hubspot.standin.search import search
from tests.connectors.lab import DEAL
from tests.connectors.portal import Portal
from tests.connectors.walking import walk


def _one(lab: HubSpotLab, ref: Ref) -> SourceRow:
    [row] = lab.port.fetch([ref])
    return row


def _questions(lab: HubSpotLab, *path: str) -> list[Any]:
    """What was asked for at a path."""
    return [call.json for call in lab.server.calls if call.path[: len(path)] == path and call.body]


# ------------------------------------------------------------------------------------------------------ the search


def test_an_edit_is_listed_when_the_index_has_it_and_read_at_once(lab: HubSpotLab) -> None:
    lab.account.lag = 20.0
    company = lab.company("Brightwater IT")
    ref = lab.deal(company)
    lab.tick(30)
    since = lab.port.now()
    lab.tick(2)
    lab.edit(ref, title="Edited")
    assert walk(lab, "deals", since, 10) == []
    assert _one(lab, ref).fields["dealname"] == "Edited"
    assert lab.port.sweep("deals", None, 10) == [ref.id]
    lab.tick(20)
    assert [entry.ref for entry in walk(lab, "deals", since, 10)] == [ref]
    assert lab.port.capabilities.index_lag > 20


def test_no_search_is_ever_continued(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    lab.herd(company, 25)
    lab.tick(3)
    lab.herd(company, 4)
    assert len(walk(lab, "deals", None, 4)) == 29
    questions = _questions(lab, "crm", "objects", "2026-09", "deals", "search")
    assert {one["after"] for one in questions} == {"0"}
    assert len(questions) > 8
    deals = lab.account.kind("deals")
    beyond = problem_of(lambda: search(lab.account, deals, {"limit": 100, "after": "9999"}))
    assert beyond.status == 400


def test_only_what_may_be_a_partners_is_listed(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    mine = lab.deal(company)
    lab.add("deals", {"dealname": "Direct", "dealstage": "contractsent", "pipeline": "default"}, company)
    lab.add("companies", {"name": "A customer"})
    assert [entry.ref for entry in walk(lab, "deals", None, 5)] == [mine]
    assert lab.port.sweep("deals", None, 5) == [mine.id]
    assert [entry.ref for entry in walk(lab, "companies", None, 5)] == [company]
    assert lab.port.sweep("companies", None, 5) == [company.id]


def test_contacts_are_listed_by_their_own_date(lab: HubSpotLab) -> None:
    lab.tick(1)
    contact = lab.add("contacts", {"email": "kim@customer.example"})
    assert [entry.ref for entry in walk(lab, "contacts", None, 5)] == [contact]


def test_a_sweep_goes_on_where_it_was(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    lab.herd(company, 230)
    lab.server.calls.clear()
    found: list[str] = []
    while page := lab.port.sweep("deals", found[-1] if found else None, 70):
        found += page
    assert found == sorted(found, key=int)
    assert len(found) == 230
    # 230 records are three of HubSpot's pages; where ours end in the middle of one, it is asked for once more.
    assert len(lab.server.calls) <= 9
    lab.reopened()
    assert lab.port.sweep("deals", found[99], 70) == found[100:170]


# --------------------------------------------------------------------------------------------------------- links


def test_the_primary_company_is_the_one_that_counts(lab: HubSpotLab) -> None:
    first, second = lab.company("Brightwater IT"), lab.company("Calder & Rowe")
    ref = lab.deal(second)
    lab.account.link(int(ref.id), int(first.id), 341)  # a link without a label
    assert _one(lab, ref).fields["@company"] == second.id
    lab.associate(ref, first)
    assert _one(lab, ref).fields["@company"] == first.id


def test_a_link_that_is_written_takes_the_place_of_the_old_one(lab: HubSpotLab) -> None:
    first, second = lab.company("Brightwater IT"), lab.company("Calder & Rowe")
    ref = lab.deal(first)
    row = lab.port.update(ref, {"@company": second.id}, "m1", lab.actor, None)
    assert row.fields["@company"] == second.id
    assert int(first.id) not in lab.account.linked[int(ref.id)]
    assert lab.port.was_written(ref, "m1")
    ticket = lab.request(first, "Where is it?")
    row = lab.port.update(ticket, {"@deal": ref.id, "subject": "Where?"}, "m2", lab.actor, None)
    assert (row.fields["@deal"], row.fields["subject"]) == (ref.id, "Where?")
    row = lab.port.update(ticket, {"@deal": None}, "m3", lab.actor, None)
    assert row.fields["@deal"] is None


def test_a_link_to_what_is_gone_is_not_made(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    ref, gone = lab.request(company, "Where is it?"), lab.deal(company)
    lab.delete(gone)
    with pytest.raises(CrmMissing):
        lab.port.update(ref, {"@deal": gone.id}, "m1", lab.actor, None)
    assert not lab.port.was_written(ref, "m1")


def test_a_deal_that_leaves_the_pipeline_leaves_the_portal(lab: HubSpotLab) -> None:
    portal = Portal(lab)
    ref = lab.deal(portal.north)
    portal.read()
    assert portal.gid(ref) in portal.seen()
    cursor = portal.cursor()
    lab.account.update(lab.record(ref), {"pipeline": "default", "dealstage": "contractsent"})
    portal.read()
    portal.sweep("deals")
    assert portal.gid(ref) not in portal.seen()
    assert portal.gone_since(cursor)[portal.gid(ref)][0] == "revoked"


# ------------------------------------------------------------------------------------------------- names and labels


def test_a_stage_that_was_added_meanwhile_is_looked_up(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    ref = lab.deal(company)
    assert _one(lab, ref).fields["dealstage.label"] == "Under review"
    pipelines = lab.account.pipelines["deals"]
    ours = pipelines[-1]
    pipelines[-1] = type(ours)(ours.id, ours.label, (*ours.stages, Stage("77", "On hold")))
    lab.account.update(lab.record(ref), {"dealstage": "77"})
    lab.tick(60)
    assert _one(lab, ref).fields["dealstage.label"] == "On hold"
    asked = [call for call in lab.server.calls if call.path[1] == "pipelines"]
    lab.port.fetch([ref])
    assert [call for call in lab.server.calls if call.path[1] == "pipelines"] == asked


def test_names_of_users_and_contacts_are_told(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    contact = lab.add(
        "contacts", {"email": "maya@brightwater.example", "firstname": "Maya", "lastname": "Okafor"}
    )
    ref = lab.deal(company)
    lab.account.update(lab.record(ref), {"hubspot_owner_id": "7001", "counterpart_owner": contact.id})
    fields = _one(lab, ref).fields
    assert fields["hubspot_owner_id.name"] == "Ingrid Solheim"
    assert fields["counterpart_owner.name"] == "Maya Okafor"


def test_an_order_has_its_lines(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    lines = [
        lab.add("line_items", {"name": name, "hs_sku": sku, "quantity": "14", "amount": amount})
        for name, sku, amount in (("Edge 220", "EG220", "12600.50"), ("Vault", "VLT", "300"))
    ]
    order = lab.add("orders", {"hs_order_name": "SO-1", "hs_total_price": "12900.50"}, company, *lines)
    portal_record = _one(lab, order).fields
    assert portal_record["@line_items"] == [
        {"name": "Edge 220", "hs_sku": "EG220", "quantity": "14", "amount": "12600.50"},
        {"name": "Vault", "hs_sku": "VLT", "quantity": "14", "amount": "300"},
    ]
    assert portal_record["@company"] == company.id


# --------------------------------------------------------------------------------------------------- notes and files


def test_what_an_internal_note_says_is_never_asked_for(lab: HubSpotLab) -> None:
    request = lab.request(lab.company("Brightwater IT"), "Where is it?")
    public, internal = (
        lab.note(request, "On its way", public=True),
        lab.note(request, "Slow payer", public=False),
    )
    rows = {row.ref: row for row in lab.port.fetch([public, internal])}
    assert rows[public].fields["hs_note_body"] == "On its way"
    assert rows[internal].fields == {"counterpart_public": None}
    bodies = [
        one
        for one in _questions(lab, "crm", "objects", "2026-09", "notes", "batch", "read")
        if "hs_note_body" in one["properties"]
    ]
    assert [input_["id"] for one in bodies for input_ in one["inputs"]] == [public.id]
    lab.account.update(lab.record(public), {"counterpart_public": "false"})
    assert lab.port.fetch([public])[0].fields == {"counterpart_public": "false"}


def test_a_note_tells_who_wrote_it(lab: HubSpotLab) -> None:
    request = lab.request(lab.company("Brightwater IT"), "Where is it?")
    theirs = _one(lab, lab.note(request, "On its way", public=True)).fields
    assert (theirs["@side"], theirs["@author"]) == ("vendor", "Ingrid Solheim")
    fields = {"hs_note_body": "Thanks", "counterpart_public": True}
    ours = lab.port.append("notes", request, fields, "0198b7c0-0000-7000-8000-000000000001", lab.actor)
    assert (ours.fields["@side"], ours.fields["@author"]) == ("partner", "Maya Okafor")
    assert (ours.fields["@parent_object"], ours.fields["@parent"]) == ("tickets", request.id)


def test_a_note_with_files_is_a_message_and_files(lab: HubSpotLab) -> None:
    portal = Portal(lab)
    request = lab.request(portal.north, "Where is it?")
    stored = [lab.account.store(f"{name}.pdf", "application/pdf", name.encode(), "PRIVATE") for name in "ab"]
    note = lab.note(request, "Two files", public=True)
    hidden = lab.note(request, "For us", public=False)
    for one in (note, hidden):
        lab.account.update(lab.record(one), {"hs_attachment_ids": ";".join(file.id for file in stored)})
    portal.read()
    seen = list(portal.seen().values())
    assert [record["body"] for record in seen if record["@entity"] == "message"] == ["Two files"]
    found = sorted((r["name"], r["sha256"], r["size"]) for r in seen if r["@entity"] == "file")
    assert found == [(f"{name}.pdf", hashlib.sha256(name.encode()).hexdigest(), 1) for name in "ab"]
    signed = [call for call in lab.server.calls if call.path[-1] == "signed-url"]
    assert len(signed) == 2  # each was read once, and is known from then on
    lab.server.calls.clear()
    found_files = [entry.ref for entry in walk(lab, "attachments", None, 10)]
    lab.port.fetch(found_files[:1])
    assert len([call for call in lab.server.calls if call.path[0] == "files"]) == 1
    files = [entry.ref for entry in walk(lab, "attachments", None, 1)]
    assert len(files) == 4
    assert lab.port.sweep("attachments", None, 10) == [ref.id for ref in files]
    assert lab.port.sweep("attachments", files[0].id, 2) == [ref.id for ref in files[1:3]]
    assert b"".join(lab.port.open_file(files[0]).chunks) == b"a"
    for ref in files[2:]:
        with pytest.raises(CrmMissing):
            lab.port.open_file(ref)


def test_a_file_that_is_taken_off_a_note_is_gone(lab: HubSpotLab) -> None:
    request = lab.request(lab.company("Brightwater IT"), "Where is it?")
    stored = lab.account.store("a.pdf", "application/pdf", b"a", "PRIVATE")
    note = lab.note(request, "One file", public=True)
    lab.account.update(lab.record(note), {"hs_attachment_ids": stored.id})
    [entry] = walk(lab, "attachments", None, 5)
    assert lab.port.fetch([entry.ref])
    lab.account.update(lab.record(note), {"hs_attachment_ids": ""})
    assert lab.port.fetch([entry.ref]) == []


def test_the_address_of_a_file_gets_no_credentials(lab: HubSpotLab) -> None:
    stored = lab.account.store("list.pdf", "application/pdf", b"prices", "PRIVATE")
    values = {"title": "Price list", "document_file": stored.id, "counterpart_audience": "everyone"}
    ref = lab.add("p_partner_documents", values)
    fields = _one(lab, ref).fields
    assert fields["document_file.sha256"] == hashlib.sha256(b"prices").hexdigest()
    assert (fields["document_file.name"], fields["document_file.size"]) == ("list.pdf", 6)
    opened = lab.port.open_file(ref)
    assert (opened.media_type, b"".join(opened.chunks)) == ("application/pdf", b"prices")
    elsewhere = [call for call in lab.server.calls if call.path[0] == "signed"]
    assert elsewhere
    assert not any(call.header("authorization") for call in elsewhere)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<div><p>One</p><p>Two</p></div>", "One\nTwo"),
        ("One<br>Two &amp; <b>three</b>", "One\nTwo & three"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<style>p {}</style><p>Seen</p><script>x()</script>", "Seen"),
        ("<p>a&nbsp;b</p>", "a b"),
        ("plain", "plain"),
    ],
)
def test_notes_are_read_as_people_see_them(lab: HubSpotLab, markup: str, text: str) -> None:
    request = lab.request(lab.company("Brightwater IT"), "Where is it?")
    note = lab.note(request, "x", public=True)
    lab.account.update(lab.record(note), {"hs_note_body": markup})
    assert _one(lab, note).fields["hs_note_body"] == text


def test_an_object_the_account_lacks_is_named(lab: HubSpotLab) -> None:
    del lab.account.types["p_partner_documents"]
    with pytest.raises(CrmUnavailable, match="p_partner_documents"):
        lab.port.changed_since("p_partner_documents", None, None, 5)
    assert lab.connector().describe("p_partner_documents") is None


def test_a_deal_is_what_the_partner_entered(lab: HubSpotLab) -> None:
    company = lab.company("Brightwater IT")
    ref = lab.deal(company)
    assert (
        _same(_one(lab, ref).fields, DEAL, ("customer", "title", "amount", "currency", "problem"), lab) == []
    )


def _same(fields: Any, values: Any, names: Iterable[str], lab: HubSpotLab) -> list[str]:
    return [name for name in names if fields[lab.property("deal_registration", name)] != values[name]]
