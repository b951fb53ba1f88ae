"""Small values by name: preferences, tokens, what was seen. Never text of records: a revocation does not look here."""

from __future__ import annotations

import json
from typing import Any

from app.store.connection import Connection


class Settings:
    """A mapping of names to JSON values."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, key: str) -> Any:
        """Return the value, or None when there is none."""
        text = self._connection.value("SELECT value FROM setting WHERE key = ?", (key,))
        return None if text is None else json.loads(text)

    def put(self, key: str, value: Any) -> None:
        """Keep a value."""
        with self._connection.transaction():
            self._connection.run(
                "INSERT INTO setting(key, value) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                (key, json.dumps(value, ensure_ascii=False)),
            )

    def remove(self, key: str) -> None:
        """Forget a value; one that is not there is no error."""
        with self._connection.transaction():
            self._connection.run("DELETE FROM setting WHERE key = ?", (key,))

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """Return the names that begin with `prefix`, in order."""
        rows = self._connection.rows(
            "SELECT key FROM setting WHERE substr(key, 1, length(?1)) = ?1 ORDER BY key", (prefix,)
        )
        return tuple(key for (key,) in rows)
