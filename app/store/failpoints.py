"""Named points at which a test may end the process: what is not committed by then is lost, what is must be there."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class StorePoint(StrEnum):
    """Points at which something is written and not committed yet, and between the steps of a scrub."""

    ENQUEUED = "enqueued"
    DRAFT_SAVED = "draft saved"
    FILE_TAKEN = "file taken in"
    PIECE_KEPT = "piece of a document kept"
    DOCUMENT_WHOLE = "document whole"
    SWEPT = "unseen rows swept"
    FORGOTTEN = "revoked record forgotten"
    CONDENSED = "scrub: index condensed"
    REWRITTEN = "scrub: file written anew"
    LOG_EMPTIED = "scrub: log emptied"


class Failpoints:
    """Where a test hooks in. `hook` is called at each point, also of the layers above; by default nothing happens."""

    def __init__(self) -> None:
        self.hook: Callable[[StrEnum], None] | None = None

    def reached(self, point: StrEnum) -> None:
        """Tell that a point was reached."""
        if self.hook:
            self.hook(point)
