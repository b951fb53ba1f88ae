"""Watches what comes in while the window is not looked at, and tells it as one line, at most once a minute."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.bridge.engine import Bridge
from app.services.notices import Coalescer, Happening, Wish, happenings, notification
from app.services.portal import Portal
from app.services.prefs import NOTIFY


class Notifying(QObject):
    """`told` brings a Notification, `waiting` how many jobs wait for the user."""

    told = Signal(object)
    waiting = Signal(int)

    def __init__(
        self,
        portal: Portal,
        bridge: Bridge,
        parent: QObject | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._portal = portal
        self._bridge = bridge
        self._monotonic = monotonic
        self._coalescer = Coalescer()
        self._active = True
        self._asked = False
        self._again: bool | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        bridge.recordsChanged.connect(lambda _changed: self.read())
        self.read()

    def set_active(self, active: bool) -> None:
        """Whether the person looks at the window; then there is nothing to tell."""
        self._active = active
        if active:
            self._timer.stop()
            self._coalescer.seen()

    def read(self) -> None:
        """Find what came in and what waits, beside the window."""
        # What comes in before the first sync has ended is everything, and what is looked at is no news.
        known = self._active or not self._portal.complete
        if self._asked:
            self._again = known if self._again is None else self._again and known
        else:
            self._read(known=known)

    def _read(self, *, known: bool) -> None:
        self._asked = True
        self._bridge.reader.run(
            happenings, lambda found: self._on_read(found, known=known), ended=self._on_ended
        )

    @property
    def busy(self) -> bool:
        """Whether it is still being read."""
        return self._asked

    def _on_ended(self) -> None:
        self._asked = False
        known, self._again = self._again, None
        if known is not None:
            self._read(known=known)

    def _on_read(self, found: tuple[tuple[Happening, ...], int], *, known: bool) -> None:
        came_in, count = found
        self.waiting.emit(count)
        if known:
            self._coalescer.know(came_in)
            return
        self._coalescer.wish = wish_of(self._portal)
        self._coalescer.note(came_in, self._monotonic())
        self._wait()

    def _wait(self) -> None:
        if self._coalescer.due is not None and not self._timer.isActive():
            self._timer.start(max(0, round((self._coalescer.due - self._monotonic()) * 1000)))

    def look(self) -> None:
        """Tell what is due; what is not yet is waited for."""
        portal = self._portal
        found = self._coalescer.take(self._monotonic())
        said = notification(found, portal.manifest, portal.vendor, portal.formats.tr)
        if said is not None and not self._active:
            self.told.emit(said)
        self._wait()


def wish_of(portal: Portal) -> Wish:
    """What the person wants to be told of; all, until they say otherwise."""
    chosen = portal.prefs.get(NOTIFY)
    return Wish(chosen) if chosen in {wish.value for wish in Wish} else Wish.ALL
