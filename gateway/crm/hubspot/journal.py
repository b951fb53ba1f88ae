"""The journal of an app's webhooks, asked for instead of sent: nothing has to be reachable from outside.

An entry is a file behind a signed address. Of its events only the records they name are taken; those are read by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gateway.crm.calling import Answer
from gateway.crm.elsewhere import Elsewhere
from gateway.crm.hubspot.client import Client, path_to, results
from gateway.crm.hubspot.types import TYPE_IDS, VERSION
from gateway.crm.port import CrmExpired, CrmMissing, JournalPage, Ref

#: Entries asked for at once; each is a file of its own to be read.
_ENTRIES = 20

#: Members of an event that name an object, and the ids that go with it.
_NAMED = (
    ("objectTypeId", ("objectId", "newObjectId", "primaryObjectId")),
    ("fromObjectTypeId", ("fromObjectId",)),
    ("toObjectTypeId", ("toObjectId",)),
)


class Journal:
    """Reads the journal."""

    def __init__(self, client: Client, elsewhere: Elsewhere) -> None:
        """`elsewhere`: reads addresses that need no credentials, and must not be given any."""
        self._client = client
        self._elsewhere = elsewhere

    def page(self, after: str | None, limit: int) -> JournalPage:
        """Return what happened after a place; None: where it ends now; "": from its beginning. Raises CrmExpired."""
        if after is None:
            latest = self._answer("latest")
            # A journal in which nothing stands yet may say so in either way.
            told = latest.data if latest.well else None
            return JournalPage((), str(told["currentOffset"]) if told else "")
        if not after:
            earliest = self._answer("earliest")
            if not earliest.well or not earliest.data:
                return JournalPage((), "")
            return JournalPage(tuple(self._refs([earliest.data])), str(earliest.data["currentOffset"]), True)
        count = max(1, min(limit, _ENTRIES))
        entries = results(self._get("batch", after, "next", str(count)))
        refs = tuple(dict.fromkeys(self._refs(entries)))
        following = str(entries[-1]["currentOffset"]) if entries else after
        return JournalPage(refs, following, len(entries) == count)

    def _get(self, *more: str) -> Answer:
        answer = self._answer(*more)
        if answer.status == 404:
            raise CrmExpired(f"{self._client.label} does not know this place in its journal any more.")
        return answer

    def _answer(self, *more: str) -> Answer:
        answer = self._client.get(path_to("webhooks-journal", "journal-local", VERSION, *more))
        if not answer.well and answer.status != 404:
            raise self._client.unexpected(answer)
        return answer

    def _refs(self, entries: Iterable[Mapping[str, Any]]) -> Iterator[Ref]:
        for entry in entries:
            try:
                events = self._elsewhere.read_json(str(entry["url"]))
            except CrmMissing:
                raise CrmExpired(f"{self._client.label} has thrown this part of its journal away.") from None
            yield from named_in(events)


def named_in(body: Any) -> Iterator[Ref]:
    """Return the records the events of an entry name; an object is told by its number."""
    events = body.get("journalEvents") if isinstance(body, dict) else body
    for event in events if isinstance(events, list) else ():
        if not isinstance(event, dict):
            continue
        for kind, members in _NAMED:
            type_id = str(event.get(kind) or "")
            for member in members:
                if type_id and event.get(member):
                    yield Ref(TYPE_IDS.get(type_id, type_id), str(event[member]))
