"""How one source system's rows become records: a mapping is data, one TOML file a system.

    system = "embedded"                 # must equal the port's `system`
    portals = "any"                     # serves any portal: what its manifest lacks is left out ("one": must fit)

    [[maps]]                            # one for each pair of entity type and object
    entity = "deal_registration"        # entity type of the manifest
    object = "deal_reg"                 # the system's object name
    marker = "portal_ref"               # property that shows the marker a row was created with (see below)
    mark = "last_marks"                 # property for the marks of the last writes, where a connector asks for one
    only = { visibility = ["public"] }  # rows that do not meet all of these are never shared (internal notes)
    actor = "contact_id"                # property written with the actor's id on create and append; "" = not written
    create = { pipeline = "partner" }   # constant properties written on create and append
    blob = "sha256"                     # contract field that names file bytes kept by the system (documents, files)

    [maps.fields]                       # contract field = property, or a table
    number = "reg_no"
    amount = { property = "amount_cents", as = "minor_units" }
    state = { property = "stage", values = { draft = "10", under_review = ["30", "31"] }, lacks = ["withdrawn"] }
    products = { property = "product_codes", as = "list", separator = ";", values = { vault = "VLT" } }
    company = { property = "account_id", as = "reference", object = "account" }
    order = { property = "erp_no", as = "reference", object = "sale.order", system = "erp" }   # of another system
    owner = { property = "contact_id", as = "person", object = "contact" }
    co_workers = { property = "contact_ids", as = "references", object = "contact", separator = ";" }
    answers = { property = "answers", as = "json" }
    updated_at = { property = "@modified_at", as = "datetime" }
    [maps.fields.timeline]
    property = "log"
    as = "items"
    members = { at = { property = "when", as = "datetime" }, by = "who", kind = "type", text = "note" }

    [maps.commands.convert]             # what a command writes besides the mapped `to_state`
    set = { closed_by_partner = true }  # constant properties
    args = { po_reference = "customer_po" }   # argument = property or a table; default: the field of the same name
                                              # `shown`: where the hash of what was decided on is kept, if anywhere

    [maps.scope]                        # who may see a row; children leave this out and carry their parent's tags
    company = "company"                 # contract field with the company's gid; "@self": the record is the company
    owner = "owner"                     # contract field with the owner's user id
    owners = ["co_workers"]             # contract fields that name people who see it as its owner does
    families = ["sales"]                # sales, support, finance, account
    above = "part_of"                   # contract field with the gid of the company this one belongs to; with "@self"
    entitlement = { property = "audience", tags = { everyone = ["all"], gold = ["tier:gold"] } }
    # Each further condition narrows that: a row that makes it is for those alone who meet both. Blank: no condition.
    conditions = [{ property = "for_stages", tags = { active = ["stage:active"] } }]

    [maps.parent]                       # children only: where the parent's id stands
    property = "record_id"
    object = "ticket"                   # or, when it differs from row to row:
    object_property = "record_type"
    objects = { deal = "deal_reg", ticket = "ticket" }

An entity type may come from several objects (a map each; a child is added through the map whose `parent` can name
the parent's object), and one object may feed several entity types (maps with disjoint `only`).

`values` reads contract value = system value, or a list of system values of which the first is written. `lacks` names
states the system does not have: commands that lead there are not offered. Fields that partners fill in and no map
holds are not offered either. A system value that stands in no table is
passed on as text. Blank values (null, "", []) are left out of the record.
`@modified_at`, `@id` and `@revision` name the row's own members. `marker`: for a row born on a client the property
holds its gid, which becomes the record's gid; any other row's gid derives from (system, object, id).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from app.contract.manifest import EntityType, FieldSpec, Manifest

#: Contract name of the families a company's records fall into; a role holds some of them.
Family = Literal["sales", "support", "finance", "account"]


#: What a row holds besides its properties.
ROW_MEMBERS = frozenset({"@id", "@revision", "@modified_at"})


class As(StrEnum):
    """How a property's value is written on the system's side. The contract's side is given by the manifest."""

    SAME = "same"  # text, integer, boolean as it is
    TEXT = "text"  # anything, as text
    INTEGER = "integer"  # integer, or text that holds one
    BOOLEAN = "boolean"  # boolean, 0/1, or true/false/yes/no as text
    DECIMAL = "decimal"  # decimal text or integer; the contract has two places
    MINOR_UNITS = "minor_units"  # integer hundredths
    DATE = "date"  # ISO date, or the date of an ISO time
    DATE_MS = "date_ms"  # milliseconds since 1970 at midnight UTC
    DATETIME = "datetime"  # ISO time with any offset; without one it is UTC
    DATETIME_MS = "datetime_ms"  # milliseconds since 1970
    LIST = "list"  # list, or text joined by `separator`
    REFERENCE = "reference"  # id of a row of `object`; the contract has its gid
    REFERENCES = "references"  # list of such ids, or text joined by `separator`; the contract has the gids
    PERSON = "person"  # id of a contact or user of `object`; the contract has the user id
    WEBSITE = "website"  # address of a site; `http://` before it, which systems put there by themselves, is left out
    JSON = "json"  # object, or JSON text of one; written as text
    ITEMS = "items"  # list of objects, taken apart by `members`; read only


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    def changed(self, **update: Any) -> Self:
        """Return a copy with other values; what was worked out of the original is left behind."""
        copy = self.model_copy(update=update)
        for name in copy.__dict__.keys() - type(self).model_fields.keys():
            del copy.__dict__[name]
        return copy


