"""Records and links read in batches, as HubSpot tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.crm.hubspot.client import Client, links_path, objects_path, results
from gateway.crm.hubspot.types import is_id

#: Records one call takes.
BATCH = 100


@dataclass(frozen=True)
class Record:
    """A record as it was read: its properties are text, or None where they are empty."""

    id: str
    values: Mapping[str, Any]
    archived: bool


@dataclass(frozen=True)
class Tie:
    """A record another one is linked to, and under which labels."""

    id: str
    labels: frozenset[str]


def read_records(
    client: Client, obj: str, ids: Iterable[str], names: Sequence[str], *, archived_too: bool = False
) -> dict[str, Record]:
    """Return by id the records that exist. An id that was merged away is none. Raises CrmUnavailable."""
    wanted = [one for one in dict.fromkeys(ids) if is_id(one)]
    found = _read(client, obj, wanted, names, archived=False)
    if archived_too:
        found |= _read(client, obj, [one for one in wanted if one not in found], names, archived=True)
    return found


def _read(
    client: Client, obj: str, ids: Sequence[str], names: Sequence[str], *, archived: bool
) -> dict[str, Record]:
    found: dict[str, Record] = {}
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        question = {
            "inputs": [{"id": one} for one in part],
            "properties": list(names),
            "propertiesWithHistory": [],
        }
        params = {"archived": "true"} if archived else None
        answer = client.ask(objects_path(obj, "batch", "read"), question, params)
        if not answer.well:
            raise client.unexpected(answer)
        for one in results(answer):
            # What was merged answers as the record it became, under that one's id: nobody asked for it.
            if str(one["id"]) in part:
                found[str(one["id"])] = record_of(one)
    return found


def record_of(told: Mapping[str, Any]) -> Record:
    """Return a record from what was told of it."""
    return Record(str(told["id"]), told.get("properties") or {}, told.get("archived") is True)


def read_ties(client: Client, origin: str, target: str, ids: Sequence[str]) -> dict[str, list[Tie]]:
    """Return by id what records are linked to, the oldest link first. Raises CrmUnavailable."""
    found: dict[str, list[Tie]] = {}
    for start in range(0, len(ids), BATCH):
        question = {"inputs": [{"id": one} for one in ids[start : start + BATCH]]}
        answer = client.ask(links_path(origin, target, "batch", "read"), question)
        if not answer.well:
            raise client.unexpected(answer)
        for one in results(answer):
            found[str(one["from"]["id"])] = [_tie(told) for told in one.get("to", ())]
    return found


def _tie(told: Mapping[str, Any]) -> Tie:
    labels = frozenset(str(one.get("label") or "") for one in told.get("associationTypes", ()))
    return Tie(str(told["toObjectId"]), labels)


def chosen(ties: Sequence[Tie], label: str) -> str | None:
    """Return the one that counts: under that label; without one the primary one, else the first."""
    if label:
        return next((one.id for one in ties if label in one.labels), None)
    primary = next((one.id for one in ties if "Primary" in one.labels), None)
    return primary or next((one.id for one in ties), None)
