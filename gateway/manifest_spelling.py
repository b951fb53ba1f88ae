"""Attributes a manifest's file has and this version does not know: a slip of the pen, or something newer. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

from app.contract.manifest import Manifest
from app.contract.predicates import Predicates
from gateway.manifest_lint import Flaw


def misspelt(data: Any) -> tuple[Flaw, ...]:
    """Return a note for each attribute that is not known, of a manifest as data."""
    return tuple(_stray(Manifest, data, ""))


def _stray(model: type[BaseModel], data: Any, where: str) -> Iterator[Flaw]:
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        at = f"{where}.{key}".lstrip(".")
        field = model.model_fields.get(key)
        if field is None:
            near = get_close_matches(key, list(model.model_fields), 1)
            remedy = f"Did you mean {near[0]}?" if near else "It has no effect."
            yield Flaw(at, "This attribute is not known.", remedy, serious=False)
            continue
        inner = _model_in(field.annotation)
        if inner is None:
            continue
        for number, item in enumerate(value if isinstance(value, list) else [value]):
            name = item.get("name", number) if isinstance(item, dict) else number
            yield from _stray(inner, item, f"{at}.{name}" if isinstance(value, list) else at)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model an attribute holds, or holds several of; rules are read by a table of their own."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return None if annotation is Predicates else annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)
