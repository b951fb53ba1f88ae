"""What HubSpot says when it does not do what it was asked, for the port."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.crm.calling import Answer
from gateway.crm.hubspot.client import Client
from gateway.crm.hubspot.text import words
from gateway.crm.port import CrmConflict, CrmError, CrmMissing, CrmRefused, CrmUnavailable

_LISTED = "Property values were not valid:"


def refusal(client: Client, answer: Answer, behind: Mapping[str, str]) -> CrmError:
    """Return what to raise for a write that was answered otherwise. `behind`: HubSpot's property to the mapping's."""
    body = answer.data if isinstance(answer.data, dict) else {}
    return _error(client, answer.status, body, behind)


def part_refusal(client: Client, part: Mapping[str, Any], behind: Mapping[str, str]) -> CrmError:
    """The same for one of the errors of a batch."""
    category = str(part.get("category") or "")
    status = {"OBJECT_NOT_FOUND": 404, "CONFLICT": 409, "VALIDATION_ERROR": 400}.get(category, 0)
    return _error(client, status, part, behind)


def _error(client: Client, status: int, body: Mapping[str, Any], behind: Mapping[str, str]) -> CrmError:
    said = words(body.get("message")) or f"{client.label} answered {status}."
    match status:
        case 404:
            return CrmMissing(f"{client.label} does not have this record any more.")
        case 409:
            return CrmConflict(f"{client.label}: {said}")
        case status if 400 <= status < 500:
            fields = {behind.get(name, name): text for name, text in _fields(body)}
            told = str(body.get("message") or "")
            general = "" if told.startswith(_LISTED) or fields else f" {said}"
            return CrmRefused(f"{client.label} did not accept this.{general}", fields)
        case _:
            return CrmUnavailable(f"{client.label}: {said}")


def _fields(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Take out what is said of single properties: in parts of its own, or as JSON inside the words."""
    found = False
    for one in body.get("errors") or ():
        context = one.get("context") if isinstance(one, dict) else None
        named = context.get("propertyName") if isinstance(context, dict) else None
        for name in named if isinstance(named, list) else ():
            found = True
            yield str(name), words(one.get("message"))
    message = str(body.get("message") or "")
    if found or not message.startswith(_LISTED):
        return
    try:
        listed = json.loads(message.removeprefix(_LISTED))
    except ValueError:
        return
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and one.get("name"):
            yield str(one["name"]), words(one.get("message"))
