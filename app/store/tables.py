"""sqlite-utils, over SQLCipher: what migrates a file, and what reads tables by their names.

It asks for `pysqlite3` before the standard library's `sqlite3`. SQLCipher's binding is registered under that name, so
that it recognises the errors of the connections it is given here. It is imported from here alone, and only by whoever
needs it: it brings along as much as the rest of the store.
"""

from __future__ import annotations

import sys

import sqlcipher3
from sqlcipher3 import dbapi2

sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = dbapi2

import sqlite_utils.utils  # noqa: E402
from sqlite_utils import Database, Migrations  # noqa: E402

if vars(sqlite_utils.utils)["sqlite3"] is not sqlcipher3:
    raise ImportError("sqlite_utils was imported before app.store.tables and holds another database module")

__all__ = ["Database", "Migrations"]
