"""The rows of a page as they came over the wire: what makes one sound, and the statements that take a page apart.

A page is SQLite's binary form of the JSON array of its rows, bound as ?1.
"""

from __future__ import annotations

import json
from typing import Any

from app.contract.canonical import canonical
from app.contract.ids import is_gid

#: What a row must be to be stored unseen: `[gid, entity, version, hash, data]`.
_SOUND = """
    each.type = 'array'
    AND json_type(each.value, '$[0]') = 'text' AND json_type(each.value, '$[1]') = 'text'
    AND json_type(each.value, '$[2]') = 'text' AND json_type(each.value, '$[3]') = 'text'
    AND json_type(each.value, '$[4]') = 'object'
    AND length(each.value ->> 0) = 36 AND each.value ->> 0 NOT GLOB '*[^0-9a-f-]*'
    AND length(each.value ->> 1) > 0
    AND length(each.value ->> 3) = 32 AND each.value ->> 3 NOT GLOB '*[^0-9a-f]*'
"""

STORE_PAGE = f"""
    INSERT INTO record(gid, entity, version, hash, data, generation)
    SELECT each.value ->> 0, each.value ->> 1, each.value ->> 2, each.value ->> 3, each.value -> 4, ?2
    FROM jsonb_each(?1) AS each
    WHERE {_SOUND} AND NOT EXISTS (SELECT 1 FROM shadow WHERE shadow.gid = each.value ->> 0)
    ON CONFLICT(gid) DO UPDATE SET entity = excluded.entity, version = excluded.version, hash = excluded.hash,
        data = excluded.data, generation = excluded.generation
"""

ODD_ROWS = f"""
    SELECT CASE WHEN each.type IN ('array', 'object') THEN json(each.value) ELSE json_quote(each.value) END
    FROM jsonb_each(?1) AS each
    WHERE CASE WHEN each.type = 'array'
        THEN NOT coalesce({_SOUND}, 0) OR EXISTS (SELECT 1 FROM shadow WHERE shadow.gid = each.value ->> 0)
        ELSE 1 END
"""

CHANGED = f"""
    SELECT each.value ->> 0, each.value ->> 1, record.sha256
    FROM jsonb_each(?1) AS each LEFT JOIN record ON record.gid = each.value ->> 0
    WHERE {_SOUND} AND (record.hash IS NOT each.value ->> 3 OR record.entity IS NOT each.value ->> 1)
"""

NAMED = "SELECT DISTINCT each.value ->> 1 FROM jsonb_each(?1) AS each WHERE each.type = 'array'"

#: The first row of another record than those whose gids the JSON array ?2 names.
OF_ANOTHER = """
    SELECT each.value ->> 0 FROM jsonb_each(?1) AS each
    WHERE CASE WHEN each.type = 'array'
        THEN each.value ->> 0 NOT IN (SELECT asked.value FROM json_each(?2) AS asked) ELSE 0 END
    LIMIT 1
"""

FORGIVE = f"""
    DELETE FROM quarantine_row
    WHERE gid IN (SELECT each.value ->> 0 FROM jsonb_each(?1) AS each WHERE {_SOUND})
"""


def taken_apart(text: str) -> tuple[Any, str]:
    """Return a row and what is wrong with it, an empty string when nothing is."""
    try:
        value = json.loads(text)
        return value, fault_of(value)
    except (ValueError, RecursionError):
        return None, "numbers without end, or lists within lists"


def fault_of(value: Any) -> str:
    """Return what is wrong with a row, or an empty string."""
    if not isinstance(value, list) or len(value) < 5:
        return "not a row of five"
    gid, entity, version, digest, data = value[:5]
    if not isinstance(gid, str) or not is_gid(gid):
        return "no id"
    if not isinstance(entity, str) or not entity or not isinstance(version, str):
        return "no entity type or version"
    if not isinstance(digest, str) or len(digest) != 32 or set(digest) - set("0123456789abcdef"):
        return "no hash"
    if not isinstance(data, dict):
        return "no data"
    try:
        canonical(data)
    except ValueError:
        return "a value that has no exact form"
    return ""
