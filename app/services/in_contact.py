"""An account that was without its gateway for longer than the organisation allows is locked until that was reached."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from app.contract.errors import LocalError, RetryableError
from app.contract.said import counted, said
from app.session import contact
from app.store.database import Store
from app.sync.clock import Clock
from app.sync.http_transport import HttpTransport

#: So many days before an account locks, its user is told.
_NEAR = 3


class AwayTooLong(LocalError):
    """The account was not in contact with its gateway for longer than the organisation allows."""

    def __init__(self, days: int) -> None:
        super().__init__(
            counted(
                days,
                "This account is locked: it was without its gateway for more than %n day, "
                "which is as long as your organisation allows.",
                "This account is locked: it was without its gateway for more than %n days, "
                "which is as long as your organisation allows.",
            ),
            kept=said("Nothing was deleted; what waits here is kept, encrypted."),
            next_step=said("Connect to a network and try again: it opens once the gateway was reached."),
        )


def expect_in_contact(store: Store, days: int, now: datetime) -> None:
    """Raise AwayTooLong for an account that is locked; writes nothing. `days`: as many are allowed, 0 for any."""
    if contact.read(store, now).lapsed(days):
        raise AwayTooLong(days)


def locks_in(store: Store, days: int, now: datetime) -> int | None:
    """Return in how many days an account locks unless its gateway is reached; None while that is far off, or never."""
    left = days - contact.read(store, now).away / timedelta(days=1)
    return max(1, math.ceil(left)) if days and left <= _NEAR else None


class InContact:
    """Keeps, for one open account, how long it has been without its gateway."""

    def __init__(
        self, open_store: Callable[[], Store], transport: HttpTransport, clock: Clock, days: int
    ) -> None:
        """`days`: how many the organisation allows; 0 for any number."""
        self._open_store = open_store
        self._transport = transport
        self._clock = clock
        self._days = days
        self._confirmed_at: datetime | None = None
        self._looked_at = clock.monotonic()

    def open(self, *, signed_in: bool) -> None:
        """Note that the account is being opened; one that is locked asks its gateway once.

        `signed_in`: the gateway has just been heard, by signing in. Raises AwayTooLong when it cannot be reached,
        SignInNeeded kinds when the session was ended meanwhile.
        """
        now = self._clock.now()
        with self._open_store() as store:
            stands = contact.met(now, None) if signed_in else contact.read(store, now)
            # What was seen is kept whatever comes of it: the clock may be set back next.
            contact.keep(store, stands)
            if not stands.lapsed(self._days):
                return
            try:
                self._transport.me()
            except RetryableError:
                raise AwayTooLong(self._days) from None
            contact.keep(store, contact.met(now, self._transport.ahead))

    def look(self) -> bool:
        """Note how long it has been by now; False once that is longer than is allowed."""
        now, confirmed = self._clock.now(), self._transport.confirmed_at
        ran = timedelta(seconds=self._clock.monotonic() - self._looked_at)
        with self._open_store() as store:
            if confirmed is not None and confirmed != self._confirmed_at:
                self._confirmed_at = confirmed
                stands = contact.met(confirmed, self._transport.ahead).looked(now)
            else:
                stands = contact.read(store, now, ran)
            if contact.keep(store, stands):
                self._looked_at = self._clock.monotonic()
        return not stands.lapsed(self._days)
