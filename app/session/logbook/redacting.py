"""Takes out of a text what must not leave this computer: the last line of defence behind the closed kinds of a log.

Used for whatever is written where others may read it: log lines, crash reports, findings, the diagnostics file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

REMOVED = "[removed]"
HOME = "~"

_SECRET_NAMES = re.compile(
    r"passw|passphrase|token|secret|authorization|cookie|verifier|credential|api_?key|\bpin\b|e-?mail|^code$",
    re.IGNORECASE,
)

#: What is taken out, and what stays of it. Whole credentials go before their parts.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic|negotiate)\s+[\w.~+/=%-]{4,}"), rf"\1 {REMOVED}"),
    # User and password in an address, and everything after its path.
    (re.compile(r"(?i)(?<=://)[^\s/@\"']+@"), ""),
    (re.compile(r"(?i)(?<=%3a%2f%2f)[^\s/@\"']+?(?:@|%40)"), ""),
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s?#\"'<>]*)[?#][^\s\"'<>]*"), rf"\1?{REMOVED}"),
    (re.compile(r"(/[\w.~%/-]*)\?[\w.~%-]+=[^\s\"'<>]*"), rf"\1?{REMOVED}"),
    # name=value and "name": value, in forms, JSON and messages; a passphrase has several words.
    (
        re.compile(r"(?i)((?:passw(?:or)?d|passphrase|kennwort)\w*\s*[=:]\s*)(?![\\\"'])[^\n,;&\"'}\]]+"),
        rf"\1{REMOVED}",
    ),
    (
        re.compile(
            r"(?i)((?:passw(?:or)?d|passphrase|kennwort|token|secret|verifier|cookie|credential|api_?key|authorization)"
            r"[\w-]*|\bpwd|\bpin|\bcode)(\\?['\"]?\s*[=:]\s*)(?!\[removed\])"
            r"(\\?\"[^\"]*\"|\\?'[^']*'|[^\s,;&'\")\]}]+)"
        ),
        rf"\1\2{REMOVED}",
    ),
    (re.compile(r"[^\s@\"'<>(),;:=]+(?:@|%40|\\u0040)[\w-]+(?:\.[\w-]+)+"), REMOVED),
    (re.compile(r"\beyJ[\w-]+(?:\.[\w-]*){0,4}"), REMOVED),
    # Tokens, keys and what is packed as text: long, of letters and figures. A hash in hexadecimal and an id are shorter
    # or have other shapes.
    (
        re.compile(
            r"(?<![\w+/=-])(?=[\w+/=-]*[A-Z])(?=[\w+/=-]*[a-z])(?=[\w+/=-]*[0-9])[\w+=-]{20,}(?![\w-])"
        ),
        REMOVED,
    ),
    (re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32,}(?![0-9A-Fa-f])"), REMOVED),
)


class Redactor:
    """Knows this user's home folder, which names them."""

    def __init__(self, home: Path | None = None) -> None:
        found = str(home or "")
        shapes = {found, found.replace("\\", "\\\\"), found.replace("\\", "/")} if len(found) > 1 else set()
        self._homes = tuple(sorted(shapes, key=len, reverse=True))

    def text(self, text: str) -> str:
        """Return a text without secrets, addresses of people, and the home folder."""
        for shape in self._homes:
            text = text.replace(shape, HOME)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def value(self, value: object, name: str = "") -> Any:
        """Return JSON data without them; what stands under a telling name goes as a whole."""
        if name and _SECRET_NAMES.search(name):
            return REMOVED
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {self.text(str(key)): self.value(one, str(key)) for key, one in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.value(one) for one in value]
            case None | bool() | int() | float():
                return value
            case _:
                return self.text(str(value))

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        """As a processor of structlog."""
        return {key: self.value(value, key) for key, value in event.items()}
