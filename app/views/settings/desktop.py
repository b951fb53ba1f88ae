"""Settings of the app on this desktop: what to be told of, what closing does, and how much may move."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.bridge.notifying import wish_of
from app.services.notices import Wish
from app.services.prefs import MOTION, NOTIFY, STAYS
from app.views.page import PageContext
from app.views.settings.section import Line, Section
from app.views.shell.tray import Tray
from app.views.theme.motion import Motion
from app.views.ways_out import allowed
from app.views.widgets.choice_controls import Option, SegmentedControl

_QUIT, _STAY = "quit", "stay"


class DesktopSection(QWidget):
    """Each holds at once. Where the system has no tray, what needs one is not there."""

    def __init__(self, context: PageContext, *, tray: bool | None = None) -> None:
        super().__init__()
        self._portal = context.portal
        self._theme = theme = context.theme
        self.notify = SegmentedControl(
            theme,
            [
                Option(Wish.ALL.value, self.tr("All")),
                Option(Wish.MINE.value, self.tr("Needs me")),
                Option(Wish.NONE.value, self.tr("None")),
            ],
        )
        told = self.tr("Kinds and numbers only, at most one a minute, while you look elsewhere.")
        self.notify.name_as(self.tr("Notifications"), told)
        self.notify.edited.connect(self._choose_notify)
        self.closing = SegmentedControl(
            theme, [Option(_QUIT, self.tr("Quits")), Option(_STAY, self.tr("Stays in the tray"))]
        )
        closing = self.tr("In the tray it keeps in step. Quit it from the menu there.")
        self.closing.name_as(self.tr("Closing the window"), closing)
        self.closing.edited.connect(self._choose_closing)
        self.motion = SegmentedControl(
            theme,
            [
                Option(Motion.SYSTEM.value, self.tr("As the system")),
                Option(Motion.REDUCED.value, self.tr("Reduced")),
            ],
        )
        moving = self.tr("Reduced: nothing fades in or out.")
        self.motion.name_as(self.tr("Motion"), moving)
        self.motion.edited.connect(self._choose_motion)
        for control in (self.notify, self.closing, self.motion):
            # As wide as one another, and wider where a language needs it.
            control.setMinimumWidth(240)
            control.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        lines = [Line(theme, self.tr("Motion"), moving, self.motion)]
        if Tray.available() and allowed().programs if tray is None else tray:
            lines = [
                Line(theme, self.tr("Notifications"), told, self.notify),
                Line(theme, self.tr("Closing the window"), closing, self.closing),
                *lines,
            ]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(Section(theme, self.tr("Desktop"), *lines))

    def refresh(self) -> None:
        """Show what is chosen."""
        self.notify.set_value(wish_of(self._portal).value)
        self.closing.set_value(_STAY if self._portal.prefs.get(STAYS) is True else _QUIT)
        self.motion.set_value(self._theme.motion.value)

    def _choose_notify(self) -> None:
        self._portal.prefs.set(NOTIFY, str(self.notify.value()))

    def _choose_closing(self) -> None:
        self._portal.prefs.set(STAYS, self.closing.value() == _STAY)

    def _choose_motion(self) -> None:
        choice = Motion(str(self.motion.value()))
        self._theme.move(choice)
        self._portal.prefs.set(MOTION, choice.value)
