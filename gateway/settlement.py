"""What executing a mutation led to, before it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.contract.mutations import FieldClash, Problem, Status
from gateway.crm.port import CrmUnavailable
from gateway.ingest.absorb import Reading


@dataclass(frozen=True)
class Settlement:
    """A final result. `readings` is what was read of the source system on the way, to be stored with the outcome.

    `written_at`: when the source system confirmed a write, None when nothing was written.
    """

    status: Status
    readings: tuple[Reading, ...] = ()
    written_at: datetime | None = None
    others: tuple[str, ...] = ()
    clashes: tuple[FieldClash, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True)
class Postponed:
    """Not now. `retry_after` in seconds; `failed`: for a reason that should not be.

    `code` tells the client what it can do about it. `due_at` is when the gateway tries by itself, None for
    `retry_after` from now: there is no use in trying before its sender has done something.
    """

    reason: str
    retry_after: float
    failed: bool = False
    code: str = "later"
    due_at: datetime | None = None


def out_of_reach(error: CrmUnavailable) -> Postponed:
    """Return what is said while the source system cannot be reached, or takes no more calls."""
    return Postponed(str(error), error.retry_after, code=error.code)


def rejected(problem: Problem, *readings: Reading) -> Settlement:
    """Return a rejection."""
    return Settlement(Status.REJECTED, readings, problem=problem)


def refused(
    code: str, message: str, *readings: Reading, fields: Mapping[str, str] | None = None
) -> Settlement:
    """Return a rejection with its words."""
    return rejected(Problem(code=code, message=message, fields=dict(fields or {})), *readings)


def revoked(*readings: Reading) -> Settlement:
    """Return what is said about a record the user does not see, whether it exists or not."""
    problem = Problem(code="revoked", message="This record is not shared with you any more.")
    return Settlement(Status.GONE, readings, problem=problem)


def deleted(*readings: Reading) -> Settlement:
    """Return what is said about a record the user saw until it was deleted."""
    problem = Problem(code="deleted", message="This record was deleted at the vendor.")
    return Settlement(Status.GONE, readings, problem=problem)
