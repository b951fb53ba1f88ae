"""What keeps a file from being a manifest or a mapping at all, in words for its author. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.contract.overlays import OverlayProblem
from gateway.manifest_flaws import Flaw, meant


class ManifestProblem(OverlayProblem):
    """A file is no manifest. `flaws`: everything that keeps it from being one, at least one thing."""

    def __init__(self, file: str, flaws: tuple[Flaw, ...]) -> None:
        first = flaws[0]
        more = f" ({len(flaws) - 1} more: counterpart-gateway check)" if len(flaws) > 1 else ""
        super().__init__(file, first.where, first.cause, f"{first.remedy}{more}")
        self.flaws = flaws


def unreadable(data: Any, error: ValidationError, page: str = "docs/manifest.md") -> Iterator[Flaw]:
    """Yield what is wrong with data that could not be read as a model, each place once. `page`: what it is to be."""
    told: set[str] = set()
    for one in error.errors(include_url=False):
        where = place_of(data, one["loc"])
        if where not in told:
            told.add(where)
            yield Flaw(where, *_words(one, page))


def place_of(data: Any, location: tuple[str | int, ...]) -> str:
    """Return where something stands, by names instead of numbers: *entities.lead.fields.need*."""
    parts: list[str] = []
    at = data
    for step in location:
        try:
            at = at[step]
        except (KeyError, IndexError, TypeError):
            at = None
            if not isinstance(step, str) or "[" in step:
                continue  # one of the ways in which a value may be written; the value has been named
        name = named(at) if isinstance(step, int) else None
        parts.append(str(name or step))
    return ".".join(parts)


def named(item: Any) -> str | None:
    """Return by what a table in a list is called; a map by what it makes of which object."""
    if not isinstance(item, dict):
        return None
    if "entity" in item and "object" in item:
        return f"{item['entity']}/{item['object']}"
    return item.get("name") or item.get("title")


def _words(one: ErrorDetails, page: str) -> tuple[str, str]:
    """Return cause and remedy."""
    given = one.get("input")
    match one["type"]:
        case "missing":
            return "It is missing.", f"{page} says what it may be."
        case "literal_error" | "enum":
            known = [
                part.strip("'") for part in str(one["ctx"]["expected"]).replace(" or ", ", ").split(", ")
            ]
            return f"It cannot be {given!r}.", meant(str(given), [name for name in known if name])
        case "extra_forbidden":
            return "This attribute is not known.", "Correct it, or leave it out."
        case "tuple_type" | "list_type":
            return f"{given!r} is no list.", 'Write it in brackets: ["…"].'
        case "string_type":
            return f"{given!r} is no text.", "Write it in quotes."
        case "int_type" | "int_parsing" | "int_from_float":
            return f"{given!r} is no whole number.", "Write it in digits, without quotes."
        case "bool_type" | "bool_parsing":
            return f"{given!r} is neither yes nor no.", "Write true or false, without quotes."
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"{given!r} is no table.", "Write it in braces: { … = … }."
        case "value_error":
            return f"{one['msg'].removeprefix('Value error, ')}.", "Correct it."
        case _:
            return f"{one['msg']}.", f"{page} says how."
