"""The fields of the policy as templates, tables and readers see them: name, kind, bounds; out of the model itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.session.policy.schema import UNMANAGED, Policy

#: Fields by which an organisation narrows what can be done. One that is not understood must not end up as no
#: restriction: Counterpart stays closed then (docs/adr/0015).
RESTRICTING = frozenset(
    {"gateway_address", "allowed_gateways", "kiosk", "idle_lock_seconds", "offline_days", "proxy"}
)

#: Fields that have a strictest value, which holds in place of one that is not understood: field, value.
STRICTEST: dict[str, tuple[str, Any]] = {
    "kiosk_unlock_minutes": ("kiosk_unlock_minutes", 0),
    "update_channel": ("update_channel", "none"),
    # From where releases come is not known, so none are taken.
    "update_address": ("update_channel", "none"),
}


class Kind(StrEnum):
    """How a value is written."""

    TEXT = "text"
    LIST = "list"
    SWITCH = "switch"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True)
class Setting:
    """One field. `name` in Python, `key` in registry, profile and file.

    `least`, `most`: bounds of a number, both included. `longest`: characters of a text, or of each text of a list.
    `many`: how many texts a list takes. `default`: what holds where nobody sets it; None for *as the user chooses*.
    """

    name: str
    key: str
    kind: Kind
    default: Any
    least: int = 0
    most: int = 0
    longest: int = 0
    many: int = 0
    choices: tuple[str, ...] = ()

    @property
    def installer_property(self) -> str:
        """The public property of the Windows installer that recommends a value; empty where there is nothing to set."""
        if len(self.choices) == 1:
            return ""
        return "SERVERURL" if self.name == "gateway_address" else self.key.upper()

    @property
    def restricts(self) -> bool:
        """Whether Counterpart stays closed while it is not understood."""
        return self.name in RESTRICTING


def _setting(name: str, key: str, shape: dict[str, Any]) -> Setting:
    default = getattr(UNMANAGED, name)
    known = shape.get("anyOf", [shape])[0]
    if "const" in known or "enum" in known:
        choices = tuple(known.get("enum", [known.get("const")]))
        return Setting(name, key, Kind.CHOICE, default, choices=choices)
    match known["type"]:
        case "boolean":
            return Setting(name, key, Kind.SWITCH, default)
        case "integer":
            return Setting(name, key, Kind.NUMBER, default, known["minimum"], known["maximum"])
        case "array":
            longest = known["items"]["maxLength"]
            return Setting(name, key, Kind.LIST, default, longest=longest, many=known["maxItems"])
        case _:
            return Setting(name, key, Kind.TEXT, default, longest=known["maxLength"])


def _settings() -> tuple[Setting, ...]:
    shapes = Policy.model_json_schema(by_alias=True)["properties"]
    keys = {name: str(field.alias) for name, field in Policy.model_fields.items()}
    return tuple(_setting(name, key, shapes[key]) for name, key in keys.items())


#: All fields, in the order in which the model has them.
SETTINGS = _settings()
