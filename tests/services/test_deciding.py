"""A decision counts for exactly what was shown; renewals are answered; projects tell how they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.contract import rules
from app.contract.errors import Refused
from app.contract.manifest import SHOWN
from app.services.context import command_spec
from app.services.deciding import Difference, changed
from app.services.projects import Mark, budget_of, milestone_mark
from app.services.renewing import Quote, estimate
from app.services.views_model import RecordView, SyncState
from tests.services.conftest import World
from tests.views import sample


def approval(world: World, **changes: Any) -> RecordView:
    data: Mapping[str, Any] = {
        "number": "AP-1",
        "subject": "Special pricing",
        "summary": "12 % off",
        "lines": [{"name": "Edge", "code": "E", "quantity": "14", "value": "100.00"}],
        "amount": "100.00",
        "currency": "GBP",
        "state": "pending",
    }
    found = world.portal.records.get(world.put("approval", "1", **{**data, **changes}))
    assert found is not None
    return found


# -- hashing ------------------------------------------------------------------------------------------------
def test_the_hash_is_that_of_what_was_on_the_screen(world: World) -> None:
    seen = world.portal.deciding.sight(approval(world))
    world.portal.deciding.decide(seen, "approve")
    (mutation,) = world.sent()
    spec = command_spec(world.portal.entity("approval"), "approve")
    assert spec is not None
    assert mutation.command is not None
    assert mutation.command.args[SHOWN] == rules.shown_hash(spec, seen.values)


def test_what_changed_since_is_refused_and_nothing_is_sent(world: World) -> None:
    seen = world.portal.deciding.sight(approval(world))
    now = approval(world, amount="90.00")
    assert changed(seen, now)
    with pytest.raises(Refused) as refused:
        world.portal.deciding.decide(seen, "approve")
    assert refused.value.code == "shown"
    assert world.sent() == []


def test_no_intent_fills_the_hash_in_by_itself(world: World) -> None:
    gid = approval(world).gid
    with pytest.raises(Refused) as refused:
        world.portal.intents.command(gid, "approve")
    assert refused.value.code == "shown"


def test_what_does_not_bind_may_change_without_asking_again(world: World) -> None:
    seen = world.portal.deciding.sight(approval(world))
    now = approval(world, due_at="2026-12-24", step="Another", approvers="Others")
    assert not changed(seen, now)
    world.portal.deciding.decide(seen, "reject", {"reason": "Too dear for us."})
    assert [m.command.name for m in world.sent() if m.command] == ["reject"]


def test_a_waiting_decision_tells_whether_it_still_counts(world: World) -> None:
    record = approval(world)
    world.portal.deciding.decide(world.portal.deciding.sight(record), "approve")
    decided = world.portal.records.get(record.gid)
    assert decided is not None
    assert (decided.state, decided.sync) == ("approved", SyncState.WAITING)
    waiting = world.portal.deciding.waiting(decided)
    assert waiting is not None
    assert waiting.fits
    later = approval(world, amount="5000.00")
    waiting = world.portal.deciding.waiting(later)
    assert waiting is not None
    assert not waiting.fits
    assert world.portal.deciding.take_back(later, waiting)
    assert world.sent() == []


# -- differences --------------------------------------------------------------------------------------------
DIFFERENCES: Sequence[tuple[dict[str, Any], tuple[Difference, ...]]] = (
    ({}, ()),
    ({"amount": "90.00"}, (Difference("Amount", "£100.00", "£90.00"),)),
    ({"currency": "EUR"}, (Difference("Amount", "£100.00", "€100.00"),)),
    ({"amount": "90.00", "currency": "EUR"}, (Difference("Amount", "£100.00", "€90.00"),)),
    ({"summary": ""}, (Difference("What you approve", "12 % off", ""),)),
    ({"lines": []}, (Difference("Edge", "14 · £100.00", ""),)),
    (
        {"lines": [{"name": "Edge", "code": "E", "quantity": "12", "value": "90.00"}, {"name": "New"}]},
        (Difference("Edge", "14 · £100.00", "12 · £90.00"), Difference("New", "", "")),
    ),
    (
        {"sha256": "ab" * 32, "size": 2000, "file_name": "sow.pdf"},
        (Difference("File", "", "sow.pdf · 2\u00a0KB · abababab"),),
    ),
)


def test_differences_are_told_in_words(world: World) -> None:
    seen = world.portal.deciding.sight(approval(world))
    whole = dict(seen.values)
    for changes, found in DIFFERENCES:
        now = approval(world, **{**whole, "size": None, "file_name": None, **changes})
        assert set(world.portal.deciding.differences(seen, now)) == set(found), changes


# -- renewals -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("quantity", "each", "amount", "wanted", "found"),
    [
        (240, "78.00", "18720.00", 260, "20280.00"),
        (240, "78.00", "18720.00", 0, "0.00"),
        (240, "78.00", "15000.00", 120, "7500.00"),  # a discount is in it: in proportion
        (3, None, "100.00", 1, "33.33"),
        (3, None, "100.00", 2, "66.67"),
        (None, "78.00", None, 2, "156.00"),
        (None, None, "100.00", 2, None),
        (0, None, "100.00", 2, None),
        (240, "78.00", "18720.00", None, None),
        (240, "78.00", "18720.00", -1, None),
    ],
)
def test_another_quantity_is_estimated(
    quantity: int | None, each: str | None, amount: str | None, wanted: int | None, found: str | None
) -> None:
    price, total = (Decimal(value) if value else None for value in (each, amount))
    exact = price is not None and quantity is not None and price * quantity == total
    quote = Quote(quantity, price, total, "GBP", None, exact)
    assert estimate(quote, wanted) == (Decimal(found) if found else None)


def test_an_answer_with_a_note_is_an_edit_and_a_command_that_go_back_together(world: World) -> None:
    gid = world.put("renewal", "1", customer="N", product="Seats", quantity=10, amount="100.00", currency="GBP",
                    state="quoted", term_end="2026-12-01")  # fmt: skip
    done = world.portal.renewing.answer(gid, 12, "Two new people.")
    patch, command = world.sent()
    assert dict(patch.changes) == {"note": "Two new people."}
    assert command.command is not None
    assert command.command.args == {"intent": "change", "wanted_quantity": 12}
    assert command.depends_on == (patch.mutation_id,)
    assert world.portal.intents.undo(done)
    assert world.sent() == []
    world.portal.renewing.answer(gid, 10)
    assert [m.command.args["intent"] for m in world.sent() if m.command] == ["renew"]


# -- projects -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "is_open", "due", "mark"),
    [
        ("planned", True, "2026-12-01", Mark.PLANNED),
        ("planned", True, "2026-11-22", Mark.LATE),
        ("active", True, "2026-11-23", Mark.NOW),
        ("active", True, "2026-11-22", Mark.LATE),
        ("late", True, "2026-12-01", Mark.LATE),
        ("active", True, None, Mark.NOW),
        ("reached", False, "2026-11-01", Mark.REACHED),
        ("dropped", False, "2026-11-01", Mark.DROPPED),
    ],
)
def test_how_a_milestone_stands(state: str, is_open: bool, due: str | None, mark: Mark) -> None:
    day = date.fromisoformat(due) if due else None
    assert milestone_mark(state, is_open=is_open, due=day, today=date(2026, 11, 23)) is mark


def test_a_plan_has_what_waits_first_and_every_deliverable_once(world: World) -> None:
    sample.use_manifest(world, sample.client_manifest())
    project = world.portal.records.get(sample.projects(world))
    assert project is not None
    loose = sample.deliverable(
        world, "loose", project.gid, number="DL-300", title="Handbook", state="accepted"
    )
    plan = world.portal.about.plan(project)
    assert [(one.title, one.mark) for one in plan.milestones] == [
        ("Concept", Mark.REACHED), ("Design", Mark.NOW), ("Texts", Mark.LATE), ("Build", Mark.PLANNED),
        ("Blog import", Mark.DROPPED),
    ]  # fmt: skip
    assert plan.milestones[2].late == "10 days late"
    assert [one.number for one in plan.waiting] == ["DL-212"]
    assert [one.gid for one in plan.others] == [loose]
    nested = [one.number for stone in plan.milestones for one in stone.deliverables]
    assert sorted(nested) == ["DL-201", "DL-207", "DL-212", "DL-214"]
    budget = budget_of(project)
    assert budget is not None
    assert (round(budget.share, 3), budget.over) == (0.706, Decimal(0))
    (earlier,) = world.portal.about.earlier_versions(plan.waiting[0])
    assert earlier.number == "DL-207"


# -- what home says -----------------------------------------------------------------------------------------
def test_home_names_what_is_to_be_answered_paid_and_renewed(world: World) -> None:
    sample.use_manifest(world, sample.client_manifest())
    sample.projects(world)
    membership = sample.credentials(world)
    for number in range(2):
        sample.invoice(world, f"INV-{number}", "", customer="Atelier Corvin")
    found = {one.title: one for one in world.portal.home.needs_me()}
    answer = found["Accept “Page designs” or send it back"]
    assert (answer.detail, answer.due) == ("DL-212 · version 2 · Website relaunch", "Fri 27 Nov")
    assert found["Invoice INV-0 is overdue by 3 days"].detail == "Atelier Corvin · €6,412.50 to pay"
    assert found["Renew “Halden Gold Partner”"].target.gid == membership
    world.put("renewal", "m", membership=membership, state="quoted", term_end="2027-03-01")
    for number in range(2, 6):
        sample.invoice(world, f"INV-{number}", "")
    found = {one.title: one for one in world.portal.home.needs_me()}
    assert "Renew “Halden Gold Partner”" not in found, "its quote is answered in its own place"
    many = found["6 invoices are overdue"]
    assert (many.detail, many.target.chip) == ("€38,475 to pay", "overdue")


def test_who_may_not_decide_is_not_asked_to(world: World) -> None:
    sample.use_manifest(world, sample.client_manifest("support"))
    sample.projects(world)
    assert not [one for one in world.portal.home.needs_me() if "Page designs" in one.title]
