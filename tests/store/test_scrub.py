"""The scrub after a revocation: what delays it, what it leaves due, what it does not do twice."""

from __future__ import annotations

import shutil
from enum import StrEnum
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.contract.errors import DiskFull
from app.store.database import Store
from app.store.failpoints import StorePoint
from tests.store import world
from tests.store.test_revocation import SECRET, apply, residue
from tests.store.world import gid, row, shown


def test_what_is_due_survives_a_restart(path: Path, store: Store) -> None:
    apply(store, row(1, title=SECRET))
    store.mirror.remove(gid(1), "revoked")
    store.close()
    with Store.open(path, world.KEY) as again:
        assert again.scrub_due
        assert again.scrub()
        assert not residue(again, path)


def test_a_reader_delays_a_scrub_and_does_not_break_it(path: Path, store: Store) -> None:
    apply(store, row(1, title=SECRET))
    store.connection.run("PRAGMA busy_timeout = 1")
    with Store.open(path, world.KEY) as reader:
        with reader.reading():
            assert shown(reader, 1) == {"title": SECRET}
            store.mirror.remove(gid(1), "revoked")
            assert not store.scrub()
            assert store.scrub_due
            assert shown(reader, 1) == {"title": SECRET}
        assert store.scrub()
        assert not residue(store, path)


def test_a_file_that_was_written_anew_is_not_once_more_because_of_its_log(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrites: list[bool] = []
    rewrite = store.connection.rewrite

    def counted(*, gives_way: bool) -> None:
        rewrites.append(gives_way)
        rewrite(gives_way=gives_way)

    monkeypatch.setattr(store.connection, "rewrite", counted)
    apply(store, row(1, title=SECRET), row(2, title=SECRET))
    store.mirror.remove(gid(1), "revoked")
    with monkeypatch.context() as patch:
        patch.setattr(store.connection, "truncate_log", lambda: False)
        assert not store.scrub()
        assert not store.scrub()
    assert len(rewrites) == 1
    assert store.scrub()
    assert len(rewrites) == 1

    store.mirror.remove(gid(2), "revoked")
    assert store.scrub()
    assert len(rewrites) == 2, "what is revoked later is another matter"


@pytest.mark.parametrize("point", [StorePoint.CONDENSED, StorePoint.REWRITTEN, StorePoint.LOG_EMPTIED])
def test_what_another_process_revokes_amid_a_scrub_is_still_due_after_it(
    path: Path, store: Store, point: StorePoint
) -> None:
    apply(store, row(1, title="x"), row(2, title=f"{SECRET} {SECRET}"))
    store.mirror.remove(gid(1), "revoked")

    def meanwhile(reached: StrEnum) -> None:
        if reached is point:
            store.failpoints.hook = None
            with Store.open(path, world.KEY) as other:
                other.mirror.remove(gid(2), "revoked")

    store.failpoints.hook = meanwhile
    store.scrub()
    assert store.cursors.scrub_due
    assert store.scrub()
    assert not residue(store, path)
    assert not store.cursors.scrub_due


def test_without_room_the_file_is_left_as_it_is(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(store, row(1, title=SECRET))
    store.mirror.remove(gid(1), "revoked")
    store.connection.truncate_log()
    needed = 2 * path.stat().st_size
    free = [needed - 1]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free[0]))
    before = path.read_bytes()
    with pytest.raises(DiskFull):
        store.scrub()
    assert store.scrub_due
    assert path.read_bytes() == before
    assert path.with_name(path.name + "-wal").stat().st_size == 0
    free[0] = needed
    assert store.scrub()
    assert not residue(store, path)


def test_a_scrub_has_its_place_outside_a_transaction(store: Store) -> None:
    with store.transaction(), pytest.raises(ValueError, match="inside a transaction"):
        store.scrub()
    assert store.scrub(), "nothing is due"
