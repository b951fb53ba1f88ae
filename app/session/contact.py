"""How long an account has been without its gateway, so that a stolen computer does not stay readable for ever.

What counts is an answer to a call that was signed in: the gateway knows this device, and did not order it wiped. The
time since then is added up in the steps in which this computer's clock was seen to move forward, so setting it back
takes nothing away. It is kept in the account's encrypted store.

A clock that is only ever looked at after it was set back cannot be seen through, nor a store that was put back from a
copy together with the clock; docs/admin.md says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.store.database import Store

_KEY = "session.contact"

#: Less than this is not worth writing down.
_STEP = timedelta(minutes=5)


@dataclass(frozen=True)
class Contact:
    """`met`: when the gateway was heard last, by its clock. `seen`: this computer's clock when it was looked at last.

    `away`: how long it has been without the gateway since then, at least.
    """

    met: datetime
    seen: datetime
    away: timedelta = timedelta()

    def looked(self, now: datetime, ran: timedelta = timedelta()) -> Contact:
        """The same at another moment of this computer's clock; `ran`: how long it ran since, by one nobody sets."""
        if now >= self.seen:
            return replace(self, seen=now, away=self.away + max(now - self.seen, ran))
        # It was set back. Perhaps it is right now: then this is how long it has been.
        return replace(self, seen=now, away=max(self.away + ran, now - self.met))

    def lapsed(self, days: int) -> bool:
        """Whether it has been longer than so many days; 0: never."""
        return 0 < days < self.away / timedelta(days=1)


def met(now: datetime, ahead: timedelta | None) -> Contact:
    """The gateway has just been heard; this computer's clock shows `now` and is so far ahead of the gateway's."""
    return Contact(now - (ahead or timedelta()), now)


def read(store: Store, now: datetime, ran: timedelta = timedelta()) -> Contact:
    """Return how it stands at this moment, writing nothing.

    An account from before this was kept begins at its last checkpoint, a new one now.
    """
    found = _contact(store.settings.get(_KEY))
    if found is None:
        since = store.cursors.read().as_of or now
        found = Contact(since, since)
    return found.looked(now, ran)


def keep(store: Store, contact: Contact) -> bool:
    """Keep how it stands; False when that is all but known already."""
    known = _contact(store.settings.get(_KEY))
    worth = known is None or not _same(known, contact)
    if worth:
        store.settings.put(
            _KEY,
            {
                "met": contact.met.isoformat(),
                "seen": contact.seen.isoformat(),
                "away": contact.away.total_seconds(),
            },
        )
    return worth


def _same(known: Contact, contact: Contact) -> bool:
    return (
        abs(contact.seen - known.seen) < _STEP
        and abs(contact.met - known.met) < _STEP
        and abs(contact.away - known.away) < _STEP
    )


def _contact(kept: Any) -> Contact | None:
    try:
        found = Contact(
            datetime.fromisoformat(kept["met"]),
            datetime.fromisoformat(kept["seen"]),
            timedelta(seconds=float(kept["away"])),
        )
    except (TypeError, KeyError, ValueError, OverflowError):
        return None
    return found if found.met.tzinfo and found.seen.tzinfo else None
