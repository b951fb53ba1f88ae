"""What Odoo says when it does not do what was asked, in the port's own errors; pure.

Odoo names the exception that ended a call, on `/json/2` as on `/jsonrpc`. Whatever it names has been rolled back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gateway.crm.odoo.values import plain_text
from gateway.crm.port import CrmError, CrmMissing, CrmRefused, CrmUnauthorised, CrmUnavailable

#: Exceptions of two transactions that met; Odoo itself has tried five times by then.
_MET = ("SerializationFailure", "LockNotAvailable", "DeadlockDetected", "ConcurrencyError", "LockError")

_LONGEST = 500
_UNKNOWN_ID = "External ID not found in the system"

#: Where the name of a field stands in Odoo's words.
_FIELD_IN_WORDS = (
    re.compile(r"Missing required value for the field '[^']*' \((\w+)\)"),
    re.compile(r"Wrong value for [\w.]+\.(\w+): "),
    re.compile(r"Invalid field '(\w+)' in "),
    re.compile(r"Invalid field name '(\w+)'"),
)

#: Lines that tell an administrator what to do, or a programmer where it was.
_ASIDE = re.compile(
    r"^(\(?Record: .*|Model: .*|- create/update: .*|- delete: .*|This operation is allowed for .*|\s*- .*/.*"
    r"|Contact your administrator.*|Blame the following rules:.*|Uh-oh! .*)$"
)


@dataclass(frozen=True)
class Said:
    """An exception as Odoo tells it: its name with the module, and its words."""

    name: str
    message: str

    @property
    def kind(self) -> str:
        """The name without the module."""
        return self.name.rpartition(".")[2]

    @property
    def unknown_external_id(self) -> bool:
        """Whether it is about an external id that stands for nothing."""
        return self.kind == "ValueError" and self.message.startswith(_UNKNOWN_ID)


def said(data: Any) -> Said | None:
    """Read an exception from the body of an answer; None when it holds none."""
    if not isinstance(data, Mapping) or not isinstance(data.get("name"), str):
        return None
    return Said(data["name"], str(data.get("message") or ""))


class OdooSaid(Exception):
    """Odoo ended a call with an exception of its own; whoever made the call knows what that means."""

    def __init__(self, what: Said) -> None:
        super().__init__(what.message)
        self.what = what


def translated(
    what: Said, label: str, *, writing: bool, labels: Mapping[str, str] = MappingProxyType({})
) -> CrmError:
    """Return what an exception comes to for who reads, or writes, rows.

    `labels`: the fields that were written, by what Odoo's users see them called (in small letters).
    """
    if any(name == what.kind for name in _MET) or _met_in_words(what.message):
        return CrmUnavailable(f"{label} was changing the same record for somebody else.", 1.0)
    match what.kind:
        case "AccessDenied" | "Unauthorized" | "SessionExpiredException":
            return CrmUnauthorised(f"{label} does not accept the API key, or the user it belongs to.")
        case "MissingError":
            return CrmMissing(f"{label} does not have this record any more.")
        case "AccessError" if not writing:
            return CrmUnauthorised(f"{label} does not let its API user do this: {cleaned(what.message)}")
    if not writing:
        return CrmUnavailable(f"{label} could not answer: {cleaned(what.message) or what.kind}", 10.0)
    text = cleaned(what.message)
    fields = labelled(text, labels) | dict.fromkeys(fields_in(what.message), text)
    return CrmRefused(cleaned(what.message) or f"{label} refused this ({what.kind}).", fields)


def refusal(
    messages: Sequence[Mapping[str, Any]],
    label: str,
    property_of: Callable[[str], str],
    labels: Mapping[str, str] = MappingProxyType({}),
) -> CrmRefused | CrmUnavailable:
    """Return what the messages of Odoo's `load` come to.

    `property_of`: mapping's name of an Odoo field; `labels`: as with `translated`.
    """
    wrong = [one for one in messages if one.get("type") == "error"]
    if any(_met_in_words(str(one.get("message", ""))) for one in wrong):
        return CrmUnavailable(f"{label} was changing the same record for somebody else.", 1.0)
    fields: dict[str, str] = {}
    words: list[str] = []
    for one in wrong:
        text = cleaned(str(one.get("message", "")))
        named = [str(one["field"])] if one.get("field") else fields_in(str(one.get("message", "")))
        told = labelled(text, labels) | dict.fromkeys(named, text)
        fields |= {property_of(name): said_of_it for name, said_of_it in told.items()}
        words.append(text)
    return CrmRefused(" ".join(dict.fromkeys(words)) or f"{label} did not take the record.", fields)


def labelled(text: str, labels: Mapping[str, str]) -> dict[str, str]:
    """Return what words are about that begin with a field's label and a colon: rules of a vendor's own can be so."""
    head, _, rest = text.partition(": ")
    name = labels.get(head.strip().casefold())
    return {name: rest.strip()} if name and rest.strip() else {}


def fields_in(message: str) -> list[str]:
    """Return the fields Odoo's words are about, as far as they name them."""
    return [found[1] for pattern in _FIELD_IN_WORDS if (found := pattern.search(message))]


def cleaned(message: str) -> str:
    """Return words that can be shown to partners: no markup, no ids, one line."""
    lines = (plain_text(line).strip() for line in message.splitlines())
    kept = [line for line in lines if line and not _ASIDE.match(line)]
    text = " ".join(kept).replace("The operation cannot be completed: ", "")
    text = re.sub(r"'([^']+)' \([a-z][a-z0-9_.]*\)", r"\1", text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _met_in_words(message: str) -> bool:
    """`load` tells of a clash in PostgreSQL's own words only."""
    return "could not serialize access" in message or "deadlock detected" in message
