"""Full-text search over the shown records, and over the text of pulled documents.

A record's entry leaves in the statement that changes or removes the record (by trigger), so that stale text is never
found. Entries are made at once for single changes, and in slices after a first sync.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.contract.manifest import EntityType
from app.store.connection import Connection
from app.store.cursors import Cursors
from app.store.query import json_field, match_expression, text_literal

_BEGIN, _END = "\x02", "\x03"

#: How much more a word in the title weighs than one in the text.
_TITLE_WEIGHT, _BODY_WEIGHT = 6.0, 1.0


@dataclass(frozen=True)
class Found:
    """One hit. Ranges are `(start, end)` in characters of `title` and of `excerpt`."""

    id: int
    gid: str
    entity: str
    title: str
    excerpt: str
    title_ranges: tuple[tuple[int, int], ...]
    excerpt_ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Coverage:
    """How many records can be found, and how many documents by their text."""

    records: int
    documents: int


class Search:
    """Builds the index and asks it."""

    def __init__(self, connection: Connection, cursors: Cursors) -> None:
        self._connection = connection
        self._cursors = cursors
        self._built_up_to = 0
        self._thorough = False

    def find(self, text: str, limit: int) -> list[Found]:
        """Return the best hits for what a user typed; every word must occur, the last may be a beginning."""
        match = match_expression(text)
        if not match:
            return []
        rows = self._connection.rows(
            "SELECT record.id, record.gid, record.entity, highlight(search, 0, ?1, ?2),"
            " snippet(search, 1, ?1, ?2, '…', 16)"
            " FROM search JOIN record ON record.id = search.rowid WHERE search MATCH ?3"
            f" ORDER BY bm25(search, {_TITLE_WEIGHT}, {_BODY_WEIGHT}), record.id LIMIT ?4",
            (_BEGIN, _END, match, limit),
        )
        return [_found(*row) for row in rows]

    def index(self, gids: Iterable[str]) -> None:
        """Make the entries that these records lack."""
        wanted = json.dumps([*gids])
        with self._connection.transaction():
            rows = self._connection.rows(
                "SELECT DISTINCT entity FROM record WHERE gid IN (SELECT value FROM json_each(?))", (wanted,)
            )
            for (name,) in rows:
                self._insert(name, "record.gid IN (SELECT value FROM json_each(?))", wanted)

    def build(self, limit: int = 2000) -> int:
        """Make up to `limit` missing entries, in a transaction of its own; return how many. 0: all are there."""
        with self._connection.transaction():
            made = self._build_from(self._built_up_to, limit)
            if made == 0 and self._built_up_to:
                # Records below may have changed while the index was being built: look once more from the start.
                self._built_up_to = 0
                made = self._build_from(0, limit)
            return made

    def rebuild(self) -> None:
        """Drop all entries, because a manifest names other fields; `build` makes them anew."""
        with self._connection.transaction():
            self._connection.run("DELETE FROM search")
            self._built_up_to = 0

    def add_text(self, sha256: str, text: str) -> None:
        """Keep the text of a document and make it findable through the records that name it."""
        with self._connection.transaction():
            self._connection.run(
                "INSERT INTO document_text(sha256, text) VALUES(?, ?)"
                " ON CONFLICT(sha256) DO UPDATE SET text = excluded.text",
                (sha256, text.replace(_BEGIN, "").replace(_END, "")),
            )
            rows = self._connection.rows("SELECT gid FROM record WHERE sha256 = ?", (sha256,))
            self._connection.run(
                "DELETE FROM search WHERE rowid IN (SELECT id FROM record WHERE sha256 = ?)", (sha256,)
            )
            self.index(gid for (gid,) in rows)

    def has_text(self, sha256: str) -> bool:
        """Whether a document's text has been kept, be it empty."""
        return self._connection.row("SELECT 1 FROM document_text WHERE sha256 = ?", (sha256,)) is not None

    def coverage(self) -> Coverage:
        """Return what a search covers."""
        records = self._connection.value("SELECT count(*) FROM search_docsize")
        documents = self._connection.value("SELECT count(*) FROM document_text WHERE text <> ''")
        return Coverage(int(records), int(documents))

    @contextmanager
    def thoroughly(self) -> Iterator[None]:
        """Take words out of the index at once where records leave inside; otherwise that waits for a merge.

        It takes ten times as long, so ordinary changes do without.
        """
        if self._thorough:
            yield
            return
        with self._connection.transaction():
            self._thorough = True
            try:
                self._connection.run("INSERT INTO search(search, rank) VALUES('secure-delete', 1)")
                yield
                self._connection.run("INSERT INTO search(search, rank) VALUES('secure-delete', 0)")
            finally:
                self._thorough = False

    def condense(self) -> None:
        """Rewrite the index as one segment: deleted terms leave their beginnings in the keys between its pages."""
        with self._connection.transaction():
            # A lone segment counts as condensed and would stay as it is, so it is given company first.
            self._connection.run("INSERT INTO search(rowid, title, body) VALUES(-1, 'company', '')")
            self._connection.run("INSERT INTO search(search) VALUES('optimize')")
            self._connection.run("DELETE FROM search WHERE rowid = -1")

    def _build_from(self, start: int, limit: int) -> int:
        manifest = self._cursors.manifest()
        names = json.dumps([] if manifest is None else [entity.name for entity in manifest.entities])
        rows = self._connection.rows(
            "SELECT id, gid FROM record WHERE id > ?1 AND entity IN (SELECT value FROM json_each(?2))"
            " AND NOT EXISTS (SELECT 1 FROM search WHERE search.rowid = record.id) ORDER BY id LIMIT ?3",
            (start, names, limit),
        )
        if rows:
            self.index(gid for _, gid in rows)
            self._built_up_to = rows[-1][0]
        return len(rows)

    def _insert(self, name: str, where: str, param: str) -> None:
        manifest = self._cursors.manifest()
        entity = manifest.entity(name) if manifest is not None else None
        if entity is None:
            return
        title, body = _expressions(entity)
        self._connection.run(
            f"INSERT INTO search(rowid, title, body) SELECT id, {title}, {body} FROM record"
            # The plus keeps the planner from walking all records of the type.
            f" WHERE +entity = {text_literal(name)} AND {where}"
            " AND NOT EXISTS (SELECT 1 FROM search WHERE search.rowid = record.id)",
            (param,),
        )


