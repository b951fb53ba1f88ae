"""Who is at a kiosk, for how long, and what it says: pure, over a clock that moves by hand."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.contract.errors import Refused
from app.services.idle import CountingDown, Idle, IdleWatch, Using
from app.services.kiosk.floor import MOST_LOCKED, TRIES, Floor
from app.services.kiosk.opening import KioskOpening, WrongCode
from app.services.kiosk.telling import back_words, kept_words, leaving_words, left_words
from app.services.kiosk.values import Apart, Kept, KeptSummary, KioskPerson, TakenBack
from app.services.surroundings import Surroundings
from app.services.words import Words
from app.session.device_code import NoKiosk
from app.session.policy.schema import Managed, Policy
from tests.services.conftest import CountedIds, StandingClock

MAYA, TOM = KioskPerson("maya", "MO", "Maya"), KioskPerson("tom", "TR", "Tom")


class TwoClocks:
    """One that only grows and one that people set."""

    def __init__(self) -> None:
        self.ticks = 100.0
        self.at = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.ticks

    def go(self, seconds: float) -> None:
        self.ticks += seconds
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> TwoClocks:
    return TwoClocks()


# -- idle -----------------------------------------------------------------------------------------------------


def test_nobody_touches_it_the_countdown_runs_and_it_locks(clock: TwoClocks) -> None:
    watch = IdleWatch(clock, 120)
    assert watch.state() == Using(100.0)
    clock.go(99)
    assert watch.state() == Using(1.0)
    clock.go(1)
    assert watch.state() == CountingDown(20.0)
    clock.go(19.5)
    assert watch.state() == CountingDown(0.5)
    clock.go(0.5)
    assert watch.state() == Idle()


def test_a_touch_ends_the_countdown_and_never_comes_too_late(clock: TwoClocks) -> None:
    watch = IdleWatch(clock, 60)
    clock.go(59)
    assert isinstance(watch.state(), CountingDown)
    watch.touched()
    assert watch.state() == Using(40.0)
    clock.go(60)
    watch.touched()
    assert watch.state() == Idle(), "the lock cannot be touched away"
    watch.begin()
    assert watch.state() == Using(40.0)


@pytest.mark.parametrize(("seconds", "using"), [(0, 100.0), (300, 280.0), (10, 5.0)])
def test_policy_says_how_long(clock: TwoClocks, seconds: int, using: float) -> None:
    assert IdleWatch(clock, seconds).state() == Using(using)


def test_sleep_counts_and_a_clock_set_back_does_not_keep_it_open(clock: TwoClocks) -> None:
    watch = IdleWatch(clock, 120)
    clock.at += timedelta(hours=8)  # the lid was shut: the other clock stood still
    assert watch.state() == Idle()
    watch.begin()
    clock.at -= timedelta(days=1)
    assert isinstance(watch.state(), Using)
    clock.ticks += 120
    assert watch.state() == Idle()


# -- who is there ---------------------------------------------------------------------------------------------


def locked(floor: Floor, *people: KioskPerson) -> None:
    for person in people:
        floor.arrive(person)
        floor.lock()


def test_one_has_the_screen_and_others_are_locked_beside(clock: TwoClocks) -> None:
    floor = Floor(clock, 10)
    locked(floor, MAYA)
    floor.arrive(TOM)
    assert floor.using == TOM
    (one,) = floor.people()
    assert (one.person, one.left, one.until, one.tries) == (
        MAYA,
        600.0,
        clock.at + timedelta(minutes=10),
        TRIES,
    )
    with pytest.raises(ValueError, match="another person's"):
        floor.arrive(MAYA)
    floor.leave(TOM.id)
    floor.arrive(MAYA)
    assert (floor.using, floor.people()) == (MAYA, ())


def test_the_time_to_come_back_ends(clock: TwoClocks) -> None:
    floor = Floor(clock, 10)
    locked(floor, MAYA)
    clock.go(400)
    locked(floor, TOM)
    clock.go(199)
    assert [one.person for one in floor.people()] == [MAYA, TOM]
    clock.go(1)
    assert [one.person for one in floor.people()] == [TOM]
    assert (floor.locked(MAYA.id), floor.locked(TOM.id)) == (False, True)
    assert floor.over() == (MAYA.id,)
    clock.at += timedelta(hours=9)  # asleep over night
    assert floor.over() == (MAYA.id, TOM.id)


def test_five_wrong_codes_and_one_is_out(clock: TwoClocks) -> None:
    floor = Floor(clock, 10)
    locked(floor, MAYA)
    assert [floor.wrong(MAYA.id) for _ in range(TRIES)] == [4, 3, 2, 1, 0]
    assert (floor.people(), floor.over(), floor.locked(MAYA.id)) == ((), (MAYA.id,), False)


def test_a_right_code_gives_all_tries_back(clock: TwoClocks) -> None:
    floor = Floor(clock, 10)
    locked(floor, MAYA)
    floor.wrong(MAYA.id)
    floor.arrive(MAYA)
    floor.lock()
    assert floor.people()[0].tries == TRIES


def test_a_sixth_pushes_out_who_locked_first(clock: TwoClocks) -> None:
    floor = Floor(clock, 10)
    people = [KioskPerson(str(n), "XX", "X") for n in range(MOST_LOCKED + 1)]
    locked(floor, *people[:-1])
    floor.arrive(people[-1])
    assert floor.lock() == "0"
    floor.leave("0")
    assert [one.person.id for one in floor.people()] == ["1", "2", "3", "4", "5"]


def test_without_time_to_come_back_nobody_is_locked(clock: TwoClocks) -> None:
    floor = Floor(clock, 0)
    floor.arrive(MAYA)
    assert not floor.locks
    with pytest.raises(ValueError, match="nobody to lock"):
        floor.lock()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("aluwso"), st.integers(0, 7), st.integers(0, 700)), max_size=40))
def test_whatever_people_do_nobody_is_in_two_places_and_five_are_locked_at_most(
    steps: list[tuple[str, int, int]],
) -> None:
    clock = TwoClocks()
    floor = Floor(clock, 10)
    people = [KioskPerson(str(n), "XX", "X") for n in range(8)]
    for step, number, seconds in steps:
        clock.go(seconds)
        person = people[number]
        if step in "au" and floor.using is None:
            floor.arrive(person)
        elif step == "l" and floor.using is not None:
            floor.leave(floor.lock())
        elif step == "w" and floor.locked(person.id):
            floor.wrong(person.id)
        elif step == "s":
            floor.leave(person.id)
        elif step == "o":
            for one in floor.over():
                floor.leave(one)
        names = [one.person.id for one in floor.people()]
        assert len(names) <= MOST_LOCKED
        assert floor.using is None or floor.using.id not in names
        assert not {*names} & {*floor.over()}
        assert all(0 < one.left <= 600 and 0 < one.tries <= TRIES for one in floor.people())


# -- policy ---------------------------------------------------------------------------------------------------


def around(root: Path, **policy: Any) -> Surroundings:
    clock = StandingClock()
    return Surroundings(
        root,
        clock,
        CountedIds(),
        random.Random(1),
        lambda: None,
        lambda _: True,
        managed=Managed(policy=Policy(**policy)),
    )


def test_there_is_no_kiosk_without_the_policy(tmp_path: Path) -> None:
    with pytest.raises(NoKiosk):
        KioskOpening(around(tmp_path, gateway_address="https://portal.halden.example"))
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("address", "allowed", "why"),
    [
        ("", (), "No gateway is set"),
        ("http://portal.halden.example", (), "https://"),
        ("https://elsewhere.example", ("https://portal.halden.example",), "does not allow"),
    ],
)
def test_a_kiosk_without_a_usable_gateway_says_so(
    tmp_path: Path, address: str, allowed: tuple[str, ...], why: str
) -> None:
    with pytest.raises(Refused, match=why):
        KioskOpening(around(tmp_path, kiosk=True, gateway_address=address, allowed_gateways=allowed))


def test_a_kiosk_goes_by_its_place_and_keeps_apart(tmp_path: Path) -> None:
    made = around(tmp_path, kiosk=True, gateway_address="portal.halden.example", kiosk_place="Lounge")
    kiosk = KioskOpening(made)
    kiosk.start()
    assert (kiosk.gateway, kiosk.device.name) == ("https://portal.halden.example", "Lounge")
    assert kiosk.device.id == KioskOpening(made).device.id
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kiosk"]
    assert KioskOpening(replace(made, root=tmp_path / "other")).device.id != kiosk.device.id
    assert kiosk.kept() == KeptSummary()
    assert isinstance(kiosk.idle_watch().state(), Using)
    kiosk.end()


# -- words ----------------------------------------------------------------------------------------------------


def test_what_is_said_of_kept_work() -> None:
    tr = Words()
    assert kept_words(KeptSummary(), tr) == ""
    assert kept_words(KeptSummary(1, 3), tr) == (
        "Unsent work of 1 person is kept here, encrypted; it goes on when they sign in."
    )
    assert kept_words(KeptSummary(2, 3), tr) == (
        "Unsent work of 2 people is kept here, encrypted; it goes on when they sign in."
    )
    assert leaving_words(0, tr).startswith("Everything you entered is at the vendor.")
    assert leaving_words(2, tr).startswith("2 things are not sent yet. They are kept here, encrypted")
    assert left_words(Kept(), tr) == "You are signed out. Nothing of yours stays on this screen."
    assert "1 thing that is not sent yet is kept here" in left_words(Kept(1), tr)
    assert "the disk has no room" in left_words(Kept(1, sealed=False), tr)
    assert back_words(TakenBack(), tr) == ""
    told = back_words(TakenBack(2, (Apart("item", "{}"),), 1), tr)
    assert told.startswith("2 things that you had not sent are back, and go on. 1 piece of what was kept")
    assert "deleted after thirty days" in told
    one_left = WrongCode(1)
    assert (one_left.cause, one_left.next_step) == ("That is not the code.", "Try again: one try is left.")
