"""What may be written to the log on this computer: a closed list of events, and closed kinds of details.

Free text has no way in: a detail is a member of an enum, a number, a truth, the name of a class, or a `Ref`, which is a
hash of an id. So a line cannot hold what a user typed or a vendor sent, whoever writes it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

#: Longer than this no class is called.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
_REF = 8


class Level(StrEnum):
    """How much it matters; a policy says from which on it is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Happened(StrEnum):
    """Every event there is."""

    STARTED = "started"
    ENDED = "ended"
    SIGNED_IN = "signed_in"
    NOT_SIGNED_IN = "not_signed_in"
    OPENED = "opened"
    NOT_OPENED = "not_opened"
    SIGNED_OUT = "signed_out"
    ERASED = "erased"
    NOT_REMOVED = "not_removed"
    MODE = "mode"
    STOPPED_SHORT = "stopped_short"
    CALLED = "called"
    CALL_FAILED = "call_failed"
    RECORDS = "records"
    TRANSFER_FAILED = "transfer_failed"
    PROVEN = "proven"
    DIFFERED = "differed"
    MANIFEST = "manifest"
    WIPE_ORDERED = "wipe_ordered"
    TROUBLE = "trouble"
    BUG = "bug"
    HARD_CRASH = "hard_crash"
    EMPTIED = "emptied"


LEVELS: Mapping[Happened, Level] = {
    Happened.STARTED: Level.INFO,
    Happened.ENDED: Level.INFO,
    Happened.SIGNED_IN: Level.INFO,
    Happened.NOT_SIGNED_IN: Level.WARNING,
    Happened.OPENED: Level.INFO,
    Happened.NOT_OPENED: Level.WARNING,
    Happened.SIGNED_OUT: Level.INFO,
    Happened.ERASED: Level.WARNING,
    Happened.NOT_REMOVED: Level.WARNING,
    Happened.MODE: Level.INFO,
    Happened.STOPPED_SHORT: Level.WARNING,
    Happened.CALLED: Level.DEBUG,
    Happened.CALL_FAILED: Level.WARNING,
    Happened.RECORDS: Level.DEBUG,
    Happened.TRANSFER_FAILED: Level.WARNING,
    Happened.PROVEN: Level.INFO,
    Happened.DIFFERED: Level.WARNING,
    Happened.MANIFEST: Level.INFO,
    Happened.WIPE_ORDERED: Level.WARNING,
    Happened.TROUBLE: Level.WARNING,
    Happened.BUG: Level.ERROR,
    Happened.HARD_CRASH: Level.ERROR,
    Happened.EMPTIED: Level.INFO,
}


@dataclass(frozen=True)
class Ref:
    """Which one it was, told by a hash: the same for the same id, and telling nothing about it. A kiosk writes none."""

    text: str

    @classmethod
    def of(cls, known: str) -> Ref:
        """Return what stands for an id, such as an account's."""
        return cls(hashlib.sha256(f"counterpart log\n{known}".encode()).hexdigest()[:_REF])


@dataclass(frozen=True)
class Kind:
    """The name of a class, such as an error's: it comes from a program, never from data."""

    text: str

    @classmethod
    def of(cls, thing: object) -> Kind:
        """Return the name of a thing's class."""
        name = type(thing).__name__
        return cls(name if _NAME.fullmatch(name) else "other")


Detail = StrEnum | Ref | Kind | bool | int | float | None


def plain(detail: object) -> str | int | float | bool | None:
    """Return a detail as JSON has it; what is none of the closed kinds is withheld, whoever passed it."""
    match detail:
        case Ref(text) | Kind(text):
            return text
        case StrEnum():
            return detail.value
        case None | bool() | int() | float():
            return detail
        case _:
            return "withheld"
