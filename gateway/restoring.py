"""What has to be said to a database that was put back from a backup, before a gateway serves it again.

Its history ends earlier than what clients have seen: the epoch tells them to read afresh, and their outboxes stay. What
was written to the source systems since is there, so everything is read once from the beginning; until that is over the
gateway looks for marks before it writes (`ingest/abreast.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from gateway import history, ledger
from gateway.clock import Clock, Ids
from gateway.database import Database
from gateway.feed import positions
from gateway.keys import OWN_SECRET
from gateway.ledger import State
from gateway.tables import access_token, delayed_cursor, ingest_cursor, lane, lease, meta, session, source
from gateway.tables import ledger as entries

_BECAUSE = "a backup was put back"


@dataclass(frozen=True)
class Restored:
    """What was done. `objects`: how many will be read from the beginning; `open_mutations`: received and not done.

    `last`: when the newest mutation was received that the backup knows of.
    """

    epoch_before: str
    epoch: str
    position: int
    leases: int
    objects: int
    open_mutations: int
    last: datetime | None
    sessions_open: int
    sessions_ended: int

    def lines(self) -> list[str]:
        """Say it to a person, with what is left to do."""
        newest = self.last.isoformat() if self.last else "none"
        told = [
            f"Epoch {self.epoch_before} has ended; {self.epoch} begins at position {self.position}.",
            "Clients read everything afresh when they come, and keep what they have not sent.",
            f"{self.leases} leases ended; {self.open_mutations} mutations are open and will be finished.",
            f"The newest mutation that is known was received: {newest}.",
            "The secret.key it is next started with becomes its own.",
            f"{self.objects} objects will be read from the beginning. Until then writes look for their marks first.",
        ]
        if self.sessions_ended:
            told.append(
                f"{self.sessions_ended} sessions ended: everybody signs in again, since what was signed out after the"
                " backup was open in it. Accounts that were closed since have to be closed again."
            )
        if self.sessions_open:
            told.append(
                f"{self.sessions_open} sessions are as open as they were at the backup, also those that were"
                " ended since. Close accounts and devices again that were closed since then."
            )
        return told


def restored(database: Database, ids: Ids, clock: Clock, *, keep_sessions: bool = False) -> Restored:
    """Begin a new epoch over a database that was put back. No gateway process may run on it meanwhile.

    `keep_sessions`: not everybody has to sign in again, and devices that were signed out since are open once more.
    """
    with database.write() as connection:
        before, epoch = history.new_epoch(connection, ids)
        count = select(func.count())
        leases = connection.execute(count.select_from(lease)).scalar_one()
        ledger.release_all(connection)
        is_open = entries.c.state == State.RECEIVED.value
        ended = _end_sessions(connection, clock.now()) if not keep_sessions else 0
        # Every cursor ends anyway; so a gateway whose secret.key was lost can go on with a new one.
        connection.execute(delete(meta).where(meta.c.name == OWN_SECRET))
        return Restored(
            epoch_before=before,
            epoch=epoch,
            position=positions.head(connection),
            leases=leases,
            objects=_read_everything(connection),
            open_mutations=connection.execute(count.select_from(entries).where(is_open)).scalar_one(),
            last=connection.execute(select(func.max(entries.c.received_at))).scalar_one(),
            sessions_open=connection.execute(
                count.select_from(session).where(session.c.ended_at.is_(None))
            ).scalar_one(),
            sessions_ended=ended,
        )


def _read_everything(connection: Connection) -> int:
    """Have every lane begin anew, as if nothing had been read: what is known as it is will not be read again."""
    anew = dict.fromkeys(("since", "after", "high", "began_at", "passed_at", "asked_at", "swept_at"))
    objects = connection.execute(update(ingest_cursor).values(anew)).rowcount
    connection.execute(delete(delayed_cursor))
    connection.execute(delete(lane))
    # "CRM last read at" would speak of the time before.
    connection.execute(
        update(source).values(read_at=None, stale_reason="The gateway was set back to a backup.")
    )
    return objects


def _end_sessions(connection: Connection, now: datetime) -> int:
    still_open = session.c.ended_at.is_(None)
    ended = update(session).where(still_open).values(ended_at=now, ended_because=_BECAUSE)
    connection.execute(delete(access_token))
    return connection.execute(ended).rowcount
