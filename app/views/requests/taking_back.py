"""What was written and not sent, or came back: edited, cancelled, given up, brought back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.contract.errors import CounterpartError
from app.services.views_model import MessageView
from app.views.page import PageContext, Toast
from app.views.widgets.dialog import Dialog


class TakingBack(QObject):
    """Acts on the messages of one pane. `changed`: read again; `reopened` gives what is to be written on."""

    said = Signal(object)
    changed = Signal()
    reopened = Signal(object)

    def __init__(self, context: PageContext, pane: QWidget) -> None:
        super().__init__(pane)
        self._pane = pane
        self._theme = context.theme
        self._portal = context.portal

    def edit(self, message: MessageView) -> None:
        """Take a message out of the outbox to go on writing it."""
        try:
            reopened = self._portal.outbox.edit(message.mutation_id)
        except CounterpartError as problem:
            self._tell(problem)
            return
        self.reopened.emit(reopened)

    def cancel(self, message: MessageView, parent: str) -> None:
        """Take a message back for good. Words can be brought back; the copies of its files cannot, so that is asked.

        `parent`: the request it belongs to; another one may be shown by the time it is brought back.
        """
        if message.files:
            text = self.tr("The text and the copies of its files are removed from this computer.")
            question, verb = self.tr("Cancel this message?"), self.tr("Cancel message")
            self._ask(question, text, verb, lambda: self._drop(message))
        elif self._drop(message):
            again = partial(self._send_again, parent, message.body)
            self.said.emit(Toast(self.tr("Message cancelled"), again))

    def discard(self, message: MessageView) -> None:
        """Give up a message that was refused, once that has been confirmed."""
        text = self.tr("What you wrote is deleted from this computer.")
        question = self.tr("Discard this message?")
        self._ask(question, text, self.tr("Discard message"), lambda: self._give_up(message))

    def _drop(self, message: MessageView) -> bool:
        try:
            self._portal.outbox.cancel(message.mutation_id)
        except CounterpartError as problem:
            self._tell(problem)
            return False
        self.changed.emit()
        return True

    def _send_again(self, parent: str, body: str) -> None:
        try:
            self._portal.intents.message(parent, body, composed=False)
        except CounterpartError as problem:
            self._tell(problem)
        self.changed.emit()

    def _give_up(self, message: MessageView) -> None:
        try:
            done = self._portal.outbox.discard(message.mutation_id)
        except CounterpartError as problem:
            self._tell(problem)
            return
        self.changed.emit()
        self.said.emit(Toast(done.words))

    def _tell(self, problem: CounterpartError) -> None:
        self.said.emit(Toast(self._portal.formats.tr.told(problem)))

    def _ask(self, question: str, text: str, verb: str, act: Callable[[], object]) -> None:
        safe = self.tr("Keep it")
        dialog = Dialog(self._theme, self._pane.window(), question, text, verb=verb, safe=safe, danger=True)
        dialog.accepted.connect(act)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
