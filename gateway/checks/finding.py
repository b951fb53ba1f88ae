"""What a check says: what is wrong, why, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether something must be mended, or ought to be known."""

    MEND = "mend"
    KNOW = "know"


@dataclass(frozen=True)
class Finding:
    """One thing. `id` stays the same from version to version, for whoever watches by it."""

    id: str
    severity: Severity
    cause: str
    remedy: str

    def line(self) -> str:
        """Return it as one line."""
        text = f"{self.severity.value.upper()} {self.id}: {self.cause} {self.remedy}"
        return " ".join(text.split())

    def as_json(self) -> dict[str, str]:
        """Return it as JSON data."""
        return asdict(self)


def mend(name: str, cause: str, remedy: str) -> Finding:
    """Something that must be mended."""
    return Finding(name, Severity.MEND, cause, remedy)


def know(name: str, cause: str, remedy: str) -> Finding:
    """Something that ought to be known."""
    return Finding(name, Severity.KNOW, cause, remedy)


def must_be_mended(findings: Iterable[Finding]) -> bool:
    """Tell whether anything must be mended."""
    return any(item.severity is Severity.MEND for item in findings)
