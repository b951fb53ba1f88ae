"""The window as it was left: where it stood on the screens, the page, the record, chip, search and scroll.

Kept in the account's own encrypted store, so that each account comes back as it was left, and without a network.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from app.services.prefs import Prefs
from app.views.page import NEW, Page, Place
from app.views.shell.fitting import fitting

_FRAME = "window.frame"
_PLACE = "window.place"
_USUAL = QSize(1280, 800)
_SMALLEST = QSize(960, 600)
_PARTS = ("page", "gid", "entity", "chip", "text")


class Restoring:
    """Writes down how a window stands, and puts it back."""

    def __init__(self, window: QWidget, prefs: Prefs) -> None:
        self._window = window
        self._prefs = prefs

    def place_window(self, instead: QRect | None = None) -> None:
        """Give the window the frame it had, as far as the screens of today show it. `instead`: another frame."""
        screens = [screen.availableGeometry() for screen in _screens()]
        self._window.setMinimumSize(_SMALLEST.boundedTo(screens[0].size()) if screens else _SMALLEST)
        known = self._prefs.get(_FRAME)
        frame = instead or _frame(known)
        if frame is None:
            self._window.resize(fitting(QRect(0, 0, _USUAL.width(), _USUAL.height()), screens).size())
            return
        self._window.setGeometry(fitting(frame, screens))
        if isinstance(known, dict) and known.get("maximised") is True:
            self._window.setWindowState(Qt.WindowState.WindowMaximized)

    def place(self) -> tuple[Place | None, int]:
        """Return where the user was and how far down; None when that is not known."""
        known = self._prefs.get(_PLACE)
        if not isinstance(known, dict):
            return None, 0
        parts = {name: value for name in _PARTS if isinstance(value := known.get(name), str)}
        down = known.get("scrolled")
        return (Place(**parts), down if isinstance(down, int) else 0) if parts.get("page") else (None, 0)

    def keep(self, page: Page | None, place: Place) -> None:
        """Write down how the window stands now."""
        window = self._window
        # While it is maximised, what it goes back to is what has to be known.
        frame = window.normalGeometry() if window.isMaximized() else window.geometry()
        rect = [frame.x(), frame.y(), frame.width(), frame.height()]
        self._prefs.set(_FRAME, {"rect": rect, "maximised": window.isMaximized()})
        known: dict[str, Any] = {name: value for name in _PARTS if (value := getattr(place, name))}
        if place.page == NEW and not place.gid:
            known = {"page": place.entity}  # a form that nothing was typed into
        down = page.scrolled() if page is not None else 0
        self._prefs.set(_PLACE, {**known, **({"scrolled": down} if down else {})})


def _frame(known: object) -> QRect | None:
    rect = known.get("rect") if isinstance(known, dict) else None
    if not isinstance(rect, list) or len(rect) != 4 or not all(isinstance(edge, int) for edge in rect):
        return None
    found = QRect(*rect)
    return found if found.width() > 0 and found.height() > 0 else None


def _screens() -> list[QScreen]:
    """All screens, the main one first; none where pictures are drawn that no screen shows."""
    if QGuiApplication.platformName() in ("offscreen", "minimal"):
        return []
    main = QGuiApplication.primaryScreen()
    return sorted(QGuiApplication.screens(), key=lambda screen: screen is not main)
