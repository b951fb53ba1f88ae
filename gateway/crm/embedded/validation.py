"""The CRM's own rules. They refuse in words meant for the field they concern, on every way in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import String

from gateway.crm.embedded.codes import AMOUNT_LOCKED, PARTNER_MOVES, STATE_COLUMN, STATE_WORDS, Stage
from gateway.crm.embedded.objects import OWN, spec_of
from gateway.crm.port import CrmRefused

#: The largest value a registration may have without a named account; a rule no portal knows beforehand.
LARGEST_VALUE = Decimal(5_000_000)

#: Characters of the name, and of the value, of what is a mapping's own.
_LONGEST_NAME, _LONGEST_VALUE = 40, 100_000

_EMBARGOED = frozenset({"CU", "IR", "KP", "SY"})
_FREE_MAIL = frozenset({"gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "gmx.de", "web.de"})


def check(obj: str, before: Mapping[str, Any], changes: Mapping[str, Any], today: date) -> None:
    """Check the values that a write changes against the row it meets. Raises CrmRefused naming every field at fault."""
    moved = {name: value for name, value in changes.items() if before.get(name) != value}
    found = _too_long(obj, moved) | _own(moved)
    match obj:
        case "registration":
            found |= _registration(before, moved, today)
        case "ticket":
            if "subject" in moved and not str(moved["subject"] or "").strip():
                found["subject"] = "A request needs a subject."
        case _:
            pass
    if found:
        raise CrmRefused(" ".join(dict.fromkeys(found.values())), found)


def check_partner_write(obj: str, before: Mapping[str, Any] | None, changes: Mapping[str, Any]) -> None:
    """Check that a portal user's write sets only what partners may set, and moves only as partners may.

    `before` is None for a creation. Raises CrmRefused.
    """
    spec = spec_of(obj)
    settable = spec.partner | (spec.on_create if before is None else frozenset())
    found = {
        name: _not_yours(obj, name) for name in changes if name not in settable and not name.startswith(OWN)
    }
    column = STATE_COLUMN.get(obj, "")
    if before is not None and column in changes and column not in found:
        old, new = str(before[column]), str(changes[column])
        words = STATE_WORDS[obj]
        # What leads to or from a state of the portal's own making is judged by its manifest alone.
        own = old in words and new in words
        if own and old != new and new not in PARTNER_MOVES.get(obj, {}).get(old, frozenset()):
            found[column] = (
                f"{spec.label} is “{words.get(old, old)}” and cannot become “{words.get(new, new)}”."
            )
    if found:
        raise CrmRefused(" ".join(dict.fromkeys(found.values())), found)


def _not_yours(obj: str, name: str) -> str:
    known = name in spec_of(obj).table.columns
    return "This is set by the vendor's staff." if known else f"The CRM has no field “{name}”."


def _too_long(obj: str, moved: Mapping[str, Any]) -> dict[str, str]:
    columns = spec_of(obj).table.columns
    found: dict[str, str] = {}
    for name, value in moved.items():
        kind = columns[name].type if name in columns else None
        if isinstance(kind, String) and kind.length and isinstance(value, str) and len(value) > kind.length:
            found[name] = f"At most {kind.length} characters fit here."
    return found


def _own(moved: Mapping[str, Any]) -> dict[str, str]:
    """Check names and size of what is a mapping's own."""
    found: dict[str, str] = {}
    for name, value in moved.items():
        if not name.startswith(OWN):
            continue
        if len(name) > _LONGEST_NAME:
            found[name] = f"Names of own properties have at most {_LONGEST_NAME} characters."
        elif len(str(value)) > _LONGEST_VALUE:
            found[name] = f"At most {_LONGEST_VALUE:,} characters fit here."
    return found


def _registration(before: Mapping[str, Any], moved: Mapping[str, Any], today: date) -> dict[str, str]:
    found: dict[str, str] = {}
    if before.get("stage_code") in AMOUNT_LOCKED:
        found |= {name: "Amount is locked during review." for name in ("est_value", "cur") if name in moved}
    if "est_value" in moved and "est_value" not in found:
        found |= _value(moved["est_value"])
    if moved.get("country_iso") in _EMBARGOED:
        found["country_iso"] = "Deliveries to this country are not possible."
    mail = str(moved.get("ct_mail") or "").lower()
    if mail.rpartition("@")[2] in _FREE_MAIL:
        found["ct_mail"] = "Use the customer's business address, not a private one."
    if moved.get("close_on") and str(moved["close_on"]) < today.isoformat():
        found["close_on"] = "Target close has passed."
    merged = {**before, **moved}
    if merged.get("prot_from") and merged.get("prot_to") and merged["prot_to"] < merged["prot_from"]:
        found["prot_to"] = "Protection cannot end before it starts."
    if moved.get("stage_code") == Stage.EXT_ASKED:
        found |= _extension(merged)
    return found


def _value(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return {"est_value": "Amount is not a number."}
    if not amount.is_finite() or amount <= 0:
        return {"est_value": "Amount must be above zero."}
    if amount > LARGEST_VALUE:
        return {"est_value": "Deals above 5,000,000 need a named account. Ask your channel contact first."}
    return {}


def _extension(merged: Mapping[str, Any]) -> dict[str, str]:
    until, ends = merged.get("ext_until"), merged.get("prot_to")
    if until and ends and until <= ends:
        return {"ext_until": "An extension must end after the present protection."}
    return {}
