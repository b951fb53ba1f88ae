"""Where a process ends: at the n-th hit of a named point, or at the n-th statement or commit of a database."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.store.failpoints import StorePoint
from app.sync.failpoints import SyncPoint
from gateway.blobs import DiskBlobs
from gateway.failpoints import Failpoint


class FilePoint(StrEnum):
    """Points at which the gateway's folder of blobs is ahead of its database."""

    PART_WRITTEN = "part written"
    BLOB_PLACED = "blob placed"


#: Every named point there is, as the table names it.
NAMED: tuple[str, ...] = (
    *(f"client: {point}" for kind in (StorePoint, SyncPoint) for point in kind),
    *(f"gateway: {point}" for kind in (Failpoint, FilePoint) for point in kind),
)


class Sql(StrEnum):
    """Whose statements are counted."""

    CLIENT = "sql: client"
    GATEWAY = "sql: gateway"
    CRM = "sql: crm"


class How(StrEnum):
    """Where exactly. `WITHIN` a statement means after some steps of SQLite's virtual machine."""

    AT_POINT = "at the point"
    BEFORE_STATEMENT = "before a statement"
    WITHIN_STATEMENT = "within a statement"
    BEFORE_COMMIT = "before a commit"
    AFTER_COMMIT = "after a commit"


@dataclass(frozen=True)
class Kill:
    """The place, which hit of it, and where exactly there."""

    place: str
    nth: int
    how: How = How.AT_POINT

    def __str__(self) -> str:
        return f"{self.place}, {self.how} no. {self.nth}"


#: Every how many statements of the client's database whoever looks on has a look.
_LOOK_EVERY = 7

#: Steps of SQLite's virtual machine between two calls of the progress callback.
_STEPS = 25


def end_now() -> None:
    """End this process as `kill -9` does: nothing is flushed, closed or said."""
    os.kill(os.getpid(), signal.SIGKILL)


class Blade:
    """Counts what is reached and ends the process where it was told to; without a kill it only counts."""

    def __init__(self, kill: Kill | None = None) -> None:
        self._kill = kill
        self._committed = False
        self._within = False
        self.seen: Counter[str] = Counter()
        self.looker: Callable[[], None] | None = None

    def reached_client(self, point: StrEnum) -> None:
        """A named point of the client."""
        self._look()
        self._count(f"client: {point}", How.AT_POINT)

    def reached_gateway(self, point: StrEnum) -> None:
        """A named point of the gateway."""
        self._count(f"gateway: {point}", How.AT_POINT)

    def moment(self) -> None:
        """Something happens outside of the databases: a commit that was waited for is over."""
        if self._committed:
            end_now()

    def watch(self, raw: Any, name: Sql) -> None:
        """Count the statements of one of SQLite's connections."""
        raw.set_trace_callback(lambda text: self._statement(name, text))
        if self._kill is not None and self._kill.place == name and self._kill.how is How.WITHIN_STATEMENT:
            raw.set_progress_handler(self._step, _STEPS)

    def _statement(self, name: Sql, text: str) -> None:
        self.moment()
        if text.startswith("--"):
            return  # a trigger's statement
        if name is Sql.CLIENT and self.seen[name] % _LOOK_EVERY == 0:
            self._look()
        self._count(name, How.BEFORE_STATEMENT, How.WITHIN_STATEMENT)
        if text.upper().startswith("COMMIT"):
            self._count(f"{name} commits", How.BEFORE_COMMIT, How.AFTER_COMMIT)

    def _look(self) -> None:
        if self.looker is not None:
            self.looker()

    def _count(self, place: str, *how: How) -> None:
        self.seen[place] += 1
        kill = self._kill
        if kill is None or kill.how not in how or self.seen[place] != kill.nth:
            return
        if kill.place != place.removesuffix(" commits"):
            return
        if kill.how is How.AFTER_COMMIT:
            self._committed = True
        elif kill.how is How.WITHIN_STATEMENT:
            self._within = True
        else:
            end_now()

    def _step(self) -> int:
        if self._within:
            end_now()
        return 0


class MortalBlobs(DiskBlobs):
    """The gateway's blobs, with points between the file and what the database says of it."""

    blade: Blade

    def write_part(self, upload: str, offset: int, data: bytes) -> None:
        super().write_part(upload, offset, data)
        self.blade.reached_gateway(FilePoint.PART_WRITTEN)

    def finish_part(self, upload: str, sha256: str) -> None:
        super().finish_part(upload, sha256)
        self.blade.reached_gateway(FilePoint.BLOB_PLACED)