class Link(_Part):
    """Where the id of another row stands, and of which object it is."""

    property: str
    object: str = ""
    object_property: str = ""
    objects: dict[str, str] = {}
    #: The system the row lives in, when that is not this one.
    system: str = ""
    #: Whether several ids stand there: a list, or text joined by `separator`.
    many: bool = False
    separator: str = ""

    @model_validator(mode="after")
    def _target(self) -> Self:
        if bool(self.object) == bool(self.object_property and self.objects):
            raise ValueError(f"{self.property}: name either `object`, or `object_property` with `objects`")
        return self

    def object_of(self, fields: Mapping[str, Any]) -> str:
        """Return the object the id belongs to, or an empty string when the row names none that is known."""
        return self.object or self.objects.get(str(fields.get(self.object_property)), "")

    def ids(self, fields: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the ids a row holds here."""
        value = fields.get(self.property)
        if value in (None, "", [], ()):
            return ()
        return split(value, self.separator) if self.many else (str(value),)

    def may_name(self, obj: str) -> bool:
        """Tell whether rows of `obj` can stand here."""
        return obj == self.object or obj in self.objects.values()


def split(value: Any, separator: str) -> tuple[str, ...]:
    """Return the parts of a list, or of text that is joined by a separator."""
    parts = str(value).split(separator) if isinstance(value, str) and separator else value
    parts = (parts,) if isinstance(parts, (str, int)) else parts
    return tuple(text for part in parts if (text := str(part).strip()))


class FieldMap(_Part):
    """One contract field and the property it comes from."""

    property: str
    conversion: As = Field(As.SAME, alias="as")
    values: dict[str, tuple[str, ...]] = {}
    lacks: tuple[str, ...] = ()
    separator: str = ""
    object: str = ""
    object_property: str = ""
    objects: dict[str, str] = {}
    system: str = ""
    members: dict[str, FieldMap] = {}

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"property": value} if isinstance(value, str) else value

    @field_validator("values", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: item if isinstance(item, (list, tuple)) else (item,) for key, item in value.items()}
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.conversion in (As.REFERENCE, As.REFERENCES, As.PERSON):
            _ = self.link
        if (self.conversion is As.ITEMS) != bool(self.members):
            raise ValueError(f'{self.property}: `members` goes with `as = "items"`, and only with it')
        return self

    @cached_property
    def link(self) -> Link:
        """Where the other row's id stands. Raises ValueError when this field is not a link."""
        return Link(
            property=self.property,
            object=self.object,
            object_property=self.object_property,
            objects=self.objects,
            system=self.system,
            many=self.conversion is As.REFERENCES,
            separator=self.separator,
        )

    @cached_property
    def plain(self) -> bool:
        """Whether text goes through as it is."""
        return self.conversion is As.SAME and not self.values

    @cached_property
    def readings(self) -> dict[str, str]:
        """System value to contract value."""
        return {system: contract for contract, many in self.values.items() for system in many}


class CommandMap(_Part):
    """What a command writes besides the state."""

    set: dict[str, Any] = {}
    args: dict[str, FieldMap] = {}


class Entitlement(_Part):
    """A property that says who may see a row, and the tags each of its values stands for."""

    property: str
    tags: dict[str, tuple[str, ...]]


class ScopeMap(_Part):
    """Which fields say who may see a record."""

    company: str = ""
    owner: str = ""
    owners: tuple[str, ...] = ()
    families: tuple[Family, ...] = ()
    above: str = ""
    entitlement: Entitlement | None = None
    conditions: tuple[Entitlement, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.above and self.company != "@self":
            raise ValueError('`above` goes with `company = "@self"`')
        if self.conditions and self.entitlement is None:
            raise ValueError("`conditions` narrow an `entitlement`, and there is none")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """The contract fields that say who may see a record."""
        found = (self.company, self.owner, *self.owners, self.above)
        return tuple(name for name in found if name not in ("", "@self"))


class EntityMap(_Part):
    """One pair of entity type and object."""

    entity: str
    object: str
    fields: dict[str, FieldMap]
    marker: str = ""
    mark: str = ""
    only: dict[str, tuple[Any, ...]] = {}
    actor: str = ""
    create: dict[str, Any] = {}
    blob: str = ""
    commands: dict[str, CommandMap] = {}
    scope: ScopeMap | None = None
    parent: Link | None = None

    @model_validator(mode="after")
    def _scope_or_parent(self) -> Self:
        if (self.scope is None) == (self.parent is None):
            raise ValueError(f"{self.entity}/{self.object}: name either `scope` or `parent`")
        return self

    def takes(self, fields: Mapping[str, Any]) -> bool:
        """Tell whether a row with these properties is shared through this map."""
        return not self.only or all(fields.get(name) in allowed for name, allowed in self.only.items())

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Where ids of other rows stand: the parent's first, then what fields refer to."""
        parent = (self.parent,) if self.parent else ()
        kinds = (As.REFERENCE, As.REFERENCES)
        return (*parent, *(spec.link for spec in self.fields.values() if spec.conversion in kinds))

    @cached_property
    def properties(self) -> frozenset[str]:
        """Every property that is read or written through this map, but for the row's own members."""
        specs = [
            *self.fields.values(),
            *(arg for command in self.commands.values() for arg in command.args.values()),
        ]
        found = {self.marker, self.mark, self.actor, *self.only, *self.create}
        found |= {name for spec in specs for name in (spec.property, spec.object_property)}
        found |= {name for command in self.commands.values() for name in command.set}
        if self.parent:
            found |= {self.parent.property, self.parent.object_property}
        if self.scope:
            conditions = (self.scope.entitlement, *self.scope.conditions)
            found |= {one.property for one in conditions if one}
        return frozenset(found - {"", *ROW_MEMBERS})

    @cached_property
    def scope_alone(self) -> EntityMap:
        """This map with no more than says who may see a row."""
        named = self.scope.named if self.scope else ()
        fields = {name: spec for name, spec in self.fields.items() if name in named}
        return self.changed(fields=fields, blob="")

    @cached_property
    def field_of(self) -> dict[str, str]:
        """Property to contract field, for the system's words about its own fields."""
        return {spec.property: name for name, spec in self.fields.items()}


class SystemMapping(_Part):
    """The mapping of one system. `portals`: whether it is for one portal, or serves any (see `within`)."""

    system: str
    portals: Literal["one", "any"] = "one"
    maps: tuple[EntityMap, ...]

    @classmethod
    def load(cls, text: str) -> SystemMapping:
        """Read a mapping from TOML text. Raises ValueError with what is wrong."""
        return cls.model_validate(tomllib.loads(text))

    def within(self, manifest: Manifest) -> SystemMapping:
        """Return the mapping for a portal: one that serves any is without what this portal's manifest does not have."""
        if self.portals == "one":
            return self
        pairs = ((item, manifest.entity(item.entity)) for item in self.maps)
        return self.changed(maps=tuple(_within(item, entity) for item, entity in pairs if entity))

    def objects(self) -> tuple[str, ...]:
        """Return the objects that feed anything, each once, in the order of the file."""
        return tuple(dict.fromkeys(item.object for item in self.maps))

    def of_object(self, obj: str) -> tuple[EntityMap, ...]:
        """Return the maps of one object."""
        return self._by_object.get(obj, ())

    @cached_property
    def _by_object(self) -> dict[str, tuple[EntityMap, ...]]:
        return {obj: tuple(item for item in self.maps if item.object == obj) for obj in self.objects()}

    def properties(self, obj: str) -> tuple[str, ...]:
        """Return every property any map of an object reads or writes, in the order of the alphabet."""
        return tuple(sorted(frozenset().union(*(item.properties for item in self.of_object(obj)))))

    def of_entity(self, entity: str) -> tuple[EntityMap, ...]:
        """Return the maps of one entity type."""
        return tuple(item for item in self.maps if item.entity == entity)

    def of_row(self, obj: str, fields: Mapping[str, Any]) -> EntityMap | None:
        """Return the map through which a row is shared, or None when it is not shared."""
        return next((item for item in self.of_object(obj) if item.takes(fields)), None)

    def for_child(self, entity: str, parent_object: str) -> EntityMap | None:
        """Return the map through which a child of that parent is added."""
        return next(
            (
                item
                for item in self.of_entity(entity)
                if item.parent and not item.parent.system and item.parent.may_name(parent_object)
            ),
            None,
        )


def _within(item: EntityMap, entity: EntityType) -> EntityMap:
    fields = {
        name: _with_known_values(spec, known_values(entity, field))
        for name, spec in item.fields.items()
        if (field := entity.field(name))
    }
    commands = {command.name for command in entity.lifecycle.commands} if entity.lifecycle else set()
    scope = item.scope and item.scope.changed(
        owner=item.scope.owner if item.scope.owner in fields else "",
        owners=tuple(name for name in item.scope.owners if name in fields),
        above=item.scope.above if item.scope.above in fields else "",
    )
    return item.changed(
        fields=fields,
        commands={name: command for name, command in item.commands.items() if name in commands},
        scope=scope,
        blob=item.blob if item.blob in fields else "",
    )


def _with_known_values(spec: FieldMap, known: frozenset[str]) -> FieldMap:
    if not known or known >= spec.values.keys():
        return spec
    return spec.changed(values={value: many for value, many in spec.values.items() if value in known})


def known_values(entity: EntityType, field: FieldSpec) -> frozenset[str]:
    """Return the values a manifest has for a field: its states or its choices, none where any may stand."""
    if entity.lifecycle and field.name == entity.state_field:
        return frozenset(state.name for state in entity.lifecycle.states)
    return frozenset(choice.value for choice in field.choices)


def problems(mapping: SystemMapping, manifest: Manifest) -> tuple[str, ...]:
    """Return what in a mapping does not fit the manifest, one sentence each; empty when all is well."""
    return tuple(line for item in mapping.maps for line in _map_problems(item, manifest))


def _map_problems(item: EntityMap, manifest: Manifest) -> Iterator[str]:
    where = f"{item.entity}/{item.object}"
    entity = manifest.entity(item.entity)
    if entity is None:
        yield f"{where}: the manifest has no entity type {item.entity}."
        return
    for name, spec in item.fields.items():
        field = entity.field(name)
        if field is None:
            yield f"{where}: the manifest has no field {name}."
            continue
        known = known_values(entity, field)
        for value in spec.values:
            if known and value not in known:
                yield f"{where}: {name} has no value {value} in the manifest."
        if spec.values and entity.lifecycle and name == entity.state_field:
            for value in sorted(known - spec.values.keys() - set(spec.lacks)):
                yield (
                    f"{where}: the state {value} has no counterpart in the system. Give {name} a value for it in"
                    " `values`, or name it in `lacks`."
                )
    for name in item.scope.named if item.scope else ():
        if name not in item.fields:
            yield f"{where}: scope names the field {name}, which is not mapped."
    if item.blob and item.blob not in item.fields:
        yield f"{where}: blob names the field {item.blob}, which is not mapped."
    yield from _command_problems(where, item, entity)
    if (entity.kind == "append") != (item.parent is not None):
        yield f"{where}: `parent` goes with append-only entity types, `scope` with the others."


def _command_problems(where: str, item: EntityMap, entity: EntityType) -> Iterator[str]:
    commands = {command.name: command for command in entity.lifecycle.commands} if entity.lifecycle else {}
    for name in item.commands:
        if name not in commands:
            yield f"{where}: the manifest has no command {name}."
    for name, command in commands.items():
        own = item.commands[name].args if name in item.commands else {}
        for arg in command.args:
            if command.by == "partner" and arg.name not in own and arg.name not in item.fields:
                yield (
                    f"{where}: the argument {arg.name} of {name} has no property to be written to. Name one:"
                    f' [maps.commands.{name}] args = {{ {arg.name} = "…" }}.'
                )
