"""A window over an account, with the engine's own threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.bridge.engine import Bridge
from app.services.open_account import OpenAccount
from app.views.main_window import MainWindow
from app.views.page import COLLEAGUES, Place
from app.views.theme.theme import Theme


@contextmanager
def window(account: OpenAccount, theme: Theme) -> Iterator[MainWindow]:
    """The window over the engine's own threads, at the colleagues if that page is there."""
    portal = account.open_portal(lambda: None)
    bridge = Bridge(portal, account.loop, account.open_portal, account.sign_in, staff=account.staff)
    made = MainWindow(portal, bridge, theme, Place(COLLEAGUES))
    made.show()
    bridge.start()
    try:
        yield made
    finally:
        bridge.stop()
        made.hide()
        made.deleteLater()
        bridge.deleteLater()
        portal.close()
