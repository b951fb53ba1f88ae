"""Writing rows: once per marker, the touched fields only, and on condition where one was made.

Creating. The field with the marker is unique, so that Salesforce itself refuses a second row. An upsert by that field
would look simpler, and is not used: repeated after a lost answer it would write the first values over what staff have
changed since.

Conditions. `If-Unmodified-Since` is checked by Salesforce against the row's last modified date, in whole seconds. That
leaves three gaps, and each is closed by something else:

1. What moves only SystemModstamp (roll-ups, merged accounts, names behind references) passes the header. The row is
   read afresh right before the write and compared as a whole with what the caller knows: stamp and content. What of
   this kind happens between that reading and the write is not noticed; people's edits are not of this kind.
2. Two writes within one second bear one stamp: somebody's write between that reading and ours, in the second of the
   stamp, would pass both. It cannot come about once that second is over. So when a row was modified in the very second
   in which it is looked at, the connector waits until that is over (a second or two, and rare: the row was written just
   now), and reads once more. Later writes bear a later stamp, and the header refuses ours. Whether the second is over
   is told by the org's own clock alone, as the dates of its answers show it.
3. A transaction that has written the row and stays open is not seen by either; it holds a lock on the row, at which
   ours waits or is refused, and its stamp is later than the one we name, unless it wrote in that very second and was
   still open when the second was over. This last case stays open: it takes two other writers in one second, one of
   them slow, and then the values of the fields that both of us touched are ours, with theirs in the field history.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from gateway.crm.port import (
    Actor,
    CrmConflict,
    CrmError,
    CrmMissing,
    CrmRefused,
    CrmUnavailable,
    Ref,
    RowCreation,
    RowUpdate,
    RowWrite,
    SourceRow,
    Written,
)
from gateway.crm.salesforce.errors import SessionEnded, judged
from gateway.crm.salesforce.marks import leaving, with_mark
from gateway.crm.salesforce.rows import MANY, Rows
from gateway.crm.salesforce.session import Session
from gateway.crm.salesforce.shapes import Shape
from gateway.mapping import EntityMap

_SECOND = timedelta(seconds=1)
_NEVER = datetime.min.replace(tzinfo=UTC)
#: Seconds the connector waits for a second to be over; a stamp that lies further ahead is one of a wrong clock.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.01, 3.0
#: Requests in one call of Composite (REST API Developer Guide, "Composite").
_SUBREQUESTS = 25
_NOBODY = Actor("", "")
#: Waits in seconds; a parameter, so that tests turn their clock instead.
Wait = Callable[[float], None]


class Writes:
    """Writes to the rows of one org."""

    def __init__(self, session: Session, rows: Rows, wait: Wait) -> None:
        self._session = session
        self._rows = rows
        self._wait = wait

    # --------------------------------------------------------------------------------------------------- creating

    def create(self, write: RowCreation) -> SourceRow:
        """Create a row, once per marker. Raises CrmRefused, CrmMissing."""
        return _alone(self.create_many([write]))

    def create_many(self, writes: Sequence[RowCreation]) -> list[Written]:
        """Create rows, each as if it were alone: those that are there already are returned as they are."""
        refs: list[Ref | CrmError | None] = [None] * len(writes)
        for obj in dict.fromkeys(write.obj for write in writes):
            there = self._rows.created(obj, [write.marker for write in writes if write.obj == obj])
            for place, write in enumerate(writes):
                if write.obj == obj:
                    refs[place] = there.get(write.marker)
        new = [place for place, ref in enumerate(refs) if ref is None]
        for start in range(0, len(new), MANY):
            part = new[start : start + MANY]
            for place, made in zip(part, self._made([writes[place] for place in part]), strict=True):
                refs[place] = made
        return self._read_back(refs)

    def _made(self, writes: Sequence[RowCreation]) -> list[Ref | CrmError]:
        shapes = [self._rows.shape(write.obj) for write in writes]
        bodies = [
            {"attributes": {"type": write.obj}, **self.new_body(shape, write)}
            for shape, write in zip(shapes, writes, strict=True)
        ]
        results = self._session.write("POST", "composite/sobjects", {"allOrNone": False, "records": bodies})
        return [
            Ref(write.obj, result["id"]) if result["success"] else self._not_made(shape, write, result)
            for shape, write, result in zip(shapes, writes, results, strict=True)
        ]

    def new_body(self, shape: Shape, write: RowCreation) -> dict[str, Any]:
        """Return what is sent for a new row."""
        body = shape.body(write.fields, new=True)
        if shape.marker:
            body[shape.marker] = write.marker
        if write.parent is not None:
            item = _under(shape, write.parent.obj, write.fields)
            if item is None or item.parent is None:
                raise CrmRefused(f"Nothing of this kind can be added to a {write.parent.obj}.")
            body[item.parent.property] = write.parent.id
        return body

    def _not_made(self, shape: Shape, write: RowCreation, result: Mapping[str, Any]) -> Ref | CrmError:
        error = self._error(shape, 400, result)
        if isinstance(error, CrmRefused) and _is(result, "DUPLICATE_VALUE"):
            # Another process was faster by a moment; or it is another field that has to be unique.
            found = self._rows.created(write.obj, [write.marker]).get(write.marker)
            return found or error
        return self.orphaned(shape, write.parent, error)

    def orphaned(self, shape: Shape, parent: Ref | None, error: CrmError) -> CrmError:
        """A child whose parent's field is refused has no parent any more."""
        if parent is None:
            gone = "A record it refers to is not there any more."
            return CrmRefused(gone) if isinstance(error, CrmMissing) else error
        links = {item.parent.property for item in shape.maps if item.parent}
        if isinstance(error, CrmMissing) or (isinstance(error, CrmRefused) and links & error.fields.keys()):
            return CrmMissing("The record it belongs to is not there any more.")
        return error

    # --------------------------------------------------------------------------------------------------- updating

    def update(self, write: RowUpdate) -> SourceRow:
        """Write the named fields of a row. Raises CrmConflict, CrmRefused, CrmMissing."""
        return _alone(self.update_many([write]))

    def update_many(self, writes: Sequence[RowUpdate]) -> list[Written]:
        """Update rows that differ, each as if it were alone."""
        fresh = self._fresh(writes)
        done: list[Ref | CrmError] = [_stands(write, fresh.get(write.ref)) for write in writes]
        ready = [place for place, one in enumerate(done) if isinstance(one, Ref)]
        for start in range(0, len(ready), _SUBREQUESTS):
            part = ready[start : start + _SUBREQUESTS]
            sent = [self._request(writes[place], fresh[writes[place].ref]) for place in part]
            for place, error in zip(
                part, self._send(sent, [writes[place].ref for place in part]), strict=True
            ):
                done[place] = error or writes[place].ref
        return self._read_back(done)

    def _fresh(self, writes: Sequence[RowUpdate]) -> dict[Ref, SourceRow]:
        """Read the rows, those with a condition so late that nobody can write with the stamp they have any more."""
        rows, pause = self._looked_at(writes)
        if pause and not self._session.knows_the_time:
            raise CrmUnavailable(f"{self._session.label} does not tell the time. Nothing was written.", 60.0)
        if 0 < pause <= _LONGEST_PAUSE:
            self._wait(pause)
            rows, pause = self._looked_at(writes)
        if pause:
            raise CrmUnavailable(
                "The record keeps changing. Nothing was written.", max(2.0, min(60.0, pause))
            )
        return rows

    def _looked_at(self, writes: Sequence[RowUpdate]) -> tuple[dict[Ref, SourceRow], float]:
        """Read the rows. Returns them, and for how many seconds those with a condition may still get the same stamp."""
        # Asked before the rows are: by then, the second of a stamp is over or it is not. Unknown, it is not.
        asked_at = self._session.now() if self._session.knows_the_time else _NEVER
        rows = {row.ref: row for row in self._rows.fetch([write.ref for write in writes])}
        conditional = [write.ref for write in writes if write.if_revision is not None]
        young = [
            rows[ref] for ref in conditional if ref in rows and rows[ref].modified_at + _SECOND > asked_at
        ]
        if not young:
            return rows, 0.0
        over = max(row.modified_at for row in young) + _SECOND
        return rows, max(_SHORTEST_PAUSE, (over - self._session.now()).total_seconds())

    def _request(self, write: RowUpdate, row: SourceRow) -> dict[str, Any]:
        shape = self._rows.shape(write.ref.obj)
        body = shape.body(write.fields)
        if shape.mark:
            body[shape.mark] = with_mark(row.fields.get(shape.mark), write.marker)
        conditional = write.if_revision is not None
        headers = {"If-Unmodified-Since": _http_time(row.modified_at)} if conditional else {}
        return {
            "method": "PATCH",
            "url": f"sobjects/{write.ref.obj}/{write.ref.id}",
            "body": body,
            **({"httpHeaders": headers} if headers else {}),
        }

    def _send(self, sent: Sequence[Mapping[str, Any]], refs: Sequence[Ref]) -> list[CrmError | None]:
        """Make the requests: one alone by itself, several as parts of one call."""
        if len(sent) == 1:
            return [self._send_one(sent[0], refs[0])]
        return [
            self._error(self._rows.shape(ref.obj), status, body) if status >= 300 else None
            for ref, (status, body) in zip(
                refs, self._session.composite(sent, all_or_none=False), strict=True
            )
        ]

    def _send_one(self, one: Mapping[str, Any], ref: Ref) -> CrmError | None:
        try:
            self._session.write(one["method"], one["url"], one["body"], headers=one.get("httpHeaders"))
        except CrmUnavailable:
            raise
        except CrmError as error:
            return self._named(self._rows.shape(ref.obj), error)
        return None

    # --------------------------------------------------------------------------------------------------- deleting

    def delete(self, ref: Ref, marker: str, if_revision: str | None) -> None:
        """Delete a row; one that is gone is success. Raises CrmConflict, CrmRefused.

        A deletion takes no condition (REST API Developer Guide, "Conditional Request Headers"). So the mark is written
        on condition, and the row deleted, in one call that is taken back as a whole when either fails.
        """
        write = RowUpdate(ref, {}, leaving(marker), _NOBODY, if_revision)
        row = self._fresh([write]).get(ref)
        if row is None or row.archived:
            return
        stands = _stands(write, row)
        if isinstance(stands, CrmError):
            raise stands
        shape = self._rows.shape(ref.obj)
        parts = [{"method": "DELETE", "url": f"sobjects/{ref.obj}/{ref.id}"}]
        if shape.mark:
            parts.insert(0, self._request(write, row))
        told = self._session.composite(parts, all_or_none=True)
        errors = [self._error(shape, status, body) for status, body in told if status >= 300]
        if errors:
            # What was taken back along with it says no more than that.
            error = next((one for one in errors if not isinstance(one, CrmUnavailable)), errors[0])
            if not isinstance(error, CrmMissing):
                raise error

    # ------------------------------------------------------------------------------------------------ many at once

    def many(self, writes: Sequence[RowWrite]) -> list[Written]:
        """Carry out writes of rows that differ, each as if it were alone. Raises CrmUnavailable."""
        done: dict[int, Written] = {}
        new = [(place, write) for place, write in enumerate(writes) if isinstance(write, RowCreation)]
        old = [(place, write) for place, write in enumerate(writes) if isinstance(write, RowUpdate)]
        if new:
            made = self.create_many([write for _, write in new])
            done |= {place: one for (place, _), one in zip(new, made, strict=True)}
        if old:
            changed = self.update_many([write for _, write in old])
            done |= {place: one for (place, _), one in zip(old, changed, strict=True)}
        return [done[place] for place in range(len(writes))]

    def _read_back(self, done: Sequence[Ref | CrmError | None]) -> list[Written]:
        rows = {row.ref: row for row in self._rows.fetch([one for one in done if isinstance(one, Ref)])}
        return [self._shown(rows, one) for one in done]

    def _shown(self, rows: Mapping[Ref, SourceRow], one: Ref | CrmError | None) -> Written:
        if isinstance(one, CrmError):
            return one
        assert one is not None
        if one in rows:
            return rows[one]
        into = self._rows.merged_into(one)
        if into is not None:
            return CrmMissing("The record was merged into another.", into)
        # It was deleted in the moment after it was written, or the app's user may write and not read.
        return CrmUnavailable(f"{self._session.label} does not show what was written.", 5.0)

    # ------------------------------------------------------------------------------------------------------ errors

    def _error(self, shape: Shape, status: int, body: Any) -> CrmError:
        try:
            return self._named(shape, judged(status, body, self._session.label))
        except SessionEnded:
            return CrmUnavailable(f"The session with {self._session.label} had run out.", 0.5)

    def _named(self, shape: Shape, error: CrmError) -> CrmError:
        """Name a refusal's fields as the mapping does."""
        if not isinstance(error, CrmRefused):
            return error
        return CrmRefused(
            str(error), {shape.property_of(name): words for name, words in error.fields.items()}
        )


def _stands(write: RowUpdate, row: SourceRow | None) -> Ref | CrmError:
    """Compare a row as it is now with what the writer knows of it."""
    if row is None or row.archived:
        return CrmMissing("The record is not there any more.")
    if write.if_revision is not None and row.revision != write.if_revision:
        return CrmConflict("The record was changed meanwhile.")
    return write.ref


def _http_time(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


def _under(shape: Shape, parent: str, fields: Mapping[str, Any]) -> EntityMap | None:
    """Return the map through which a child is added to a parent of that object."""
    fitting = [item for item in shape.maps if item.parent and item.parent.may_name(parent)]
    return next(
        (item for item in fitting if item.takes({**dict.fromkeys(item.only), **fields})), None
    ) or next(iter(fitting), None)


def _is(result: Mapping[str, Any], code: str) -> bool:
    return any(error.get("statusCode") == code for error in result.get("errors", ()))


def _alone(done: Sequence[Written]) -> SourceRow:
    [one] = done
    if isinstance(one, CrmError):
        raise one
    return one
