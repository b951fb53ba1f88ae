"""The examination of this computer, for the windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.bridge.checkup import Checkup
from app.services.surroundings import Surroundings
from app.session.held_key import KeyGone

if TYPE_CHECKING:
    from app.services.diagnostics.examined import Examined
    from app.services.doctor.computer import Shown
    from app.services.doctor.finding import Finding


def checkup_of(
    surroundings: Surroundings, keys: Callable[[], Mapping[str, bytes]], parent: QObject
) -> Checkup:
    """Return one. `keys`: of the account that is open, by its id, read when they are needed. A kiosk saves no files."""

    def examine(shown: Shown | None, tell: Callable[[Finding], None]) -> Examined:
        # Everything that examines comes in when somebody asks for it, on the thread that then runs it.
        from app.services.diagnostics.examined import examined  # noqa: PLC0415
        from app.services.doctor.examination import Standing  # noqa: PLC0415

        try:
            held = keys()
        except KeyGone:
            held = {}  # the account was closed meanwhile; its store is looked at from outside
        return examined(surroundings, tell, Standing(shown, held))

    return Checkup(examine, parent, may_save=not surroundings.managed.policy.kiosk)
