"""How a mapping fits what a system says of itself: what is missing, and what would be made."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from gateway.checks.fitting import Misfit, misfits, wanted_of
from gateway.checks.systems import look_at_system, make_missing
from gateway.crm.embedded.description import describe
from gateway.crm.port import CrmRefused, CrmUnauthorised, CrmUnavailable
from gateway.crm.schema import Kind, ObjectSchema, Property, WantedProperty
from gateway.mapping import SystemMapping
from gateway.systems import System
from tests.gateway.memory_port import MemoryPort
from tests.gateway.world import FixedClock, partner_manifest

pytestmark = pytest.mark.databases("sqlite")

_MAPPING = SystemMapping.load(
    """
    system = "memory"
    [[maps]]
    entity = "request"
    object = "ticket"
    marker = "portal_ref"
    mark = "portal_marks"
    only = { shared = [true] }
    create = { source = "portal" }
    [maps.fields]
    company = { property = "account", as = "reference", object = "account" }
    subject = "head"
    category = "kind"
    priority = { property = "prio", values = { low = "L", normal = "N", high = "H", urgent = "U" } }
    due_at = { property = "due", as = "datetime" }
    assignee = "worker.name"
    [maps.fields.state]
    property = "stage"
    [maps.fields.state.values]
    new = "1"
    open = "2"
    waiting_on_partner = "3"
    waiting_on_vendor = "4"
    resolved = "5"
    closed = "6"
    [maps.scope]
    company = "company"
    families = ["support"]
    """
)

_STAGES = {str(n): f"Stage {n}" for n in range(1, 7)}
_WHOLE = {
    one.name: one
    for one in (
        Property("portal_ref", "Reference", Kind.TEXT, unique=True),
        Property("portal_marks", "Marks", Kind.LONG_TEXT),
        Property("shared", "Shared", Kind.BOOLEAN),
        Property("source", "Source", Kind.CHOICE, {"portal": "Portal", "mail": "Mail"}),
        Property("account", "Account", Kind.REFERENCE, target="account", required=True),
        Property("head", "Subject", Kind.TEXT, required=True),
        Property("kind", "Kind", Kind.TEXT),
        Property("prio", "Priority", Kind.CHOICE, {"L": "Low", "N": "Normal", "H": "High", "U": "Urgent"}),
        Property("due", "Due", Kind.DATETIME, writable=False),
        Property("worker.name", "Worker", Kind.TEXT, writable=False),
        Property("stage", "Stage", Kind.CHOICE, _STAGES),
    )
}


def _found(changes: dict[str, Property | None], *, writable: bool = True) -> list[Misfit]:
    properties = {name: one for name, one in {**_WHOLE, **changes}.items() if one is not None}
    schema = ObjectSchema("ticket", "Ticket", properties, writable)
    return misfits(_MAPPING, partner_manifest(), {"ticket": schema})


def test_what_fits_is_not_spoken_of() -> None:
    assert _found({}) == []


def _without(name: str, **changes: Any) -> Property:
    return replace(_WHOLE[name], **changes)


@pytest.mark.parametrize(
    ("changes", "expected", "wanted"),
    [
        (
            {"portal_ref": None},
            "property_missing",
            WantedProperty("portal_ref", "Counterpart reference", Kind.TEXT, {}, unique=True, length=36),
        ),
        (
            {"portal_marks": None},
            "property_missing",
            WantedProperty("portal_marks", "Counterpart marks", Kind.LONG_TEXT, {}, length=740),
        ),
        ({"shared": None}, "property_missing", WantedProperty("shared", "shared", Kind.BOOLEAN)),
        (
            {"source": None},
            "property_missing",
            WantedProperty("source", "source", Kind.CHOICE, {"portal": "portal"}),
        ),
        (
            {"prio": None},
            "property_missing",
            WantedProperty(
                "prio", "Priority", Kind.CHOICE, {"L": "Low", "N": "Normal", "H": "High", "U": "Urgent"}
            ),
        ),
        ({"due": None}, "property_missing", WantedProperty("due", "Answer due", Kind.DATETIME)),
        ({"head": None}, "property_missing", WantedProperty("head", "Subject", Kind.TEXT)),
        # What leads over a reference is not made; a reference is, where it is known where it leads to.
        ({"worker.name": None}, "property_missing", None),
        (
            {"account": None},
            "property_missing",
            WantedProperty("account", "Partner company", Kind.REFERENCE, {}, target="account"),
        ),
        ({"account": _without("account", target="person")}, "property_target", None),
        ({"head": _without("head", kind=Kind.DATETIME)}, "property_kind", None),
        ({"due": _without("due", kind=Kind.BOOLEAN)}, "property_kind", None),
        ({"due": _without("due", kind=Kind.OTHER)}, "", None),
        ({"head": _without("head", writable=False)}, "property_read_only", None),
        ({"portal_ref": _without("portal_ref", unique=False)}, "property_not_unique", None),
        (
            {"prio": _without("prio", choices={"L": "Low", "N": "Normal"})},
            "choice_missing",
            WantedProperty("prio", "Priority", Kind.CHOICE, {"H": "High", "U": "Urgent"}),
        ),
        ({"prio": _without("prio", choices=None)}, "", None),
        ({"stage": _without("stage", choices={**_STAGES, "7": "Escalated"})}, "choice_unmapped", None),
        ({"prio": _without("prio", choices={**(_WHOLE["prio"].choices or {}), "X": "Extreme"})}, "", None),
        ({"team": Property("team", "Team", Kind.REFERENCE, required=True)}, "property_required", None),
        ({"team": Property("team", "Team", Kind.REFERENCE)}, "", None),
    ],
)
def test_what_does_not_fit(
    changes: dict[str, Property | None], expected: str, wanted: WantedProperty | None
) -> None:
    found = _found(changes)
    assert [one.finding.id for one in found] == ([expected] if expected else [])
    for one in found:
        assert one.wanted == wanted
        assert one.finding.remedy
        assert "ticket" in one.finding.cause.lower()


def test_an_object_that_cannot_be_written() -> None:
    assert [one.finding.id for one in _found({}, writable=False)] == ["object_read_only"]


def test_an_object_that_is_not_there() -> None:
    [one] = misfits(_MAPPING, partner_manifest(), {"ticket": None})
    assert one.finding.id == "object_missing"
    assert one.wanted is None


def test_the_embedded_systems_own_mapping_fits() -> None:
    mapping = SystemMapping.load((files("gateway.crm.embedded") / "mapping.toml").read_text("utf-8"))
    assert misfits(mapping, partner_manifest(), {obj: describe(obj) for obj in mapping.objects()}) == []


def test_what_two_maps_need_of_a_property_is_made_at_once() -> None:
    mapping = SystemMapping.load(
        """
        system = "memory"
        [[maps]]
        entity = "request"
        object = "ticket"
        marker = "portal_ref"
        create = { source = "portal" }
        only = { kind = ["request"] }
        [maps.fields]
        subject = "head"
        [maps.scope]
        [[maps]]
        entity = "message"
        object = "ticket"
        marker = "portal_ref"
        create = { source = "reply" }
        only = { kind = ["message"] }
        [maps.fields]
        body = "head"
        [maps.parent]
        property = "parent"
        object = "ticket"
        """
    )
    there = [_WHOLE["head"], Property("parent", "Parent", Kind.REFERENCE)]
    schema = ObjectSchema("ticket", "Ticket", {one.name: one for one in there})
    found = misfits(mapping, partner_manifest(), {"ticket": schema})
    assert {one.finding.id for one in found} == {"property_missing"}
    wanted = {one.name: one for _, one in wanted_of(found)}
    assert {*wanted} == {"portal_ref", "source", "kind"}
    assert {*wanted["source"].choices} == {"portal", "reply"}
    assert {*wanted["kind"].choices} == {"request", "message"}
    assert wanted["portal_ref"].unique
    # What a child hangs on is given with it, though no field of its own says so.
    needed = replace(schema, properties={**schema.properties, "parent": replace(there[1], required=True)})
    child = mapping.changed(maps=mapping.maps[1:])
    found = misfits(child, partner_manifest(), {"ticket": needed})
    assert {one.finding.id for one in found} == {"property_missing"}


# ------------------------------------------------------------------------------------------------- a system is asked


class _Described(MemoryPort):
    """A system whose tickets lack what `lacks` names, until somebody makes it."""

    def __init__(self, *lacks: str) -> None:
        super().__init__(FixedClock().now)
        self.properties = {name: one for name, one in _WHOLE.items() if name not in lacks}
        self.error: Exception | None = None

    def describe(self, obj: str) -> ObjectSchema | None:
        if self.error:
            raise self.error
        return ObjectSchema(obj, "Ticket", self.properties) if obj == "ticket" else None

    def add_property(self, obj: str, wanted: WantedProperty) -> None:
        if wanted.name == "prio":
            raise CrmRefused("Ten properties are enough.")
        self.properties[wanted.name] = Property(
            wanted.name, wanted.label, wanted.kind, wanted.choices or None, unique=wanted.unique
        )


def test_what_is_missing_is_made_and_then_fits() -> None:
    system = System(_Described("portal_ref", "shared", "prio"), _MAPPING)
    findings, found = look_at_system(system, partner_manifest())
    assert [one.id for one in findings] == ["property_missing"] * 3
    lines = list(make_missing(system, found))
    assert "memory: ticket.portal_ref was made." in lines
    assert "memory: ticket.prio with L, N, H, U was not made: Ten properties are enough." in lines
    [left], _ = look_at_system(system, partner_manifest())
    assert "ticket) has no property prio" in left.cause


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (CrmUnauthorised("The key is not accepted."), "system_unauthorised"),
        (CrmUnavailable("It cannot be reached."), "system_unreachable"),
    ],
)
def test_a_system_that_cannot_be_asked(error: Exception, expected: str) -> None:
    port = _Described()
    port.error = error
    [finding], found = look_at_system(System(port, _MAPPING), partner_manifest())
    assert finding.id == expected
    assert str(error) in finding.cause
    assert found == []
