"""The banner for what holds for the whole window, and the card for a warning inside a form.

Usage: ``banner = Banner(theme); banner.show_message("wifi-off", "Offline since 08:12. ...", "Why offline?")``;
``Notice(theme, "May clash with an existing registration", "Your colleague ...", "Open DR-2026-0288")``.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button, ButtonKind
from app.views.widgets.cards import Card
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon


class Banner(ThemedWidget):
    """44 high below the top bar: icon, since when, what it means for you, one action. Hidden until told."""

    acted = Signal()

    def __init__(self, theme: Theme, tone: Tone = Tone.WARN, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._tone = tone
        self._icon = Icon(theme, "wifi-off", tone, 16)
        self._words = Text(theme, "", Role.NAME, tone, elide=True)
        self._action = Button(theme, "", ButtonKind.WARN, small=True)
        self._action.clicked.connect(self.acted)
        layout = row(self._icon, gap=Space.M, margins=(Space.PAGE, 0, Space.PAGE, 0))
        layout.addWidget(self._words, 1)
        layout.addWidget(self._action)
        self.setLayout(layout)
        self.setFixedHeight(Height.BANNER)
        self.hide()

    @property
    def action(self) -> Button:
        return self._action

    def show_message(self, icon: str, words: str, action: str = "", tone: Tone = Tone.WARN) -> None:
        self._tone = tone
        self._icon.show_icon(icon, tone)
        self._words.set_tone(tone)
        self._words.set_text(words)
        self._action.set_kind(ButtonKind.WARN if tone is Tone.WARN else ButtonKind.SECONDARY)
        self._action.set_text(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(words)
        if self.parentWidget() is None:
            # Not in its window yet: shown together with it, and never as a window of its own.
            self.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
        else:
            self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.soft(self._tone))
        painter.fillRect(0, self.height() - 1, self.width(), 1, tokens.edge(self._tone))
        painter.end()


class Notice(Card):
    """A tinted card: icon, title, explanation, one action. It warns, explains or proves; it never blocks."""

    acted = Signal()

    def __init__(
        self,
        theme: Theme,
        title: str,
        text: str = "",
        action: str = "",
        *,
        tone: Tone = Tone.WARN,
        icon: str = "alert-triangle",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, tint=_TINTS.get(tone, "raised"), name=title, parent=parent)
        self._title = Text(theme, title, Role.NAME, wrap=True)
        self._text = Text(theme, text, Role.SECONDARY, Tone.TEXT2, wrap=True)
        self._icon = Icon(theme, icon, tone, 18)
        kind = ButtonKind.WARN if tone is Tone.WARN else ButtonKind.SECONDARY
        self._action = Button(theme, action, kind, small=True)
        self._action.clicked.connect(self.acted)
        words = column(self._title, self._text)
        line = row(gap=10, margins=(12, 10, 12, 10), align=False)
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        line.addWidget(self._action, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.show_words(title, text, action)

    def dress(self, tone: Tone, icon: str) -> None:
        """Another tone, for what has changed its meaning."""
        self.set_tint(_TINTS.get(tone, "raised"))
        self._icon.show_icon(icon, Tone.TEXT2 if tone is Tone.NEUTRAL else tone)
        self._action.set_kind(ButtonKind.WARN if tone is Tone.WARN else ButtonKind.SECONDARY)

    def show_words(self, title: str, text: str = "", action: str = "") -> None:
        self._title.set_text(title)
        self._text.set_text(text)
        self._text.setVisible(bool(text))
        self._action.set_text(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    @property
    def action(self) -> Button:
        return self._action


_TINTS = {
    Tone.WARN: "warn",
    Tone.BAD: "bad",
    Tone.OK: "ok",
    Tone.ACCENT: "accent",
    Tone.CLASH: "clash",
}
