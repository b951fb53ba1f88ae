"""Looking at a store from outside: is what it holds the gateway's state at its cursor, and nothing in between?

Read with plain SQL from both files, so that nothing of the pull, the feed's walk or the mirror judges itself.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from app.store.database import Store
from gateway.feed.cursor import Signer
from tests.crash.world import KEY, SECRET, Cast

_HELD = """
    SELECT gid, version FROM shadow WHERE data IS NOT NULL
    UNION ALL SELECT gid, version FROM record
    WHERE version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM shadow WHERE shadow.gid = record.gid)
"""

#: Of each record that ever stood under one of these tags: when that changed last, and whether it stands there now.
_FED = """
    SELECT feed.gid, max(feed.position), max(feed.present = 1), mirror.version
    FROM feed JOIN mirror ON mirror.gid = feed.gid
    WHERE feed.tag IN (SELECT value FROM json_each(?1)) AND feed.entity IN (SELECT value FROM json_each(?2))
    GROUP BY feed.gid
"""


class Reader:
    """One more connection to the client's file, and one to the gateway's."""

    def __init__(self, folder: Path) -> None:
        self._cast = Cast.read(folder)
        self._gateway = folder / "gateway.sqlite3"
        self._store = Store.open(folder / "client.db", KEY)
        self.position = -1

    def close(self) -> None:
        self._store.close()

    def look(self) -> list[str]:
        """Return what is wrong, and note the `position` that was seen.

        The client is read first: what the gateway has moved since then only excuses more.
        """
        with self._store.reading():
            checkpoint = self._store.cursors.read()
            held = dict(self._store.connection.rows(_HELD))
        if checkpoint.cursor is None:
            return []  # a snapshot is under way: it has no position yet that could be wrong
        position = Signer(SECRET).read_cursor(self._cast.session["user"], checkpoint.cursor).position
        self.position = position
        with closing(sqlite3.connect(f"file:{self._gateway}?mode=ro", uri=True)) as gateway:
            fed = gateway.execute(
                _FED, (json.dumps(self._cast.tags), json.dumps(self._cast.entities))
            ).fetchall()
            own = {gid for (gid,) in gateway.execute("SELECT gid FROM ledger WHERE state = 'done'")}
        found = []
        for gid, moved, present, version in fed:
            has = held.pop(gid, None)
            if moved <= position and has != (version if present else None):
                found.append(
                    f"promise 8: at {position} the mirror lacks what {gid} became at {moved} ({has})"
                )
            if has is not None and _position_of(has) > position and gid not in own:
                found.append(f"promise 5: at {position} the mirror has {gid} of a later page ({has})")
        return found + [f"promise 5: the mirror has {gid}, which was never shared" for gid in held]


def _position_of(version: str) -> int:
    """A version begins with the position at which its content was stored."""
    return int(version.partition("-")[0], 16)
