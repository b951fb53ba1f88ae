"""A call and its answer, apart from how they travel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.connectors.hubspot.standin.errors import bad_request

#: The version of the date-based paths.
VERSION = "2026-09"


@dataclass(frozen=True)
class Call:
    """One call; `path` holds the parts between the slashes, `query` the last value of each name."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body. Raises Problem."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise bad_request("Invalid input JSON") from None

    def header(self, name: str) -> str:
        """A header by its name in any case."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    def truth(self, name: str) -> bool:
        """Whether a switch in the query is on."""
        return self.query.get(name, "false").lower() == "true"

    def names(self, name: str) -> list[str]:
        """A list in the query, as `a,b,c`."""
        return [one for one in self.query.get(name, "").split(",") if one]

    @property
    def writes(self) -> bool:
        """Whether it changes something: a read may be a POST, too."""
        reads = self.path[-1:] in (("search",), ("read",)) or self.path[:1] in (
            ("oauth",),
            ("webhooks-journal",),
        )
        return self.method != "GET" and not reads


@dataclass(frozen=True)
class Reply:
    """One answer: JSON, or bytes of a type."""

    status: int
    data: Any = None
    raw: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
