"""What the command line asks of the window."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WindowRequest:
    """What the command line asks for.

    `page`: where to begin, such as `deal_registration`; empty for where it was left. `link`: what to show, as
    `app.services.links` reads it. `exit_after_sync`: seconds within which both
    sides have to be in step; 0 for a window that somebody looks at. `exit_when_shown`: leave once the first page
    stands there with its content, and say so.
    """

    account: str = ""
    gateway: str = ""
    passphrase: str = ""
    page: str = ""
    link: str = ""
    exit_after_sync: float = 0.0
    exit_when_shown: bool = False
