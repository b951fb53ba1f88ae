"""Pulling: pages and cursors, lost positions, and answers that lead nowhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.contract.changes import ChangesPage
from app.contract.errors import BadAnswer, CursorExpired, DiskFull, Unreachable
from app.contract.records import Gone
from app.store.database import Store
from app.sync.events import Mode, RecordsChanged
from app.sync.transport import RawPage
from tests.store import world as stored
from tests.store.world import gid
from tests.sync import world
from tests.sync.world import DEAL, REQUEST, World


def page(client: World, cursor: str, **more: Any) -> RawPage[ChangesPage]:
    """A page of changes that says what a test wants."""
    known: dict[str, Any] = {"epoch": "e1", "cursor": cursor, "more": False, "as_of": world.START}
    puts = more.pop("puts", b"[]")
    return RawPage(ChangesPage(**(known | more)), puts, client.gateway.grant)


def test_changes_tombstones_and_revocations_arrive(client: World) -> None:
    client.gateway.edit(1, amount="1.00")
    client.gateway.put(7, REQUEST, subject="New")
    client.gateway.take(2)
    client.gateway.take(3, "revoked")
    client.sync()
    assert client.identical()
    assert client.shown(2) is None
    assert client.shown(3) is None
    assert not client.store.scrub_due
    (told,) = client.told(RecordsChanged)
    assert told == RecordsChanged(frozenset({DEAL, REQUEST}), frozenset(map(gid, (1, 2, 3, 7))))
    assert client.lines()[-1] == "Pulled 4 changes in 0.1 s"


def test_many_changes_come_in_pages_and_each_moves_the_cursor(client: World) -> None:
    for number in range(10, 20):
        client.gateway.put(number, customer=str(number))
    client.gateway.faults["changes"] = [None, Unreachable()]
    client.engine.cycle()
    assert client.store.cursors.read().cursor == "e1.8"
    assert client.shown(13) is not None
    assert client.shown(14) is None
    assert client.engine.status.as_of == world.START.replace(second=4)
    client.clock.advance(10)
    client.sync()
    assert client.identical()
    assert client.store.cursors.read().cursor == "e1.14"


def test_nothing_new_changes_nothing_but_the_time(client: World) -> None:
    before = client.store.cursors.read()
    client.clock.advance(30)
    client.sync()
    assert client.store.cursors.read() == before
    assert client.told(RecordsChanged) == []
    assert client.engine.status.proven_at is not None


def test_an_automation_that_changes_no_content_is_no_change(client: World) -> None:
    client.gateway.put(1, **client.gateway.data(1))
    client.sync()
    assert client.told(RecordsChanged) == []
    assert client.engine.status.proven_at is not None


def test_a_stage_that_moved_is_told_in_the_users_words(client: World) -> None:
    client.gateway.edit(1, number="DR-2026-0417", state="under_review")
    client.gateway.edit(4, subject="Where is it")
    client.sync()
    assert "Deal DR-2026-0417: under review, received from Halden" in client.lines()
    assert not any("Where is it" in line for line in client.lines())
    client.gateway.take(1, "revoked")
    client.sync()
    assert not any("DR-2026-0417" in line for line in client.lines())


def test_unknown_fields_and_unknown_entity_types_are_kept(client: World) -> None:
    client.gateway.edit(1, colour="mauve")
    client.gateway.put(50, "certificate", title="Gold", level=3)
    client.sync()
    assert (client.shown(1) or {})["colour"] == "mauve"
    assert client.shown(50) == {"title": "Gold", "level": 3}
    assert client.engine.verify(rehash=True).identical


def test_a_row_that_cannot_be_understood_is_set_aside_and_the_others_count(client: World) -> None:
    good = stored.puts([stored.row(60, customer="Good")])
    bad = b'[["not an id","deal_registration","v1","x",{}],' + good[1:]
    client.gateway.changes = lambda cursor, limit: page(client, "e1.4", puts=bad)  # type: ignore[method-assign]
    client.engine.cycle()
    assert client.shown(60) == {"customer": "Good"}
    assert len(client.store.mirror.quarantined()) == 1
    assert client.mode() is Mode.LIVE


@pytest.mark.parametrize("puts", [b"", b"[", b"{}", b'[["', b"null", b"\xff[]", b"[" * 5000 + b"]" * 5000])
def test_a_page_that_is_cut_off_is_not_used(client: World, puts: bytes) -> None:
    before = client.store.cursors.read()
    gone = (Gone(gid(1), DEAL, "tombstone", None),)
    client.gateway.changes = lambda cursor, limit: page(client, "e1.99", puts=puts, gone=gone)  # type: ignore[method-assign]
    client.engine.cycle()
    assert client.store.cursors.read() == before
    assert client.shown(1) is not None
    assert client.mode() is Mode.SYNCING
    assert client.engine.status.cause == BadAnswer().cause


def test_a_disk_that_fills_up_leaves_the_cursor_where_it_was(
    client: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = client.store.cursors.read()
    client.gateway.edit(1, amount="5.00")
    write = client.store.cursors.write

    def full(checkpoint: object) -> None:
        raise DiskFull

    monkeypatch.setattr(client.store.cursors, "write", full)
    client.engine.cycle()
    assert client.mode() is Mode.PROBLEM
    assert client.engine.status.cause == "The disk is full."
    assert client.store.cursors.read() == before
    assert (client.shown(1) or {})["amount"] == "100.00"
    monkeypatch.setattr(client.store.cursors, "write", write)
    client.clock.advance(10)
    client.sync()
    assert client.mode() is Mode.LIVE
    assert client.identical()


def test_a_cut_between_page_and_cursor_cannot_happen(client: World, tmp_path: Path) -> None:
    """Whoever looks during a page sees the state before it or the state after it."""
    seen: list[tuple[str | None, str]] = []
    other = Store.open(tmp_path / "store.db", stored.KEY)

    def look() -> None:
        with other.reading():
            shown = other.projection.get(gid(1))
            seen.append((other.cursors.read().cursor, (shown.data if shown else {})["amount"]))

    apply_puts = client.store.mirror.apply_puts

    def slow(*args: Any, **more: Any) -> Any:
        look()
        applied = apply_puts(*args, **more)
        look()
        return applied

    client.store.mirror.apply_puts = slow  # type: ignore[method-assign]
    client.gateway.edit(1, amount="5.00")
    client.sync()
    look()
    other.close()
    assert seen == [("e1.4", "100.00"), ("e1.4", "100.00"), ("e1.5", "5.00")]


# -- positions that are lost -----------------------------------------------------------------------------


def test_an_expired_cursor_leads_to_a_snapshot_over_the_mirror_and_the_outbox_is_kept(client: World) -> None:
    client.gateway.outcomes["m1"] = lambda one: world.deferred(one, 50)
    client.edit("m1", 2, next_steps="Mine")
    client.gateway.take(1)
    client.gateway.put(8, customer="New")
    client.gateway.oldest = client.gateway.position
    client.gateway.gone.clear()
    client.sync()
    assert client.identical()
    assert client.shown(1) is None
    assert (client.shown(2) or {})["next_steps"] == "Mine"
    assert len(client.store.outbox.open_items()) == 1
    assert client.mode() is Mode.LIVE


def test_a_restored_gateway_is_another_history(client: World) -> None:
    client.gateway.epoch = "e2"
    client.gateway.position = 2
    client.gateway.held.pop(gid(3))
    client.sync()
    assert client.store.cursors.read().epoch == "e2"
    assert client.identical()


def test_a_page_of_another_history_is_not_mixed_in(client: World) -> None:
    puts = stored.puts([stored.row(1, customer="From another history")])
    answers = [page(client, "e2.1", epoch="e2", puts=puts)]
    changes = client.gateway.changes
    client.gateway.changes = lambda cursor, limit: (  # type: ignore[method-assign]
        answers.pop() if answers else changes(cursor, limit)
    )
    client.sync()
    assert (client.shown(1) or {})["customer"] == "Northwind"
    assert "snapshot" in client.gateway.calls[5:]
    assert client.identical()


def test_a_gateway_that_knows_no_position_at_all_is_a_problem_and_not_a_loop(client: World) -> None:
    client.gateway.faults["changes"] = [CursorExpired()] * 50
    client.engine.cycle()
    assert client.mode() is Mode.PROBLEM
    assert client.gateway.calls.count("changes") <= 4
    assert client.shown(1) is not None


# -- answers that lead nowhere ---------------------------------------------------------------------------


def test_a_cursor_that_leads_back_is_refused(client: World) -> None:
    positions = ["e1.5", "e1.6", "e1.5"]
    client.gateway.changes = lambda cursor, limit: page(client, positions.pop(0), more=True)  # type: ignore[method-assign]
    client.engine.cycle()
    assert client.mode() is Mode.PROBLEM
    assert "leading back" in client.engine.status.cause


def test_more_for_ever_without_anything_is_given_up(client: World) -> None:
    count = 0

    def endless(cursor: str, limit: int) -> RawPage[ChangesPage]:
        nonlocal count
        count += 1
        return page(client, f"e1.{count + 10}", more=True)

    client.gateway.changes = endless  # type: ignore[method-assign]
    client.engine.cycle()
    assert "for ever" in client.engine.status.cause
    assert count == client.settings.most_empty_pages + 1


def test_more_for_ever_with_something_is_given_up_too(tmp_path: Path) -> None:
    client = world.make(tmp_path / "store.db", page_rows=4, most_pages=30)
    client.gateway.put(1, customer="Northwind")
    client.sync()
    count = 0

    def endless(cursor: str, limit: int) -> RawPage[ChangesPage]:
        nonlocal count
        count += 1
        puts = stored.puts([stored.row(1, customer=f"Northwind {count}")])
        return page(client, f"e1.{count + 10}", more=True, puts=puts)

    client.gateway.changes = endless  # type: ignore[method-assign]
    client.engine.cycle()
    assert client.mode() is Mode.PROBLEM
    assert count == 30
    client.store.close()


def test_a_reason_nobody_knows_is_refused(client: World) -> None:
    gone = (Gone(gid(1), DEAL, "because", None),)
    client.gateway.changes = lambda cursor, limit: page(client, "e1.9", gone=gone)  # type: ignore[method-assign]
    client.engine.cycle()
    assert client.mode() is Mode.PROBLEM
    assert client.shown(1) is not None
    assert client.store.cursors.read().cursor == "e1.4"


def test_what_waits_is_sent_between_the_pages_of_a_long_pull(client: World) -> None:
    for number in range(10, 30):
        client.gateway.put(number, customer=str(number))
    client.gateway.meanwhile["changes"] = lambda: client.edit("m1", 1, next_steps="Written meanwhile")
    client.sync()
    calls = client.gateway.calls
    assert calls.index("push") < len(calls) - 1 - calls[::-1].index("changes")
    assert client.identical()


def test_a_stop_between_pages_loses_nothing(client: World) -> None:
    for number in range(10, 30):
        client.gateway.put(number, customer=str(number))
    changes = client.gateway.changes

    def stopping(cursor: str, limit: int) -> RawPage[ChangesPage]:
        client.going[0] = client.gateway.calls.count("changes") < 3
        return changes(cursor, limit)

    client.gateway.changes = stopping  # type: ignore[method-assign]
    client.engine.cycle()
    assert client.store.cursors.read().cursor not in ("e1.4", "e1.24")
    client.gateway.changes = changes  # type: ignore[method-assign]
    client.going[0] = True
    client.again()
    client.sync()
    assert client.identical()


def test_times_of_the_gateway_decide_nothing(client: World) -> None:
    """Its clock may jump: an earlier `as_of` is told as it is, and pulling goes on."""
    changes = client.gateway.changes

    def earlier(cursor: str, limit: int) -> RawPage[ChangesPage]:
        got = changes(cursor, limit)
        envelope = got.envelope.model_copy(update={"as_of": world.START.replace(year=2020)})
        return replace(got, envelope=envelope)

    client.gateway.changes = earlier  # type: ignore[method-assign]
    client.gateway.edit(1, amount="7.00")
    client.sync()
    assert client.identical()
    assert client.engine.status.as_of == world.START.replace(year=2020)
