"""Whose turn it is, how long something holds, and what was decided, by state; and a card on a board."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.contract.mutations import Status
from app.services.standing import Verdict
from app.services.views_model import RecordView
from tests.services.conftest import World, open_world


def deal(world: World, **changes: Any) -> RecordView:
    found = world.portal.records.get(world.deal(**changes))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("state", "who"),
    [
        ("submitted", "Halden’s turn"),
        ("under_review", "Halden’s turn"),
        ("action_required", "Your turn"),
        ("approved", ""),
        ("extension_requested", "Halden’s turn"),
    ],
)
def test_whose_turn_it_is(world: World, state: str, who: str) -> None:
    turn = world.portal.standing.turn(deal(world, state=state))
    assert turn is not None
    assert turn.who == who
    assert turn.words


def test_what_was_not_sent_is_nobodys_turn_yet(world: World) -> None:
    found = deal(world, state="submitted")
    world.portal.intents.command(found.gid, "withdraw")
    again = world.portal.records.get(found.gid)
    assert again is not None
    assert world.portal.standing.turn(again) is None, "a closed state explains nothing"
    found = deal(world, name="two", state="approved")
    world.portal.intents.command(
        found.gid, "ask_extension", {"until": "2027-05-21", "note": "Budget moved to May."}
    )
    again = world.portal.records.get(found.gid)
    assert again is not None
    turn = world.portal.standing.turn(again)
    assert turn is not None
    assert turn.who == "Waits to send"


def test_a_protection_has_both_ends_and_what_was_asked_for(world: World) -> None:
    found = deal(world, protected_from="2026-11-23", protected_until="2026-12-13")
    window = world.portal.standing.window(found)
    assert window is not None
    assert (window.begins, window.ends, window.share) == (date(2026, 11, 23), date(2026, 12, 13), 0.0)
    assert (window.due.words, window.due.tone, window.asked) == ("20 days", "warn", None)
    done = world.portal.intents.command(
        found.gid, "ask_extension", {"until": "2027-03-01", "note": "Budget moved to March."}
    )
    again = world.portal.records.get(found.gid)
    assert again is not None
    window = world.portal.standing.window(again)
    assert window is not None
    assert (window.ends, window.asked, window.answer) == (date(2026, 12, 13), date(2027, 3, 1), "")
    world.settle(done.mutation_id, Status.APPLIED)
    answers = {}
    for until in ("2026-12-13", "2027-01-15", "2027-03-01"):
        window = world.portal.standing.window(deal(world, protected_until=until))
        assert window is not None
        answers[until] = window.answer
    assert answers == {
        "2026-12-13": "You asked for 1 Mar 2027; Halden answered with 13 Dec 2026.",
        "2027-01-15": "You asked for 1 Mar 2027; Halden answered with 15 Jan 2027.",
        "2027-03-01": "Extended to 1 Mar 2027, as you asked.",
    }


def test_what_is_asked_for_says_what_may_be_mended(world: World) -> None:
    verdict = world.portal.standing.verdict(
        deal(world, state="action_required", review_comment="Add the site survey, please.")
    )
    assert verdict == Verdict(
        "warn",
        "Halden asks for more",
        "Add the site survey, please.",
        ("You can change everything but country, industry and type.",),
        edits=True,
        told=frozenset({"review_comment"}),
    )


def test_who_only_reads_is_not_told_to_mend(tmp_path: Any) -> None:
    world = open_world(tmp_path / "ro.db", role="read_only")
    verdict = world.portal.standing.verdict(deal(world, state="action_required", review_comment="Survey?"))
    assert verdict is not None
    assert not verdict.edits
    world.store.close()


def test_a_duplicate_names_ones_own_and_nobody_elses(world: World) -> None:
    first = world.deal("first", number="DR-2026-0288", owner="user-tomasz", owner_name="Tomasz Wilk")
    own = world.portal.standing.verdict(deal(world, state="duplicate", duplicate_of="DR-2026-0288"))
    assert own is not None
    assert (own.title, own.opens) == ("Duplicate of DR-2026-0288", first)
    assert own.text == "Kestrel Foods · Branch edge, 14 sites. Registered by your colleague Tomasz Wilk."
    other = world.portal.standing.verdict(deal(world, state="duplicate", duplicate_of="DR-2026-9999"))
    assert other is not None
    assert other.opens == ""
    assert "9999" not in f"{other.title} {other.text}"
    assert other.text.startswith("Another registration of this customer came first.")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"state": "rejected", "reason": "Published tender"}, ("Rejected", "Published tender")),
        ({"state": "rejected", "reason": None}, ("Rejected", "Halden gives no reason.")),
        ({"state": "cancelled", "reason": "Customer withdrew"}, ("Cancelled", "Customer withdrew")),
        ({"state": "converted", "reason": None}, None),
        ({"state": "withdrawn", "reason": None}, None),
    ],
)
def test_what_is_closed_says_why(world: World, data: dict[str, Any], said: tuple[str, str] | None) -> None:
    verdict = world.portal.standing.verdict(deal(world, **data))
    assert (None if verdict is None else (verdict.title, verdict.text)) == said


def test_an_offer_that_has_ended_takes_no_answer(world: World) -> None:
    gid = world.put("lead", "one", customer="Fennimore", state="offered", expires_at="2026-11-22")
    assert world.portal.records.commands(gid) == ()
    record = world.portal.records.get(gid)
    assert record is not None
    verdict = world.portal.standing.verdict(record)
    assert verdict is not None
    assert verdict.title == "The offer ended on 22 Nov 2026"
    world.put("lead", "one", expires_at="2026-11-23")
    assert [c.name for c in world.portal.records.commands(gid)] == ["accept", "decline"], (
        "its last day counts"
    )
