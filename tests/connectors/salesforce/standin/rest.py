"""The REST resources of the stand-in, apart from HTTP: a request comes in, a status and a body go out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from tests.connectors.salesforce.standin import ids
from tests.connectors.salesforce.standin.answers import Answers
from tests.connectors.salesforce.standin.described import described
from tests.connectors.salesforce.standin.org import Org
from tests.connectors.salesforce.standin.refusals import Refused, missing
from tests.connectors.salesforce.standin.tooling import Tooling

_DELETED_DAYS = 15


@dataclass(frozen=True)
class Request:
    """One request. `path` begins after the version; `body` is what the JSON holds."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Reply:
    """What goes out; `raw` where it is no JSON."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None


class Rest:
    """The resources of one org. `batch`: how many rows one page of a query has."""

    def __init__(self, org: Org, version: str, batch: int) -> None:
        self.org = org
        self.version = version
        self.batch = batch
        self._cursors: dict[str, list[dict[str, Any]]] = {}
        self._tooling = Tooling(org)
        self._answers = Answers(org)

    def answer(self, request: Request) -> Reply:
        """Carry a request out."""
        try:
            return self._routed(request)
        except Refused as error:
            return Reply(error.status, error.body)

    def _routed(self, request: Request) -> Reply:
        match request.path.strip("/").split("/"):
            case ["query" | "queryAll" as kind]:
                return self._query(request.params.get("q", ""), kind == "queryAll")
            case ["query" | "queryAll", locator]:
                return self._more(locator)
            case ["sobjects", obj, *rest]:
                return self._sobjects(request, obj, rest)
            case ["composite"]:
                return self._composite(request.body)
            case ["composite", "sobjects", *rest]:
                return self._collections(request, rest)
            case ["tooling", *rest]:
                return Reply(*self._tooling.answer(request.method, rest, request.params, request.body))
            case ["limits"]:
                return Reply(200, {"DailyApiRequests": {"Max": 100_000, "Remaining": 99_000}})
            case _:
                raise missing("")

    # --------------------------------------------------------------------------------------------------- queries

    def _query(self, text: str, everything: bool) -> Reply:
        return self._page(self._answers.query(text, everything=everything), 0)

    def _more(self, locator: str) -> Reply:
        key, _, at = locator.rpartition("-")
        if key not in self._cursors:
            raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(self._cursors[key], int(at), key)

    def _page(self, rows: list[dict[str, Any]], at: int, key: str = "") -> Reply:
        page = rows[at : at + self.batch]
        body: dict[str, Any] = {"totalSize": len(rows), "done": at + len(page) >= len(rows), "records": page}
        if not body["done"]:
            key = key or f"01g{len(self._cursors):012d}"
            self._cursors[key] = rows
            body["nextRecordsUrl"] = f"/services/data/v{self.version}/query/{key}-{at + len(page)}"
        return Reply(200, body)

    # ------------------------------------------------------------------------------------------------------ rows

    def _sobjects(self, request: Request, obj: str, rest: list[str]) -> Reply:
        if obj not in self.org.objects:
            raise missing(obj)
        match request.method, rest:
            case "POST", []:
                key = self.org.create(obj, request.body)
                return Reply(201, {"id": key, "success": True, "errors": []})
            case "GET", ["describe"]:
                return Reply(200, described(self.org, obj))
            case "GET", ["deleted" | "updated" as kind]:
                return self._between(obj, kind, request.params)
            case "GET", [key, "VersionData"] if obj == "ContentVersion":
                self.org.living(obj, key)
                return Reply(200, raw=self.org.bodies[ids.full(key)])
            case "GET", [key]:
                return self._read(request, obj, key)
            case "PATCH", [key]:
                self.org.update(obj, key, request.body, unless=_time(request.headers, "if-unmodified-since"))
                return Reply(204)
            case "DELETE", [key]:
                if "if-unmodified-since" in request.headers:
                    raise Refused("INVALID_HEADER", "Conditional requests are not supported for DELETE")
                self.org.delete(obj, key)
                return Reply(204)
            case "GET" | "PATCH", [name, value]:
                return self._external(request, obj, name, value)
            case _:
                raise Refused(
                    "METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed.", status=405
                )

    def _read(self, request: Request, obj: str, key: str) -> Reply:
        row = self.org.living(obj, key).values
        since = _time(request.headers, "if-modified-since")
        if since is not None and row["LastModifiedDate"] <= since:
            return Reply(304)
        names = [one.name for one in self.org.objects[obj].fields.values() if one.visible]
        shown = self._answers.query(
            f"SELECT {', '.join(names)} FROM {obj} WHERE Id = '{row['Id']}'", everything=False
        )
        return Reply(200, shown[0])

    def _external(self, request: Request, obj: str, name: str, value: str) -> Reply:
        one = self.org.objects[obj].fields.get(name)
        if one is None or not one.unique:
            raise Refused(
                "NOT_FOUND",
                f"Provided external ID field does not exist or is not accessible: {name}",
                status=404,
            )
        found = [row["Id"] for row in self.org.all(obj) if str(row[name] or "").lower() == value.lower()]
        if len(found) > 1:
            return Reply(300, [f"/services/data/v{self.version}/sobjects/{obj}/{key}" for key in found])
        if request.method == "GET":
            return self._read(request, obj, found[0]) if found else _refuse(missing(obj))
        if found:
            self.org.update(obj, found[0], request.body)
            return Reply(200, {"id": found[0], "success": True, "errors": [], "created": False})
        key = self.org.create(obj, {name: value, **request.body})
        return Reply(201, {"id": key, "success": True, "errors": [], "created": True})

    def _between(self, obj: str, kind: str, params: Mapping[str, str]) -> Reply:
        start, end = (datetime.fromisoformat(params[name].replace(" ", "+")) for name in ("start", "end"))
        if start < self.org.now() - timedelta(days=_DELETED_DAYS):
            raise Refused("INVALID_REPLICATION_DATE", "start date before org's replication window")
        rows = [
            row.values
            for row in self.org.rows[obj].values()
            if row.deleted == (kind == "deleted") and start <= row.values["SystemModstamp"] < end
        ]
        at = end.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        if kind == "updated":
            return Reply(200, {"ids": [row["Id"] for row in rows], "latestDateCovered": at})
        gone = [{"id": row["Id"], "deletedDate": row["SystemModstamp"].isoformat()} for row in rows]
        return Reply(200, {"deletedRecords": gone, "earliestDateAvailable": at, "latestDateCovered": at})

    # ------------------------------------------------------------------------------------------------- many at once

    def _composite(self, body: Mapping[str, Any]) -> Reply:
        asked = body["compositeRequest"]
        if len(asked) > 25:
            raise Refused("LIMIT_EXCEEDED", "Limit of 25 subrequests exceeded")
        saved = self._saved() if body.get("allOrNone") else None
        replies = [self.answer(_subrequest(one, self.version)) for one in asked]
        if saved is not None and any(reply.status >= 300 for reply in replies):
            self._restore(saved)
            halted = Refused(
                "PROCESSING_HALTED",
                "The transaction was rolled back since another operation in the same transaction failed.",
            )
            first = next(place for place, reply in enumerate(replies) if reply.status >= 300)
            replies = [
                one if place == first else Reply(400, halted.body) for place, one in enumerate(replies)
            ]
        told = [
            {
                "body": reply.body,
                "httpHeaders": {},
                "httpStatusCode": reply.status,
                "referenceId": one["referenceId"],
            }
            for one, reply in zip(asked, replies, strict=True)
        ]
        return Reply(200, {"compositeResponse": told})

    def _saved(self) -> dict[str, dict[str, tuple[dict[str, Any], bool]]]:
        return {
            obj: {key: (dict(row.values), row.deleted) for key, row in rows.items()}
            for obj, rows in self.org.rows.items()
        }

    def _restore(self, saved: Mapping[str, Mapping[str, tuple[dict[str, Any], bool]]]) -> None:
        for obj, rows in self.org.rows.items():
            for key in list(rows):
                if key not in saved.get(obj, {}):
                    del rows[key]
                else:
                    rows[key].values, rows[key].deleted = saved[obj][key]

    def _collections(self, request: Request, rest: list[str]) -> Reply:
        if request.method == "DELETE":
            keys = request.params.get("ids", "").split(",")
            return Reply(
                200,
                [self._one(Request("DELETE", f"sobjects/{self.org.object_of(key)}/{key}")) for key in keys],
            )
        records = request.body["records"]
        if len(records) > 200:
            raise Refused(
                "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records in this call"
            )
        return Reply(200, [self._one(self._as_one(request.method, record, rest)) for record in records])

    def _as_one(self, method: str, record: Mapping[str, Any], rest: list[str]) -> Request:
        values = {name: value for name, value in record.items() if name not in ("attributes", "id", "Id")}
        obj = record["attributes"]["type"]
        match rest:
            case []:
                key = record.get("id") or record.get("Id")
                path = f"sobjects/{obj}" if method == "POST" else f"sobjects/{obj}/{key}"
                return Request(method, path, body=values)
            case [_, name]:
                value = values.pop(name)
                return Request("PATCH", f"sobjects/{obj}/{name}/{value}", body=values)
            case _:
                raise missing(obj)

    def _one(self, request: Request) -> dict[str, Any]:
        try:
            reply = self._routed(request)
        except Refused as error:
            return error.result
        found = re.search(r"/(\w{18})$", request.path)
        return {"id": found[1] if found else None, "success": True, "errors": [], **(reply.body or {})}


def _subrequest(one: Mapping[str, Any], version: str) -> Request:
    path, _, query = one["url"].removeprefix(f"/services/data/v{version}/").partition("?")
    params = {"q": query.removeprefix("q=").replace("+", " ")} if query else {}
    headers = {name.lower(): value for name, value in one.get("httpHeaders", {}).items()}
    return Request(one["method"], path, params, headers, one.get("body"))


def _time(headers: Mapping[str, str], name: str) -> datetime | None:
    text = headers.get(name)
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text)
    except ValueError as error:
        raise Refused("INVALID_HEADER", f"Invalid value for header {name}") from error


def _refuse(error: Refused) -> Reply:
    raise error
