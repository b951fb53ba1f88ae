"""Beside a conversation: when an answer is due and by whom, and the facts of the request."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.views_model import ClockView
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


class SidePane(Panel):
    """220 wide; `opened` gives the key of a fact that is a link."""

    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "surface", rules="leading", parent=parent)
        self.setFixedWidth(SIDE_WIDTH)
        self._figure = Text(theme, "", Role.FIGURE)
        self._bar = ProgressBar(theme, 6, self.tr("Time that has passed"))
        self._who = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self._turn = Text(theme, "", Role.LABEL, wrap=True)
        self._head = Text(theme, self.tr("Answer due"), Role.CAPTION_MEDIUM, Tone.TEXT3)
        self._paused = Text(theme, "", Role.CAPTION, Tone.TEXT3, wrap=True)
        self._due = QWidget()
        self._due.setLayout(
            column(
                self._head,
                self._figure,
                6,
                self._bar,
                6,
                self._turn,
                self._who,
                self._paused,
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

    def show_clock(self, clock: ClockView | None, vendor: str) -> None:
        """Show whose turn it is and what is due, or nothing when nobody has to answer."""
        self._due.setVisible(clock is not None)
        if clock is None:
            return
        tone = Tone(clock.tone)
        timed = bool(clock.figure)
        self._head.set_text(self.tr("Answer due") if timed else self.tr("Answer"))
        self._figure.setVisible(timed)
        self._bar.setVisible(timed)
        self._figure.set_runs(
            [
                Run(clock.figure, Tone.TEXT if tone is Tone.NEUTRAL else tone),
                Run(" " + clock.rest, Tone.TEXT3, Role.SECONDARY),
            ]
        )
        self._bar.show_share(clock.share, f"{clock.figure} {clock.rest}")
        self._turn.set_text(clock.turn)
        self._who.set_text(clock.words)
        paused = clock.paused and timed
        self._paused.set_text(
            self.tr("The time {vendor} has stands still.").format(vendor=vendor) if paused else ""
        )
        self._paused.setVisible(paused)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show labels and values, one below the other."""
        self._facts.set_facts(facts)
