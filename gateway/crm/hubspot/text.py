"""Text and the HTML in which HubSpot keeps notes; what HubSpot says, made fit for people."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

_LINES = frozenset({"p", "div", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table", "blockquote"})
_HIDDEN = frozenset({"script", "style", "head", "title"})
_MOST = 500


def to_html(text: str) -> str:
    """Write text as HTML that shows the same lines."""
    lines = html.escape(text.replace("\r\n", "\n"), quote=False).split("\n")
    return "<p>" + "<br>".join(lines) + "</p>" if text else ""


def to_text(markup: str) -> str:
    """Read HTML as text: what a reader sees, line by line."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    text = "".join(reader.parts).replace("\xa0", " ")
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _Reader(HTMLParser):
    """Collects text. A block begins and ends a line, `br` ends one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag in _LINES:
            self._fresh_line()

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _LINES:
            self._fresh_line()

    def _fresh_line(self) -> None:
        if self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        """Take in text."""
        if not self._hidden:
            self.parts.append(data)


def words(said: object) -> str:
    """Return what HubSpot says in one line: without markup, without ids of its insides, 500 characters at most."""
    text = re.sub(r"<[^<>]*>", " ", str(said or ""))
    text = re.sub(r"PropertyValueCoordinates\{[^}]*\}", "this value", text).replace("<", " ")
    return " ".join(text.split())[:_MOST]
