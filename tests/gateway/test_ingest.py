"""Ingest: what the lanes find, what they leave alone, and when they stop and ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DataError, OperationalError

from app.contract.mutations import Status
from gateway.assembly import memory_database
from gateway.core import Gateway
from gateway.crm.port import CrmUnavailable, Ref, SourceRow
from gateway.feed.writer import FeedWriter
from gateway.limits import Limits
from gateway.mapping import SystemMapping
from gateway.report import report
from gateway.systems import System
from gateway.tables import dead_letter, ingest_cursor, mirror
from tests.gateway.memory_port import MemoryPort
from tests.gateway.world import Mirror, World


def deals(world: World) -> set[str]:
    """The deals the first company's administrator sees."""
    return Mirror(world, world.admin).snapshot().of("deal_registration")


def sweep_all(world: World) -> None:
    """Let every object's sweep come round."""
    world.clock.forward(3600)
    for _ in range(8):
        world.gateway.ingest_step()


def test_the_first_pass_reads_everything_in_pages(world: World) -> None:
    for _ in range(20):
        world.deal()
        world.clock.forward(1)
    world.read()
    assert len(deals(world)) == 20


def test_a_long_first_pass_goes_on_where_it_was_after_a_restart(world: World) -> None:
    sweep_all(world)
    for _ in range(20):  # more than one step of five pages of three reads
        world.deal()
        world.clock.forward(1)
    world.gateway.ingest_step()
    assert 0 < len(deals(world)) < 20
    calls = len(world.port.calls)
    world.gateway = world.restarted()
    world.gateway.backfill()
    assert len(deals(world)) == 20
    fetched = world.port.calls[calls:].count("fetch")
    assert fetched < 5, "it did not begin again"


def test_a_second_write_in_the_same_instant_is_not_missed(world: World) -> None:
    ref = world.deal()
    world.read()
    at = world.clock.now()
    world.port.edit(ref, todo="first")
    world.gateway.ingest_step()
    world.port.edit(ref, todo="second")  # the clock stands: same modification time
    assert world.port.rows[ref].modified_at == at
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["next_steps"] == "second"


def test_a_late_commit_behind_the_newest_time_is_found(world: World) -> None:
    ref, other = world.deal(), world.deal()
    world.clock.forward(60)
    world.port.edit(other, todo="newest")
    world.read()
    world.port.edit(ref, todo="late")
    world.port.rows[ref].modified_at = world.clock.now() - timedelta(
        seconds=4
    )  # its transaction began earlier
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["next_steps"] == "late"


def test_a_modification_in_the_future_hides_nothing(world: World) -> None:
    ref, odd = world.deal(), world.deal()
    world.port.rows[odd].modified_at = world.clock.now() + timedelta(days=1)
    world.read()
    world.clock.forward(60)
    world.gateway.ingest_step()
    world.port.edit(ref, rival="Stonegate")
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["competitor"] == "Stonegate"


def test_what_is_modified_while_a_pass_goes_through_the_future_is_found_by_the_next(world: World) -> None:
    ref = world.deal()
    sweep_all(world)
    for _ in range(20):  # more than one step
        world.port.rows[world.deal()].modified_at = world.clock.now() + timedelta(days=1)
    world.gateway.ingest_step()
    assert not world.gateway.ingest.quiet(), "the pass is still running"
    world.clock.forward(60)
    world.port.edit(ref, rival="Stonegate")
    world.clock.forward(60)
    for _ in range(8):
        world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["competitor"] == "Stonegate"


def test_a_gateway_that_had_seen_the_future_before_sees_what_is_modified_now(world: World) -> None:
    ref = world.deal()
    world.read()
    with world.database.write() as connection:
        connection.execute(update(ingest_cursor).values(high=world.clock.now() + timedelta(days=1)))
    world.clock.forward(60)
    world.port.edit(ref, rival="Stonegate")
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["competitor"] == "Stonegate"


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


