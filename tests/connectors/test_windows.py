"""Pages in the order (time, id) over a system that sorts by one field and shows whole seconds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from gateway.crm.port import ChangedId, Ref
from gateway.crm.windows import keyset_page

_START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class _Coarse:
    """Rows with microseconds, told in seconds; among equal times it answers in no particular order."""

    def __init__(self, rows: dict[int, datetime], cap: int) -> None:
        self.rows = rows
        self.cap = cap

    def _told(self, keys: Sequence[int]) -> list[ChangedId]:
        assert len(keys) <= self.cap, "no question may bring more than the system gives"
        return [ChangedId(Ref("deal", str(key)), self.rows[key].replace(microsecond=0)) for key in keys]

    def within(self, instant: datetime, after: str | None, limit: int) -> list[ChangedId]:
        second = instant.replace(microsecond=0)
        keys = sorted(
            key
            for key, at in self.rows.items()
            if second <= at < second + timedelta(seconds=1) and (after is None or key > int(after))
        )
        return self._told(keys[:limit])

    def beyond(self, instant: datetime | None, limit: int) -> list[ChangedId]:
        since = (
            instant.replace(microsecond=0) + timedelta(seconds=1) if instant else _START - timedelta(days=1)
        )
        keys = sorted((key for key, at in self.rows.items() if at >= since), key=lambda key: self.rows[key])
        return self._told(keys[:limit])

    def page(self, since: datetime | None, after: str | None, limit: int) -> Sequence[ChangedId]:
        return keyset_page(self.within, self.beyond, since, after, limit)


def _walk(system: _Coarse, limit: int) -> list[str]:
    found: list[str] = []
    since, after = None, None
    while True:
        page = system.page(since, after, limit)
        assert list(page) == sorted(page, key=lambda entry: (entry.modified_at, int(entry.ref.id)))
        found += [entry.ref.id for entry in page]
        if len(page) < limit:
            return found
        since, after = page[-1].modified_at, page[-1].ref.id


def test_every_row_comes_once_however_they_lie_in_time() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        many, spread = rng.choice((0, 1, 7, 40, 130)), rng.choice((1, 3, 20, 400))
        rows = {
            key: _START + timedelta(seconds=rng.randrange(spread), microseconds=rng.randrange(1_000_000))
            for key in range(1, many + 1)
        }
        limit = rng.choice((1, 2, 3, 7, 50))
        found = _walk(_Coarse(rows, limit), limit)
        assert sorted(found, key=int) == [str(key) for key in rows], (seed, many, spread, limit)
        assert len(set(found)) == len(found), seed


def test_more_rows_of_one_instant_than_any_question_gives() -> None:
    rows = {key: _START + timedelta(microseconds=key) for key in range(1, 10_051)}
    assert _walk(_Coarse(rows, 200), 200) == [str(key) for key in rows]


@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_a_later_write_in_the_same_second_is_listed_again(microsecond: int) -> None:
    rows = {1: _START, 2: _START + timedelta(microseconds=microsecond)}
    page = _Coarse(rows, 10).page(_START, None, 10)
    assert [entry.ref.id for entry in page] == ["1", "2"]
