"""A small source system in memory: its own ids, field and state names, revisions, history and markers.

It is strict where the gateway relies on it and can be told to misbehave: to be down, to lack conditional writes, to
refuse a value, or to let somebody else write at the worst moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gateway.crm.port import (
    Actor,
    Capabilities,
    ChangedId,
    CrmConflict,
    CrmMissing,
    CrmRefused,
    CrmUnavailable,
    FieldChange,
    FileBody,
    Ref,
    SourceRow,
)

MAPPING = """
system = "memory"

[[maps]]
entity = "company"
object = "account"
[maps.fields]
name = "title"
tier = { property = "level", values = { gold = "G", silver = "S", registered = "R" } }
stage = { property = "phase", values = { onboarding = "on", active = "ac", suspended = "su" } }
part_of = { property = "over", as = "reference", object = "account" }
updated_at = { property = "@modified_at", as = "datetime" }
[maps.scope]
company = "@self"
families = ["account"]
above = "part_of"

[[maps]]
entity = "deal_registration"
object = "deal"
marker = "portal_ref"
actor = "person"
create = { pipeline = "partner" }
[maps.fields]
number = "no"
company = { property = "account_id", as = "reference", object = "account" }
customer = "cust"
website = "www"
country = "land"
title = "name"
type = "kind"
amount = { property = "cents", as = "minor_units" }
currency = "cur"
target_close = "close"
products = { property = "goods", as = "list" }
competitor = "rival"
problem = "pain"
next_steps = "todo"
sales_stage = "phase"
reviewer = "clerk"
owner = { property = "person", as = "person", object = "person" }
updated_at = { property = "@modified_at", as = "datetime" }
[maps.fields.timeline]
property = "log"
as = "items"
members = { at = { property = "when", as = "datetime" }, text = "what" }
[maps.fields.state]
property = "stage"
[maps.fields.state.values]
draft = "0"
submitted = "1"
under_review = ["2", "2b"]
action_required = "3"
pending_approval = "4"
approved = "5"
extension_requested = "6"
converted = "7"
rejected = "8"
duplicate = "9"
expired = "10"
cancelled = "11"
withdrawn = "12"
[maps.commands.convert]
set = { closed = true }
args = { po_reference = "po" }
[maps.commands.ask_extension]
args = { until = "wanted_until", note = "wanted_why" }
[maps.scope]
company = "company"
owner = "owner"
families = ["sales"]

[[maps]]
entity = "request"
object = "ticket"
marker = "portal_ref"
actor = "person"
[maps.fields]
company = { property = "account_id", as = "reference", object = "account" }
deal = { property = "deal_id", as = "reference", object = "deal" }
subject = "head"
category = "cat"
priority = "prio"
owner = { property = "person", as = "person", object = "person" }
[maps.fields.state]
property = "stage"
[maps.fields.state.values]
new = "N"
open = "O"
waiting_on_partner = "P"
waiting_on_vendor = "V"
resolved = "R"
closed = "C"
[maps.scope]
company = "company"
owner = "owner"
families = ["support"]

[[maps]]
entity = "message"
object = "note"
marker = "portal_ref"
actor = "person"
only = { internal = [false] }
create = { internal = false }
[maps.fields]
body = "text"
author_name = "who"
[maps.parent]
property = "on_id"
object_property = "on_kind"
objects = { D = "deal", T = "ticket" }

[[maps]]
entity = "file"
object = "paper"
marker = "portal_ref"
blob = "sha256"
[maps.fields]
message = { property = "note_id", as = "reference", object = "note" }
name = "label"
sha256 = "digest"
size = { property = "bytes", as = "integer" }
media_type = "mime"
[maps.parent]
property = "on_id"
object_property = "on_kind"
objects = { D = "deal", T = "ticket" }

