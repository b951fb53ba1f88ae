"""Passwords that take no time to hash, for a whole programme of people: what makes them slow is tested elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from argon2 import PasswordHasher


@contextmanager
def quick_passwords() -> Iterator[None]:
    """Have passwords hashed quickly while the block runs, whatever effort is asked for."""
    quick = partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        for module in ("gateway.identity.passwords", "gateway.console.auth"):
            patch.setattr(f"{module}.PasswordHasher", lambda **_: quick())
        yield
