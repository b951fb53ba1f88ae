"""A portal without what no system holds: nothing that is left leads to what is not there."""

from __future__ import annotations

from itertools import combinations

import pytest

from app.contract.manifest import EntityType, Manifest, parse_manifest
from app.contract.narrowing import Held, narrowed
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


def served(manifest: Manifest, **details: Held) -> Manifest:
    """The portal where everything is held, but for what these say of single entity types."""
    return narrowed(manifest, set(manifest.by_name), details)


def without(manifest: Manifest, entity: str, *names: str) -> Held:
    """A home that holds all fields of an entity type but these."""
    return Held(frozenset(kind(manifest, entity).by_name) - set(names))


def commands(manifest: Manifest, entity: str) -> set[str]:
    lifecycle = kind(manifest, entity).lifecycle
    assert lifecycle is not None
    return {command.name for command in lifecycle.commands if command.by == "partner"}


@pytest.mark.parametrize(
    ("entity", "name", "gone"),
    [
        pytest.param("deal_registration", "competitor", True, id="a partner's field goes"),
        pytest.param("deal_registration", "next_steps", True, id="a shared one too"),
        pytest.param("deal_registration", "reviewer", False, id="the vendor's stays, empty"),
        pytest.param("deal_registration", "customer", False, id="the title stays, whatever holds it"),
        pytest.param("message", "parent", False, id="a child's parent is no field of the map"),
    ],
)
def test_a_field_no_map_holds(manifest: Manifest, entity: str, name: str, *, gone: bool) -> None:
    cut = served(manifest, **{entity: without(manifest, entity, name)})
    assert (name not in kind(cut, entity).by_name) == gone
    assert dangling(cut) == []


def test_a_side_loses_the_row_the_other_cannot_hold(manifest: Manifest) -> None:
    cut = served(manifest, opportunity=without(manifest, "opportunity", "partner_contact"))
    ours, theirs = kind(cut, "opportunity").sides
    assert ours.names == ("Stage", "Close", "Amount", "Next steps")
    assert "vendor_team" not in theirs.fields
    assert len(ours.fields) == len(theirs.fields) == 4


@pytest.mark.parametrize(
    ("entity", "state", "lost"),
    [
        ("deal_registration", "withdrawn", {"withdraw"}),
        ("deal_registration", "extension_requested", {"ask_extension"}),
        ("request", "closed", set()),
        ("renewal", "intent_sent", {"renew_as_quoted", "send_intent"}),
    ],
)
def test_what_leads_to_a_state_no_system_has_is_not_offered(
    manifest: Manifest, entity: str, state: str, lost: set[str]
) -> None:
    cut = served(manifest, **{entity: Held(lacks=frozenset({state}))})
    assert commands(manifest, entity) - commands(cut, entity) == lost


def test_jobs_are_cut_to_what_can_be_done(manifest: Manifest) -> None:
    cut = served(
        manifest,
        lead=Held(lacks=frozenset({"converted"})),
        deal_registration=without(manifest, "deal_registration", "website", "type"),
    )
    (derived,) = [job for job in cut.jobs if job.name == "convert_lead"]
    assert (derived.then, "website" in derived.copies, derived.sets) == ("", False, {})
    assert derived.copies["lead"] == "gid"


@pytest.mark.parametrize(
    ("parents", "expected", "asks"),
    [
        pytest.param({"deal_registration", "task"}, ("deal_registration", "task"), True, id="some"),
        pytest.param({"request"}, ("request",), False, id="not those that need a file"),
    ],
)
def test_children_hang_where_their_system_can_name_the_parent(
    manifest: Manifest, parents: set[str], expected: tuple[str, ...], *, asks: bool
) -> None:
    cut = served(manifest, file=Held(parents=frozenset(parents)))
    assert kind(cut, "file").parents == expected
    lifecycle = kind(cut, "deal_registration").lifecycle
    assert lifecycle is not None
    assert any(command.requires for command in lifecycle.commands) == asks
    template = cut.template("security_questions")
    assert template is not None
    assert any(section.files for section in template.form.sections) == asks
    assert dangling(cut) == []


def test_a_child_that_can_hang_nowhere_goes(manifest: Manifest) -> None:
    cut = served(manifest, acknowledgement=Held(parents=frozenset()))
    assert cut.entity("acknowledgement") is None
