"""Reading rows: what changed, whole rows by id, all ids, and where a merged row went.

Lists are keyset pages over (SystemModstamp, Id), with what is in the recycle bin: so a deletion is listed like any
other change, as long as Salesforce keeps it there (15 days); later the sweep finds it. Of rows that are not shared,
nothing is read but the fields that say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from gateway.crm.digests import Digests, digest_of
from gateway.crm.port import ChangedId, CrmUnavailable, Ref, SourceRow
from gateway.crm.salesforce import soql
from gateway.crm.salesforce.errors import clean
from gateway.crm.salesforce.session import Session
from gateway.crm.salesforce.shapes import FILE, MERGED, SHA256, Shape, moment
from gateway.mapping import SystemMapping

#: How many ids go into one query: see `Capabilities.page_size`.
MANY = 200
#: Going through everything for the first time, only rows are listed that may be shared, and those that changed since
#: shortly before it began: one of them may have been shared when it was read.
_BEFORE_IT_BEGAN = timedelta(days=1)


class Rows:
    """The rows of one org, as a mapping sees them."""

    def __init__(self, session: Session, mapping: SystemMapping, digests: Digests) -> None:
        self._session = session
        self._mapping = mapping
        self._digests = digests
        #: By object, what counts as changed since the first pass began, while that is under way. Lost with a restart:
        #: then the rest of it lists more than it needs to.
        self._first_passes: dict[str, datetime] = {}

    def shape(self, obj: str) -> Shape:
        """Return how the mapping's properties stand in an object."""
        return Shape(obj, self._mapping.of_object(obj), self._mapping.properties(obj))

    # --------------------------------------------------------------------------------------------------- listing

    def changed_since(
        self, obj: str, since: datetime | None, after: str | None, limit: int
    ) -> Sequence[ChangedId]:
        """Return rows with `SystemModstamp >= since` in the order of (SystemModstamp, Id), deleted ones too."""
        stamp = soql.literal(since) if since is not None else "1970-01-01T00:00:00.000Z"
        where = f"SystemModstamp >= {stamp}" if since is not None else ""
        if after is not None and soql.is_id(after):
            where = f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > {soql.literal(after)}))"
        where = soql.both(where, self._listed(obj, since, after))
        text = soql.select(("Id", "SystemModstamp"), obj, where, "SystemModstamp, Id", limit)
        found = self._session.query(text, everything=True)
        return [ChangedId(Ref(obj, row["Id"]), moment(row["SystemModstamp"])) for row in found]

    def _listed(self, obj: str, since: datetime | None, after: str | None) -> str:
        """Return the condition for what need not be listed: a row that ceases to be shared has to be."""
        if since is None and after is None:
            self._first_passes[obj] = self._session.now() - _BEFORE_IT_BEGAN
        elif after is None:
            self._first_passes.pop(obj, None)
        news, shared = self._first_passes.get(obj), soql.shared(self._mapping.of_object(obj))
        return f"({shared} OR SystemModstamp > {soql.literal(news)})" if news and shared else ""

    def sweep(self, obj: str, after: str | None, limit: int) -> Sequence[str]:
        """Return the ids of rows that are there and may be shared, in the order of Salesforce's ids."""
        beyond = f"Id > {soql.literal(after)}" if after and soql.is_id(after) else ""
        where = soql.both(soql.shared(self._mapping.of_object(obj)), beyond)
        return [row["Id"] for row in self._session.query(soql.select(("Id",), obj, where, "Id", limit))]

    # --------------------------------------------------------------------------------------------------- reading

    def fetch(self, refs: Sequence[Ref]) -> Sequence[SourceRow]:
        """Return the rows that exist; those in the recycle bin are archived, and merged ones are gone."""
        by_obj: dict[str, list[str]] = {}
        for ref in dict.fromkeys(refs):
            if soql.is_id(ref.id) and soql.is_name(ref.obj):
                by_obj.setdefault(ref.obj, []).append(ref.id)
        found: dict[Ref, SourceRow] = {}
        for obj, keys in by_obj.items():
            for start in range(0, len(keys), MANY):
                found |= {row.ref: row for row in self._read(obj, keys[start : start + MANY])}
        return [found[ref] for ref in dict.fromkeys(refs) if ref in found]

    def _read(self, obj: str, keys: Sequence[str]) -> Iterator[SourceRow]:
        shape = self.shape(obj)
        shared = soql.shared(shape.maps)
        where = soql.both(soql.one_of("Id", keys), shared)
        records = self._session.query(soql.select(shape.columns, obj, where), everything=True)
        there = {record["Id"] for record in records}
        rest = [key for key in keys if key not in there] if shared else []
        if rest:
            where = soql.one_of("Id", rest)
            records += self._session.query(soql.select(shape.telling, obj, where), everything=True)
        for record in records:
            if not record.get("MasterRecordId"):
                yield shape.row(record, self._more(shape, record) if record["Id"] in there else {})

    def _more(self, shape: Shape, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return the SHA-256 of a file that is shared: what Salesforce keeps tells when it changes."""
        if shape.obj != FILE or SHA256 not in shape.properties or record.get("IsDeleted"):
            return {}
        key = file_key(record)
        known = digest_of(self._digests, key, lambda: self._session.stream(_bytes_path(record["Id"])))
        return {SHA256: known.sha256}

    def merged_into(self, ref: Ref) -> Ref | None:
        """Return the row this one was merged into, as long as the recycle bin has it."""
        if ref.obj not in MERGED or not soql.is_id(ref.id):
            return None
        text = soql.select(("MasterRecordId",), ref.obj, soql.one_of("Id", [ref.id]))
        found = self._session.query(text, everything=True)
        return Ref(ref.obj, found[0]["MasterRecordId"]) if found and found[0]["MasterRecordId"] else None

    # ----------------------------------------------------------------------------------------------------- marks

    def created(self, obj: str, markers: Sequence[str]) -> dict[str, Ref]:
        """Return by marker the rows that were created with these: one that is there, or else the oldest that was.

        The field is unique, so that there is at most one; and a query reads the database, so that it is seen at once.
        """
        name = self.shape(obj).marker
        if not name or not markers:
            return {}
        found: dict[str, Ref] = {}
        for start in range(0, len(markers), MANY):
            where = soql.one_of(name, markers[start : start + MANY])
            order = "IsDeleted, CreatedDate, Id"
            for row in self._session.query(soql.select(("Id", name), obj, where, order), everything=True):
                found.setdefault(str(row[name]), Ref(obj, row["Id"]))
        return found

    def marks(self, ref: Ref) -> tuple[set[str], bool]:
        """Return the marks a row bears, and whether it is deleted; none where there is no such row."""
        shape = self.shape(ref.obj)
        names = [name for name in (shape.mark, shape.marker) if name]
        if not names or not soql.is_id(ref.id):
            return set(), False
        text = soql.select(("IsDeleted", *names), ref.obj, soql.one_of("Id", [ref.id]))
        found = self._session.query(text, everything=True)
        if not found:
            return set(), False
        return {mark for name in names for mark in str(found[0][name] or "").split()}, found[0]["IsDeleted"]

    def must(self, ref: Ref) -> SourceRow:
        """Return a row that was just written. Raises CrmUnavailable when it is not shown."""
        rows = self.fetch([ref])
        if not rows:
            raise CrmUnavailable(
                clean(f"{self._session.label} does not show what it has just written to {ref.obj}."), 60.0
            )
        return rows[0]


def file_key(record: Mapping[str, Any]) -> str:
    """Name a file and the state of its bytes: a version's never change, and the checksum would show it if they did."""
    return f"salesforce/{record['Id']}/{record['Checksum']}"


def _bytes_path(key: str) -> str:
    return f"sobjects/{FILE}/{key}/VersionData"
