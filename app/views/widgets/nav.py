"""The navigation at the leading edge: vendor, places with counts, and below them sync centre, settings and the user.

Usage::

    nav = NavList(theme, vendor="Halden Systems", company="Brightwater IT Ltd")
    nav.set_places([NavItem("home", "Home", "home"), NavItem("deals", "Deals", "briefcase", "23")])
    nav.set_footer_places([NavItem("sync", "Sync centre", "arrows-diff", "6")])
    nav.set_user("Maya Okafor", "Sales manager")
    nav.chosen.connect(window.show_place)      # the key
    nav.select("home"); nav.set_count("deals", "24")
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.bridge.tips import plain_tip
from app.contract.manifest import Brand
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_focus, draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Radius, Tone, Width
from app.views.widgets.base import Panel, keyboard_came
from app.views.widgets.cards import Rule
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Avatar, Icon, LogoTile


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place: key, word, icon name and what stands at the right: a count, *Ready*, a per cent or *Next*.

    ``quiet`` greys the word while the first sync has not reached the place.
    """

    key: str
    text: str
    icon: str
    count: str = ""
    quiet: bool = False


#: Around the words of a row: its ends, the icon and the gap behind it, the gap before a count.
_ENDS, _ICON, _GAP = 16, 28, 8
#: The room beside a row: the list's own margins.
_MARGINS = 17


