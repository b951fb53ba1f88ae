"""A conflict is shown and decided against the record as it is now; the preview says exactly what is sent."""

from __future__ import annotations

import pytest

from app.contract.errors import NotAllowed, Refused
from app.contract.mutations import ClashReason, Kind, Mutation
from app.services.views_model import Choice, ChoiceKind, SyncState
from app.store.conflicts import Conflict
from app.store.states import ConflictKind
from tests.services.conftest import World

THEIRS, MINE = Choice(ChoiceKind.THEIRS), Choice(ChoiceKind.MINE)
THREE = {
    "sales_stage": ("qualified", "technical_validation", "business_validation"),
    "decision_date": ("2026-12-18", "2027-01-15", "2026-12-22"),
    "next_steps": ("Demo at Crewe depot.", "Demo at Derby depot.", "Demo at Crewe depot on 3 December."),
}


def test_both_sides_stand_beside_the_base(world: World) -> None:
    deal = world.clash(THREE)
    (view,) = world.portal.conflicts.list()
    assert (view.gid, view.title, view.number) == (deal, "Kestrel Foods", "DR-2026-0417")
    assert view.headline.startswith(
        "You and Halden changed the same 3 fields. Nothing is sent until you apply;"
    )
    assert (view.theirs_by, view.theirs_via) == ("Ingrid Solheim", "web, in the CRM")
    assert (view.mine_by, view.mine_device) == ("Maya Okafor", "laptop BW-MO14")
    stage = next(field for field in view.fields if field.group == "sales_stage")
    assert (stage.base_words, stage.theirs_words, stage.mine_words) == (
        "Qualified",
        "Technical validation",
        "Business validation",
    )
    assert (stage.label, stage.type_label) == ("Sales stage", "Choice list")
    assert {field.preselect for field in view.fields} == {None}, "a shared field starts undecided"
    assert view.agreeing > 20


def test_a_clash_with_oneself_is_told_as_that(world: World) -> None:
    deal = world.clash({"decision_date": THREE["decision_date"]}, by="Maya Okafor")
    view = world.portal.conflicts.get(deal)
    assert view is not None
    assert view.headline.startswith("You changed the same field on another device as well.")


def test_a_partners_own_field_starts_with_mine(world: World) -> None:
    deal = world.clash({"competitor": ("None", "Arrowmesh", "Nordlink")})
    view = world.portal.conflicts.get(deal)
    assert view is not None
    assert view.fields[0].preselect is ChoiceKind.MINE


def test_the_preview_says_what_is_sent_and_applying_sends_that(world: World) -> None:
    deal = world.clash(THREE, also={"competitor": "Arrowmesh"})
    edited = Choice(ChoiceKind.EDITED, {"next_steps": "Demo at Derby depot on 3 December."})
    choices = {"sales_stage": THEIRS, "decision_date": MINE, "next_steps": edited}
    lines = {line.group: line for line in world.portal.conflicts.preview(deal, choices)}
    assert (lines["sales_stage"].before, lines["sales_stage"].after) == (
        "Nothing. Halden’s “Technical validation” stays.",
        "",
    )
    assert (lines["decision_date"].before, lines["decision_date"].after) == ("15 Jan 2027", "22 Dec 2026")
    assert lines["next_steps"].after == "Demo at Derby depot on 3 December."
    assert lines["competitor"].after == "Arrowmesh", "an edit is atomic: what fitted was not written either"

    world.portal.conflicts.resolve(deal, choices)
    (mutation,) = world.sent()
    assert mutation.changes == {
        "decision_date": "2026-12-22",
        "next_steps": "Demo at Derby depot on 3 December.",
        "competitor": "Arrowmesh",
    }
    assert mutation.base == {
        "decision_date": "2027-01-15",
        "next_steps": "Demo at Derby depot.",
        "competitor": None,
    }
    assert mutation.base_version == "2"
    assert mutation.supersedes is not None
    assert not world.portal.conflicts.list()
    shown = world.portal.records.get(deal)
    assert shown is not None
    assert (shown.data["sales_stage"], shown.sync) == ("technical_validation", SyncState.WAITING)


def test_all_theirs_sends_nothing(world: World) -> None:
    deal = world.clash({"decision_date": THREE["decision_date"]})
    done = world.portal.conflicts.resolve(deal, {"decision_date": THEIRS})
    assert (world.sent(), done.words) == ([], "Halden’s version stays")
    shown = world.portal.records.get(deal)
    assert shown is not None
    assert (shown.data["decision_date"], shown.sync) == ("2027-01-15", SyncState.SYNCED)


