"""Token buckets, and whom they are charged to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.callers import Note, noting, present, saw
from gateway.limiter import Limiter, network
from gateway.rates import Buckets, Rate, Rates

pytestmark = pytest.mark.databases("sqlite")

GENEROUS = Rate.of(1_000_000)
RATES = Rates(GENEROUS, GENEROUS, GENEROUS, partner=1_000, unknown=GENEROUS)

ADA = Note("ada", "laptop", ("north",))
ADAS_PHONE = Note("ada", "phone", ("north",))
OLGA = Note("olga", "laptop", ("south",))


class Seconds:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return what it shows."""
        return self.now


@pytest.mark.parametrize(
    ("taken", "passed", "cost", "wait"),
    [
        ([], 0, 1, 0),
        ([1] * 9, 0, 1, 0),
        ([1] * 10, 0, 1, 1),
        ([1] * 10, 0, 3, 3),
        ([1] * 10, 0.25, 1, 0.75),
        ([1] * 10, 1, 1, 0),
        ([1] * 10, 3600, 10, 0),
        ([25], 0, 1, 16),  # what was only known afterwards leaves a debt
        ([], 0, 1000, 0),  # more than a whole bucket: let in when it is full
        ([1], 0, 1000, 1),
    ],
)
def test_a_bucket(taken: list[float], passed: float, cost: float, wait: float) -> None:
    buckets = Buckets(Rate(a_minute=60, burst=10))
    for amount in taken:
        buckets.take("a", 100.0, amount)
    assert buckets.wait("a", 100.0 + passed, cost) == pytest.approx(wait)
    assert buckets.wait("b", 100.0, 1) == 0


def test_no_limit_and_no_endless_memory() -> None:
    none = Buckets(Rate.of(0))
    for _ in range(100):
        none.take("a", 1.0)
    assert none.wait("a", 1.0) == 0
    few = Buckets(Rate(1, 1), most=3)
    for key in ("a", "b", "c", "a", "d"):
        few.take(key, 1.0)
    assert [bool(few.wait(key, 1.0)) for key in "abcd"] == [True, False, True, True]


def limiter(seconds: Seconds, **rates: Rate | float) -> Limiter:
    """A limiter that knows three tokens."""
    made = Limiter(replace(RATES, **rates), seconds)  # type: ignore[arg-type]
    for token, note in (("a", ADA), ("p", ADAS_PHONE), ("o", OLGA)):
        made.remember(token, note)
    return made


def answers(found: Limiter, token: str, count: int) -> list[str]:
    """Make requests; returns which limit held each up."""
    return [found.take_request(found.party(token), "192.0.2.1")[0] for _ in range(count)]


def test_each_device_has_its_own() -> None:
    seconds = Seconds()
    found = limiter(seconds, requests=Rate(60, 3))
    assert answers(found, "a", 4) == ["", "", "", "device_requests"]
    assert answers(found, "p", 1) == [""]
    seconds.now += 1
    assert answers(found, "a", 2) == ["", "device_requests"]


def test_a_new_token_of_a_device_is_no_new_device() -> None:
    found = limiter(Seconds(), requests=Rate(60, 3))
    answers(found, "a", 3)
    found.remember("a2", ADA)
    assert answers(found, "a2", 1) == ["device_requests"]


def test_a_partners_devices_together_have_one() -> None:
    found = limiter(Seconds(), requests=Rate(60, 4), partner=1.5)
    assert answers(found, "a", 4) == [""] * 4
    assert answers(found, "p", 3) == ["", "", "partner_requests"]
    assert answers(found, "o", 1) == [""]


def test_bytes_are_charged_afterwards() -> None:
    seconds = Seconds()
    found = limiter(seconds, bytes=Rate(600, 100))
    party = found.party("a")
    assert party is not None
    found.charge("bytes", party, 150)
    limit, wait = found.take_request(party, "")
    assert (limit, round(wait, 2)) == ("device_bytes", 5.1)
    seconds.now += 5.2
    assert found.take_request(party, "") == ("", 0)


def test_unknown_callers_count_by_their_network() -> None:
    found = limiter(Seconds(), unknown=Rate(60, 2))
    assert [found.take_request(None, f"2001:db8::{n}")[0] for n in range(3)] == ["", "", "unknown"]
    assert found.take_request(None, "2001:db8:0:1::1") == ("", 0)
    assert found.party("never seen") is None


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_what_an_address_is_counted_under(address: str, key: str) -> None:
    assert network(address) == key


def test_whoever_is_looked_up_later_is_not_the_caller() -> None:
    saw("nobody")  # without a shell nothing happens
    note = Note()
    with noting(note):
        saw("ada", "laptop")
        saw("ada", companies=["south", "north"])
        saw("olga", "phone", ["east"])
        assert present() is note
    assert note == Note("ada", "laptop", ("north", "south"))
    assert present() is None


def test_whoever_is_held_up_comes_back_for_a_whole_round() -> None:
    seconds = Seconds()
    found = limiter(seconds, requests=Rate(60, 3), unknown=Rate(60, 40))
    answers(found, "a", 3)
    _, wait = found.take_request(found.party("a"), "192.0.2.1")
    assert wait == 3.0, "as many as are given at once"
    seconds.now += wait
    assert answers(found, "a", 4) == ["", "", "", "device_requests"]
    for _ in range(40):
        assert found.take_request(None, "192.0.2.9") == ("", 0)
    assert found.take_request(None, "192.0.2.9") == ("unknown", 20.0)
