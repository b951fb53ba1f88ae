"""What a window is given of the world around its account: the other accounts, and a search through all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.bridge.updates import UpdateWatch
from app.services.everywhere import VendorHits
from app.services.kiosk.apart import SetApart
from app.services.vendors import VendorLine

#: Asks all accounts for a text; what is found comes account by account, the last time with True.
AskEverywhere = Callable[[str, Callable[[tuple[VendorHits, ...], bool], None]], None]


def _never() -> bool:
    return False


def _nobody() -> tuple[VendorLine, ...]:
    return ()


@dataclass(frozen=True)
class Desk:
    """`accounts`: all accounts of this computer, the open one among them; none where there is no switching.

    `everywhere`: None where there is nothing to search but this account. `may_add`: whether another vendor may be
    added. `hides`: asked when the window is closed, whether the app goes on without it. `updates`: what looks for newer
    versions of the program. `apart`: on a shared screen, what was kept there and cannot be taken up.
    """

    accounts: Callable[[], tuple[VendorLine, ...]] = _nobody
    everywhere: AskEverywhere | None = None
    may_add: bool = False
    hides: Callable[[], bool] = _never
    updates: UpdateWatch | None = None
    apart: SetApart | None = None
