"""How quick this machine is beside the one that the goals in seconds were written for.

Both did the same: httpx reads 50,000 records from a server that sends prepared bytes, `json` takes them apart, and they
go into a SQLCipher table with a column for each field, without checks, indexes or search. There it took 0.84 s.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx

from app.store.cipher import dbapi2
from app.store.pages import key_pragma
from benchmarks.client import KEY, remove
from benchmarks.harness import Bound, Goal, Result, Scale, alone, timed
from benchmarks.plain_server import plain_server
from benchmarks.records import Deals, pages

NAME = "machine"

#: Seconds on the machine the goals were written for.
REFERENCE = 0.84

_PAGE = 1_000


def machine(scale: Scale) -> Iterator[Result]:
    """The seconds it takes here; the pace is the share of the other machine's speed."""
    count, deals = scale.sizes[0], Deals()
    puts = pages([deals.row(index) for index in range(count)], _PAGE)
    fields = [*deals.data(0)]
    path = scale.folder / "machine.db"
    with plain_server({f"/{number}": body for number, body in enumerate(puts)}) as url:
        taken = [_synced(path, url, len(puts), fields) for _ in range(scale.runs)]
    remove(path)
    note = f"httpx, JSON, SQLCipher and nothing else; {REFERENCE} s where the goals were written"
    yield alone(NAME, "s", Goal(Bound.NONE), count, taken, note)


def pace(result: Result) -> float:
    """Return this machine's speed as a share of the other one's."""
    return REFERENCE / result.ours


def _synced(path: Path, url: str, count: int, fields: list[str]) -> float:
    remove(path)
    names = [f'"{name}"' for name in ("gid", "version", "hash", *fields)]
    insert = f"INSERT INTO record VALUES ({', '.join('?' * len(names))})"  # noqa: S608  # marks only
    with closing(dbapi2.connect(str(path), isolation_level=None)) as connection:
        connection.execute(key_pragma(KEY))
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute(f"CREATE TABLE record({', '.join(names)})")

        def sync() -> None:
            with httpx.Client(base_url=url) as http:
                for number in range(count):
                    rows = json.loads(http.get(f"/{number}").content)
                    connection.execute("BEGIN IMMEDIATE")
                    connection.executemany(insert, [_values(row, fields) for row in rows])
                    connection.execute("COMMIT")

        return timed(sync)


def _values(row: list[object], fields: list[str]) -> list[object]:
    gid, _entity, version, digest, data = row
    assert isinstance(data, dict)
    found = [data.get(name) for name in fields]
    return [gid, version, digest, *(json.dumps(one) if isinstance(one, list) else one for one in found)]
