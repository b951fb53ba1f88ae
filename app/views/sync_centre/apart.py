"""Work that was kept on a shared screen and cannot be taken up: to be read, copied, and given up."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.kiosk.apart import Piece, SetApart
from app.services.words import Words
from app.views.page import Toast
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import secondary
from app.views.widgets.cards import Card, SectionHeader
from app.views.widgets.dialog import Dialog
from app.views.widgets.key_value import Fact, KeyValueList
from app.views.widgets.layout import emptied, row
from app.views.widgets.text import Text


class ApartSection(ThemedWidget):
    """Hidden while there is no such work. `said` gives a toast."""

    said = Signal(object)

    def __init__(
        self, theme: Theme, apart: SetApart | None, tr: Words, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._apart = apart
        self._words = tr
        self._shown: tuple[Piece, ...] = ()
        self.dialog: Dialog | None = None
        title = self.tr("Kept, and not taken up")
        self._header = SectionHeader(theme, title, note_at_end=True)
        about = self.tr(
            "This was kept here for you when you left, but this version cannot go on with it. It stays kept, "
            "encrypted, until you give it up. Copy what you need into a new record first."
        )
        self._pieces = QVBoxLayout()
        self._pieces.setSpacing(2 * Space.M)
        self.copy = secondary(theme, self.tr("Copy all of it"), "copy", small=True)
        self.copy.clicked.connect(self._copy)
        self.give_up = secondary(theme, self.tr("Give it up"), "trash", small=True)
        self.give_up.clicked.connect(self._ask)
        card = Card(theme, inset=15, name=title)
        card.body.addWidget(Text(theme, about, Role.SECONDARY, Tone.TEXT2, wrap=True))
        card.body.addSpacing(Space.M)
        card.body.addLayout(self._pieces)
        card.body.addSpacing(Space.M)
        card.body.addLayout(row(self.copy, self.give_up, None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M - 2)
        layout.addWidget(self._header)
        layout.addWidget(card)
        self.hide()

    def follow(self) -> None:
        """Show what there is now."""
        pieces = self._apart.pieces(self._words) if self._apart is not None else ()
        self.setVisible(bool(pieces))
        if pieces == self._shown:
            return
        self._shown = pieces
        self._header.set_note(self._words.plural(len(pieces), "%n piece", "%n pieces"))
        emptied(self._pieces)
        for piece in pieces:
            self._pieces.addWidget(_PieceView(self.theme, piece, self._words))

    def _copy(self) -> None:
        if self._apart is not None:
            QGuiApplication.clipboard().setText(self._apart.text)
            self.said.emit(Toast(self.tr("Copied. It is gone from the clipboard when you leave.")))

    def _ask(self) -> None:
        count = len(self._shown)
        dialog = self.dialog = Dialog(
            self.theme,
            self.window(),
            self._words.plural(count, "Give up %n piece of kept work?", "Give up %n pieces of kept work?"),
            self.tr("It is deleted from this computer for good. Nobody can bring it back."),
            verb=self.tr("Give it up"),
            safe=self.tr("Keep it"),
            danger=True,
        )
        dialog.accepted.connect(self._go)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _go(self) -> None:
        if self._apart is not None:
            self._apart.give_up()
            self.follow()
            self.said.emit(Toast(self.tr("Given up and deleted.")))


class _PieceView(QWidget):
    """What it is, and what stands in it."""

    def __init__(self, theme: Theme, piece: Piece, tr: Words) -> None:
        super().__init__()
        facts = KeyValueList(theme, stacked=False)
        facts.set_facts([Fact(name, value) for name, value in piece.facts])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.S)
        layout.addWidget(Text(theme, piece.title, Role.NAME))
        layout.addWidget(facts)
        if piece.more:
            more = tr.plural(piece.more, "%n more line is copied too", "%n more lines are copied too")
            layout.addWidget(Text(theme, more, Role.SECONDARY, Tone.TEXT3))
        self.setAccessibleName(piece.title)
