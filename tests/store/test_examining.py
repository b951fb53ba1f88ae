"""A store is looked at without a byte of it being changed, whatever state it is in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from app.contract.errors import StoreDamaged, WrongKey
from app.store.database import Store
from app.store.examining import inside, outside
from app.store.pages import PAGE_SIZE
from tests.services.conftest import KEY, open_world


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "store.db"
    world = open_world(made)
    world.portal.drafts.start("request", {"subject": "Demo unit"})
    world.store.close()
    return made


def files(path: Path) -> dict[str, str]:
    """What the file and its log hold; a log of nothing is as good as none."""
    found = sorted(
        one for one in path.parent.iterdir() if not one.name.endswith("-shm") and one.stat().st_size
    )
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in found}


def test_a_store_at_rest_is_whole_and_stays_as_it_is(path: Path) -> None:
    before = files(path)
    seen, found = outside(path), inside(path, KEY, 5.0)
    assert (seen.whole_pages, seen.log, seen.size % PAGE_SIZE) == (True, 0, 0)
    assert (found.intact, found.pending, found.unknown, found.drafts) == (True, 0, 0, 1)
    assert found.cipher
    assert files(path) == before


def test_what_stands_in_the_log_is_seen_and_stays_there(path: Path) -> None:
    with Store.open(path, KEY) as held:
        held.connection.run("INSERT INTO setting VALUES('x', '1')")
        before = files(path)
        assert outside(path).log > 0
        assert inside(path, KEY, 5.0).intact is True
        assert files(path) == before


def test_a_log_that_a_killed_process_left_is_not_folded_in(path: Path, tmp_path: Path) -> None:
    left = tmp_path / "left"
    left.mkdir()
    with Store.open(path, KEY) as held:
        held.connection.run("INSERT INTO setting VALUES('x', '1')")
        for name in ("store.db", "store.db-wal"):
            (left / name).write_bytes((path.parent / name).read_bytes())
    before = files(left / "store.db")
    assert len(before) == 2
    assert inside(left / "store.db", KEY, 5.0).intact is True
    assert files(left / "store.db") == before


def test_another_key_is_told_from_damage(path: Path) -> None:
    with pytest.raises(WrongKey):
        inside(path, bytes(32), 5.0)
    data = bytearray(path.read_bytes())
    data[:PAGE_SIZE] = bytes(PAGE_SIZE)
    path.write_bytes(data)
    with pytest.raises(StoreDamaged):
        inside(path, KEY, 5.0)


def test_a_page_that_was_changed_is_found(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-PAGE_SIZE + 100] ^= 1
    path.write_bytes(data)
    assert inside(path, KEY, 5.0).intact is False


def test_a_newer_schema_is_told_and_nothing_of_it_is_read(path: Path) -> None:
    with Store.open(path, KEY) as store:
        store.connection.run(
            "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES('store', 'm999_later', '')"
        )
    found = inside(path, KEY, 5.0)
    assert (found.unknown, found.records) == (1, 0)


def test_without_time_it_says_that_it_did_not_look_at_all_of_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.store import connection as module

    rows = module.Connection.rows

    def slow(self: module.Connection, sql: str, params: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        if "quick_check" in sql:
            sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        return rows(self, sql, params)

    monkeypatch.setattr(module.Connection, "rows", slow)
    assert inside(path, KEY, 0.05).intact is None
