"""The entrance of a shared screen: how to sign in with a phone, who is locked here, and what stands in the way.

It renders `kiosk.state` and calls the methods of `app.bridge.kiosk.Kiosk`; it decides nothing itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, assert_never

from PySide6.QtCore import QSize, QTimer, Signal, SignalInstance
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QStackedWidget, QWidget

from app.bridge.kiosk_state import KioskState, KioskStep
from app.services.words import Words
from app.views.kiosk.foot import EntranceFoot
from app.views.kiosk.head import EntranceHead
from app.views.kiosk.middle import CodeMiddle, ToldMiddle, UnlockMiddle
from app.views.kiosk.people import PeopleStrip
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Kiosk, Tone
from app.views.widgets.base import Panel
from app.views.widgets.layout import column, holding, row
from app.views.widgets.painting import LaidOutFirst
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_SECOND_MS = 1_000
#: Wider than this, what is said stays together in the middle of the screen.
_WIDEST = 1440
_NARROW = 1100
_STRIP = 100


class Door(Protocol):
    """What the entrance asks of the bridge."""

    changed: SignalInstance

    @property
    def state(self) -> KioskState: ...

    @property
    def language(self) -> str: ...

    @property
    def words(self) -> Words: ...

    def now(self) -> datetime: ...

    def time(self, at: datetime) -> str: ...

    def new_code(self) -> None: ...

    def speak_next(self) -> None: ...

    def choose(self, person: str) -> None: ...

    def go_back(self) -> None: ...

    def unlock(self, code: str) -> None: ...

    def typing(self) -> None: ...


class EntranceScreen(Panel):
    """The whole screen while nobody uses it. `help_asked`: somebody wants to know whom to call."""

    help_asked = Signal()

    def __init__(self, kiosk: Door, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "bg", parent=parent)
        self._kiosk = kiosk
        state = kiosk.state
        self.setWindowTitle("Counterpart")
        self.setAccessibleName(self.tr("Sign in at this screen"))
        self.head = EntranceHead(theme, state.brand)
        self.foot = EntranceFoot(theme, kiosk.language, kiosk.words)
        self.code, self.told = CodeMiddle(theme), ToldMiddle(theme)
        self.unlocking = UnlockMiddle(theme, kiosk.words)
        self._stack = QStackedWidget()
        for middle in (self.code, self.told, self.unlocking):
            self._stack.addWidget(middle)
        self.people = PeopleStrip(theme)
        self.kept = Text(theme, "", Role.KIOSK_BODY, Tone.TEXT2, wrap=True)
        self._kept = holding(_line(Icon(theme, "shield-check", Tone.TEXT2, 22), self.kept))
        self._inner = column(
            self.head, None, self._stack, None, self.people, 16, self._kept, 24, self.foot
        )  # fmt: skip
        self._outer = row(gap=0, align=False)
        self._outer.addLayout(self._inner, 1)
        self.setLayout(self._outer)
        # The screen has the size it has, however it lies.
        self._outer.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        LaidOutFirst(self)
        self._second = QTimer(self)
        self._second.setInterval(_SECOND_MS)
        self._second.timeout.connect(self._tick)
        self._second.start()
        self._connect()
        self.follow()

    def _connect(self) -> None:
        kiosk = self._kiosk
        kiosk.changed.connect(self.follow)
        self.foot.code_asked.connect(kiosk.new_code)
        self.foot.language_asked.connect(kiosk.speak_next)
        self.foot.help_asked.connect(self.help_asked)
        self.people.chosen.connect(kiosk.choose)
        self.told.again.connect(kiosk.new_code)
        self.unlocking.given.connect(kiosk.unlock)
        self.unlocking.left.connect(kiosk.go_back)
        self.unlocking.pad.changed.connect(kiosk.typing)

    def follow(self) -> None:
        """Render the state as it is now."""
        state = self._kiosk.state
        self.head.show_brand(state.brand, state.place)
        as_of = self._kiosk.time(state.reached_at) if state.reached_at is not None else ""
        self.head.chip.show_reach(online=state.online, as_of=as_of)
        self.foot.show_idle(state.idle_seconds)
        self.foot.call.setVisible(bool(state.help))
        self.foot.again.setVisible(state.step in {KioskStep.CODE, KioskStep.ASKING})
        self.people.show_people(state.people if state.step is not KioskStep.UNLOCK else ())
        self._show_kept(state)
        self._show_middle(state)
        self._fit()
        self._tick()

    def _show_kept(self, state: KioskState) -> None:
        words = state.said or state.kept
        self.kept.set_text(words)
        self._kept.setVisible(bool(words) and state.step is not KioskStep.UNLOCK)

    def _show_middle(self, state: KioskState) -> None:
        before = self._stack.currentWidget()
        match state.step:
            case KioskStep.CODE if state.code is not None:
                self.code.show_code(state.code)
                self._stack.setCurrentWidget(self.code)
            case KioskStep.CODE | KioskStep.ASKING:
                self.told.show_wait(self.tr("One moment"), self.tr("A code is on its way."))
                self._stack.setCurrentWidget(self.told)
            case KioskStep.OPENING:
                self.told.show_wait(
                    self.tr("You are signed in"), self.tr("Your portal opens. You can put your phone away.")
                )
                self._stack.setCurrentWidget(self.told)
            case KioskStep.CLOSING:
                self.told.show_wait(self.tr("One moment"), self.tr("What was open here is put away."))
                self._stack.setCurrentWidget(self.told)
            case KioskStep.TROUBLE:
                self._stack.setCurrentWidget(self.told)
            case KioskStep.UNLOCK:
                if state.who is not None:
                    self.unlocking.show_person(state.who, state.problem, checking=state.checking)
                self._stack.setCurrentWidget(self.unlocking)
                self.unlocking.pad.setFocus()
            case _:
                assert_never(state.step)
        if before is self.unlocking and self._stack.currentWidget() is not before:
            self.unlocking.pad.clear()

    def _tick(self) -> None:
        """A second went by."""
        state, now = self._kiosk.state, self._kiosk.now()
        if state.step is KioskStep.CODE and state.code is not None:
            self.code.count_down(state.code, now)
        elif state.step is KioskStep.TROUBLE and state.trouble is not None:
            again = state.trouble.again_at
            self.told.show_trouble(
                state.trouble, max(0, round((again - now).total_seconds())) if again else 0
            )

    # the screen

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width, upright = self.width(), self.height() > self.width()
        edge = Kiosk.EDGE if width >= _NARROW or upright else 40
        edge = max(edge, (width - _WIDEST) // 2)
        self._outer.setContentsMargins(edge, 42, edge, 40)
        self._fit()
        self.unlocking.lie(upright=upright)
        self.foot.lie(upright=upright, narrow=width < _NARROW)

    def _fit(self) -> None:
        """Who is locked takes room from the square."""
        upright = self.height() > self.width()
        taken = 0 if self.people.isHidden() and self._kept.isHidden() else _STRIP
        self.code.fit(QSize(self.width(), self.height() - taken), upright=upright)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A badge that is read while one person is locked is theirs; nothing else of a keyboard does anything."""
        text, state = event.text(), self._kiosk.state
        if text and text.isprintable() and len(state.people) == 1 and state.step is not KioskStep.UNLOCK:
            self._kiosk.choose(state.people[0].id)
            self.unlocking.pad.type(text)
        event.accept()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nobody at the screen closes it."""
        event.ignore()


def _line(icon: Icon, text: Text) -> QHBoxLayout:
    line = row(icon, gap=13)
    line.addWidget(text, 1)
    return line
