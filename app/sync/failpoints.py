"""Named points on the engine's way at which a test may end the process, told to the store's `Failpoints`."""

from __future__ import annotations

from enum import StrEnum


class SyncPoint(StrEnum):
    """Points in the order of a cycle; those called *stored* or *settling* lie inside the transaction."""

    RECOVERED = "what was on its way is queued again"
    MARKED_SENDING = "marked as sending"
    ANSWERED = "answered, not settled"
    SETTLING = "settling"
    SETTLED = "settled"
    STARTED_OVER = "position forgotten"
    SNAPSHOT_STORED = "snapshot page stored"
    SNAPSHOT_ENDING = "snapshot's last page stored"
    SNAPSHOT_KEPT = "snapshot page kept"
    ROWS_STORED = "page's rows stored, its cursor not"
    PAGE_STORED = "page and cursor stored"
    PAGE_KEPT = "page kept"
    PIECE_SENT = "piece sent"
    FILE_SENT = "file sent, not noted"
