"""One unit of work inside the CRM: rows with revision, history and markers, all in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Select, Update, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.bulk import run_many
from gateway.crm.embedded.ids import ids_of
from gateway.crm.embedded.models import History, MergeLog, Numbering, WriteMarker
from gateway.crm.embedded.objects import OBJECTS, OWN, ObjectSpec, reference_columns, shown_in, spec_of
from gateway.crm.embedded.times import from_ms
from gateway.crm.port import CrmConflict, CrmMissing, CrmRefused, Ref

#: Series whose numbers start anew each year.
_YEARLY = frozenset({"DR"})


@dataclass(frozen=True)
class Hand:
    """Who writes: a name and a way for the history, and the person's row when there is one."""

    name: str
    via: str
    contact_id: int | None = None
    staff_id: int | None = None

    @property
    def key(self) -> str:
        """The person's key, such as `contact/2001` or `staff/3`; empty for automations."""
        if self.contact_id is not None:
            return f"contact/{self.contact_id}"
        return f"staff/{self.staff_id}" if self.staff_id is not None else ""

    @property
    def portal(self) -> bool:
        """Whether this hand writes through the portal; the vendor's people in the field do too."""
        return self.contact_id is not None


#: Statements built once: building them anew costs more than running them.
_BY_ID: Mapping[str, Select[Any]] = {
    spec.name: select(spec.table).where(spec.table.c.id == bindparam("row_id")) for spec in OBJECTS.values()
}
_BY_MARKER: Mapping[str, Select[Any]] = {
    spec.name: select(spec.table.c.id).where(spec.table.c.portal_ref == bindparam("marker"))
    for spec in OBJECTS.values()
}
_UPDATE: Mapping[str, Update] = {
    spec.name: update(spec.table).where(spec.table.c.id == bindparam("row_id")) for spec in OBJECTS.values()
}
_BY_IDS: Mapping[str, Select[Any]] = {
    spec.name: select(spec.table).where(spec.table.c.id.in_(bindparam("row_ids", expanding=True)))
    for spec in OBJECTS.values()
}
_BY_MARKERS: Mapping[str, Select[Any]] = {
    spec.name: select(spec.table.c.portal_ref, spec.table.c.id).where(
        spec.table.c.portal_ref.in_(bindparam("markers", expanding=True))
    )
    for spec in OBJECTS.values()
}
_INSERT: Mapping[str, Insert] = {spec.name: insert(spec.table) for spec in OBJECTS.values()}
_ADD_HISTORY = insert(History)

_NEXT_NUMBER = select(Numbering.next_no).where(Numbering.series == bindparam("name"))


@cache
def _add_marker(dialect: str) -> Insert:
    adding: Insert = _of(dialect).insert(WriteMarker).on_conflict_do_nothing()
    return adding


@cache
def _set_number(dialect: str) -> Insert:
    row = _of(dialect).insert(Numbering)
    setting: Insert = row.on_conflict_do_update(
        index_elements=["series"], set_={"next_no": row.excluded.next_no}
    )
    return setting


def _of(dialect: str) -> Any:
    return postgresql if dialect == "postgresql" else sqlite


#: The hand of what the CRM does by itself.
AUTOMATION = Hand("Automation", "rule, in the CRM")


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's columns with what is its mapping's own, each under its name."""
    return {**row, **(row["extra"] or {})}


def _parted(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is for columns, and what is a mapping's own."""
    own = {name: value for name, value in values.items() if name.startswith(OWN)}
    return {name: value for name, value in values.items() if name not in own}, own


