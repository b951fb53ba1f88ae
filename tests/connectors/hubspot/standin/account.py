"""One account: its records, what they are linked to, their history, and what lags behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tests.connectors.hubspot.standin.errors import Problem, Wrong, bad_request, missing
from tests.connectors.hubspot.standin.model import (
    CUSTOM,
    DEFAULT_PIPELINES,
    LINKS,
    TYPES,
    Definition,
    Link,
    ObjectType,
    Pipeline,
)
from tests.connectors.hubspot.standin.times import iso, to_ms
from tests.connectors.hubspot.standin.values import values_of

#: Values a property's history holds; contacts keep more.
_VERSIONS, _CONTACT_VERSIONS = 20, 45
_UNIQUE_MOST = 10


@dataclass(frozen=True)
class Source:
    """By which way a value came, and whose user it was."""

    type: str
    id: str
    label: str = ""
    user: int | None = None


API = Source("INTEGRATION", "app:2600", "Counterpart gateway")


@dataclass(frozen=True)
class Version:
    """One value a property had."""

    value: str
    at: int
    source: Source


@dataclass
class Record:
    """One record. `shots`: what the search index shows of it from when on; None: nothing any more."""

    id: int
    type: ObjectType
    created: int
    modified: int
    values: dict[str, str] = field(default_factory=dict)
    history: dict[str, list[Version]] = field(default_factory=dict)
    archived: int | None = None
    shots: list[tuple[int, dict[str, str] | None]] = field(default_factory=list)


@dataclass(frozen=True)
class Owner:
    """Somebody who works in the account."""

    id: str
    user: int
    email: str
    first: str
    last: str


@dataclass(frozen=True)
class Stored:
    """One file."""

    id: str
    name: str
    extension: str
    media_type: str
    body: bytes
    at: int
    access: str


@dataclass(frozen=True)
class Event:
    """Something that happened to a record, for webhooks and the journal. `other`: what it is linked to, or became."""

    action: str
    record: Record
    at: int
    property: str = ""
    value: str = ""
    other: Record | None = None


class Account:
    """What a HubSpot account holds. `now`: its clock; `lag`: seconds until the search shows what was written."""

    portal = 4711

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.lag = 0.0
        self.types: dict[str, ObjectType] = {}
        for kind in (*TYPES, *CUSTOM):
            self.types |= {kind.name: kind, kind.type_id: kind, kind.singular: kind}
        self.records: dict[str, dict[int, Record]] = {kind.name: {} for kind in (*TYPES, *CUSTOM)}
        self.definitions = {
            kind.name: {one.name: one for one in kind.properties} for kind in (*TYPES, *CUSTOM)
        }
        self.groups: dict[str, set[str]] = {kind.name: set() for kind in (*TYPES, *CUSTOM)}
        self.pipelines: dict[str, list[Pipeline]] = {
            name: [*many] for name, many in DEFAULT_PIPELINES.items()
        }
        self.owners = [Owner("7001", 9001, "ingrid@halden.example", "Ingrid", "Solheim")]
        self.links: dict[int, Link] = {one.type_id: one for one in LINKS}
        #: By record: what it is linked to, in the order in which that happened, and in which ways.
        self.linked: dict[int, dict[int, set[int]]] = {}
        self.merged: dict[int, int] = {}
        self.files: dict[str, Stored] = {}
        self.unique: dict[tuple[str, str, str], int] = {}
        self.rules: list[Callable[[str, Mapping[str, str]], Wrong | None]] = []
        self.listeners: list[Callable[[Event], None]] = []
        self._last = 30_000_000_000

    def now_ms(self) -> int:
        """The account's clock, in milliseconds."""
        return to_ms(self._now())

    def next_id(self) -> int:
        """A number nothing else has."""
        self._last += 17
        return self._last

    def kind(self, name: str) -> ObjectType:
        """The type of object by name, or id. Raises Problem."""
        found = self.types.get(name)
        if found is None:
            raise bad_request(f"Unable to infer object type from: {name}")
        return found

    # ----------------------------------------------------------------------------------------------- records

    def find(self, kind: ObjectType, key: str, id_property: str = "", *, archived: bool = False) -> Record:
        """A record by its id, or by a unique property. One that was merged away is the one it became."""
        if id_property:
            number = self._by_unique(kind, id_property, key, archived=archived)
        else:
            number = int(key) if key.isdecimal() else 0
            while number in self.merged:
                number = self.merged[number]
        record = self.records[kind.name].get(number)
        if record is None or (record.archived is not None) != archived:
            raise missing(kind.singular.upper(), [key])
        return record

    def _by_unique(self, kind: ObjectType, name: str, value: str, *, archived: bool) -> int:
        definition = self.definitions[kind.name].get(name)
        if definition is None or not definition.unique:
            raise bad_request(f"Unable to perform read by non-unique {kind.type_id} property {name}")
        if not archived:
            return self.unique.get((kind.name, name, value.lower()), 0)
        gone = (one for one in self.records[kind.name].values() if one.archived is not None)
        return next((one.id for one in gone if one.values.get(name, "").lower() == value.lower()), 0)

    def create(
        self,
        kind: ObjectType,
        values: Mapping[str, Any],
        links: Sequence[tuple[int, int]] = (),
        source: Source = API,
        key: int = 0,
    ) -> Record:
        """Make a record, linked from the beginning: pairs of the other's id and the way. Raises Problem."""
        wanted = self.checked(kind, values, None)
        for other, way in links:
            self._check_link(kind, other, way)
        now = self.now_ms()
        record = Record(key or self.next_id(), kind, now, now)
        record.values = {"hs_object_id": str(record.id), kind.created: iso(now), kind.modified: iso(now)}
        self.records[kind.name][record.id] = record
        self._set(record, wanted, source, now)
        for other, way in links:
            self.link(record.id, other, way, quiet=True)
        self._tell(Event("CREATE", record, now))
        return record

    def update(self, record: Record, values: Mapping[str, Any], source: Source = API) -> Record:
        """Write values. Raises Problem."""
        wanted = self.checked(record.type, values, record)
        now = self.now_ms()
        before = dict(record.values)
        self._set(record, wanted, source, now)
        for name, value in wanted.items():
            if before.get(name, "") != value:
                self._tell(Event("UPDATE", record, now, name, value))
        return record

    def _set(self, record: Record, values: Mapping[str, str], source: Source, now: int) -> None:
        kind = record.type
        keep = _CONTACT_VERSIONS if kind.name == "contacts" else _VERSIONS
        for name, value in values.items():
            definition = self.definitions[kind.name][name]
            old = record.values.get(name, "")
            if definition.unique:
                self.unique.pop((kind.name, name, old.lower()), None)
                if value:
                    self.unique[kind.name, name, value.lower()] = record.id
            if value == old and name in record.history:
                continue
            versions = record.history.setdefault(name, [])
            versions.insert(0, Version(value, now, source))
            del versions[keep:]
            if value:
                record.values[name] = value
            else:
                record.values.pop(name, None)
        self._touch(record, now)

    def _touch(self, record: Record, now: int) -> None:
        record.modified = now
        record.values[record.type.modified] = iso(now)
        self._index(record, record.values)

    def _index(self, record: Record, values: Mapping[str, str] | None) -> None:
        now = self.now_ms()
        shown = [shot for shot in record.shots if shot[0] <= now][-1:]
        later = [shot for shot in record.shots if shot[0] > now]
        record.shots = [
            *shown,
            *later,
            (now + int(self.lag * 1000), None if values is None else dict(values)),
        ]

    def archive(self, record: Record) -> None:
        """Put a record away: its date of modification stays, and it leaves the index with the others' lag."""
        record.archived = self.now_ms()
        for name, definition in self.definitions[record.type.name].items():
            if definition.unique:
                self.unique.pop((record.type.name, name, record.values.get(name, "").lower()), None)
        self._index(record, None)
        self._tell(Event("DELETE", record, record.archived))

    def restore(self, record: Record) -> None:
        """Bring a record back, just as it was."""
        record.archived = None
        for name, definition in self.definitions[record.type.name].items():
            if definition.unique and record.values.get(name):
                self.unique[record.type.name, name, record.values[name].lower()] = record.id
        self._index(record, record.values)
        self._tell(Event("RESTORE", record, self.now_ms()))

    def purge(self, record: Record) -> None:
        """Delete a record for good."""
        if record.archived is None:
            self.archive(record)
        del self.records[record.type.name][record.id]

    def merge(self, primary: Record, other: Record) -> Record:
        """Merge two records into a new one, which has the primary's values and answers to both old ids."""
        kind = primary.type
        if not kind.merges:
            raise bad_request(f"Merging is not supported for {kind.name}")
        values = {**other.values, **primary.values}
        links = [*self.linked.get(primary.id, {}).items(), *self.linked.get(other.id, {}).items()]
        merged = [str(primary.id), str(other.id)]
        for old in (primary, other):
            merged += [one for one in old.values.get("hs_merged_object_ids", "").split(";") if one]
            for name, definition in self.definitions[kind.name].items():
                if definition.unique:
                    self.unique.pop((kind.name, name, old.values.get(name, "").lower()), None)
            self._index(old, None)
            del self.records[kind.name][old.id]
        now = self.now_ms()
        record = Record(self.next_id(), kind, min(primary.created, other.created), now)
        record.values = {**values, "hs_object_id": str(record.id)}
        record.values["hs_merged_object_ids"] = ";".join(dict.fromkeys(merged))
        record.history = {name: [*many] for name, many in {**other.history, **primary.history}.items()}
        self.records[kind.name][record.id] = record
        for name, definition in self.definitions[kind.name].items():
            if definition.unique and record.values.get(name):
                self.unique[kind.name, name, record.values[name].lower()] = record.id
        self._touch(record, now)
        for target, ways in links:
            for way in ways:
                self.link(record.id, target, way, quiet=True)
        for old in (primary, other):
            for target in [*self.linked.get(old.id, {})]:
                self.unlink(old.id, target, quiet=True)
            self.merged[old.id] = record.id
            self._tell(Event("MERGE", old, now, other=record))
        return record

    # ------------------------------------------------------------------------------------------------- values

    def checked(self, kind: ObjectType, values: Mapping[str, Any], record: Record | None) -> dict[str, str]:
        """The values as they are kept. Raises Problem that names each property that is wrong."""
        found = values_of(self, kind, values, record)
        self._check_unique(kind, found, record)
        return found

    def options(self, kind: ObjectType, definition: Definition) -> dict[str, str]:
        """Value to label of what may stand in a property; empty when anything may."""
        if definition.name == "hubspot_owner_id":
            return {one.id: f"{one.first} {one.last}" for one in self.owners}
        pipelines = self.pipelines.get(kind.name, [])
        if definition.name == kind.pipeline[0]:
            return {one.id: one.label for one in pipelines}
        if definition.name == kind.pipeline[1]:
            return {stage.id: stage.label for one in pipelines for stage in one.stages}
        return definition.options

    def _check_unique(self, kind: ObjectType, found: Mapping[str, str], record: Record | None) -> None:
        for name, value in found.items():
            other = self.unique.get((kind.name, name, value.lower()), 0) if value else 0
            if not other or (record and other == record.id):
                continue
            if (kind.name, name) == ("contacts", "email"):
                raise Problem(409, "CONFLICT", f"Contact already exists. Existing ID: {other}")
            raise bad_request(
                f"Cannot set PropertyValueCoordinates{{portalId={self.portal}, objectTypeId={kind.type_id}, "
                f"propertyName={name}, value={value}}} on {record.id if record else None}. "
                f"{other} already has that value."
            )

    def define(self, kind: ObjectType, definition: Definition) -> None:
        """Add a property, or exchange it. Raises Problem."""
        own = self.definitions[kind.name]
        count = sum(
            1 for one in own.values() if one.unique and not one.hubspot and one.name != definition.name
        )
        if definition.unique and count >= _UNIQUE_MOST:
            raise Problem(
                400, "VALIDATION_ERROR", f"There can be at most {_UNIQUE_MOST} unique properties a type."
            )
        self.definitions[kind.name] = {**own, definition.name: definition}

    # -------------------------------------------------------------------------------------------------- links

    def _check_link(self, kind: ObjectType, other: int, way: int) -> None:
        link = self.links.get(way)
        if link is None or link.origin != kind.name:
            raise bad_request(f"No association type {way} from {kind.name}")
        if other not in self.records[link.target]:
            raise missing(self.types[link.target].singular.upper(), [str(other)])

    def link(self, a: int, b: int, way: int, *, quiet: bool = False) -> None:
        """Link two records both ways. A primary one takes the place of the primary one there was. No date moves."""
        link = self.links[way]
        for origin, target, one in ((a, b, link), (b, a, self.links[link.inverse])):
            ways = self.linked.setdefault(origin, {}).setdefault(target, set())
            ways.add(one.type_id)
            plain = self.plain_way(one.origin, one.target)
            if plain is not None:
                ways.add(plain.type_id)
        if link.label == "Primary":
            single = a if self.types[link.target].name == "companies" else b
            only = way if single == a else link.inverse
            for other, ways in self.linked[single].items():
                if other not in (a, b) and only in ways:
                    ways.discard(only)
                    self.linked[other][single].discard(self.links[only].inverse)
        if not quiet:
            self._tell_link("ASSOCIATION_ADDED", a, b)

    def unlink(self, a: int, b: int, *, quiet: bool = False) -> None:
        """Take a link away altogether."""
        there = self.linked.get(a, {}).pop(b, None)
        self.linked.get(b, {}).pop(a, None)
        if there and not quiet:
            self._tell_link("ASSOCIATION_REMOVED", a, b)

    def plain_way(self, origin: str, target: str) -> Link | None:
        """The link without a label between two types."""
        ways = (one for one in self.links.values() if (one.origin, one.target) == (origin, target))
        return next((one for one in ways if one.label is None), None)

    def record(self, key: int) -> Record | None:
        """Any record by its id."""
        return next((many[key] for many in self.records.values() if key in many), None)

    def _tell_link(self, action: str, a: int, b: int) -> None:
        one, other = self.record(a), self.record(b)
        if one and other:
            self._tell(Event(action, one, self.now_ms(), other=other))

    def _tell(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)

    # ------------------------------------------------------------------------------------------------- others

    def store(self, name: str, media_type: str, body: bytes, access: str) -> Stored:
        """Keep a file."""
        stem, _, extension = name.rpartition(".")
        stem, extension = (stem, extension) if stem else (name, "")
        key = str(self.next_id())
        self.files[key] = Stored(key, stem, extension, media_type, body, self.now_ms(), access)
        return self.files[key]

    def add_options(self, kind: ObjectType, name: str, options: Mapping[str, str]) -> None:
        """Add to what may stand in a property."""
        definition = self.definitions[kind.name][name]
        self.define(kind, replace(definition, options={**definition.options, **options}))
