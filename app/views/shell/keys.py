"""The keys of the window, and how keys are written on caps.

Usage: ``keys = WindowKeys(window); keys.bind("Ctrl+K", "Palette", open_palette); keys.bind_page(page.keys())``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.views.page import Key

_CAPS = {"Return": "↵", "Enter": "↵", "Up": "↑", "Down": "↓", "Escape": "Esc", "Space": "Space"}


def caps(keys: str) -> tuple[str, ...]:
    """Key caps in the words of this system: *Ctrl*, *Shift*, *S*; a sequence such as G, H has one cap for each."""
    found: list[str] = []
    for step in keys.split(", "):
        native = QKeySequence(step).toString(QKeySequence.SequenceFormat.NativeText)
        parts = native.split("+") if native not in ("", "+") else [step]
        found.extend(_CAPS.get(part, part) for part in parts if part)
    return tuple(found)


@dataclass(frozen=True)
class Bound:
    """One line of the sheet of all keys."""

    keys: str
    words: str


class WindowKeys(QObject):
    """Keys that always work, and those of the page that is shown. `free` says whether keys may act at all now."""

    def __init__(self, window: QWidget, free: Callable[[], bool]) -> None:
        super().__init__(window)
        self._window = window
        self._free = free
        self._always: list[tuple[Bound, QShortcut]] = []
        self._of_page: list[tuple[Bound, QShortcut]] = []

    def bind(self, keys: str, words: str, run: Callable[[], None]) -> None:
        """A key that works on every page."""
        self._always.append(self._make(Key(keys, words, run)))

    def clear(self) -> None:
        """Forget all keys, for a new manifest."""
        for _, shortcut in (*self._always, *self._of_page):
            _drop(shortcut)
        self._always = []
        self._of_page = []

    def bind_page(self, keys: Sequence[Key]) -> None:
        """The keys of the page that is shown; those of the last one end."""
        for _, shortcut in self._of_page:
            _drop(shortcut)
        taken = {bound.keys for bound, _ in self._always}
        self._of_page = [self._make(key) for key in keys if key.keys not in taken]

    @property
    def window_keys(self) -> tuple[Bound, ...]:
        return tuple(bound for bound, _ in self._always)

    @property
    def page_keys(self) -> tuple[Bound, ...]:
        return tuple(bound for bound, _ in self._of_page)

    def _make(self, key: Key) -> tuple[Bound, QShortcut]:
        shortcut = QShortcut(QKeySequence(key.keys), self._window)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        run = key.run

        def act() -> None:
            if self._free():
                run()

        shortcut.activated.connect(act)
        # Two bindings of one key would both fall silent; acting on the first is better.
        shortcut.activatedAmbiguously.connect(act)
        return Bound(key.keys, key.words), shortcut


def _drop(shortcut: QShortcut) -> None:
    shortcut.setEnabled(False)
    shortcut.setParent(None)
    shortcut.deleteLater()
