"""Renewals by how soon their term ends: count, value per currency, and what is still to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.format import Formats
from app.services.views_model import RenewalWindow
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.cards import Card, Rule, SectionHeader
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.text import Text


class RenewalsSection(ThemedWidget):
    """Three windows side by side; `opened` asks for the list."""

    opened = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: tuple[RenewalWindow, ...] | None = None
        self._header = SectionHeader(theme, "", link="…")
        self._header.activated.connect(self.opened)
        self._card = Card(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M - 2)
        layout.addWidget(self._header)
        layout.addWidget(self._card)

    def show_kind(self, plural: str, inside: str) -> None:
        """Say what is counted: *Renewals*, and *renewals* within a sentence."""
        title = self.tr("{things} due").format(things=plural)
        self._header.set_title(title)
        self._card.setAccessibleName(title)
        if self._header.link is not None:
            self._header.link.set_text(self.tr("Open {things}").format(things=inside))

    def show_windows(self, windows: Sequence[RenewalWindow], formats: Formats) -> None:
        """Draw the windows; they do not overlap, so their counts may be added by the reader."""
        if self._shown == tuple(windows):
            return
        self._shown = tuple(windows)
        emptied(self._card.body)
        line = row(gap=0, margins=(0, 11, 0, 11), align=False)
        for number, window in enumerate(windows):
            if number:
                line.addWidget(Rule(self.theme, upright=True))
            line.addWidget(self._cell(window, formats), 1)
        holder = QWidget()
        holder.setLayout(line)
        self._card.body.addWidget(holder)

    def _amounts(self, window: RenewalWindow, formats: Formats) -> QVBoxLayout:
        """One line a currency; a single one in the size of the other seconds."""
        role = Role.SECONDARY if len(window.totals) < 2 else Role.CAPTION
        words = [formats.money_short(amount, currency) for currency, amount in window.totals.items()]
        return column(None, *(Text(self.theme, word, role, Tone.TEXT3, elide=True) for word in words), None)

    def _cell(self, window: RenewalWindow, formats: Formats) -> QWidget:
        amounts = formats.totals(window.totals)
        tone = Tone(window.note_tone) if window.note_tone else Tone.TEXT3
        quiet = Tone.TEXT3 if tone is Tone.NEUTRAL else tone
        note_role = Role.CAPTION if quiet is Tone.TEXT3 else Role.CAPTION_MEDIUM
        figures = row(Text(self.theme, formats.number(window.count), Role.FIGURE), gap=Space.S)
        figures.addLayout(self._amounts(window, formats), 1)
        cell = ThemedWidget(self.theme)
        cell.setLayout(
            column(
                Text(self.theme, window.label, Role.CAPTION, Tone.TEXT3),
                figures,
                Text(self.theme, window.note, note_role, quiet, elide=True),
                gap=4,
                margins=(14, 0, 8, 0),
            )
        )
        said = (window.label, formats.number(window.count), amounts, window.note)
        cell.setAccessibleName(", ".join(part for part in said if part))
        return cell