def _expressions(entity: EntityType) -> tuple[str, str]:
    """SQL for the title and the text of a record, the same for one record and for many."""
    parts = [json_field(name) for name in entity.search if name != entity.title_field]
    if entity.field("sha256") is not None:
        parts.append("(SELECT text FROM document_text WHERE document_text.sha256 = record.sha256)")
    body = f"concat_ws(' ', {', '.join(parts)})" if parts else "''"
    return f"coalesce({_clean(json_field(entity.title_field))}, '')", _clean(body)


def _clean(expression: str) -> str:
    """The marks of a hit must not occur in the text itself."""
    return f"replace(replace({expression}, char(2), ''), char(3), '')"


def _found(row_id: int, gid: str, entity: str, title: str, excerpt: str) -> Found:
    plain_title, title_ranges = _ranges(title)
    plain_excerpt, excerpt_ranges = _ranges(excerpt)
    return Found(row_id, gid, entity, plain_title, plain_excerpt, title_ranges, excerpt_ranges)


def _ranges(marked: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    plain = ""
    ranges: list[tuple[int, int]] = []
    for index, piece in enumerate(marked.split(_BEGIN)):
        if index == 0:
            plain = piece
            continue
        hit, _, rest = piece.partition(_END)
        ranges.append((len(plain), len(plain) + len(hit)))
        plain += hit + rest
    return plain, tuple(ranges)
