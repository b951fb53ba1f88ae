"""Whether this application is touched by fingers, and how large what is pressed has to be then.

Decided once, when the application starts; the application object keeps it. Widgets are grown as they come on screen
(`app.views.kiosk.targets`); what is painted, such as rows, asks `pressed`.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.views.theme.tokens import Kiosk

_PROPERTY = "touched_by_fingers"


def use_fingers(app: QCoreApplication) -> None:
    """From now on nothing that is pressed is smaller than a finger."""
    app.setProperty(_PROPERTY, True)


def pressed(usual: int) -> int:
    """Return the height or width of what is pressed, `usual` where a pointer does it."""
    app = QCoreApplication.instance()
    return max(usual, Kiosk.LEAST) if app is not None and app.property(_PROPERTY) else usual
