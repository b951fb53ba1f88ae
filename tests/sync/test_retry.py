"""Waits between tries, as a table."""

from __future__ import annotations

import pytest

from app.sync.retry import LONGEST_ASKED, Backoff, Failures


class Low:
    """Chance that always draws the lower end."""

    def uniform(self, a: float, _b: float, /) -> float:
        return a


class High:
    """Chance that always draws the upper end."""

    def uniform(self, _a: float, b: float, /) -> float:
        return b


@pytest.mark.parametrize(
    ("attempt", "asked", "lowest", "highest"),
    [
        pytest.param(1, None, 1, 1, id="the first wait is the shortest"),
        pytest.param(2, None, 1, 2, id="then they grow twofold"),
        pytest.param(4, None, 1, 8, id="and are spread over what they have grown to"),
        pytest.param(20, None, 1, 300, id="up to a ceiling"),
        pytest.param(10_000, None, 1, 300, id="also after a week without a gateway"),
        pytest.param(1, 30, 30, 33, id="a wait asked for is never undercut"),
        pytest.param(1, 600, 600, 605, id="and spread by little"),
        pytest.param(5, 1e9, LONGEST_ASKED, LONGEST_ASKED + 5, id="an absurd one does not strand work"),
        pytest.param(3, 0, 1, 4, id="nought asked for is nothing asked for"),
        pytest.param(3, -5, 1, 4, id="neither is less than nought"),
    ],
)
def test_delay(attempt: int, asked: float | None, lowest: float, highest: float) -> None:
    backoff = Backoff()
    assert backoff.delay(attempt, Low(), asked) == lowest
    assert backoff.delay(attempt, High(), asked) == highest


def test_a_named_moment_holds_against_impatience() -> None:
    failures = Failures(Backoff())
    failures.failed(100.0, Low(), retry_after=30)
    assert failures.remaining(100.0) == 30
    assert failures.remaining(110.0, impatient=True) == 20


def test_an_own_wait_is_cut_short_when_it_seems_to_work_again() -> None:
    failures = Failures(Backoff())
    for _ in range(5):
        failures.failed(100.0, High())
    assert failures.remaining(100.0) == 16
    assert failures.remaining(100.0, impatient=True) == 0


def test_success_forgets_failures() -> None:
    failures = Failures(Backoff())
    failures.failed(0.0, High(), retry_after=60)
    failures.succeeded()
    assert failures.remaining(0.0) == 0
    assert failures.failed(0.0, High()) == 1
