"""What the window says at the bottom, and what can be taken back after that line has gone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, QRect, QSize, QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from app.services.undoing import Undoing, Walked
from app.views.page import Page, PageContext, Toast
from app.views.shell.toast_place import free_place, worked_on
from app.views.widgets.toast import Toast as ToastLine


class Saying(QObject):
    """One line at a time, the newest replaces; each that can be taken back is remembered for Ctrl+Z.

    A line of a page goes with its page: read on another one it would speak of what is not there. It stays where it
    offers *Undo*, which whoever goes on at once must not lose, and where it was said in leaving, such as of a form.
    """

    def __init__(
        self, context: PageContext, window: QWidget, pages: QWidget, current: Callable[[], Page | None]
    ) -> None:
        """`pages`: where the line stands; `current`: the page that is shown there."""
        super().__init__(window)
        self._context = context
        self._window = window
        self._pages = pages
        self._current = current
        self.line = ToastLine(context.theme, window, place=self._place)
        self._undoing = Undoing()
        self._said = Toast("")
        self._of_page = False
        self._fresh = QTimer(self)
        self._fresh.setSingleShot(True)
        self._fresh.setInterval(0)
        context.bridge.outboxChanged.connect(self._on_outbox)

    def say(self, toast: Toast) -> None:
        """Say it, with its way back or on."""
        self._said, self._of_page = toast, False
        if toast.undo is not None:
            step = self._undoing.did(toast.text, toast.undo)
            # Who presses the button sees what is taken back.
            self.line.say(toast.text, lambda: self._tell(self._undoing.take(step), also_done=False))
        elif toast.action is not None:
            self.line.say(toast.text, toast.action.run, toast.action.text)
        else:
            self.line.say(toast.text)

    def say_of_page(self, toast: Toast) -> None:
        """Say what a page has to say of itself."""
        self.say(toast)
        self._of_page = True
        self._fresh.start()

    def left_page(self) -> None:
        """Another page is shown."""
        if self._of_page and self._said.undo is None and not self._fresh.isActive():
            self.line.dismiss()
        self.line.place()

    def undo(self) -> None:
        """Ctrl+Z: in a field its own undo, elsewhere one step back through what was done in this session."""
        focus = QApplication.focusWidget()
        if isinstance(focus, QLineEdit) and focus.isUndoAvailable():
            focus.undo()
        elif self._undoing:
            self.line.dismiss()
            self._tell(self._undoing.back(), also_done=True)

    def forget(self) -> None:
        """The pages that know how to take something back are gone."""
        self._undoing.forget()

    def _on_outbox(self) -> None:
        """What has left the outbox is not taken back any more, and the button does not claim it."""
        done = self._said.done
        if self.line.can_undo and done and not any(map(self._context.portal.intents.undoable, done)):
            self.line.withdraw_undo()

    def _place(self, size: QSize) -> QPoint:
        room = QRect(self._pages.mapTo(self._window, QPoint(0, 0)), self._pages.size())
        page = self._current()
        return free_place(room, size, worked_on(page, self._window) if page is not None else [])

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
        self._said = Toast("")
        self.line.say(words.format(undone=walked.undone.rstrip("."), late=late))
