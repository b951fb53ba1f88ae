"""What the client takes from the computer it runs on: folders, clock, key store, browser, locale."""

from __future__ import annotations

import random
import webbrowser
from collections.abc import Callable
from pathlib import Path

from babel import default_locale

from app.services.surroundings import Surroundings
from app.session.accounts import default_root
from app.session.logbook.happenings import Level
from app.session.logbook.log import FOLDER, Log
from app.session.logbook.redacting import Redactor
from app.session.policy.here import managed_here
from app.session.policy.schema import Managed, Policy
from app.store.keys import KeyRing
from app.sync.clock import Clock, SystemClock, SystemIds

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
    root, holds = data or default_root(), managed()
    return Surroundings(
        root=root,
        clock=clock,
        ids=SystemIds(clock),
        rng=random.SystemRandom(),
        ring=ring,
        open_browser=open_browser,
        locale=locale or system_locale(),
        managed=holds,
        log=log_of(root, clock, holds.policy),
    )


def log_of(root: Path, clock: Clock, policy: Policy) -> Log:
    """Return the log in a data folder; on a shared machine not even a hash in it says who was there."""
    return Log.in_folder(
        root / FOLDER, clock.now, Level(policy.log_level), Redactor(Path.home()), names_nobody=policy.kiosk
    )


def system_locale() -> str:
    """Return the locale of dates and figures as the system has it."""
    found = default_locale("LC_TIME") or ""
    return FALLBACK_LOCALE if not found or found.endswith("POSIX") else found
