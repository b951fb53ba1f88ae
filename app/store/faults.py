"""Translates what SQLite reports into the errors of the contract; what is left is a bug and stays as it is."""

from __future__ import annotations

from app.contract.errors import CounterpartError, DiskFull, LocalError, StoreBusy, StoreDamaged
from app.store.cipher import dbapi2

# Primary result codes, https://sqlite.org/rescode.html; the extended code's low byte.
_PERM, _BUSY, _LOCKED, _READONLY, _INTERRUPT = 3, 5, 6, 8, 9
_IOERR, _CORRUPT, _FULL, _CANTOPEN, _NOTADB = 10, 11, 13, 14, 26


class GaveWay(StoreBusy):
    """A long piece of work was taken back because somebody else had to write; it can be done again."""


def translated(error: dbapi2.Error) -> CounterpartError | None:
    """Return the contract's error for one of SQLite's, or None when it is a bug of ours."""
    match (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF:
        case code if code == _FULL:
            return DiskFull()
        case code if code in (_BUSY, _LOCKED):
            return StoreBusy()
        case code if code == _INTERRUPT:
            return GaveWay()
        case code if code in (_CORRUPT, _NOTADB):
            return StoreDamaged(kept="What was not sent yet is salvaged before it is replaced.")
        case code if code in (_PERM, _READONLY, _CANTOPEN):
            return LocalError(
                "The store on this computer cannot be opened for writing.",
                next_step="Check that its folder is there and belongs to you.",
            )
        case code if code == _IOERR:
            return LocalError(
                "This computer's disk did not answer as it should.",
                kept="What was saved before is kept.",
                next_step="Check the disk and try again.",
            )
        case _:
            return None
