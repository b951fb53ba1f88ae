"""What comes from outside the event loop's own course: signals, and exceptions that nobody caught."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

from PySide6.QtCore import QSocketNotifier

from app.contract.errors import CounterpartError


class Interrupts:
    """Lets Ctrl+C and a polite kill end the event loop: Python only sees signals when something wakes it."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave
        self._before: list[tuple[int, Any]] = []

    def __enter__(self) -> None:
        """Listen."""
        self._read, self._write = socket.socketpair()
        self._write.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._woken)
        self._fd = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before.append((number, signal.signal(number, self._on_signal)))

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._leave()

    def _woken(self) -> None:
        self._read.recv(64)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave things as they were."""
        signal.set_wakeup_fd(self._fd)
        for number, before in self._before:
            signal.signal(number, before)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()


class Surprises:
    """Passes expected errors on to whoever can tell them; a bug is shown as Python would, and noted.

    `expected` and `bug` may be called from any thread.
    """

    def __init__(
        self,
        expected: Callable[[CounterpartError], None],
        bug: Callable[[], None],
        noted: Callable[[BaseException], None] = lambda _error: None,
    ) -> None:
        """`noted`: told of every one of them first, for the log."""
        self._expected = expected
        self._bug = bug
        self._noted = noted

    def __enter__(self) -> None:
        """Listen."""
        self._before = sys.excepthook
        self._before_threads = threading.excepthook
        self._before_lost = sys.unraisablehook
        sys.excepthook = self._on_main
        threading.excepthook = self._on_thread
        sys.unraisablehook = self._on_lost

    def _on_main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._noted(error)
        if isinstance(error, CounterpartError):
            self._expected(error)
        else:
            self._before(kind, error, trace)
            self._bug()

    def _on_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._noted(args.exc_value)
        if isinstance(args.exc_value, CounterpartError):
            self._expected(args.exc_value)
        else:
            self._before_threads(args)
            self._bug()

    def _on_lost(self, lost: sys.UnraisableHookArgs) -> None:
        """Nobody could have caught it, such as one of a finaliser; Python shows it and goes on."""
        if lost.exc_value is not None:
            self._noted(lost.exc_value)
        self._before_lost(lost)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave things as they were."""
        sys.excepthook = self._before
        threading.excepthook = self._before_threads
        sys.unraisablehook = self._before_lost
