"""Keys of the window: two-stroke *G then H* for places, and the sheet that shows them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.views.page import Key
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.dialog import Dialog
from app.views.widgets.layout import holding, row
from app.views.widgets.pills import KeyCap
from app.views.widgets.text import Text


def caps(keys: str) -> tuple[str, ...]:
    """Split "Ctrl+Shift+R" or "G, D" into key caps."""
    parts = [part for stroke in keys.split(", ") for part in stroke.split("+") if part]
    return tuple("↵" if part == "Return" else part for part in parts)


class KeyRing:
    """The shortcuts of one owner: the window's own, or those of the page that is shown."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._shortcuts: list[QShortcut] = []

    def set_keys(self, keys: Sequence[Key]) -> None:
        """Replace the keys."""
        for old in self._shortcuts:
            old.setEnabled(False)
            old.deleteLater()
        self._shortcuts = [self._shortcut(key.keys, key.run) for key in keys]

    def _shortcut(self, keys: str, run: Callable[[], None]) -> QShortcut:
        shortcut = QShortcut(QKeySequence(keys), self._window)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(run)
        return shortcut


class KeySheet(Dialog):
    """All keys in one list."""

    def __init__(self, theme: Theme, window: QWidget, keys: Sequence[Key]) -> None:
        super().__init__(
            theme, window, window.tr("Keys"), "", verb=window.tr("Close"), safe=window.tr("Back")
        )
        self._safe.hide()
        for key in keys:
            line = row(Text(theme, key.words, Role.BODY, Tone.TEXT2), None, KeyCap(theme, *caps(key.keys)))
            self.body.addWidget(holding(line))
