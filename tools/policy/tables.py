"""The reference inside docs/admin.md, between its marks."""

from __future__ import annotations

import json
from typing import Any, assert_never

from app.session.policy.settings import SETTINGS, STRICTEST, Kind, Setting
from tools.policy.words import WORDS

BEGIN, END = "<!-- policies: made by python -m tools.policy -->", "<!-- end of policies -->"


def with_reference(page: str) -> str:
    """Return the page with its reference as the schema has it now. Raises ValueError without the marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"docs/admin.md has lost its marks {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def reference() -> str:
    """One row for each setting."""
    head = (
        "| name | value | where nobody sets it | what it does | if it is not understood | property of the MSI |\n"
        "|---|---|---|---|---|---|\n"
    )
    return head + "".join(_row(setting) for setting in SETTINGS)


def _row(setting: Setting) -> str:
    about = WORDS[setting.name].about.en
    installer = f"`{setting.installer_property}`" if setting.installer_property else "–"
    cells = (
        f"`{setting.key}`", _value(setting), _default(setting.default), about, _otherwise(setting), installer
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |\n"


def _value(setting: Setting) -> str:
    match setting.kind:
        case Kind.SWITCH:
            return "1 or 0, true or false"
        case Kind.NUMBER:
            return f"number, {setting.least:,} to {setting.most:,}"
        case Kind.CHOICE:
            return ", ".join(f"`{choice}`" for choice in setting.choices)
        case Kind.LIST:
            return f"list of addresses, at most {setting.many}"
        case Kind.TEXT:
            return f"text, at most {setting.longest} characters"
        case _:
            assert_never(setting.kind)


def _default(value: Any) -> str:
    if value is None:
        return "as the user chooses"
    if value in ("", ()):
        return "–"
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def _otherwise(setting: Setting) -> str:
    if setting.restricts:
        return "Counterpart stays closed"
    if setting.name in STRICTEST:
        name, value = STRICTEST[setting.name]
        key = next(one.key for one in SETTINGS if one.name == name)
        return f"`{key}` is `{value}`"
    return "it is told; the next place that has it counts"
