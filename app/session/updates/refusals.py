"""Why an update is not taken: the one place where errors of the TUF library become the contract's."""

from __future__ import annotations

import errno
from enum import StrEnum
from typing import assert_never

import httpx
from tuf.api import exceptions as tuf

from app.contract.errors import CounterpartError, DiskFull, LocalError, PermanentError, Unreachable
from app.contract.said import Said, said


class Why(StrEnum):
    """What was wrong with what the place of releases gave."""

    UNSIGNED = "unsigned"  # not enough good signatures of the keys that count
    EXPIRED = "expired"  # signed, but too long ago: somebody may be holding back what is newer
    ROLLED_BACK = "rolled_back"  # signed, but older than what was seen before
    WRONG_BYTES = "wrong_bytes"  # not the bytes that were signed for
    TOO_LONG = "too_long"  # more bytes than were signed for, or than there may be
    TOO_SLOW = "too_slow"  # so slow that it would never end
    MALFORMED = "malformed"  # cannot be understood
    PACKAGE = "package"  # the package is signed, and yet not what it says
    ELSEWHERE = "elsewhere"  # not over https, or sent to another place


class UpdateRefused(PermanentError):
    """Something was offered as an update and is not taken. `why` says what was wrong, `detail` where, for a log."""

    default_kept = "Counterpart goes on as it is."

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(_words(why), kept=said("Counterpart goes on as it is."), next_step=_next_step(why))
        self.why = why
        self.detail = detail


class ReleasesAway(Unreachable):
    """The place of releases cannot be reached."""

    default_cause = "The place where new versions are kept cannot be reached."
    default_kept = "Counterpart goes on as it is."


def _words(why: Why) -> Said:
    match why:
        case Why.UNSIGNED:
            return said(
                "An update was offered that does not carry the publisher's signature, so it was refused."
            )
        case Why.EXPIRED:
            return said("The list of versions has expired, so nothing was taken from it.")
        case Why.ROLLED_BACK:
            return said("The list of versions is older than the one seen before, so it was refused.")
        case Why.WRONG_BYTES:
            return said("What was fetched is not what the publisher signed, so it was refused.")
        case Why.TOO_LONG:
            return said("More was sent than the publisher signed for, so it was refused.")
        case Why.TOO_SLOW:
            return said("The update came too slowly to ever be whole, so it was given up.")
        case Why.MALFORMED:
            return said("The list of versions cannot be understood, so nothing was taken from it.")
        case Why.PACKAGE:
            return said("The package of the update is not what it says to be, so it was refused.")
        case Why.ELSEWHERE:
            return said("The place of new versions pointed to another place, which is not followed.")
        case _:
            assert_never(why)


def _next_step(why: Why) -> str:
    if why is Why.EXPIRED:
        return said("If the clock of this computer is right, it is tried again by itself.")
    if why is Why.TOO_SLOW:
        return said("It is tried again by itself.")
    return said("It is tried again by itself. If it stays like this, tell the vendor.")


def translated(error: Exception) -> CounterpartError | None:
    """Return the contract's error for one of the library, of the network or of the disk; None when it is a bug."""
    match error:
        case CounterpartError():
            return error
        case tuf.UnsignedMetadataError():
            return UpdateRefused(Why.UNSIGNED, str(error))
        case tuf.ExpiredMetadataError():
            return UpdateRefused(Why.EXPIRED, str(error))
        case tuf.BadVersionNumberError():
            return UpdateRefused(Why.ROLLED_BACK, str(error))
        case tuf.LengthOrHashMismatchError():
            return UpdateRefused(Why.WRONG_BYTES, str(error))
        case tuf.RepositoryError():
            return UpdateRefused(Why.MALFORMED, str(error))
        case tuf.DownloadLengthMismatchError():
            return UpdateRefused(Why.TOO_LONG, str(error))
        case tuf.SlowRetrievalError():
            return UpdateRefused(Why.TOO_SLOW, str(error))
        case tuf.DownloadHTTPError() if 300 <= error.status_code < 400:
            return UpdateRefused(Why.ELSEWHERE, str(error))
        case tuf.DownloadError() | httpx.HTTPError():
            return ReleasesAway()
        case OSError() if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return DiskFull(kept=said("Counterpart goes on as it is."))
        case OSError():
            return LocalError(
                said("The update could not be put on this computer's disk."),
                kept=said("Counterpart goes on as it is."),
                next_step=said("Check that the folder of Counterpart belongs to you."),
            )
        case _:
            return None
