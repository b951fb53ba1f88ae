"""Values as Odoo writes them, and as the port has them; pure.

Odoo says False for whatever is blank, gives a reference as [id, name], tells times in UTC without saying so, and keeps
longer texts as HTML.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from html.parser import HTMLParser
from typing import Any

from gateway.crm.port import CrmRefused

_LARGEST_ID = 2**31 - 1
_TIME = "%Y-%m-%d %H:%M:%S"
_BLOCKS = frozenset(
    {"p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "ul", "ol"}
)
_SILENT = frozenset({"style", "script", "head", "title"})


def row_id(text: str) -> int | None:
    """Return an id as Odoo has it; None for what can be none."""
    if not (text.isascii() and text.isdecimal()):
        return None
    number = int(text)
    return number if 0 < number <= _LARGEST_ID else None


def moment(text: str) -> datetime:
    """Read a time."""
    return datetime.strptime(text[:19], _TIME).replace(tzinfo=UTC)


def odoo_time(at: datetime) -> str:
    """Write a time, as coarsely as Odoo tells it."""
    return at.astimezone(UTC).strftime(_TIME)


# --------------------------------------------------------------------------------------------------------- reading


def read(kind: str, value: Any) -> Any:
    """Return a value of a field of that type (of Odoo's `fields_get`) as the port has it."""
    if kind == "boolean":
        return bool(value)
    if value is False or value is None:
        return None
    match kind:
        case "many2one":
            return str(value[0] if isinstance(value, (list, tuple)) else value)
        case "many2one_reference":
            return str(value) if value else None
        case "one2many" | "many2many":
            return [str(one) for one in value] or None
        case "float" | "monetary":
            return decimal_text(value)
        case "html":
            return plain_text(str(value)) or None
        case "datetime":
            return str(value)[:19].replace(" ", "T") + "Z"
        case "integer":
            return int(value)
        case _:
            return value if value != "" else None


def decimal_text(value: Any) -> str:
    """Write a number out, without an exponent or zeros that say nothing."""
    number = Decimal(str(value))
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# --------------------------------------------------------------------------------------------------------- writing


def to_write(kind: str, value: Any, name: str = "") -> Any:
    """Return a value as Odoo's `write` takes it. Raises CrmRefused for what no value of that type can be."""
    if value is None or value == "":
        return False
    try:
        match kind:
            case "many2one" | "many2one_reference" | "integer":
                return int(value)
            case "float" | "monetary":
                return float(Decimal(str(value)))
            case "boolean":
                return value if isinstance(value, bool) else str(value).lower() in ("true", "1", "yes")
            case "html":
                return to_html(str(value))
            case "datetime":
                return odoo_time(_any_time(str(value)))
            case "date":
                return str(value)[:10]
            case "many2many":
                return [[6, 0, [int(one) for one in value]]]
            case _:
                return value if isinstance(value, (bool, int)) else str(value)
    except (ValueError, TypeError, InvalidOperation) as error:
        raise CrmRefused("This value cannot be stored.", {name: "This value cannot be stored."}) from error


def cell(written: Any) -> str:
    """Return what `write` takes as a cell of `load`, which reads what people put into a spreadsheet."""
    if written is False or written is None:
        return ""
    if written is True:
        return "1"
    if isinstance(written, float):
        return f"{Decimal(repr(written)):f}"
    if isinstance(written, list):
        return ",".join(str(one) for command in written for one in command[2])
    return str(written)


def _any_time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


# ------------------------------------------------------------------------------------------------------------ HTML


def to_html(text: str) -> str:
    """Write plain text as Odoo keeps it; `plain_text` gives back the same."""
    return "<p>" + html.escape(text, quote=False).replace("\r\n", "\n").replace("\n", "<br>") + "</p>"


def plain_text(markup: str) -> str:
    """Return what people read in a piece of HTML. Text without any markup stays as it is."""
    if "<" not in markup and "&" not in markup:
        return markup
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Puts together what stands between the tags, and breaks lines where they do."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self._parts.append("\n")
        elif tag in _BLOCKS:
            self._begin_line()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self._begin_line()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._parts.append(re.sub(r"[\r\n\t]+ *", " ", data).replace("\xa0", " "))

    def _begin_line(self) -> None:
        if self._parts and not self._parts[-1].endswith("\n"):
            self._parts.append("\n")

    def text(self) -> str:
        return "".join(self._parts).strip("\n")
