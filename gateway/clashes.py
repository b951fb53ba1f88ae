"""The filter by which clients tell, offline, that a registration may clash: made off the request path, kept for all.

It holds the keys of all partners' open registrations and nobody's name; see `app/contract/clashing.py`. The bits are
made anew when something changed since, at most every few minutes, and stand in the database, so that every process
answers alike and a request only reads what is there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from app.contract.canonical import content_hash
from app.contract.clashing import ClashFields, clash_fields, keys_of, make_filter, registered
from app.contract.manifest import EntityType, Manifest
from gateway.clock import Clock, Random
from gateway.database import Database
from gateway.feed.mirror import Standing
from gateway.feed.positions import head
from gateway.tables import meta, mirror

_SALT, _STATE, _FILTER = "clash_salt", "clash_state", "clash_filter"

#: How long a filter stands at least, however much changes; and so many times as long as making it took.
_AT_LEAST = timedelta(minutes=3)
_TIMES = 30

#: Rows that are read at a time, so that memory stays flat.
_ROWS = 2_000


@dataclass(frozen=True)
class Shipped:
    """What is kept of a filter besides its bits. `position`: of the feed when it was made; `shape`: of what.

    `took`: seconds that making it took.
    """

    etag: str
    position: int
    shape: str
    made_at: datetime
    took: float = 0.0

    @property
    def stands(self) -> timedelta:
        """How long it stands at least."""
        return max(_AT_LEAST, timedelta(seconds=self.took * _TIMES))


class Clashes:
    """Makes and hands out the filter of one portal."""

    def __init__(self, database: Database, manifest: Manifest, clock: Clock, random: Random) -> None:
        self._database = database
        self._clock = clock
        self._random = random
        found = ((entity, clash_fields(entity)) for entity in manifest.entities)
        self._types = tuple((entity, fields) for entity, fields in found if fields is not None)
        self._offered = manifest.clash_hints and bool(self._types)
        self._shape = content_hash(
            json.dumps([[entity.name, fields.named] for entity, fields in self._types])
        )

    def offered_to(self, view: Manifest) -> bool:
        """Tell whether somebody with this view of the portal may have it: only who may register anything."""
        return self._offered and any(clash_fields(entity) for entity in view.entities)

    def etag(self) -> str:
        """Return the present filter's hash; empty while there is none."""
        with self._database.read() as connection:
            return self._etag(connection)

    def shipped(self) -> tuple[str, str]:
        """Return the present filter as JSON, and its hash. Makes it if no worker has come to that yet."""
        if not self.etag():
            self.refresh()
        with self._database.read() as connection:
            return _get(connection, _FILTER) or "", self._etag(connection)

    def _etag(self, connection: Connection) -> str:
        kept = _kept(connection)
        return kept.etag if kept and kept.shape == self._shape else ""

    def refresh(self) -> bool:
        """Make the filter if that is due, or throw it away where none is offered. Returns whether it did."""
        with self._database.read() as connection:
            kept, position = _kept(connection), head(connection)
            there = kept is not None or _get(connection, _FILTER) is not None
        if not self._offered:
            if there:
                self._forget()
            return there
        if kept is not None and kept.shape == self._shape:
            age = self._clock.now() - kept.made_at
            if kept.position == position or timedelta() <= age < kept.stands:
                return False
        self._make()
        return True

    def _make(self) -> None:
        salt = self._salt()
        now, began = self._clock.now().replace(microsecond=0), self._clock.monotonic()
        with self._database.read() as connection:
            position = head(connection)
            keys = {key for entity, fields in self._types for key in _keys(connection, entity, fields)}
        made = make_filter(salt, keys, now)
        # When it was made does not count: the same registrations are the same filter.
        took = self._clock.monotonic() - began
        state = Shipped(content_hash(made.salt + made.body), position, self._shape, now, took)
        with self._database.write() as connection:
            before = _kept(connection)
            if before is None or before.etag != state.etag:
                _put(connection, _FILTER, made.model_dump_json())
            told = {**vars(state), "made_at": now.isoformat()}
            _put(connection, _STATE, json.dumps(told))

    def _salt(self) -> bytes:
        """Return this gateway's own salt: what is worked out about one vendor's filter says nothing of another's."""
        with self._database.write() as connection:
            found = _get(connection, _SALT)
            if found is None:
                found = self._random(16).hex()
                _put(connection, _SALT, found)
        return bytes.fromhex(found)

    def _forget(self) -> None:
        with self._database.write() as connection:
            connection.execute(delete(meta).where(meta.c.name.in_((_STATE, _FILTER))))


def _keys(connection: Connection, entity: EntityType, fields: ClashFields) -> Iterator[str]:
    live = select(mirror.c.data).where(mirror.c.entity == entity.name, mirror.c.status == Standing.LIVE.value)
    for part in connection.execute(live.execution_options(yield_per=_ROWS)).scalars().partitions():
        for text in part:
            data = json.loads(text)
            if registered(entity, data):
                yield from keys_of(fields, data)


def _kept(connection: Connection) -> Shipped | None:
    text = _get(connection, _STATE)
    if text is None:
        return None
    found = json.loads(text)
    return Shipped(found["etag"], found["position"], found["shape"], datetime.fromisoformat(found["made_at"]))


def _get(connection: Connection, name: str) -> str | None:
    found: str | None = connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar()
    return found


def _put(connection: Connection, name: str, value: str) -> None:
    connection.execute(delete(meta).where(meta.c.name == name))
    connection.execute(meta.insert().values(name=name, value=value))
