"""Nothing readable is on the disk: not in the file, not in its log, not in what lies between."""

from __future__ import annotations

import hashlib
import sys
import threading
from pathlib import Path

from app.store.database import Store
from app.store.pages import PAGE_SIZE, PageReader, key_fits, salt_of
from tests.store import world

CANARY = "canary-Xq7-wharf"


def test_no_word_of_a_record_is_readable(path: Path, store: Store) -> None:
    store.mirror.apply_puts(world.puts([world.row(1, title=CANARY, customer=CANARY)]), world.manifest())
    store.settings.put("session.token", CANARY)
    store.blobs.add(
        hashlib.sha256(CANARY.encode()).hexdigest(),
        len(CANARY),
        "text/plain",
        CANARY,
        [CANARY.encode()],
        world.NOW,
    )
    assert CANARY.encode() in world.all_plain_bytes(path), "the check below must be able to see it"
    files = sorted(path.parent.iterdir())
    assert any(file.name.endswith("-wal") and file.stat().st_size > 0 for file in files)
    for file in files:
        content = file.read_bytes()
        assert CANARY.encode() not in content
        assert b"SQLite format" not in content
    store.connection.truncate_log()
    assert CANARY.encode() not in path.read_bytes()


if sys.platform == "linux":

    def test_the_copy_made_while_the_file_is_rewritten_is_encrypted(path: Path, store: Store) -> None:
        rows = [world.row(n, title=f"{CANARY} {n} " * 30) for n in range(3000)]
        store.mirror.apply_puts(world.puts(rows), world.manifest())
        store.connection.truncate_log()
        store.connection.run("PRAGMA cache_size = 20")
        seen: dict[str, bytes] = {}
        stop = threading.Event()
        watcher = threading.Thread(target=_watch_open_files, args=(seen, stop))
        watcher.start()
        store.connection.rewrite()
        stop.set()
        watcher.join()
        assert any(seen.values()), "the copy lies on the disk"
        assert not any(CANARY.encode() in content or b"SQLite format" in content for content in seen.values())


def _watch_open_files(seen: dict[str, bytes], stop: threading.Event) -> None:
    """Read the start of every temporary file of SQLite that this process has open; it has no name to be found by."""
    while not stop.is_set():
        for entry in Path("/proc/self/fd").iterdir():
            try:
                target = str(entry.readlink())
                if "etilqs" in target:
                    with entry.open("rb") as file:
                        seen[target] = file.read(1 << 20) or seen.get(target, b"")
            except OSError:
                continue


def test_each_page_proves_itself(path: Path, new_store: Store) -> None:
    new_store.connection.truncate_log()
    content = path.read_bytes()
    reader = PageReader(world.KEY)
    pages = [content[at : at + PAGE_SIZE] for at in range(0, len(content), PAGE_SIZE)]
    assert all(reader.authentic(page, number) for number, page in enumerate(pages, 1))
    assert not reader.authentic(pages[1], 3), "a page in another one's place"
    changed = bytearray(pages[1])
    changed[77] ^= 1
    assert not reader.authentic(bytes(changed), 2)
    assert key_fits(path, world.KEY)
    assert not key_fits(path, bytes(32))


def test_the_salt_belongs_to_the_key_for_good() -> None:
    """Files that are out there open with it: a change here would close them all."""
    assert salt_of(world.KEY).hex() == "e65a0017f769a2f36d1bea1c61b60b47"
