"""Rows of a source system to records, and contract fields back to properties; pure, driven by the mapping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from app.contract.canonical import canonical, content_hash
from app.contract.ids import is_gid, source_gid
from app.contract.manifest import SHOWN, EntityType, FieldSpec
from gateway.convert import ToContract, Unconvertible, incoming, outgoing, rfc3339
from gateway.crm.port import Ref, SourceRow, SystemRef
from gateway.mapping import EntityMap, FieldMap
from gateway.scope import tags_for

#: Gid of a system's row, whether it was seen before or not.
GidOf = Callable[[str, Ref], str]

#: Row behind a gid, in the system a link names (empty: in the one that is written to). Raises Unconvertible when there
#: is none that may be named.
RefOf = Callable[[str, str], Ref]


@dataclass(frozen=True)
class SourceRecord:
    """A row in the contract's words. `tags` is None for a child, which carries its parent's.

    `born`: the gid the row says it was created with, empty for a row born in the system.
    """

    ref: Ref
    born: str
    entity: str
    data: Mapping[str, Any]
    tags: frozenset[str] | None
    parent: str | None
    blob: str | None
    modified_at: datetime
    revision: str = ""

    @cached_property
    def text(self) -> str:
        """The record's canonical JSON."""
        return canonical(dict(self.data))

    @cached_property
    def hash(self) -> str:
        """Hash of the whole record as it travels."""
        return content_hash(self.text)

    @cached_property
    def content_hash(self) -> str:
        """Hash of what matters: an automation that only moves `updated_at` leaves it as it was."""
        matters = {name: value for name, value in self.data.items() if name != "updated_at"}
        return content_hash(canonical([matters, self.parent, self.blob]))


def own_gid(system: str, ref: Ref, others: int = 0) -> str:
    """Return the gid of a row born in the system. `others`: how many of its gids are taken by other rows."""
    return source_gid(system, ref.obj, f"{ref.id}#{others}" if others else ref.id)


def named_rows(system: str, item: EntityMap, row: SourceRow) -> tuple[SystemRef, ...]:
    """Return the rows this one, of `system`, points to: its parent first, then what its fields refer to."""
    found = [
        SystemRef(link.system or system, Ref(obj, one))
        for link in item.links
        if (obj := link.object_of(row.fields))
        for one in link.ids(row.fields)
    ]
    return tuple(dict.fromkeys(found))


def to_record(system: str, item: EntityMap, row: SourceRow, gid_of: GidOf) -> SourceRecord:
    """Turn a row into a record. Raises Unconvertible with the property that cannot be understood."""
    born = str(row.fields.get(item.marker) or "") if item.marker else ""
    born = born if is_gid(born) else ""
    fields = {
        **row.fields,
        "@id": row.ref.id,
        "@revision": row.revision,
        "@modified_at": rfc3339(row.modified_at),
    }

    data: dict[str, Any] = {}
    own_ids = _readers(system, gid_of)
    for name, spec in item.fields.items():
        value = fields.get(spec.property)
        if value is None:
            continue
        if not (spec.plain and type(value) is str and value.isprintable() and not value.isspace() and value):
            value = incoming(spec, fields, *(_readers(spec.system, gid_of) if spec.system else own_ids))
        if value is not None:
            data[name] = value
    parent = _parent(system, item, row, gid_of)
    if parent:
        data["parent"] = parent
    own = born or gid_of(system, row.ref)
    tags = None
    if item.scope:
        tags = tags_for(item.scope, own, data, row.fields, _co_owners(item, row, own_ids[1]))
    blob = data.get(item.blob) if item.blob else None
    record = SourceRecord(row.ref, born, item.entity, data, tags, parent, blob, row.modified_at, row.revision)
    try:
        _ = record.hash, record.content_hash
    except (ValueError, TypeError) as error:
        raise Unconvertible(_unsendable(item, data) or str(error)) from error
    return record


def _co_owners(item: EntityMap, row: SourceRow, person: ToContract) -> list[str]:
    """Return the user ids of those who see a row as its owner does."""
    links = [item.fields[name].link for name in item.scope.owners] if item.scope else []
    return [
        person(obj, one)
        for link in links
        if (obj := link.object_of(row.fields))
        for one in link.ids(row.fields)
    ]


