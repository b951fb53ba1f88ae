"""What the property names of a mapping stand for.

dealname                        a property of the record
dealstage.label                 what people read there: a stage, a pipeline, a choice; written by look-up
hubspot_owner_id.name           the name of the user behind it
counterpart_owner.name          a property of the record whose id stands there (the mapping says of which object)
document_file.sha256            a file's sha256, size, name or media_type
@company                        id of the company it is linked to: the primary one, if one is; else the oldest link
@company:Reseller               id of the company it is linked to under that label
@company.name                   a property of that company
@line_items                     with `as = "items"`: all that it is linked to, with what `members` name of them
@parent, @parent_object         the record a note is on, as the map's `parent` allows, in that order
@text                           whether a note has a text, and is more than the cover of a file
@author, @side                  who wrote a note (by name), and whether that was the partner or the vendor
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from gateway.crm.hubspot.types import ATTACHMENTS, OWNER, PLURALS
from gateway.mapping import As, EntityMap, FieldMap, SystemMapping

_FILE_FACTS = frozenset({"sha256", "size", "name", "media_type"})
_NOTE_FACTS = frozenset({"@text", "@author", "@side"})
_PARENT = frozenset({"@parent", "@parent_object"})


@dataclass(frozen=True)
class Plain:
    """A property of the record."""

    name: str


@dataclass(frozen=True)
class Label:
    """What people read for the value of a property."""

    name: str
    base: str


@dataclass(frozen=True)
class OwnerName:
    """The name of a user."""

    name: str
    base: str


@dataclass(frozen=True)
class Member:
    """A property of the record whose id stands in a property."""

    name: str
    base: str
    obj: str
    member: str


@dataclass(frozen=True)
class FileFact:
    """Something about the file whose id stands in a property."""

    name: str
    base: str
    fact: str


@dataclass(frozen=True)
class Linked:
    """The record it is linked to: its id, or one of its properties."""

    name: str
    obj: str
    label: str = ""
    member: str = ""


@dataclass(frozen=True)
class LinkedItems:
    """All records it is linked to."""

    name: str
    obj: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Parent:
    """The record a note is on."""

    name: str


@dataclass(frozen=True)
class NoteFact:
    """Something that is reckoned from a note."""

    name: str


Name = Plain | Label | OwnerName | Member | FileFact | Linked | LinkedItems | Parent | NoteFact


class Naming:
    """The names a mapping has for one object's properties. Raises ValueError for one that says nothing."""

    def __init__(self, mapping: SystemMapping, obj: str) -> None:
        self.obj = obj
        self.maps = mapping.of_object(obj)
        #: Properties in which ids of other rows stand, and of which object those are.
        self.references = dict(_references(self.maps))
        #: Properties whose values are told apart: who may see a row is said by each of them.
        self.several = frozenset(_entitling(self.maps))
        self._items = dict(_items(self.maps))
        self.names: dict[str, Name] = {name: self._read(name) for name in mapping.properties(obj)}

    def _read(self, name: str) -> Name:
        if name in _PARENT:
            return Parent(name)
        if name in _NOTE_FACTS:
            return NoteFact(name)
        base, dot, member = name.partition(".")
        if base.startswith("@"):
            kind, _, label = base[1:].partition(":")
            if name in self._items:
                return LinkedItems(name, PLURALS.get(kind, kind), self._items[name])
            return Linked(name, PLURALS.get(kind, kind), label, member)
        if not dot:
            return Plain(name)
        if member == "label":
            return Label(name, base)
        if base == OWNER and member == "name":
            return OwnerName(name, base)
        if base in self.references:
            return Member(name, base, self.references[base], member)
        if member in _FILE_FACTS:
            return FileFact(name, base, member)
        raise ValueError(f"{self.obj}: {name} stands for nothing that HubSpot has.")

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The properties of the record that have to be read for all of this."""
        found = {one.name for one in self.names.values() if isinstance(one, Plain)}
        found |= {
            one.base for one in self.names.values() if isinstance(one, (Label, OwnerName, Member, FileFact))
        }
        if any(isinstance(one, NoteFact) for one in self.names.values()):
            found |= {"hs_note_body", OWNER, "hs_created_by_user_id"}
        if self.obj == ATTACHMENTS:
            found |= {"hs_attachment_ids"}
        return tuple(sorted(found - {"file"}))

    @cached_property
    def linked(self) -> tuple[str, ...]:
        """The objects whose links have to be read."""
        found = [one.obj for one in self.names.values() if isinstance(one, (Linked, LinkedItems))]
        return tuple(dict.fromkeys([*found, *self.parents]))

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """The objects a record of this one may be added to, in the order in which they are looked for."""
        links = [item.parent for item in self.maps if item.parent and item.parent.property in _PARENT]
        return tuple(
            dict.fromkeys(obj for link in links for obj in (link.object, *link.objects.values()) if obj)
        )

    @cached_property
    def behind(self) -> dict[str, str]:
        """A property of the record to the mapping's name for it, for HubSpot's words about its own properties."""
        found = {
            one.base: one.name for one in self.names.values() if isinstance(one, (Label, OwnerName, Member))
        }
        return found | {one.name: one.name for one in self.names.values() if isinstance(one, Plain)}

    @cached_property
    def marker(self) -> str:
        """The property that keeps the marker a record was made with."""
        return next((item.marker for item in self.maps if item.marker), "")

    @cached_property
    def mark(self) -> str:
        """The property that keeps the mark of the last write."""
        return next((item.mark for item in self.maps if item.mark), "")

    @cached_property
    def guarded(self) -> bool:
        """Whether only some rows may be shared of what else must not be read: notes."""
        return any(item.parent for item in self.maps) and all(item.only for item in self.maps)

    def pipelines(self, base: str) -> tuple[str, ...]:
        """Return the labels of the pipelines the mapping speaks of, as values of that property."""
        name = f"{base}.label"
        told = [str(value) for item in self.maps for value in item.only.get(name, ())]
        told += [str(item.create[name]) for item in self.maps if name in item.create]
        return tuple(dict.fromkeys(told))


def _specs(maps: tuple[EntityMap, ...]) -> Iterator[FieldMap]:
    for item in maps:
        yield from item.fields.values()
        for command in item.commands.values():
            yield from command.args.values()


def _references(maps: tuple[EntityMap, ...]) -> Iterator[tuple[str, str]]:
    for spec in _specs(maps):
        ours = spec.conversion in (As.REFERENCE, As.PERSON) and not spec.system
        if ours and spec.object and not spec.property.startswith("@"):
            yield spec.property, spec.object


def _entitling(maps: tuple[EntityMap, ...]) -> Iterator[str]:
    for item in maps:
        if item.scope:
            yield from (one.property for one in (item.scope.entitlement, *item.scope.conditions) if one)


def _items(maps: tuple[EntityMap, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for spec in _specs(maps):
        if spec.conversion is As.ITEMS:
            yield spec.property, tuple(sorted({member.property for member in spec.members.values()}))
