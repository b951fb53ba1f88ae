"""What an operator of a gateway process has to do with: readiness, limits, figures."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.core import Gateway
from gateway.limiter import Limiter
from gateway.metrics import Metrics
from gateway.readiness import Readiness


@dataclass
class InFlight:
    """Requests that are being answered; changed on the event loop's thread alone."""

    count: int = 0


@dataclass(frozen=True)
class Operation:
    """One process's. `limiter`: None for no limits. `metrics_token`: who has it may read /metrics, empty: nobody."""

    readiness: Readiness
    metrics: Metrics
    limiter: Limiter | None = None
    metrics_token: str = ""
    in_flight: InFlight = field(default_factory=InFlight)

    @classmethod
    def of(cls, gateway: Gateway, limiter: Limiter | None = None, metrics_token: str = "") -> Operation:
        """Return what there is for a gateway."""
        return cls(Readiness(gateway), Metrics(gateway), limiter, metrics_token)
