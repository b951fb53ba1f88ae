"""What happened, line by line, for the user to read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.contract.said import packed, unpacked
from app.store.clock_off import ClockOff
from app.store.connection import Connection
from app.store.timestamps import moment, stamp

_ADD = "INSERT INTO activity(at, kind, text, gid, clock_off) VALUES(?, ?, ?, ?, ?)"
_LINE = "id, at, kind, text, gid, clock_off"


@dataclass(frozen=True)
class Line:
    """One line. `gid` names the record it tells of: with that record's revocation the line goes too.

    `clock_off`: minutes by which the clock was known to be ahead when it said `at`.
    """

    id: int
    at: datetime
    kind: str
    text: str
    gid: str | None
    clock_off: int = 0


class Activity:
    """The list of lines, newest first when read."""

    def __init__(self, connection: Connection, clock: ClockOff) -> None:
        self._connection = connection
        self._clock = clock

    def add(self, now: datetime, kind: str, text: str, gid: str | None = None) -> int:
        """Add a line; return its id. A line that tells anything of a record must name it."""
        with self._connection.transaction():
            return self._connection.insert(
                _ADD, (stamp(now), kind, packed(text), gid, self._clock.minutes(now))
            )

    def add_many(self, now: datetime, lines: Iterable[tuple[str, str, str]]) -> None:
        """Add lines of one moment, each with its kind, its text and the record it names."""
        at, off = stamp(now), self._clock.minutes(now)
        self._connection.run_many(_ADD, ((at, kind, packed(text), gid, off) for kind, text, gid in lines))

    def recent(self, limit: int, kind: str | None = None) -> list[Line]:
        """Return the newest lines, newest first; of one kind if it is named."""
        rows = self._connection.rows(
            f"SELECT {_LINE} FROM activity WHERE ?1 IS NULL OR kind = ?1 ORDER BY id DESC LIMIT ?2",
            (kind, limit),
        )
        return [_line(row) for row in rows]

    def of(self, gid: str) -> list[Line]:
        """Return the lines that tell of one record, oldest first."""
        rows = self._connection.rows(f"SELECT {_LINE} FROM activity WHERE gid = ? ORDER BY id", (gid,))
        return [_line(row) for row in rows]

    def purge(self, before: datetime) -> int:
        """Drop lines from before that moment; return how many."""
        with self._connection.transaction():
            return self._connection.run("DELETE FROM activity WHERE at < ?", (stamp(before),))


def _line(row: tuple[Any, ...]) -> Line:
    return Line(row[0], moment(row[1]), row[2], unpacked(row[3]), row[4], row[5])
