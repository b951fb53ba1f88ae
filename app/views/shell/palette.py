"""The command palette: a field and a list over a scrim, opened with Ctrl+K.

Usage::

    palette = PaletteOverlay(theme, parent=window, ask=source.ask)   # ask(query, show): show(entries), once
    palette.open("Searches everything kept on this computer")

The text field keeps the keyboard; up and down move the selection, Return runs it, Escape closes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.views.shell.palette_list import Entry, PaletteDelegate, PaletteModel
from app.views.theme.fonts import Role
from app.views.theme.paint import rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tone, Width
from app.views.widgets.base import Panel, ThemedWidget
from app.views.widgets.cards import Rule
from app.views.widgets.layout import holding, row
from app.views.widgets.pills import KeyCap
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_TOP = 112
_FIELD = 52
_FOOTER = 36
_LIST_LIMIT = 440


#: Asks for what answers a query; what is found is shown once, now or soon.
Ask = Callable[[str, Callable[[Sequence[Entry]], None]], None]


class _PaletteCard(ThemedWidget):
    """The rounded ground of the palette; it paints itself because it lies over other widgets."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rounded(painter, self.rect(), Radius.DIALOG, self.theme.tokens.surface, self.theme.tokens.line2)
        painter.end()


class PaletteOverlay(ThemedWidget):
    """Covers the whole of its parent while open. `closed` follows every closing, also after a run."""

    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget, ask: Ask) -> None:
        super().__init__(theme, parent)
        self._ask = ask
        self._waiting = False
        self._run_when_found = False
        self._asked = 0
        self._before: QWidget | None = None
        self.setAccessibleName(self.tr("Command palette"))
        self._window = parent
        self._edit = QLineEdit()
        self._edit.setProperty("kind", "bare")
        self._edit.setFont(theme.font(Role.LEAD))
        self._edit.setPlaceholderText(self.tr("Do, go to, or find"))
        self._edit.setAccessibleName(self.tr("Do, go to, or find"))
        self._edit.installEventFilter(self)
        self._edit.textEdited.connect(self._fill)
        self._model = PaletteModel(self)
        self._view = self._make_view()
        self._empty = Text(theme, self.tr("Nothing found. Try fewer letters."), Role.SECONDARY, Tone.TEXT3)
        self._empty.setContentsMargins(17, 14, 17, 14)
        self._covers = Text(theme, "", Role.CAPTION, Tone.TEXT3, elide=True)
        self._card = self._make_card()
        parent.installEventFilter(self)
        self.hide()

    def _make_view(self) -> QListView:
        view = QListView()
        view.setModel(self._model)
        view.setItemDelegate(PaletteDelegate(self.theme, view))
        view.setFrameShape(QListView.Shape.NoFrame)
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setAccessibleName(self.tr("What was found"))
        view.entered.connect(self._hovered)
        view.clicked.connect(self._clicked)
        return view

    def _make_card(self) -> QWidget:
        theme = self.theme
        card = _PaletteCard(theme, self)
        field = holding(
            row(Icon(theme, "search", Tone.TEXT2, 20, self.tr("Search")), gap=10, margins=(17, 0, 17, 0))
        )
        field_row = field.layout()
        if field_row is not None:
            field_row.addWidget(self._edit)
            field_row.addWidget(KeyCap(theme, "Esc"))
        field.setFixedHeight(_FIELD)
        footer = Panel(theme, "raised", corners="bottom")
        footer.setLayout(
            row(
                self._covers,
                None,
                KeyCap(theme, "↑", "↓"),
                Text(theme, self.tr("move"), Role.CAPTION, Tone.TEXT3),
                8,
                KeyCap(theme, "↵"),
                Text(theme, self.tr("run"), Role.CAPTION, Tone.TEXT3),
                gap=6,
                margins=(16, 0, 16, 0),
            )
        )
        footer.setFixedHeight(_FOOTER)
        layout = QVBoxLayout(card)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        for part in (field, Rule(theme), self._view, self._empty, Rule(theme), footer):
            layout.addWidget(part)
        return card

    # opening and closing

    def open(self, covers: str = "", text: str = "") -> None:
        """Show it over the parent, with `text` in the field. `covers` says what a search looks through."""
        self._before = QApplication.focusWidget()
        self._covers.set_text(covers)
        self._edit.setText(text)
        self.setGeometry(self._window.rect())
        self._fill()
        self.show()
        self.raise_()
        self._edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._edit.end(False)
        if not self._waiting:
            self._choose(self._view.currentIndex().row())

    def close_palette(self) -> None:
        """Hide it and give the keyboard back to where it was."""
        if self.isHidden():
            return
        self._waiting = False
        self.hide()
        # Its page may have been built anew meanwhile.
        if self._before is not None and isValid(self._before) and not self._before.isHidden():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None
        self.closed.emit()

    @property
    def waiting(self) -> bool:
        """Whether what was typed is still being looked for."""
        return self._waiting

    def entry(self) -> Entry | None:
        """What Return would run."""
        return self._model.entry(self._view.currentIndex().row())

    def run(self) -> None:
        """Close, then run the chosen entry: it may open something that wants the keyboard.

        What is still being looked for is run when it is found.
        """
        if self._waiting:
            self._run_when_found = True
            return
        chosen = self.entry()
        if chosen is None:
            return
        if chosen.more is not None:
            self._asked += 1
            asked = self._asked
            self._covers.set_text(self.tr("Searching the other vendors…"))
            chosen.more(lambda entries, over: self._show_more(asked, entries, over=over))
            return
        self.close_palette()
        chosen.run()

    # filling

    def _fill(self) -> None:
        self._asked += 1
        self._waiting = True
        self._run_when_found = False
        self._ask(self._edit.text().strip(), self._show_found)

    def _show_found(self, entries: Sequence[Entry]) -> None:
        if not self._waiting:
            return  # closed meanwhile
        self._waiting = False
        self._model.show(entries)
        # First its size, then what is to be seen of it: what was scrolled to in a smaller one stays scrolled.
        self._lay_out()
        self._choose(self._model.step(-1, 1))
        if self._run_when_found:
            self._run_when_found = False
            self.run()

    def _show_more(self, asked: int, entries: Sequence[Entry], *, over: bool) -> None:
        """What was asked for beyond this account, as it comes; not when something else was typed meanwhile."""
        if self.isHidden() or asked != self._asked:
            return
        at = max(0, self._view.currentIndex().row())
        self._model.show(entries)
        self._choose(at if self._model.entry(at) is not None else self._model.step(-1, 1))
        self._lay_out()
        if over:
            self._covers.set_text(
                self.tr("All vendors on this computer were asked. Nothing of it was written.")
            )

    def _lay_out(self) -> None:
        wanted = self._model.height() + 7
        found = wanted > 7
        self._view.setVisible(found)
        self._empty.setVisible(not found)
        room = self.height() - _TOP - _FIELD - _FOOTER - 28
        self._view.setFixedHeight(max(80, min(wanted, _LIST_LIMIT, room)))
        width = min(Width.PALETTE, self.width() - 32)
        body = self._view.height() if found else self._empty.sizeHint().height()
        height = _FIELD + _FOOTER + 4 + body
        top = min(_TOP, max(16, (self.height() - height) // 2))
        self._card.setGeometry(QRect((self.width() - width) // 2, top, width, height))

    def _choose(self, number: int) -> None:
        index = self._model.index(number, 0) if number >= 0 else QModelIndex()
        self._view.setCurrentIndex(index)
        if number >= 0:
            # The head above the first entry of a group is part of what one wants to see.
            above = number - 1 if number and self._model.entry(number - 1) is None else number
            self._view.scrollTo(self._model.index(above, 0))
            self._view.scrollTo(index)

    def _hovered(self, index: QModelIndex) -> None:
        if self._model.entry(index.row()) is not None:
            self._view.setCurrentIndex(index)

    def _clicked(self, index: QModelIndex) -> None:
        if self._model.entry(index.row()) is not None:
            self._view.setCurrentIndex(index)
            self.run()

    # events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window:
            if event.type() is QEvent.Type.Resize and self.isVisible():
                self.setGeometry(self._window.rect())
                self._lay_out()
            return False
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._key_pressed(Qt.Key(event.key()))
        return super().eventFilter(watched, event)

    def _key_pressed(self, key: Qt.Key) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 5, Qt.Key.Key_PageUp: -5}
        if key in steps:
            self._choose(self._model.step(self._view.currentIndex().row(), steps[key]))
            return True
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.run()
            return True
        if key is Qt.Key.Key_Escape:
            self.close_palette()
            return True
        # The keyboard stays in the palette while it is open.
        return key in {Qt.Key.Key_Tab, Qt.Key.Key_Backtab}

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._card.geometry().contains(event.position().toPoint()):
            self.close_palette()
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.theme.tokens.scrim))
        painter.end()
