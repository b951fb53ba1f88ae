"""A record that was deleted at the vendor while something local was pending: what is kept, and two ways on."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QWidget

from app.services.views_model import ConflictField, ConflictView
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import primary, secondary
from app.views.widgets.cards import Card
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import IconTile


class GoneAnswer(ThemedWidget):
    """`answered` with True: keep my text as a new draft; False: let it go."""

    answered = Signal(bool)

    def __init__(
        self,
        theme: Theme,
        view: ConflictView,
        noun: str,
        when: str,
        *,
        may_keep: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """`noun`: *deal*; `when`: when it was written, in words; `may_keep`: this user may add such a record."""
        super().__init__(theme, parent)
        card = Card(theme, inset=16, name=self.tr("What you entered"))
        card.body.setSpacing(Space.S)
        card.body.addWidget(Text(theme, self.tr("What you entered"), Role.STRONG))
        note = self.tr("Written {when}. It is kept here, encrypted, until you decide.").format(when=when)
        card.body.addWidget(Text(theme, note, Role.SECONDARY, Tone.TEXT3, wrap=True))
        facts = KeyValueList(theme, label_width=132)
        facts.set_facts([_fact(field) for field in view.fields])
        card.body.addWidget(facts)
        self.keep = self._way(
            "file-plus",
            Tone.ACCENT,
            self.tr("Keep it as a new draft"),
            self.tr(
                "A new {noun} with your values opens as a draft. Nothing is sent until you submit it."
            ).format(noun=noun),
        )
        self.drop = self._way(
            "trash",
            Tone.NEUTRAL,
            self.tr("Let it go"),
            self.tr(
                "The {noun} goes from this computer as well. The activity list keeps that it happened."
            ).format(noun=noun),
        )
        self.keep_button = primary(theme, self.tr("Keep as draft"))
        self.drop_button = secondary(theme, self.tr("Discard my change"))
        self.keep_button.clicked.connect(lambda: self.answered.emit(True))
        self.drop_button.clicked.connect(lambda: self.answered.emit(False))
        for way, button in ((self.keep, self.keep_button), (self.drop, self.drop_button)):
            way.body.addWidget(button)
        ways = row(gap=Space.L, align=False)
        ways.addWidget(self.keep, 1)
        ways.addWidget(self.drop, 1)
        self.keep.setVisible(may_keep)
        self.setLayout(column(card, Space.L, ways))

    def _way(self, icon: str, tone: Tone, title: str, text: str) -> Card:
        theme = self.theme
        way = Card(theme, inset=16, name=title)
        way.body.setSpacing(Space.M)
        words = column(
            Text(theme, title, Role.NAME), Text(theme, text, Role.SECONDARY, Tone.TEXT2, wrap=True)
        )
        line = row(IconTile(theme, icon, tone), gap=Space.M, align=False)
        line.addLayout(words, 1)
        way.body.addLayout(line)
        way.body.addStretch(1)
        return way


def _fact(field: ConflictField) -> Fact:
    before = QCoreApplication.translate("Gone", "was {value}").format(value=field.base_words)
    return Fact(field.label, field.mine_words, before, mark=True)
