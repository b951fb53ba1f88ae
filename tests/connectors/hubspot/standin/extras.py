"""Everything besides records: links in batches, properties, pipelines, owners, files, tokens."""

from __future__ import annotations

import email.parser
import email.policy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from tests.connectors.hubspot.standin.account import Account, Owner, Stored
from tests.connectors.hubspot.standin.calls import Call, Reply
from tests.connectors.hubspot.standin.errors import Problem, bad_request, missing
from tests.connectors.hubspot.standin.model import Definition, ObjectType, Pipeline
from tests.connectors.hubspot.standin.objects import Objects
from tests.connectors.hubspot.standin.times import iso

_SIGNED_FOR = 3_600_000


class Extras:
    """Answers calls about what surrounds the records. `address`: where the server is, once it is known."""

    def __init__(self, account: Account, objects: Objects) -> None:
        self._account = account
        self._objects = objects
        self.address = ""

    # --------------------------------------------------------------------------------------------------- links

    def associations(self, call: Call) -> Reply:
        """`/crm/associations/{version}/{from}/{to}/…`. Raises Problem."""
        origin, target = self._account.kind(call.path[3]), self._account.kind(call.path[4])
        match call.method, call.path[5:]:
            case "GET", ("labels",):
                found = [
                    {"category": one.category, "typeId": one.type_id, "label": one.label}
                    for one in self._account.links.values()
                    if (one.origin, one.target) == (origin.name, target.name)
                ]
                return Reply(200, {"results": found})
            case "POST", ("batch", "read"):
                return self._read_links(origin, target, call.json)
            case _:
                raise Problem(404, "OBJECT_NOT_FOUND", "resource not found")

    def _read_links(self, origin: ObjectType, target: ObjectType, body: Mapping[str, Any]) -> Reply:
        if not 0 < len(body["inputs"]) <= 1000:
            raise bad_request("Batch size is not between 1 and 1000")
        results, problems = [], []
        for one in body["inputs"]:
            key = str(one["id"])
            record = self._account.records[origin.name].get(int(key))
            linked = self._objects.linked(record, target) if record else []
            if linked:
                results.append({"from": {"id": key}, "to": linked})
            else:
                words = f"No {target.singular} is associated with {origin.singular} {key}."
                part = Problem(404, "OBJECT_NOT_FOUND", words, context={"fromObjectId": [key]}).part()
                problems.append({**part, "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"})
        now = iso(self._account.now_ms())
        found: dict[str, Any] = {
            "status": "COMPLETE",
            "results": results,
            "startedAt": now,
            "completedAt": now,
        }
        if problems:
            found |= {"numErrors": len(problems), "errors": problems}
        return Reply(207 if problems else 200, found)

    # ---------------------------------------------------------------------------------------------- properties

    def properties(self, call: Call) -> Reply:
        """`/crm/properties/{version}/{type}/…`. Raises Problem."""
        kind = self._account.kind(call.path[3])
        own = self._account.definitions[kind.name]
        match call.method, call.path[4:]:
            case "GET", ():
                return Reply(200, {"results": [self._property(kind, one) for one in own.values()]})
            case "POST", ():
                return self._define(kind, call.json)
            case "POST", ("groups",):
                return self._group(kind, call.json)
            case "GET", (name,) if name in own:
                return Reply(200, self._property(kind, own[name]))
            case "PATCH", (name,) if name in own:
                options = {one["value"]: one["label"] for one in call.json.get("options", [])}
                changed = {**vars(own[name]), "options": options}
                self._account.define(kind, Definition(**changed))
                return Reply(200, self._property(kind, self._account.definitions[kind.name][name]))
            case _:
                raise Problem(404, "OBJECT_NOT_FOUND", "resource not found")

    def _define(self, kind: ObjectType, body: Mapping[str, Any]) -> Reply:
        name = str(body["name"])
        if name in self._account.definitions[kind.name]:
            raise Problem(409, "OBJECT_ALREADY_EXISTS", f"Property '{name}' already exists")
        if body["groupName"] not in self._account.groups[kind.name]:
            raise bad_request(f"Property group {body['groupName']} does not exist")
        options = {one["value"]: one["label"] for one in body.get("options", [])}
        unique, group = bool(body.get("hasUniqueValue")), str(body["groupName"])
        kinds = str(body["type"]), str(body["fieldType"])
        if kinds[0] == "enumeration" and not options:
            raise bad_request("An enumeration needs options")
        made = Definition(name, *kinds, str(body["label"]), options, unique, hubspot=False, group=group)
        self._account.define(kind, made)
        return Reply(201, self._property(kind, made))

    def _group(self, kind: ObjectType, body: Mapping[str, Any]) -> Reply:
        name = str(body["name"])
        if name in self._account.groups[kind.name]:
            raise Problem(409, "OBJECT_ALREADY_EXISTS", f"Property group '{name}' already exists")
        self._account.groups[kind.name].add(name)
        shown = {"name": name, "label": body["label"], "displayOrder": -1, "archived": False}
        return Reply(201, shown)

    def _property(self, kind: ObjectType, one: Definition) -> dict[str, Any]:
        options = self._account.options(kind, one).items()
        return {
            "name": one.name,
            "label": one.label or one.name,
            "description": "",
            "groupName": one.group,
            "type": one.type,
            "fieldType": one.field_type,
            "options": [
                {"value": value, "label": label, "hidden": False, "displayOrder": n}
                for n, (value, label) in enumerate(options)
            ],
            "hasUniqueValue": one.unique,
            "hidden": False,
            "formField": True,
            "calculated": False,
            "externalOptions": one.name == "hubspot_owner_id",
            "hubspotDefined": one.hubspot,
            "archived": False,
            "modificationMetadata": {
                "archivable": not one.hubspot,
                "readOnlyDefinition": one.hubspot,
                "readOnlyValue": one.read_only,
            },
        }

    # ---------------------------------------------------------------------------------------- pipelines, owners

    def pipelines(self, call: Call) -> Reply:
        """`/crm/pipelines/{version}/{type}`. Raises Problem."""
        kind = self._account.kind(call.path[3])
        many = self._account.pipelines.get(kind.name)
        if many is None:
            raise bad_request(f"Object type {kind.type_id} does not support pipelines")
        return Reply(200, {"results": [self._pipeline(n, one) for n, one in enumerate(many)]})

    def _pipeline(self, order: int, one: Pipeline) -> dict[str, Any]:
        dates = {"createdAt": iso(0), "updatedAt": iso(0), "archived": False}
        stages = [
            {
                "id": stage.id,
                "label": stage.label,
                "displayOrder": n,
                "metadata": {"probability": "0.5"},
                "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
                **dates,
            }
            for n, stage in enumerate(one.stages)
        ]
        return {"id": one.id, "label": one.label, "displayOrder": order, "stages": stages, **dates}

    def owners(self, call: Call) -> Reply:
        """`/crm/owners/{version}`, in pages. Raises Problem."""
        limit, after = int(call.query.get("limit", "100")), int(call.query.get("after", "0"))
        page = self._account.owners[after : after + limit]
        body: dict[str, Any] = {"results": [_owner(one) for one in page]}
        if after + limit < len(self._account.owners):
            body["paging"] = {"next": {"after": str(after + limit)}}
        return Reply(200, body)

    # -------------------------------------------------------------------------------------------------- files

    def files(self, call: Call) -> Reply:
        """`/files/{version}/files/…`. Raises Problem."""
        match call.method, call.path[3:]:
            case "POST", ():
                return self._upload(call)
            case "GET", (key,) if key in self._account.files:
                return Reply(200, self._file(self._account.files[key]))
            case "GET", (key, "signed-url") if key in self._account.files:
                return self._signed(self._account.files[key])
            case _:
                raise missing("FILE", call.path[3:4])

    def _upload(self, call: Call) -> Reply:
        parts = _parts(call)
        if "file" not in parts or not ({"folderId", "folderPath"} & parts.keys()):
            raise bad_request("file, and one of folderId and folderPath, are required")
        options = Call("", (), {}, {}, parts["options"].body).json if "options" in parts else {}
        if "access" not in options:
            raise bad_request("access is required in options")
        name = parts["fileName"].body.decode() if "fileName" in parts else parts["file"].name
        stored = self._account.store(name, parts["file"].media_type, parts["file"].body, options["access"])
        return Reply(201, self._file(stored))

    def _file(self, one: Stored) -> dict[str, Any]:
        hosted = f"https://4711.fs1.hubspotusercontent.example/{one.id}"
        return {
            "id": one.id,
            "createdAt": iso(one.at),
            "updatedAt": iso(one.at),
            "archived": False,
            "name": one.name,
            "extension": one.extension,
            "type": "DOCUMENT",
            "size": len(one.body),
            "encoding": None,
            "access": one.access,
            "path": f"/counterpart/{one.name}.{one.extension}",
            "url": hosted,
            "defaultHostingUrl": hosted,
            "fileMd5": hashlib.md5(one.body, usedforsecurity=False).hexdigest(),
            "isUsableInContent": False,
        }

    def _signed(self, one: Stored) -> Reply:
        ends = self._account.now_ms() + _SIGNED_FOR
        url = f"{self.address}/signed/{one.id}?Expires={ends}&Signature={one.id[::-1]}"
        more = {"name": one.name, "extension": one.extension, "type": "DOCUMENT", "size": len(one.body)}
        return Reply(200, {"url": url, "expiresAt": iso(ends), **more})

    def signed(self, call: Call) -> Reply:
        """The bytes of a file, for anybody who holds the address. Raises Problem."""
        one = self._account.files.get(call.path[1])
        if one is None or call.query.get("Signature") != one.id[::-1]:
            raise Problem(403, "FORBIDDEN", "SignatureDoesNotMatch")
        if int(call.query.get("Expires", "0")) < self._account.now_ms():
            raise Problem(403, "FORBIDDEN", "Request has expired")
        return Reply(200, raw=one.body, headers={"Content-Type": one.media_type})


