"""Named points at which a test may end the process in thought: what is not committed by then is lost."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Failpoint(StrEnum):
    """Points on a mutation's way, in order."""

    AFTER_RECEIVED = "after_received"
    BEFORE_CRM_WRITE = "before_crm_write"
    AFTER_CRM_WRITE = "after_crm_write"
    BEFORE_OUTCOME = "before_outcome"
    AFTER_OUTCOME = "after_outcome"


class Crash(BaseException):
    """Raised by a test at a failpoint. Not an Exception, so that nothing but the test takes it up."""


class Failpoints:
    """Where a test hooks in. `hook` is called at each point and may raise Crash; by default nothing happens."""

    def __init__(self) -> None:
        self.hook: Callable[[Failpoint], None] | None = None

    def reached(self, point: Failpoint) -> None:
        """Tell that a point was reached."""
        if self.hook:
            self.hook(point)
