"""What the client takes from the computer it runs on: folders, clock, key store, browser, locale."""

from __future__ import annotations

import random
import webbrowser
from collections.abc import Callable
from pathlib import Path

from babel import default_locale

from app.services.opening import Surroundings
from app.session.accounts import default_root
from app.session.policy.here import managed_here
from app.session.policy.schema import Managed
from app.store.keys import KeyRing
from app.sync.clock import SystemClock, SystemIds

#: Taken where the system says nothing, or only "C".
FALLBACK_LOCALE = "en_GB"


def real_surroundings(
    data: Path | None = None,
    *,
    locale: str = "",
    ring: Callable[[], KeyRing | None] = KeyRing.system,
    open_browser: Callable[[str], bool] = webbrowser.open,
    managed: Callable[[], Managed] = managed_here,
) -> Surroundings:
    """Return the real ones. `data`: another folder for the accounts. `ring`: another key store than the system's.

    `managed`: what another organisation set than that of this computer.
    """
    clock = SystemClock()
    return Surroundings(
        root=data or default_root(),
        clock=clock,
        ids=SystemIds(clock),
        rng=random.SystemRandom(),
        ring=ring,
        open_browser=open_browser,
        locale=locale or system_locale(),
        managed=managed(),
    )


def system_locale() -> str:
    """Return the locale of dates and figures as the system has it."""
    found = default_locale("LC_TIME") or ""
    return FALLBACK_LOCALE if not found or found.endswith("POSIX") else found