def test_rows_that_were_read_when_their_instant_was_over_are_not_read_again(world: World) -> None:
    world.deal()
    world.read()
    world.clock.forward(60)
    world.gateway.ingest_step()
    world.gateway.ingest_step()
    world.port.calls.clear()
    world.gateway.ingest_step()
    assert "fetch" not in world.port.calls


def test_children_of_what_was_archived_are_told_as_deleted_also_after_a_sweep(world: World) -> None:
    ref, other = world.deal(), world.deal()
    notes = [
        world.port.add("note", on_id=ref.id, on_kind="D", text="Hello.", who="I", internal=False)
        for _ in range(3)
    ]
    world.read()
    late = Mirror(world, world.admin).snapshot()
    world.port.archive_row(ref)
    world.read()
    world.port.edit(notes[0], text="Hello, all.")
    world.read()
    for _ in range(2):
        sweep_all(world)
    gone = {world.gid(row): "tombstone" for row in (ref, *notes)}
    assert {gid: reason for gid, reason, _ in late.pull().gone} == gone
    world.clock.forward(60)
    world.port.calls.clear()
    sweep_all(world)
    assert "fetch" not in world.port.calls, "they are not read again with every sweep"
    moved, *left = notes
    world.port.edit(moved, on_id=other.id)
    world.read()
    assert late.pull().data(world.gid(moved))["body"] == "Hello, all."
    world.port.restore_row(ref)
    world.read()
    assert {world.gid(row) for row in (ref, *left)} <= late.pull().rows.keys()


def test_what_was_written_through_the_gateway_is_not_read_once_more(world: World) -> None:
    world.port.lists_revisions = True
    ref = world.deal()
    world.read()
    world.push_one(
        world.admin, world.patch(world.gid(ref), {"competitor": None}, {"competitor": "Stonegate"})
    )
    world.port.calls.clear()
    world.gateway.ingest_step()
    assert "changed_since" in world.port.calls
    assert "fetch" not in world.port.calls
    world.port.edit(ref, todo="in the same instant")
    world.gateway.ingest_step()
    assert "fetch" in world.port.calls
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["next_steps"] == "in the same instant"


def test_archived_rows_are_not_read_over_and_over(world: World) -> None:
    known, never_shared = world.deal(), world.deal()
    world.port.archive_row(never_shared)
    world.read()
    world.port.archive_row(known)
    world.read()
    world.clock.forward(60)
    world.gateway.ingest_step()
    world.port.calls.clear()
    world.gateway.ingest_step()
    assert "fetch" not in world.port.calls
    world.port.restore_row(never_shared)
    world.port.restore_row(known)
    world.read()
    assert deals(world) == {world.gid(known), world.gid(never_shared)}


def test_a_hint_is_followed_before_anything_else(world: World) -> None:
    ref = world.deal()
    world.gateway.hint([ref, Ref("unheard_of", "1")])
    assert world.gateway.ingest.hints_step() == 1
    assert deals(world) == {world.gid(ref)}
    assert world.gateway.ingest.hints_step() == 0


def test_a_hint_given_again_while_it_is_followed_is_kept(world: World) -> None:
    ref = world.deal()
    world.gateway.hint([ref])
    fetch = world.port.fetch

    def busy(refs: list[Ref]) -> object:
        found = fetch(refs)
        world.port.edit(ref, todo="again")
        world.gateway.hint([ref])
        world.port.fetch = fetch  # type: ignore[method-assign]
        return found

    world.port.fetch = busy  # type: ignore[method-assign, assignment]
    world.gateway.ingest.hints_step()
    world.gateway.ingest.hints_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))["next_steps"] == "again"


def test_a_hint_at_a_deleted_row_takes_it_away(world: World) -> None:
    ref = world.deal()
    world.read()
    world.port.delete(ref)
    world.gateway.hint([ref])
    world.gateway.ingest.hints_step()
    assert deals(world) == set()


