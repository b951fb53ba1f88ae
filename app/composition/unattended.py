"""A window that nobody sits in front of: it leaves when both sides are in step, or when its first page stands there."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from PySide6.QtCore import QObject, QTimer, Slot

from app.bridge.entrance_state import EntranceState, Step
from app.services.views_model import Mode, Status

if TYPE_CHECKING:
    from app.services.portal import Portal
    from app.views.main_window import MainWindow


class Unattended(QObject):
    """What the command line wanted instead of a person. `code` is the exit code; `syncs`, `shows`: still due."""

    def __init__(
        self,
        seconds: float,
        shows: bool,
        out: TextIO,
        quit_app: Callable[[], None],
        why: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        """`seconds` within which both sides have to be in step, 0 for no such wish; `shows`: leave once shown.

        `why`: what stands in the way, asked when it is late.
        """
        super().__init__(parent)
        self._seconds = seconds
        self._out = out
        self._quit = quit_app
        self._why = why
        self.syncs = seconds > 0
        self.shows = shows
        self.code = 0

    def begin(self) -> None:
        """From now on the time runs."""
        if self.syncs:
            QTimer.singleShot(int(self._seconds * 1000), self._too_late)

    @property
    def wanted(self) -> bool:
        """Whether there was such a wish at all."""
        return self._seconds > 0 or self.shows

    def entrance(self, state: EntranceState) -> None:
        """Without a person in front of it, an entrance that asks or explains is the end."""
        if self.syncs and state.step not in (Step.WORKING, Step.BROWSER, Step.DONE):
            # A heading stands alone on the screen; on one line with the rest it is a sentence.
            heading = f"{state.heading}." if state.heading[-1:].isalnum() else state.heading
            self.fail(" ".join(part for part in (heading, state.text, state.problem) if part))

    def status(self, status: Status, portal: Portal) -> None:
        """Leave once both sides are in step, and say so; or because a person would have to act."""
        if not self.syncs:
            return
        if status.mode is Mode.LIVE and portal.complete:
            as_of = status.as_of.isoformat() if status.as_of else None
            self._say({"synced": True, "as_of": as_of, "open": portal.records.nav_counts()})
            self.syncs = False
            self._quit()
        elif status.mode in (Mode.PROBLEM, Mode.SIGN_IN):
            self.fail(" ".join(part for part in (status.cause, status.kept, status.next_step) if part))

    def shown(self, window: MainWindow) -> None:
        """The first page stands there with its content."""
        if not self.shows:
            return
        self.shows = False
        window.repaint()
        place = window.left_at()
        self._say({"shown": place.page, "gid": place.gid})
        self._quit()

    def fail(self, text: str) -> None:
        """Leave, saying why."""
        sys.stderr.write(text + "\n")
        self.give_up()

    def give_up(self) -> None:
        """Leave; somebody else has said why."""
        self.syncs = False
        self.code = 1
        self._quit()

    @Slot()
    def _too_late(self) -> None:
        if self.syncs:
            why = self._why()
            self.fail(f"It was not in step within {self._seconds:.0f} s.{f' {why}' if why else ''}")

    def _say(self, data: dict[str, object]) -> None:
        self._out.write(json.dumps(data) + "\n")
        self._out.flush()
