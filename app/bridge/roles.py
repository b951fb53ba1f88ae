"""What item models say about a cell or a row beyond its text; delegates read it, models answer it.

Plain ints above Qt.UserRole, so that models need nothing from the views. Values are plain Python: texts, floats,
bools, tuples, and the `Cell` of ``app.bridge.cells``. Tones are the names of ``Tone`` (``text``, ``text2``, ``text3``,
``accent``, ``ok``, ``warn``, ``bad``, ``clash``, ``neutral``); marks those of ``Mark`` (``synced``, ``waiting``,
``sending``, ``conflict``, ``rejected``, ``quarantined``). A role that does not apply answers None.
"""

from __future__ import annotations

from enum import IntEnum

_FIRST = 0x0100 + 1  # Qt.UserRole + 1


class DataRole(IntEnum):
    """Which question ``data(index, role)`` answers."""

    # a cell of a table, or any row
    GID = _FIRST
    MARK = _FIRST + 5  # the sync state

    # a row of a table: asked of column 0, once for the row
    CELLS = _FIRST + 6  # tuple of `Cell`, one a column

    # a two-line row
    TITLE = _FIRST + 10
    SUBTITLE = _FIRST + 11
    TIME = _FIRST + 12
    PILL = _FIRST + 13
    PILL_TONE = _FIRST + 14
    COUNTDOWN = _FIRST + 15
    COUNTDOWN_TONE = _FIRST + 16

    # a row that moves bytes: asked of column 0; SHARE None means that nothing moves
    SHARE = _FIRST + 20  # float, 0 to 1
    PROGRESS = _FIRST + 21  # "12.4 of 38.0 MB"
    RATE = _FIRST + 22  # "2.1 MB/s · 12 s left"

    # an outbox row
    REASON = _FIRST + 30  # the vendor's words, on their own line
    ACTIONS = _FIRST + 31  # tuple of (name, words)
    DOUBT = _FIRST + 32  # why the time is wrong
