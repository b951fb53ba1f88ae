"""What an org says of its objects, and making what a mapping lacks."""

from __future__ import annotations

import pytest

from gateway.checks.fitting import misfits
from gateway.crm.port import CrmRefused
from gateway.crm.schema import Kind, WantedProperty
from tests.connectors.salesforce.lab import SalesforceLab
from tests.connectors.walking import gid_at
from tests.gateway.world import partner_manifest


def _misfits(lab: SalesforceLab) -> list[tuple[str, WantedProperty | None]]:
    schemas = {obj: lab.crm.describe(obj) for obj in lab.mapping.objects()}
    found = misfits(lab.mapping, partner_manifest(), schemas)
    return [(one.obj, one.wanted) for one in found if one.finding.id != "choice_unmapped"]


def test_the_shipped_mapping_fits_an_org_that_is_set_up(lab: SalesforceLab) -> None:
    assert _misfits(lab) == []


def test_what_a_bare_org_lacks_is_made_and_then_it_works(lab: SalesforceLab) -> None:
    """All but lookups, which name another object, and the object of messages."""
    made = {
        (obj, name)
        for obj in lab.mapping.objects()
        for name, one in lab.org.objects[obj].fields.items()
        if name.startswith("Counterpart_") and one.type != "reference"
    }
    for obj, name in made:
        del lab.org.objects[obj].fields[name]
    for kept in (row for rows in lab.org.rows.values() for row in rows.values()):
        kept.values = {name: value for name, value in kept.values.items() if name[:12] != "Counterpart_"}
    wanted = _misfits(lab)
    assert {(obj, one.name) for obj, one in wanted if one} <= made
    assert len(wanted) > 60
    for _ in range(2):  # what several maps need of one field is told one map after the other
        for obj, one in _misfits(lab):
            assert one is not None, obj
            lab.crm.add_property(obj, one)
    assert _misfits(lab) == []
    gid = gid_at(lab.clock.now())
    row = lab.port.create("Lead", lab.new_deal(lab.company("Brightwater IT")), gid, lab.actor)
    again = lab.port.create("Lead", lab.new_deal(lab.company("Brightwater IT")), gid, lab.actor)
    assert row.ref == again.ref
    lab.port.update(row.ref, {"Counterpart_Competitor__c": "Norrland"}, gid, lab.actor, None)
    assert lab.port.was_written(row.ref, gid)


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        (Kind.TEXT, "string"),
        (Kind.LONG_TEXT, "textarea"),
        (Kind.INTEGER, "double"),
        (Kind.DECIMAL, "double"),
        (Kind.BOOLEAN, "boolean"),
        (Kind.DATE, "date"),
        (Kind.DATETIME, "datetime"),
        (Kind.CHOICE, "picklist"),
        (Kind.CHOICES, "multipicklist"),
    ],
)
def test_each_kind_of_field(lab: SalesforceLab, kind: Kind, type_: str) -> None:
    choices = {"a": "A", "b": "B"} if kind in (Kind.CHOICE, Kind.CHOICES) else {}
    lab.crm.add_property("Lead", WantedProperty("Extra__c", "Extra", kind, choices))
    assert lab.org.objects["Lead"].fields["Extra__c"].type == type_
    schema = lab.crm.describe("Lead")
    assert schema is not None
    assert schema.properties["Extra__c"].choices == ((choices and {"a": "a", "b": "b"}) or None)


def test_choices_are_added_to_a_field_of_ours_and_told_of_others(lab: SalesforceLab) -> None:
    lab.crm.add_property("Lead", WantedProperty("Extra__c", "Extra", Kind.CHOICE, {"a": "A"}))
    lab.crm.add_property("Lead", WantedProperty("Extra__c", "Extra", Kind.CHOICE, {"b": "B"}))
    assert lab.org.objects["Lead"].fields["Extra__c"].choices == ["a", "b"]
    with pytest.raises(CrmRefused, match="Setup, Object Manager, Lead"):
        lab.crm.add_property(
            "Lead", WantedProperty("Status", "Status", Kind.CHOICE, {"New State": "New State"})
        )
    with pytest.raises(CrmRefused, match="kept elsewhere"):
        lab.crm.add_property(
            "Lead", WantedProperty("Counterpart_Type__c", "Type", Kind.CHOICE, {"Other": "Other"})
        )
    with pytest.raises(CrmRefused, match="There is no object"):
        lab.crm.add_property("Nothing__c", WantedProperty("Extra__c", "Extra", Kind.TEXT))


def test_a_field_that_stays_hidden_is_told_with_what_to_do(lab: SalesforceLab) -> None:
    extra = WantedProperty("Extra__c", "Extra", Kind.TEXT)
    lab.org.rows["PermissionSet"][lab.org.permission_set].values["Name"] = "Another"
    with pytest.raises(CrmRefused) as caught:
        lab.crm.add_property("Lead", extra)
    for words in ("was made", "field-level security", "Permission Sets, Counterpart", "no permission set"):
        assert words in str(caught.value)
    assert not lab.org.objects["Lead"].fields["Extra__c"].visible
    # The admin makes the permission set, and asks again: the field is there, and only has to be shown.
    lab.org.rows["PermissionSet"][lab.org.permission_set].values["Name"] = "Counterpart"
    lab.crm.add_property("Lead", extra)
    schema = lab.crm.describe("Lead")
    assert schema is not None
    assert schema.properties["Extra__c"].writable


def test_an_object_that_is_not_there_is_none(lab: SalesforceLab) -> None:
    assert lab.crm.describe("Nothing__c") is None
    assert lab.crm.describe("../Lead") is None
    schema = lab.crm.describe("Order")
    assert schema is not None
    assert schema.properties["OrderItems"].kind is Kind.ITEMS
    assert not schema.properties["OrderNumber"].writable
