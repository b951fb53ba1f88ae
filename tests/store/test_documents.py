"""Bytes in chunks: added, pulled, proven, evicted, and never lost while somebody needs them."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from app.contract.mutations import Kind
from app.store.database import Store
from app.store.documents import CHUNK
from app.store.drafts import Draft, DraftChild
from app.store.states import BlobState, Direction
from tests.store import world
from tests.store.world import DEAL, DOCUMENT, FILE, LATER, NOW, gid, mutation, puts, row


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def pulled(store: Store, content: bytes, minutes: int = 0) -> str:
    """A complete blob from the gateway, last used so many minutes after NOW."""
    used = NOW + timedelta(minutes=minutes)
    store.blobs.want(sha(content), len(content), "application/pdf", "doc.pdf", used)
    store.blobs.append(sha(content), 0, content)
    assert store.blobs.finish(sha(content), used)
    return sha(content)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17])
def test_a_file_comes_back_as_it_was(store: Store, tmp_path: Path, size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    file = tmp_path / "evidence.bin"
    file.write_bytes(content)
    blob = store.blobs.add_file(file, "application/octet-stream", "evidence.bin", NOW)
    assert (blob.sha256, blob.size, blob.have, blob.state) == (sha(content), size, size, BlobState.COMPLETE)
    assert (blob.direction, blob.unsent, blob.verified_at) == (Direction.UP, True, NOW)
    assert store.blobs.content(blob.sha256) == content
    assert b"".join(store.blobs.read(blob.sha256, 10, CHUNK + 5)) == content[10 : CHUNK + 5]
    assert store.connection.value("SELECT max(length(data)) FROM blob_chunk") in {None, min(size, CHUNK)}


def test_bytes_that_are_not_what_was_said_are_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="changed while they were read"):
        store.blobs.add("0" * 64, 3, "text/plain", "x", [b"abc"], NOW)
    assert store.blobs.get("0" * 64) is None
    assert store.connection.value("SELECT count(*) FROM blob_chunk") == 0


def test_the_same_bytes_are_kept_once(store: Store) -> None:
    for name in ("one", "two"):
        store.blobs.add(sha(b"abc"), 3, "text/plain", name, [b"abc"], NOW)
    assert store.connection.value("SELECT count(*) FROM blob_chunk") == 1


def test_a_pull_goes_on_where_it_was_cut(path: Path, store: Store) -> None:
    content = bytes(index % 253 for index in range(2 * CHUNK + 100))
    name = sha(content)
    store.blobs.want(name, len(content), "application/pdf", "doc.pdf", NOW)
    assert [one.sha256 for one in store.blobs.downloads()] == [name]
    assert store.blobs.append(name, 0, content[:1000]) == 1000
    for offset in (0, 999, 1001):
        with pytest.raises(ValueError, match="do not belong"):
            store.blobs.append(name, offset, b"x")
    with pytest.raises(KeyError):
        store.blobs.content(name)
    with Store.open(path, world.KEY) as again:
        have = again.blobs.want(name, len(content), "application/pdf", "doc.pdf", LATER).have
        for at in range(have, len(content), 70_000):
            again.blobs.append(name, at, content[at : at + 70_000])
        with pytest.raises(ValueError, match="do not belong"):
            again.blobs.append(name, len(content), b"more than was said")
        assert again.blobs.finish(name, LATER)
    assert store.blobs.content(name) == content
    assert store.blobs.downloads() == []
    assert store.connection.value("SELECT count(*) FROM blob_chunk") == 3


def test_wrong_bytes_are_thrown_away(store: Store) -> None:
    store.blobs.want("0" * 64, 3, "application/pdf", "doc.pdf", NOW)
    store.blobs.append("0" * 64, 0, b"abc")
    assert not store.blobs.finish("0" * 64, NOW)
    blob = store.blobs.get("0" * 64)
    assert blob is not None
    assert (blob.have, blob.state, blob.wanted, blob.error) == (
        0,
        BlobState.PARTIAL,
        False,
        "What arrived was not this document.",
    )
    assert store.connection.value("SELECT count(*) FROM blob_chunk") == 0
    assert store.blobs.want("0" * 64, 3, "application/pdf", "doc.pdf", LATER).error == ""


def test_a_byte_that_changed_on_this_computer_is_noticed(store: Store) -> None:
    name = pulled(store, b"price list")
    assert store.blobs.verify(name, LATER)
    store.connection.run("UPDATE blob_chunk SET data = ?", (b"price LIST",))
    assert not store.blobs.verify(name, LATER)
    blob = store.blobs.get(name)
    assert blob is not None
    assert (blob.have, blob.state) == (0, BlobState.PARTIAL)


def test_damaged_bytes_that_exist_nowhere_else_are_not_thrown_away(store: Store) -> None:
    store.blobs.add(sha(b"abc"), 3, "text/plain", "x", [b"abc"], NOW)
    store.connection.run("UPDATE blob_chunk SET data = ?", (b"abX",))
    assert not store.blobs.verify(sha(b"abc"), LATER)
    assert store.blobs.content(sha(b"abc")) == b"abX"


def test_giving_up_a_pull(store: Store) -> None:
    store.blobs.want("0" * 64, 9, "application/pdf", "doc.pdf", NOW)
    store.blobs.append("0" * 64, 0, b"abc")
    store.blobs.fail("0" * 64, "No longer there.")
    blob = store.blobs.get("0" * 64)
    assert blob is not None
    assert (blob.error, blob.wanted, blob.have) == ("No longer there.", False, 3)
    store.blobs.cancel("0" * 64)
    assert store.blobs.get("0" * 64) is None
    whole = pulled(store, b"whole")
    store.blobs.cancel(whole)
    assert store.blobs.content(whole) == b"whole"


def test_what_is_to_be_sent_follows_the_outbox(store: Store) -> None:
    first, second, draft = (
        store.blobs.add(sha(c), 1, "text/plain", "x", [c], NOW).sha256 for c in (b"1", b"2", b"3")
    )
    store.drafts.save(Draft(gid(9), DEAL, {}, NOW, (DraftChild(FILE, gid(8), {"sha256": draft}),)))
    assert store.blobs.uploads() == []
    store.outbox.enqueue(mutation("b", 2, Kind.APPEND, FILE), "File", blobs=[second])
    store.outbox.enqueue(mutation("a", 1, Kind.APPEND, FILE), "File", blobs=[first, second])
    assert [one.sha256 for one in store.blobs.uploads()] == [second, first]
    store.blobs.mark_sent(second)
    assert [one.sha256 for one in store.blobs.uploads()] == [first]
    store.blobs.mark_unsent(second)
    store.outbox.quarantine("a", {"kind": "rejected", "message": "no"})
    assert [one.sha256 for one in store.blobs.uploads()] == [second]


def test_eviction_takes_the_least_used_and_never_what_is_needed(store: Store) -> None:
    size = 1000
    contents = {
        name: name[0].encode() * size
        for name in ("old", "young", "pinned", "unsent", "drafted", "queued", "half")
    }
    shas = {
        name: pulled(store, contents[name], minutes)
        for minutes, name in enumerate(contents)
        if name != "half"
    }
    store.blobs.pin(shas["pinned"], True)
    store.blobs.mark_unsent(shas["unsent"])
    store.drafts.save(Draft(gid(9), DEAL, {}, NOW, (DraftChild(FILE, gid(8), {"sha256": shas["drafted"]}),)))
    store.outbox.enqueue(mutation("q", 1, Kind.APPEND, FILE), "File", blobs=[shas["queued"]])
    half = sha(contents["half"])
    store.blobs.want(half, size, "application/pdf", "x", NOW)
    store.blobs.append(half, 0, contents["half"][:500])
    rows = [row(n, entity=DOCUMENT, title=name, sha256=value) for n, (name, value) in enumerate(shas.items())]
    store.mirror.apply_puts(puts(rows), world.manifest())

    assert store.blobs.evict(10 * size) == 0
    assert store.blobs.evict(5 * size) == size
    assert store.blobs.get(shas["old"]) is None
    store.blobs.touch(shas["young"], LATER)
    assert store.blobs.evict(0) == size
    left = {one.sha256 for one in store.blobs.all()}
    assert left == {shas["pinned"], shas["unsent"], shas["drafted"], shas["queued"], half}
    assert store.connection.value("SELECT count(*) FROM blob_chunk") == 5
    usage = store.blobs.usage()
    assert (usage.documents, usage.unsent) == (3 * size + 500, size)
    assert usage.records > 0


def test_bytes_nobody_names_are_let_go_even_when_pinned(store: Store) -> None:
    name = pulled(store, b"secret list")
    store.blobs.pin(name, True)
    store.blobs.release({name, "f" * 64})
    assert store.blobs.get(name) is None


def test_space_that_was_freed_is_used_again(path: Path, store: Store) -> None:
    sizes = []
    for count in range(4):
        content = bytes([count]) * (4 * CHUNK)
        pulled(store, content)
        store.blobs.release({sha(content)})
        store.connection.truncate_log()
        sizes.append(path.stat().st_size)
    assert sizes[-1] < sizes[0] + CHUNK


def test_an_unknown_blob(store: Store) -> None:
    assert store.blobs.get("f" * 64) is None
    assert not store.blobs.named("f" * 64)
    for call in (store.blobs.content, lambda name: [*store.blobs.read(name)]):
        with pytest.raises(KeyError):
            call("f" * 64)
    with pytest.raises(KeyError):
        store.blobs.append("f" * 64, 0, b"")
