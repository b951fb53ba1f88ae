"""The engine as a whole: how it stands, what it waits for, and that nothing is lost on bad days."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.contract.errors import (
    BadAnswer,
    Busy,
    CertificateRefused,
    CounterpartError,
    DiskFull,
    HostileAnswer,
    SignInNeeded,
    StoreBusy,
    StoreDamaged,
    Unreachable,
    UpdateNeeded,
    WipeOrdered,
)
from app.sync.engine import FAR, Wake
from app.sync.events import ManifestChanged, Mode, StatusChanged, WipeWanted
from tests.store import world as stored
from tests.store.world import gid
from tests.sync.world import START, World, deferred


def modes(client: World) -> list[Mode]:
    return [event.status.mode for event in client.told(StatusChanged)]


# -- how it stands ---------------------------------------------------------------------------------------


def test_live_says_as_of_when_and_how_old_each_source_is(client: World) -> None:
    status = client.engine.status
    assert (status.mode, status.as_of, status.cause) == (Mode.LIVE, START.replace(second=4), "")
    assert [(source.label, source.read_at) for source in status.sources] == [("Halden's CRM", START)]
    assert status.proven_at == START


def test_a_cycle_without_work_tells_nothing(client: World) -> None:
    client.clock.advance(30)
    client.sync()
    assert client.events == []


def test_records_on_their_way_show(client: World) -> None:
    for number in range(10, 20):
        client.gateway.put(number, customer=str(number))
    client.sync()
    assert modes(client) == [Mode.SYNCING, Mode.LIVE]


@pytest.mark.parametrize(
    ("error", "mode"),
    [
        (Unreachable("No network on this computer."), Mode.OFFLINE),
        (Busy(), Mode.SYNCING),
        (BadAnswer(), Mode.SYNCING),
        (SignInNeeded(), Mode.SIGN_IN),
        (CertificateRefused(), Mode.PROBLEM),
        (UpdateNeeded(), Mode.PROBLEM),
        (HostileAnswer(), Mode.PROBLEM),
        (StoreBusy(), Mode.PROBLEM),
        (DiskFull(), Mode.PROBLEM),
    ],
)
def test_what_stands_in_the_way_is_said_with_what_is_kept_and_what_comes_next(
    client: World, error: CounterpartError, mode: Mode
) -> None:
    client.clock.advance(60)
    client.gateway.faults["changes"] = [error]
    client.engine.cycle()
    status = client.engine.status
    assert (status.mode, status.cause, status.kept, status.next_step) == (
        mode, error.cause, error.kept, error.next_step,
    )  # fmt: skip
    assert status.as_of == START.replace(second=4)
    assert status.since == client.clock.now()
    assert status.proven_at is None
    assert client.shown(1) is not None


@pytest.mark.parametrize("error", [Unreachable(), BadAnswer(), Busy()])
def test_a_first_sync_that_is_interrupted_stays_one_and_says_why(
    fresh: World, error: CounterpartError
) -> None:
    fresh.gateway.faults["me"] = [error]
    fresh.engine.cycle()
    assert (fresh.mode(), fresh.engine.status.cause) == (Mode.FIRST_SYNC, error.cause)


def test_a_damaged_store_is_for_its_owner_to_salvage(client: World) -> None:
    client.gateway.faults["changes"] = [StoreDamaged()]
    with pytest.raises(StoreDamaged):
        client.engine.cycle()


def test_a_bug_is_not_dressed_up(client: World) -> None:
    client.gateway.faults["changes"] = [KeyError("a bug")]  # type: ignore[list-item]
    with pytest.raises(KeyError):
        client.engine.cycle()


def test_coming_back_is_told_with_how_long_and_why(client: World) -> None:
    client.gateway.faults["changes"] = [Unreachable("No network on this computer.")]
    client.clock.advance(60)
    client.engine.cycle()
    assert client.lines()[-1] == "Offline. No network on this computer."
    client.clock.advance(88 * 60)
    client.sync()
    assert client.lines()[-1] == "Back after 1\u00a0h\u00a028\u00a0min offline. No network on this computer."
    assert modes(client) == [Mode.OFFLINE, Mode.LIVE]


def test_being_offline_is_told_once(client: World) -> None:
    client.gateway.faults["changes"] = [Unreachable()] * 5
    for _ in range(5):
        client.clock.advance(client.engine.cycle())
    assert len([line for line in client.lines() if line.startswith("Offline")]) == 1


# -- waiting ---------------------------------------------------------------------------------------------


def test_waits_grow_and_a_success_forgets_them(client: World) -> None:
    client.gateway.faults["changes"] = [Unreachable()] * 4
    waits = []
    for _ in range(4):
        waits.append(client.engine.cycle())
        client.clock.advance(waits[-1])
    assert waits == [1, 2, 4, 8]
    assert client.engine.cycle() == client.settings.poll
    client.gateway.faults["changes"] = [Unreachable()]
    assert client.engine.cycle() == 1


@pytest.mark.parametrize("wake", [Wake.USER, Wake.RECONNECT, Wake.ONLINE, Wake.START, Wake.UPLOADED])
def test_a_reason_to_hope_cuts_a_wait_short(client: World, wake: Wake) -> None:
    client.gateway.faults["changes"] = [Unreachable()]
    client.engine.cycle()
    calls = len(client.gateway.calls)
    assert client.engine.cycle(Wake.TIMER) == 1
    assert client.engine.cycle(Wake.ENQUEUE) == 1
    assert len(client.gateway.calls) == calls
    client.engine.cycle(wake)
    assert client.mode() is Mode.LIVE


def test_a_wait_the_gateway_named_is_kept_whatever_happens(client: World) -> None:
    client.gateway.faults["changes"] = [Busy(retry_after=30)]
    assert client.engine.cycle() >= 30
    calls = len(client.gateway.calls)
    for wake in Wake:
        if wake is not Wake.SIGNED_IN:
            assert client.engine.cycle(wake) >= 30
    assert len(client.gateway.calls) == calls
    client.clock.advance(40)
    client.sync()
    assert client.mode() is Mode.LIVE


def test_a_busy_gateway_that_named_a_time_is_not_asked_for_news_either(client: World) -> None:
    client.edit("m1", 1, next_steps="Mine")
    client.gateway.faults["push"] = [Busy(retry_after=30)]
    client.engine.cycle()
    assert client.gateway.calls[-1] == "push"


def test_with_the_channel_it_asks_less_often(client: World) -> None:
    assert client.engine.cycle() == client.settings.poll
    client.engine.set_listening(True)
    assert client.engine.cycle() == client.settings.poll_live


def test_a_deferred_item_is_waited_for_no_longer_than_it_asked(client: World) -> None:
    client.gateway.outcomes["m1"] = lambda one: deferred(one, 12)
    client.edit("m1", 1, next_steps="Mine")
    assert client.engine.cycle() == 12


def test_a_deferred_item_that_is_held_by_something_else_does_not_make_it_spin(client: World) -> None:
    client.gateway.outcomes["m1"] = lambda one: deferred(one, 500)
    client.edit("m1", 1, next_steps="Mine")
    client.sync()
    client.enter(stored.command("m2", 1, "withdraw", "approved"))
    client.store.outbox.defer("m2", client.clock.now(), "")
    assert client.engine.cycle() == client.settings.poll


# -- the session -----------------------------------------------------------------------------------------


def test_after_the_session_has_ended_everything_waits_for_a_person_and_then_goes(client: World) -> None:
    client.gateway.faults["changes"] = [SignInNeeded()]
    client.edit("m1", 1, next_steps="Before")
    client.gateway.faults["push"] = [SignInNeeded()]
    assert client.engine.cycle() == FAR
    assert client.mode() is Mode.SIGN_IN
    client.edit("m2", 2, next_steps="Meanwhile")
    calls = len(client.gateway.calls)
    assert client.engine.cycle(Wake.TIMER) == FAR
    assert client.engine.cycle(Wake.ENQUEUE) == FAR
    assert len(client.gateway.calls) == calls
    client.gateway.faults.clear()
    client.engine.cycle(Wake.SIGNED_IN)
    assert client.mode() is Mode.LIVE
    assert client.gateway.calls[calls : calls + 2] == ["me", "manifest"]
    assert client.gateway.data(1)["next_steps"] == "Before"
    assert client.gateway.data(2)["next_steps"] == "Meanwhile"


def test_signed_out_it_asks_once_an_hour_whether_more_was_ordered(client: World) -> None:
    client.gateway.faults["changes"] = [SignInNeeded()]
    assert client.engine.cycle() == FAR
    calls = len(client.gateway.calls)
    for order in (SignInNeeded(), WipeOrdered("order-1")):
        client.gateway.faults["changes"] = [order]
        client.clock.advance(client.settings.signed_out - 1)
        assert client.engine.cycle() == FAR
        assert len(client.gateway.calls) == calls
        client.clock.advance(1)
        assert client.engine.cycle() == FAR
        assert len(client.gateway.calls) > calls
        calls = len(client.gateway.calls)
        assert client.mode() is Mode.SIGN_IN
    assert [event.order for event in client.told(WipeWanted)] == ["order-1"]


def test_a_person_who_asks_gets_a_try(client: World) -> None:
    client.gateway.faults["changes"] = [SignInNeeded()]
    client.engine.cycle()
    client.engine.cycle(Wake.USER)
    assert client.mode() is Mode.LIVE


@pytest.mark.parametrize("call", ["me", "changes", "push"])
def test_an_order_to_wipe_is_told_once_and_ends_every_call(client: World, call: str) -> None:
    client.edit("m1", 1, next_steps="Before")
    client.again()
    client.gateway.faults[call] = [WipeOrdered("order-1")]
    assert client.engine.cycle() == FAR
    assert [event.order for event in client.told(WipeWanted)] == ["order-1"]
    calls = len(client.gateway.calls)
    for wake in (Wake.TIMER, Wake.ENQUEUE, Wake.POKE, Wake.RECONNECT):
        assert client.engine.cycle(wake) == FAR
    assert len(client.gateway.calls) == calls
    assert len(client.told(WipeWanted)) == 1


# -- the switch ------------------------------------------------------------------------------------------


def test_offline_by_choice_means_no_call_at_all_and_survives_a_restart(client: World) -> None:
    client.engine.set_offline(True)
    calls = len(client.gateway.calls)
    client.edit("m1", 1, next_steps="Mine")
    for wake in Wake:
        assert client.engine.cycle(wake) == FAR
    client.again()
    assert client.engine.cycle(Wake.START) == FAR
    assert (client.mode(), client.engine.status.by_choice, client.engine.online) == (
        Mode.OFFLINE,
        True,
        False,
    )
    assert len(client.gateway.calls) == calls
    client.engine.set_offline(False)
    client.engine.cycle(Wake.ONLINE)
    assert client.mode() is Mode.LIVE
    assert client.gateway.data(1)["next_steps"] == "Mine"
    assert [line for line in client.lines() if "nline" in line or "ffline" in line] == [
        "Offline, as you chose", "Online again",
    ]  # fmt: skip


def test_a_full_disk_does_not_keep_the_engine_from_telling(
    client: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise DiskFull

    monkeypatch.setattr(client.store.activity, "add", full)
    client.gateway.faults["changes"] = [Unreachable()]
    client.engine.cycle()
    assert client.mode() is Mode.OFFLINE


# -- the manifest ----------------------------------------------------------------------------------------


def changed(**more: Any) -> str:
    return json.dumps(json.loads(stored.manifest_text()) | more)


def test_another_grant_brings_another_manifest_and_user(client: World) -> None:
    client.gateway.grant, client.gateway.etag = "g2", "m2"
    client.gateway.manifest_text = changed(version="2027.1")
    client.sync()
    manifest, me = client.store.manifest, client.store.cursors.me()
    assert manifest is not None
    assert me is not None
    assert (manifest.version, me.grant) == ("2027.1", "g2")
    assert client.told(ManifestChanged) == [ManifestChanged()]
    client.sync()
    assert len(client.told(ManifestChanged)) == 1


def test_another_role_is_told_although_its_manifest_is_the_same(
    client: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sync()
    before = client.gateway.me()
    told = len(client.told(ManifestChanged))
    client.gateway.grant = "g2"
    client.sync()
    assert len(client.told(ManifestChanged)) == told, "another grant alone shows in the records"
    client.gateway.grant = "g3"
    promoted = before.model_copy(update={"role": "admin", "grant": "g3"})
    monkeypatch.setattr(client.gateway, "me", lambda: promoted)
    client.sync()
    assert len(client.told(ManifestChanged)) == told + 1
    assert client.store.cursors.me() == promoted


def test_it_asks_again_now_and_then_in_case_nobody_said(client: World) -> None:
    client.gateway.grant = ""
    calls = client.gateway.calls.count("me")
    client.sync()
    assert client.gateway.calls.count("me") == calls
    client.clock.advance(client.settings.greet)
    client.gateway.manifest_text, client.gateway.etag = changed(version="2027.1"), "m2"
    client.sync()
    assert client.store.manifest is not None
    assert client.store.manifest.version == "2027.1"


def test_a_manifest_that_names_other_fields_for_the_search_is_searched_by_them(client: World) -> None:
    data = json.loads(stored.manifest_text())
    for entity in data["entities"]:
        if entity["name"] == "deal_registration":
            entity["search"] = ["customer"]
    client.gateway.manifest_text, client.gateway.etag, client.gateway.grant = json.dumps(data), "m2", "g2"
    assert client.store.search.find("call", 5)
    client.sync()
    assert client.store.search.find("call", 5) == []
    assert client.store.search.find("sableworks", 5)


def test_a_portal_newer_than_this_version_leaves_everything_as_it_is(client: World) -> None:
    client.edit("m1", 1, next_steps="Mine")
    client.gateway.manifest_text, client.gateway.etag = changed(format=99), "m2"
    client.again()
    client.engine.cycle()
    assert client.mode() is Mode.PROBLEM
    assert client.engine.status.cause == UpdateNeeded().cause
    assert "stays readable" in client.engine.status.kept
    assert client.store.manifest is not None
    assert client.store.manifest.format == 1
    assert (client.shown(1) or {})["next_steps"] == "Mine"
    assert len(client.store.outbox.open_items()) == 1
    client.gateway.manifest_text, client.gateway.etag = changed(version="2027.2"), "m3"
    client.clock.advance(400)
    client.sync()
    assert client.mode() is Mode.LIVE
    assert client.gateway.data(1)["next_steps"] == "Mine"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', "null"])
def test_a_manifest_that_cannot_be_read_leaves_the_one_before(client: World, text: str) -> None:
    client.gateway.manifest_text, client.gateway.etag = text, "m2"
    client.again()
    client.engine.cycle()
    assert client.engine.status.cause.startswith("The portal's manifest could not be read")
    assert client.store.cursors.manifest_etag() == "m1"
    assert client.store.manifest is not None


def test_a_row_no_manifest_explains_does_not_stop_the_first_sync(fresh: World) -> None:
    fresh.gateway.put(1, "certificate", title="Gold")
    fresh.sync()
    assert fresh.identical()


# -- cleaning up -----------------------------------------------------------------------------------------


def test_old_history_is_cleaned_up_now_and_then(client: World) -> None:
    client.edit("m1", 1, next_steps="Mine")
    client.sync()
    assert client.store.outbox.settled("m1") is not None
    client.clock.advance(31 * 24 * 3600)
    client.sync()
    assert client.store.outbox.settled("m1") is None
    assert not any("m1" in line for line in client.lines())


def test_traces_of_what_was_revoked_are_removed_as_soon_as_nobody_reads(client: World) -> None:
    scrub = client.store.scrub
    answers = [False, True]
    client.store.scrub = lambda **_: answers.pop(0) and scrub()  # type: ignore[method-assign]
    client.gateway.take(1, "revoked")
    client.engine.set_listening(True)
    assert client.engine.cycle() == client.settings.poll
    assert client.store.scrub_due
    client.clock.advance(client.settings.poll)
    client.sync()
    assert not client.store.scrub_due


def test_two_processes_over_one_store_send_nothing_twice(client: World) -> None:
    """The command line and the window may run at once: ids make a second delivery harmless."""
    client.edit("m1", 1, next_steps="Mine")
    first = client.engine
    client.again()
    client.engine.cycle()
    first.cycle()
    client.engine.cycle()
    assert client.gateway.position == 5
    assert client.gateway.data(1)["next_steps"] == "Mine"
    assert client.store.projection.get(gid(1)) is not None
