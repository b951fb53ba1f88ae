"""A portal without what no system holds: nothing that is left leads to what is not there."""

from __future__ import annotations

from itertools import combinations

import pytest

from app.contract.manifest import EntityType, Manifest, parse_manifest
from app.contract.narrowing import narrowed
from app.contract.predicates import Children, RequiredWhen

ALL = ("deal_registration", "request", "message", "file", "document", "lead", "order", "renewal", "company")


def kind(manifest: Manifest, name: str) -> EntityType:
    found = manifest.entity(name)
    assert found is not None
    return found


def dangling(manifest: Manifest) -> list[str]:
    """Say what leads to an entity type or a field that is not there."""
    there = set(manifest.by_name)
    found = [f"job {job.name}" for job in manifest.jobs if not {job.entity, job.of or job.entity} <= there]
    for entity in manifest.entities:
        names = set(entity.by_name)
        used = {*entity.search, *entity.detail, *(c.field for c in entity.list.columns if c.field)}
        used |= {f.field for chip in entity.list.chips for f in chip.filters if f.field}
        sections = entity.form.sections if entity.form else ()
        used |= {name for section in sections for row in section.rows for name in row}
        states = entity.lifecycle.states if entity.lifecycle else ()
        used |= {name for state in states if isinstance(state.editable, tuple) for name in state.editable}
        commands = entity.lifecycle.commands if entity.lifecycle else ()
        args = [arg for command in commands for arg in command.args]
        rules = [rule for spec in (*entity.fields, *args) for rule in spec.rules.items]
        used |= {rule.field for rule in rules if isinstance(rule, RequiredWhen)}
        named = {*entity.parents, *(f.target for f in (*entity.fields, *args) if f.target)}
        named |= {rule.entity for rule in rules if isinstance(rule, Children)}
        named |= {rule.entity for command in commands for rule in command.requires}
        named |= {section.files.entity for section in sections if section.files}
        named |= {part.entity for part in entity.related}
        found += [f"{entity.name}: {name}" for name in (used - names) | (named - there)]
    return found


def test_what_is_held_whole_stays_as_it_is(manifest: Manifest) -> None:
    assert narrowed(manifest, set(manifest.by_name)) is manifest


def test_what_only_some_systems_hold_goes_with_all_that_leads_there(manifest: Manifest) -> None:
    cut = narrowed(manifest, ALL)
    assert {entity.name for entity in cut.entities} == set(ALL)
    assert [job.name for job in manifest.jobs if job not in cut.jobs] == ["ask_change", "add_contact"]
    order = kind(manifest, "order")
    assert kind(cut, "order") == order.changed(related=())


@pytest.mark.parametrize("missing", [*((name,) for name in ALL), *combinations(ALL, 2)], ids="-".join)
def test_nothing_leads_to_what_is_missing(manifest: Manifest, missing: tuple[str, ...]) -> None:
    cut = narrowed(manifest, set(manifest.by_name) - set(missing))
    assert dangling(cut) == []
    assert parse_manifest(cut.model_dump(mode="json")) == cut


CASES = [
    pytest.param({"file"}, "deal_registration", "submit", 0, id="what needs a file needs none"),
    pytest.param({"order"}, "deal_registration", "submit", 1, id="other rules stand"),
]


@pytest.mark.parametrize(("missing", "entity", "command", "rules"), CASES)
def test_a_command_asks_for_what_can_be_had(
    manifest: Manifest, missing: set[str], entity: str, command: str, rules: int
) -> None:
    lifecycle = kind(narrowed(manifest, set(manifest.by_name) - missing), entity).lifecycle
    assert lifecycle is not None
    assert [len(one.requires) for one in lifecycle.commands if one.name == command] == [rules]


def test_a_reference_goes_with_what_it_refers_to(manifest: Manifest) -> None:
    cut = narrowed(manifest, set(manifest.by_name) - {"deal_registration"})
    request = kind(cut, "request")
    assert "deal" not in request.by_name
    assert "deal" not in request.detail
    assert request.form is not None
    assert [row for section in request.form.sections for row in section.rows][-1] == ("customer",)
    assert [job.name for job in cut.jobs] == ["raise_request", "ask_change", "add_contact"]
    assert kind(cut, "file").parents == ("request", "task")


def test_children_without_any_parent_go_too(manifest: Manifest) -> None:
    parents = {"deal_registration", "request", "opportunity", "task"}
    cut = narrowed(manifest, set(manifest.by_name) - parents)
    assert not {"message", "file"} & set(cut.by_name)


def test_an_empty_section_of_a_form_is_not_shown(manifest: Manifest) -> None:
    form = kind(narrowed(manifest, set(manifest.by_name) - {"file"}), "deal_registration").form
    assert form is not None
    assert [section.title for section in form.sections] == ["Customer", "Opportunity"]


def test_an_unknown_name_that_is_held_is_nothing(manifest: Manifest) -> None:
    assert narrowed(manifest, {"company", "spaceship"}).by_name.keys() == {"company"}
