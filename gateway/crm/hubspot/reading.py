"""Rows as a mapping names them, from records, links, names and files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from gateway.crm.hubspot.catalogue import Catalogue
from gateway.crm.hubspot.client import Client
from gateway.crm.hubspot.files import Files
from gateway.crm.hubspot.marks import author_in
from gateway.crm.hubspot.names import (
    FileFact,
    Label,
    Linked,
    LinkedItems,
    Member,
    Name,
    Naming,
    NoteFact,
    OwnerName,
    Parent,
    Plain,
)
from gateway.crm.hubspot.records import Record, Tie, chosen, read_records, read_ties
from gateway.crm.hubspot.text import to_text
from gateway.crm.hubspot.types import (
    ATTACHMENTS,
    CONTACTS,
    HTML,
    NOTES,
    OWNER,
    attachment_id,
    file_ids,
    modified_of,
    note_and_file,
    path_of,
)
from gateway.crm.port import Ref, SourceRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: By object and id: what was read of other records.
_Others = Mapping[tuple[str, str], Mapping[str, Any]]
_Ties = Mapping[str, Mapping[str, Sequence[Tie]]]


@dataclass(frozen=True)
class _Around:
    """What was read besides the records themselves: links, other records, and what is known of files."""

    ties: _Ties
    others: _Others
    files: Callable[[str, str], Any]


class Reader:
    """Reads rows by id."""

    def __init__(
        self, client: Client, catalogue: Catalogue, files: Files, naming: Callable[[str], Naming]
    ) -> None:
        self._client = client
        self._catalogue = catalogue
        self._files = files
        self._naming = naming

    def fetch(self, refs: Sequence[Ref]) -> list[SourceRow]:
        """Return the rows that exist, archived ones marked so. Raises CrmUnavailable."""
        by_object: dict[str, list[str]] = defaultdict(list)
        for ref in dict.fromkeys(refs):
            by_object[ref.obj].append(ref.id)
        found: dict[Ref, SourceRow] = {}
        for obj, ids in by_object.items():
            rows = self._attachments(ids) if obj == ATTACHMENTS else self._rows(obj, ids)
            found |= {row.ref: row for row in rows}
        return [found[ref] for ref in dict.fromkeys(refs) if ref in found]

    def _rows(self, obj: str, ids: Sequence[str]) -> list[SourceRow]:
        naming = self._naming(obj)
        records = self._records(naming, obj, ids)
        shown = {key: record for key, record in records.items() if self._may_be_read(naming, record)}
        rows = self._told(naming, obj, shown, {})
        return [*rows, *(self._bare(naming, obj, one) for key, one in records.items() if key not in shown)]

    def _records(self, naming: Naming, obj: str, ids: Sequence[str]) -> dict[str, Record]:
        """Read records; of those that are nobody's business no more than says so."""
        if not naming.guarded:
            names = (*naming.plain, modified_of(obj))
            return read_records(self._client, obj, ids, names, archived_too=True)
        guards = (*self._guards(naming), modified_of(obj))
        records = read_records(self._client, obj, ids, guards, archived_too=True)
        open_ones = [
            key for key, one in records.items() if self._may_be_read(naming, one) and not one.archived
        ]
        names = (*naming.plain, *guards)
        full = read_records(self._client, obj, open_ones, names) if open_ones else {}
        # Whoever took one back between the two calls is heard: what was read last counts.
        return {
            key: full.get(key, record)
            for key, record in records.items()
            if key not in open_ones or key in full
        }

    def _guards(self, naming: Naming) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for item in naming.maps for name in item.only if name[0] != "@"))

    def _may_be_read(self, naming: Naming, record: Record) -> bool:
        if not naming.guarded:
            return True
        return any(
            all(record.values.get(name) in allowed for name, allowed in item.only.items() if name[0] != "@")
            for item in naming.maps
        )

    def _bare(self, naming: Naming, obj: str, record: Record) -> SourceRow:
        fields = {name: record.values.get(name) for name in self._guards(naming)}
        return SourceRow(Ref(obj, record.id), fields, "", _modified(obj, record), record.archived)

    # --------------------------------------------------------------------------------------------- attachments

    def _attachments(self, ids: Sequence[str]) -> list[SourceRow]:
        """A file on a note is as public as its note, and gone when the note does not list it any more."""
        naming = self._naming(ATTACHMENTS)
        split = {one: note_and_file(one) for one in ids}
        notes = self._records(naming, NOTES, [note for note, _ in split.values() if note])
        shown: dict[str, Record] = {}
        files: dict[str, str] = {}
        bare = []
        for one, (note, file) in split.items():
            record = notes.get(note)
            if record is None:
                continue
            if not self._may_be_read(naming, record):
                bare.append(
                    SourceRow(Ref(ATTACHMENTS, one), {}, "", _modified(NOTES, record), record.archived)
                )
            elif file in file_ids(record.values) or record.archived:
                shown[one] = record
                files[one] = file
        return [*self._told(naming, ATTACHMENTS, shown, files), *bare]

    # --------------------------------------------------------------------------------------------------- telling

    def _told(
        self, naming: Naming, obj: str, records: Mapping[str, Record], files: Mapping[str, str]
    ) -> list[SourceRow]:
        living = [one.id for one in records.values() if not one.archived]
        ties: _Ties = {
            target: read_ties(self._client, path_of(obj), target, living) if living else {}
            for target in naming.linked
        }
        around = _Around(ties, self._others(naming, records, ties), self._files.facts())
        rows = []
        for key, record in records.items():
            values = {**record.values, "file": files[key]} if key in files else record.values
            fields = {
                name: self._field(naming, one, record.id, values, around)
                for name, one in naming.names.items()
            }
            rows.append(
                SourceRow(Ref(obj, key), fields, "", _modified(path_of(obj), record), record.archived)
            )
        return rows

    def _others(self, naming: Naming, records: Mapping[str, Record], ties: _Ties) -> _Others:
        """Read what is told of other records, an object at a time."""
        ids: dict[str, set[str]] = defaultdict(set)
        names: dict[str, set[str]] = defaultdict(set)
        for one in naming.names.values():
            match one:
                case Member(_, base, obj, member):
                    ids[obj] |= {str(record.values.get(base) or "") for record in records.values()}
                    names[obj] |= _read_for(obj, member)
                case Linked(_, obj, label, member) if member:
                    ids[obj] |= {chosen(many, label) or "" for many in ties[obj].values()}
                    names[obj] |= _read_for(obj, member)
                case LinkedItems(_, obj, members):
                    ids[obj] |= {tie.id for many in ties[obj].values() for tie in many}
                    names[obj] |= set(members)
                case _:
                    pass  # it is told by the record itself
        return {
            (obj, key): record.values
            for obj, keys in ids.items()
            for key, record in read_records(self._client, obj, sorted(keys), sorted(names[obj])).items()
        }

    def _field(
        self,
        naming: Naming,
        one: Name,
        key: str,
        values: Mapping[str, Any],
        around: _Around,
    ) -> Any:
        ties, others = around.ties, around.others
        match one:
            case Plain(name):
                value = _plain(name, values.get(name))
                return value.split(";") if value and name in naming.several else value
            case Label(_, base):
                value = values.get(base)
                return self._catalogue.label(path_of(naming.obj), base, value) if value else None
            case OwnerName(_, base):
                return self._catalogue.owner(values[base]) if values.get(base) else None
            case Member(_, base, obj, member):
                return _member(obj, others.get((obj, str(values.get(base)))), member)
            case FileFact(_, base, fact):
                return around.files(str(values.get(base) or ""), fact)
            case Linked(_, obj, label, member):
                found = chosen(ties[obj].get(key, ()), label)
                return found if not member else _member(obj, others.get((obj, str(found))), member)
            case LinkedItems(_, obj, members):
                told = [others.get((obj, tie.id)) for tie in ties[obj].get(key, ())]
                return [{name: item.get(name) for name in members} for item in told if item] or None
            case Parent(name):
                return self._parent(naming, name, key, ties)
            case NoteFact(name):
                return self._note_fact(naming, name, values)
            case _:
                assert_never(one)

    def _parent(self, naming: Naming, name: str, key: str, ties: _Ties) -> str | None:
        for obj in naming.parents:
            found = chosen(ties[obj].get(key, ()), "")
            if found:
                return found if name == "@parent" else obj
        return None

    def _note_fact(self, naming: Naming, name: str, values: Mapping[str, Any]) -> Any:
        ours = bool(values.get(naming.marker)) if naming.marker else False
        match name:
            case "@text":
                return bool(to_text(str(values.get("hs_note_body") or "")))
            case "@side":
                return "partner" if ours else "vendor"
            case _:
                if ours:
                    return author_in(str(values.get(naming.mark) or "")) or None
                if values.get(OWNER):
                    return self._catalogue.owner(str(values[OWNER]))
                return self._catalogue.user(str(values.get("hs_created_by_user_id") or "")) or None


def _plain(name: str, value: Any) -> Any:
    if value in (None, ""):
        return None
    return to_text(str(value)) if name in HTML else value


def _read_for(obj: str, member: str) -> set[str]:
    return {"firstname", "lastname", "email"} if (obj, member) == (CONTACTS, "name") else {member}


def _member(obj: str, values: Mapping[str, Any] | None, member: str) -> Any:
    """Return a property of another record; a contact's `name` is first and last name, or the address."""
    if values is None:
        return None
    if (obj, member) != (CONTACTS, "name"):
        return values.get(member)
    name = f"{values.get('firstname') or ''} {values.get('lastname') or ''}".strip()
    return name or values.get("email")


def _modified(obj: str, record: Record) -> datetime:
    return instant(str(record.values.get(modified_of(obj)) or "1970-01-01T00:00:00Z"))


def instant(text: str) -> datetime:
    """Read a time as HubSpot writes it."""
    if text.isdecimal():
        return _EPOCH + timedelta(milliseconds=int(text))
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def attachments_of(note: str, values: Mapping[str, Any]) -> list[str]:
    """Return the ids of the attachments of a note."""
    return [attachment_id(note, file) for file in file_ids(values)]
