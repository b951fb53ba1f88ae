"""The icon in the system's tray: how many jobs wait, what can be done without the window, and one line now and then.

Only where the system has a tray; elsewhere nothing of it is there. `Tray.available()` says so.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.bridge.engine import Bridge
from app.bridge.tips import unmarked
from app.contract.manifest import Brand
from app.services.notices import Notification
from app.services.portal import Portal
from app.services.views_model import Target
from app.views.theme.brand_mark import paint_tile
from app.views.theme.fonts import Role
from app.views.theme.paint import rounded
from app.views.theme.theme import Theme

_SIZE = 64
_BADGE = 40
_MOST = 9


def tray_icon(theme: Theme, brand: Brand, count: int) -> QIcon:
    """The vendor's mark on the accent, with the number of jobs in a badge; above nine it says *9+*."""
    pixmap = QPixmap(_SIZE, _SIZE)
    pixmap.fill(Qt.GlobalColor.transparent)
    tokens = theme.tokens
    painter = QPainter(pixmap)
    font = theme.font(Role.STRONG)
    paint_tile(painter, _SIZE, brand, tokens.accent_fill, tokens.on_fill, QFont(font))
    if count:
        at = QRect(_SIZE - _BADGE, _SIZE - _BADGE, _BADGE, _BADGE)
        rounded(painter, at, _BADGE // 2, tokens.surface)
        inner = at.adjusted(3, 3, -3, -3)
        rounded(painter, inner, inner.width() // 2, tokens.bad)
        font.setPixelSize(22 if count > _MOST else 26)
        painter.setFont(font)
        painter.setPen(QColor(tokens.surface))
        painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, f"{_MOST}+" if count > _MOST else str(count))
    painter.end()
    return QIcon(pixmap)


def locked_icon(theme: Theme, brand: Brand) -> QIcon:
    """The vendor's mark with a lock in the badge."""
    pixmap = tray_icon(theme, brand, 0).pixmap(_SIZE, _SIZE)
    tokens = theme.tokens
    painter = QPainter(pixmap)
    at = QRect(_SIZE - _BADGE, _SIZE - _BADGE, _BADGE, _BADGE)
    rounded(painter, at, _BADGE // 2, tokens.surface)
    inner = at.adjusted(3, 3, -3, -3)
    rounded(painter, inner, inner.width() // 2, tokens.text)
    painter.drawPixmap(inner.adjusted(6, 6, -6, -6), theme.icons.pixmap("lock", tokens.surface, 22, 2.0))
    painter.end()
    return QIcon(pixmap)


class Tray(QObject):
    """`opened`: bring the window to the front, with a Target or None; `quit_asked`: leave altogether."""

    opened = Signal(object)
    quit_asked = Signal()

    def __init__(self, theme: Theme, portal: Portal, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._brand = portal.manifest.brand
        self._vendor = self._brand.vendor
        self._words = portal.formats.tr
        self._bridge = bridge
        self._count = 0
        self._target: Target | None = None
        self.menu = QMenu()
        self.menu.setToolTipsVisible(True)
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_activated)
        self.icon.messageClicked.connect(lambda: self.opened.emit(self._target))
        self._open = self._action(self.tr("Open"), lambda: self.opened.emit(None))
        self._sync = self._action(self.tr("Sync now"), bridge.wake)
        self._offline = self._action("", self._switch)
        self.menu.addSeparator()
        self._quit = self._action(self.tr("Quit"), self.quit_asked.emit)
        bridge.statusChanged.connect(self._show_status)
        theme.changed.connect(self._show_count)
        self._show_status()
        self.show_count(0)

    @staticmethod
    def available() -> bool:
        """Whether this system has a tray now."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def _action(self, text: str, run: Callable[[], None]) -> QAction:
        action = QAction(text, self.menu)
        action.triggered.connect(lambda _on=False: run())
        self.menu.addAction(action)
        return action

    def show_count(self, count: int) -> None:
        """So many jobs wait for the user."""
        self._count = count
        self._show_count()

    def _show_count(self) -> None:
        self.icon.setIcon(tray_icon(self._theme, self._brand, self._count))
        waits = self._words.plural(self._count, "%n job for you", "%n jobs for you") if self._count else ""
        self.icon.setToolTip(unmarked(" · ".join(part for part in (self._vendor, waits) if part)))

    def _show_status(self) -> None:
        offline = self._bridge.offline_by_choice
        self._offline.setText(self.tr("Go online") if offline else self.tr("Work offline"))
        self._sync.setEnabled(not offline)
        self._sync.setToolTip(self.tr("You work offline.") if offline else "")

    def _switch(self) -> None:
        self._bridge.set_offline(not self._bridge.offline_by_choice)

    def tell(self, said: Notification) -> None:
        """One line beside the tray; a click leads to what it is about."""
        self._target = said.target
        self.icon.showMessage(unmarked(self._vendor), unmarked(said.text), self.icon.icon())

    def say_it_stays(self) -> None:
        """The window was closed and the app goes on here; said once."""
        self._target = None
        words = self.tr("Counterpart goes on in the tray and keeps in step. Quit it from its menu.")
        self.icon.showMessage(unmarked(self._vendor), words, self.icon.icon())

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.opened.emit(None)

    def close(self) -> None:
        """Take the icon out of the tray."""
        self.icon.hide()
        self.menu.deleteLater()