def test_a_deletion_nobody_told_of_is_found_by_the_sweep(world: World) -> None:
    ref, kept = world.deal(), world.deal()
    world.read()
    world.port.delete(ref)
    world.read()
    assert len(deals(world)) == 2, "no lane but the sweep can see it"
    sweep_all(world)
    assert deals(world) == {world.gid(kept)}


def test_a_row_every_other_lane_missed_is_found_by_the_sweep(world: World) -> None:
    world.deal()
    world.clock.forward(3600)
    world.read()
    missed = world.deal()
    world.port.rows[missed].modified_at = world.clock.now() - timedelta(days=2)
    world.read()
    assert world.gid(missed) not in deals(world)
    sweep_all(world)
    assert world.gid(missed) in deals(world)


def test_a_list_of_ids_that_lies_deletes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = [world.deal() for _ in range(3)]
    world.read()
    monkeypatch.setattr(world.port, "sweep", lambda *_: [])
    sweep_all(world)
    assert deals(world) == {world.gid(ref) for ref in refs}, "an empty answer is not a delete"


def test_a_sweep_that_would_take_too_much_stops_and_asks() -> None:
    world = World(Limits(brake_floor=2))
    refs = [world.deal() for _ in range(10)]
    world.read()
    for ref in refs[:5]:
        world.port.delete(ref)
    sweep_all(world)
    assert len(deals(world)) == 10
    found = report(world.gateway)
    assert found.systems[0].held == {"deal": (5, 10)}
    assert not found.well
    system = next(iter(world.gateway.systems))
    world.gateway.ingest.sweep(system, "deal", confirmed=True)
    assert deals(world) == {world.gid(ref) for ref in refs[5:]}
    assert report(world.gateway).well


