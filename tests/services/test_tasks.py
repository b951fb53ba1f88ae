"""Tasks: checklists, answers that are kept here, and handing in by the rules of the gateway."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.contract.errors import Refused
from app.contract.manifest import FieldSpec, FieldType, Owner
from app.contract.mutations import Mutation
from app.contract.predicates import Predicates, Required
from app.contract.rules import Context, validate_field
from app.services.tasks import TaskService
from app.services.views_model import SyncState
from tests.services.conftest import COMPANY, World

PROFILE = {
    "legal_name": "Brightwater IT Ltd",
    "register_no": "07541893",
    "employees": 42,
    "markets": ["mid"],
    "services": "We install and look after networks of branches.",
}


def task(world: World, name: str = "profile", **changes: Any) -> str:
    data: dict[str, Any] = {
        "number": f"TSK-{name}",
        "company": COMPANY,
        "title": "Tell us about your company",
        "project": "Onboarding",
        "template": "company_profile",
        "due_at": "2026-11-27",
        "state": "todo",
        "updated_at": "2026-11-20T10:00:00Z",
    }
    return world.put("task", name, **{**data, **changes})


def tasks(world: World) -> TaskService:
    return world.portal.tasks


def names(mutations: list[Mutation]) -> list[str]:
    return [m.command.name if m.command else f"{m.kind.value} {m.entity}" for m in mutations]


def test_answers_survive_a_new_portal_and_touch_nothing_else(world: World, other: Any) -> None:
    gid = task(world)
    tasks(world).save(gid, {"legal_name": "Brightwater 🌊 IT"})
    assert other.tasks.view(gid).answers == {"legal_name": "Brightwater 🌊 IT"}
    assert world.sent() == []
    assert world.portal.records.get(gid).sync is SyncState.SYNCED  # type: ignore[union-attr]
    assert world.portal.outbox.unfinished_drafts() == []
    assert "Brightwater 🌊 IT" in world.portal.outbox.export_all()


def test_what_is_wrong_is_told_by_the_names_of_the_template(world: World) -> None:
    gid = task(world)
    tasks(world).save(gid, {**PROFILE, "register_no": "", "employees": 0, "vat_no": "123"})
    assert tasks(world).problems(gid) == {
        "register_no": "Needed. Fill this in to go on.",
        "employees": "Too low. At least 1.",
        "vat_no": "Write it with its country, such as GB123456789.",
    }
    with pytest.raises(Refused) as refused:
        tasks(world).hand_in(gid)
    assert set(refused.value.fields) == {"register_no", "employees", "vat_no"}
    assert world.sent() == []


def test_handing_in_sends_files_then_answers_then_the_command(world: World, survey: Path) -> None:
    gid = task(world, template="security_questions")
    answers = {"certified": "none", "measures": "Audits", "incident_contact": "soc@brightwater.example"}
    tasks(world).save(gid, answers)
    assert tasks(world).problems(gid) == {
        "file": "Add the certificate, or a page that says what you do instead."
    }
    tasks(world).add_file(gid, survey)
    done = tasks(world).hand_in(gid)
    sent = world.sent()
    assert names(sent) == ["append file", "patch task", "submit"]
    assert sent[1].changes == {"answers": answers}
    assert set(sent[2].depends_on) == {sent[0].mutation_id, sent[1].mutation_id}
    assert done.words == "Handed in"
    view = tasks(world).view(gid)
    assert view is not None
    assert (view.open, view.waiting, view.answers) == (False, True, answers)
    assert [file.name for file in view.sent] == [survey.name]
    (row, _file) = sorted(world.portal.outbox.items(), key=lambda row: row.what.endswith("KB"))
    assert row.what == "Answers: Tell us about your company"


def test_taken_back_it_is_filled_in_again(world: World) -> None:
    gid = task(world)
    tasks(world).save(gid, PROFILE)
    tasks(world).hand_in(gid)
    assert tasks(world).take_back(gid)
    assert world.sent() == []
    view = tasks(world).view(gid)
    assert view is not None
    assert (view.open, view.answers) == (True, PROFILE)
    world.store.outbox.mark_sending([tasks(world).hand_in(gid).mutation_id])
    assert not tasks(world).take_back(gid)


def test_refused_by_the_gateway_it_opens_again_with_the_reason_on_its_field(world: World) -> None:
    gid = task(world)
    tasks(world).save(gid, PROFILE)
    tasks(world).hand_in(gid)
    draft = next(draft for draft in world.store.drafts.all() if draft.entity == "answers")
    for mutation in world.sent():
        world.store.outbox.mark_sending([mutation.mutation_id])
        world.settle(mutation.mutation_id, "rejected")
    world.store.drafts.reopen(
        draft.gid, {"answers.register_no": "Not in the register."}, "", world.clock.now()
    )
    view = tasks(world).view(gid)
    assert view is not None
    assert (view.open, dict(view.problems)) == (True, {"register_no": "Not in the register."})
    tasks(world).save(gid, {**PROFILE, "register_no": "07541894"})
    assert tasks(world).view(gid).problems == {}  # type: ignore[union-attr]


def test_a_returned_task_begins_with_what_was_answered(world: World) -> None:
    gid = task(world, state="returned", answers=PROFILE, review_note="Which markets exactly?")
    view = tasks(world).view(gid)
    assert view is not None
    assert (view.open, view.answers, view.note) == (True, PROFILE, "Which markets exactly?")
    assert view.next == "Halden checks it within 2 working days and accepts it, or says what is missing."


@pytest.mark.parametrize(
    ("state", "is_open", "next_words"),
    [
        ("todo", True, "Halden checks it within 2 working days and accepts it, or says what is missing."),
        (
            "in_progress",
            True,
            "Halden checks it within 2 working days and accepts it, or says what is missing.",
        ),
        ("submitted", False, "Halden checks it and accepts it, or says what is missing."),
        ("done", False, ""),
        ("cancelled", False, ""),
        ("a_state_of_tomorrow", False, ""),
    ],
)
def test_what_may_be_done_in_each_state(world: World, state: str, is_open: bool, next_words: str) -> None:
    view = tasks(world).view(task(world, state=state))
    assert view is not None
    assert (view.open, view.next) == (is_open, next_words)


def test_checklists_count_what_is_accepted_and_say_what_comes_first(world: World) -> None:
    first = task(world, "one", title="Sign the terms")
    task(world, "two", depends_on=[first])
    task(world, "three", state="done")
    task(world, "four", state="cancelled")
    task(world, "alone", project="", title="Send your logo", template="")
    lists = {one.name: one for one in tasks(world).checklists("task", "open")}
    assert (lists["Onboarding"].done, lists["Onboarding"].total) == (1, 3)
    waits = {line.record.title: line.after for line in lists["Onboarding"].lines}
    assert waits == {"Sign the terms": (), "Tell us about your company": ("Sign the terms",)}
    task(world, "one", state="done")
    assert all(not line.after for one in tasks(world).checklists("task", "open") for line in one.lines)


def test_a_task_without_a_form_is_only_handed_in(world: World) -> None:
    gid = task(world, template="", title="Send your logo")
    tasks(world).hand_in(gid)
    assert names(world.sent()) == ["submit"]


def test_an_agreement_is_signed_only_after_its_document_was_opened(world: World) -> None:
    terms = world.put(
        "document", "terms", title="Terms 2027", sha256="a" * 64, size=10, state="current", version="7"
    )
    gid = task(world, template="agreement", document=terms)
    signed = {"agreed": True, "signed_by": "Maya Okafor", "position": "Sales manager"}
    tasks(world).save(gid, signed)
    with pytest.raises(Refused, match="Open the document first"):
        tasks(world).hand_in(gid)
    world.portal.library.read(terms)
    tasks(world).save(gid, {**signed, "agreed": False})
    assert tasks(world).problems(gid) == {"agreed": "Needed. Tick this to go on."}
    tasks(world).save(gid, signed)
    tasks(world).hand_in(gid)
    assert names(world.sent()) == ["patch task", "submit"]


def test_a_needed_box_has_to_be_ticked() -> None:
    spec = FieldSpec(
        name="agreed", label="Agreed", type=FieldType.BOOLEAN, owner=Owner.PARTNER,
        rules=Predicates(items=(Required(rule="required"),)),
    )  # fmt: skip
    context = Context(date(2026, 11, 23))
    found = {value: validate_field(spec, {"agreed": value}, context) for value in (None, False, True)}
    assert [value for value, wrong in found.items() if wrong is None] == [True]


@pytest.mark.parametrize(
    ("state", "waits"),
    [("todo", True), ("submitted", True), ("returned", True), ("done", False), ("cancelled", False)],
)
def test_a_task_begins_once_the_ones_before_it_are_accepted(world: World, state: str, waits: bool) -> None:
    first = task(world, state=state)
    second = task(world, "page", title="Publish your page", depends_on=[first])
    view = tasks(world).view(second)
    assert view is not None
    assert bool(view.reason) is waits
