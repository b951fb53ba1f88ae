"""The kiosk's window, from its start to its end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.composition.instance import Instance
from app.composition.kiosk_start import KioskStart
from app.composition.memory import settle_program
from app.composition.pulse import Pulse, pulse_of
from app.composition.surprises import Interrupts, Surprises
from app.composition.window import SWITCH_INTERVAL
from app.services.surroundings import Surroundings
from app.session.logbook.happenings import Happened
from app.session.logbook.hard_crash import watched_for_faults
from app.session.policy.here import managed_here
from app.session.policy.schema import Managed
from app.views.theme.motion import system_reduces
from app.views.theme.theme import Theme

#: Another kiosk has this folder; whoever watches tries again.
_TAKEN = 3


def run_kiosk(surroundings: Surroundings, again: Callable[[], Managed] = managed_here) -> int:
    """Show the kiosk until the system ends it; returns the exit code.

    `again` reads a policy anew that does not have all a kiosk needs: the screen says what is missing meanwhile.
    """
    where = pulse_of(os.environ)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Counterpart")
    app.setDesktopFileName("counterpart")
    app.setQuitOnLastWindowClosed(False)
    instance = Instance(surroundings.root)
    if not instance.claim():
        sys.stderr.write("Counterpart is open already on this computer.\n")
        return _TAKEN
    theme = Theme()
    theme.apply(app)
    theme.move(theme.motion, system=system_reduces())
    sys.setswitchinterval(SWITCH_INTERVAL)
    settle_program()
    client = KioskStart(app, surroundings, theme, again)
    pulse = Pulse(where, client.quit) if where is not None else None
    log = surroundings.log
    with (
        watched_for_faults(log),
        Interrupts(client.quit),
        Surprises(client.on_expected, client.on_bug, log.surprise),
    ):
        log.note(Happened.STARTED)
        QTimer.singleShot(0, client.begin)
        app.exec()
        client.close()
        log.note(Happened.ENDED, code=0)
    instance.close()
    del pulse
    return 0
