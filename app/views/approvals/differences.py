"""What changed while one was reading: how it was, struck, and how it is, side by side with a word to each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.deciding import Difference
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import primary
from app.views.widgets.cards import Card
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.text import Run, Text
from app.views.widgets.tiles import Icon


class DifferenceLine(ThemedWidget):
    """One difference: its label, then what went and what came."""

    def __init__(self, theme: Theme, one: Difference, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        label = Text(theme, one.label, Role.SECONDARY, Tone.TEXT2, wrap=True)
        label.setFixedWidth(120)
        runs = []
        if one.before:
            runs.append(Run(one.before, Tone.BAD, ground=Tone.BAD, struck=True))
            runs.append(Run("  "))
        after = one.after or self.tr("nothing")
        runs.append(Run(after, Tone.OK if one.after else Tone.TEXT3, ground=Tone.OK if one.after else None))
        words = Text.of_runs(theme, runs, Role.BODY, wrap=True)
        line = row(gap=12, align=False)
        line.addLayout(column(2, label, None))
        line.addWidget(words, 1)
        self.setLayout(line)
        before = one.before or self.tr("nothing")
        said = self.tr("{label}: was {before}, is {after}")
        self.setAccessibleName(said.format(label=one.label, before=before, after=after))
        words.setAccessibleName(self.accessibleName())


class ChangedCard(Card):
    """Says that what is shown is not what was shown before; `read` once the user has read it."""

    read = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, tint="warn", parent=parent)
        self._shown: tuple[Difference, ...] = ()
        self.setObjectName("decision.changed")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        self.button = primary(theme, self.tr("I have read the change"), small=True)
        self.button.setObjectName("decision.read")
        self.button.clicked.connect(self.read)
        title = self.tr("This changed while it was open")
        text = self.tr("What stands below is what you would decide on now. Read the change, then decide.")
        self.setAccessibleName(title)
        texts = column(
            Text(theme, title, Role.NAME, wrap=True),
            2,
            Text(theme, text, Role.SECONDARY, Tone.TEXT2, wrap=True),
            10,
            self._lines,
            12,
            row(self.button, None),
        )
        whole = row(gap=10, margins=(14, 12, 14, 12), align=False)
        whole.addLayout(column(Icon(theme, "arrows-diff", Tone.WARN, 18), None))
        whole.addLayout(texts, 1)
        self.body.addLayout(whole)
        self.hide()

    @property
    def shown(self) -> tuple[Difference, ...]:
        """The differences that stand here."""
        return self._shown

    def show_differences(self, differences: Sequence[Difference]) -> None:
        """Show these; none hides the card."""
        if tuple(differences) != self._shown:
            self._shown = tuple(differences)
            emptied(self._lines)
            for one in differences:
                self._lines.addWidget(DifferenceLine(self._theme, one))
        self.setVisible(bool(differences))