[[maps]]
entity = "document"
object = "doc"
blob = "sha256"
[maps.fields]
code = "code"
title = "title"
sha256 = "digest"
size = { property = "bytes", as = "integer" }
state = { property = "stage", values = { current = "C", superseded = "S", expired = "E", revoked = "X" } }
[maps.scope]
[maps.scope.entitlement]
property = "audience"
tags = { everyone = ["all"], gold = ["tier:gold"], silver = ["tier:gold", "tier:silver"] }
[[maps.scope.conditions]]
property = "phases"
tags = { on = ["stage:onboarding"], ac = ["stage:active"] }
"""

_KINDS = {"deal": "D", "ticket": "T"}
_INITIAL = {"deal": "0", "ticket": "N"}


@dataclass
class _Row:
    fields: dict[str, Any]
    revision: int
    modified_at: datetime
    archived: bool = False
    markers: set[str] = field(default_factory=set)
    history: dict[str, FieldChange] = field(default_factory=dict)


class MemoryPort:
    """The system. `now` is its clock. The attributes below the line make it misbehave."""

    system = "memory"
    label = "Memory CRM"

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.rows: dict[Ref, _Row] = {}
        self.files: dict[str, bytes] = {}
        self.merges: dict[Ref, Ref] = {}
        self._count = 0
        # ------
        self.capabilities = Capabilities(
            conditional_writes=True, history=True, webhooks=True, markers=True, clock_step=0.001, page_size=3
        )
        self.down = False
        self.refusals: dict[str, str] = {}
        self.before_write: Callable[[], None] | None = None
        self.after_write: Callable[[], None] | None = None
        self.calls: list[str] = []
        self.writes = 0
        self.lists_revisions = False

    # ------------------------------------------------------------------------------------- what vendor staff do

    def add(self, obj: str, **fields: Any) -> Ref:
        """Make a row as staff would."""
        self._count += 1
        ref = Ref(obj, f"{obj[0]}{self._count:04d}")
        self.rows[ref] = _Row(dict(fields), 1, self.now())
        return ref

    def edit(self, ref: Ref, by: str = "Ingrid Solheim", via: str = "web", **fields: Any) -> None:
        """Change a row as staff would."""
        self._write(ref, fields, Actor("", by), via)

    def touch(self, ref: Ref) -> None:
        """Move revision and time without changing anything, as automations do."""
        self._write(ref, {}, Actor("", "automation"), "automation")

    def archive_row(self, ref: Ref) -> None:
        """Archive a row as staff would."""
        self._write(ref, {}, Actor("", "Ingrid Solheim"), "web")
        self.rows[ref].archived = True

    def restore_row(self, ref: Ref) -> None:
        """Bring a row back from the archive."""
        self._write(ref, {}, Actor("", "Ingrid Solheim"), "web")
        self.rows[ref].archived = False

    def delete(self, ref: Ref) -> None:
        """Delete a row without a trace."""
        del self.rows[ref]

    def merge(self, loser: Ref, winner: Ref) -> None:
        """Merge one row into another."""
        self.delete(loser)
        self.merges[loser] = winner

    def add_file(self, obj: str, body: bytes, **fields: Any) -> Ref:
        """Make a document as staff would."""
        digest = hashlib.sha256(body).hexdigest()
        self.files[digest] = body
        return self.add(obj, digest=digest, bytes=len(body), **fields)

    def _write(self, ref: Ref, fields: Mapping[str, Any], actor: Actor, via: str, marker: str = "") -> _Row:
        row = self.rows[ref]
        for name, value in fields.items():
            if row.fields.get(name) != value:
                row.history[name] = FieldChange(name, actor.name, self.now(), via)
            row.fields[name] = value
        row.revision += 1
        row.modified_at = self.now()
        if marker:
            row.markers.add(marker)
        return row

    # -------------------------------------------------------------------------------------------------- the port

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if self.down:
            raise CrmUnavailable("The memory CRM is down.", 3.0)

    def _shown(self, ref: Ref) -> SourceRow:
        row = self.rows[ref]
        return SourceRow(ref, dict(row.fields), str(row.revision), row.modified_at, row.archived)

    def changed_since(
        self, obj: str, since: datetime | None, after: str | None, limit: int
    ) -> Sequence[ChangedId]:
        self._call("changed_since")
        found = sorted((row.modified_at, ref.id) for ref, row in self.rows.items() if ref.obj == obj)
        if since is not None:
            found = [
                (at, id_)
                for at, id_ in found
                if at > since or (at == since and (after is None or id_ > after))
            ]
        told = found[:limit]
        if not self.lists_revisions:
            return [ChangedId(Ref(obj, id_), at) for at, id_ in told]
        return [
            ChangedId(ref, at, str(self.rows[ref].revision)) for at, id_ in told for ref in (Ref(obj, id_),)
        ]

    def fetch(self, refs: Sequence[Ref]) -> Sequence[SourceRow]:
        self._call("fetch")
        return [self._shown(ref) for ref in refs if ref in self.rows]

    def sweep(self, obj: str, after: str | None, limit: int) -> Sequence[str]:
        self._call("sweep")
        ids = sorted(ref.id for ref, row in self.rows.items() if ref.obj == obj and not row.archived)
        return [id_ for id_ in ids if after is None or id_ > after][:limit]

    def merged_into(self, ref: Ref) -> Ref | None:
        self._call("merged_into")
        return self.merges.get(ref)

    def create(self, obj: str, fields: Mapping[str, Any], marker: str, actor: Actor) -> SourceRow:
        self._call("create")
        found = self.find_created(obj, marker)
        if found:
            return self._shown(found)
        self._refuse(fields)
        return self._made(obj, {"stage": _INITIAL.get(obj), **fields}, marker, actor)

    def _made(self, obj: str, fields: Mapping[str, Any], marker: str, actor: Actor) -> SourceRow:
        self._before()
        ref = self.add(obj, portal_ref=marker, **fields)
        self.writes += 1
        for name in fields:
            self.rows[ref].history[name] = FieldChange(name, actor.name, self.now(), actor.device)
        self._after()
        return self._shown(ref)

    def update(
        self, ref: Ref, fields: Mapping[str, Any], marker: str, actor: Actor, if_revision: str | None
    ) -> SourceRow:
        self._call("update")
        self._before()
        if ref not in self.rows:
            raise CrmMissing("gone")
        if if_revision is not None and str(self.rows[ref].revision) != if_revision:
            raise CrmConflict("changed meanwhile")
        self._refuse(fields)
        self._write(ref, fields, actor, f"portal, {actor.device}", marker)
        self.writes += 1
        shown = self._shown(ref)
        self._after()
        return shown

    def append(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], marker: str, actor: Actor
    ) -> SourceRow:
        self._call("append")
        if parent not in self.rows:
            raise CrmMissing("no parent")
        found = self.find_created(obj, marker)
        if found:
            return self._shown(found)
        self._refuse(fields)
        if parent.obj == "ticket" and self.rows[parent].fields.get("stage") == "P":
            self._write(parent, {"stage": "V"}, Actor("", "automation"), "automation")
        placed = {"on_id": parent.id, "on_kind": _KINDS[parent.obj], "who": actor.name, **fields}
        return self._made(obj, placed, marker, actor)

    def attach(
        self, obj: str, parent: Ref, fields: Mapping[str, Any], body: FileBody, marker: str, actor: Actor
    ) -> SourceRow:
        data = b"".join(body.chunks)
        assert hashlib.sha256(data).hexdigest() == body.sha256
        row = self.append(obj, parent, fields, marker, actor)
        self.files[body.sha256] = data
        return row

    def archive(self, ref: Ref, marker: str, actor: Actor, if_revision: str | None) -> None:
        self._call("archive")
        self._before()
        row = self.rows.get(ref)
        if row is None or row.archived:
            return
        if if_revision is not None and str(row.revision) != if_revision:
            raise CrmConflict("changed meanwhile")
        self._write(ref, {}, actor, "portal", marker)
        row.archived = True
        self.writes += 1
        self._after()

    def was_written(self, ref: Ref, marker: str) -> bool:
        self._call("was_written")
        return ref in self.rows and marker in self.rows[ref].markers

    def find_created(self, obj: str, marker: str) -> Ref | None:
        self._call("find_created")
        rows = ((ref, row) for ref, row in self.rows.items() if ref.obj == obj)
        return next((ref for ref, row in rows if row.fields.get("portal_ref") == marker), None)

    def last_changes(self, ref: Ref, fields: Sequence[str]) -> Mapping[str, FieldChange]:
        self._call("last_changes")
        history = self.rows[ref].history
        return {name: history[name] for name in fields if name in history}

    def open_file(self, ref: Ref) -> FileBody:
        self._call("open_file")
        if ref not in self.rows:
            raise CrmMissing("gone")
        digest = str(self.rows[ref].fields["digest"])
        body = self.files[digest]

        def chunks() -> Iterator[bytes]:
            yield body[: len(body) // 2]
            yield body[len(body) // 2 :]

        return FileBody(digest, len(body), "application/pdf", "file.pdf", chunks())

    def _refuse(self, fields: Mapping[str, Any]) -> None:
        said = {name: words for name, words in self.refusals.items() if name in fields}
        if said:
            raise CrmRefused("The CRM says no.", said)

    def _before(self) -> None:
        hook, self.before_write = self.before_write, None
        if hook:
            hook()

    def _after(self) -> None:
        hook, self.after_write = self.after_write, None
        if hook:
            hook()

    def unconditional(self) -> None:
        """Take conditional writes away, as many real systems lack them."""
        self.capabilities = replace(self.capabilities, conditional_writes=False)
