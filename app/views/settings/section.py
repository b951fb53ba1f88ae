"""A part of the settings: its title, what it is about, and lines of words with a control at the end."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.cards import Card, Rule, SectionHeader
from app.views.widgets.layout import column, holding, row
from app.views.widgets.text import Text


class Line(ThemedWidget):
    """A name, one line of explanation below it, and controls at the trailing edge."""

    def __init__(self, theme: Theme, title: str, text: str, *controls: QWidget) -> None:
        super().__init__(theme)
        self._title = Text(theme, title, Role.NAME)
        self._text = Text(theme, text, Role.SECONDARY, Tone.TEXT3, wrap=True)
        line = row(gap=Space.M, margins=(Space.L, 12, Space.L, 12))
        line.addWidget(holding(column(None, self._title, self._text, None)), 1)
        for control in controls:
            line.addWidget(control)
        self.setLayout(line)
        self.say(text)

    def say(self, text: str, title: str = "") -> None:
        """Other words for the explanation, and for the name."""
        if title:
            self._title.set_text(title)
        self._text.set_text(text)
        self._text.setVisible(bool(text))
        self.setAccessibleName(". ".join(part for part in (self._title.text(), text) if part))


class Section(QWidget):
    """A header above a card of lines."""

    def __init__(self, theme: Theme, title: str, *parts: QWidget) -> None:
        super().__init__()
        card = Card(theme, name=title)
        self._rules: dict[QWidget, QWidget] = {}
        for number, part in enumerate(parts):
            if number:
                self._rules[part] = rule = Rule(theme)
                card.body.addWidget(rule)
            card.body.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M - 2)
        layout.addWidget(SectionHeader(theme, title))
        layout.addWidget(card)

    def show_part(self, part: QWidget, shown: bool) -> None:
        """Show or hide a part together with the rule above it."""
        part.setVisible(shown)
        if part in self._rules:
            self._rules[part].setVisible(shown)
