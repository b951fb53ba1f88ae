"""The mapping format and the values that pass through it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from app.contract.ids import source_gid
from app.contract.manifest import FieldSpec, FieldType, Owner
from gateway.convert import Unconvertible, incoming, outgoing, rfc3339
from gateway.crm.port import Ref, SourceRow, SystemRef
from gateway.mapping import EntityMap, FieldMap, SystemMapping, problems
from gateway.translate import named_rows, own_gid, to_command, to_contract_names, to_properties, to_record
from tests.gateway.memory_port import MAPPING
from tests.gateway.world import memory_mapping, partner_manifest

# No database is asked here.
pytestmark = pytest.mark.databases("sqlite")


def field_map(**members: Any) -> FieldMap:
    return FieldMap.model_validate({"property": "p", **members})


def gid_of(obj: str, source_id: str) -> str:
    return f"gid:{obj}/{source_id}"


def person_of(obj: str, source_id: str) -> str:
    return f"user:{obj}/{source_id}"


INCOMING = [
    ("same text", {}, "a\r\nb", "a\nb"),
    ("same integer", {}, 12, 12),
    ("same false is a value", {}, False, False),
    ("blank text", {}, "  ", None),
    ("null", {}, None, None),
    ("empty list", {"as": "list"}, [], None),
    ("table", {"values": {"retail": "RTL"}}, "RTL", "retail"),
    ("table, several to one", {"values": {"open": ["O", "P"]}}, "P", "open"),
    ("table, unknown goes through", {"values": {"open": "O"}}, "X9", "X9"),
    ("text of a number", {"as": "text"}, 7, "7"),
    ("integer in text", {"as": "integer"}, "42", 42),
    ("boolean in text", {"as": "boolean"}, "Yes", True),
    ("boolean as zero", {"as": "boolean"}, 0, False),
    ("decimal", {"as": "decimal"}, "22480", "22480.00"),
    ("decimal with many places", {"as": "decimal"}, "12.3450", "12.34"),
    ("hundredths", {"as": "minor_units"}, 1842500, "18425.00"),
    ("negative hundredths", {"as": "minor_units"}, -5, "-0.05"),
    ("date of a time", {"as": "date"}, "2026-11-24T23:30:00Z", "2026-11-24"),
    ("date in milliseconds", {"as": "date_ms"}, 1795478400000, "2026-11-24"),
    ("time with an offset", {"as": "datetime"}, "2026-11-24T10:00:00+01:00", "2026-11-24T09:00:00Z"),
    ("time without a zone is UTC", {"as": "datetime"}, "2026-11-24 09:00:00", "2026-11-24T09:00:00Z"),
    ("time in milliseconds", {"as": "datetime_ms"}, 1795510800123, "2026-11-24T09:00:00.123Z"),
    ("joined list", {"as": "list", "separator": ";", "values": {"vault": "VLT"}}, "VLT; X", ["vault", "X"]),
    ("website", {"as": "website"}, "http://kestrel.example/uk", "kestrel.example/uk"),
    ("website, safe", {"as": "website"}, "https://kestrel.example", "https://kestrel.example"),
    ("website, bare", {"as": "website"}, "kestrel.example", "kestrel.example"),
    ("reference", {"as": "reference", "object": "account"}, 3, "gid:account/3"),
    ("person", {"as": "person", "object": "contact"}, "C3", "user:contact/C3"),
    (
        "items",
        {"as": "items", "members": {"at": {"property": "when", "as": "datetime_ms"}, "text": "what"}},
        [{"when": 0, "what": "made", "secret": 1}, {"what": None}],
        [{"at": "1970-01-01T00:00:00Z", "text": "made"}, {}],
    ),
]


@pytest.mark.parametrize(
    ("members", "value", "expected"), [row[1:] for row in INCOMING], ids=[r[0] for r in INCOMING]
)
def test_reading_a_value(members: dict[str, Any], value: Any, expected: Any) -> None:
    assert incoming(field_map(**members), {"p": value}, gid_of, person_of) == expected


@pytest.mark.parametrize(
    ("members", "value"),
    [
        ({}, 1.5),
        ({"as": "integer"}, "many"),
        ({"as": "decimal"}, "NaN"),
        ({"as": "decimal"}, "a lot"),
        ({"as": "date"}, "24/11/2026"),
        ({"as": "boolean"}, "perhaps"),
        ({"as": "datetime_ms"}, 10**20),
        ({"as": "items", "members": {"at": "when"}}, ["not an object"]),
    ],
)
def test_a_value_that_cannot_be_read_names_its_property(members: dict[str, Any], value: Any) -> None:
    with pytest.raises(Unconvertible, match="p holds"):
        incoming(field_map(**members), {"p": value}, gid_of, person_of)


def test_a_link_may_name_its_object_in_another_property() -> None:
    spec = field_map(**{"as": "reference"}, object_property="kind", objects={"D": "deal", "T": "ticket"})
    assert incoming(spec, {"p": "9", "kind": "T"}, gid_of, person_of) == "gid:ticket/9"
    assert incoming(spec, {"p": "9", "kind": "?"}, gid_of, person_of) is None


def spec_of(kind: FieldType) -> FieldSpec:
    return FieldSpec(name="f", label="F", type=kind, owner=Owner.PARTNER)


OUTGOING = [
    ({}, FieldType.TEXT, "x", "x"),
    ({}, FieldType.TEXT, "", None),
    ({"values": {"open": ["O", "P"]}}, FieldType.CHOICE, "open", "O"),
    ({"values": {"open": "O"}}, FieldType.CHOICE, "new one", "new one"),
    ({"as": "decimal"}, FieldType.MONEY, "22480.5", "22480.50"),
    ({"as": "minor_units"}, FieldType.MONEY, "0.29", 29),
    ({"as": "date_ms"}, FieldType.DATE, "2026-11-24", 1795478400000),
    ({"as": "datetime_ms"}, FieldType.DATETIME, "2026-11-24T09:00:00.123Z", 1795510800123),
    (
        {"as": "list", "separator": ";", "values": {"vault": "VLT"}},
        FieldType.CHOICES,
        ["vault", "x"],
        "VLT;x",
    ),
    ({"as": "list"}, FieldType.CHOICES, ["a"], ["a"]),
    ({"as": "website"}, FieldType.URL, "kestrel.example", "kestrel.example"),
    ({"as": "reference", "object": "deal"}, FieldType.REFERENCE, "some-gid", "77"),
]


@pytest.mark.parametrize(("members", "kind", "value", "expected"), OUTGOING)
def test_writing_a_value(members: dict[str, Any], kind: FieldType, value: Any, expected: Any) -> None:
    assert outgoing(field_map(**members), spec_of(kind), value, lambda _gid: ("deal", "77")) == expected


def test_a_reference_to_another_kind_of_record_is_not_written() -> None:
    spec = field_map(**{"as": "reference"}, object="ticket")
    with pytest.raises(Unconvertible, match="cannot stand here"):
        outgoing(spec, spec_of(FieldType.REFERENCE), "gid", lambda _gid: ("deal", "77"))


def test_times_are_written_as_the_contract_does() -> None:
    assert rfc3339(datetime(2026, 11, 24, 9, 0, 0, 120_999, tzinfo=UTC)) == "2026-11-24T09:00:00.120Z"
    assert rfc3339(datetime(2026, 11, 24, 9, 0, 0, 999, tzinfo=UTC)) == "2026-11-24T09:00:00Z"


# ------------------------------------------------------------------------------------------------------- the format


def test_the_mapping_fits_the_manifest() -> None:
    assert problems(memory_mapping(), partner_manifest()) == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('entity = "request"', 'entity = "wish"', "no entity type wish"),
        ('competitor = "rival"', 'rivals = "rival"', "no field rivals"),
        ('submitted = "1"', 'sent_in = "1"', "no value sent_in"),
        ('withdrawn = "12"', "", "withdrawn has no counterpart"),
        ("[maps.commands.convert]", "[maps.commands.transmute]", "no command transmute"),
        (
            'company = "company"\nowner = "owner"\nfamilies = ["sales"]',
            'company = "firm"',
            "firm, which is not mapped",
        ),
        (
            'sha256 = "digest"\nsize = { property = "bytes", as = "integer" }\nmedia',
            "media",
            "blob names the field",
        ),
        ('args = { until = "wanted_until", note = "wanted_why" }', "", "argument until"),
    ],
)
def test_what_does_not_fit_is_told(old: str, new: str, said: str) -> None:
    assert old in MAPPING
    found = problems(SystemMapping.load(MAPPING.replace(old, new, 1)), partner_manifest())
    assert any(said in line for line in found), found


@pytest.mark.parametrize(
    "rest",
    [
        "fields = {}",  # neither scope nor parent
        'fields = { f = { property = "p", as = "magic" } }\nscope = {}',
        'fields = { f = { property = "p", as = "reference" } }\nscope = {}',
        'fields = { f = { property = "p", as = "items" } }\nscope = {}',
        "fields = {}\nscope = {}\nsurprise = 1",
    ],
)
def test_a_broken_mapping_is_refused(rest: str) -> None:
    with pytest.raises(ValidationError):
        SystemMapping.load(f'system = "x"\n[[maps]]\nentity = "a"\nobject = "b"\n{rest}')


# ---------------------------------------------------------------------------------------------------------- records


def deal_map() -> EntityMap:
    return memory_mapping().of_entity("deal_registration")[0]


def row(obj: str, **fields: Any) -> SourceRow:
    return SourceRow(Ref(obj, "d1"), fields, "1", datetime(2026, 11, 24, 9, tzinfo=UTC))


def derived(system: str, ref: Ref) -> str:
    return own_gid(system, ref)


def test_the_content_hash_does_not_move_with_the_time_of_change() -> None:
    one = to_record("memory", deal_map(), row("deal", cust="A"), derived)
    later = SourceRow(Ref("deal", "d1"), {"cust": "A"}, "9", datetime(2027, 1, 1, tzinfo=UTC))
    two = to_record("memory", deal_map(), later, derived)
    assert one.content_hash == two.content_hash
    assert one.hash != two.hash


def test_a_row_born_on_a_client_keeps_its_gid_and_any_other_derives_one() -> None:
    gid = "01a20cc8-9650-7b54-a34a-42b24c6bed24"
    assert to_record("memory", deal_map(), row("deal", portal_ref=gid), derived).born == gid
    assert to_record("memory", deal_map(), row("deal", portal_ref="not a gid"), derived).born == ""


def test_a_row_names_its_parent_first() -> None:
    item = memory_mapping().of_entity("file")[0]
    refs = named_rows("memory", item, row("paper", on_id="t1", on_kind="T", note_id="n1"))
    assert refs == (SystemRef("memory", Ref("ticket", "t1")), SystemRef("memory", Ref("note", "n1")))


def test_a_child_without_a_parent_cannot_be_understood() -> None:
    item = memory_mapping().of_entity("message")[0]
    with pytest.raises(Unconvertible, match="no parent"):
        to_record("memory", item, row("note", text="x"), derived)


def test_rows_outside_the_filter_have_no_map() -> None:
    assert memory_mapping().of_row("note", {"internal": True}) is None
    assert memory_mapping().of_row("note", {"internal": False}) is not None


def test_a_command_writes_state_constants_and_arguments() -> None:
    entity = partner_manifest().entity("deal_registration")
    assert entity is not None
    written, wrong = to_command(
        deal_map(), entity, "convert", {"po_reference": "PO-7"}, lambda _system, _gid: Ref("", "")
    )
    assert (written, wrong) == ({"stage": "7", "closed": True, "po": "PO-7"}, {})


def test_fields_that_are_not_mapped_cannot_be_written() -> None:
    entity = partner_manifest().entity("deal_registration")
    assert entity is not None
    _, wrong = to_properties(deal_map(), entity, {"street": "High Street"}, lambda _system, _gid: Ref("", ""))
    assert wrong == {"street": "This field cannot be written."}


def test_the_systems_words_come_back_on_the_contracts_fields() -> None:
    known, rest = to_contract_names(deal_map(), {"cents": "Too much.", "margin": "Below target."})
    assert known == {"amount": "Too much."}
    assert rest == ("Below target.",)


def test_user_ids_follow_from_contacts() -> None:
    record = to_record("memory", deal_map(), row("deal", person="Remy"), derived)
    assert record.data["owner"] == source_gid("memory", "person", "Remy")


def test_a_connector_is_told_every_property_it_is_asked_for() -> None:
    mapping = SystemMapping.load(
        """
        system = "memory"
        [[maps]]
        entity = "request"
        object = "ticket"
        marker = "portal_ref"
        mark = "marks"
        actor = "person"
        only = { internal = [false] }
        create = { pipeline = "p" }
        [maps.fields]
        subject = "head"
        updated_at = { property = "@modified_at", as = "datetime" }
        deal = { property = "on", as = "reference", object_property = "kind", objects = { D = "deal" } }
        order = { property = "erp", as = "reference", object = "sale.order", system = "books" }
        [maps.commands.close]
        set = { done = true }
        args = { why = "reason" }
        [maps.scope]
        entitlement = { property = "audience", tags = { all = ["all"] } }
        conditions = [{ property = "phases", tags = { on = ["stage:onboarding"] } }]
        """
    )
    wanted = "audience done erp head internal kind marks on person phases pipeline portal_ref reason"
    assert mapping.properties("ticket") == tuple(wanted.split())
    assert mapping.properties("nothing") == ()
    assert mapping.maps[0].links[-1].system == "books"


def test_a_changed_mapping_remembers_nothing_of_the_one_before() -> None:
    mapping = SystemMapping.load(MAPPING)
    assert mapping.of_object("ticket")
    assert mapping.properties("ticket")
    fewer = mapping.changed(maps=tuple(item for item in mapping.maps if item.object != "ticket"))
    assert fewer.of_object("ticket") == ()
    assert "ticket" not in fewer.objects()
    request = mapping.of_entity("request")[0]
    assert request.links
    assert request.scope_alone.links == request.changed(fields=request.scope_alone.fields).links
    assert len(request.scope_alone.links) < len(request.links)
