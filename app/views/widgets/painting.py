"""Nothing is painted before it is laid out.

What grows inside a scroll area asks its parents for room one after the other, each with an event of its own. Qt paints
as soon as it comes to it, in the middle of that: for a frame or two the old room holds the new content, squashed.

Usage: ``LaidOutFirst(window)``, once for every window whose content changes while it is shown.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QWidget


class LaidOutFirst(QObject):
    """Settles the layouts that wait, nested ones too, whenever its window is about to paint."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.UpdateRequest:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        return super().eventFilter(watched, event)
