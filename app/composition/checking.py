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


def checkup_of(
    surroundings: Surroundings, keys: Callable[[], Mapping[str, bytes]], parent: QObject
) -> Checkup:
    """Return one. `keys`: of the account that is open, by its id, read when they are needed. A kiosk saves no files."""

    def examine(shown: Shown | None, tell: Callable[[Finding], None]) -> Examined:
        return examined(surroundings, tell, Standing(shown, keys()))

    return Checkup(examine, parent, may_save=not surroundings.managed.policy.kiosk)
