"""The keys of the window, and how keys are written on caps.

Usage: ``keys = WindowKeys(window, free); keys.bind("Ctrl+K", "Palette", open_palette); keys.bind_page(page.keys())``.

Bare keys (a letter, Space, an arrow) belong to whatever has the keyboard first: they rest while one types or picks from
a list, and Space and Return rest on buttons. Escape is never a shortcut: it comes when nothing else wanted it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

from app.views.page import Key

_CAPS = {"Return": "↵", "Enter": "↵", "Up": "↑", "Down": "↓", "Escape": "Esc"}
_ESCAPE = ("Esc", "Escape")
_PRESSING = ("Space", "Return", "Enter")
_TYPING = (QComboBox, QAbstractSpinBox, QLineEdit, QPlainTextEdit, QTextEdit)


def caps(keys: str) -> tuple[str, ...]:
    """Key caps in the words of this system: *Ctrl*, *Shift*, *S*; a sequence such as G, H has one cap for each."""
    found: list[str] = []
    for step in keys.split(", "):
        native = QKeySequence(step).toString(QKeySequence.SequenceFormat.NativeText)
        parts = native.split("+") if native not in ("", "+") else [step]
        found.extend(_CAPS.get(part, part) for part in parts if part)
    return tuple(found)


def bare(keys: str) -> bool:
    """Whether a key is pressed without Ctrl, Alt or Meta, and is not one of the F keys."""
    first = keys.split(", ", maxsplit=1)[0]
    modified = any(modifier in first for modifier in ("Ctrl+", "Alt+", "Meta+"))
    function = first[:1] == "F" and first[1:].isdigit()
    return not modified and not function


@dataclass(frozen=True)
class Bound:
    """A key that is bound: for the sheet of all keys, and to let it rest."""

    keys: str
    words: str
    run: Callable[[], None]
    shortcut: QShortcut | None


class WindowKeys(QObject):
    """Keys that always work, and those of the page that is shown. `free` says whether keys may act at all now."""

    def __init__(self, window: QWidget, free: Callable[[], bool]) -> None:
        super().__init__(window)
        self._window = window
        self._free = free
        self._always: list[Bound] = []
        self._of_page: list[Bound] = []
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)

    def bind(self, keys: str, words: str, run: Callable[[], None]) -> None:
        """A key that works on every page."""
        self._always.append(self._make(Key(keys, words, run)))

    def clear(self) -> None:
        """Forget all keys, for a new manifest."""
        _drop((*self._always, *self._of_page))
        self._always = []
        self._of_page = []

    def bind_page(self, keys: Sequence[Key]) -> None:
        """The keys of the page that is shown; those of the last one end."""
        _drop(self._of_page)
        taken = {bound.keys for bound in self._always}
        self._of_page = [self._make(key) for key in keys if key.keys not in taken]
        self._on_focus(None, QApplication.focusWidget())

    def escape(self) -> bool:
        """Escape came and nothing wanted it: the page's own answer. False when it has none."""
        found = next((bound for bound in self._of_page if bound.keys in _ESCAPE), None)
        if found is None or not self._free():
            return False
        found.run()
        return True

    @property
    def window_keys(self) -> tuple[Bound, ...]:
        return tuple(self._always)

    @property
    def page_keys(self) -> tuple[Bound, ...]:
        return tuple(self._of_page)

    def _make(self, key: Key) -> Bound:
        if key.keys in _ESCAPE:
            return Bound(key.keys, key.words, key.run, None)
        shortcut = QShortcut(QKeySequence(key.keys), self._window)
        if key.keys == "?":
            # Some systems tell the Shift it takes to type it, others do not.
            shortcut.setKeys([QKeySequence("?"), QKeySequence("Shift+?")])
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)

        def act() -> None:
            if self._free():
                key.run()

        shortcut.activated.connect(act)
        # Two bindings of one key would both fall silent; acting on the first is better.
        shortcut.activatedAmbiguously.connect(act)
        return Bound(key.keys, key.words, key.run, shortcut)

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        typing = isinstance(now, _TYPING)
        pressing = isinstance(now, QAbstractButton)
        for bound in (*self._always, *self._of_page):
            if bound.shortcut is not None and bare(bound.keys):
                rests = typing or (pressing and bound.keys in _PRESSING)
                bound.shortcut.setEnabled(not rests)


def _drop(keys: Iterable[Bound]) -> None:
    for bound in keys:
        if bound.shortcut is not None:
            bound.shortcut.setEnabled(False)
            bound.shortcut.setParent(None)
            bound.shortcut.deleteLater()
