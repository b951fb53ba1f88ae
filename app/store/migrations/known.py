"""Which steps there are, and which of them a file has taken; read with SQL alone.

What applies a step takes as long to import as opening an account, and is needed once in the life of a release.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

#: Every step there is, in order; a file that has taken another one belongs to a newer version.
KNOWN_STEPS = (
    "m001_first_schema",
    "m002_lean_search",
    "m003_receipts",
    "m004_body_hash",
    "m005_draft_origin",
    "m006_clock_off",
)

#: The name of the set these steps are.
SET = "store"

#: Where sqlite-utils writes down what was applied.
_TABLE = "_sqlite_migrations"

_Rows = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


def taken(rows: _Rows) -> tuple[str, ...]:
    """Return the steps a file has taken, in their order. `rows` runs a query."""
    if not rows("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (_TABLE,)):
        return ()
    found = rows(f"SELECT name FROM {_TABLE} WHERE migration_set = ? ORDER BY rowid", (SET,))
    return tuple(str(name) for (name,) in found)
