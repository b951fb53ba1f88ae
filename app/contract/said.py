"""Sentences that remember how they were made, so that whoever shows them can say them in another language.

The contract speaks English and has no translator. A sentence made by `said` is that English text, and carries the
template and the values it was made from; what is shown to a person goes through a translator that looks the template
up. Whoever only needs text (a log, the gateway's answer) takes it as the string it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

#: What a template may be filled with. Dates and whole numbers are written as the reader's language writes them.
Value = str | int | date

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: In front of a sentence that was stored together with its template.
_PACKED = "\x1esaid:"


class Said(str):
    """English text with its `template` and `values`; `one` is the template for a `number` of one, empty without one."""

    __slots__ = ("number", "one", "template", "values")

    template: str
    values: Mapping[str, Value]
    one: str
    number: int | None


def said(template: str, /, **values: Value) -> Said:
    """Say a sentence: `said("{label} is set by the vendor.", label="Number")`."""
    return _made(template, values, "", None)


def counted(count: int, one: str, many: str, /, **values: Value) -> Said:
    """Say a sentence about a number of things: `counted(2, "%n field", "%n fields")`."""
    return _made(many, values, one, count)


def _made(template: str, values: Mapping[str, Value], one: str, count: int | None) -> Said:
    words = one if count == 1 else template
    text = Said(filled(words, {name: english(value) for name, value in values.items()}))
    if count is not None:
        text = Said(text.replace("%n", english(count)))
    text.template, text.values, text.one, text.number = template, values, one, count
    return text


def filled(template: str, values: Mapping[str, str]) -> str:
    """Put values into the named places of a template; one without values is taken as it is, braces and all."""
    return template.format(**values) if values else template


def english(value: Value) -> str:
    """Write a value as English does: *1,200*, *24 Nov 2026*."""
    if isinstance(value, date):
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return f"{value:,}" if isinstance(value, int) else value


class Inside(Said):
    """Words of a label as they stand inside a sentence; a language that writes nouns with a capital keeps it."""

    __slots__ = ()


def inside(label: str) -> Inside:
    """Return a label for the inside of a sentence: *deal* for *Deal*."""
    text = Inside(label[:1].lower() + label[1:])
    text.template, text.values, text.one, text.number = label, {}, "", None
    return text


def packed(text: str) -> str:
    """Return the form of a sentence that is stored: with its template, where it has one."""
    if not isinstance(text, Said):
        return text
    return _PACKED + json.dumps(_plain(text), ensure_ascii=False, separators=(",", ":"))


def unpacked(stored: str) -> str:
    """Return a stored sentence; text that was stored plainly comes back as it is."""
    if not stored.startswith(_PACKED):
        return stored
    try:
        return _from_plain(json.loads(stored[len(_PACKED) :]))
    except (ValueError, KeyError, TypeError):
        return stored[len(_PACKED) :]


def _plain(text: Said) -> dict[str, Any]:
    values = {name: _plain_value(value) for name, value in text.values.items()}
    return {"t": text.template, "v": values, "1": text.one, "n": text.number}


def _plain_value(value: Value) -> Any:
    if isinstance(value, Inside):
        return {"inside": value.template}
    if isinstance(value, Said):
        return {"said": _plain(value)}
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _from_plain(data: dict[str, Any]) -> Said:
    values = {name: _value(value) for name, value in data["v"].items()}
    return _made(data["t"], values, data["1"], data["n"])


def _value(stored: Any) -> Value:
    if isinstance(stored, dict) and "inside" in stored:
        return inside(stored["inside"])
    if isinstance(stored, dict):
        return _from_plain(stored["said"]) if "said" in stored else date.fromisoformat(stored["day"])
    return stored if isinstance(stored, int) else str(stored)
