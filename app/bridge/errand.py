"""One blocking call on a thread of its own, answered on the main thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from app.contract.errors import CounterpartError


@dataclass(frozen=True)
class _Commission:
    work: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[CounterpartError], None]
    owner: QObject


class Errand:
    """Runs `work` once. `done` gets its result, `failed` its CounterpartError; a bug is raised on the main thread.

    Nothing comes of it any more once its `owner` is gone. Main thread only.
    """

    def __init__(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[CounterpartError], None],
        owner: QObject,
    ) -> None:
        self._commission: _Commission | None = _Commission(work, done, failed, owner)
        self._result: Any = None
        self._error: Exception | None = None
        self._abandoned = False
        self._post = _post()
        self._thread = threading.Thread(target=self._run, name="errand", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def abandon(self) -> None:
        """Let nothing come of it any more; the call itself ends when it ends."""
        self._abandoned = True

    def wait(self, timeout: float) -> None:
        """Wait until the call has returned, at most `timeout` seconds."""
        self._thread.join(timeout)

    def deliver(self) -> None:
        """Tell whoever sent it. What it holds is let go here: a thread that drops it last destroys nothing of Qt's."""
        commission, result, error = self._commission, self._result, self._error
        self._commission = self._result = self._error = None
        if commission is None or self._abandoned or not isValid(commission.owner):
            return
        match error:
            case None:
                commission.done(result)
            case CounterpartError():
                commission.failed(error)
            case _:
                raise error

    def _run(self) -> None:
        assert self._commission is not None
        try:
            self._result = self._commission.work()
        except Exception as error:  # noqa: BLE001  # a bug is raised again on the main thread, where it is seen
            self._error = error
        if isValid(self._post):  # it is not when the whole application has ended meanwhile
            self._post.came.emit(self)


class _Post(QObject):
    """Brings errands back to the main thread. One for all, for good: an errand may outlive whoever sent it."""

    came = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.came.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _deliver(self, errand: Errand) -> None:
        errand.deliver()


_the_post: _Post | None = None


def _post() -> _Post:
    global _the_post  # noqa: PLW0603  # made with the first errand, on the main thread
    if _the_post is None or not isValid(_the_post):
        _the_post = _Post()
    return _the_post
