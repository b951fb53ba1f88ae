"""What files come to is reckoned once, and remembered by all processes, as long as somebody asks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from gateway.crm.digests import Digests, KnownFile, MemoryDigests, StoredDigests, digest_of
from gateway.tables import file_digest
from tests.gateway.world import World

KNOWN = KnownFile("a" * 64, 3 * 1024**3)


def stored(world: World) -> StoredDigests:
    """What a connector in one process is handed."""
    return StoredDigests(world.database, world.clock)


def how_many(world: World) -> int:
    """How many are noted."""
    with world.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(file_digest)).scalar_one())


def test_what_one_process_has_noted_another_knows(world: World) -> None:
    key = "attachment/7/" + "é" * 300  # whatever a system has for an id
    assert stored(world).get(key) is None
    stored(world).put(key, KNOWN)
    assert stored(world).get(key) == KNOWN
    assert stored(world).get("attachment/8") is None


def test_what_two_processes_note_at_once_is_noted_once(world: World) -> None:
    newer = KnownFile("b" * 64, 4)
    stored(world).put("file", KNOWN)
    stored(world).put("file", newer)
    assert stored(world).get("file") == newer
    assert how_many(world) == 1


@pytest.mark.parametrize("kind", ["memory", "stored"])
def test_bytes_are_read_once(world: World, kind: str) -> None:
    digests: Digests = MemoryDigests() if kind == "memory" else stored(world)
    read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read
        read += 1
        yield b"Price list "
        yield b"2027"

    found = [digest_of(digests, "doc/1/v3", pieces) for _ in range(3)]
    assert found == [KnownFile(hashlib.sha256(b"Price list 2027").hexdigest(), 15)] * 3
    assert read == 1
    digest_of(digests, "doc/1/v4", pieces)
    assert read == 2, "another state of its bytes"


def test_what_broke_off_is_not_noted(world: World) -> None:
    def broken() -> Iterator[bytes]:
        yield b"Price"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        digest_of(stored(world), "doc/1", broken)
    assert stored(world).get("doc/1") is None


def test_what_nobody_asked_for_in_a_year_is_forgotten(world: World) -> None:
    for key in ("asked for", "forgotten"):
        stored(world).put(key, KNOWN)
    for _ in range(12):
        world.clock.at += timedelta(days=31)
        assert stored(world).get("asked for") == KNOWN
        world.gateway.tidy()
    assert stored(world).get("forgotten") is None
    assert how_many(world) == 1


def test_asking_writes_nothing_as_long_as_it_was_noted_lately(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    digests = stored(world)
    digests.put("file", KNOWN)
    world.clock.at += timedelta(days=29)
    with monkeypatch.context() as patch:
        patch.setattr(world.database, "write", lambda: pytest.fail("nothing is written"))
        assert digests.get("file") == KNOWN
