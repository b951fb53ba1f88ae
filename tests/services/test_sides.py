"""Both sides of one thing: rows as the manifest has them, what differs, what the user may write, each language."""

from __future__ import annotations

from typing import Any

import pytest

from app.services.manifest_words import localised
from app.services.sides import of_sides, together
from app.services.views_model import RecordView
from tests.services.conftest import COMPANY, World, partner_manifest

OPPORTUNITY = "opportunity"


def record(world: World, **changes: Any) -> RecordView:
    data: dict[str, Any] = {
        "number": "CO-118",
        "company": COMPANY,
        "customer": "Meridian Rail",
        "partner_stage": "qualified",
        "partner_close": "2027-02-26",
        "partner_amount": "96400.00",
        "currency": "GBP",
        "partner_contact": "Maya Okafor",
        "partner_next_steps": "Site survey at Doncaster.",
        "vendor_close": "2027-03-12",
        "vendor_amount": "96400.0",
        "vendor_team": "Ingrid Solheim",
        "vendor_next_steps": "",
        "next_steps": "Survey, then sizing.",
        "state": "qualified",
        "timeline": [],
        "updated_at": "2026-11-20T10:00:00Z",
    }
    gid = world.put(OPPORTUNITY, "meridian", **{**data, **changes})
    found = world.portal.records.get(gid)
    assert found is not None
    return found


def test_rows_stand_in_the_order_of_the_manifest_with_one_name_for_both(world: World) -> None:
    seen = world.portal.sides.read(record(world))
    assert seen is not None
    assert (seen.labels, seen.own) == (("You", "Halden"), 0)
    assert [row.label for row in seen.rows] == ["Stage", "Close", "Amount", "Who", "Next steps"]
    assert [cell.words for cell in seen.rows[0].cells] == ["Qualified", "Qualified"]
    assert seen.rows[4].cells[1].words == "", "what a side has not written is empty"


@pytest.mark.parametrize(
    ("changes", "differing"),
    [
        ({}, ["Close"]),
        ({"vendor_close": "2027-02-26"}, []),
        ({"vendor_close": ""}, []),
        ({"vendor_amount": "96401.00"}, ["Close", "Amount"]),
        ({"state": "committed"}, ["Stage", "Close"]),
        ({"vendor_next_steps": "We send the sizing."}, ["Close"]),
    ],
    ids=["days", "agreed", "one side only", "amounts", "stages", "words are each side's own"],
)
def test_a_row_differs_where_both_hold_something_else(
    world: World, changes: dict[str, Any], differing: list[str]
) -> None:
    seen = world.portal.sides.read(record(world, **changes))
    assert seen is not None
    assert [row.label for row in seen.rows if row.differs] == differing
    assert seen.differing == len(differing)


def test_only_ones_own_side_is_written_and_only_while_it_is_open(world: World) -> None:
    seen = world.portal.sides.read(record(world))
    assert seen is not None
    assert seen.editable
    assert [(row.cells[0].editable, row.cells[1].editable) for row in seen.rows] == [(True, False)] * 5
    closed = world.portal.sides.read(record(world, state="closed_lost"))
    assert closed is not None
    assert not closed.editable


def test_what_both_write_stands_apart(world: World) -> None:
    (shared,) = world.portal.sides.shared(record(world))
    assert (shared.field, shared.words, shared.editable) == ("next_steps", "Survey, then sizing.", True)
    entity = world.portal.entity(OPPORTUNITY)
    assert together(entity) == ("next_steps",)
    assert {"next_steps", "vendor_team", "partner_amount", "state"} <= of_sides(entity)
    assert "customer" not in of_sides(entity)


def test_other_kinds_have_no_sides(world: World) -> None:
    deal = world.portal.records.get(world.deal())
    assert deal is not None
    assert world.portal.sides.read(deal) is None
    assert world.portal.sides.shared(deal) == ()


def test_rows_are_called_in_the_readers_language() -> None:
    entity = localised(partner_manifest(), "de").entity(OPPORTUNITY)
    assert entity is not None
    assert entity.sides[0].names == ("Stufe", "Abschluss", "Betrag", "Wer", "Nächste Schritte")
