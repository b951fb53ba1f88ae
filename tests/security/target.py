"""What is fuzzed: something that parses, what it is given, and how it may refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from hypothesis import strategies as st


class Sent(httpx.SyncByteStream):
    """Bytes as they come from a network."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self._body), 4_096):
            yield self._body[at : at + 4_096]


@dataclass(frozen=True)
class Target:
    """Something that parses. `refuses`: how it may say no; anything else that it raises is a finding."""

    name: str
    given: st.SearchStrategy[Any]
    call: Callable[[Any], object]
    refuses: tuple[type[Exception], ...] = ()
    slow: bool = field(default=False)
