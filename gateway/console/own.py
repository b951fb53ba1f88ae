"""Fields of forms that hold several things, one a line: a mapping's own properties, what was filled in, lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette_admin.fields import TextAreaField

from gateway.console import forms


def told(value: Any) -> str:
    """Write a value so that `understood` reads it again: text as it is, unless it would be read as something else."""
    if isinstance(value, str) and understood(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def understood(text: str) -> Any:
    """Read a value: numbers, yes and no, lists and quoted text as JSON has them, anything else as text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, float) else value


@dataclass
class PairsField(TextAreaField):
    """Names with values, one a line: `name = value`."""

    rows: int = 3
    exclude_from_list: bool | None = True
    exclude_from_export: bool | None = True
    searchable: bool | None = False
    orderable: bool | None = False

    async def parse_form_data(self, request: Request, form_data: FormData) -> Any:
        """Return the pairs; a line without a sign of equality names something that is empty."""
        pairs = (line.partition("=") for line in forms.entered(form_data, self.name).split("\n"))
        return {name.strip(): understood(value.strip()) for name, _, value in pairs if name.strip()}

    async def serialize_value(self, request: Request, value: Any) -> str:
        """Write the pairs."""
        return "\n".join(f"{name} = {told(item)}" for name, item in sorted((value or {}).items()))


@dataclass
class LinesField(TextAreaField):
    """Lines of an order or a quote, one a line: `name | code | quantity | value`."""

    rows: int = 4
    exclude_from_list: bool | None = True
    exclude_from_export: bool | None = True
    searchable: bool | None = False
    orderable: bool | None = False

    async def parse_form_data(self, request: Request, form_data: FormData) -> Any:
        """Return the lines as the CRM keeps them."""
        lines = (line.split("|") for line in forms.entered(form_data, self.name).split("\n") if line.strip())
        return [
            {name: part.strip() for name, part in zip(_MEMBERS, parts, strict=False) if part.strip()}
            for parts in lines
        ]

    async def serialize_value(self, request: Request, value: Any) -> str:
        """Write the lines."""
        return "\n".join(_line(item) for item in value or ())


_MEMBERS = ("name", "code", "quantity", "value", "shipped")


def _line(item: Mapping[str, Any]) -> str:
    parts = [str(item.get(name, "")) for name in _MEMBERS]
    while parts and not parts[-1]:
        parts.pop()
    return " | ".join(parts)


def own_properties() -> PairsField:
    """Return the field of what only a mapping names."""
    return PairsField(
        "extra",
        label="Further properties",
        help_text="One a line, such as x_region = north. Their names stand in the mapping.",
    )
