"""The icon in the tray while the account is locked: it says so, unlocks by way of the window, and quits."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.bridge.tips import unmarked
from app.contract.manifest import Brand
from app.views.shell.tray import locked_icon
from app.views.theme.theme import Theme


class LockedTray(QObject):
    """`opened`: bring the window to the front; `quit_asked`: leave altogether. It knows nothing of the account."""

    opened = Signal()
    quit_asked = Signal()

    def __init__(self, theme: Theme, brand: Brand, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._brand = brand
        self.menu = QMenu()
        self.menu.addAction(self.tr("Unlock …"), self.opened.emit)
        self.menu.addSeparator()
        self.menu.addAction(self.tr("Quit"), self.quit_asked.emit)
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_activated)
        self.icon.setToolTip(unmarked(" · ".join((brand.vendor, self.tr("locked")))))
        theme.changed.connect(self._paint)
        self._paint()
        self.icon.show()

    def _paint(self) -> None:
        self.icon.setIcon(locked_icon(self._theme, self._brand))

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.opened.emit()

    def close(self) -> None:
        """Take the icon out of the tray."""
        self.icon.hide()
        self.menu.deleteLater()
        self.deleteLater()
