"""Lists as one chooses to work in them: wishes for many records, columns, filters, what was opened lately."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.contract.errors import Refused
from app.contract.manifest import Filter
from app.services.columns import Chosen, available, moved, resolved, toggled, with_width
from app.services.going import Going
from app.services.own_filters import SYNC, Says, condition, may_say, subjects
from app.services.views_model import SyncState
from app.services.words import Words
from tests.services.conftest import World, open_world, partner_manifest

DEAL = "deal_registration"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = open_world(tmp_path / "store.db")
    yield made
    made.store.close()


def ids(world: World, entity: str = DEAL) -> list[int]:
    return world.portal.records.ids(entity)


# -- wishes for many -----------------------------------------------------------------------------------------
def test_what_fits_some_is_offered_with_the_others_counted(world: World) -> None:
    for number, state in enumerate(
        ("submitted", "submitted", "under_review", "approved", "approved", "approved")
    ):
        world.deal(f"{number}", state=state)
    offers = {one.command.name: one for one in world.portal.bulk.offers(DEAL, ids(world))}
    withdraw = offers["withdraw"]
    assert (withdraw.fits, withdraw.chosen, withdraw.partial) == (2, 6, True)
    assert world.portal.bulk.staying(withdraw) == "3 approved and 1 under review stay as they are."
    assert "approve" not in offers, "what the vendor does is nobody's here"
    assert offers["convert"].fits == 3
    assert world.portal.bulk.offers(DEAL, []) == ()


def test_what_has_to_be_read_first_is_decided_one_by_one(world: World) -> None:
    world.put("approval", "1", title="Discount of 12 %", state="pending")
    spec = world.portal.entity("approval").lifecycle
    binding = {one.name for one in spec.commands if one.binds} if spec else set()
    assert binding, "an approval binds what was shown"
    offered = {one.command.name for one in world.portal.bulk.offers("approval", ids(world, "approval"))}
    assert not offered & binding


def test_who_may_only_read_is_offered_nothing(tmp_path: Path) -> None:
    world = open_world(tmp_path / "store.db", role="read_only")
    world.deal(state="submitted")
    assert world.portal.bulk.offers(DEAL, ids(world)) == ()
    world.store.close()


def test_a_batch_is_one_wish_that_is_taken_back_as_one(world: World) -> None:
    for number in range(60):
        world.deal(f"{number}", state="submitted" if number % 2 else "approved")
    going = Going()
    batch = world.portal.bulk.give(DEAL, ids(world), "withdraw", going=going)
    assert (len(batch.done), batch.left, batch.problem) == (30, 30, "")
    assert (going.done, going.total) == (30, 30)
    assert len(world.sent()) == 30
    world.store.outbox.mark_sending([batch.done[0].mutation_id])
    assert world.portal.bulk.undo(batch) == 1, "one is on its way"
    assert len(world.sent()) == 1


def test_what_the_rules_refuse_is_said_and_the_rest_is_done(world: World) -> None:
    world.deal("1", state="approved")
    late = world.portal.bulk.give(
        DEAL, ids(world), "ask_extension", {"until": "2020-01-01", "note": "Too late now."}
    )
    assert (late.done, late.left) == ((), 1)
    assert "Has passed" in late.problem
    assert world.sent() == []
    stopped = Going()
    stopped.cancelled = True
    good = {"until": "2027-03-31", "note": "The site opens late."}
    assert world.portal.bulk.give(DEAL, ids(world), "ask_extension", good, stopped).done == ()


def test_an_offer_that_has_ended_stays_as_it_is(world: World) -> None:
    offer = {"customer": "Kestrel", "state": "offered", "offered_to": "maya", "expires_at": "2026-11-01"}
    world.put("lead", "late", **offer)
    world.put("lead", "now", **{**offer, "expires_at": "2026-12-01"})
    batch = world.portal.bulk.give("lead", ids(world, "lead"), "accept")
    assert (len(batch.done), batch.left) == (1, 1)


# -- columns -------------------------------------------------------------------------------------------------
def test_columns_are_chosen_from_every_field_and_survive_a_change_of_the_manifest() -> None:
    deal = partner_manifest().by_name[DEAL]
    names = [one.field for one in available(deal)]
    assert names[:6] == ["customer", "title", "amount", "state", "protected_until", ""]
    assert {"country", "target_close", "updated_at"} <= set(names)
    assert not {"currency", "owner", "timeline"} & set(names), (
        "told by another column, or no words for a cell"
    )
    chosen = (Chosen("country"), Chosen("gone"), Chosen("amount", 300))
    assert [(one.field, one.width) for one in resolved(deal, chosen)] == [("country", 140), ("amount", 300)]
    assert resolved(deal, (Chosen("gone"),)) == deal.list.columns
    assert [one.name for one in moved(chosen, "amount", -9)] == ["amount", "country", "gone"]
    assert toggled((Chosen("a"),), "a", on=False) == (Chosen("a"),), "the last one stays"
    assert with_width(chosen, "amount", 9) == (Chosen("country"), Chosen("gone"), Chosen("amount", 48))


@pytest.mark.parametrize(
    "kept", [None, 3, "x", [3], [["a"]], [["a", "b"]], [[1, 2]], [["customer", True, 1]]]
)
def test_what_was_kept_and_cannot_be_read_is_the_portals_own(world: World, kept: object) -> None:
    world.portal.prefs.set(f"{DEAL}.columns", kept)
    assert world.portal.columns.of(DEAL) == world.portal.entity(DEAL).list.columns


# -- filters -------------------------------------------------------------------------------------------------
def test_only_what_holds_no_words_of_a_record_is_asked_for_as_a_value() -> None:
    deal = partner_manifest().by_name[DEAL]
    says = {field: may_say(deal, field) for field, _ in subjects(deal, Words())}
    assert says["customer"] == (Says.EMPTY, Says.FILLED)
    assert says["state"] == (Says.IS, Says.IS_NOT, Says.OPEN)
    assert says["protected_until"] == (Says.WITHIN, Says.PAST, Says.EMPTY, Says.FILLED)
    assert says["owner"] == (Says.MINE,)
    assert says[SYNC] == (Says.IS,)
    assert "currency" not in says


@pytest.mark.parametrize(
    ("field", "says", "given", "days", "found"),
    [
        ("state", Says.IS, ("approved", "rejected"), 0, {"won", "lost"}),
        ("state", Says.IS_NOT, ("approved",), 0, {"lost", "new"}),
        ("state", Says.OPEN, (), 0, {"won", "new"}),
        ("country", Says.IS, ("IE",), 0, {"new"}),
        ("protected_until", Says.WITHIN, (), 30, {"new"}),
        ("protected_until", Says.PAST, (), 0, {"lost"}),
        ("competitor", Says.EMPTY, (), 0, {"won", "new"}),
        ("competitor", Says.FILLED, (), 0, {"lost"}),
        ("owner", Says.MINE, (), 0, {"won", "new"}),
        (SYNC, Says.IS, (SyncState.SYNCED.value,), 0, {"won", "lost", "new"}),
    ],
)
def test_each_condition_finds_what_it_says(
    world: World, field: str, says: Says, given: tuple[str, ...], days: int, found: set[str]
) -> None:
    world.deal("won", customer="won")
    world.deal(
        "lost",
        customer="lost",
        state="rejected",
        protected_until="2026-11-01",
        competitor="Acme",
        owner="other",
    )
    world.deal("new", customer="new", state="submitted", country="IE", protected_until="2026-12-10")
    one = condition(world.portal.entity(DEAL), field, says, given, days)
    assert one is not None
    chip = world.portal.filters.save(DEAL, "x", [one])
    rows = world.portal.records.rows(world.portal.records.ids(DEAL, chip.name))
    assert {record.title for record in rows} == found
    assert world.portal.records.matching(DEAL, [one]) == len(found)


def test_filters_are_named_kept_bounded_and_put_back(world: World) -> None:
    filters, is_open = world.portal.filters, Filter(op="open", field="state")
    with pytest.raises(Refused, match="Give the filter a name"):
        filters.save(DEAL, "  ", [is_open])
    with pytest.raises(Refused, match="Add a condition"):
        filters.save(DEAL, "Mine", [])
    first, second = filters.save(DEAL, " Ü  🦅 ", [is_open]), filters.save(DEAL, "Second", [is_open])
    assert first.label == "Ü 🦅"
    assert filters.rename(DEAL, first.name, "First").name == first.name
    assert filters.remove(DEAL, first.name) == 0
    assert [one.label for one in filters.of(DEAL)] == ["Second"]
    filters.put_back(DEAL, first, 0)
    assert [one.name for one in filters.of(DEAL)] == [first.name, second.name]
    for number in range(10):
        filters.save(DEAL, f"{number}", [is_open])
    with pytest.raises(Refused, match="room for 12"):
        filters.save(DEAL, "One more", [is_open])
    world.portal.prefs.set(f"{DEAL}.filters", [{"name": "own:1"}, 3, {"name": "open", "label": "fake"}])
    assert filters.of(DEAL) == (), "what cannot be read, or would hide a chip of the portal's, is left out"


# -- opened lately, pinned -----------------------------------------------------------------------------------
def test_what_was_opened_lately_comes_first_once_and_goes_with_its_record(world: World) -> None:
    gids = [world.deal(f"{number}", customer=f"{number}") for number in range(25)]
    for gid in [*gids, gids[3]]:
        world.portal.recent.opened(gid)
    titles = [one.title for one in world.portal.recent.recent()]
    assert titles[:3] == ["3", "24", "23"]
    assert len(titles) == 20
    world.portal.recent.pin(gids[:2], on=True)
    world.portal.recent.pin(gids[:1], on=False)
    assert [one.title for one in world.portal.recent.pinned()] == ["1"]
    assert [(one.title, one.pinned) for one in world.portal.recent.list()[:2]] == [("1", True), ("3", False)]
    world.store.mirror.remove(gids[1], "revoked")
    assert world.portal.recent.pinned() == []
