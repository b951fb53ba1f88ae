"""How an account tells what happened: webhooks it sends, and a journal that can be asked."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.crm.webhook import HUBSPOT_V3, Delivery, sign
from tests.connectors.hubspot.standin.account import Account, Event
from tests.connectors.hubspot.standin.calls import Call, Reply
from tests.connectors.hubspot.standin.errors import Problem
from tests.connectors.hubspot.standin.times import iso

_KEPT = 3 * 24 * 3600 * 1000
_SIGNED_FOR = 3_600_000

_WORDS = {
    "CREATE": "object.creation",
    "UPDATE": "object.propertyChange",
    "DELETE": "object.deletion",
    "MERGE": "object.merge",
    "RESTORE": "object.restore",
    "ASSOCIATION_ADDED": "object.associationChange",
    "ASSOCIATION_REMOVED": "object.associationChange",
}


class Webhooks:
    """Collects what is to be sent, and signs it as HubSpot's third version does."""

    def __init__(self, account: Account, secret: str = "client-secret") -> None:
        self._account = account
        self._secret = secret.encode()
        self.waiting: list[dict[str, Any]] = []
        account.listeners.append(self._note)

    def _note(self, event: Event) -> None:
        about: dict[str, Any] = {
            "eventId": len(self.waiting) + 1,
            "subscriptionId": 100,
            "portalId": self._account.portal,
            "appId": 2600,
            "occurredAt": event.at,
            "subscriptionType": _WORDS[event.action],
            "attemptNumber": 0,
        }
        if event.action.startswith("ASSOCIATION"):
            assert event.other is not None
            about |= {
                "associationCategory": "HUBSPOT_DEFINED",
                "associationRemoved": event.action == "ASSOCIATION_REMOVED",
                "fromObjectTypeId": event.record.type.type_id,
                "fromObjectId": event.record.id,
                "toObjectTypeId": event.other.type.type_id,
                "toObjectId": event.other.id,
            }
        else:
            about |= {"objectTypeId": event.record.type.type_id, "objectId": event.record.id}
            about |= {"changeSource": "CRM_UI"}
        if event.property:
            about |= {"propertyName": event.property, "propertyValue": event.value}
        if event.action == "MERGE" and event.other:
            about |= {"mergedObjectIds": [event.record.id], "newObjectId": event.other.id}
        self.waiting.append(about)

    def deliveries(self, uri: str) -> list[tuple[bytes, dict[str, str]]]:
        """Return body and headers of what is to be sent to an address, a hundred events a call at most."""
        found = []
        while self.waiting:
            part, self.waiting = self.waiting[:100], self.waiting[100:]
            body = json.dumps(part).encode()
            stamp = str(self._account.now_ms())
            signature = sign(HUBSPOT_V3, self._secret, Delivery("POST", uri, {}, body), stamp)
            headers = {HUBSPOT_V3.timestamp_header: stamp, HUBSPOT_V3.signature_header: signature}
            found.append((body, {**headers, "Content-Type": "application/json"}))
        return found


@dataclass(frozen=True)
class _Entry:
    offset: str
    at: int
    events: list[dict[str, Any]]


class Journal:
    """Entries of a few events each, kept for three days, that follow one another by offset."""

    def __init__(self, account: Account, address: Callable[[], str]) -> None:
        self._account = account
        self._address = address
        self._entries: list[_Entry] = []
        account.listeners.append(self._note)

    def _note(self, event: Event) -> None:
        about: dict[str, Any] = {
            "type": "object",
            "portalId": self._account.portal,
            "action": event.action,
            "occurredAt": iso(event.at),
            "objectTypeId": event.record.type.type_id,
            "objectId": event.record.id,
        }
        if event.property:
            about["propertyChanges"] = {event.property: event.value}
        if event.other is not None and event.action == "MERGE":
            about |= {"newObjectId": event.other.id}
        elif event.other is not None:
            about = {
                "type": "association",
                "portalId": self._account.portal,
                "action": event.action,
                "occurredAt": iso(event.at),
                "fromObjectTypeId": event.record.type.type_id,
                "fromObjectId": event.record.id,
                "toObjectTypeId": event.other.type.type_id,
                "toObjectId": event.other.id,
            }
        self._entries.append(_Entry(str(uuid.UUID(int=len(self._entries) + 1)), event.at, [about]))

    def _alive(self) -> list[_Entry]:
        since = self._account.now_ms() - _KEPT
        return [entry for entry in self._entries if entry.at >= since]

    def answer(self, call: Call) -> Reply:
        """`/webhooks-journal/journal-local/{version}/…`. Raises Problem."""
        alive = self._alive()
        match call.path[3:]:
            case ("latest",):
                return self._fetched(alive[-1:])
            case ("earliest",):
                return self._fetched(alive[:1])
            case ("offset", offset, "next"):
                return self._fetched(self._after(alive, offset)[:1])
            case ("batch", offset, "next", count):
                return self._batch(self._after(alive, offset)[: int(count)])
            case _:
                raise Problem(404, "OBJECT_NOT_FOUND", "resource not found")

    def _after(self, alive: list[_Entry], offset: str) -> list[_Entry]:
        place = next((n for n, entry in enumerate(alive) if entry.offset == offset), None)
        if place is None:
            raise Problem(404, "OBJECT_NOT_FOUND", f"Journal offset {offset} has expired or does not exist.")
        return alive[place + 1 :]

    def _fetched(self, entries: list[_Entry]) -> Reply:
        return Reply(200, self._shown(entries[0])) if entries else Reply(204)

    def _batch(self, entries: list[_Entry]) -> Reply:
        now = iso(self._account.now_ms())
        results = [self._shown(entry) for entry in entries]
        return Reply(200, {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now})

    def _shown(self, entry: _Entry) -> dict[str, Any]:
        ends = self._account.now_ms() + _SIGNED_FOR
        url = f"{self._address()}/journal-files/{entry.offset}?Signature=s"
        return {"url": url, "expiresAt": iso(ends), "currentOffset": entry.offset}

    def file(self, call: Call) -> Reply:
        """The file of an entry, for anybody who holds its address. Raises Problem."""
        entry = next((one for one in self._entries if one.offset == call.path[1]), None)
        if entry is None or call.query.get("Signature") != "s":
            raise Problem(403, "FORBIDDEN", "SignatureDoesNotMatch")
        body = {"offset": entry.offset, "publishedAt": iso(entry.at), "journalEvents": entry.events}
        return Reply(200, body)
