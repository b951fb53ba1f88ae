"""The marks of the last writes to a row, kept in one of its own long text fields; pure.

The newest stands first. Twenty ids of 36 characters need 740 characters, for which the field is made. A row that is to
be deleted bears the mark of that with a minus before it, which counts once the row is gone: otherwise a deletion that
did not come about would pass for done.
"""

from __future__ import annotations

from collections.abc import Collection

_KEPT = 20
_LEAVING = "-"


def with_mark(marks: str | None, mark: str) -> str:
    """Return the marks with one more."""
    before = [one for one in (marks or "").split() if one != mark]
    return " ".join([mark, *before][:_KEPT])


def leaving(mark: str) -> str:
    """Return the mark of a deletion."""
    return _LEAVING + mark


def bears(marks: Collection[str], mark: str, *, deleted: bool) -> bool:
    """Tell whether a write with this mark has reached the row."""
    return mark in marks or (deleted and leaving(mark) in marks)
