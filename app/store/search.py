"""Full-text search over the shown records, and over the text of pulled documents.

The index keeps no copy of the text: hits are marked in the records themselves. An entry leaves in the statement that
changes or removes its record (by trigger), so that stale text is never found. Entries are made at once for single
changes, and in slices after a first sync.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.contract.manifest import EntityType, Manifest
from app.store.connection import Connection
from app.store.cursors import Cursors
from app.store.excerpt import Phrases, Ranges
from app.store.query import json_field, match_words, text_literal
from app.store.ranking import Ranking

#: Words an excerpt holds.
_EXCERPT = 16

#: Records that get their entries in one transaction while nobody else has to write; few parts are quicker to join.
SLICE = 50_000

#: So few take no longer than a save may wait.
LEAST_SLICE = 500

#: Leaves of the index that are joined at a time, some hundredths of a second.
_JOINED = 64


@dataclass(frozen=True)
class Found:
    """One hit. Ranges are `(start, end)` in characters of `title` and of `excerpt`."""

    id: int
    gid: str
    entity: str
    title: str
    excerpt: str
    title_ranges: Ranges
    excerpt_ranges: Ranges


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
        self._ranking = Ranking(connection)

    def find(self, text: str, limit: int) -> list[Found]:
        """Return the best hits for what a user typed; every word must occur, the last may be a beginning."""
        words = match_words(text)
        rows = self._connection.rows(
            "SELECT record.id, record.gid, record.entity, record.data, document_text.text"
            " FROM json_each(?) AS best JOIN record ON record.id = best.value"
            " LEFT JOIN document_text ON document_text.sha256 = record.sha256 ORDER BY best.key",
            (json.dumps(self._ranking.best(words, limit)),),
        )
        manifest, phrases = self._cursors.manifest(), Phrases(words)
        return [_found(manifest, phrases, row) for row in rows]

    def index(self, gids: Iterable[str]) -> None:
        """Make the entries that these records lack."""
        self._insert("record.gid IN (SELECT value FROM json_each(?))", (json.dumps([*gids]),))

    def build(self, limit: int = SLICE, *, gives_way: bool = True) -> int:
        """Make the missing entries among `limit` records, in a transaction of its own; return how many.

        0: all are there. Raises GaveWay when it may and somebody else had to write first; call it again.
        """
        first = self._first_without(self._built_up_to)
        if first is None and self._built_up_to and not self._complete():
            # Records below may have changed while the index was being built: look once more from the start.
            first = self._first_without(0)
        if first is None:
            self._built_up_to = 0
            return 0
        last = first + limit - 1
        with self._connection.transaction(gives_way=gives_way):
            made = self._insert("record.id BETWEEN ? AND ?", (first, last))
        self._built_up_to = last
        return max(made, 1)  # somebody else may just have made the entry; that is not the end

    def rebuild(self) -> None:
        """Drop all entries, because a manifest names other fields; `build` makes them anew."""
        with self._connection.transaction():
            self._connection.run("INSERT INTO search(search) VALUES('delete-all')")
            self._built_up_to = 0

    def add_text(self, sha256: str, text: str) -> None:
        """Keep the text of a document and make it findable through the records that name it."""
        with self._connection.transaction():
            self._connection.run(
                "INSERT INTO document_text(sha256, text) VALUES(?, ?)"
                " ON CONFLICT(sha256) DO UPDATE SET text = excluded.text",
                (sha256, text),
            )
            rows = self._connection.rows("SELECT gid FROM record WHERE sha256 = ?", (sha256,))
            self._connection.run(
                "DELETE FROM search WHERE rowid IN (SELECT id FROM record WHERE sha256 = ?)", (sha256,)
            )
            self.index(gid for (gid,) in rows)

    def has_text(self, sha256: str) -> bool:
        """Whether a document's text has been kept, be it empty."""
        return self._connection.row("SELECT 1 FROM document_text WHERE sha256 = ?", (sha256,)) is not None

    def text_of(self, sha256: str) -> str | None:
        """Return the text of a document that has been read for the index; None when it was not, "" when it has none."""
        row = self._connection.row("SELECT text FROM document_text WHERE sha256 = ?", (sha256,))
        return None if row is None else str(row[0])

    def coverage(self) -> Coverage:
        """Return what a search covers."""
        records = self._connection.value("SELECT count(*) FROM search_docsize")
        documents = self._connection.value("SELECT count(*) FROM document_text WHERE text <> ''")
        return Coverage(int(records), int(documents))

    def join_parts(self) -> None:
        """Join some parts of the index, which grows by one with every change. Raises GaveWay."""
        with self._connection.transaction(gives_way=True):
            self._connection.run("INSERT INTO search(search, rank) VALUES('merge', ?)", (_JOINED,))

    def condense(self, *, gives_way: bool = False) -> None:
        """Rewrite the index as one segment: until then it keeps the words of entries that have left, unfindable.

        Raises GaveWay when it may and somebody else had to write first.
        """
        with self._connection.transaction(gives_way=gives_way):
            # A lone segment counts as condensed and would stay as it is, so it is given company first.
            self._connection.run("INSERT INTO search(rowid, title, body) VALUES(-1, 'company', '')")
            self._connection.run("DELETE FROM search WHERE rowid = -1")
            self._connection.run("INSERT INTO search(search) VALUES('optimize')")

    def _complete(self) -> bool:
        """Whether every record has its entry, told from two short indexes."""
        return bool(
            self._connection.value(
                "SELECT (SELECT count(*) FROM search_docsize) = (SELECT count(*) FROM record)"
            )
        )

    def _first_without(self, start: int) -> int | None:
        """The first record above `start` that lacks its entry."""
        found: int | None = self._connection.value(
            "SELECT id FROM record WHERE id > ? AND entity IN (SELECT value FROM json_each(?))"
            " AND NOT EXISTS (SELECT 1 FROM search_docsize WHERE search_docsize.id = record.id)"
            " ORDER BY id LIMIT 1",
            (start, json.dumps([entity.name for entity in self._entities()])),
        )
        return found

    def _entities(self) -> tuple[EntityType, ...]:
        manifest = self._cursors.manifest()
        return () if manifest is None else manifest.entities

    def _insert(self, where: str, params: tuple[Any, ...]) -> int:
        entities = self._entities()
        if not entities:
            return 0
        return self._connection.run(
            "INSERT INTO search(rowid, title, body)"
            f" SELECT id, {_by_entity(entities, _title)}, {_by_entity(entities, _body)} FROM record"
            # The plus keeps the planner from walking all records of these types.
            f" WHERE {where} AND +entity IN ({', '.join(text_literal(entity.name) for entity in entities)})"
            " AND NOT EXISTS (SELECT 1 FROM search_docsize WHERE search_docsize.id = record.id)",
            params,
        )


