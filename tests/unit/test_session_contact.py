"""How long an account has been without its gateway, whatever is done to this computer's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.session import contact
from app.session.contact import Contact
from app.store.database import Store

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)
days = st.floats(-400, 400, allow_nan=False).map(lambda count: timedelta(days=count))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.db", b"k" * 32) as made:
        yield made


def after(*steps: timedelta, ahead: timedelta | None = None) -> Contact:
    """The gateway is heard at noon; then the clock is looked at after each step."""
    stands, now = contact.met(NOON, ahead), NOON
    for step in steps:
        now += step
        stands = stands.looked(now)
    return stands


def test_days_add_up_and_the_last_of_them_still_counts() -> None:
    assert not after(14 * DAY).lapsed(14)
    assert after(14 * DAY, timedelta(seconds=1)).lapsed(14)
    assert not after(4000 * DAY).lapsed(0)


@pytest.mark.parametrize(
    ("steps", "away"),
    [
        ((10 * DAY, -10 * DAY), 10 * DAY),
        ((10 * DAY, -10 * DAY, 10 * DAY), 20 * DAY),
        ((10 * DAY, -300 * DAY, 3 * DAY, -3 * DAY, 3 * DAY), 16 * DAY),
    ],
)
def test_a_clock_that_is_set_back_takes_nothing_away(steps: tuple[timedelta, ...], away: timedelta) -> None:
    assert after(*steps).away == away


def test_a_clock_that_was_ahead_when_the_gateway_was_heard_gives_nothing() -> None:
    """Set a year ahead, meet the gateway, set it right again: the gateway's clock tells how long it has been."""
    stands = contact.met(NOON + 365 * DAY, 365 * DAY)
    assert stands.looked(NOON + 20 * DAY).away == 20 * DAY
    assert stands.looked(NOON + 20 * DAY).lapsed(14)


def test_while_it_runs_a_clock_nobody_sets_counts_too() -> None:
    assert contact.met(NOON, None).looked(NOON, 2 * DAY).away == 2 * DAY
    assert contact.met(NOON, None).looked(NOON - DAY, 2 * DAY).away == 2 * DAY
    assert contact.met(NOON, None).looked(NOON + 3 * DAY, 2 * DAY).away == 3 * DAY


@given(st.lists(days, max_size=12))
def test_it_never_gets_less(steps: list[timedelta]) -> None:
    before = timedelta()
    for length in range(len(steps) + 1):
        away = after(*steps[:length]).away
        assert away >= before
        before = away


def test_it_is_kept_in_the_store_and_not_with_every_look(store: Store) -> None:
    contact.keep(store, contact.met(NOON, timedelta(minutes=30)))
    assert contact.read(store, NOON + 3 * DAY) == Contact(
        NOON - timedelta(minutes=30), NOON + 3 * DAY, 3 * DAY
    )
    kept = store.settings.get("session.contact")
    contact.keep(store, contact.read(store, NOON + timedelta(minutes=1)))
    assert store.settings.get("session.contact") == kept
    contact.keep(store, contact.read(store, NOON + 3 * DAY))
    assert contact.read(store, NOON - DAY).away == 3 * DAY


@pytest.mark.parametrize(
    "kept",
    [
        None,
        "x",
        {},
        {"met": "x", "seen": "y", "away": 1},
        {"met": "2026-01-01", "seen": "2026-01-01", "away": 0},
    ],
)
def test_where_nothing_is_known_it_begins_now(store: Store, kept: object) -> None:
    store.settings.put("session.contact", kept)
    assert contact.read(store, NOON) == Contact(NOON, NOON)
