"""Whether this application is touched by fingers, and how large what is pressed has to be then.

Decided once, when the application starts; the application object keeps it. Widgets are grown before they are seen
(`app.views.widgets.fingers`); what is painted, such as rows, asks `pressed`.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.views.theme.tokens import Kiosk

_PROPERTY = "touched_by_fingers"


def use_fingers(app: QCoreApplication) -> None:
    """From now on nothing that is pressed is smaller than a finger."""
    app.setProperty(_PROPERTY, True)


def by_fingers() -> bool:
    """Whether fingers press here."""
    app = QCoreApplication.instance()
    return app is not None and bool(app.property(_PROPERTY))


def pressed(usual: int) -> int:
    """Return the height or width of what is pressed, `usual` where a pointer does it."""
    return max(usual, Kiosk.LEAST) if by_fingers() else usual
