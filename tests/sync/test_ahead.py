"""The next page is on its way while the one before is being stored, and is used for its own question only."""

from __future__ import annotations

import threading

import pytest

from app.contract.errors import Unreachable
from app.sync.ahead import Ahead

SOON = 10.0


class Source:
    """Numbers as pages: the answer to n is 10 n, and what comes after it is n + 1, up to 9."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.fetched = threading.Semaphore(0)
        self.error: Exception | None = None
        self.ahead: Ahead[int, int] = Ahead(self.fetch, lambda ask, _: ask + 1 if ask < 9 else None)

    def fetch(self, ask: int) -> int:
        self.asked.append(ask)
        self.fetched.release()
        if self.error is not None:
            raise self.error
        return ask * 10

    def wait(self, times: int) -> None:
        for _ in range(times):
            assert self.fetched.acquire(timeout=SOON)


@pytest.fixture
def source() -> Source:
    return Source()


def test_the_next_page_is_asked_for_without_being_told_to(source: Source) -> None:
    assert source.ahead.get(1) == 10
    source.wait(2)
    assert source.asked == [1, 2]
    assert source.ahead.get(2) == 20
    source.wait(1)
    assert source.asked == [1, 2, 3]
    source.ahead.close()


def test_nothing_is_asked_for_after_the_last(source: Source) -> None:
    assert source.ahead.get(9) == 90
    source.ahead.close()
    assert source.asked == [9]


def test_another_question_gets_its_own_answer(source: Source) -> None:
    source.ahead.get(1)
    source.wait(2)
    assert source.ahead.get(5) == 50
    source.wait(2)
    assert source.asked == [1, 2, 5, 6]
    source.ahead.close()


def test_what_was_dropped_is_asked_for_again(source: Source) -> None:
    source.ahead.get(1)
    source.wait(2)
    source.ahead.forget()
    assert source.ahead.get(2) == 20
    source.wait(2)
    assert source.asked == [1, 2, 2, 3]
    source.ahead.close()


def test_what_is_too_old_is_asked_for_again(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    source.ahead.get(1)
    source.wait(2)
    monkeypatch.setattr("app.sync.ahead.FRESH", -1.0)
    assert source.ahead.get(2) == 20
    source.wait(2)
    assert source.asked == [1, 2, 2, 3]
    source.ahead.close()


def test_an_error_ahead_is_the_answer_of_the_call_it_was_for(source: Source) -> None:
    source.ahead.get(8)
    source.wait(2)
    source.error = Unreachable("Gone.")
    with pytest.raises(Unreachable):
        source.ahead.get(1)
    source.error = None
    source.wait(1)
    assert source.ahead.get(1) == 10
    source.ahead.close()


def test_after_the_end_nothing_is_left_running(source: Source) -> None:
    source.ahead.get(1)
    source.ahead.close()
    assert source.ahead.get(4) == 40
    source.ahead.close()
