"""The examination of this computer, for the windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject

from app.bridge.checkup import Checkup
from app.services.diagnostics.examined import Examined, examined
from app.services.doctor.computer import Shown
from app.services.doctor.examination import Standing
from app.services.doctor.finding import Finding
from app.services.opening import Surroundings
from app.session.held_key import KeyGone


def checkup_of(
    surroundings: Surroundings, keys: Callable[[], Mapping[str, bytes]], parent: QObject
) -> Checkup:
    """Return one. `keys`: of the account that is open, by its id, read when they are needed. A kiosk saves no files."""

    def examine(shown: Shown | None, tell: Callable[[Finding], None]) -> Examined:
        try:
            held = keys()
        except KeyGone:
            held = {}  # the account was closed meanwhile; its store is looked at from outside
        return examined(surroundings, tell, Standing(shown, held))

    return Checkup(examine, parent, may_save=not surroundings.managed.policy.kiosk)
