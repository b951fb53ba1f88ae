"""Having everything of a system read again: what is remembered of reading it counts no longer.

That is so once something has happened there of which nobody knows what it was. Each time begins an era: what a lane of
another process had under way is of the one before, and does not count either when it ends.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from gateway.tables import delayed_cursor, ingest_cursor, journal_cursor, mirror

_NOTHING = dict.fromkeys(("since", "after", "high", "began_at", "passed_at", "asked_at", "swept_at"))


def read_again(connection: Connection, system: str) -> None:
    """Let the fast lane begin anew and every sweep be due, and take no row for known. What is held stays so.

    The mirror is shown meanwhile as it is.
    """
    connection.execute(update(ingest_cursor).where(ingest_cursor.c.system == system).values(_NOTHING))
    connection.execute(delete(delayed_cursor).where(delayed_cursor.c.system == system))
    unknown = {"read_at": None, "revision": ""}
    connection.execute(update(mirror).where(mirror.c.system == system).values(unknown))


def era_of(connection: Connection, system: str) -> int:
    """Return how often everything of a system had to be read again."""
    lost = select(journal_cursor.c.lost).where(journal_cursor.c.system == system)
    return connection.execute(lost).scalar() or 0
