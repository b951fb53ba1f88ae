"""What the tests of the store are made of: a manifest, ids that repeat, rows, mutations, and a look at the bytes."""

from __future__ import annotations

import json
import struct
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from app.contract.canonical import canonical, record_hash
from app.contract.manifest import Manifest, parse_manifest
from app.contract.mutations import Command, Kind, Mutation
from app.contract.records import Record
from app.store.database import Store
from app.store.pages import PAGE_SIZE, PageReader

KEY = bytes(range(32))
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
DEAL, REQUEST, MESSAGE, FILE, DOCUMENT = "deal_registration", "request", "message", "file", "document"


@cache
def manifest_text() -> str:
    """The partner portal's manifest as JSON."""
    path = Path(__file__).parents[2] / "resources" / "manifests" / "partner.toml"
    return json.dumps(tomllib.loads(path.read_text(encoding="utf-8")), sort_keys=True)


@cache
def manifest() -> Manifest:
    """The partner portal's manifest."""
    return parse_manifest(json.loads(manifest_text()))


def gid(number: int) -> str:
    """The same id for the same number, in the order of the numbers."""
    return f"{number:08x}-0000-7000-8000-{number:012x}"


def row(number: int, /, entity: str = DEAL, version: str = "v1", **data: Any) -> list[Any]:
    """A row of a page."""
    return [gid(number), entity, version, record_hash(data), data]


def puts(rows: Iterable[list[Any]]) -> bytes:
    """The bytes of a page's rows, as the gateway writes them."""
    return canonical([*rows]).encode()


def record(number: int, /, entity: str = DEAL, version: str = "v2", **data: Any) -> Record:
    """A record as an outcome carries it."""
    return Record(gid=gid(number), entity=entity, version=version, hash=record_hash(data), data=data)


def mutation(name: str, number: int, kind: Kind = Kind.PATCH, entity: str = DEAL, **more: Any) -> Mutation:
    """A mutation; `changes`, `base`, `depends_on` and the like by name."""
    return Mutation(
        mutation_id=name, entity=entity, gid=gid(number), kind=kind, **{"captured_at": NOW, **more}
    )


def patch(
    name: str, number: int, base: Mapping[str, Any], changes: Mapping[str, Any], **more: Any
) -> Mutation:
    """An edit."""
    return mutation(name, number, base=dict(base), changes=dict(changes), **more)


def command(name: str, number: int, asked: str, state: str, **args: Any) -> Mutation:
    """A transition asked for."""
    return mutation(name, number, Kind.COMMAND, command=Command(name=asked, expected_state=state, args=args))


def complete(store: Store) -> None:
    """Put the manifest in and mark the mirror complete."""
    from dataclasses import replace

    store.cursors.save_manifest(manifest_text(), "etag-1")
    store.cursors.write(replace(store.cursors.read(), cursor="c1", epoch="e1", complete=True))


def shown(store: Store, number: int) -> dict[str, Any] | None:
    """The data of a record as its user sees it."""
    found = store.projection.get(gid(number))
    return None if found is None else found.data


def all_plain_bytes(path: Path, key: bytes = KEY) -> bytes:
    """Every page of the file and every frame of its log, decrypted, stale ones too."""
    reader = PageReader(key)
    file = path.read_bytes()
    plain = [
        reader.plain(file[at : at + PAGE_SIZE], at // PAGE_SIZE + 1) for at in range(0, len(file), PAGE_SIZE)
    ]
    log_path = path.with_name(path.name + "-wal")
    log = log_path.read_bytes() if log_path.exists() else b""
    for at in range(32, len(log) - 24 - PAGE_SIZE + 1, 24 + PAGE_SIZE):
        (number,) = struct.unpack_from(">I", log, at)
        plain.append(reader.plain(log[at + 24 : at + 24 + PAGE_SIZE], number))
    return b"\n".join(plain)
