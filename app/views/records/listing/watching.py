"""Shows how far a long piece of work has come, once it has taken more than a moment."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.services.going import Going
from app.views.records.listing.foot import ListFoot

#: Shorter work says nothing; longer work is looked at in steps.
_MOMENT_MS = 400
_STEP_MS = 100


class Watch(QObject):
    """One piece of work at a time, told in the foot of a list."""

    def __init__(self, foot: ListFoot, parent: QObject) -> None:
        super().__init__(parent)
        self._foot = foot
        self._going: Going | None = None
        self._words = ""
        self._number: Callable[[int], str] = str
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        foot.cancel_asked.connect(self.cancel)

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return self._going is not None

    def start(self, going: Going, words: str, number: Callable[[int], str]) -> None:
        """Watch; `words` has places for `done` and `total`."""
        self._going, self._words, self._number = going, words, number
        self._timer.start(_MOMENT_MS)

    def end(self) -> None:
        """It is over, one way or the other."""
        if self._going is not None:
            self._going = None
            self._timer.stop()
            self._foot.end_progress()

    def cancel(self) -> None:
        """Stop at the next step."""
        if self._going is not None:
            self._going.cancelled = True

    def _look(self) -> None:
        going = self._going
        if going is None:
            return
        self._timer.setInterval(_STEP_MS)
        if going.cancelled:
            self._foot.show_progress(self.tr("Stopping"), going.share, stoppable=False)
        elif going.total and going.done >= going.total:
            self._foot.show_progress(self.tr("Almost there"), 1.0)
        else:
            words = self._words.format(done=self._number(going.done), total=self._number(going.total))
            self._foot.show_progress(words, going.share)
