"""What happened, line by line, for the user to read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.contract.said import packed, unpacked
from app.store.connection import Connection
from app.store.timestamps import moment, stamp


@dataclass(frozen=True)
class Line:
    """One line. `gid` names the record it tells of: with that record's revocation the line goes too."""

    id: int
    at: datetime
    kind: str
    text: str
    gid: str | None


class Activity:
    """The list of lines, newest first when read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, now: datetime, kind: str, text: str, gid: str | None = None) -> int:
        """Add a line; return its id. A line that tells anything of a record must name it."""
        with self._connection.transaction():
            return self._connection.insert(
                "INSERT INTO activity(at, kind, text, gid) VALUES(?, ?, ?, ?)",
                (stamp(now), kind, packed(text), gid),
            )

    def add_many(self, now: datetime, lines: Iterable[tuple[str, str, str]]) -> None:
        """Add lines of one moment, each with its kind, its text and the record it names."""
        at = stamp(now)
        self._connection.run_many(
            "INSERT INTO activity(at, kind, text, gid) VALUES(?, ?, ?, ?)",
            ((at, kind, packed(text), gid) for kind, text, gid in lines),
        )

    def recent(self, limit: int, kind: str | None = None) -> list[Line]:
        """Return the newest lines, newest first; of one kind if it is named."""
        rows = self._connection.rows(
            "SELECT id, at, kind, text, gid FROM activity WHERE ?1 IS NULL OR kind = ?1 ORDER BY id DESC LIMIT ?2",
            (kind, limit),
        )
        return [Line(row[0], moment(row[1]), row[2], unpacked(row[3]), row[4]) for row in rows]

    def of(self, gid: str) -> list[Line]:
        """Return the lines that tell of one record, oldest first."""
        rows = self._connection.rows(
            "SELECT id, at, kind, text, gid FROM activity WHERE gid = ? ORDER BY id", (gid,)
        )
        return [Line(row[0], moment(row[1]), row[2], unpacked(row[3]), row[4]) for row in rows]

    def purge(self, before: datetime) -> int:
        """Drop lines from before that moment; return how many."""
        with self._connection.transaction():
            return self._connection.run("DELETE FROM activity WHERE at < ?", (stamp(before),))
