"""The embedded CRM behind the connector port."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, assert_never

from sqlalchemy import JSON, Integer, and_, func, or_, select
from sqlalchemy.exc import IntegrityError

from gateway.crm.embedded import description, files, timers, validation, writes
from gateway.crm.embedded.codes import STATE_WORDS
from gateway.crm.embedded.database import Database, Listener, Rule, broken_rule
from gateway.crm.embedded.models import Contact, History
from gateway.crm.embedded.objects import id_of, row_id, spec_of
from gateway.crm.embedded.rows import RowReader
from gateway.crm.embedded.times import from_ms, to_ms
from gateway.crm.embedded.unit import AUTOMATION, Hand, Unit
from gateway.crm.port import (
    Actor,
    Capabilities,
    ChangedId,
    CrmError,
    CrmMissing,
    CrmRefused,
    CrmUnavailable,
    FieldChange,
    FileBody,
    Ref,
    RowCreation,
    RowUpdate,
    RowWrite,
    SourceRow,
    Written,
)
from gateway.crm.schema import ObjectSchema, WantedProperty
from gateway.crm.webhook import GENERIC

#: How the history names writes that came through the port.
_VIA_PORTAL = "partner portal"

#: Characters a contact's name may have.
_NAME = 120


@dataclass(frozen=True)
class HistoryLine:
    """One change as the CRM remembers it; `field` is empty for the row as a whole."""

    field: str
    old: Any
    new: Any
    by: str
    via: str
    at: datetime
    marker: str


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


class EmbeddedCrm:
    """A CRM of its own: tables, ids, codes, clock, history and validation; implements `CrmPort`."""

    def __init__(self, database: Database, vendor: str) -> None:
        self.database = database
        self.vendor = vendor
        self._rows = RowReader(vendor)
        self._more_codes: Mapping[str, Mapping[str, str]] = {}

    @classmethod
    def open(
        cls, url: str = "sqlite://", now: Callable[[], datetime] = utc_now, vendor: str = "Halden Systems"
    ) -> EmbeddedCrm:
        """Open (and create) the CRM's database; `sqlite://` lives in memory."""
        return cls(Database(url, now, vendor), vendor)

    def take_codes(self, codes: Mapping[str, Mapping[str, str]]) -> None:
        """Hear which states a portal has besides the CRM's own: by object, code and words."""
        self._more_codes = codes

    def states_of(self, obj: str) -> dict[str, str]:
        """Return the codes a row of that kind may have as its state, with their words; the CRM's own come first."""
        return {**STATE_WORDS.get(obj, {}), **self.more_states_of(obj)}

    def more_states_of(self, obj: str) -> dict[str, str]:
        """Return those of `states_of` that are the portal's."""
        known = STATE_WORDS.get(obj, {})
        return {code: words for code, words in self._more_codes.get(obj, {}).items() if code not in known}

    def turn_of_day(self) -> list[Ref]:
        """Do what is due by today's date; returns the rows that were moved on."""
        with self.writing() as unit:
            return timers.by_day(unit, from_ms(unit.now_ms).date())

    def on_commit(self, listener: Listener) -> None:
        """Call `listener` with the touched rows after each commit."""
        self.database.listen(listener)

    def close(self) -> None:
        """Give back every connection."""
        self.database.close()

    @property
    def system(self) -> str:
        """Short name used in derived ids."""
        return "embedded"

    @property
    def label(self) -> str:
        """Name shown to people."""
        return f"{self.vendor.split()[0]}'s CRM"

    @property
    def capabilities(self) -> Capabilities:
        """It can do everything a connector could wish for."""
        return Capabilities(
            True, True, True, True, clock_step=0.001, page_size=200, writes_a_call=200, webhook=GENERIC
        )

    def now(self) -> datetime:
        """Return the CRM's clock."""
        return self.database.now()

    # ------------------------------------------------------------------------------------------------- reading

    def changed_since(
        self, obj: str, since: datetime | None, after: str | None, limit: int
    ) -> Sequence[ChangedId]:
        """Return rows with `modified_at >= since` in (modified_at, id) order, archived ones too."""
        table = spec_of(obj).table
        columns = (table.c.id, table.c.modified_ms, table.c.rev)
        query = select(*columns).order_by(table.c.modified_ms, table.c.id).limit(limit)
        since_ms = to_ms(since) if since is not None else None
        if after is not None:
            here = since_ms if since_ms is not None else 0
            beyond = and_(table.c.modified_ms == here, table.c.id > int(after))
            query = query.where(or_(table.c.modified_ms > here, beyond))
        elif since_ms is not None:
            query = query.where(table.c.modified_ms >= since_ms)
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        return [ChangedId(Ref(obj, str(key)), from_ms(at), str(revision)) for key, at, revision in rows]

    def fetch(self, refs: Sequence[Ref]) -> Sequence[SourceRow]:
        """Return the rows that exist, archived ones marked so."""
        found: dict[Ref, SourceRow] = {}
        with self.database.read() as connection:
            for obj, group in groupby(sorted(refs, key=lambda ref: ref.obj), key=lambda ref: ref.obj):
                ids = [key for ref in group if (key := id_of(ref.id)) is not None]
                for row in self._rows.fetch(connection, obj, ids) if ids else ():
                    found[row.ref] = row
        return [found[ref] for ref in dict.fromkeys(refs) if ref in found]

    def read(self, ref: Ref) -> SourceRow:
        """Return one row. Raises CrmMissing."""
        rows = self.fetch([ref])
        if not rows:
            raise CrmMissing(
                f"{spec_of(ref.obj).label} {ref.id} is not there any more.", self.merged_into(ref)
            )
        return rows[0]

    def find(self, obj: str, **values: Any) -> Ref | None:
        """Return the oldest row whose columns hold these values."""
        table = spec_of(obj).table
        query = select(table.c.id).where(*(table.c[name] == value for name, value in values.items()))
        with self.database.read() as connection:
            found = connection.execute(query.order_by(table.c.id).limit(1)).scalar()
        return None if found is None else Ref(obj, str(found))

    def sweep(self, obj: str, after: str | None, limit: int) -> Sequence[str]:
        """Return ids of rows that are neither archived nor deleted, in id order."""
        table = spec_of(obj).table
        query = select(table.c.id).where(table.c.archived.is_(False), table.c.id > int(after or 0))
        with self.database.read() as connection:
            return [str(key) for key in connection.execute(query.order_by(table.c.id).limit(limit)).scalars()]

    def children(self, child: str, parent: Ref) -> list[SourceRow]:
        """Return the rows of kind `child` (note, attachment) below a row, oldest first."""
        table = spec_of(child).table
        query = select(table.c.id).where(
            table.c.parent_obj == parent.obj, table.c.parent_id == row_id(parent)
        )
        with self.database.read() as connection:
            ids = list(connection.execute(query.order_by(table.c.id)).scalars())
            return self._rows.fetch(connection, child, ids) if ids else []

    def merged_into(self, ref: Ref) -> Ref | None:
        """Return the row this one was merged into, if any."""
        key = id_of(ref.id)
        if key is None:
            return None
        with self.database.read() as connection:
            return Unit(connection, 0).winner(ref.obj, key)

    def was_written(self, ref: Ref, marker: str) -> bool:
        """Tell whether a write with this marker reached the row."""
        with self.database.read() as connection:
            return Unit(connection, 0).marked(ref.obj, row_id(ref), marker)

    def find_created(self, obj: str, marker: str) -> Ref | None:
        """Return the row created with this marker, if any."""
        with self.database.read() as connection:
            found = Unit(connection, 0).by_marker(obj, marker)
        return None if found is None else Ref(obj, str(found))

    def history(self, ref: Ref) -> list[HistoryLine]:
        """Return everything the CRM remembers of a row, oldest first, also after the row has gone."""
        query = (
            select(History).where(History.obj == ref.obj, History.row_id == row_id(ref)).order_by(History.id)
        )
        with self.database.read() as connection:
            found = connection.execute(query).mappings().all()
        return [
            HistoryLine(
                line["field"],
                line["old_value"],
                line["new_value"],
                line["by_name"],
                line["via"],
                from_ms(line["at_ms"]),
                line["marker"],
            )
            for line in found
        ]

    def last_changes(self, ref: Ref, fields: Sequence[str]) -> Mapping[str, FieldChange]:
        """Return who changed each field last; the vendor's people are told with the vendor's name."""
        query = (
            select(History.field, History.by_name, History.by_key, History.at_ms, History.via)
            .where(History.obj == ref.obj, History.row_id == row_id(ref), History.field.in_(list(fields)))
            .order_by(History.id)
        )
        found: dict[str, FieldChange] = {}
        with self.database.read() as connection:
            for field, by, key, at_ms, via in connection.execute(query):
                who = f"{by}, {self.vendor}" if key.startswith("staff/") else by
                found[field] = FieldChange(field, who, from_ms(at_ms), via)
        return found

    def open_file(self, ref: Ref) -> FileBody:
        """Return the bytes of a file or document. Raises CrmMissing."""
        if not spec_of(ref.obj).has_file:
            raise CrmMissing(f"A {spec_of(ref.obj).label.lower()} has no bytes.")
        fields = self.read(ref).fields
        if not fields["digest"]:
            raise CrmMissing(f"{spec_of(ref.obj).label} {ref.id} has no file.")
        chunks = files.stream(self.database.read, fields["digest"])
        return FileBody(fields["digest"], fields["byte_count"], fields["mime"], fields["file_name"], chunks)

    # ------------------------------------------------------------------------------------------------- writing

    def create(self, obj: str, fields: Mapping[str, Any], marker: str, actor: Actor) -> SourceRow:
        """Create a row once per marker, in its first state and owned by the actor. Raises CrmRefused."""
        return self._alone(RowCreation(obj, fields, marker, actor))

    def update(
        self, ref: Ref, fields: Mapping[str, Any], marker: str, actor: Actor, if_revision: str | None
    ) -> SourceRow:
        """Write the named columns only. Raises CrmConflict, CrmRefused, CrmMissing."""
        return self._alone(RowUpdate(ref, fields, marker, actor, if_revision))

    def append(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], marker: str, actor: Actor
    ) -> SourceRow:
        """Add a note under a row, once per marker."""
        return self._alone(RowCreation(obj, fields, marker, actor, parent))

    def write_many(self, writes: Sequence[RowWrite]) -> Sequence[Written]:
        """Carry out writes in one transaction; what is refused has written nothing.

        Where one fails in a way that was not checked beforehand all are taken back and made one by one.
        """
        try:
            with self.writing() as unit:
                done = self._together(unit, writes)
                rows = self._told(unit, [ref for ref in done if isinstance(ref, Ref)])
            return [rows[one] if isinstance(one, Ref) else one for one in done]
        except CrmUnavailable:
            raise
        except CrmError:
            return [self._by_itself(write) for write in writes]

    def _together(self, unit: Unit, writes: Sequence[RowWrite]) -> list[Ref | CrmError]:
        _read_ahead(unit, writes)
        done: list[Ref | CrmError] = []
        for write in writes:
            try:
                done.append(self._write(unit, write))
            except CrmError as error:
                if isinstance(error, CrmUnavailable):
                    raise
                done.append(error)
        return done

    def _by_itself(self, write: RowWrite) -> Written:
        try:
            return self._alone(write)
        except CrmUnavailable:
            raise
        except CrmError as error:
            return error

    def _alone(self, write: RowWrite) -> SourceRow:
        with self.writing() as unit:
            return self.row(unit, self._write(unit, write))

    def _told(self, unit: Unit, refs: Sequence[Ref]) -> dict[Ref, SourceRow]:
        ids: dict[str, list[int]] = defaultdict(list)
        for ref in dict.fromkeys(refs):
            ids[ref.obj].append(row_id(ref))
        return {
            row.ref: row for obj, keys in ids.items() for row in self._rows.fetch(unit.connection, obj, keys)
        }

    def _write(self, unit: Unit, write: RowWrite) -> Ref:
        """Check and make one write; whatever is refused is refused before anything is written."""
        match write:
            case RowUpdate(ref, fields, marker, actor, if_revision):
                changes = _coerced(ref.obj, fields)
                before = writes.living(unit, ref)
                hand = self._hand(unit, actor)
                # Who wrote on a condition is to look again, not to be told what is wrong with what they did not see.
                unit.must_stand(ref.obj, before, if_revision)
                validation.check_partner_write(ref.obj, before, changes)
                writes.apply(unit, ref.obj, before, changes, hand, marker, if_revision)
                return Ref(ref.obj, str(before["id"]))
            case RowCreation(obj, fields, marker, actor, parent):
                found = unit.by_marker(obj, marker)
                if found is None:
                    values = _coerced(obj, fields)
                    validation.check_partner_write(obj, None, values)
                    found = self._add(unit, obj, values, parent, self._hand(unit, actor), marker)
                return Ref(obj, str(found))
            case _:
                assert_never(write)

    def _add(
        self, unit: Unit, obj: str, values: dict[str, Any], parent: Ref | None, hand: Hand, marker: str
    ) -> int:
        if obj == "acknowledgement" and parent is not None:
            return writes.add_confirmation(unit, parent, values, hand, marker)
        if parent is not None:
            return writes.add_note(unit, parent, str(values.get("body", "")), hand, marker)
        return writes.create(unit, obj, {**values, **writes.first_values(unit, obj, hand)}, hand, marker)

    def attach(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], body: FileBody, marker: str, actor: Actor
    ) -> SourceRow:
        """Store a file under a row, once per marker. Raises CrmRefused when the bytes are not the named ones."""
        with self.writing() as unit:
            found = unit.by_marker(obj, marker)
            if found is None:
                stored = files.store(unit.connection, body.chunks)
                if stored.digest != body.sha256:
                    raise CrmRefused(
                        "The file arrived damaged.", {"digest": "The bytes are not the ones announced."}
                    )
                values = _coerced(obj, {k: v for k, v in fields.items() if k not in ("digest", "byte_count")})
                validation.check_partner_write(obj, None, values)
                values = {"file_name": body.name, "mime": body.media_type, **values}
                hand = self._hand(unit, actor)
                found = writes.add_attachment(unit, parent, values, stored, hand, marker)
            return self._rows.fetch(unit.connection, obj, [found])[0]

    def archive(self, ref: Ref, marker: str, actor: Actor, if_revision: str | None) -> None:
        """Archive a row; one that is archived or gone already is success."""
        try:
            with self.writing() as unit:
                before = unit.row(ref.obj, row_id(ref))
                if not before["archived"]:
                    hand = self._hand(unit, actor)
                    unit.change(
                        ref.obj, before["id"], {"archived": True}, hand, marker, if_revision, before=before
                    )
        except CrmMissing:
            return

    def person(self, company: Ref, name: str, email: str, taken: Collection[str]) -> Ref:
        """Return the contact of a company with an address for whom nobody signs in; adds one where there is none."""
        with self.writing() as unit:
            theirs = select(Contact.id).where(
                Contact.account_id == row_id(company),
                func.lower(Contact.mail) == email,
                Contact.archived.is_(False),
            )
            for key in unit.connection.execute(theirs.order_by(Contact.id)).scalars():
                if str(key) not in taken:
                    return Ref("contact", str(key))
            values = {
                "account_id": row_id(company),
                "full_name": name[:_NAME],
                "mail": email,
                "on_portal": True,
            }
            return Ref("contact", str(unit.insert("contact", values, AUTOMATION)))

    def describe(self, obj: str) -> ObjectSchema | None:
        """Return what an object is made of."""
        return description.describe(obj)

    def add_property(self, obj: str, wanted: WantedProperty) -> None:
        """Refuse: its objects are what they are."""
        raise CrmRefused(f"{self.label} has no properties of one's own: {obj} cannot be given {wanted.name}.")

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """Run one transaction of the CRM; what refers to nothing is refused."""
        try:
            with self.database.write() as unit:
                yield unit
        except IntegrityError as error:
            raise _integrity(error) from error

    def row(self, unit: Unit, ref: Ref) -> SourceRow:
        """Read one row inside a transaction."""
        return self._rows.fetch(unit.connection, ref.obj, [row_id(ref)])[0]

    def _hand(self, unit: Unit, actor: Actor) -> Hand:
        via = f"{_VIA_PORTAL}, {actor.device}" if actor.device else _VIA_PORTAL
        key = id_of(actor.id) or 0
        try:
            unit.row("contact", key)
        except CrmMissing:
            raise CrmRefused(f"The CRM does not know {actor.name or 'this person'} as a contact.") from None
        return Hand(actor.name, via, contact_id=key)