class NavRow(QPushButton):
    """One place, 32 high; selected: accent-soft ground, accent words, 600."""

    def __init__(self, theme: Theme, item: NavItem, parent: QWidget | None = None) -> None:
        super().__init__(item.text, parent)
        self._theme = theme
        self._icon_name = item.icon
        self._count = ""
        self._quiet = item.quiet
        self._focus_by_key = False
        self.setCheckable(True)
        self.setAutoExclusive(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_count(item.count)
        theme.changed.connect(self._on_theme)

    @property
    def count(self) -> str:
        return self._count

    @property
    def needs(self) -> int:
        """The width at which nothing of it is cut."""
        count = text_width(self._theme.font(Role.SECONDARY), self._count) + _GAP if self._count else 0
        return _ENDS + _ICON + text_width(self._theme.font(Role.STRONG), self.text()) + count

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._offer_whole_text()

    def _offer_whole_text(self) -> None:
        self.setToolTip(plain_tip(self.text() if self.needs > self.width() else ""))

    def set_count(self, count: str, *, quiet: bool | None = None) -> None:
        self._count = count
        if quiet is not None:
            self._quiet = quiet
        self._offer_whole_text()
        self.setAccessibleName(f"{self.text()}, {count}" if count else self.text())
        self.update()

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(Width.NAV - _MARGINS, Height.NAV_ROW)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def nextCheckState(self) -> None:
        # Only the list decides what is selected: a click asks, it does not toggle.
        return

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        on = self.isChecked()
        if on:
            rounded(painter, self.rect(), Radius.CONTROL, tokens.accent_soft)
        elif self.underMouse() or self.isDown():
            rounded(painter, self.rect(), Radius.CONTROL, tokens.fill)
        word = tokens.accent if on else tokens.text3 if self._quiet else tokens.text2
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        word_side, count_side = (right, left) if mirrored else (left, right)
        icon_x = self.width() - 8 - 18 if mirrored else 8
        self._theme.draw_icon(painter, icon_x, (self.height() - 18) // 2, self._icon_name, word, 18)
        inner = self.rect().adjusted(8, 0, -8, 0)
        used = 0
        if self._count:
            font = self._theme.font(Role.SECONDARY)
            colour = tokens.accent if on else tokens.text3
            used = draw_text(painter, inner, self._count, font, colour, count_side) + 8
        font = self._theme.font(Role.STRONG if on else Role.NAME)
        shift = 28
        room = QRect(inner.left() + shift, 0, inner.width() - shift - used, self.height())
        if mirrored:
            room.moveLeft(inner.left() + used)
        draw_text(painter, room, self.text(), font, word, word_side)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect())
        painter.end()


class UserRow(QPushButton):
    """Who is signed in; a click opens the account's menu."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._focus_by_key = False
        self.setFlat(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._avatar = Avatar(theme, "", 28, own=True)
        self._name = Text(theme, "", Role.LABEL, elide=True)
        self._role = Text(theme, "", Role.CAPTION, Tone.TEXT3, elide=True)
        self.setLayout(row(self._avatar, column(self._name, self._role), gap=10, margins=(8, 6, 8, 6)))
        for child in (self._avatar, self._name, self._role):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self._on_theme)

    def show_user(self, name: str, role: str) -> None:
        self._avatar.show_person(name, own=True)
        self._name.set_text(name)
        self._role.set_text(role)
        self.setAccessibleName(f"{name}, {role}" if role else name)

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(Width.NAV - _MARGINS, 44)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.underMouse() or self.isDown():
            rounded(painter, self.rect(), Radius.CONTROL, self._theme.tokens.fill)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect())
        painter.end()


class HeadRow(QPushButton):
    """The vendor and the company; once ``set_opens`` was told so, a click opens the list of accounts."""

    def __init__(self, theme: Theme, vendor: str, company: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._focus_by_key = False
        self._opens = False
        self.setFlat(True)
        self.setObjectName("nav.head")
        self.setFixedHeight(48)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._logo = LogoTile(theme, Brand(vendor=vendor, initial=vendor[:1]))
        self._vendor = Text(theme, vendor, Role.STRONG, elide=True)
        self._company = Text(theme, company, Role.CAPTION, Tone.TEXT3, elide=True)
        # Title and subtitle of the header share two pixels of their lines.
        self._vendor.setContentsMargins(0, 2, 0, 0)
        self._vendor.setFixedHeight(18)
        self._chevron = Icon(theme, "chevron-down", Tone.TEXT3, 14)
        line = row(self._logo, gap=10, margins=(8, 0, 8, 0))
        line.addLayout(column(self._vendor, self._company), 1)
        line.addWidget(self._chevron)
        self.setLayout(line)
        for child in (self._logo, self._vendor, self._company, self._chevron):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.set_opens(False)
        theme.changed.connect(self._on_theme)

    @property
    def needs(self) -> int:
        """The width at which neither name is cut."""
        words = max(self._vendor.sizeHint().width(), self._company.sizeHint().width())
        return _ENDS + self._logo.width() + 10 + words + (10 + 14 if self._opens else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._say()

    def show_vendor(self, brand: Brand, company: str) -> None:
        self._logo.show_brand(brand)
        self._vendor.set_text(brand.vendor)
        self._company.set_text(company)
        self._say()

    def set_opens(self, opens: bool) -> None:
        """Whether there is anything behind it; otherwise it only says where one is."""
        self._opens = opens
        self._chevron.setVisible(opens)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if opens else Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not opens)
        self._say()

    def _say(self) -> None:
        names = ", ".join(part for part in (self._vendor.text(), self._company.text()) if part)
        self.setAccessibleName(names)
        words = self.tr("Switch to another vendor, or add one") if self._opens else ""
        cut = names if self.needs > self.width() else ""
        self.setToolTip(plain_tip("\n".join(part for part in (cut, words) if part)))
        self.setAccessibleDescription(words)

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(Width.NAV - _MARGINS, 48)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._opens and (self.underMouse() or self.isDown()):
            rounded(painter, self.rect(), Radius.CONTROL, self._theme.tokens.fill)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect())
        painter.end()


class NavList(Panel):
    """208 wide, or as wide as its words need up to 264; what is longer is cut and says itself in a tip.

    ``chosen`` gives the key of the place the user asked for; the page owner answers with ``select``.
    """

    chosen = Signal(str)
    user_clicked = Signal()
    head_clicked = Signal()

    def __init__(self, theme: Theme, vendor: str, company: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, "bg", rules="trailing", parent=parent)
        self.setFixedWidth(Width.NAV)
        self.setAccessibleName(self.tr("Places"))
        self._rows: dict[str, NavRow] = {}
        self.head = HeadRow(theme, vendor, company)
        self.head.clicked.connect(self.head_clicked)
        self._places = QVBoxLayout()
        self._places.setSpacing(2)
        self._pinned_head = Text(theme, self.tr("Pinned"), Role.TABLE_HEAD, Tone.TEXT3)
        self._pinned_head.setContentsMargins(12, 12, 0, 4)
        self._pinned_head.hide()
        self._pinned = QVBoxLayout()
        self._pinned.setSpacing(2)
        self._footer = QVBoxLayout()
        self._footer.setSpacing(2)
        self._user = UserRow(theme)
        self._user.clicked.connect(self.user_clicked)
        self.setLayout(
            column(
                8,
                self.head,
                8,
                self._places,
                self._pinned_head,
                self._pinned,
                None,
                self._footer,
                10,
                Rule(theme),
                4,
                self._user,
                margins=(8, 0, 9, 6),
            )
        )

    def set_vendor(self, brand: Brand, company: str) -> None:
        self.head.show_vendor(brand, company)
        self._fit()

    def set_user(self, name: str, role: str) -> None:
        self._user.show_user(name, role)

    def set_places(self, items: Sequence[NavItem]) -> None:
        """The places of the manifest, in order; replaces earlier ones and keeps the selection where it can."""
        self._replace(self._places, items)
        self._fit()

    def set_pinned(self, items: Sequence[NavItem]) -> None:
        """Records to come back to, below the places."""
        self._pinned_head.setVisible(bool(items))
        self._replace(self._pinned, items)

    def set_footer_places(self, items: Sequence[NavItem]) -> None:
        self._replace(self._footer, items)
        self._fit()

    def select(self, key: str) -> None:
        """Show where the user is; an unknown key selects nothing."""
        for name, entry in self._rows.items():
            entry.setChecked(name == key)

    def current(self) -> str:
        return next((key for key, entry in self._rows.items() if entry.isChecked()), "")

    def set_count(self, key: str, count: str, *, quiet: bool | None = None) -> None:
        """A new count, *Ready*, a per cent or *Next*; unknown keys are ignored, since manifests differ."""
        found = self._rows.get(key)
        if found is not None:
            found.set_count(count, quiet=quiet)
            # It gives way to a longer count, and does not draw back when that is gone: a list must not jump.
            self._fit(least=self.width())

    def _fit(self, least: int = Width.NAV) -> None:
        """Be as wide as head and places need. Pinned records do not count: their titles are as long as they like."""
        places = (*self._rows_of(self._places), *self._rows_of(self._footer))
        needs = max((self.head.needs, *(place.needs for place in places))) + _MARGINS
        self.setFixedWidth(max(least, Width.NAV, min(needs, Width.NAV_MOST)))

    def focus_rows(self) -> None:
        """Give the keyboard to the selected place (F6 comes here)."""
        entry = self._rows.get(self.current()) or next(iter(self._rows.values()), None)
        if entry is not None:
            entry.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        step = steps.get(Qt.Key(event.key()))
        entries = list(self._rows.values())
        here = self.focusWidget()
        focused = next((number for number, entry in enumerate(entries) if entry is here), None)
        if step is None or focused is None:
            super().keyPressEvent(event)
            return
        entries[(focused + step) % len(entries)].setFocus(Qt.FocusReason.TabFocusReason)

    def _replace(self, layout: QVBoxLayout, items: Sequence[NavItem]) -> None:
        selected = self.current()
        while (item_found := layout.takeAt(0)) is not None:
            old = item_found.widget()
            if old is not None:
                self._rows = {key: entry for key, entry in self._rows.items() if entry is not old}
                old.deleteLater()
        for item in items:
            entry = NavRow(self.theme, item, self)
            entry.clicked.connect(lambda _on=False, key=item.key: self.chosen.emit(key))
            layout.addWidget(entry)
            self._rows[item.key] = entry
        self.select(selected)
        self._order_keys()

    def _order_keys(self) -> None:
        """Tab goes down as the eye does; rows are made after the user's row, which Qt would put first."""
        stops: list[QWidget] = [
            self.head,
            *self._rows_of(self._places),
            *self._rows_of(self._pinned),
            *self._rows_of(self._footer),
            self._user,
        ]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _rows_of(self, layout: QVBoxLayout) -> list[NavRow]:
        found = (self._rows[key] for key in self._rows)
        return [entry for entry in found if layout.indexOf(entry) >= 0]
