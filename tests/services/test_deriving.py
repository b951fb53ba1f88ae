"""A record from another one: what is copied, what is sent in which order, and what becomes of the old one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.contract.errors import NotAllowed
from app.contract.mutations import Kind, Mutation, Outcome, Problem, Status
from app.services.views_model import OutboxAction, SyncState
from app.store.database import Store
from app.sync.apply import settle
from tests.services.conftest import COMPANY, KEY, World, open_world


def lead(world: World, **changes: Any) -> str:
    data = {
        "number": "LD-0772",
        "company": COMPANY,
        "customer": "Fennimore Dairy",
        "need": "Branch routers with cellular failover at six sites.",
        "country": "IE",
        "website": "fennimore.example",
        "state": "accepted",
        "expires_at": "2026-12-02",
        "created_at": "2026-11-21T10:00:00Z",
        "updated_at": "2026-11-21T10:00:00Z",
    }
    return world.put("lead", "fennimore", **{**data, **changes})


def filled(world: World, draft: str, form: Mapping[str, Any], survey: Path) -> None:
    data = world.portal.drafts.load(draft).data
    world.portal.drafts.save(draft, {**form, **data, "title": "Failover, 6 sites"})
    world.portal.drafts.add_file(draft, survey)


def answered(world: World, mutation: Mutation, status: Status, problem: Problem | None = None) -> None:
    (item,) = [i for i in world.store.outbox.open_items() if i.mutation.mutation_id == mutation.mutation_id]
    world.store.outbox.mark_sending([mutation.mutation_id])
    outcome = Outcome(mutation_id=mutation.mutation_id, status=status, problem=problem)
    settle(world.store, item, outcome, world.clock.now())


def test_jobs_fit_states_and_roles(world: World, tmp_path: Path) -> None:
    names = {
        state: [job.name for job in world.portal.deriving.jobs(world.deal(state=state))]
        for state in ("submitted", "action_required", "approved", "converted", "expired", "rejected")
    }
    renews = ["renew_deal"]
    assert names == {
        **{state: [] for state in ("submitted", "action_required", "rejected")},
        **dict.fromkeys(("approved", "converted", "expired"), renews),
    }
    assert [job.name for job in world.portal.deriving.jobs(lead(world))] == ["convert_lead"]
    assert world.portal.deriving.jobs(lead(world, state="offered")) == ()
    assert "convert" not in [c.name for c in world.portal.records.commands(lead(world, state="working"))]
    support = open_world(tmp_path / "support.db", role="support")
    assert support.portal.deriving.jobs(lead(support)) == ()
    support.store.close()


def test_a_draft_begins_with_what_the_lead_holds_and_remembers_it(world: World) -> None:
    old = lead(world)
    gid, new = world.portal.deriving.begin("convert_lead", old)
    draft = world.portal.drafts.load(gid)
    assert new
    assert {
        name: draft.data[name] for name in ("customer", "website", "country", "problem", "lead", "type")
    } == {
        "customer": "Fennimore Dairy",
        "website": "fennimore.example",
        "country": "IE",
        "problem": "Branch routers with cellular failover at six sites.",
        "lead": old,
        "type": "new",
    }
    assert draft.origin is not None
    assert world.portal.deriving.source_words(draft.origin) == "LD-0772 · Fennimore Dairy"
    world.portal.drafts.save(gid, {**draft.data, "customer": "Fennimore Dairy Group"})
    with Store.open(world.store.path, KEY) as other:
        kept = other.drafts.load(gid)
        assert kept is not None
        assert kept.origin is not None
        assert kept.origin.gid == old
    changed = world.portal.drafts.load(gid)
    as_copied = world.portal.deriving.as_copied(changed.origin, changed.data)
    assert "customer" not in as_copied
    assert "website" in as_copied
    assert world.portal.deriving.begin("convert_lead", old) == (gid, False), "begun once, gone on with"
    thrown = world.portal.drafts.discard(gid)
    world.portal.drafts.restore(thrown)
    assert world.portal.drafts.load(gid).origin == draft.origin


def test_handing_it_in_moves_the_lead_after_the_deal(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    old = lead(world)
    gid, _ = world.portal.deriving.begin("convert_lead", old)
    filled(world, gid, form, survey)
    done = world.portal.drafts.submit(gid)
    create, file, submit, convert = world.sent()
    assert (create.kind, file.entity, submit.command and submit.command.name) == (
        Kind.CREATE,
        "file",
        "submit",
    )
    assert (convert.gid, convert.command and convert.command.name) == (old, "convert")
    assert convert.command is not None
    assert convert.command.expected_state == "accepted"
    assert convert.depends_on == (submit.mutation_id,)
    shown = world.portal.records.get(old)
    assert shown is not None
    assert (shown.state, shown.sync) == ("converted", SyncState.WAITING)
    assert [row.what for row in world.portal.outbox.items() if row.entity != "file"][:1] == [
        "Register a deal: Failover, 6 sites"
    ]
    assert world.portal.drafts.undo(done), "undo takes both back"
    assert world.sent() == []
    shown = world.portal.records.get(old)
    assert shown is not None
    assert shown.state == "accepted"


def test_a_refused_deal_leaves_the_lead_and_moves_it_the_second_time(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    old = lead(world)
    gid, _ = world.portal.deriving.begin("convert_lead", old)
    filled(world, gid, form, survey)
    world.portal.drafts.submit(gid)
    create = world.sent()[0]
    answered(
        world,
        create,
        Status.REJECTED,
        Problem(code="invalid", message="No.", fields={"website": "Which one?"}),
    )
    assert world.sent() == []
    shown = world.portal.records.get(old)
    assert shown is not None
    assert (shown.state, shown.sync) == ("accepted", SyncState.SYNCED)
    assert world.portal.drafts.load(gid).problems == {"website": "Which one?"}
    world.portal.drafts.submit(gid)
    assert [m.command.name for m in world.sent() if m.command] == ["submit", "convert"]


def test_refused_while_travelling_together_the_lead_is_not_set_aside(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    old = lead(world)
    gid, _ = world.portal.deriving.begin("convert_lead", old)
    filled(world, gid, form, survey)
    world.portal.drafts.submit(gid)
    sent = world.sent()
    world.store.outbox.mark_sending([m.mutation_id for m in sent])
    for mutation in sent:
        code = "invalid" if mutation is sent[0] else "depends"
        (item,) = [
            i for i in world.store.outbox.open_items() if i.mutation.mutation_id == mutation.mutation_id
        ]
        problem = Problem(code=code, message="No." if mutation is sent[0] else "It follows what was refused.")
        outcome = Outcome(mutation_id=mutation.mutation_id, status=Status.REJECTED, problem=problem)
        settle(world.store, item, outcome, world.clock.now())
    assert world.sent() == []
    assert world.portal.drafts.load(gid).note == "No."
    world.portal.drafts.submit(gid)
    again = next(m for m in world.sent() if m.gid == old)
    assert again.supersedes == sent[-1].mutation_id


def test_a_lead_that_cannot_move_any_more_does_not_bring_the_deal_back(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    old = lead(world)
    gid, _ = world.portal.deriving.begin("convert_lead", old)
    filled(world, gid, form, survey)
    world.portal.drafts.submit(gid)
    create, file, submit, convert = world.sent()
    for mutation in (create, file, submit):
        answered(world, mutation, Status.APPLIED)
    (row,) = world.portal.outbox.items()
    assert (row.gid, row.actions) == (old, (OutboxAction.CANCEL,)), "only the lead is still to move"
    problem = Problem(code="state", message="This lead is expired now.")
    answered(world, convert, Status.REJECTED, problem)
    with pytest.raises(NotAllowed):
        world.portal.drafts.load(gid)
    (row,) = world.portal.outbox.items()
    assert (row.state, row.gid) == (SyncState.REJECTED, old)


def test_a_renewal_copies_a_deal_and_moves_nothing(
    world: World, form: Mapping[str, Any], survey: Path
) -> None:
    old = world.deal(state="expired")
    gid, _ = world.portal.deriving.begin("renew_deal", old)
    data = world.portal.drafts.load(gid).data
    assert (data["type"], data["customer"], data["amount"]) == ("renewal", "Kestrel Foods", "184250.00")
    assert "target_close" not in data
    close = world.clock.now().date() + timedelta(days=30)
    world.portal.drafts.save(gid, {**data, "target_close": close.isoformat()})
    world.portal.drafts.add_file(gid, survey)
    world.portal.drafts.submit(gid)
    assert {m.gid for m in world.sent() if m.kind is not Kind.APPEND} == {gid}


def test_what_does_not_fit_is_said(world: World) -> None:
    with pytest.raises(NotAllowed, match="does not fit"):
        world.portal.deriving.begin("renew_deal", world.deal(state="submitted"))