def _read_ahead(unit: Unit, writes: Sequence[RowWrite]) -> None:
    """Read what the writes will look at: the rows they change, and the people who write."""
    ids: dict[str, set[int]] = defaultdict(set)
    markers: dict[str, list[str]] = defaultdict(list)
    for write in writes:
        if isinstance(write, RowCreation):
            markers[write.obj].append(write.marker)
        if isinstance(write, RowUpdate):
            ids[write.ref.obj].add(id_of(write.ref.id) or 0)
        ids["contact"].add(id_of(write.actor.id) or 0)
    for obj, keys in ids.items():
        unit.read_ahead(obj, sorted(keys))
    for obj, made in markers.items():
        unit.read_markers(obj, made)


def _integrity(error: IntegrityError) -> CrmRefused:
    """Put the database's own checks into words."""
    broken, name = broken_rule(error)
    match broken:
        case Rule.NEEDED:
            return CrmRefused("Something that is needed is missing.", {name: "Needed. Fill this in."})
        case Rule.UNIQUE:
            taken = "There is one with this value already."
            return CrmRefused(taken, {name: taken})
        case Rule.OTHER:
            return CrmRefused("This refers to something the CRM does not have.")


def _coerced(obj: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Turn text into what the column wants: ids and objects travel as text."""
    columns = spec_of(obj).table.columns
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, str) and name in columns and isinstance(columns[name].type, JSON):
            value = _object(name, value)  # noqa: PLW2901
        if isinstance(value, str) and name in columns and isinstance(columns[name].type, Integer):
            if not value.lstrip("-").isdecimal():
                raise CrmRefused("A whole number is needed.", {name: "Write a whole number."})
            value = int(value)  # noqa: PLW2901  (the parsed form replaces the text)
        values[name] = value
    return values


def _object(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise CrmRefused("This cannot be kept here.", {name: "Not an object."}) from None
