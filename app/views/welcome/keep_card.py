"""The offer to keep documents on this computer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.services.format import Formats
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.buttons import primary, secondary
from app.views.widgets.cards import Card
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon


class KeepCard(Card):
    """Pin, what would be kept and how much it is, and two buttons."""

    choose_asked = Signal()
    keep_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, tint="raised", name=self.tr("Keep documents offline too?"), parent=parent)
        self._kept = False
        self._icon = Icon(theme, "pin", Tone.TEXT2, 18)
        self._title = Text(theme, self.tr("Keep documents offline too?"), Role.NAME)
        self._text = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self.choose = secondary(theme, self.tr("Choose files"), small=True)
        self.keep = primary(theme, self.tr("Keep these"), small=True)
        self.choose.clicked.connect(self.choose_asked)
        self.keep.clicked.connect(self.keep_asked)
        line = row(self._icon, gap=12, margins=(20, 14, 20, 14))
        line.addLayout(column(self._title, self._text), 1)
        line.addWidget(self.choose)
        line.addWidget(self.keep)
        self.body.addLayout(line)

    def show_offer(self, count: int, size: int, formats: Formats) -> None:
        """Offer the documents that are known by now; nothing is offered before there are any."""
        if self._kept:
            return
        self.setVisible(count > 0)
        words = self.tr(
            "Price lists, data sheets and agreements: {count} files, {size}. Others open when you are online."
        )
        self._text.set_text(words.format(count=formats.number(count), size=formats.size(size)))

    def show_kept(self, count: int, size: int, formats: Formats) -> None:
        """Say what was decided."""
        self._kept = True
        self._icon.show_icon("pin-filled", Tone.ACCENT)
        self._title.set_text(self.tr("Documents are kept offline"))
        words = self.tr("{count} files, {size}. They come in after the records; each can be let go again.")
        self._text.set_text(words.format(count=formats.number(count), size=formats.size(size)))
        self.keep.hide()
