"""Positions: one counter row, raised inside the writing transaction, so that commit order is position order."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select, update

from gateway.clock import Random
from gateway.tables import commit_stamp, position

_ONLY_ROW = 1


class Positions:
    """Gives out the positions of one writing transaction; `seal` marks the last one with a random stamp."""

    def __init__(self, connection: Connection, random: Random) -> None:
        self._connection = connection
        self._random = random
        self.first: int | None = None
        self.last: int | None = None

    def next(self) -> int:
        """Return the next position. The first call locks the counter until the transaction ends."""
        if self.last is None:
            raised = (
                update(position)
                .where(position.c.id == _ONLY_ROW)
                .values(value=position.c.value + 1)
                .returning(position.c.value)
            )
            self.first = self.last = int(self._connection.execute(raised).scalar_one())
        else:
            self.last += 1  # nobody else can raise it now
        return self.last

    def seal(self) -> None:
        """Write the counter and the commit's stamp, if any position was taken."""
        if self.last is not None:
            self._connection.execute(
                update(position).where(position.c.id == _ONLY_ROW).values(value=self.last)
            )
            mark(self._connection, self.last, self._random)


def mark(connection: Connection, at: int, random: Random) -> None:
    """Give a commit's last position its random stamp."""
    connection.execute(insert(commit_stamp).values(position=at, stamp=random(12).hex()))


def begin(connection: Connection, random: Random) -> None:
    """Start the counter of a new database."""
    connection.execute(insert(position).values(id=_ONLY_ROW, value=0))
    mark(connection, 0, random)


def head(connection: Connection) -> int:
    """Return the last position that was given out."""
    return int(connection.execute(_HEAD).scalar_one())


def moment(connection: Connection, at: int) -> tuple[int, str | None]:
    """Return the head, and the stamp of the commit that `at` belongs to, None when there has been no such commit."""
    found, stamp = connection.execute(_MOMENT, {"at": at}).one()
    return int(found), stamp


_HEAD = select(position.c.value)
_MOMENT = select(
    position.c.value,
    select(commit_stamp.c.stamp)
    .where(commit_stamp.c.position >= bindparam("at"))
    .order_by(commit_stamp.c.position)
    .limit(1)
    .scalar_subquery(),
)