def _readers(system: str, gid_of: GidOf) -> tuple[ToContract, ToContract]:
    """Return how ids of a system's rows, and of its people, are turned into the contract's."""

    def gid(obj: str, source_id: str) -> str:
        return gid_of(system, Ref(obj, source_id))

    def person(obj: str, source_id: str) -> str:
        return source_gid(system, obj, source_id)

    return gid, person


def shared_with(
    system: str, item: EntityMap, row: SourceRow, gid_of: GidOf
) -> tuple[frozenset[str] | None, str | None]:
    """Return tags and parent of a row, as in its record, though nothing else of it may be understood.

    Raises Unconvertible when these cannot be.
    """
    record = to_record(system, item.scope_alone, row, gid_of)
    return record.tags, record.parent


def _unsendable(item: EntityMap, data: Mapping[str, Any]) -> str:
    """Say which value has no form that could be sent: half a character, or a float that no conversion took up."""
    for name, value in data.items():
        try:
            content_hash(canonical(value))
        except (ValueError, TypeError) as error:
            spec = item.fields.get(name)
            return f"{spec.property if spec else name} holds {ascii(value)[:80]}: {error}"
    return ""


def _parent(system: str, item: EntityMap, row: SourceRow, gid_of: GidOf) -> str | None:
    if item.parent is None:
        return None
    obj, value = item.parent.object_of(row.fields), row.fields.get(item.parent.property)
    if not obj or value in (None, ""):
        raise Unconvertible("the row names no parent")
    return gid_of(item.parent.system or system, Ref(obj, str(value)))


def to_properties(
    item: EntityMap, entity: EntityType, changes: Mapping[str, Any], ref_of: RefOf
) -> tuple[dict[str, Any], dict[str, str]]:
    """Turn contract fields into properties to write.

    Returns the properties, and what is wrong by contract field name (then nothing should be written).
    """
    properties: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in changes.items():
        spec, field = item.fields.get(name), entity.field(name)
        if spec is None or field is None:
            wrong[name] = "This field cannot be written."
            continue
        _write(properties, wrong, spec, field, value, ref_of)
    return properties, wrong


def to_command(
    item: EntityMap, entity: EntityType, command: str, args: Mapping[str, Any], ref_of: RefOf
) -> tuple[dict[str, Any], dict[str, str]]:
    """Turn a command into properties to write: the state it leads to, its constants and its arguments."""
    lifecycle = entity.lifecycle
    spec = next((c for c in lifecycle.commands if c.name == command), None) if lifecycle else None
    if spec is None or lifecycle is None:
        return {}, {command: "This is not something you can do here."}
    own = item.commands.get(command)
    properties: dict[str, Any] = dict(own.set) if own else {}
    state = item.fields[lifecycle.field]
    properties[state.property] = (
        state.values[spec.to_state][0] if spec.to_state in state.values else spec.to_state
    )
    wrong: dict[str, str] = {}
    if own and SHOWN in own.args and args.get(SHOWN):
        properties[own.args[SHOWN].property] = args[SHOWN]
    for arg in spec.args:
        if arg.name in args:
            target = (own.args.get(arg.name) if own else None) or item.fields[arg.name]
            _write(properties, wrong, target, arg, args[arg.name], ref_of)
    return properties, wrong


def _write(
    properties: dict[str, Any],
    wrong: dict[str, str],
    spec: FieldMap,
    field: FieldSpec,
    value: Any,
    ref_of: RefOf,
) -> None:
    def source_id(gid: str) -> tuple[str, str]:
        ref = ref_of(spec.system, gid)
        return ref.obj, ref.id

    try:
        properties[spec.property] = outgoing(spec, field, value, source_id)
        if spec.object_property and properties[spec.property] is not None:
            obj = ref_of(spec.system, value).obj
            properties[spec.object_property] = next(k for k, v in spec.objects.items() if v == obj)
    except Unconvertible as error:
        wrong[field.name] = str(error)


def to_contract_names(item: EntityMap, fields: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Turn a system's words about its properties into words about contract fields.

    Returns the words by contract field, and those about properties no field comes from.
    """
    known: dict[str, str] = {}
    rest: list[str] = []
    for name, words in fields.items():
        field = item.field_of.get(name)
        if field:
            known[field] = words
        else:
            rest.append(words)
    return known, tuple(rest)
