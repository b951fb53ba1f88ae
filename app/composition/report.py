"""What a command found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Report:
    """Whether all is well, figures for machines, and lines for people."""

    ok: bool
    data: Mapping[str, Any]
    lines: tuple[str, ...]
