"""What a shared screen asks or tells in front of everything: a code to come back with, signing out, whom to call."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from app.services.words import Words
from app.views.kiosk.pad import CodePad
from app.views.kiosk.press import press
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.buttons import Button, ButtonKind
from app.views.widgets.dialog import Dialog
from app.views.widgets.layout import row
from app.views.widgets.text import Text


class KioskDialog(Dialog):
    """A dialog for a finger, to be read from where one stands."""

    wide = 560
    roles = (Role.HEADING, Role.KIOSK_BODY)

    def showEvent(self, event: QShowEvent) -> None:
        """As high as it needs, in the middle: what the usual dialog gives way to on a low screen is pressed here."""
        super().showEvent(event)
        layout, window = self.layout(), self.parentWidget()
        if layout is not None and window is not None:
            self.resize(self.wide, layout.totalHeightForWidth(self.wide))
            middle = window.mapToGlobal(window.rect().center())
            self.move(middle.x() - self.width() // 2, middle.y() - self.height() // 2)

    def make_buttons(self, theme: Theme, safe: str, verb: str, *, danger: bool) -> tuple[Button, Button]:
        return press(theme, safe), press(theme, verb, kind=ButtonKind.PRIMARY)


class LeaveDialog(KioskDialog):
    """`kept`: what becomes of what is not sent."""

    def __init__(self, theme: Theme, window: QWidget, kept: str) -> None:
        super().__init__(
            theme,
            window,
            self.tr("Sign out?"),
            kept,
            verb=self.tr("Sign out"),
            safe=self.tr("Stay signed in"),
        )


class OverDialog(KioskDialog):
    """The session has ended at the gateway: one signs out, and in again. `kept`: what becomes of what is not sent."""

    def __init__(self, theme: Theme, window: QWidget, kept: str) -> None:
        super().__init__(
            theme,
            window,
            self.tr("Your time at this screen is over"),
            self.tr("Sign out, then sign in again with your phone. {kept}").format(kept=kept),
            verb=self.tr("Sign out"),
            safe=self.tr("Later"),
        )


class HelpDialog(KioskDialog):
    """Whom to call, in the words of the organisation."""

    def __init__(self, theme: Theme, window: QWidget, words: str) -> None:
        super().__init__(theme, window, self.tr("Call for help"), words, verb=self.tr("Close"), safe="")
        self.safe_button.hide()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.verb_button.setFocus(Qt.FocusReason.OtherFocusReason)


class CodeDialog(KioskDialog):
    """Chooses a code to come back with, given twice. `chosen` with it; the owner answers by `fail`, or closes it."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, window: QWidget, minutes: int, tr: Words) -> None:
        """`minutes`: how long a lock leaves a way back."""
        after = tr.plural(
            minutes,
            "When the screen locks, it opens your work again for %n minute: four to eight digits, or your badge. "
            "It is forgotten when you sign out.",
            "When the screen locks, it opens your work again for %n minutes: four to eight digits, or your badge. "
            "It is forgotten when you sign out.",
        )
        super().__init__(
            theme,
            window,
            self.tr("Choose a code to come back with?"),
            after,
            verb=self.tr("Use this code"),
            safe=self.tr("Without a code"),
        )
        self._first = ""
        self._says = Text(theme, "", Role.KIOSK_BODY_STRONG, Tone.TEXT2, wrap=True)
        self.pad = CodePad(theme, tr)
        self.pad.given.connect(self._given)
        self.pad.changed.connect(self._on_typing)
        self.body.addSpacing(8)
        self.body.addWidget(self._says)
        self.body.addSpacing(4)
        self.body.addLayout(row(None, self.pad, None))
        self.verb_button.hide()
        self._ask()

    @property
    def says(self) -> str:
        """What stands above the pad."""
        return self._says.text()

    def _ask(self) -> None:
        self._tell(self.tr("Type it, then press the tick."), Tone.TEXT2)

    def _tell(self, words: str, tone: Tone) -> None:
        self._says.set_text(words)
        self._says.set_tone(tone)

    def _on_typing(self) -> None:
        if self._says.tone is Tone.BAD:
            self._ask()

    def _given(self, code: str) -> None:
        if not self._first:
            self._first = code
            self._tell(self.tr("The same once more."), Tone.TEXT2)
        elif code == self._first:
            self._first = ""
            self.pad.rest(self.tr("One moment."))
            self.chosen.emit(code)
        else:
            self._first = ""
            self._tell(self.tr("Those were two different codes. Type the one you want."), Tone.BAD)

    def fail(self, words: str) -> None:
        """Why that code will not do."""
        self._first = ""
        self.pad.rest("")
        self._tell(words, Tone.BAD)
        self.pad.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.pad.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.pad.hasFocus():
            return  # the pad has taken it
        super().keyPressEvent(event)
