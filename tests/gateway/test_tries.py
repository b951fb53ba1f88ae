"""Sign-ins that fail are counted: by account, by network address, and by all processes together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from gateway.identity.tries import Count, Rule, address_key, counted, taken_back
from gateway.problems import Problem
from gateway.tables import sign_in_try
from tests.gateway.signing_in import browser, hidden, witnessed
from tests.gateway.test_identity import QUERY, code_from
from tests.gateway.world import World

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
RULE = Rule(3, timedelta(minutes=10), timedelta(minutes=5))


def minutes(number: int) -> datetime:
    """A time after noon."""
    return NOON + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("name", "found", "at", "expected"),
    [
        ("the first", None, 0, Count(1, NOON)),
        ("one more", Count(1, NOON), 1, Count(2, NOON)),
        ("the last that is allowed", Count(2, NOON), 2, Count(3, NOON, minutes(7))),
        ("after the wait", Count(3, NOON, minutes(7)), 7, Count(1, minutes(7))),
        ("after a long time", Count(2, NOON), 11, Count(1, minutes(11))),
    ],
)
def test_one_more_try(name: str, found: Count | None, at: int, expected: Count) -> None:
    assert counted(found, RULE, minutes(at)) == expected, name


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Count(2, NOON), Count(1, NOON)),
        (Count(3, NOON, minutes(5)), Count(2, NOON)),
        (Count(0, NOON), Count(0, NOON)),
    ],
)
def test_a_right_try_is_taken_back_with_the_wait_it_set(found: Count, expected: Count) -> None:
    assert taken_back(found, RULE) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("testclient", "other", False),
    ],
)
def test_which_addresses_count_as_one(one: str, other: str, same: bool) -> None:
    assert (address_key(one) == address_key(other)) == same
    assert len(address_key("x" * 500)) <= 80


def attempt(world: World, email: str, password: str, address: str) -> int:
    """Try to sign in; returns the status, 200 for a success, 0 where it is not said how long to wait."""
    sign_in = world.gateway.identity.sign_in
    try:
        sign_in.submit(sign_in.request(QUERY), email, password, address)
    except Problem as problem:
        return problem.status if (problem.retry_after is not None) == (problem.status == 429) else 0
    return 200


def test_an_address_nobody_has_waits_like_one_that_somebody_has(world: World) -> None:
    known = [attempt(world, "ada@example.test", "wrong", "") for _ in range(10)]
    unknown = [attempt(world, "nobody@example.test", "wrong", "") for _ in range(10)]
    assert known == unknown == [401] * 8 + [429] * 2


def test_a_network_address_waits_whoever_it_tries(world: World) -> None:
    tried = [attempt(world, f"user{n}@example.test", "wrong", "192.0.2.7") for n in range(45)]
    assert tried == [401] * 40 + [429] * 5
    assert attempt(world, "ada@example.test", "correct horse", "192.0.2.7") == 429
    assert attempt(world, "ada@example.test", "correct horse", "192.0.2.8") == 200
    world.clock.forward(15 * 60)
    assert attempt(world, "ada@example.test", "correct horse", "192.0.2.7") == 200


def test_who_waits_does_not_make_others_wait(world: World) -> None:
    for n in range(40):
        attempt(world, f"user{n}@example.test", "wrong", "192.0.2.7")
    assert [attempt(world, "ada@example.test", "wrong", "192.0.2.7") for _ in range(9)] == [429] * 9
    assert attempt(world, "ada@example.test", "correct horse", "192.0.2.8") == 200


def test_an_office_that_signs_in_rightly_never_waits(world: World) -> None:
    assert {attempt(world, "ada@example.test", "correct horse", "192.0.2.7") for _ in range(100)} == {200}


def test_right_ones_in_between_do_not_forgive_an_address(world: World) -> None:
    """Somebody with an account of their own gets no more tries at others' by it."""
    tried = []
    for n in range(41):
        tried.append(attempt(world, f"user{n}@example.test", "wrong", "192.0.2.7"))
        attempt(world, "ada@example.test", "correct horse", "192.0.2.7")
    assert tried == [401] * 40 + [429]


def test_processes_count_together(world: World) -> None:
    for _ in range(4):
        attempt(world, "ada@example.test", "wrong", "")
    here, world.gateway = world.gateway, world.restarted()
    for _ in range(4):
        attempt(world, "ada@example.test", "wrong", "")
    world.gateway = here
    assert attempt(world, "ada@example.test", "correct horse", "") == 429


def test_old_tries_are_forgotten_and_addresses_are_not_kept(world: World) -> None:
    attempt(world, "ada@example.test", "wrong", "192.0.2.7")
    with world.database.read() as connection:
        kept = connection.execute(select(sign_in_try.c.who)).scalars().all()
    assert len(kept) == 2
    assert not any("ada" in who for who in kept)
    world.clock.forward(86401)
    world.gateway.tidy()
    with world.database.read() as connection:
        assert connection.execute(select(sign_in_try)).all() == []


def test_a_witness_hears_of_failures_and_locks(world: World) -> None:
    witness = witnessed(world)
    for _ in range(8):
        attempt(world, "ada@example.test", "wrong", "192.0.2.7")
    assert witness.names == ["sign_in_failed"] * 8 + ["account_locked"]
    assert {(user, device, facts["address"]) for _, user, device, facts in witness.events} == {
        (world.admin.user, "d1", "192.0.2.7")
    }
    attempt(world, "nobody@example.test", "wrong", "")
    assert witness.events[-1][:3] == ("sign_in_failed", "", "d1")


def test_the_page_says_how_long_to_wait(world: World) -> None:
    with browser(world) as client:
        sealed = hidden(client.get("/oauth/authorize", params=QUERY), "request")
        form = {"request": sealed, "email": "ada@example.test", "password": "wrong"}
        for _ in range(8):
            assert client.post("/oauth/authorize", data=form).status_code == 401
        answer = client.post("/oauth/authorize", data=form)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "300")
    assert "Too many tries" in answer.text
    assert code_from(world, email="olga@example.test")
