"""The manifest: what ships is coherent, and a newer one degrades instead of breaking."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.contract.errors import UpdateNeeded
from app.contract.manifest import FieldType, Manifest, Owner, Tone, effective, parse_manifest, project
from app.contract.predicates import Unknown
from app.contract.rules import Context, editable_fields, validate_field


def test_it_survives_the_wire(manifest: Manifest) -> None:
    assert parse_manifest(manifest.model_dump(mode="json")) == manifest


def test_what_ships_names_only_what_exists(manifest: Manifest) -> None:
    for entity in manifest.entities:
        names = set(entity.by_name)
        assert len(names) == len(entity.fields), entity.name
        shown = {column.field for column in entity.list.columns if column.field}
        filtered = {f.field for chip in entity.list.chips for f in chip.filters if f.field}
        formed = {
            name for s in (entity.form.sections if entity.form else ()) for row in s.rows for name in row
        }
        used = shown | filtered | formed | set(entity.search) | set(entity.detail)
        assert used <= names, (entity.name, used - names)
        assert entity.list.sort.lstrip("-") in names or not entity.nav
        assert all(manifest.entity(f.target) for f in entity.fields if f.target)
        assert all(manifest.entity(parent) for parent in entity.parents)
        if entity.lifecycle:
            states = {state.name for state in entity.lifecycle.states}
            assert entity.lifecycle.initial in states
            for command in entity.lifecycle.commands:
                assert {*command.from_states, command.to_state} <= states, command.name
            for state in entity.lifecycle.states:
                if isinstance(state.editable, tuple):
                    assert set(state.editable) <= names, state.name
    assert all(manifest.entity(job.entity) for job in manifest.jobs)
    roles = {role.name for role in manifest.roles}
    assert all(set(job.roles) <= roles for job in manifest.jobs)


def newer(manifest: Manifest) -> dict[str, Any]:
    data = manifest.model_dump(mode="json")
    deal = data["entities"][0]
    deal["sparkle"] = True
    deal["fields"].append(
        {
            "name": "mood",
            "label": "Mood",
            "type": "hologram",
            "owner": "vendor",
            "rules": [{"rule": "telepathy"}],
        }
    )
    deal["lifecycle"]["states"][0]["tone"] = "glitter"
    return data


def test_unknown_attributes_types_and_predicates_are_kept_harmless(manifest: Manifest) -> None:
    deal = parse_manifest(newer(manifest)).entities[0]
    mood = deal.field("mood")
    assert mood is not None
    assert mood.type is FieldType.UNKNOWN
    assert mood.rules.items == (Unknown(rule="telepathy"),)
    assert validate_field(mood, {"mood": "fine"}, Context(date(2026, 1, 1))) is None
    assert "mood" not in editable_fields(deal, "draft")
    assert deal.lifecycle is not None
    assert deal.lifecycle.states[0].tone is Tone.NEUTRAL


def test_a_newer_format_is_refused_with_what_to_do(manifest: Manifest) -> None:
    with pytest.raises(UpdateNeeded) as caught:
        parse_manifest({**newer(manifest), "format": 2})
    assert "Update Counterpart" in caught.value.text
    assert "kept" in caught.value.text


def test_a_view_holds_only_the_fields_of_the_role(manifest: Manifest) -> None:
    data = manifest.model_dump(mode="json")
    data["entities"][0]["fields"][3]["roles"] = ["admin"]
    full = parse_manifest(data)
    for role, seen in (("admin", True), ("rep", False)):
        entity = effective(full, role).entities[0]
        assert ("website" in project(entity, {"website": "x", "customer": "y"})) is seen


def test_no_partner_field_is_edited_by_the_vendor_alone(manifest: Manifest) -> None:
    deal = manifest.entities[0]
    assert all(f.owner in set(Owner) for f in deal.fields)
    assert {f.name for f in deal.fields if f.owner is Owner.SHARED} == {
        "sales_stage",
        "decision_date",
        "next_steps",
    }
