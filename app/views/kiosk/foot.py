"""The foot of the entrance: another code, another language, whom to call; and when the screen locks by itself."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.services.words import Words
from app.views.kiosk.press import press
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.layout import holding, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_NOTE = 252
_WHOLE_MINUTE = 60


class EntranceFoot(ThemedWidget):
    """`code_asked`, `language_asked`, `help_asked`: what was pressed."""

    code_asked = Signal()
    language_asked = Signal()
    help_asked = Signal()

    def __init__(self, theme: Theme, language: str, tr: Words, parent: QWidget | None = None) -> None:
        """`language`: the one that is spoken, in itself."""
        super().__init__(theme, parent)
        self._words = tr
        self.again = press(theme, self.tr("New code"), "refresh")
        self.language = press(theme, language, "language")
        self.language.setAccessibleDescription(self.tr("Speaks another language."))
        self.call = press(theme, self.tr("Call for help"), "help-circle")
        self.again.clicked.connect(self.code_asked)
        self.language.clicked.connect(self.language_asked)
        self.call.clicked.connect(self.help_asked)
        self._note = Text(theme, "", Role.KIOSK_BODY, Tone.TEXT2, wrap=True)
        self._note.setFixedWidth(_NOTE)
        self._locks = holding(row(Icon(theme, "lock", Tone.TEXT2, 22), self._note, gap=13))
        buttons = holding(row(self.again, self.language, self.call, None, gap=16))
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(24)
        self._line.addWidget(buttons, 1, Qt.AlignmentFlag.AlignVCenter)
        self._line.addWidget(self._locks, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_idle(self, seconds: int) -> None:
        """After so many seconds without a touch the screen locks."""
        tr = self._words
        if seconds % _WHOLE_MINUTE:
            after = tr.plural(
                seconds, "Locks after %n second without touch.", "Locks after %n seconds without touch."
            )
        else:
            whole = seconds // _WHOLE_MINUTE
            after = tr.plural(
                whole, "Locks after %n minute without touch.", "Locks after %n minutes without touch."
            )
        self._note.set_text(f"{after} {self.tr('Nothing of yours stays here.')}")

    @property
    def note(self) -> str:
        """What it says about locking."""
        return self._note.text()

    def lie(self, *, upright: bool, narrow: bool) -> None:
        """On an upright screen the note stands below the buttons."""
        for button in (self.again, self.language, self.call):
            button.squeeze(tight=narrow)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._line.setDirection(down if upright else across)
        self._note.setFixedWidth(_NOTE if not upright else 2 * _NOTE)
        self._line.setAlignment(
            self._locks,
            Qt.AlignmentFlag.AlignLeading if upright else Qt.AlignmentFlag.AlignVCenter,
        )