def test_the_current_record_counts_not_the_one_at_detection(world: World) -> None:
    deal = world.clash(THREE)
    world.deal(
        **{**{k: v[1] for k, v in THREE.items()}, "decision_date": "2027-02-01", "sales_stage": "qualified"}
    )
    view = world.portal.conflicts.get(deal)
    assert view is not None
    assert {field.group for field in view.fields} == {"decision_date", "next_steps"}, "they changed one back"
    date = next(field for field in view.fields if field.group == "decision_date")
    assert date.theirs_words == "1 Feb 2027"
    lines = world.portal.conflicts.preview(deal, {"decision_date": THEIRS, "next_steps": THEIRS})
    stage = next(line for line in lines if line.group == "sales_stage")
    assert (stage.before, stage.after) == ("Qualified", "Business validation")


def test_a_locked_field_can_only_be_theirs(world: World) -> None:
    fields = {"amount": ("184250.00", "190000.00", "141800.00")}
    deal = world.clash(fields, state="under_review", reason=ClashReason.LOCKED)
    view = world.portal.conflicts.get(deal)
    assert view is not None
    (field,) = view.fields
    assert (field.editable, field.preselect) == (False, ChoiceKind.THEIRS)
    assert field.reason_words == "Locked while under review."
    with pytest.raises(Refused) as refused:
        world.portal.conflicts.resolve(deal, {"amount": MINE})
    assert refused.value.fields == {"amount": "Locked while under review."}


def test_undecided_or_invalid_decisions_are_refused(world: World) -> None:
    deal = world.clash({"amount": ("184250.00", "190000.00", "141800.00")})
    assert world.portal.conflicts.problems(deal, {}) == {"amount": "Choose theirs, mine, or an edited value."}
    wrong = {"amount": Choice(ChoiceKind.EDITED, {"amount": "-1.00"})}
    assert world.portal.conflicts.problems(deal, wrong) == {"amount": "Too low. At least 0.01."}
    with pytest.raises(Refused):
        world.portal.conflicts.resolve(deal, wrong)
    assert world.sent() == []


def test_money_is_told_with_its_currency(world: World) -> None:
    deal = world.clash({"amount": ("184250.00", "190000.00", "141800.00")})
    view = world.portal.conflicts.get(deal)
    assert view is not None
    assert view.fields[0].mine_words == "£141,800.00"


def test_an_edited_text_starts_from_both_where_that_is_clean(world: World) -> None:
    base = "Demo at Crewe depot in the first week of the month with Maya."
    theirs = "Demo at Derby depot in the first week of the month with Maya."
    mine = "Demo at Crewe depot in the first week of the month with Tomasz."
    deal = world.clash({"next_steps": (base, theirs, mine)})
    view = world.portal.conflicts.get(deal)
    assert view is not None
    assert view.fields[0].suggested == "Demo at Derby depot in the first week of the month with Tomasz."
    clashing = world.clash({"next_steps": THREE["next_steps"]})
    again = world.portal.conflicts.get(clashing)
    assert again is not None
    assert again.fields[0].suggested.startswith("Demo at Derby depot.\nDemo at Crewe depot")


def gone(world: World) -> str:
    deal = world.deal("away", customer="Sorrel Clinics", title="Imaging archive")
    truth = world.store.mirror.truth(deal)
    assert truth is not None
    mutation = Mutation(
        mutation_id=world.ids.new_id(),
        entity="deal_registration",
        gid=deal,
        kind=Kind.PATCH,
        base={"next_steps": None},
        changes={"next_steps": "Ring them"},
        captured_at=world.clock.now(),
    )
    with world.store.transaction():
        world.store.conflicts.add(
            Conflict(
                mutation_id=mutation.mutation_id,
                gid=deal,
                entity="deal_registration",
                kind=ConflictKind.GONE,
                clashes=(),
                mutation=mutation,
                mine=mutation.changes,
                base=mutation.base,
                last=truth.data,
                label="Edit",
                detected_at=world.clock.now(),
                mine_at=world.clock.now(),
            )
        )
        world.store.mirror.remove(deal, "tombstone")
    return deal


def test_a_deleted_record_is_kept_as_a_draft_or_let_go(world: World) -> None:
    deal = gone(world)
    view = world.portal.conflicts.get(deal)
    assert view is not None
    assert view.kind == "gone"
    with pytest.raises(Refused):
        world.portal.conflicts.resolve(deal, {})
    done = world.portal.conflicts.resolve_gone(deal, keep=True)
    draft = world.portal.drafts.load(done.gid)
    assert (draft.data["customer"], draft.data["next_steps"]) == ("Sorrel Clinics", "Ring them")
    assert "number" not in draft.data
    assert world.portal.records.get(deal) is None
    again = gone(world)
    world.portal.conflicts.resolve_gone(again, keep=False)
    assert world.portal.records.get(again) is None


def test_a_decided_conflict_is_not_decided_twice(world: World) -> None:
    deal = world.clash({"decision_date": THREE["decision_date"]})
    world.portal.conflicts.resolve(deal, {"decision_date": MINE})
    with pytest.raises(NotAllowed):
        world.portal.conflicts.resolve(deal, {"decision_date": MINE})
    assert len(world.sent()) == 1
