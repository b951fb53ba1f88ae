"""SQLCipher's binding: SQLite over files that are encrypted. sqlite-utils over it is in `app.store.tables`."""

from __future__ import annotations

from sqlcipher3 import dbapi2

__all__ = ["dbapi2"]
