"""What the tour proves: a claim by name, with what was expected and what was seen."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Claim:
    """One claim and how it came out."""

    ok: bool
    expected: str
    seen: str


class Claims:
    """Claims by name; with a file, each is written down at once, since the process may be killed."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self.found: dict[str, Claim] = {}
        if file is not None and file.exists():
            self.found = {name: Claim(**claim) for name, claim in json.loads(file.read_text()).items()}

    def put(self, name: str, ok: bool, expected: str, seen: object) -> None:
        """Write a claim down. A claim made of several looks is true when all of them are."""
        words = str(seen)[:400]
        before = self.found.get(name)
        if before is not None:
            ok, words = ok and before.ok, f"{before.seen}; {words}"
            expected = before.expected if expected in before.expected else f"{before.expected}; {expected}"
        self.found[name] = Claim(ok, expected, words)
        if self._file is not None:
            data = {key: asdict(claim) for key, claim in self.found.items()}
            self._file.write_text(json.dumps(data, indent=1))

    def prove(self, name: str, expected: str, look: Callable[[], object]) -> bool:
        """Look; whatever `look` raises is what was seen, and the claim is not ok. Returns whether it held."""
        try:
            self.put(name, True, expected, look())
            return True
        except Exception as error:  # noqa: BLE001 - the tour goes on: the other claims are worth knowing too
            traceback.print_exc()
            self.put(name, False, expected, f"{expected}: {type(error).__name__}: {error}")
            return False
