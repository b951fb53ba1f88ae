"""What a record's page shows below its fields: conversation, files, history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.console.fields import instant_words
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.objects import spec_of
from gateway.crm.embedded.times import to_ms
from gateway.crm.port import Ref

#: The most history lines a page shows, newest first.
_LINES = 60


#: Columns whose changes say nothing to people: a file's name tells that it is another.
_INSIDE = frozenset({"byte_count", "digest", "mime"})


@dataclass(frozen=True)
class NoteLine:
    """One note."""

    by: str
    at: str
    body: str
    internal: bool
    ours: bool


@dataclass(frozen=True)
class FileLine:
    """One file."""

    id: str
    name: str
    size: str
    by: str
    internal: bool


@dataclass(frozen=True)
class ChangeLine:
    """One change."""

    at: str
    by: str
    via: str
    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Details:
    """Everything below the fields; `talks` tells whether people write under this kind of record."""

    talks: bool
    notes: tuple[NoteLine, ...]
    files: tuple[FileLine, ...]
    changes: tuple[ChangeLine, ...]


#: Words for a value of a column.
Words = Callable[[Any], str]


def details_of(crm: EmbeddedCrm, ref: Ref, labels: Mapping[str, str], words: Mapping[str, Words]) -> Details:
    """Read what hangs below a record; `labels` are the words for its columns, `words` those for their values."""
    talks = "note" in spec_of(ref.obj).children
    notes = crm.children("note", ref) if talks else []
    files = crm.children("attachment", ref) if talks else []
    return Details(
        talks=talks,
        notes=tuple(_note(row.fields) for row in notes),
        files=tuple(_file(row.ref.id, row.fields) for row in files),
        changes=tuple(
            ChangeLine(
                instant_words(to_ms(line.at)),
                line.by,
                line.via,
                labels.get(line.field, line.field.replace("_", " ")) or "Record",
                _short(line.old, words.get(line.field, str)),
                _short(line.new, words.get(line.field, str)),
            )
            for line in reversed([line for line in crm.history(ref) if line.field not in _INSIDE][-_LINES:])
        ),
    )


def _note(fields: Any) -> NoteLine:
    return NoteLine(
        fields["written_by"],
        instant_words(fields["sent_ms"]),
        fields["body"],
        fields["internal"],
        fields["side_code"] == "V",
    )


def _file(key: str, fields: Any) -> FileLine:
    return FileLine(
        key, fields["file_name"], size_words(fields["byte_count"]), fields["added_by"], fields["internal"]
    )


def size_words(size: int) -> str:
    """Write a size as *240 KB*."""
    if size < 1000:
        return f"{size} bytes"
    return f"{round(size / 1000)} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _short(value: Any, words_for: Words) -> str:
    if value is None:
        return "–"
    words = ", ".join(words_for(item) for item in (value if isinstance(value, list) else [value]))
    return words if len(words) <= 160 else words[:159] + "…"
