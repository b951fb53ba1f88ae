"""Rows that cannot be read, placed or sent: they stand aside, alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DataError

from app.contract.mutations import Status
from gateway.crm.port import Ref, SourceRow
from gateway.feed.writer import FeedWriter
from gateway.limits import Limits
from gateway.report import report
from gateway.tables import dead_letter
from tests.gateway.databases import AT_THE_SURFACE, ON_BOTH
from tests.gateway.ingesting import deals, revoked_from, sweep_all
from tests.gateway.world import Mirror, World

pytestmark = AT_THE_SURFACE


@ON_BOTH
def test_a_row_with_a_time_before_all_time_stands_aside_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, other = world.deal(), world.deal()
    world.read()
    fetch, never = world.port.fetch, datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    monkeypatch.setattr(
        world.port,
        "fetch",
        lambda refs: [replace(row, modified_at=never) if row.ref == ref else row for row in fetch(refs)],
    )
    world.port.edit(ref, rival="Nobody")
    world.port.edit(other, rival="Stonegate")
    world.clock.forward(60)
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(other))["competitor"] == "Stonegate"
    assert len(report(world.gateway).set_aside) == 1


def test_a_row_that_cannot_even_be_placed_stands_aside_alone(world: World) -> None:
    ref = world.deal()
    note, later = (
        world.port.add("note", on_id=ref.id, on_kind="D", text=text, who="I", internal=False)
        for text in ("Hello.", "Later.")
    )
    world.read()
    world.port.edit(note, on_id="\ud83d")
    world.port.edit(later, text="Later still.")
    world.clock.forward(60)
    world.gateway.ingest_step()
    mirror = Mirror(world, world.admin).snapshot()
    assert world.gid(note) not in mirror.rows, "nobody can tell whose it is now"
    assert mirror.data(world.gid(later))["body"] == "Later still."
    assert len(report(world.gateway).set_aside) == 1


def test_a_row_that_cannot_be_understood_blocks_nothing_and_heals(world: World) -> None:
    bad, good = world.deal(cents="a lot"), world.deal()
    world.read()
    assert deals(world) == {world.gid(good)}
    with world.gateway.ground.database.read() as connection:
        reason = connection.execute(select(dead_letter.c.reason)).scalar_one()
    assert "cents holds 'a lot'" in reason
    assert not report(world.gateway).well
    world.port.edit(bad, cents=5000)
    world.read()
    assert deals(world) == {world.gid(good), world.gid(bad)}
    assert report(world.gateway).well


@pytest.mark.parametrize("hinted", [True, False])
def test_a_row_that_could_not_be_understood_and_is_gone_asks_for_nobody(world: World, hinted: bool) -> None:
    deleted, archived, withdrawn = world.deal(cents="a lot"), world.deal(cents="a lot"), world.deal()
    note = world.port.add("note", on_id=withdrawn.id, on_kind="D", text=0.5, who="I", internal=False)
    world.read()
    assert len(report(world.gateway).set_aside) == 3
    world.port.delete(deleted)
    world.port.rows[archived].archived = True
    world.port.rows[note].fields["internal"] = True
    if hinted:
        world.gateway.hint([deleted, archived, note])
        world.gateway.ingest.hints_step()
    else:
        sweep_all(world)
    assert report(world.gateway).well


def test_a_row_that_was_set_aside_is_read_again_with_each_sweep(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, new = world.deal(), world.deal()
    world.read()
    sweep_all(world)
    world.port.edit(known, rival="Stonegate")
    with monkeypatch.context() as patch:
        stumbles_over(world, patch, known)
        world.clock.forward(60)
        world.port.edit(new, rival="Northwall")
        world.gateway.ingest_step()
    assert not report(world.gateway).well
    world.clock.forward(2 * 3600)  # so that the fast lane does not look back that far after the sweep
    world.port.edit(new, rival="Ridgeline")
    sweep_all(world)
    assert Mirror(world, world.admin).snapshot().data(world.gid(known))["competitor"] == "Stonegate"
    assert report(world.gateway).well


@pytest.mark.parametrize("value", ["Caf\ud83d", Decimal("1.50"), {"per cent": 0.5}], ids=ascii)
def test_a_row_that_cannot_be_sent_blocks_nothing_and_heals(world: World, value: object) -> None:
    bad, good = world.deal(cust=value), world.deal()
    world.gateway.hint([bad, good])
    assert world.gateway.ingest.hints_step() == 1
    world.read()
    assert deals(world) == {world.gid(good)}
    (told,) = report(world.gateway).set_aside
    assert told.startswith(f"memory/deal/{bad.id}: cust holds ")
    world.port.edit(good, rival="Stonegate")
    world.read()
    assert Mirror(world, world.admin).snapshot().data(world.gid(good))["competitor"] == "Stonegate"
    world.port.edit(bad, cust="Caf\u00e9")
    world.read()
    assert deals(world) == {world.gid(good), world.gid(bad)}
    assert report(world.gateway).well


def stumbles_over(world: World, monkeypatch: pytest.MonkeyPatch, *bad: Ref) -> None:
    """Let a connector fail at some rows in a way that nobody has foreseen."""
    fetch = world.port.fetch

    def stumbling(refs: Sequence[Ref]) -> Sequence[SourceRow]:
        if {*refs} & {*bad}:
            raise KeyError("\ud83d")
        return fetch(refs)

    monkeypatch.setattr(world.port, "fetch", stumbling)


def test_a_row_at_which_something_fails_is_set_aside_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = [world.deal() for _ in range(4)]
    tickets = [
        world.port.add("ticket", account_id=world.north.id, head="Where?", deal_id=ref.id, stage="N")
        for ref in refs[2:]
    ]
    stumbles_over(world, monkeypatch, refs[1], refs[2])
    world.gateway.hint([refs[0], refs[1], *tickets])
    assert world.gateway.ingest.hints_step() == 3, "two requests, and the deal that can be read"
    world.read()
    assert deals(world) == {world.gid(refs[0]), world.gid(refs[3])}
    assert Mirror(world, world.admin).snapshot().of("request") == {world.gid(ref) for ref in tickets}
    found = report(world.gateway)
    assert [line.partition(":")[0] for line in found.set_aside] == [f"memory/deal/{r.id}" for r in refs[1:3]]
    assert not found.well
    monkeypatch.undo()
    for ref in refs[1:3]:
        world.port.touch(ref)
    world.read()
    assert deals(world) == {world.gid(ref) for ref in refs}
    assert report(world.gateway).well


def test_a_row_at_which_something_fails_lets_nothing_past_the_brake(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(Limits(brake_floor=2))
    refs = [world.deal() for _ in range(6)]
    world.read()
    for ref in refs[1:]:
        world.port.archive_row(ref)
    stumbles_over(world, monkeypatch, refs[0])
    world.gateway.hint(refs)
    world.gateway.ingest.hints_step()
    assert deals(world) == {world.gid(ref) for ref in refs}


def test_a_record_that_becomes_unreadable_keeps_its_last_good_form(world: World) -> None:
    ref = world.deal()
    world.read()
    world.port.edit(ref, cents="a lot", todo="unseen")
    world.read()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["amount"] == "18425.00"
    edit = world.patch(world.gid(ref), {"competitor": None}, {"competitor": "x"})
    outcome = world.push_one(world.admin, edit)
    assert outcome.problem is not None
    assert outcome.problem.code == "crm"


def test_an_unreadable_record_that_moved_to_another_company_leaves_the_former(world: World) -> None:
    ref, kept, other = world.deal(), world.deal(), world.deal(world.south)
    note = world.port.add("note", on_id=kept.id, on_kind="D", text="Hello.", who="I", internal=False)
    world.read()
    client = Mirror(world, world.admin).snapshot()
    world.port.edit(ref, account_id=world.south.id, cents="a lot", cust="Not for Northwind.")
    world.port.edit(note, on_id=other.id, text=0.5)
    world.read()
    assert revoked_from(client, world.gid(ref), world.gid(note))
    edit = world.patch(world.gid(ref), {"competitor": None}, {"competitor": "x"})
    assert world.push_one(world.admin, edit).status is Status.GONE
    assert Mirror(world, world.other).snapshot().of("deal_registration") == {world.gid(other)}
    world.port.edit(ref, cents=5000)
    world.port.edit(note, text="Hello, all.")
    world.read()
    assert {world.gid(ref), world.gid(note)} <= Mirror(world, world.other).snapshot().rows.keys()
    assert not {world.gid(ref), world.gid(note)} & Mirror(world, world.admin).snapshot().rows.keys()


def test_an_unreadable_child_of_which_nobody_knows_whose_it_is_is_not_shown(world: World) -> None:
    ref = world.deal()
    note = world.port.add("note", on_id=ref.id, on_kind="D", text="Hello.", who="I", internal=False)
    world.read()
    client = Mirror(world, world.admin).snapshot()
    world.port.edit(note, on_id=None)
    world.read()
    assert revoked_from(client, world.gid(note))
    assert world.gid(ref) in client.rows


def test_a_record_that_moved_leaves_the_former_company_though_it_cannot_be_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref, other = world.deal(), world.deal()
    world.read()
    client = Mirror(world, world.admin).snapshot()

    def failing(*_: object) -> None:
        raise DataError("UPDATE", {}, Exception("value too long"))

    monkeypatch.setattr(FeedWriter, "put", failing)
    world.port.edit(ref, account_id=world.south.id, cust="Not for Northwind.")
    world.port.edit(other, cust="Still theirs.")
    world.gateway.hint([ref, other])
    world.gateway.ingest.hints_step()
    assert revoked_from(client, world.gid(ref))
    assert client.data(world.gid(other))["customer"] == "Riverside"
