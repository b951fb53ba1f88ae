"""What a person is offered first, and noticing that they did it: the strip above home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.services.first_steps import CREATE, KEEP, OFFLINE, PALETTE, FirstStep
from app.services.views_model import Mode, Status
from app.views.page import HOME, NEW, PageContext, Place, Toast
from app.views.shell.first_steps import FirstStepsStrip

if TYPE_CHECKING:
    from app.views.main_window import MainWindow


class Beginning(QObject):
    """Shows the strip while home is shown; it goes when all is done, or when one has enough of it."""

    def __init__(self, context: PageContext, window: MainWindow) -> None:
        super().__init__(window)
        self._portal = context.portal
        self._steps = context.portal.first_steps
        self._arriving = context.bridge.status.mode is Mode.FIRST_SYNC
        self._bridge = context.bridge
        self._window = window
        self._at_home = False
        self.strip = FirstStepsStrip(context.theme)
        self.strip.chosen.connect(self._do)
        self.strip.dismissed.connect(self._dismiss)
        self._bridge.statusChanged.connect(self._on_status)

    def show_page(self, page: str) -> None:
        """Another page is shown."""
        self._at_home = page == HOME
        self.follow()

    def follow(self) -> None:
        """Look again what was done."""
        self.strip.show_steps(self._steps.steps() if self._at_home else ())

    def did(self, name: str) -> None:
        """One of the steps was done, from wherever."""
        if self._steps.did(name):
            self.follow()

    def _on_status(self, status: Status) -> None:
        if status.mode is Mode.FIRST_SYNC:
            self._arriving = True
        elif self._arriving and self._portal.complete:
            self._arriving = False
            self._steps.begin()
            self.follow()
        if self._bridge.offline_by_choice:
            self.did(OFFLINE)

    def _do(self, step: FirstStep) -> None:
        if step.name == CREATE:
            self._window.go(Place(NEW, entity=step.entity))
        elif step.name == KEEP:
            self._window.go(Place(step.entity))
            self._window.say(Toast(self.tr("Choose a document, then “Keep offline”.")))
        elif step.name == OFFLINE:
            self._bridge.set_offline(True)
        elif step.name == PALETTE:
            self._window.open_palette()

    def _dismiss(self) -> None:
        self._steps.dismiss()
        self.follow()
        self._window.say(Toast(self.tr("Put away. F1 has the help."), self._bring_back))

    def _bring_back(self) -> None:
        self._steps.bring_back()
        self.follow()
