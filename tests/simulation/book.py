"""The book: what users entered and were told was saved, what they had in front of them, and what the CRM remembers.

Every value that is entered holds a word that occurs nowhere else; those words are what is followed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.contract.ids import source_gid
from gateway.crm.port import Ref

if TYPE_CHECKING:
    from tests.simulation.device import Device
    from tests.simulation.world import World

#: Contract field to CRM column, for the fields that are edited here.
COLUMNS = {
    "deal_registration": {
        "competitor": "rival",
        "contact_name": "ct_name",
        "next_steps": "next_action",
        "problem": "pain",
        "amount": "est_value",
        "customer": "cust_name",
    },
    "request": {"customer": "cust_name", "subject": "subject"},
}
OBJECTS = {"deal_registration": "registration", "request": "ticket"}

_WORD = re.compile(r"w\d+x\d+|\b\d{5}\.\d\d\b")

Row = tuple[str, int]


def words(value: object) -> frozenset[str]:
    """Return the words of a value that occur nowhere else."""
    return frozenset(_WORD.findall(str(value)))


@dataclass(frozen=True)
class Edit:
    """One value a user entered and was told was saved. `n` is the order in which everything was entered."""

    n: int
    device: str
    mutation_id: str
    gid: str
    entity: str
    field: str
    word: str
    value: str


@dataclass(frozen=True)
class Added:
    """A message or file a user added."""

    device: str
    parent: str
    mutation_id: str
    word: str


@dataclass(frozen=True)
class Line:
    """One change of one column as the CRM remembers it."""

    n: int
    row: Row
    column: str
    old: str
    new: str
    by: str
    marker: str


class Book:
    """One world's book."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.edits: list[Edit] = []
        self.messages: list[Added] = []
        self.files: list[Added] = []
        #: Registrations that were handed in with their evidence.
        self.registered: list[Added] = []
        #: Gids, user ids and fields about which something was changed that may rightly keep work from arriving.
        self.disturbed: set[str] = set()
        #: Mutations that leave no trace rightly: given up after their record was revoked.
        self.forgettable: set[str] = set()
        #: Records a user has deleted: what they entered there before is not shown any more.
        self.deleted: set[tuple[str, str]] = set()
        #: Records that a device rightly does not show, though something entered there waits.
        self._rightly_hidden: set[tuple[str, str]] = set()
        #: Mutations whose user was asked to decide, once that was judged.
        self._asked: set[str] = set()
        self._n = 0
        self._seen: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
        self._touched: dict[str, int] = {}
        self._given_up: dict[str, set[str]] = defaultdict(set)
        self._author: dict[str, tuple[str, int]] = {}
        self._outbox_read: dict[str, int] = {}
        self._born: dict[str, Row] = {}
        self._gids: dict[Row, str] = {}
        self._lines: list[Line] = []
        #: Whether the gateway's clock was ever set wrong.
        self._astray = False
        #: A gateway set back may show what was, until it has read the CRM anew.
        self.unsure = False
        self._latest: dict[tuple[Row, str], Line] = {}
        self._by_marker: dict[tuple[Row, str, str], int] = defaultdict(int)
        self._in_history: dict[tuple[Row, str], set[str]] = defaultdict(set)
        self._history_read = 0
        self._checked = 0
        self._cursors: dict[str, str | None] = {}

    # -- the book -----------------------------------------------------------------------------------------
    def saw(self, device: Device, gid: str, field: str, value: object) -> None:
        """The user has this value of a field in front of them while they enter something."""
        self._n += 1
        seen = self._seen[device.name, gid, field]
        for word in words(value):
            seen.setdefault(word, self._n)

    def entered(
        self, device: Device, mutation_id: str, place: tuple[str, str, str], word: str, value: str
    ) -> None:
        """The user entered this word in a place (gid, entity, field) and was told that it is saved."""
        self._n += 1
        self.edits.append(Edit(self._n, device.name, mutation_id, *place, word, value))
        self._touched[mutation_id] = self._n

    def decided(self, device: Device, mutation_id: str) -> None:
        """The user decided a conflict: what is sent for it is written in view of all that was shown."""
        self._n += 1
        if mutation_id:
            self._touched[mutation_id] = self._n

    def gave_up(self, device: Device, value: object) -> None:
        """The user let go of what these words say."""
        self._given_up[device.name] |= words(value)

    def added(self, device: Device, parent: str, mutation_id: str, word: str, *, file: bool = False) -> None:
        """The user added a message or file and was told that it is saved."""
        (self.files if file else self.messages).append(Added(device.name, parent, mutation_id, word))

    def row_of(self, gid: str) -> Ref | None:
        """Return the CRM's row of a record."""
        row = self._born.get(gid)
        return Ref(row[0], str(row[1])) if row else None

    # -- reading ------------------------------------------------------------------------------------------
    def _read(self) -> None:
        self._read_outboxes()
        with self.world.crm.crm.database.read() as connection:
            rows = connection.exec_driver_sql(
                "SELECT id, obj, row_id, field, old_value, new_value, by_key, marker FROM history"
                " WHERE id > ? ORDER BY id",
                (self._history_read,),
            ).fetchall()
        for n, obj, row_id, column, old, new, by, marker in rows:
            self._history_read = n
            row = (obj, row_id)
            if not column:
                if old is None:
                    gid = marker or source_gid("embedded", obj, str(row_id))
                    self._born[gid] = row
                    self._gids[row] = gid
                    self._read_birth(row)
                continue
            line = self._latest[row, column] = Line(n, row, column, str(old), str(new), by, marker)
            self._lines.append(line)
            self._in_history[row, column] |= words(new)
            if marker:
                self._by_marker[row, column, marker] += 1

    def _read_birth(self, row: Row) -> None:
        """What a row was born with has no lines of its own in the history."""
        obj, row_id = row
        if obj not in OBJECTS.values():
            return
        with self.world.crm.crm.database.read() as connection:
            born = (
                connection.exec_driver_sql(f"SELECT * FROM {obj} WHERE id = ?", (row_id,)).mappings().first()
            )
        for column, value in (born or {}).items():
            self._in_history[row, column] |= words(value)

    def _read_outboxes(self) -> None:
        for device in self.world.devices:
            rows = device.store.connection.rows(
                "SELECT seq, mutation_id FROM outbox WHERE seq > ?", (self._outbox_read.get(device.name, 0),)
            )
            for seq, mutation_id in rows:
                self._author.setdefault(mutation_id, (device.name, seq))
                self._outbox_read[device.name] = max(seq, self._outbox_read.get(device.name, 0))
