"""What an operator of a gateway process has to do with: readiness, limits, figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from gateway.core import Gateway
from gateway.limiter import Limiter
from gateway.metrics import Metrics
from gateway.readiness import Readiness


@dataclass
class InFlight:
    """Requests that are being answered; changed on the event loop's thread alone."""

    count: int = 0


@dataclass
class Streams:
    """Open streams of pokes by user; changed on the event loop's thread alone. `most`: that one user may have open.

    A device needs one. Each holds a connection, and is looked after with every commit.
    """

    most: int = 20
    open: Counter[str] = field(default_factory=Counter)

    def take(self, user: str) -> bool:
        """Take a place; tells whether there was one."""
        if self.open[user] >= self.most:
            return False
        self.open[user] += 1
        return True

    def give_back(self, user: str) -> None:
        """Give a place back."""
        self.open[user] -= 1
        if not self.open[user]:
            del self.open[user]


@dataclass(frozen=True)
class Operation:
    """One process's. `limiter`: None for no limits. `metrics_token`: who has it may read /metrics, empty: nobody."""

    readiness: Readiness
    metrics: Metrics
    limiter: Limiter | None = None
    metrics_token: str = ""
    in_flight: InFlight = field(default_factory=InFlight)
    streams: Streams = field(default_factory=Streams)

    @classmethod
    def of(cls, gateway: Gateway, limiter: Limiter | None = None, metrics_token: str = "") -> Operation:
        """Return what there is for a gateway."""
        return cls(Readiness(gateway), Metrics(gateway), limiter, metrics_token)
