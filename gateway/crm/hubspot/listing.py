"""What was modified, by searches; and what is there, by lists.

Searches lag, leave archived records out and end at the ten thousandth result: each page is a question of its own. Lists
neither lag nor end, and have no filter by time: they tell what is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.crm.hubspot.catalogue import Catalogue
from gateway.crm.hubspot.client import Client, next_page, objects_path, results
from gateway.crm.hubspot.names import Label, Naming, Plain
from gateway.crm.hubspot.reading import attachments_of, instant
from gateway.crm.hubspot.records import BATCH
from gateway.crm.hubspot.types import ATTACHMENTS, is_id, modified_of, note_and_file, path_of
from gateway.crm.port import ChangedId, Ref
from gateway.crm.windows import keyset_page

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(milliseconds=1)
_SEARCH_MOST = 200

_Filter = Mapping[str, Any]
_ID = "hs_object_id"


class Lister:
    """Lists ids of rows."""

    def __init__(self, client: Client, catalogue: Catalogue, naming: Callable[[str], Naming]) -> None:
        self._client = client
        self._catalogue = catalogue
        self._naming = naming
        #: Where a list goes on after an id, as HubSpot said. Without it the id serves as well.
        self._tokens: dict[tuple[str, str], str] = {}

    # ------------------------------------------------------------------------------------------- what was modified

    def changed(self, obj: str, since: datetime | None, after: str | None, limit: int) -> Sequence[ChangedId]:
        """Return a page as `CrmPort.changed_since` does. Raises CrmUnavailable, and ValueError for too long a page."""
        if limit >= _SEARCH_MOST:
            # A search would bring fewer, and fewer than asked for means that there is no more.
            raise ValueError(f"A page of HubSpot's holds fewer than {_SEARCH_MOST} rows.")

        def within(instant: datetime, after: str | None, limit: int) -> Sequence[ChangedId]:
            return self._within(obj, instant, after, limit)

        def beyond(instant: datetime | None, limit: int) -> Sequence[ChangedId]:
            return self._beyond(obj, instant, limit)

        return keyset_page(within, beyond, since, after, limit)

    def _within(self, obj: str, at: datetime, after: str | None, limit: int) -> list[ChangedId]:
        modified = modified_of(path_of(obj))
        filters = [{"propertyName": modified, "operator": "EQ", "value": _ms(at)}]
        if obj == ATTACHMENTS:
            # The note whose files were told last may have more of them: it is asked for once more.
            note = note_and_file(after)[0] if after else ""
            if note:
                filters.append({"propertyName": _ID, "operator": "GTE", "value": note})
            found = self._search(obj, filters, _ID, limit + 1)
            start = int(after) if after and note else 0
            return [entry for entry in found if int(entry.ref.id) > start][:limit]
        if after is not None and is_id(after):
            filters.append({"propertyName": _ID, "operator": "GT", "value": after})
        return self._search(obj, filters, _ID, limit)

    def _beyond(self, obj: str, at: datetime | None, limit: int) -> list[ChangedId]:
        modified = modified_of(path_of(obj))
        filters = [{"propertyName": modified, "operator": "GT", "value": _ms(at)}] if at else []
        return self._search(obj, filters, modified, limit)

    def _search(self, obj: str, filters: Sequence[_Filter], sort: str, limit: int) -> list[ChangedId]:
        if obj == ATTACHMENTS:
            filters = [*filters, {"propertyName": "hs_attachment_ids", "operator": "HAS_PROPERTY"}]
        groups = self._only(obj)
        modified = modified_of(path_of(obj))
        found: list[ChangedId] = []
        question: dict[str, Any] = {
            "filterGroups": [{"filters": [*filters, *group]} for group in groups]
            if filters or groups[0]
            else [],
            "sorts": [sort],
            "after": "0",
            "properties": [modified, "hs_attachment_ids"] if obj == ATTACHMENTS else [modified],
            "limit": limit,
        }
        answer = self._client.ask(objects_path(path_of(obj), "search"), question)
        if not answer.well:
            raise self._client.unexpected(answer)
        for one in results(answer):
            found += self._entries(obj, one)
        return found

    def _entries(self, obj: str, one: Mapping[str, Any]) -> list[ChangedId]:
        key, values = str(one["id"]), one.get("properties") or {}
        at = instant(str(values[modified_of(path_of(obj))]))
        ids = attachments_of(key, values) if obj == ATTACHMENTS else [key]
        return [ChangedId(Ref(obj, each), at) for each in ids]

    def _only(self, obj: str) -> list[list[_Filter]]:
        """Return what leaves out rows that can be nobody's, as alternatives; one empty one where there is nothing.

        Children are listed whole: a note that is taken back has to be noticed at once. Any other row that comes to be
        nobody's is noticed by its sweep.
        """
        naming = self._naming(obj)
        groups = []
        for item in naming.maps:
            group = [] if item.parent else self._filters(naming, item.only)
            if not group:
                return [[]]
            groups.append(group)
        return groups or [[]]

    def _filters(self, naming: Naming, only: Mapping[str, tuple[Any, ...]]) -> list[_Filter]:
        found: list[_Filter] = []
        for name, allowed in only.items():
            match naming.names.get(name):
                case Plain():
                    found.append(
                        {"propertyName": name, "operator": "IN", "values": [str(v) for v in allowed]}
                    )
                case Label(_, base):
                    known = [self._catalogue.value(naming.obj, base, str(v), ()) for v in allowed]
                    ids = [one for one in known if one]
                    if ids:
                        found.append({"propertyName": base, "operator": "IN", "values": ids})
                case _:
                    pass  # what is reckoned here cannot be searched for there
        return found

    # ------------------------------------------------------------------------------------------------ what is there

    def sweep(self, obj: str, after: str | None, limit: int) -> list[str]:
        """Return ids of what is neither archived nor deleted, and may be shared, in order. Raises CrmUnavailable."""
        found: list[str] = []
        note = note_and_file(after)[0] if obj == ATTACHMENTS and after else after
        token = self._tokens.get((obj, after or ""), str(max(0, int(note) - 1)) if note else "")
        groups = [[]] if obj == ATTACHMENTS else self._only(obj)
        names = sorted({str(one["propertyName"]) for group in groups for one in group})
        names += ["hs_attachment_ids"] if obj == ATTACHMENTS else []
        while True:
            params = {"limit": str(BATCH), "archived": "false"} | ({"after": token} if token else {})
            if names:
                params["properties"] = ",".join(names)
            answer = self._client.get(objects_path(path_of(obj)), params)
            if not answer.well:
                raise self._client.unexpected(answer)
            before = token
            for one in results(answer):
                ids = _listed(obj, one, groups)
                found += [key for key in ids if after is None or int(key) > int(after)]
            token = next_page(answer)
            if len(found) >= limit:
                self._remember(obj, found[:limit], before)
                return found[:limit]
            if not token:
                return found

    def _remember(self, obj: str, page: Sequence[str], token: str) -> None:
        """The page of HubSpot's in which ours ended is asked for again: ours may have ended in the middle of it."""
        self._tokens = {key: kept for key, kept in self._tokens.items() if key[0] != obj}
        if page:
            self._tokens[obj, page[-1]] = token


def _listed(obj: str, one: Mapping[str, Any], groups: Sequence[Sequence[_Filter]]) -> list[str]:
    key, values = str(one["id"]), one.get("properties") or {}
    if obj == ATTACHMENTS:
        return attachments_of(key, values)
    fits = any(all(values.get(f["propertyName"]) in f["values"] for f in group) for group in groups)
    return [key] if fits else []


def _ms(at: datetime) -> str:
    return str((at - _EPOCH) // _STEP)
