"""New versions beside the window: looked for once a day, told once in a quiet line, started anew on asking."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from app.bridge.entrance_state import Step
from app.bridge.updates import UpdateWatch
from app.services.updating import Updating
from app.services.views_model import Mode
from app.views.page import SETTINGS, Place, Toast, Way

if TYPE_CHECKING:
    from app.views.main_window import MainWindow


class Versions(QObject):
    """Owned by the client, one for all windows it shows."""

    def __init__(
        self,
        updating: Updating,
        window: Callable[[], MainWindow | None],
        mode: Callable[[], Mode | None],
        leave: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        """`window`: the one that is shown. `mode`: how the account syncs, or None. `leave` ends the program."""
        super().__init__(parent)
        self._window = window
        self._mode = mode
        self._leave = leave
        self.restarts = False
        self._up = False
        self.watch = UpdateWatch(updating, self._may, self)
        self.watch.ready.connect(self._on_ready)
        self.watch.restart_wanted.connect(self._on_restart)

    def _may(self) -> bool:
        """The first sync has the line to itself, and without a network there is nothing to ask."""
        return self._mode() in (Mode.LIVE, Mode.SYNCING)

    @Slot()
    def came_up(self) -> None:
        """A page stands there with its content: this version works, and from now on looks for newer ones."""
        if not self._up:
            self._up = True
            self.watch.came_up()
            self.watch.start()

    def entrance(self, step: Step) -> None:
        """The entrance asks something; one that only tells a problem says nothing about this version."""
        if step in (Step.ACCOUNT, Step.BROWSER, Step.UNLOCK, Step.NEW_PASSPHRASE):
            self.came_up()

    @Slot(str)
    def _on_ready(self, version: str) -> None:
        window = self._window()
        if window is not None:
            words = self.tr("Version {version} is ready; it starts next time.").format(version=version)
            way = Way(self.tr("What is new"), lambda: window.go(Place(SETTINGS)))
            window.say(Toast(words, action=way))

    @Slot()
    def _on_restart(self) -> None:
        """What is typed is kept first, as when the window is closed; a page may refuse to be left."""
        window = self._window()
        if window is None or window.leave():
            self.restarts = True
            self._leave()
