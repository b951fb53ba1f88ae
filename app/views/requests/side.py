"""Beside a conversation: when an answer is due and by whom, and the facts of the request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import Panel
from app.views.widgets.cards import Rule
from app.views.widgets.gauges import ProgressBar
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import column
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Run, Text

SIDE_WIDTH = 220


@dataclass(frozen=True)
class Clock:
    """The time an answer takes: *4 h 55 m* and *left*, its tone, the share that has passed, and who answers by when."""

    figure: str
    rest: str
    tone: Tone
    passed: float
    who: str


class SidePane(Panel):
    """220 wide; `opened` gives the key of a fact that is a link."""

    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "surface", rules="leading", parent=parent)
        self.setFixedWidth(SIDE_WIDTH)
        self._figure = Text(theme, "", Role.FIGURE)
        self._bar = ProgressBar(theme, 6, self.tr("Time that has passed"))
        self._who = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self._due = QWidget()
        self._due.setLayout(
            column(
                Text(theme, self.tr("Answer due"), Role.CAPTION_MEDIUM, Tone.TEXT3),
                self._figure,
                8,
                self._bar,
                8,
                self._who,
                16,
                Rule(theme),
                16,
            )
        )
        self._facts = KeyValueList(theme, stacked=True)
        self._facts.opened.connect(self.opened)
        content = QWidget()
        content.setLayout(column(self._due, self._facts, None, margins=(Space.L, Space.L, Space.L, Space.L)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 0, 0, 0)
        layout.addWidget(scrolled(content, self.tr("About this request")))

    def show_clock(self, clock: Clock | None) -> None:
        """Show what is due, or nothing when nothing is."""
        self._due.setVisible(clock is not None)
        if clock is None:
            return
        self._figure.set_runs(
            [Run(clock.figure, clock.tone), Run(" " + clock.rest, Tone.TEXT3, Role.SECONDARY)]
        )
        self._bar.show_share(clock.passed, f"{clock.figure} {clock.rest}")
        self._who.set_text(clock.who)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show labels and values, one below the other."""
        self._facts.set_facts(facts)
