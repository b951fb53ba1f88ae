"""Looks again and again whether anybody is still there, counts the last seconds down, and says when they are over."""

from __future__ import annotations

import math
from typing import assert_never

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.services.idle import CountingDown, Idle, IdleWatch, Using
from app.views.widgets.touched import Touched

#: How often it is looked.
_LOOK_MS = 500


class Idling(QObject):
    """Between `begin` and `stop`; once it is over it has stopped by itself."""

    counts = Signal(int)
    """Seconds until it is over; 0 while somebody is there."""
    over = Signal()
    """Nobody was there for as long as it takes."""

    def __init__(self, touches: Touched, watch: IdleWatch, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._touches = touches
        self._watch = watch
        self._counting = False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        touches.touched.connect(self.touched)

    def begin(self) -> None:
        """Somebody has just come."""
        self._watch.begin()
        self._touches.watch()
        self._timer.start()

    def stop(self) -> None:
        """They are gone."""
        self._timer.stop()
        self._count(0)

    @Slot()
    def touched(self) -> None:
        """They are still there; what is counted down ends at once."""
        self._watch.touched()
        if self._counting:
            self.look()

    @Slot()
    def look(self) -> None:
        """Look now, between two turns of the timer."""
        if not self._timer.isActive():
            return
        self._touches.watch()
        state = self._watch.state()
        match state:
            case Using():
                self._count(0)
            case CountingDown():
                self._count(max(1, math.ceil(state.left)))
            case Idle():
                self.stop()
                self.over.emit()
            case _:
                assert_never(state)

    def _count(self, left: int) -> None:
        if left or self._counting:
            self._counting = left > 0
            self.counts.emit(left)
