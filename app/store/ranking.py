"""Which records answer a search best, found without ranking all that match.

One letter may match most of what is held; to weigh every hit takes a second and tells the user nothing. So the
question is asked in steps, from the closest to the widest, until there are enough:

1. every word as it was typed, in the title;
2. the last word as a beginning, in the title;
3. every word as it was typed, anywhere;
4. the last word as a beginning, anywhere.

Few hits of a step are weighed by the index's own rank, of which the title is the larger part; of many the newest are
taken. A single word of one or two letters stands for the first words that begin with it: to put together all of them
would cost more than all else, and whoever wants others types on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.store.connection import Connection

#: How much more a word in the title weighs than one in the text.
_TITLE_WEIGHT, _BODY_WEIGHT = 6.0, 1.0

#: A step with no more hits than this is weighed.
_WEIGHED = 200

#: A word no longer than this is too short to be looked for as any beginning.
_SHORT = 2
_COMPLETIONS = 24


class Ranking:
    """Finds the best hits over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._knows_words = False

    def best(self, words: Sequence[str], limit: int) -> list[int]:
        """Return the row ids of the best hits, the best first; every word must occur, the last may be a beginning."""
        found: dict[int, None] = {}
        for match in self._steps(words):
            found.update(dict.fromkeys(self._hits(match, limit)))
            if len(found) >= limit:
                break
        return [*found][:limit]

    def _hits(self, match: str, limit: int) -> list[int]:
        most = max(limit, _WEIGHED)
        rows = self._connection.rows(
            "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?", (match, most + 1)
        )
        if 1 < len(rows) <= most:
            rows = self._connection.rows(
                "SELECT rowid FROM search WHERE search MATCH ?"
                f" ORDER BY bm25(search, {_TITLE_WEIGHT}, {_BODY_WEIGHT}), rowid DESC",
                (match,),
            )
        return [row_id for (row_id,) in rows]

    def _steps(self, words: Sequence[str]) -> Iterator[str]:
        if not words:
            return
        typed = " ".join(f'"{word}"' for word in words)
        begun = f"{typed}*"
        if len(words) == 1 and len(words[0]) <= _SHORT:
            begun = self._completed(words[0]) or begun
        # To find nothing in the titles means going through all that matches anywhere, so it is not asked twice.
        if self._any(f"title : ({begun})"):
            yield f"title : ({typed})"
            yield f"title : ({begun})"
        yield typed
        yield begun

    def _any(self, match: str) -> bool:
        found = self._connection.row(
            "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT 1", (match,)
        )
        return found is not None

    def _completed(self, beginning: str) -> str:
        """The first words of the index that begin so; empty where it has them in another form, such as unaccented."""
        if not self._knows_words:
            self._connection.run(
                "CREATE VIRTUAL TABLE IF NOT EXISTS temp.search_words USING fts5vocab(main, search, row)"
            )
            self._knows_words = True
        folded = beginning.casefold()
        rows = self._connection.rows(
            "SELECT term FROM search_words WHERE term >= ? AND term < ? LIMIT ?",
            (folded, folded + "\U0010ffff", _COMPLETIONS),
        )
        return " OR ".join(f'"{term}"' for (term,) in rows)
