"""What a portal without a pipeline has: a line for each of its lists, with what is open and what is next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.views_model import Glance
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.cards import Card, Rule, SectionHeader
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.rows import OpenRow
from app.views.widgets.text import Text
from app.views.widgets.tiles import IconTile


class GlanceSection(ThemedWidget):
    """`opened` gives the entity type whose line was used. Nothing shows where there is nothing."""

    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: tuple[Glance, ...] | None = None
        self.rows: list[OpenRow] = []
        title = self.tr("What you have here")
        self._card = Card(theme, name=title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M - 2)
        layout.addWidget(SectionHeader(theme, title))
        layout.addWidget(self._card)
        self.hide()

    def show_lists(self, lists: Sequence[Glance]) -> None:
        """Show these lists."""
        self.setVisible(bool(lists))
        if self._shown == tuple(lists):
            return
        self._shown = tuple(lists)
        emptied(self._card.body)
        self.rows = []
        for number, one in enumerate(lists):
            if number:
                self._card.body.addWidget(Rule(self.theme))
            self._card.body.addWidget(self._row(one))

    def _row(self, one: Glance) -> OpenRow:
        made = OpenRow(self.theme)
        made.setFixedHeight(Height.ROW_TWO_LINES - 1)
        detail = " · ".join(part for part in (one.words, one.amounts) if part)
        words = column(
            None,
            Text(self.theme, one.label, Role.NAME, elide=True),
            Text(self.theme, detail, Role.SECONDARY, Tone.TEXT3, elide=True),
            None,
        )
        line = row(IconTile(self.theme, one.icon, Tone.ACCENT), gap=Space.M, margins=(Space.M, 0, Space.L, 0))
        line.addLayout(words, 1)
        if one.next.words:
            tone = Tone(one.next.tone)
            line.addWidget(
                Text(self.theme, one.next.words, Role.LABEL, Tone.TEXT3 if tone is Tone.NEUTRAL else tone)
            )
        made.setLayout(line)
        made.setAccessibleName(", ".join(part for part in (one.label, detail, one.next.words) if part))
        made.opened.connect(lambda: self.opened.emit(one.entity))
        self.rows.append(made)
        return made
