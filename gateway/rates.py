"""Token buckets: how often something may happen. Pure; the time is handed in, in seconds that never go back."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """So many a minute in the long run, and `burst` at once. A rate of 0 a minute means that there is no limit."""

    a_minute: float
    burst: float

    @classmethod
    def of(cls, a_minute: float, minutes: float = 2.0) -> Rate:
        """Return a rate whose burst is what `minutes` bring."""
        return cls(a_minute, a_minute * minutes)

    def times(self, factor: float) -> Rate:
        """Return the rate that many times over."""
        return Rate(self.a_minute * factor, self.burst * factor)


@dataclass(frozen=True)
class Rates:
    """What callers may do: one device, a partner's devices together `partner` times that, one unknown address."""

    requests: Rate
    mutations: Rate
    bytes: Rate
    partner: float
    unknown: Rate


@dataclass(slots=True)
class _Bucket:
    """What is left, and when that was so. Less than nothing: a debt for what was only known afterwards."""

    left: float
    at: float


class Buckets:
    """One bucket a key, all of one rate. The ones not used for longest are forgotten beyond `most`: by then most of
    them are full again, and a full one says nothing."""

    def __init__(self, rate: Rate, most: int = 20_000) -> None:
        self.rate = rate
        self._most = most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, key: str, now: float, cost: float = 1.0) -> float:
        """Return the seconds until `cost` may be taken; 0 when it may be now. Takes nothing.

        What costs more than a whole bucket may be taken from a full one, and leaves a debt.
        """
        if self.rate.a_minute <= 0:
            return 0.0
        missing = min(cost, self.rate.burst) - self._left(key, now)
        return missing * 60.0 / self.rate.a_minute if missing > 0 else 0.0

    def take(self, key: str, now: float, cost: float = 1.0) -> None:
        """Take it, whether it may be taken or not."""
        if self.rate.a_minute <= 0:
            return
        left = self._left(key, now) - cost
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._most:
                self._buckets.popitem(last=False)
            self._buckets[key] = _Bucket(left, now)
        else:
            bucket.left, bucket.at = left, now
            self._buckets.move_to_end(key)

    def _left(self, key: str, now: float) -> float:
        bucket = self._buckets.get(key)
        if bucket is None:
            return self.rate.burst
        return min(self.rate.burst, bucket.left + (now - bucket.at) * self.rate.a_minute / 60.0)
