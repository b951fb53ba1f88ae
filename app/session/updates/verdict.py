"""What becomes of what a channel offers. Imported at every start, so nothing of the TUF library is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.session.updates.release import Release


class Verdict(StrEnum):
    """What becomes of an offer."""

    NOTHING = "nothing"  # the channel offers nothing for this platform
    CURRENT = "current"  # it offers what runs
    OLDER = "older"  # it offers an older release; never taken
    GIVEN_UP = "given_up"  # it was set back on this computer; never taken again
    SYSTEM = "system"  # this computer's system is too old for it
    READY = "ready"  # it lies here and starts next time
    NEWER = "newer"  # it can be taken


@dataclass(frozen=True)
class Found:
    """What a look found."""

    verdict: Verdict
    release: Release | None = None
