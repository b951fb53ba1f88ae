"""How many examples Hypothesis tries: a few in each test run, always the same; many and others at night."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_MANY = os.environ.get("COUNTERPART_EXAMPLES", "")


def played(few: int) -> settings:
    """Settings of a state machine that is played `few` times unless the environment asks for more."""
    return settings(
        max_examples=max(few, int(_MANY or 0)),
        stateful_step_count=25,
        deadline=None,
        derandomize=not _MANY,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
