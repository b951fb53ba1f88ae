"""Whose turn it is, since when, and how much time is left: a table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.services.answer_clock import AnswerClock, Said, Turn, read


def at(hour: int, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, 0, tzinfo=UTC)


MINE, THEIRS, WAITS = Said(False, at(8)), Said(True, at(9)), Said(False, None)
NOW = at(10)


@pytest.mark.parametrize(
    ("waits_on", "due", "said", "expected"),
    [
        pytest.param("", at(14), (MINE,), None, id="nobody has to answer"),
        pytest.param("somebody", at(14), (MINE,), None, id="a word of tomorrow"),
        pytest.param(
            "vendor", at(12), (MINE,), AnswerClock(Turn.VENDOR, at(8), at(12), 0.5, False, False), id="runs"
        ),
        pytest.param(
            "vendor",
            at(12),
            (),
            AnswerClock(Turn.VENDOR, at(6), at(12), 4 / 6, False, False),
            id="just raised",
        ),
        pytest.param(
            "vendor",
            at(12),
            (THEIRS, Said(False, at(9)), Said(False, at(10))),
            AnswerClock(Turn.VENDOR, at(9), at(12), 1 / 3, False, False),
            id="since the first of several",
        ),
        pytest.param(
            "vendor", at(9), (MINE,), AnswerClock(Turn.VENDOR, at(8), at(9), 1.0, True, False), id="overdue"
        ),
        pytest.param(
            "vendor",
            None,
            (MINE,),
            AnswerClock(Turn.VENDOR, at(8), None, 0.0, False, False),
            id="no time set",
        ),
        pytest.param(
            "partner",
            at(11),
            (MINE, THEIRS),
            AnswerClock(Turn.PARTNER, at(9), at(11), 0.5, False, True),
            id="my turn: the vendor's time stands still",
        ),
        pytest.param(
            "partner",
            at(11),
            (MINE, THEIRS, WAITS),
            AnswerClock(Turn.SENDING, None, None, 0.0, False, True),
            id="answered, not sent yet",
        ),
        pytest.param(
            "vendor",
            at(7),
            (Said(False, at(12)),),
            AnswerClock(Turn.VENDOR, at(12), at(7), 0.0, True, False),
            id="a clock that is wrong divides by nothing",
        ),
    ],
)
def test_the_clock(
    waits_on: str, due: datetime | None, said: tuple[Said, ...], expected: AnswerClock | None
) -> None:
    found = read(waits_on, due, at(6), said, NOW)
    if expected is None or found is None:
        assert found is expected
        return
    assert found.share == pytest.approx(expected.share)
    assert vars(found) | {"share": 0} == vars(expected) | {"share": 0}
