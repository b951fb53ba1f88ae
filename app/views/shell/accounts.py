"""The switcher: which vendor is open, the others as they were left, and the way to add one.

Usage::

    switch = AccountSwitch(theme, nav, desk, window)
    switch.wanted.connect(client.switch)       # an account's id
    switch.add_wanted.connect(client.add)

A click on the head of the navigation opens the list; Ctrl+1 to Ctrl+9 go to an account at once.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QPushButton, QSizePolicy, QWidget
from shiboken6 import isValid

from app.contract.manifest import Brand
from app.services.vendors import VendorLine
from app.views.shell.desk import Desk
from app.views.shell.keys import caps
from app.views.theme.brand_mark import paint_tile
from app.views.theme.fonts import Role
from app.views.theme.paint import draw_focus, draw_key, draw_text, key_width, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tokens, Tone, with_brand
from app.views.widgets.base import ThemedWidget, keyboard_came
from app.views.widgets.buttons import link
from app.views.widgets.cards import Rule
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.nav import NavList
from app.views.widgets.text import Text

_WIDTH = 384
_ROW = 52
_TILE = 28
_MOST_KEYS = 9


class AccountRow(QPushButton):
    """One account: the vendor's initial in its colour, vendor and person, how it was left, its key."""

    def __init__(self, theme: Theme, line: VendorLine, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.line = line
        self._key = key
        self._focus_by_key = False
        self.setFlat(True)
        self.setFixedHeight(_ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setObjectName(f"account.{line.id}")
        self.setAccessibleName(", ".join((line.vendor, line.person, line.detail)))
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH - 16, _ROW)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, tokens = self._theme, self._theme.tokens
        painter = QPainter(self)
        if self.line.open:
            rounded(painter, self.rect(), Radius.CONTROL, tokens.accent_soft)
        elif self.underMouse() or self.isDown() or self.hasFocus():
            rounded(painter, self.rect(), Radius.CONTROL, tokens.fill)
        self._paint_tile(painter, self._lead(QRect(8, (_ROW - _TILE) // 2, _TILE, _TILE)))
        far = self._paint_key(painter)
        side = Qt.AlignmentFlag.AlignRight if self._mirrored else Qt.AlignmentFlag.AlignLeft
        room = self.width() - 8 - _TILE - 12 - far - 12
        first = self._lead(QRect(8 + _TILE + 12, 8, room, 18))
        second = self._lead(QRect(8 + _TILE + 12, 27, room, 16))
        words = f"{self.line.person} · {self.line.detail}"
        draw_text(painter, first, self.line.vendor, theme.font(Role.NAME), tokens.text, side)
        # On the soft ground of the open one, the quietest tone would be too faint.
        quiet = tokens.text2 if self.line.open else tokens.text3
        draw_text(painter, second, words, theme.font(Role.SECONDARY), quiet, side)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, theme, self.rect())
        painter.end()

    @property
    def _mirrored(self) -> bool:
        return self.layoutDirection() is Qt.LayoutDirection.RightToLeft

    def _lead(self, rect: QRect) -> QRect:
        """The same rectangle from the leading edge of this row."""
        if not self._mirrored:
            return rect
        return QRect(self.width() - rect.x() - rect.width(), rect.y(), rect.width(), rect.height())

    def _paint_tile(self, painter: QPainter, rect: QRect) -> None:
        tokens = _branded(self._theme.tokens, self.line.accent)
        vendor = self.line.vendor
        brand = Brand(vendor=vendor, initial=vendor[:1], mark=self.line.mark)
        painter.save()
        painter.translate(rect.topLeft())
        font = self._theme.font(Role.STRONG)
        paint_tile(painter, rect.width(), brand, tokens.accent_fill, tokens.on_fill, font)
        painter.restore()

    def _paint_key(self, painter: QPainter) -> int:
        """Draw the caps at the far end; return how much room they take."""
        used = 8
        for cap in reversed(caps(self._key) if self._key else ()):
            width = key_width(self._theme, cap)
            place = self._lead(QRect(self.width() - used - width, (_ROW - 18) // 2, width, 18))
            draw_key(painter, self._theme, QPoint(place.x(), place.y()), cap)
            used += width + 4
        return used


class _Card(ThemedWidget):
    """The rounded ground of the list; it paints itself because it lies over other widgets."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rounded(painter, self.rect(), Radius.CARD, self.theme.tokens.surface, self.theme.tokens.line2)
        painter.end()


class AccountsMenu(ThemedWidget):
    """A card over the window, which it covers unseen: a click beside the card or Escape closes it."""

    chosen = Signal(str)
    add_asked = Signal()

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(theme, window)
        self._window = window
        self._before: QWidget | None = None
        self.setAccessibleName(self.tr("Vendors"))
        self.card = _Card(theme, self)
        self.card.setFixedWidth(_WIDTH)
        self._title = Text(theme, self.tr("Vendors on this computer"), Role.TABLE_HEAD, Tone.TEXT3)
        self._rows = column(gap=2)
        self._add = link(theme, self.tr("Add a vendor"), "plus")
        self._add.setObjectName("account.add")
        self._add.clicked.connect(self._on_add)
        note = self.tr("Only the open one syncs. Each is kept encrypted on its own.")
        self._note = Text(theme, note, Role.CAPTION, Tone.TEXT3, wrap=True)
        self.card.setLayout(
            column(
                row(self._title, margins=(9, 4, 9, 6)),
                self._rows,
                6,
                Rule(theme),
                row(self._add, None, margins=(9, 8, 9, 4)),
                column(self._note, margins=(9, 0, 9, 6)),
                margins=(8, 8, 8, 6),
            )
        )
        window.installEventFilter(self)
        self.hide()

    @property
    def rows(self) -> list[AccountRow]:
        """The accounts that are listed."""
        found = (self._rows.itemAt(n) for n in range(self._rows.count()))
        widgets = (item.widget() for item in found if item is not None)
        return [one for one in widgets if isinstance(one, AccountRow)]

    def open_below(self, anchor: QWidget, lines: tuple[VendorLine, ...], *, may_add: bool) -> None:
        """Show the accounts below a widget; the first that is not open has the keyboard."""
        emptied(self._rows)
        for number, line in enumerate(lines):
            entry = AccountRow(self.theme, line, key_of(number) if len(lines) > 1 else "", self.card)
            entry.clicked.connect(lambda _on=False, account=line.id: self._choose(account))
            self._rows.addWidget(entry)
        self._add.setVisible(may_add)
        self._before = QApplication.focusWidget()
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self.card.adjustSize()
        x = anchor.width() - _WIDTH if self.mirrored else 0
        self.card.move(anchor.mapTo(self._window, QPoint(x, anchor.height() + 2)))
        first = next((one for one in self.rows if not one.line.open), None)
        (first or self._add).setFocus(Qt.FocusReason.PopupFocusReason)

    def close_menu(self) -> None:
        """Hide it and give the keyboard back to where it was."""
        self.hide()
        if self._before is not None and isValid(self._before) and not self._before.isHidden():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None

    def _choose(self, account: str) -> None:
        self.close_menu()
        self.chosen.emit(account)

    def _on_add(self) -> None:
        self.close_menu()
        self.add_asked.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() is QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._window.rect())
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.card.geometry().contains(event.position().toPoint()):
            self.close_menu()
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:
        self._step(1 if forward else -1)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        key, here = Qt.Key(event.key()), self.focusWidget()
        if key is Qt.Key.Key_Escape:
            self.close_menu()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and isinstance(here, QPushButton):
            here.click()
        elif key in steps:
            self._step(steps[key])
        event.accept()

    def _step(self, by: int) -> None:
        """The keyboard stays in the list while it is open."""
        stops: list[QWidget] = [*self.rows, *([self._add] if self._add.isVisible() else [])]
        here = self.focusWidget()
        at = stops.index(here) if here in stops else -1
        if stops:
            stops[(at + by) % len(stops)].setFocus(Qt.FocusReason.TabFocusReason)


class AccountSwitch(QObject):
    """Ties the head of the navigation to the list of accounts."""

    wanted = Signal(str)
    """An account's id, which is not the open one."""
    add_wanted = Signal()

    def __init__(self, theme: Theme, nav: NavList, desk: Desk, window: QWidget) -> None:
        super().__init__(window)
        self._nav = nav
        self._desk = desk
        self.menu = AccountsMenu(theme, window)
        self.menu.chosen.connect(self.go_to)
        self.menu.add_asked.connect(self.add_wanted)
        nav.head_clicked.connect(self.open_menu)
        nav.head.set_opens(desk.may_add or len(self.lines()) > 1)

    def lines(self) -> tuple[VendorLine, ...]:
        """All accounts of this computer, in the order of their keys."""
        return self._desk.accounts()

    @property
    def may_add(self) -> bool:
        """Whether another vendor may be added here."""
        return self._desk.may_add

    def open_menu(self) -> None:
        """Show the list of accounts."""
        self.menu.open_below(self._nav.head, self.lines(), may_add=self._desk.may_add)

    def go_to(self, account: str) -> None:
        """Ask for an account; the open one is here already."""
        if any(line.id == account and not line.open for line in self.lines()):
            self.wanted.emit(account)

    def go_to_number(self, number: int) -> None:
        """Ask for the account of a key, counted from nought; a key without one does nothing."""
        lines = self.lines()
        if number < len(lines):
            self.go_to(lines[number].id)


def key_of(number: int) -> str:
    """The key of an account by its place in the list, counted from nought; empty beyond the ninth."""
    return f"Ctrl+{number + 1}" if number < _MOST_KEYS else ""


def _branded(tokens: Tokens, accent: str) -> Tokens:
    try:
        return with_brand(tokens, accent) if accent else tokens
    except ValueError:
        return tokens
