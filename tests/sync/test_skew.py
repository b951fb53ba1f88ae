"""A clock that is wrong by a day: heard from the gateway, told, remembered for a while, and never taken too far."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx

from app.contract.errors import Busy
from app.services.freshness import clock_notice, notice
from app.services.views_model import Mode, Status
from app.sync import skew
from app.sync.events import Event, StatusChanged
from app.sync.standing import Standing
from app.sync.wire import Wire
from tests.services.conftest import StandingClock, World, open_world, world

__all__ = ["open_world", "world"]

REQUEST_DUE = datetime(2026, 11, 23, 14, 36, tzinfo=UTC)
BASE = "https://portal.halden.example"


@pytest.mark.parametrize(
    ("ahead", "minutes"),
    [
        (None, 0),
        (timedelta(), 0),
        (timedelta(minutes=4, seconds=59), 0),
        (timedelta(minutes=-4), 0),
        (timedelta(minutes=12, seconds=20), 12),
        (timedelta(days=1), 1440),
        (timedelta(days=-1, minutes=2), -1438),
    ],
)
def test_what_nobody_has_to_mind_is_nought(ahead: timedelta | None, minutes: int) -> None:
    assert skew.minutes_off(ahead) == minutes


@respx.mock
def test_only_the_gateways_own_word_counts() -> None:
    clock = StandingClock()
    wire = Wire(httpx.Client(base_url=BASE), clock)
    route = respx.get(f"{BASE}/v1/me")
    for headers, ahead in (
        ({"date": "Tue, 01 Jan 2019 00:00:00 GMT"}, None),
        ({"counterpart-time": "yesterday"}, None),
        ({"counterpart-time": "2026-11-22T09:41:00"}, None),
        ({"counterpart-time": "2026-11-22T09:41:00+00:00"}, timedelta(days=1)),
        ({}, timedelta(days=1)),
    ):
        route.mock(return_value=httpx.Response(200, json={}, headers=headers))
        wire.call("GET", "/v1/me")
        assert wire.ahead == ahead, headers
    respx.get(f"{BASE}/v1/x").mock(
        return_value=httpx.Response(503, headers={"counterpart-time": "2026-11-23T09:41:00Z"})
    )
    with pytest.raises(Busy):
        wire.call("GET", "/v1/x")
    assert wire.ahead == timedelta(), "a refusal tells the time too"
    wire.close()


def test_it_is_told_once_and_kept_for_the_next_start(world: World) -> None:
    told: list[Event] = []
    ahead = [timedelta(days=1)]
    standing = Standing(world.store, world.clock, told.append, lambda: ahead[0])
    for minute in (0, 0.4, 0.6):
        ahead[0] = timedelta(days=1, minutes=minute)
        standing.live()
    statuses = [event.status for event in told if isinstance(event, StatusChanged)]
    assert [status.clock_off for status in statuses] == [1440], "a minute on its way is the same"
    assert world.store.clock_off.minutes(world.clock.now()) == 1440
    again = Standing(world.store, world.clock, told.append, lambda: None)
    assert again.status.clock_off == 1440, "without a network too"
    ahead[0] = timedelta()
    standing.live()
    assert standing.status.clock_off == 0
    assert world.store.clock_off.minutes(world.clock.now()) == 0


@pytest.mark.parametrize(
    ("known", "later", "found"),
    [
        ({"minutes": 1440, "at": "2026-11-23T09:41:00+00:00"}, timedelta(hours=11), 1440),
        ({"minutes": 1440, "at": "2026-11-23T09:41:00+00:00"}, timedelta(hours=13), 0),
        ({"minutes": 1440, "at": "2026-11-24T09:41:00+00:00"}, timedelta(), 0),
        ({"minutes": "x", "at": "2026-11-23T09:41:00+00:00"}, timedelta(), 0),
        ({"minutes": 5}, timedelta(), 0),
        ("nonsense", timedelta(), 0),
    ],
    ids=["a while", "too long ago", "set back meanwhile", "no number", "no moment", "nothing"],
)
def test_it_is_not_believed_for_long(world: World, known: object, later: timedelta, found: int) -> None:
    world.store.settings.put("clock.ahead", known)
    assert world.store.clock_off.minutes(datetime(2026, 11, 23, 9, 41, tzinfo=UTC) + later) == found


def test_days_are_reckoned_by_the_gateways_clock(world: World) -> None:
    portal = world.portal
    today = portal.formats.today()
    world.store.clock_off.remember(1440, world.clock.now())
    portal.reckon()
    assert portal.formats.today() == today - timedelta(days=1)
    assert portal.now() == world.clock.now(), "what is captured carries this computer's time"


@pytest.mark.parametrize("days", [1, -1])
def test_what_the_vendor_says_in_times_is_read_by_the_gateways_clock(world: World, days: int) -> None:
    world.request(due_at="2026-11-23T14:36:00Z")
    portal = world.portal
    gid = portal.records.ids("request")
    request = portal.records.rows(list(gid))[0]
    right = (portal.requests.clock(request, ()), portal.formats.time_left(REQUEST_DUE, mine=True))
    assert "left" in right[1].words
    world.clock.go(days=days)
    world.store.clock_off.remember(days * 1440, world.clock.now())
    portal.reckon()
    assert (portal.requests.clock(request, ()), portal.formats.time_left(REQUEST_DUE, mine=True)) == right


def test_what_changes_after_everything_was_seen_is_told_though_the_clock_is_a_day_ahead(world: World) -> None:
    world.clock.go(days=1)
    world.store.clock_off.remember(1440, world.clock.now())
    world.portal.reckon()
    world.portal.home.mark_seen()
    world.deal(updated_at="2026-11-23T09:45:00Z", state="approved", timeline=[
        {"at": "2026-11-23T09:45:00Z", "by": "Ingrid Solheim", "kind": "approved", "text": "Approved"},
    ])  # fmt: skip
    assert world.portal.home.changed(), "by this computer's clock it was yesterday"


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1440, "This computer’s clock is 1 day ahead."),
        (2880, "This computer’s clock is 2 days ahead."),
        (-180, "This computer’s clock is 3 hours behind."),
        (12, "This computer’s clock is 12 minutes ahead."),
    ],
)
def test_the_line_says_how_far_and_what_it_means(world: World, minutes: int, words: str) -> None:
    now = world.clock.now()
    found = notice(Status(Mode.LIVE, now, now, clock_off=minutes), world.portal.formats)
    assert found is not None
    assert found.text.startswith(words)
    assert "Days are reckoned by the gateway’s." in found.text
    assert clock_notice(0, world.portal.formats) is None
