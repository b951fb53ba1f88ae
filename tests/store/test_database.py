"""Opening, transactions, and what the outside world does to a file."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.contract.errors import DiskFull, LocalError, StoreBusy, StoreDamaged, UpdateNeeded, WrongKey
from app.store.cipher import dbapi2
from app.store.connection import BUSY_TIMEOUT
from app.store.database import Store
from app.store.pages import PAGE_SIZE, key_pragma
from tests.store import world


def test_a_new_file_is_made_and_opened_again(path: Path) -> None:
    with Store.open(path, world.KEY) as store:
        store.settings.put("greeting", {"text": "hello"})
    with Store.open(path, world.KEY) as store:
        assert store.settings.get("greeting") == {"text": "hello"}


def test_durability_and_secrecy_are_switched_on(new_store: Store) -> None:
    value = new_store.connection.value
    assert value("PRAGMA journal_mode") == "wal"
    assert value("PRAGMA synchronous") == 2, "FULL: what was said to be saved survives a power cut"
    assert value("PRAGMA secure_delete") == 1
    assert value("PRAGMA foreign_keys") == 1
    assert value("PRAGMA trusted_schema") == 0


def test_a_file_larger_than_what_is_kept_in_memory_is_whole_after_it_was_written_anew(
    path: Path, store: Store
) -> None:
    rows = [world.row(n, title=f"{n} " * 200) for n in range(2000)]
    store.mirror.apply_puts(world.puts(rows), world.manifest())
    store.connection.run(
        "PRAGMA cache_size = 20"
    )  # pages; the copy in between goes to the disk with the rest
    before = store.proofs.counts()
    store.connection.rewrite()
    assert store.connection.value("PRAGMA integrity_check") == "ok"
    store.close()
    with Store.open(path, world.KEY) as again:
        assert again.connection.rows("PRAGMA cipher_integrity_check") == []
        assert again.connection.value("PRAGMA integrity_check") == "ok"
        assert again.proofs.counts() == before


def test_another_key_does_not_open_it_and_leaves_it_alone(path: Path) -> None:
    Store.open(path, world.KEY).close()
    before = path.read_bytes()
    with pytest.raises(WrongKey):
        Store.open(path, bytes(32))
    assert path.read_bytes() == before
    Store.open(path, world.KEY).close()


@pytest.mark.parametrize("start", [0, 16, 100])
def test_a_broken_first_page_is_damage_and_not_a_wrong_key(path: Path, start: int) -> None:
    Store.open(path, world.KEY).close()
    content = bytearray(path.read_bytes())
    content[start : start + 64] = bytes(64)
    path.write_bytes(content)
    with pytest.raises(StoreDamaged):
        Store.open(path, world.KEY)


def test_a_cut_off_file_is_damage(path: Path) -> None:
    Store.open(path, world.KEY).close()
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(StoreDamaged):
        Store.open(path, world.KEY)


def test_a_page_that_breaks_later_is_damage_when_it_is_read(path: Path) -> None:
    with Store.open(path, world.KEY) as store:
        world.complete(store)
        store.mirror.apply_puts(
            world.puts(world.row(n, title="x" * 500) for n in range(200)), world.manifest()
        )
    content = bytearray(path.read_bytes())
    for page in range(30, len(content) // PAGE_SIZE):
        content[page * PAGE_SIZE + 50 : page * PAGE_SIZE + 60] = b"0123456789"
    path.write_bytes(content)
    with Store.open(path, world.KEY) as store, pytest.raises(StoreDamaged):
        list(store.mirror.hashes(rehash=True))


def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    with Store.open(path, world.KEY) as store:
        store.connection.run(
            "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES('store', 'm999_future', '')"
        )
    with pytest.raises(UpdateNeeded):
        Store.open(path, world.KEY)


def test_a_step_that_fails_leaves_no_half_schema(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.store.migrations import steps

    monkeypatch.setattr(steps, "_TABLES", (*steps._TABLES, "CREATE TABLE broken("))
    with pytest.raises(dbapi2.OperationalError):
        Store.open(path, world.KEY)
    monkeypatch.undo()
    with Store.open(path, world.KEY) as store:
        assert store.proofs.counts() == {}


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="cannot be opened"):
        Store.open(tmp_path / "missing" / "store.db", world.KEY)


def put_and_fail(store: Store, name: str) -> None:
    with store.transaction():
        store.settings.put(name, 1)
        raise RuntimeError


def test_a_failed_block_takes_back_everything(store: Store) -> None:
    with pytest.raises(RuntimeError):
        put_and_fail(store, "a.b")
    assert store.settings.get("a.b") is None


def test_an_inner_block_that_fails_takes_back_only_its_own(store: Store) -> None:
    with store.transaction():
        store.settings.put("outer", 1)
        with pytest.raises(RuntimeError):
            put_and_fail(store, "inner")
        store.settings.put("after", 1)
    assert store.settings.keys() == ("after", "outer")


def put_all(store: Store, values: dict[str, object]) -> None:
    with store.transaction():
        for name, value in values.items():
            store.settings.put(name, value)


def test_a_full_disk_is_told_and_nothing_is_half_written(store: Store) -> None:
    store.settings.put("before", "x")
    pages = store.connection.value("PRAGMA page_count")
    store.connection.run(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(DiskFull) as caught:
        put_all(store, {"small": 1, "large": "x" * 1_000_000})
    assert caught.value.kept == "What was saved before is kept."
    assert store.settings.keys() == ("before",)
    store.connection.run("PRAGMA max_page_count = 1000000")
    store.settings.put("small", 1)
    assert store.settings.keys() == ("before", "small")


def test_a_store_held_by_another_writer_is_busy(path: Path, store: Store) -> None:
    with Store.open(path, world.KEY) as other:
        assert other.connection.value("PRAGMA busy_timeout") == BUSY_TIMEOUT
        other.connection.run("PRAGMA busy_timeout = 1")
        with store.transaction(), pytest.raises(StoreBusy):
            other.settings.put("x", 1)
        other.settings.put("x", 1)


def test_a_reader_sees_one_state(path: Path, store: Store) -> None:
    with Store.open(path, world.KEY) as reader:
        with reader.reading():
            assert reader.settings.get("x") is None
            store.settings.put("x", 1)
            assert reader.settings.get("x") is None
        assert reader.settings.get("x") == 1


def test_a_block_that_only_reads_refuses_to_write(store: Store) -> None:
    with store.reading(), pytest.raises(ValueError, match="only reads"):
        store.settings.put("x", 1)


@pytest.mark.parametrize("round_", range(8))
def test_many_threads_open_a_new_file_at_once_and_lose_nothing(path: Path, round_: int) -> None:
    start = threading.Barrier(6)
    failures: list[BaseException] = []

    def work(name: int) -> None:
        try:
            start.wait()
            with Store.open(path, world.KEY) as store:
                for count in range(3):
                    store.settings.put(f"thread.{name}.{count}", round_)
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Store.open(path, world.KEY) as store:
        assert len(store.settings.keys("thread.")) == 18


def test_opening_waits_for_another_one_that_has_just_made_the_file(path: Path) -> None:
    """A file cannot be switched to a log while anybody is about to write, and SQLite does not wait for that."""
    other = dbapi2.connect(str(path), isolation_level=None)
    other.execute(key_pragma(world.KEY))
    other.execute(f"PRAGMA cipher_page_size = {PAGE_SIZE}")
    other.execute("CREATE TABLE made(x)")
    other.execute("BEGIN IMMEDIATE")
    opened: list[str] = []

    def work() -> None:
        with Store.open(path, world.KEY) as store:
            opened.append(store.connection.value("PRAGMA journal_mode"))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(timeout=0.1)
    assert thread.is_alive(), "it waits"
    other.execute("COMMIT")
    thread.join()
    other.close()
    assert opened == ["wal"]


_PROCESS = """
import sys
from pathlib import Path
from app.store.database import Store
from app.store.pages import key_pragma
with Store.open(Path(sys.argv[1]), bytes(range(32))) as store:
    for count in range(20):
        store.settings.put(f"process.{sys.argv[2]}.{count}", count)
"""


def test_several_processes_share_the_file(path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROCESS, str(path), str(name)], cwd=Path(__file__).parents[2]
        )
        for name in range(2)
    ]
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    with Store.open(path, world.KEY) as store:
        assert len(store.settings.keys("process.")) == 40


def test_a_connection_stays_on_its_thread(store: Store) -> None:
    caught: list[BaseException] = []

    def use() -> None:
        try:
            store.settings.get("x")
        except dbapi2.ProgrammingError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(caught) == 1
