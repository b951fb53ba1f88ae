"""The window: one for each user and folder, from its start to its end."""

from __future__ import annotations

import sys
from typing import TextIO

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.composition.application import Application
from app.composition.client import Client
from app.composition.instance import Handed, Instance
from app.composition.loading import loaded
from app.composition.memory import settle_program
from app.composition.request import WindowRequest
from app.composition.surprises import Interrupts, Surprises
from app.composition.updating import real_updating
from app.services.surroundings import Surroundings
from app.session.logbook.happenings import Happened
from app.session.logbook.hard_crash import watched_for_faults
from app.session.updates.handing_over import start_again
from app.views.theme.motion import system_reduces
from app.views.theme.theme import Theme

__all__ = ["SWITCH_INTERVAL", "Client", "WindowRequest", "run_window"]

#: Seconds a thread may compute in Python while the window waits for its turn. Several at work make it wait for each,
#: and a frame is 16 ms long.
SWITCH_INTERVAL = 0.001

#: What waits for the window to stand waits for so long at most: an entrance may ask something first.
_STANDS_MS = 2_000


def run_window(surroundings: Surroundings, request: WindowRequest, out: TextIO = sys.stdout) -> int:
    """Show the window until it is closed; returns the exit code.

    Where one of this user and folder is open already, that one is given what was asked for, and this ends at once.
    """
    app = QApplication.instance() or Application(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Counterpart")
    app.setDesktopFileName("counterpart")
    app.setQuitOnLastWindowClosed(True)
    instance = Instance(surroundings.root)
    updating = real_updating(surroundings)
    alone = request.exit_after_sync > 0 or request.exit_when_shown
    if not alone and not instance.claim():
        if instance.hand_over(Handed.of(request.account, request.gateway, request.link)):
            updating.came_up()  # As far as can be told: another window shows what was asked for.
            return 0
        sys.stderr.write("Counterpart is open already, but does not answer. A second window opens.\n")
    theme = Theme()
    theme.apply(app)
    theme.move(theme.motion, system=True)  # until the system was asked, nothing moves
    sys.setswitchinterval(SWITCH_INTERVAL)
    settle_program()
    client = Client(app, surroundings, request, theme, out, updating)
    _once_it_stands(client, theme)
    instance.asked.connect(client.take)
    if isinstance(app, Application):
        app.asked.connect(client.take)
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
        log.note(Happened.ENDED, code=client.exit_code)
    instance.close()
    if client.versions is not None and client.versions.restarts:
        start_again(updating.installation)
    return client.exit_code


def _once_it_stands(client: Client, theme: Theme) -> None:
    """Do what the first window need not wait for."""
    waiting = QTimer(client)
    waiting.setSingleShot(True)
    waiting.timeout.connect(loaded)
    waiting.timeout.connect(lambda: theme.move(theme.motion, system=system_reduces()))
    waiting.start(_STANDS_MS)
    client.stands.connect(lambda: waiting.start(0))