def test_a_system_that_stops_finding_rows_in_the_middle_of_a_sweep_loses_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its list of ids is empty, its reads are right until all rows were looked for once, and empty from then on."""
    world = World(Limits(brake_floor=2))
    refs = [world.deal() for _ in range(9)]
    world.read()
    sweep_all(world)
    fetch, looked = world.port.fetch, set[Ref]()

    def forgetful(asked: Sequence[Ref]) -> Sequence[SourceRow]:
        if looked >= {*refs}:
            return []
        looked.update(asked)
        return fetch(asked)

    monkeypatch.setattr(world.port, "sweep", lambda *_: [])
    monkeypatch.setattr(world.port, "fetch", forgetful)
    world.gateway.ingest.sweep(next(iter(world.gateway.systems)), "deal", confirmed=False)
    assert deals(world) == {world.gid(ref) for ref in refs}


def test_a_removal_at_which_something_fails_holds_no_other_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = [world.deal() for _ in range(3)]
    world.read()
    merged_into = world.port.merged_into

    def stumbling(ref: Ref) -> Ref | None:
        if ref == refs[0]:
            raise KeyError("a bug in a connector")
        return merged_into(ref)

    monkeypatch.setattr(world.port, "merged_into", stumbling)
    for ref in refs[:2]:
        world.port.delete(ref)
    sweep_all(world)
    assert deals(world) == {world.gid(refs[0]), world.gid(refs[2])}
    assert not report(world.gateway).well


def test_hints_and_archiving_have_the_same_brake() -> None:
    world = World(Limits(brake_floor=2))
    refs = [world.deal() for _ in range(6)]
    world.read()
    for ref in refs:
        world.port.archive_row(ref)
    world.gateway.hint(refs)
    world.clock.forward(1)
    for _ in range(3):
        world.gateway.ingest.hints_step()
    assert len(deals(world)) == 6
    sweep_all(world)
    assert report(world.gateway).systems[0].held == {"deal": (6, 6)}


def test_a_few_deletions_need_no_one(world: World) -> None:
    refs = [world.deal() for _ in range(5)]
    world.read()
    for ref in refs[:3]:
        world.port.archive_row(ref)
    world.read()
    assert deals(world) == {world.gid(ref) for ref in refs[3:]}


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


def test_a_database_that_fails_is_no_rows_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = world.deal()
    world.gateway.hint([ref])
    with monkeypatch.context() as patch:

        def full(*_: object) -> None:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))

        patch.setattr(FeedWriter, "put", full)
        with pytest.raises(OperationalError):
            world.gateway.ingest.hints_step()
    assert report(world.gateway).set_aside == ()
    assert world.gateway.ingest.hints_step() == 1, "the hint is still there"


def test_a_step_that_fails_is_told_to_clients_and_holds_no_other_system_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, others = world.mapping.of_object("doc"), (m for m in world.mapping.maps if m.object != "doc")
    library = MemoryPort(world.clock.now)
    library.system = "second"
    first = System(world.port, SystemMapping(system="memory", maps=tuple(others)))
    second = System(library, SystemMapping(system="second", maps=files))
    setup = replace(world.gateway.setup, database=memory_database(), systems=(first, second))
    gateway = Gateway(setup)
    gateway.backfill()
    library.add_file("doc", b"%PDF", title="Price list", audience="everyone", stage="C")

    def broken(*_: object) -> None:
        raise KeyError("a bug in a connector")

    with monkeypatch.context() as patch:
        patch.setattr(world.port, "changed_since", broken)
        world.clock.forward(1)
        with pytest.raises(KeyError):
            gateway.ingest_step()
    with gateway.ground.database.read() as connection:
        assert (
            "live" in connection.execute(select(mirror.c.status).where(mirror.c.system == "second")).scalars()
        )
    one, two = gateway.sources()
    assert (one.stale_reason, two.stale_reason) == ("Memory CRM could not be read in full.", "")
    gateway.ingest_step()
    assert gateway.sources()[0].stale_reason == ""


def test_a_system_that_was_not_read_for_long_asks_for_a_person(world: World) -> None:
    world.read()
    assert report(world.gateway).well
    world.clock.forward(world.limits.read_within.total_seconds() + 1)
    found = report(world.gateway)
    assert found.systems[0].reachable
    assert not found.well
    world.read()
    assert report(world.gateway).well
    world.clock.off_by = timedelta(hours=-2)
    assert not report(world.gateway).well, "that it was read in the future says nothing"


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


def revoked_from(client: Mirror, *gids: str) -> bool:
    """Whether a client is told that it may not see these records any more."""
    return {(gid, "revoked", None) for gid in gids} <= {*client.pull().gone}


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


def test_what_is_withdrawn_takes_its_children_along_as_withdrawn(world: World) -> None:
    ref = world.deal()
    note = world.port.add("note", on_id=ref.id, on_kind="D", text="Hello.", who="I", internal=False)
    world.read()
    prompt, late = Mirror(world, world.admin).snapshot(), Mirror(world, world.admin).snapshot()
    world.port.edit(ref, account_id=world.south.id, cents="a lot")
    world.gateway.hint([ref])
    world.gateway.ingest.hints_step()
    assert revoked_from(prompt, world.gid(ref), world.gid(note))
    sweep_all(world)
    assert revoked_from(late, world.gid(ref), world.gid(note))
    world.port.edit(ref, account_id=world.north.id, cents=5000)
    world.read()
    assert {world.gid(ref), world.gid(note)} <= prompt.pull().rows.keys()


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


def test_a_transaction_that_was_open_for_minutes_is_found_after_the_next_sweep(world: World) -> None:
    """It commits with the time at which it began, far behind what the fast lane has seen since."""
    late, other = world.deal(), world.deal()
    world.read()
    world.clock.forward(60)
    began = world.clock.now()
    world.clock.forward(300)
    world.port.edit(other, rival="seen first")
    world.gateway.ingest_step()
    world.port.edit(late, rival="committed late")
    world.port.rows[late].modified_at = began
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(late)).get("competitor") != "committed late"
    for _ in range(2):
        sweep_all(world)
    assert Mirror(world, world.admin).snapshot().data(world.gid(late))["competitor"] == "committed late"


def test_a_pause_is_no_longer_because_somebody_sets_the_clock_back(world: World) -> None:
    world.read()
    world.port.down = True
    world.gateway.ingest_step()
    world.port.down = False
    world.clock.off_by = timedelta(hours=-2)
    world.clock.forward(3)
    ref = world.deal()
    world.gateway.ingest_step()
    assert Mirror(world, world.admin).snapshot().data(world.gid(ref))


def test_a_system_that_is_down_is_stale_and_is_left_alone_for_its_pause(world: World) -> None:
    world.read()
    (source,) = world.gateway.sources()
    assert source.read_at == world.clock.now()
    assert source.stale_reason == ""
    world.port.down = True
    world.clock.forward(10)
    world.gateway.ingest_step()
    (stale,) = world.gateway.sources()
    assert (stale.read_at, stale.stale_reason) == (source.read_at, "Memory CRM cannot be reached.")
    calls = len(world.port.calls)
    world.gateway.ingest_step()
    assert len(world.port.calls) == calls, "it asked for three seconds"
    with pytest.raises(CrmUnavailable):
        world.gateway.backfill()
    world.port.down = False
    world.clock.forward(3)
    world.gateway.ingest_step()
    assert world.gateway.sources()[0].stale_reason == ""
    assert world.gateway.sources()[0].read_at == world.clock.now()


def test_a_read_begun_before_a_write_ended_is_thrown_away_and_repeated(world: World) -> None:
    """The fence, between ingest and the ledger: the old state must not come back after the outcome was told."""
    ref = world.deal()
    world.read()
    gid = world.gid(ref)
    client = Mirror(world, world.admin).snapshot()
    fetch = world.port.fetch
    edit = world.patch(gid, {"competitor": None}, {"competitor": "Northwall"})

    def slow(refs: list[Ref]) -> object:
        found = fetch(refs)  # the answer is on its way ...
        world.port.fetch = fetch  # type: ignore[method-assign]
        world.push_one(world.admin, edit)  # ... while a partner's edit is written and confirmed
        return found

    world.port.fetch = slow  # type: ignore[method-assign, assignment]
    world.port.touch(ref)
    world.gateway.hint([ref])
    world.gateway.ingest.hints_step()
    assert client.pull().data(gid)["competitor"] == "Northwall"


def test_an_outcome_is_not_older_than_what_ingest_has_read_meanwhile(world: World) -> None:
    """The other way round: between the write and its outcome a vendor's edit has been read already."""
    ref = world.deal()
    world.read()
    gid = world.gid(ref)

    def meanwhile() -> None:
        world.port.edit(ref, rival="Stonegate")
        world.gateway.hint([ref])
        world.gateway.ingest.hints_step()

    world.port.after_write = meanwhile
    outcome = world.push_one(world.admin, world.patch(gid, {"competitor": None}, {"competitor": "Northwall"}))
    assert outcome.record is not None
    assert outcome.record.data["competitor"] == "Stonegate"
    assert Mirror(world, world.admin).snapshot().data(gid)["competitor"] == "Stonegate"


def test_an_edit_does_not_wait_for_a_sweep_to_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = [world.deal() for _ in range(9)]
    sweep_all(world)
    client = Mirror(world, world.admin).snapshot()
    listed, shown = world.port.sweep, []

    def sweep(obj: str, after: str | None, limit: int) -> Sequence[str]:
        if obj == "deal" and after is None:
            world.port.edit(refs[0], todo="Ring the bell.")
            world.gateway.hint([refs[0]])
        elif obj == "deal":
            shown.append(client.pull().data(world.gid(refs[0]))["next_steps"])
        return listed(obj, after, limit)

    monkeypatch.setattr(world.port, "sweep", sweep)
    sweep_all(world)
    assert shown[0] == "Ring the bell."
    assert len(deals(world)) == 9
