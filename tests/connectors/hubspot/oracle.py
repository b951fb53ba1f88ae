"""Payloads held against the models of HubSpot's own `hubspot-sdk`: they are generated from its descriptions.

The models are of version 2026-03 of the paths; FIELD.md says that 2026-09 has the same shapes.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Required, Union, get_args, get_origin

from hubspot_sdk._models import BaseModel
from hubspot_sdk._utils import PropertyInfo
from typing_extensions import get_type_hints, is_typeddict


def unfit(model: type[BaseModel], data: Any) -> list[str]:
    """Return what a model does not know of an answer. Raises ValidationError for what is missing or mistyped."""
    found = model.model_validate_json(json.dumps(data), strict=True)
    return sorted(set(_extras(found, model.__name__)))


def _extras(value: Any, where: str) -> Iterator[str]:
    match value:
        case BaseModel():
            yield from (f"{where}.{name}" for name in value.model_extra or {})
            for name in type(value).model_fields:
                yield from _extras(getattr(value, name), f"{where}.{name}")
        case list():
            for one in value:
                yield from _extras(one, where)
        case dict():
            for one in value.values():
                yield from _extras(one, where)
        case _:
            return


def misfits(shape: Any, value: Any, where: str = "") -> Iterator[str]:
    """Tell what in a question does not fit the shape the SDK would send it in."""
    origin, args = get_origin(shape), get_args(shape)
    if is_typeddict(shape):
        yield from _members(shape, value, where)
    elif origin in (Annotated, Required):
        yield from misfits(args[0], value, where)
    elif origin in (Union, types.UnionType):
        if all([*misfits(one, value, where)] for one in args):
            yield f"{where}: {value!r} fits none of {args}"
    elif origin is Literal:
        if value not in args:
            yield f"{where}: {value!r} is none of {args}"
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            yield f"{where}: {value!r} is no object"
            return
        for name, one in value.items():
            yield from misfits(args[1], one, f"{where}.{name}")
    elif origin is not None:
        if not isinstance(value, list):
            yield f"{where}: {value!r} is no list"
            return
        for one in value:
            yield from misfits(args[0], one, where)
    elif shape in (str, int, bool) and type(value) is not shape:
        yield f"{where}: {value!r} is not {shape.__name__}"


def _members(shape: Any, value: Any, where: str) -> Iterator[str]:
    hints = get_type_hints(shape, include_extras=True)
    named = {_alias(hint) or name: hint for name, hint in hints.items()}
    if not isinstance(value, dict):
        yield f"{where}: {value!r} is no object"
        return
    for name, hint in named.items():
        if name in value:
            yield from misfits(hint, value[name], f"{where}.{name}")
        elif get_origin(hint) is Required:
            yield f"{where}.{name} is missing"
    for name in value.keys() - named.keys():
        yield f"{where}.{name} is not known"


def _alias(hint: Any) -> str:
    """The name a member travels under."""
    if get_origin(hint) is Required:
        return _alias(get_args(hint)[0])
    if get_origin(hint) is Annotated:
        found = [one.alias for one in get_args(hint)[1:] if isinstance(one, PropertyInfo)]
        return next((one for one in found if one), "")
    return ""
