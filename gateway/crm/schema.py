"""What a source system says its objects are made of, and what a mapping would have it add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a property holds, as far as it matters to a mapping."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    CHOICES = "choices"
    REFERENCE = "reference"
    ITEMS = "items"
    OTHER = "other"


@dataclass(frozen=True)
class Property:
    """One property of an object, by the name a mapping has for it.

    `choices`: value to label, None where any value may stand there. `target`: the object a reference leads to, as far
    as the system tells. `required`: a row cannot be created without it. `open`: other values are kept too.
    """

    name: str
    label: str
    kind: Kind
    choices: Mapping[str, str] | None = None
    writable: bool = True
    required: bool = False
    unique: bool = False
    target: str = ""
    open: bool = False


@dataclass(frozen=True)
class ObjectSchema:
    """One object. `writable`: whether the credentials let rows be created and changed.

    `own`: properties whose names begin so need not be made: whatever a mapping names is kept.
    """

    obj: str
    label: str
    properties: Mapping[str, Property]
    writable: bool = True
    own: str = ""

    def property(self, name: str) -> Property | None:
        """Return the property of that name, None where there is none and none is kept."""
        if self.own and name.startswith(self.own):
            return Property(name, name, Kind.OTHER)
        return self.properties.get(name)


@dataclass(frozen=True)
class WantedProperty:
    """A property a mapping needs and the object lacks, or choices that it lacks.

    `length`: characters, 0 for any. `target`: the object a reference leads to.
    """

    name: str
    label: str
    kind: Kind
    choices: Mapping[str, str] = field(default_factory=dict)
    unique: bool = False
    length: int = 0
    target: str = ""
