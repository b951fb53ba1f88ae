"""What was entered while the clock was wrong says so, item by item, until the vendor's own time takes its place."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.contract.receipts import Receipt, short_name
from app.services.freshness import notice
from app.services.views_model import Doubt, Mode, Status
from tests.contract.test_evidence import SIGNING, batch, public
from tests.services.conftest import MAYA, World

DAY = 24 * 60


def set_wrong(world: World, days: int) -> None:
    """Let the clock be wrong from now on, and known to be."""
    world.clock.go(days=days)
    world.store.clock_off.remember(days * DAY, world.clock.now())
    world.portal.reckon()


def set_right(world: World, days: int) -> None:
    """Let somebody set it, and the gateway be heard again."""
    world.clock.go(days=-days, minutes=1)
    world.store.clock_off.remember(0, world.clock.now())
    world.portal.reckon()


@pytest.fixture(params=[1, -1], ids=["ahead", "behind"])
def days(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def expected(days: int) -> Doubt:
    way = "ahead" if days > 0 else "behind"
    return Doubt(f"clock 1 day {way}", f"By this computer’s clock, which was 1 day {way}.")


def test_a_comment_says_so_until_the_vendors_time_is_there(world: World, days: int) -> None:
    deal = world.deal()
    set_wrong(world, days)
    done = world.portal.intents.message(deal, "On its way.")
    (said,) = world.portal.records.conversation(deal)
    assert (said.at, said.doubt) == (world.clock.now(), expected(days))
    set_right(world, days)
    (said,) = world.portal.records.conversation(deal)
    assert said.doubt == expected(days), "the clock is right, that time is not"
    world.portal.intents.message(deal, "And this one is right.")
    assert [one.doubt for one in world.portal.records.conversation(deal)] == [expected(days), None]
    world.settle(done.mutation_id)
    world.put_at(
        said.gid, "message", parent=deal, author=MAYA, body="On its way.", sent_at="2026-11-23T09:42:00Z"
    )
    assert {one.body: one.doubt for one in world.portal.records.conversation(deal)} == {
        "On its way.": None,
        "And this one is right.": None,
    }


def test_edits_say_so_in_the_timeline_and_the_outbox(world: World, days: int) -> None:
    deal = world.deal()
    set_wrong(world, days)
    world.portal.intents.edit(deal, {"next_steps": "Call"})
    set_right(world, days)
    assert world.portal.records.timeline(deal)[0].doubt == expected(days)
    assert world.portal.outbox.items()[0].doubt == expected(days)
    world.portal.intents.edit(deal, {"next_steps": "Call, then write"})
    assert world.portal.records.timeline(deal)[0].doubt is None, (
        "what joined it was entered at the right time"
    )
    assert world.portal.outbox.items()[0].doubt is None


def test_a_draft_says_so_until_it_is_saved_again(world: World, days: int) -> None:
    set_wrong(world, days)
    gid = world.portal.drafts.start("deal_registration", {"customer": "Kestrel"})
    set_right(world, days)
    assert world.portal.drafts.load(gid).doubt == expected(days)
    detail = next(one.detail for one in world.portal.home.needs_me() if one.target.gid == gid)
    assert detail.endswith(expected(days).words)
    world.portal.drafts.save(gid, {"customer": "Kestrel Foods"})
    assert world.portal.drafts.load(gid).doubt is None


def test_lines_of_the_activity_say_so(world: World, days: int) -> None:
    set_wrong(world, days)
    world.store.activity.add(world.clock.now(), "offline", "Offline.")
    set_right(world, days)
    world.store.activity.add(world.clock.now(), "online", "Back.")
    assert [line.doubt for line in world.portal.outbox.activity()] == [None, expected(days)]


def test_an_edit_that_clashed_says_so(world: World, days: int) -> None:
    world.clock.go(minutes=80)
    set_wrong(world, days)
    world.clock.go(minutes=75)
    deal = world.clash({"next_steps": ("a", "b", "c")})
    set_right(world, days)
    view = world.portal.conflicts.get(deal)
    assert view is not None
    assert view.doubt == expected(days)
    assert world.portal.outbox.items()[0].doubt == expected(days)


def test_what_the_vendor_does_not_tell_of_takes_the_time_of_its_receipt(world: World, days: int) -> None:
    deal = world.deal()
    set_wrong(world, days)
    done = world.portal.intents.edit(deal, {"competitor": "Aster"})
    captured = world.clock.now()
    set_right(world, days)
    received = world.clock.now()
    body = batch()[0].body.model_copy(
        update={
            "mutation_id": done.mutation_id, "gid": deal, "captured_at": captured, "received_at": received,
            "written_at": None, "status": "conflict",
        }
    )  # fmt: skip
    signature = SIGNING.sign(body.leaf().encode()).hex()
    receipt = Receipt(body=body, path=(), root=body.leaf(), signature=signature, key=public(SIGNING))
    world.store.outbox.settle(done.mutation_id, "conflict", received, receipt=short_name(body.leaf()))
    entry = world.portal.records.timeline(deal)[0]
    assert (entry.at, entry.doubt) == (captured, expected(days))
    world.store.receipts.trust(receipt.key, received)
    world.store.receipts.keep(receipt, received)
    entry = world.portal.records.timeline(deal)[0]
    assert (entry.at, entry.doubt) == (received, None)
    view = world.portal.receipts.view(done.mutation_id)
    assert view is not None
    (mine,) = [fact.note for fact in view.facts if fact.label == "Captured"]
    assert mine == f"this computer’s clock, which was 1 day {'ahead' if days > 0 else 'behind'}"


def test_a_clock_nobody_knew_to_be_ahead_gives_itself_away(world: World) -> None:
    deal = world.deal()
    world.clock.go(days=1)
    world.portal.intents.message(deal, "From tomorrow.")
    assert world.portal.records.conversation(deal)[0].doubt is None, "nothing speaks against it yet"
    world.clock.go(days=-1)
    assert world.portal.records.conversation(deal)[0].doubt == Doubt(
        "clock was ahead", "By this computer’s clock, which was ahead."
    )


def test_what_is_taken_back_and_entered_again_keeps_its_doubt(world: World, days: int) -> None:
    deal = world.deal()
    set_wrong(world, days)
    done = world.portal.intents.message(deal, "Once more.")
    cancelled = world.portal.outbox.cancel(done.mutation_id)
    set_right(world, days)
    assert world.portal.outbox.undo(cancelled)
    assert world.portal.records.conversation(deal)[0].doubt == expected(days)


@pytest.mark.parametrize(("minutes", "way"), [(DAY, "ahead"), (-DAY, "behind")])
def test_the_line_about_being_offline_says_by_which_clock(world: World, minutes: int, way: str) -> None:
    since = world.clock.now() - timedelta(minutes=89)
    status = Status(Mode.OFFLINE, since, since, clock_off=minutes)
    found = notice(status, world.portal.formats)
    assert found is not None
    assert f"by this computer’s clock, which is 1 day {way}. Everything you enter" in found.text
    right = notice(Status(Mode.OFFLINE, since, since), world.portal.formats)
    assert right is not None
    assert right.text.startswith("Offline since 08:12. Everything")
