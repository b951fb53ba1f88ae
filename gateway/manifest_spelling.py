"""Attributes and words of a manifest that this version does not know: a slip of the pen, or something newer. Pure.

Reading passes over them, so that a client takes the portal of a newer gateway; an author wants to hear of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

from app.contract.manifest import (
    OPERATORS,
    SHOWS,
    Column,
    FieldSpec,
    FieldType,
    Filter,
    Manifest,
    Role,
    StateSpec,
    Tone,
)
from app.contract.predicates import RULES, Predicates
from gateway.manifest_flaws import Flaw, known
from gateway.mapping import Family

_FAMILIES = get_args(Family)

#: What an attribute holds one of, or a list of, where reading takes anything: what it is called, and what there is.
_WORDS: Mapping[tuple[type[BaseModel], str], tuple[str, tuple[str, ...]]] = {
    (FieldSpec, "type"): ("type", tuple(one for one in FieldType if one is not FieldType.UNKNOWN)),
    (StateSpec, "tone"): ("tone", tuple(Tone)),
    (Column, "show"): ("way to show a column:", SHOWS),
    (Filter, "op"): ("operator", OPERATORS),
    (Role, "reach"): ("family", _FAMILIES),
    (Role, "reach_below"): ("family", _FAMILIES),
}


def misspelt(data: Any) -> tuple[Flaw, ...]:
    """Return a flaw for each attribute and word that is not known, of a manifest as data.

    It is serious where one that is known is nearly the same; what is like nothing may be of a newer version.
    """
    return tuple(_stray(Manifest, data, ""))


def _stray(model: type[BaseModel], data: Any, where: str) -> Iterator[Flaw]:
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        at = f"{where}.{key}".lstrip(".")
        field = model.model_fields.get(key)
        if field is None:
            yield _unknown(at, key, list(model.model_fields))
        elif (model, key) in _WORDS:
            what, there = _WORDS[model, key]
            yield from known(at, what, value if isinstance(value, list) else [value], there)
        elif field.annotation is Predicates:
            for number, rule in enumerate(value):
                kind = RULES.get(rule.get("rule", ""))
                if kind is not None:
                    yield from _stray(kind, rule, f"{at}.{number}")
        elif (inner := _model_in(field.annotation)) is not None:
            for number, item in enumerate(value if isinstance(value, list) else [value]):
                name = item.get("name", number) if isinstance(item, dict) else number
                yield from _stray(inner, item, f"{at}.{name}" if isinstance(value, list) else at)


def _unknown(where: str, key: str, there: list[str]) -> Flaw:
    near = get_close_matches(key, there, 1)
    remedy = f"Did you mean {near[0]}?" if near else f"It has no effect. There are: {', '.join(there)}."
    return Flaw(where, "This attribute is not known.", remedy, serious=bool(near))


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model an attribute holds, or holds several of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)