def _by_entity(entities: Sequence[EntityType], expression: Callable[[EntityType], str]) -> str:
    cases = (f"WHEN {text_literal(entity.name)} THEN {expression(entity)}" for entity in entities)
    return f"CASE entity {' '.join(cases)} END"


def _title(entity: EntityType) -> str:
    """SQL for the title of a record."""
    return f"coalesce({json_field(entity.title_field)}, '')"


def _body(entity: EntityType) -> str:
    """SQL for what else of a record is searched."""
    parts = [json_field(name) for name in _body_fields(entity)]
    if entity.field("sha256") is not None:
        parts.append("(SELECT text FROM document_text WHERE document_text.sha256 = record.sha256)")
    return f"concat_ws(' ', {', '.join(parts)})" if parts else "''"


def _body_fields(entity: EntityType) -> list[str]:
    return [name for name in entity.search if name != entity.title_field]


def _found(manifest: Manifest | None, phrases: Phrases, row: tuple[Any, ...]) -> Found:
    row_id, gid, name, data, document = row
    entity = None if manifest is None else manifest.entity(name)
    record = json.loads(data)
    title = "" if entity is None else _words(record.get(entity.title_field))
    fields = () if entity is None else _body_fields(entity)
    body = " ".join(filter(None, [*(_words(record.get(field)) for field in fields), document or ""]))
    excerpt, ranges = phrases.excerpt(body, _EXCERPT)
    return Found(row_id, gid, name, title, excerpt, phrases.ranges(title), ranges)


def _words(value: Any) -> str:
    """A value as the index has it: text and numbers as they are, anything else as JSON."""
    if value is None:
        return ""
    return str(value) if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)
