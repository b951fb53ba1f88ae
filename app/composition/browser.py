"""Signs a user in as their browser would: open the page, fill in its form, send it, follow where it leads.

For the demonstration and for tests: what the gateway sees is what it sees of a person. Hand an instance in as
`open_browser`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

_SECONDS = 30.0


@dataclass
class Form:
    """A form of a page: where it goes, and its hidden fields."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.form: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and self.form is None:
            self.form = Form(values.get("action", ""))
        elif tag == "input" and self.form is not None and values.get("name"):
            self.form.fields[values["name"]] = values.get("value", "")


class FormBrowser:
    """A browser that fills in one person's address and password."""

    def __init__(self, email: str, password: str) -> None:
        self._email = email
        self._password = password

    def __call__(self, address: str) -> bool:
        """Open a page; like a real browser it returns at once."""
        threading.Thread(target=self.visit, args=(address,), name="browser", daemon=True).start()
        return True

    def visit(self, address: str) -> int:
        """Sign in at a page and follow to the end; returns the last answer's status."""
        with httpx.Client(follow_redirects=True, timeout=_SECONDS, trust_env=False) as client:
            page = client.get(address)
            reader = _FormReader()
            reader.feed(page.text)
            if reader.form is None:
                return page.status_code
            filled = {**reader.form.fields, "email": self._email, "password": self._password}
            return client.post(urljoin(str(page.url), reader.form.action), data=filled).status_code