def _owner(one: Owner) -> dict[str, Any]:
    return {
        "id": one.id,
        "userId": one.user,
        "userIdIncludingInactive": one.user,
        "email": one.email,
        "firstName": one.first,
        "lastName": one.last,
        "type": "PERSON",
        "archived": False,
        "createdAt": iso(0),
        "updatedAt": iso(0),
    }


@dataclass(frozen=True)
class _Part:
    name: str
    media_type: str
    body: bytes


def _parts(call: Call) -> dict[str, _Part]:
    head = f"Content-Type: {call.header('content-type')}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + call.body)
    found = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        body = part.get_payload(decode=True)
        assert isinstance(body, bytes)
        found[name] = _Part(part.get_filename() or "", part.get_content_type(), body)
    return found


class Tokens:
    """Who may call: Service Keys, and the access tokens of an app."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.keys = {"pat-eu1-service-key"}
        self.client = ("client-id", "client-secret")
        self.refresh_tokens = {"refresh-token-1"}
        self.seconds = 1800
        #: Access token to when it ends, and what it is good for.
        self.given: dict[str, tuple[int, str]] = {}
        self.exchanges = 0

    def exchange(self, call: Call) -> Reply:
        """`/oauth/{version}/token`. Raises Problem."""
        form = {name: many[-1] for name, many in parse_qs(call.body.decode()).items()}
        if (form.get("client_id"), form.get("client_secret")) != self.client:
            raise Problem(400, "BAD_CLIENT_ID", "missing or unknown client id")
        self.exchanges += 1
        use = "access_token" if form.get("grant_type") == "refresh_token" else "client_credentials"
        if use == "access_token" and form.get("refresh_token") not in self.refresh_tokens:
            raise Problem(400, "BAD_REFRESH_TOKEN", "missing or invalid refresh token")
        token = f"access-{self.exchanges}"
        self.given[token] = (self._account.now_ms() + self.seconds * 1000, use)
        body: dict[str, Any] = {"access_token": token, "expires_in": self.seconds, "token_type": "bearer"}
        body |= {"token_use": use, "hub_id": self._account.portal}
        if use == "access_token":
            body["refresh_token"] = form["refresh_token"]
        return Reply(200, body)

    def check(self, call: Call) -> None:
        """Let a call in. Raises Problem."""
        scheme, _, token = call.header("authorization").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Problem(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        if token in self.keys and call.path[0] != "webhooks-journal":
            return
        ends, use = self.given.get(token, (0, ""))
        if not use:
            words = "Authentication credentials not found. This API supports OAuth 2.0 authentication."
            raise Problem(401, "INVALID_AUTHENTICATION", words)
        if ends <= self._account.now_ms():
            words = "The OAuth token used to make this call expired 1 second(s) ago."
            raise Problem(401, "EXPIRED_AUTHENTICATION", words)
        if (use == "client_credentials") != (call.path[0] == "webhooks-journal"):
            words = "This app hasn't been granted all required scopes to make this call."
            raise Problem(403, "MISSING_SCOPES", words)
