"""When both sides are compared by themselves: by stored hashes every hour, by the bytes of each record once a night.

The nightly comparison waits until nobody has entered anything for a while, and is broken off when somebody does. A
night in which the computer was off is made up for at the next quiet moment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, tzinfo

from app.contract.errors import RetryableError
from app.store.database import Store
from app.store.faults import GaveWay
from app.store.timestamps import moment, stamp
from app.sync.clock import Clock, Rng
from app.sync.events import Proof
from app.sync.settings import EngineSettings
from app.sync.verify import Verify

_NIGHT = "engine.night"

#: Seconds until a comparison is tried again that somebody's work, or the gateway's, stood in the way of.
_SOON = 2.0


class Comparing:
    """Decides when; `Verify` compares."""

    def __init__(
        self, store: Store, verify: Verify, clock: Clock, rng: Rng, settings: EngineSettings
    ) -> None:
        self._store = store
        self._verify = verify
        self._clock = clock
        self._settings = settings
        # Not all clients of a time zone ask one gateway at the same minute.
        self._spread = timedelta(seconds=rng.uniform(0, settings.night_spread))
        self._proven: float | None = None
        self._disturbed = clock.monotonic()
        self._nightly_not_before = 0.0

    def disturbed(self) -> None:
        """Somebody is at work: the nightly comparison waits."""
        self._disturbed = self._clock.monotonic()

    def compared(self, proof: Proof) -> None:
        """Take note of a comparison, whoever asked for it."""
        if proof.inconclusive:
            return
        self._proven = self._clock.monotonic()
        if proof.rehashed:
            self._store.settings.put(_NIGHT, stamp(proof.at))

    def hourly(self) -> Proof | None:
        """Compare stored hashes when that is due. Raises what `Verify.run` raises, but none that a retry mends."""
        now = self._clock.monotonic()
        if self._proven is None:
            proven = self._store.cursors.read().proven_at
            recent = proven is not None and self._clock.now() - proven < timedelta(
                seconds=self._settings.verify
            )
        else:
            recent = now - self._proven < self._settings.verify
        return None if recent else self._verify.run(rehash=False)

    def put_off(self) -> None:
        """The hourly comparison met trouble: try again after a while."""
        self._proven = self._clock.monotonic() - self._settings.verify + self._settings.poll_live

    def nightly(self, undisturbed: Callable[[], bool]) -> Proof | None:
        """Hash every stored byte and compare when a night has come and nobody is at work.

        Raises what `Verify.run` raises, but none that a retry mends.
        """
        if self.wait() > 0:
            return None
        try:
            proof = self._verify.run(rehash=True, undisturbed=undisturbed)
        except GaveWay:
            self._nightly_not_before = self._clock.monotonic() + _SOON
            return None
        except RetryableError:
            self._nightly_not_before = self._clock.monotonic() + self._settings.poll_live
            return None
        if proof.inconclusive:
            self._nightly_not_before = self._clock.monotonic() + self._settings.poll_live
        return proof

    def wait(self) -> float:
        """Return the seconds until the nightly comparison is wanted; 0 when now."""
        if not self._store.cursors.read().complete:
            return self._settings.verify
        now = self._clock.now()
        hashed = self._hashed(now)
        hour, zone = self._settings.night_hour, self._settings.zone
        night = last_night(now - self._spread, hour, zone) + self._spread
        if night <= hashed <= now:
            return (next_night(now - self._spread, hour, zone) + self._spread - now).total_seconds()
        at = max(self._disturbed + self._settings.quiet, self._nightly_not_before)
        return max(0.0, at - self._clock.monotonic())

    def _hashed(self, now: datetime) -> datetime:
        """When every byte was hashed last. The first night after the first sync is the first that counts."""
        known = self._store.settings.get(_NIGHT)
        if isinstance(known, str):
            return moment(known)
        self._store.settings.put(_NIGHT, stamp(now))
        return now


def last_night(now: datetime, hour: int, zone: tzinfo | None = None) -> datetime:
    """Return the latest night that has begun by `now`: once a day, at `hour` o'clock in `zone`.

    None: where this computer is. Of an hour that comes twice the first counts, for one that is left out the next.
    """
    return max(night for night in _nights(now, hour, zone) if night <= now)


def next_night(now: datetime, hour: int, zone: tzinfo | None = None) -> datetime:
    """Return when the next night begins, always later than `now`; for the rest see `last_night`."""
    return min(night for night in _nights(now, hour, zone) if night > now)


def _nights(now: datetime, hour: int, zone: tzinfo | None) -> list[datetime]:
    """The nights around `now`, by the calendar: a day that clocks are set on has not 24 hours."""
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in (-2, -1, 0, 1, 2))
    # Without a zone `astimezone` takes it for the time of this computer, as that is on that day.
    return [datetime.combine(day, time(hour), zone).astimezone(UTC) for day in days]
