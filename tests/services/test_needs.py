"""What needs a person, kind by kind: one sentence and one action each, and nothing this role may not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.contract.narrowing import narrowed
from app.services.views_model import Need, Target
from tests.services.conftest import World, open_world
from tests.services.test_tasks import task


def approval(world: World, **changes: Any) -> str:
    data = {"number": "AP-7", "subject": "Discount for Kestrel", "step": "Commercial", "amount": "1200.00",
            "currency": "GBP", "due_at": "2026-11-24", "state": "pending"}  # fmt: skip
    return world.put("approval", "a", **{**data, **changes})


def document(world: World, **changes: Any) -> str:
    data = {"title": "Terms 2027", "version": "7", "sha256": "a" * 64, "size": 1, "state": "current",
            "acknowledge_by": "2026-11-30"}  # fmt: skip
    return world.put("document", "d", **{**data, **changes})


def needs(world: World) -> list[Need]:
    return world.portal.home.needs_me()


def told(need: Need) -> tuple[str, str, str, str]:
    return need.title, need.detail, need.due, need.action_label


def test_a_task_is_told_by_its_own_title_and_what_its_form_does(world: World) -> None:
    gid = task(
        world, "sign", title="Sign the 2027 programme terms", template="agreement", due_at="2026-11-30"
    )
    (need,) = needs(world)
    assert told(need) == (
        "Sign the 2027 programme terms", "TSK-sign · Onboarding · task", "Mon 30 Nov", "Read and sign",
    )  # fmt: skip
    assert need.target == Target("task", gid=gid, focus="edit")


def test_begun_returned_and_blocked_tasks(world: World) -> None:
    first = task(world, "one", title="First", due_at="2026-11-26")
    task(world, "two", title="Second", depends_on=[first])
    task(
        world,
        "three",
        title="Third",
        state="returned",
        review_note="The page is missing.\nPlease.",
        due_at="",
    )
    task(world, "four", title="Fourth", state="submitted")
    world.portal.tasks.save(first, {"legal_name": "B"})
    assert [told(need) for need in needs(world)] == [
        ("Mend “Third”", "TSK-three · Onboarding · The page is missing.", "", "Mend"),
        ("First", "TSK-one · Onboarding · begun", "Thu 26 Nov", "Go on"),
    ]


def test_decisions_and_confirmations_wait_until_given(world: World) -> None:
    decide = approval(world)
    read = document(world)
    assert [told(need) for need in needs(world)] == [
        ("Decide on “Discount for Kestrel”", "AP-7 · Commercial · £1,200", "Tue 24 Nov", "Decide"),
        ("Confirm that you have read “Terms 2027”", "version 7", "Mon 30 Nov", "Read"),
    ]
    assert [need.target.gid for need in needs(world)] == [decide, read]
    approval(world, state="superseded")
    world.portal.library.read(read)
    world.portal.library.acknowledge(read)
    assert needs(world) == []


def test_what_is_set_aside_needs_a_person(world: World) -> None:
    gid = world.request()
    world.portal.intents.message(gid, "Hello")
    (sent,) = world.sent()
    world.store.outbox.quarantine(sent.mutation_id, {"kind": "dependency", "message": "Its request is gone."})
    (need,) = needs(world)
    assert need.title.startswith("Decide what becomes of “")
    assert need.target == Target("sync_centre", gid=gid)


def test_kinds_without_words_of_their_own_say_whose_turn_it_is(world: World) -> None:
    """A portal of tomorrow has a kind of record that nobody wrote a sentence for."""
    manifest = world.portal.manifest
    kind = manifest.entity("approval")
    assert kind is not None
    other = kind.changed(name="sample", label="Sample", plural="Samples")
    world.portal._context.renew(manifest.changed(entities=(*manifest.entities, other)), world.portal.me)
    world.put("sample", "s", number="S-1", subject="Blue tile", due_at="2026-11-25", state="pending")
    (need,) = needs(world)
    assert told(need) == ("Sample: Blue tile", "S-1 · to decide", "Wed 25 Nov", "Approve")


@pytest.mark.parametrize("role", ["support", "read_only"])
def test_a_role_is_asked_for_nothing_it_may_not_do(tmp_path: Path, role: str) -> None:
    world = open_world(tmp_path / "role.db", role=role)
    approval(world)
    world.put("lead", "l", customer="Fennimore", state="offered", expires_at="2026-11-25")
    if role == "read_only":
        task(world)
        document(world)
    assert [need.title for need in needs(world)] == []
    world.store.close()


def test_a_portal_without_these_kinds_needs_nothing(world: World) -> None:
    kept = narrowed(world.portal.manifest, {"company", "order"})
    world.portal._context.renew(kept, world.portal.me)
    assert needs(world) == []
    assert world.portal.home.read().needs_summary == "0 jobs"
