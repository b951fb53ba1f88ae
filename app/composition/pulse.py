"""The beat of the kiosk's window, once a second, for whoever watches it from outside."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, MutableMapping

from PySide6.QtCore import QObject, QTimer, Slot

from app.composition.watchdog import PULSE

_BEAT_MS = 1_000


def pulse_of(environment: MutableMapping[str, str]) -> int | None:
    """Return where to beat, and take it out of the environment: nothing that is started from here inherits it."""
    told = environment.pop(PULSE, "")
    if not told.isdecimal():
        return None
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415  # there only

        return msvcrt.open_osfhandle(int(told), os.O_WRONLY)
    return int(told)


class Pulse(QObject):
    """Beats as long as the window's own loop goes round. Nobody to hear it any more: `orphaned` is called, once."""

    def __init__(self, where: int, orphaned: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._where = where
        self._orphaned = orphaned
        os.set_blocking(where, False)
        self._timer = QTimer(self)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()
        self._beat()

    @Slot()
    def _beat(self) -> None:
        try:
            os.write(self._where, b".")
        except BlockingIOError:
            return  # whoever watches is busy; there are beats enough in the pipe
        except OSError:
            self._timer.stop()
            self._orphaned()
