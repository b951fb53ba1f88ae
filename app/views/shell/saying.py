"""What the window says at the bottom, and what can be taken back after that line has gone."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QLineEdit

from app.services.undoing import Undoing, Walked
from app.views.page import Toast
from app.views.widgets.toast import Toast as ToastLine


class Saying(QObject):
    """One line at a time, the newest replaces; each that can be taken back is remembered for Ctrl+Z."""

    def __init__(self, line: ToastLine, parent: QObject) -> None:
        super().__init__(parent)
        self._line = line
        self._undoing = Undoing()

    def say(self, toast: Toast) -> None:
        """Say it, with its way back or on."""
        if toast.undo is not None:
            step = self._undoing.did(toast.text, toast.undo)
            # Who presses the button sees what is taken back.
            self._line.say(toast.text, lambda: self._tell(self._undoing.take(step), also_done=False))
        elif toast.action is not None:
            self._line.say(toast.text, toast.action.run, toast.action.text)
        else:
            self._line.say(toast.text)

    def undo(self) -> None:
        """Ctrl+Z: in a field its own undo, elsewhere one step back through what was done in this session."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QLineEdit) and focus.isUndoAvailable():
            focus.undo()
        elif self._undoing:
            self._line.dismiss()
            self._tell(self._undoing.back(), also_done=True)

    def forget(self) -> None:
        """The pages that know how to take something back are gone."""
        self._undoing.forget()

    def _tell(self, walked: Walked, *, also_done: bool) -> None:
        """Say what was taken back, and what it was too late for."""
        late = ", ".join(f"“{words}”" for words in walked.late)
        if late and walked.undone:
            words = self.tr("Taken back: {undone}. On its way already: {late}.")
        elif late:
            words = self.tr("On its way already and no longer taken back: {late}.")
        elif walked.undone and also_done:
            words = self.tr("Taken back: {undone}")
        else:
            return
        self._line.say(words.format(undone=walked.undone.rstrip("."), late=late))
