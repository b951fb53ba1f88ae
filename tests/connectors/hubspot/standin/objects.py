"""`/crm/objects`: records one by one, in batches, in lists and by search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.connectors.hubspot.standin.account import Account, Record
from tests.connectors.hubspot.standin.calls import Call, Reply
from tests.connectors.hubspot.standin.errors import Problem, bad_request
from tests.connectors.hubspot.standin.model import ObjectType
from tests.connectors.hubspot.standin.search import search
from tests.connectors.hubspot.standin.times import iso

_BATCH, _BATCH_WITH_HISTORY, _LIST_MOST = 100, 50, 100


class Objects:
    """Answers calls about records."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def answer(self, call: Call) -> Reply:
        """Answer a call below `/crm/objects/{version}`. Raises Problem."""
        kind, rest = self._account.kind(call.path[3]), call.path[4:]
        match call.method, rest:
            case "GET", ():
                return self._list(kind, call)
            case "POST", ():
                return Reply(201, self._made(kind, call.json))
            case "POST", ("search",):
                return self._search(kind, call)
            case "POST", ("merge",):
                return self._merge(kind, call.json)
            case "POST", ("batch", action):
                return self._batch(kind, action, call)
            case "GET", (key,):
                archived = call.truth("archived")
                record = self._account.find(kind, key, call.query.get("idProperty", ""), archived=archived)
                names, past = call.names("properties"), call.names("propertiesWithHistory")
                return Reply(200, self.shown(record, names, past))
            case "PATCH", (key,):
                record = self._account.find(kind, key, call.query.get("idProperty", ""))
                values = call.json["properties"]
                self._account.update(record, values)
                return Reply(200, self.shown(record, values))
            case "DELETE", (key,):
                return self._archive(kind, key)
            case _:
                return self._links(kind, rest, call)

    # ------------------------------------------------------------------------------------------------- showing

    def shown(
        self,
        record: Record,
        names: Iterable[str],
        past: Sequence[str] = (),
        values: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """A record with its usual properties and the named ones; those nobody knows are left out."""
        kind, values = record.type, record.values if values is None else values
        usual = kind.shown or (kind.created, kind.modified, "hs_object_id")
        known = self._account.definitions[kind.name]
        asked = dict.fromkeys((*usual, *(name for name in names if name in known)))
        found: dict[str, Any] = {
            "id": str(record.id),
            "properties": {name: values.get(name) for name in sorted(asked)},
            "createdAt": iso(record.created),
            "updatedAt": values.get(kind.modified, iso(record.modified)),
            "archived": record.archived is not None,
        }
        if record.archived is not None:
            found["archivedAt"] = iso(record.archived)
        if past:
            found["propertiesWithHistory"] = {
                name: [
                    {
                        "value": version.value,
                        "timestamp": iso(version.at),
                        "sourceType": version.source.type,
                        "sourceId": version.source.id,
                        **({"sourceLabel": version.source.label} if version.source.label else {}),
                        **({"updatedByUserId": version.source.user} if version.source.user else {}),
                    }
                    for version in record.history.get(name, [])
                ]
                for name in past
            }
        return found

    def _list(self, kind: ObjectType, call: Call) -> Reply:
        limit, after = int(call.query.get("limit", "10")), int(call.query.get("after", "0"))
        if limit > _LIST_MOST:
            raise bad_request(f"limit {limit} is greater than {_LIST_MOST}")
        archived = call.truth("archived")
        ids = sorted(
            key
            for key, record in self._account.records[kind.name].items()
            if key >= after and (record.archived is not None) == archived
        )
        names = call.names("properties")
        records = self._account.records[kind.name]
        body: dict[str, Any] = {"results": [self.shown(records[key], names) for key in ids[:limit]]}
        if len(ids) > limit:
            last = str(ids[limit - 1] + 1)
            body["paging"] = {"next": {"after": last, "link": f"https://api.hubapi.com/crm?after={last}"}}
        return Reply(200, body)

    def _search(self, kind: ObjectType, call: Call) -> Reply:
        body = call.json
        total, page, after = search(self._account, kind, body)
        names = body.get("properties") or []
        found: dict[str, Any] = {
            "total": total,
            "results": [self.shown(record, names, values=values) for record, values in page],
        }
        if after:
            found["paging"] = {"next": {"after": after}}
        return Reply(200, found)

    # ------------------------------------------------------------------------------------------------- writing

    def _made(self, kind: ObjectType, body: Mapping[str, Any]) -> dict[str, Any]:
        links = [
            (int(one["to"]["id"]), int(way["associationTypeId"]))
            for one in body.get("associations") or []
            for way in one["types"]
        ]
        values = body.get("properties") or {}
        return self.shown(self._account.create(kind, values, links), values)

    def _archive(self, kind: ObjectType, key: str) -> Reply:
        record = self._account.records[kind.name].get(int(key) if key.isdecimal() else 0)
        if record is not None and record.archived is None:
            self._account.archive(record)
        return Reply(204)

    def _merge(self, kind: ObjectType, body: Mapping[str, Any]) -> Reply:
        primary = self._account.find(kind, str(body["primaryObjectId"]))
        other = self._account.find(kind, str(body["objectIdToMerge"]))
        return Reply(200, self.shown(self._account.merge(primary, other), ()))

    # ------------------------------------------------------------------------------------------------- batches

    def _batch(self, kind: ObjectType, action: str, call: Call) -> Reply:
        body = call.json
        inputs = body.get("inputs") or []
        most = _BATCH_WITH_HISTORY if body.get("propertiesWithHistory") else _BATCH
        if not 0 < len(inputs) <= most:
            raise bad_request(f"Batch size {len(inputs)} is not between 1 and {most}")
        match action:
            case "read":
                return self._batch_read(kind, body, archived=call.truth("archived"))
            case "create":
                return self._each(inputs, lambda one: self._made(kind, one), 201)
            case "update":
                return self._each(inputs, lambda one: self._updated(kind, one), 200)
            case "upsert":
                return self._each(inputs, lambda one: self._upserted(kind, one), 200)
            case "archive":
                for one in inputs:
                    self._archive(kind, str(one["id"]))
                return Reply(204)
            case _:
                raise Problem(404, "OBJECT_NOT_FOUND", f"No such batch action: {action}")

    def _batch_read(self, kind: ObjectType, body: Mapping[str, Any], *, archived: bool) -> Reply:
        names, past = body.get("properties") or [], body.get("propertiesWithHistory") or []
        by = str(body.get("idProperty") or "")
        found: dict[int, dict[str, Any]] = {}
        lost = []
        for one in body["inputs"]:
            try:
                record = self._account.find(kind, str(one["id"]), by, archived=archived)
            except Problem as problem:
                if problem.status != 404:
                    raise
                lost.append(str(one["id"]))
            else:
                found[record.id] = self.shown(record, names, past)
        message = f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist."
        problems = [Problem(404, "OBJECT_NOT_FOUND", message, context={"ids": lost}).part()] if lost else []
        return self._batched([*found.values()], problems, 200)

    def _updated(self, kind: ObjectType, one: Mapping[str, Any]) -> dict[str, Any]:
        record = self._account.find(kind, str(one["id"]), str(one.get("idProperty") or ""))
        values = one.get("properties") or {}
        return self.shown(self._account.update(record, values), values)

    def _upserted(self, kind: ObjectType, one: Mapping[str, Any]) -> dict[str, Any]:
        name, value = str(one.get("idProperty") or ""), str(one["id"])
        try:
            record = self._account.find(kind, value, name)
        except Problem as problem:
            if problem.status != 404 or not name:
                raise
            values = {**(one.get("properties") or {}), name: value}
            return {**self.shown(self._account.create(kind, values), values), "new": True}
        values = one.get("properties") or {}
        return {**self.shown(self._account.update(record, values), values), "new": False}

    def _each(self, inputs: Sequence[Mapping[str, Any]], act: Any, status: int) -> Reply:
        """The first that fails ends it, unless each input carries a trace of its own: then each stands by itself."""
        traces = [str(one.get("objectWriteTraceId") or "") for one in inputs]
        if not all(traces):
            return self._batched([act(one) for one in inputs], [], status)
        results, problems = [], []
        for one, trace in zip(inputs, traces, strict=True):
            try:
                results.append({**act(one), "objectWriteTraceId": trace})
            except Problem as problem:
                part = problem.part()
                part["context"] = {**part["context"], "objectWriteTraceId": [trace]}
                problems.append(part)
        return self._batched(results, problems, status)

    def _batched(self, results: list[Any], problems: list[Any], status: int) -> Reply:
        now = iso(self._account.now_ms())
        body: dict[str, Any] = {
            "status": "COMPLETE",
            "results": results,
            "startedAt": now,
            "completedAt": now,
        }
        if problems:
            body |= {"numErrors": len(problems), "errors": problems}
        return Reply(207 if problems else status, body)

    # --------------------------------------------------------------------------------------------------- links

    def _links(self, kind: ObjectType, rest: tuple[str, ...], call: Call) -> Reply:
        account = self._account
        match call.method, rest:
            case "GET", (key, "associations", target):
                record = account.find(kind, key)
                found = self.linked(record, account.kind(target)) if str(record.id) == key else []
                return Reply(200, {"results": found})
            case "PUT", (key, "associations", "default", target, other):
                way = account.plain_way(kind.name, account.kind(target).name)
                if way is None:
                    raise bad_request(f"{kind.name} and {target} cannot be associated")
                a, b = account.find(kind, key), account.find(account.kind(target), other)
                account.link(a.id, b.id, way.type_id)
                return self._linked_by_default(a, b, way.type_id)
            case "PUT", (key, "associations", target, other):
                a, b = account.find(kind, key), account.find(account.kind(target), other)
                labels = []
                for one in call.json:
                    link = account.links.get(int(one["associationTypeId"]))
                    if link is None or (link.origin, link.target) != (kind.name, b.type.name):
                        raise bad_request("No such association type")
                    account.link(a.id, b.id, link.type_id)
                    labels += [link.label] if link.label else []
                ids = {"fromObjectId": str(a.id), "toObjectId": str(b.id), "labels": labels}
                types = {"fromObjectTypeId": kind.type_id, "toObjectTypeId": b.type.type_id}
                return Reply(201, {**ids, **types})
            case "DELETE", (key, "associations", _, other):
                account.unlink(int(key), int(other))
                return Reply(204)
            case _:
                raise Problem(405, "METHOD_NOT_ALLOWED", "HTTP 405 Method Not Allowed")

    def _linked_by_default(self, a: Record, b: Record, way: int) -> Reply:
        inverse = self._account.links[way].inverse
        results = [
            {
                "from": {"id": str(one.id)},
                "to": {"id": str(other.id)},
                "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id},
            }
            for one, other, type_id in ((a, b, way), (b, a, inverse))
        ]
        return self._batched(results, [], 200)

    def linked(self, record: Record, target: ObjectType) -> list[dict[str, Any]]:
        """What a record is linked to, of one type."""
        links = self._account.links
        return [
            {
                "toObjectId": str(other),
                "associationTypes": [
                    {"category": links[way].category, "typeId": way, "label": links[way].label}
                    for way in sorted(ways)
                ],
            }
            for other, ways in self._account.linked.get(record.id, {}).items()
            if (there := self._account.records[target.name].get(other)) is not None and there.archived is None
        ]
