"""The sync marks: the record's own truth as a shape and a word.

Usage: ``MARKS[Mark("waiting")].tone``; the words come translated from ``mark_words``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import assert_never

from PySide6.QtCore import QCoreApplication

from app.views.theme.fonts import Role
from app.views.theme.tokens import Tone


class Mark(StrEnum):
    """How far a record or a change has come."""

    SYNCED = "synced"
    WAITING = "waiting"
    SENDING = "sending"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class MarkLook:
    """The icon of the same shape for larger sizes, the tone of shape and word, and the text role of the word."""

    icon: str
    tone: Tone
    role: Role


MARKS: Mapping[Mark, MarkLook] = MappingProxyType(
    {
        Mark.SYNCED: MarkLook("check", Tone.TEXT3, Role.SECONDARY),
        Mark.WAITING: MarkLook("clock", Tone.WARN, Role.SECONDARY),
        Mark.SENDING: MarkLook("arrow-up", Tone.ACCENT, Role.SECONDARY),
        Mark.CONFLICT: MarkLook("mark-conflict", Tone.CLASH, Role.LABEL),
        Mark.REJECTED: MarkLook("mark-rejected", Tone.BAD, Role.LABEL),
        Mark.QUARANTINED: MarkLook("mark-quarantined", Tone.BAD, Role.LABEL),
    }
)
MARK_SIZE = 14


def mark_words(mark: Mark) -> str:
    """The word beside the shape, in the user's language."""
    match mark:
        case Mark.SYNCED:
            return QCoreApplication.translate("Mark", "Synced")
        case Mark.WAITING:
            return QCoreApplication.translate("Mark", "Waiting to send")
        case Mark.SENDING:
            return QCoreApplication.translate("Mark", "Sending")
        case Mark.CONFLICT:
            return QCoreApplication.translate("Mark", "Conflict")
        case Mark.REJECTED:
            return QCoreApplication.translate("Mark", "Rejected")
        case Mark.QUARANTINED:
            return QCoreApplication.translate("Mark", "Quarantined")
        case _:
            assert_never(mark)