class Unit:
    """The writes of one transaction. `touched` lists the rows whose content or existence changed, once each.

    New rows, changes, history, markers and the counters of numbers are kept back and written together by `flush`:
    before anything is read again, and at the end. A new row has its id at once, as the database would have given it.
    """

    def __init__(self, connection: Connection, now_ms: int, vendor: str = "") -> None:
        """`vendor`: whose CRM it is, for the papers it writes."""
        self._connection = connection
        self.now_ms = now_ms
        self.vendor = vendor
        self.touched: dict[Ref, None] = {}
        self._lines: list[dict[str, Any]] = []
        self._markers: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}
        self._ahead: dict[tuple[str, int], dict[str, Any]] = {}
        self._marked: dict[tuple[str, str], int | None] = {}
        self._new: dict[str, list[dict[str, Any]]] = {}
        self._last_ids: dict[str, int] = {}
        self._ids = ids_of(connection.dialect.name)
        self._changes: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = {}

    @property
    def connection(self) -> Connection:
        """The transaction's connection, with everything written that was kept back."""
        self.flush()
        return self._connection

    def flush(self) -> None:
        """Write what was kept back."""
        connection = self._connection
        new, changes, lines, markers = self._new, self._changes, self._lines, self._markers
        numbers = self._numbers
        self._new, self._changes, self._lines, self._markers, self._numbers = {}, {}, [], [], {}
        for obj, rows in new.items():
            run_many(connection, _INSERT[obj], rows)
            self._ids.used(connection, spec_of(obj).table.name, rows[-1]["id"])
        for (obj, _), rows in changes.items():
            run_many(connection, _UPDATE[obj], rows)
        run_many(connection, _ADD_HISTORY, lines)
        run_many(connection, _add_marker(connection.dialect.name), markers)
        for series, next_no in numbers.items():
            set_number = _set_number(connection.dialect.name)
            connection.execute(set_number, {"series": series, "next_no": next_no})

    def read_markers(self, obj: str, markers: Sequence[str]) -> None:
        """Look up together which of these markers have made a row; they will be asked for one by one."""
        spec_of(obj)
        rows = self.connection.execute(_BY_MARKERS[obj], {"markers": list(markers)}).all()
        self._marked |= dict.fromkeys(((obj, marker) for marker in markers), None)
        self._marked |= {(obj, marker): int(row_id) for marker, row_id in rows}

    def read_ahead(self, obj: str, row_ids: Sequence[int]) -> None:
        """Read rows that will be asked for one by one, each once and before it is written."""
        spec_of(obj)
        found = self.connection.execute(_BY_IDS[obj], {"row_ids": list(row_ids)}).mappings().all()
        self._ahead |= {(obj, int(row["id"])): flat(dict(row)) for row in found}

    def row(self, obj: str, row_id: int) -> dict[str, Any]:
        """Return a row's columns, and what is its mapping's own beside them.

        Raises CrmMissing, naming the winner of a merge when there was one.
        """
        spec_of(obj)
        ahead = self._ahead.get((obj, row_id))
        if ahead is not None:
            return dict(ahead)
        row = self.connection.execute(_BY_ID[obj], {"row_id": row_id}).mappings().first()
        if row is None:
            raise CrmMissing(
                f"{spec_of(obj).label} {row_id} is not there any more.", self.winner(obj, row_id)
            )
        return flat(dict(row))

    def winner(self, obj: str, row_id: int) -> Ref | None:
        """Return the row a merged one went into, following merges of winners too."""
        found: Ref | None = None
        while True:
            query = select(MergeLog.winner_id).where(MergeLog.obj == obj, MergeLog.loser_id == row_id)
            winner = self.connection.execute(query).scalar()
            if winner is None:
                return found
            row_id, found = winner, Ref(obj, str(winner))

    def by_marker(self, obj: str, marker: str) -> int | None:
        """Return the row created with this marker, if any."""
        spec_of(obj)
        if (obj, marker) in self._marked:
            return self._marked[obj, marker]
        return self.connection.execute(_BY_MARKER[obj], {"marker": marker}).scalar()

    def insert(self, obj: str, values: Mapping[str, Any], hand: Hand, marker: str = "") -> int:
        """Add a row with its number and history; returns its id."""
        spec = spec_of(obj)
        row_id = self._next_id(obj)
        columns, own = _parted(values)
        row = {**spec.blank(), **columns, "rev": 1, "created_ms": self.now_ms, "modified_ms": self.now_ms}
        row |= {"id": row_id, "archived": False, "portal_ref": marker or None}
        row["extra"] = {name: value for name, value in own.items() if value is not None} or None
        column, series = spec.number
        if column and not row.get(column):
            row[column] = self._next_number(series)
        self._new.setdefault(obj, []).append(row)
        if marker:
            self._marked[obj, marker] = row_id
        self.record(obj, row_id, "", None, row.get(column) or "added", hand, marker)
        self.touch_ref(obj, row_id)
        return row_id

    def _next_id(self, obj: str) -> int:
        """Ids are never used twice: the database remembers the highest one, also of rows that have gone."""
        last = self._last_ids.get(obj)
        if last is None:
            last = self._ids.last(self._connection, spec_of(obj).table.name)
        self._last_ids[obj] = last + 1
        return last + 1

    def change(
        self,
        obj: str,
        row_id: int,
        changes: Mapping[str, Any],
        hand: Hand,
        marker: str = "",
        if_revision: str | None = None,
        before: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the named columns. The revision grows even when no value differs, as with any save.

        Raises CrmConflict when the row moved past `if_revision`, CrmMissing when it is gone.
        """
        before = before or self.row(obj, row_id)
        self.must_stand(obj, before, if_revision)
        differing = {
            name: value
            for name, value in changes.items()
            if (before.get(name) if name.startswith(OWN) else before[name]) != value
        }
        columns, own = _parted(differing)
        if own:
            kept = {**(before["extra"] or {}), **own}
            columns["extra"] = {name: value for name, value in kept.items() if value is not None} or None
        values = {**columns, "rev": before["rev"] + 1, "modified_ms": self.now_ms}
        self._ahead.pop((obj, row_id), None)
        self._changes.setdefault((obj, tuple(values)), []).append({"row_id": row_id, **values})
        self._lines += [
            self._line(obj, row_id, name, before.get(name), value, hand, marker)
            for name, value in differing.items()
        ]
        if marker:
            entry = {"obj": obj, "row_id": row_id, "marker": marker, "at_ms": self.now_ms}
            self._markers.append(entry)
        self.touch_ref(obj, row_id)
        for name in differing:
            for showing, by in shown_in(obj, name):
                self._move_on(showing, by, row_id)

    def must_stand(self, obj: str, row: Mapping[str, Any], revision: str | None) -> None:
        """Make sure that a row is still in that revision, if one is named. Raises CrmConflict."""
        if revision is not None and str(row["rev"]) != revision:
            raise CrmConflict(f"{spec_of(obj).label} {row['id']} was changed by somebody else.")

    def _move_on(self, obj: str, by: str, row_id: int) -> None:
        """Rows that show something of this one tell something new now: whoever follows revisions should hear of it."""
        table = spec_of(obj).table
        moved = {"rev": table.c.rev + 1, "modified_ms": self.now_ms}
        self.connection.execute(update(table).where(table.c[by] == row_id).values(moved))
        for showing in self._pointing(obj, by, row_id):
            self._ahead.pop((obj, showing), None)
            self.touch_ref(obj, showing)

    def record(
        self, obj: str, row_id: int, field: str, old: Any, new: Any, hand: Hand, marker: str = ""
    ) -> None:
        """Add one line to the history."""
        self._lines.append(self._line(obj, row_id, field, old, new, hand, marker))

    def _line(
        self, obj: str, row_id: int, field: str, old: Any, new: Any, hand: Hand, marker: str
    ) -> dict[str, Any]:
        return {
            "obj": obj,
            "row_id": row_id,
            "field": field,
            "old_value": old,
            "new_value": new,
            "by_name": hand.name,
            "by_key": hand.key,
            "via": hand.via,
            "at_ms": self.now_ms,
            "marker": marker,
        }

    def remove(self, obj: str, row_id: int, hand: Hand) -> None:
        """Delete a row, what hangs below it, and what points to it."""
        spec = spec_of(obj)
        self.row(obj, row_id)
        self._ahead.pop((obj, row_id), None)
        for child in spec.children:
            for child_id in self.child_ids(child, obj, row_id):
                self.remove(child, child_id, hand)
        self._repoint(spec, row_id, None, hand)
        self.connection.execute(delete(spec.table).where(spec.table.c.id == row_id))
        self.record(obj, row_id, "", "there", None, hand)
        self.touch_ref(obj, row_id)

    def merge(self, obj: str, loser_id: int, winner_id: int, hand: Hand) -> None:
        """Fold one row into another: children and references move, the loser goes and its winner is remembered."""
        spec = spec_of(obj)
        self.row(obj, winner_id)
        for child in spec.children:
            for child_id in self.child_ids(child, obj, loser_id):
                self.change(child, child_id, {"parent_id": winner_id}, hand)
        self._repoint(spec, loser_id, winner_id, hand)
        entry = {"obj": obj, "loser_id": loser_id, "winner_id": winner_id, "at_ms": self.now_ms}
        self.connection.execute(insert(MergeLog), entry)
        self.remove(obj, loser_id, hand)
        self.record(obj, winner_id, "", f"merged with {loser_id}", "there", hand)
        self.change(obj, winner_id, {}, hand)

    def child_ids(self, child: str, obj: str, row_id: int) -> list[int]:
        """Return ids of the rows of kind `child` below a row, oldest first."""
        table = spec_of(child).table
        query = (
            select(table.c.id)
            .where(table.c.parent_obj == obj, table.c.parent_id == row_id)
            .order_by(table.c.id)
        )
        return list(self.connection.execute(query).scalars())

    def marked(self, obj: str, row_id: int, marker: str) -> bool:
        """Tell whether a write with this marker reached the row."""
        table = WriteMarker
        query = select(table.at_ms).where(table.obj == obj, table.row_id == row_id, table.marker == marker)
        return self.connection.execute(query).first() is not None or self.by_marker(obj, marker) == row_id

    def touch_ref(self, obj: str, row_id: int) -> None:
        """Note that listeners should hear of this row."""
        self.touched[Ref(obj, str(row_id))] = None

    def _repoint(self, spec: ObjectSpec, row_id: int, target: int | None, hand: Hand) -> None:
        for obj, column in reference_columns(spec.table):
            pointing = spec_of(obj)
            for pointing_id in self._pointing(obj, column, row_id):
                if target is None and not pointing.table.c[column].nullable:
                    raise CrmRefused(f"{spec.label} {row_id} still has a {pointing.label.lower()}.")
                self.change(obj, pointing_id, {column: target}, hand)

    def _pointing(self, obj: str, column: str, row_id: int) -> Sequence[int]:
        table = spec_of(obj).table
        return self.connection.execute(select(table.c.id).where(table.c[column] == row_id)).scalars().all()

    def _next_number(self, series: str) -> str:
        year = from_ms(self.now_ms).year
        name = f"{series}-{year}" if series in _YEARLY else series
        next_no = self._numbers.get(name)
        if next_no is None:
            next_no = self._connection.execute(_NEXT_NUMBER, {"name": name}).scalar()
        if next_no is None:
            next_no = 1 if series in _YEARLY else 1001
        self._numbers[name] = next_no + 1
        return f"{name}-{next_no:04d}"
