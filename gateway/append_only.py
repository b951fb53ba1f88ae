"""Tables that are only ever appended to: the database itself refuses to change or delete their rows.

Whoever may alter the database's shape can take that away again; what they do then, the audit log's chain shows.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, event

_SQLITE = (
    "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse}; END",
    "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END",
    # INSERT OR REPLACE deletes without asking the trigger above.
    """CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
    WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM {table}) BEGIN {refuse}; END""",
)
_SQLITE_REFUSAL = "SELECT RAISE(ABORT, '{table} is only appended to')"

_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{table} is only appended to'; END $$""",
    """CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_refuse()""",
    """CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()""",
)


def guards(dialect: str, table: str) -> list[str]:
    """Return the statements that make a table append-only. Its key is called `seq`, and grows."""
    refuse = _SQLITE_REFUSAL.format(table=table)
    texts = _POSTGRESQL if dialect == "postgresql" else _SQLITE
    return [text.format(table=table, refuse=refuse) for text in texts]


def only_appended_to(table: Table) -> None:
    """Have the guards made with the table, where it is made without migrations."""

    def made(_table: Table, connection: Connection, **_more: Any) -> None:
        for text in guards(connection.dialect.name, table.name):
            connection.exec_driver_sql(text)

    event.listen(table, "after_create", made)
