"""How rows of Salesforce are made and changed."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from gateway.crm.port import (
    CrmMissing,
    CrmRefused,
    CrmUnavailable,
    FileBody,
    Ref,
    RowCreation,
    RowUpdate,
    RowWrite,
    SourceRow,
)
from gateway.crm.salesforce.marks import bears, leaving, with_mark
from tests.connectors.salesforce.lab import SalesforceLab
from tests.connectors.salesforce.standin.org import STAFF
from tests.connectors.salesforce.standin.server import salesforce_error
from tests.connectors.walking import gid_at

_RIVAL = "Counterpart_Competitor__c"


def _id(lab: SalesforceLab) -> str:
    return gid_at(lab.clock.now())


def test_what_was_made_before_is_not_written_over(lab: SalesforceLab) -> None:
    """An upsert by the marker would do just that."""
    gid, fields = _id(lab), lab.new_deal(lab.company("Brightwater IT"), next_steps="Call")
    lab.lose_answer()
    with pytest.raises(CrmUnavailable):
        lab.port.create("Lead", fields, gid, lab.actor)
    ref = lab.port.find_created("Lead", gid)
    assert ref is not None
    lab.edit(ref, next_steps="Staff's")
    row = lab.port.create("Lead", fields, gid, lab.actor)
    assert (row.ref, row.fields["Counterpart_Next_Steps__c"]) == (ref, "Staff's")


def test_two_processes_make_one_row(lab: SalesforceLab) -> None:
    """The other is faster, after the look for a row and before the write: the field is unique."""
    gid, fields = _id(lab), lab.new_deal(lab.company("Brightwater IT"), customer="Twice")
    other = lab.connector()
    lab.before_write(lambda: other.create("Lead", fields, gid, lab.actor))
    row = lab.port.create("Lead", fields, gid, lab.actor)
    assert lab.count("Twice") == 1
    assert lab.port.find_created("Lead", gid) == row.ref


def test_a_row_that_was_made_and_deleted_is_not_made_again(lab: SalesforceLab) -> None:
    gid, fields = _id(lab), lab.new_deal(lab.company("Brightwater IT"), customer="Gone")
    row = lab.port.create("Lead", fields, gid, lab.actor)
    lab.archive(row.ref)
    again = lab.port.create("Lead", fields, gid, lab.actor)
    assert (again.ref, again.archived) == (row.ref, True)
    assert lab.count("Gone") == 0


def test_a_row_that_was_made_and_merged_is_not_made_again(lab: SalesforceLab) -> None:
    company, gid = lab.company("Brightwater IT"), _id(lab)
    row = lab.port.create("Lead", lab.new_deal(company, customer="Twin"), gid, lab.actor)
    winner = lab.deal(company, customer="Twin")
    lab.merge(row.ref, winner)
    with pytest.raises(CrmMissing) as caught:
        lab.port.create("Lead", lab.new_deal(company, customer="Twin"), gid, lab.actor)
    assert caught.value.into == winner
    assert lab.count("Twin") == 1


def test_many_rows_are_made_in_few_calls_each_as_if_alone(lab: SalesforceLab) -> None:
    company = lab.company("Brightwater IT")
    there = lab.port.create("Lead", lab.new_deal(company, customer="There"), _id(lab), lab.actor)
    gone = lab.request(company, "Gone")
    lab.delete(gone)
    case = lab.request(company, "Where is it?")
    item = lab.mapping.for_child("message", "Case")
    assert item is not None
    words = lab.written("message", {"body": "Any news?"}, item)
    lab.wire.calls.clear()
    writes: list[RowWrite] = [
        RowCreation("Lead", lab.new_deal(company, customer="First"), _id(lab), lab.actor),
        RowCreation("Lead", lab.new_deal(company, contact_email="kim@gmail.com"), _id(lab), lab.actor),
        RowCreation("Lead", {}, str(there.fields["Counterpart_Ref__c"]), lab.actor),
        RowCreation(item.object, words, _id(lab), lab.actor, case),
        RowCreation(item.object, words, _id(lab), lab.actor, gone),
        RowUpdate(there.ref, {_RIVAL: "Norrland"}, _id(lab), lab.actor, None),
    ]
    first, refused, same, message, orphan, changed = lab.crm.write_many(writes)
    assert isinstance(first, SourceRow)
    assert isinstance(message, SourceRow)
    assert isinstance(same, SourceRow)
    assert isinstance(changed, SourceRow)
    assert isinstance(refused, CrmRefused)
    assert isinstance(orphan, CrmMissing)
    assert refused.fields == {"Email": "Use the customer's business address."}
    assert same.ref == there.ref
    assert changed.fields[_RIVAL] == "Norrland"
    assert lab.texts(case) == ["Any news?"]
    assert [path.rsplit("/", 1)[1] for method, path in lab.wire.calls if method != "GET"] == [
        "sobjects",
        there.ref.id,
    ]


@pytest.mark.parametrize(
    ("values", "prop"),
    [
        ({"Counterpart_Type__c": "Nonsense"}, "Counterpart_Type__c"),
        ({"Counterpart_Competitor__c": "x" * 200}, "Counterpart_Competitor__c"),
        ({"Name": "Ada " + "L" * 90}, "Name"),
        ({"Email": "kim@gmail.com"}, "Email"),
        ({"Email": "no address"}, "Email"),
        ({"Company": None}, "Company"),
        ({"Counterpart_Company__c": "0015g00000999999AA"}, "Counterpart_Company__c"),
        ({"Counterpart_Number__c": "DR-1"}, "Counterpart_Number__c"),
    ],
)
def test_a_refusal_names_the_property(lab: SalesforceLab, values: dict[str, object], prop: str) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    lab.org.objects["Lead"].fields["Counterpart_Number__c"].readonly = True
    before = dict(lab.org.rows["Lead"][ref.id].values)
    with pytest.raises(CrmRefused) as caught:
        lab.port.update(ref, values, _id(lab), lab.actor, None)
    assert caught.value.fields.keys() == {prop}
    assert "00" not in caught.value.fields[prop].replace("max length", "")
    assert lab.org.rows["Lead"][ref.id].values == before


def test_a_person_is_written_in_two_fields_and_read_as_one(lab: SalesforceLab) -> None:
    company = lab.company("Brightwater IT")
    row = lab.port.create("Lead", lab.new_deal(company), _id(lab), lab.actor)
    assert lab.org.rows["Lead"][row.ref.id].values["LastName"] == "[not provided]"
    assert row.fields["Name"] is None
    row = lab.port.update(row.ref, {"Name": "Ada King Lovelace"}, _id(lab), lab.actor, None)
    kept = lab.org.rows["Lead"][row.ref.id].values
    assert (kept["FirstName"], kept["LastName"]) == ("Ada King", "Lovelace")
    assert row.fields["Name"] == "Ada King Lovelace"
    row = lab.port.update(row.ref, {"Name": None}, _id(lab), lab.actor, None)
    assert row.fields["Name"] is None


def test_money_goes_there_and_back_to_the_penny(lab: SalesforceLab) -> None:
    company = lab.company("Brightwater IT")
    for amount in ("0.01", "50000000.00", "184250.10", "49999999.99", "0.30"):
        row = lab.port.create("Lead", lab.new_deal(company, amount=amount), _id(lab), lab.actor)
        assert str(lab.look(row.ref)["amount"]) == amount
        assert isinstance(row.fields["Counterpart_Amount__c"], str | int)


def test_a_file_that_arrives_damaged_is_refused(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"))
    body = FileBody("0" * 64, 3, "text/plain", "a.txt", iter((b"abc",)))
    with pytest.raises(CrmRefused, match="damaged"):
        lab.port.attach("ContentVersion", ref, {"PathOnClient": "a.txt"}, body, _id(lab), lab.actor)
    assert lab.files(ref) == {}


def test_a_file_is_known_without_being_fetched_back(lab: SalesforceLab) -> None:
    ref, gid, data = lab.deal(lab.company("Brightwater IT")), _id(lab), b"abc" * 1000
    fields = {"PathOnClient": "a.txt", "Counterpart_Shared__c": True}
    digest = hashlib.sha256(data).hexdigest()
    row = lab.port.attach(
        "ContentVersion",
        ref,
        fields,
        FileBody(digest, 3000, "text/plain", "a.txt", iter((data,))),
        gid,
        lab.actor,
    )
    assert row.fields["@sha256"] == digest
    assert not [path for _, path in lab.wire.calls if path.endswith("VersionData")]
    lab.lose_answer()
    body = FileBody(digest, 3000, "text/plain", "b.txt", iter((data,)))
    with pytest.raises(CrmUnavailable):
        lab.port.attach("ContentVersion", ref, fields, body, gid_at(lab.clock.now()), lab.actor)
    lab.delete(ref)
    body = FileBody(digest, 3000, "text/plain", "c.txt", iter((data,)))
    with pytest.raises(CrmMissing):
        lab.port.attach("ContentVersion", ref, fields, body, _id(lab), lab.actor)


def test_staff_who_clear_the_marks_take_no_write_back(lab: SalesforceLab) -> None:
    ref, first, second = lab.deal(lab.company("Brightwater IT")), _id(lab), _id(lab)
    lab.port.update(ref, {_RIVAL: "One"}, first, lab.actor, None)
    lab.org.update("Lead", ref.id, {"Counterpart_Marks__c": None}, by=STAFF)
    assert not lab.port.was_written(ref, first)
    lab.port.update(ref, {_RIVAL: "Two"}, second, lab.actor, None)
    assert lab.port.was_written(ref, second)


def test_marks_are_kept_newest_first_and_not_for_ever() -> None:
    began = datetime(2026, 11, 24, 9, tzinfo=UTC)
    ids = [gid_at(began + timedelta(seconds=n)) for n in range(30)]
    marks = ""
    for one in ids:
        marks = with_mark(marks, one)
    assert marks.split() == ids[:9:-1]
    assert len(leaving(marks)) <= 20 * 37  # what `check --create` makes the field for
    assert with_mark("a b", "b") == "b a"
    assert with_mark(None, "a") == "a"
    assert bears({"a"}, "a", deleted=False)
    assert bears({leaving("a")}, "a", deleted=True)
    assert not bears({leaving("a")}, "a", deleted=False)


def test_a_locked_row_among_many_waits_alone(lab: SalesforceLab) -> None:
    company = lab.company("Brightwater IT")
    refs = [lab.deal(company) for _ in range(3)]
    lab.org.locked.add(refs[1].id)
    done = lab.crm.write_many([RowUpdate(ref, {_RIVAL: "N"}, _id(lab), lab.actor, None) for ref in refs])
    assert [type(one) for one in done] == [SourceRow, CrmUnavailable, SourceRow]


def test_nothing_is_written_when_the_reading_before_it_fails(lab: SalesforceLab) -> None:
    ref = lab.deal(lab.company("Brightwater IT"), competitor="Meridian")
    lab.wire.instead(salesforce_error(503))
    with pytest.raises(CrmUnavailable):
        lab.port.update(ref, {_RIVAL: "N"}, _id(lab), lab.actor, None)
    assert not [method for method, _ in lab.wire.calls if method == "PATCH"]
    assert lab.look(ref)["competitor"] == "Meridian"


def test_a_child_of_what_takes_none_is_refused(lab: SalesforceLab) -> None:
    company = lab.company("Brightwater IT")
    with pytest.raises(CrmRefused):
        lab.port.append("Counterpart_Message__c", company, {"Counterpart_Body__c": "x"}, _id(lab), lab.actor)
    lab.port.archive(
        Ref("Lead", "no id"), _id(lab), lab.actor, None
    )  # nothing is there, which is as it should be
