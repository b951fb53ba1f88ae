"""An author's mapping is held against the manifest before a gateway ever ran; what no mapping has is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.checks.mappings import check_mappings
from gateway.connections import EmbeddedConnection
from gateway.crm.embedded.objects import OBJECTS
from gateway.portals import PORTALS, load_portal, shipped

pytestmark = pytest.mark.databases("sqlite")

MANIFEST = """
extends = "partner"
[[entities]]
name = "deal_registration"
fields = [{ name = "payer", label = "Who pays", type = "text", owner = "partner" }]
[entities.lifecycle]
states = [{ name = "on_hold", label = "On hold" }]
commands = [{ name = "hold", label = "Hold", from_states = ["approved"], to_state = "on_hold", args = [
  { name = "why", label = "Why", type = "text", owner = "partner" },
] }]
"""

MAPPING = """
extends = "embedded"
[[maps]]
entity = "deal_registration"
object = "registration"
[maps.fields]
payer = "x_payer"
[maps.fields.state.values]
on_hold = "HOLD"
[maps.commands.hold]
args = { why = "x_why" }
"""


def told(folder: Path, mapping: str) -> list[str]:
    """What a check says of the manifest above with a mapping."""
    (folder / "own.toml").write_text(MANIFEST, "utf-8")
    (folder / "map.toml").write_text(mapping, "utf-8")
    connection = EmbeddedConnection(mapping=folder / "map.toml")
    return [one.line() for one in check_mappings(load_portal(folder / "own.toml"), {"embedded": connection})]


def test_a_mapping_that_has_all_is_well(tmp_path: Path) -> None:
    assert told(tmp_path, MAPPING) == []


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('payer = "x_payer"', "", "KNOW not_offered: No mapping has deal_registration.payer:"),
        ('on_hold = "HOLD"', "", "MEND mapping: The mapping does not fit: deal_registration/registration: the state"),
        ('why = "x_why"', "", "the argument why of hold has no property to be written to. Name one: [maps"),
        ("payer =", "pajer =", "map.toml, maps.deal_registration/registration.fields.pajer: There is no field"),
        ('on_hold = "HOLD"', 'on_hold = "HOLD"\nonhold = "H"', ".fields.state.values: There is no value onhold. Did"),
        ("commands.hold", "commands.hodl", ".commands: There is no command hodl. Did you mean hold?"),
        ('"deal_registration"', '"deal_registraton"', ".entity: There is no entity type deal_registraton. Did"),
    ],
)  # fmt: skip
def test_what_is_missing_or_superfluous_is_told(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    assert right in MAPPING
    found = told(tmp_path, MAPPING.replace(right, wrong))
    assert any(says in line for line in found), found


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ('"x_payer"', '{ property = "x_payer", as = "number" }', "fields.payer.as: It cannot be 'number'."),
        ("[maps.commands.hold]", "[maps.comands.hold]", "registration.comands: This attribute is not"),
        ('"embedded"', '"embeded"', "no mapping ships as embeded"),
    ],
)  # fmt: skip
def test_what_is_no_mapping_is_told_with_its_place(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"map\.toml") as caught:
        told(tmp_path, MAPPING.replace(right, wrong))
    assert says in str(caught.value)


@pytest.mark.parametrize("name", PORTALS)
def test_the_embedded_crm_has_all_of_a_portal_that_ships(name: str) -> None:
    assert check_mappings(load_portal(shipped(name)), {"embedded": EmbeddedConnection()}) == []


def test_the_page_names_the_objects_of_the_embedded_crm_and_what_partners_may_set() -> None:
    page = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text("utf-8")
    table = page.split("| object | what partners may set |")[1].split("\n\n")[0].splitlines()[2:]
    told = [[{*re.findall(r"`(\w+)`", cell)} for cell in row.strip("| ").split(" | ")] for row in table]
    assert told == [
        [{name}, {*spec.partner, *spec.on_create}, {spec.number[0]} - {""}, {*spec.children}]
        for name, spec in OBJECTS.items()
    ]


def test_the_mapping_of_the_page_fits_a_portal(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text("utf-8")
    (block,) = (one for one in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if '"visit"' in one)
    (tmp_path / "own.toml").write_text(VISITS, "utf-8")
    (tmp_path / "map.toml").write_text(f'extends = "embedded"\n{block}', "utf-8")
    connection = EmbeddedConnection(mapping=tmp_path / "map.toml")
    found = check_mappings(load_portal(tmp_path / "own.toml"), {"embedded": connection})
    assert [one.line() for one in found] == []


VISITS = """
extends = "client"
name = "installers"
[[entities]]
name = "visit"
label = "Visit"
plural = "Visits"
title_field = "what"
fields = [
  { name = "number", label = "Number", type = "text", owner = "vendor" },
  { name = "company", label = "Your company", type = "reference", target = "company", owner = "vendor" },
  { name = "what", label = "Site", type = "text", owner = "vendor" },
  { name = "on", label = "Day", type = "date", owner = "vendor" },
  { name = "protocol", label = "Protocol", type = "long_text", owner = "vendor" },
  { name = "notes", label = "Notes", type = "long_text", owner = "partner" },
  { name = "reason", label = "What is wrong", type = "long_text", owner = "partner" },
  { name = "state", label = "State", type = "choice", owner = "vendor" },
  { name = "updated_at", label = "Last change", type = "datetime", owner = "vendor" },
]
[entities.lifecycle]
initial = "planned"
states = [
  { name = "planned", label = "Planned", editable = ["notes"] },
  { name = "visited", label = "To sign", waits_on = "partner" },
  { name = "disputed", label = "Disputed" },
  { name = "signed", label = "Signed", open = false },
]
commands = [
  { name = "sign", label = "Sign", from_states = ["visited"], to_state = "signed", binds = ["on", "protocol"] },
  { name = "dispute", label = "Dispute", from_states = ["visited"], to_state = "disputed", args = [
    { name = "reason", label = "Why", type = "long_text", owner = "partner", rules = [{ rule = "required" }] },
  ] },
]
"""
