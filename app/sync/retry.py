"""When to try again: pure, so that a table can test it."""

from __future__ import annotations

from dataclasses import dataclass

from app.sync.clock import Rng

#: Nobody waits longer than this because the other side asked for it; an absurd `retry_after` must not strand work.
LONGEST_ASKED = 3600.0


@dataclass(frozen=True)
class Backoff:
    """Waits grow twofold from `first` to `ceiling` seconds, each drawn between `first` and the grown value.

    The spread keeps a thousand clients that lost the same gateway from coming back in the same second.
    """

    first: float = 1.0
    ceiling: float = 300.0

    def delay(self, attempt: int, rng: Rng, retry_after: float | None = None) -> float:
        """Return the seconds to wait after failure number `attempt` (1 is the first).

        A `retry_after` asked for by the other side is never undercut, and spread by at most a tenth.
        """
        grown = min(self.ceiling, self.first * 2.0 ** (min(max(attempt, 1), 32) - 1))
        own = rng.uniform(self.first, max(self.first, grown))
        if retry_after is None or not retry_after > 0:  # also when it is no number at all
            return own
        asked = min(retry_after, LONGEST_ASKED)
        return asked + rng.uniform(0.0, min(asked / 10, 5.0))


@dataclass
class Failures:
    """Failures in a row and, on the monotonic clock, the moment before which there is no next try.

    `strict` tells that the other side named the moment: then nobody's impatience shortens it.
    """

    backoff: Backoff
    attempts: int = 0
    not_before: float = 0.0
    strict: bool = False

    def failed(self, now: float, rng: Rng, retry_after: float | None = None) -> float:
        """Count one failure; return the seconds until the next try."""
        self.attempts += 1
        wait = self.backoff.delay(self.attempts, rng, retry_after)
        self.not_before = now + wait
        self.strict = retry_after is not None and retry_after > 0
        return wait

    def succeeded(self) -> None:
        """Forget all failures."""
        self.attempts = 0
        self.not_before = 0.0
        self.strict = False

    def remaining(self, now: float, *, impatient: bool = False) -> float:
        """Return the seconds still to wait, 0 when a try is due. `impatient`: it seems to work again."""
        if impatient and not self.strict:
            return 0.0
        return max(0.0, self.not_before - now)
