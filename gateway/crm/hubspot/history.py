"""Histories of properties: whether a write reached a record, and who changed something last.

HubSpot keeps the last twenty values of each property (45 of a contact's), so the mark of a write is found that long
after; and a value that came in the same instant as a mark is by the one the mark names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.crm.hubspot.catalogue import Catalogue
from gateway.crm.hubspot.client import Client, objects_path
from gateway.crm.hubspot.marks import author_in, marker_in
from gateway.crm.hubspot.names import Label, Member, Naming, OwnerName, Plain
from gateway.crm.hubspot.reading import instant
from gateway.crm.hubspot.types import is_id, note_and_file, path_of
from gateway.crm.port import FieldChange, Ref

_VIA_PORTAL = "partner portal"
_SOURCES = {
    "CRM_UI": "HubSpot",
    "AUTOMATION_PLATFORM": "workflow",
    "IMPORT": "import",
    "INTEGRATION": "integration",
    "API": "integration",
}


class History:
    """Reads histories."""

    def __init__(self, client: Client, catalogue: Catalogue) -> None:
        self._client = client
        self._catalogue = catalogue

    def was_written(self, naming: Naming, ref: Ref, marker: str) -> bool:
        """Tell whether a write with this marker reached the record. Raises CrmUnavailable."""
        kept = [name for name in (naming.marker, naming.mark) if name]
        versions = self._versions(ref, kept)
        marks = (str(one.get("value") or "") for many in versions.values() for one in many)
        return any(marker_in(mark) == marker for mark in marks)

    def _versions(self, ref: Ref, names: Sequence[str]) -> Mapping[str, list[Mapping[str, Any]]]:
        """Return the values properties had, the newest first."""
        key = note_and_file(ref.id)[0] if path_of(ref.obj) != ref.obj else ref.id
        if not names or not is_id(key):
            return {}
        for archived in ("false", "true"):
            params = {"propertiesWithHistory": ",".join(names), "archived": archived}
            answer = self._client.get(objects_path(path_of(ref.obj), key), params)
            if answer.well and isinstance(answer.data, dict):
                there = str(answer.data.get("id")) == key
                return answer.data.get("propertiesWithHistory") or {} if there else {}
            if answer.status != 404:
                raise self._client.unexpected(answer)
        return {}

    def last_changes(self, naming: Naming, ref: Ref, fields: Sequence[str]) -> Mapping[str, FieldChange]:
        """Return who changed each property last; what is linked or reckoned has no history. Raises CrmUnavailable."""
        bases = dict(_bases(naming, fields))
        wanted = dict.fromkeys([*bases.values(), *([naming.mark] if naming.mark else [])])
        versions = self._versions(ref, list(wanted))
        writers = {
            str(one.get("timestamp")): author_in(str(one.get("value") or ""))
            for one in versions.get(naming.mark, ())
        }
        return {
            name: self._change(name, versions[base][0], writers)
            for name, base in bases.items()
            if versions.get(base)
        }

    def _change(self, name: str, version: Mapping[str, Any], writers: Mapping[str, str]) -> FieldChange:
        at = str(version.get("timestamp"))
        if writers.get(at) and version.get("updatedByUserId") is None:
            return FieldChange(name, writers[at], instant(at), _VIA_PORTAL)
        source = str(version.get("sourceType") or "")
        label = str(version.get("sourceLabel") or "") or _SOURCES.get(
            source, source.replace("_", " ").lower()
        )
        user = version.get("updatedByUserId")
        who = self._catalogue.user(str(user)) if user is not None else ""
        return FieldChange(name, who or label, instant(at), label)


def _bases(naming: Naming, fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in fields:
        match naming.names.get(name):
            case Plain():
                yield name, name
            case Label(_, base) | OwnerName(_, base) | Member(_, base, _, _):
                yield name, base
            case _:
                continue
