"""Watches the kiosk's window from outside: one that crashed or hangs is replaced; it never gives up, but slows down.

    counterpart kiosk                         this process: small, without Qt
      └── counterpart kiosk --window          the window; it beats once a second over a pipe

Only a child that this process started is ended, by its own id. What happened goes to stderr. An end that was asked for
(exit code 0, or a signal to this process) is an end; everything else is not.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TextIO

#: The name under which the child is told where to beat: a file descriptor, on Windows a handle.
PULSE = "COUNTERPART_KIOSK_PULSE"

#: Exit codes after which another start would end the same way: the policy does not allow it, wrong use.
REFUSED = (2, 78)


@dataclass(frozen=True)
class Patience:
    """Seconds. `first`: until the first beat; `beat`: between two; `settled`: after so long a start counts as good.

    `waits`: before each new start in a row, the last one again and again. `end`: until a child that was asked to end
    has to.
    """

    first: float = 60.0
    beat: float = 15.0
    settled: float = 60.0
    waits: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
    end: float = 15.0


@dataclass
class Vigil:
    """What is known of one child, and what to do about it. Pure; all times are of one steady clock."""

    patience: Patience
    started: float
    beaten: float | None = None

    def beat(self, now: float) -> None:
        """It has shown that it lives."""
        self.beaten = now

    def hangs(self, now: float) -> bool:
        """Whether it has been silent for too long."""
        since, most = (
            (self.started, self.patience.first) if self.beaten is None else (self.beaten, self.patience.beat)
        )
        return now - since > most

    def settled(self, now: float) -> bool:
        """Whether it ran long enough to count as good."""
        return self.beaten is not None and now - self.started >= self.patience.settled


@dataclass
class Slowing:
    """How long to wait before the next start: longer after each failure in a row."""

    patience: Patience
    failures: int = 0

    def wait(self, *, settled: bool) -> float:
        """Seconds before the next start. `settled`: the last one had run well."""
        self.failures = 1 if settled else self.failures + 1
        waits = self.patience.waits
        return waits[min(self.failures, len(waits)) - 1]


@dataclass
class Watchdog:
    """Starts the window and starts it again. `run` blocks until an end was asked for; returns the exit code."""

    command: Sequence[str]
    environment: Mapping[str, str]
    patience: Patience = Patience()
    out: TextIO = field(default_factory=lambda: sys.stderr)
    now: Callable[[], float] = time.monotonic
    _ended: threading.Event = field(default_factory=threading.Event)
    _child: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Watch until the end."""
        slowing = Slowing(self.patience)
        while not self._ended.is_set():
            code, settled = self._watch_one()
            if self._ended.is_set() or code == 0:
                return 0
            if code in REFUSED:
                return code
            wait = slowing.wait(settled=settled)
            self._say(f"The kiosk's window ended ({_told(code)}). It starts again in {wait:g} s.")
            self._ended.wait(wait)
        return 0

    def end(self) -> None:
        """End, and the child with it; called by a signal. The child is asked first."""
        self._ended.set()

    def _watch_one(self) -> tuple[int, bool]:
        """One child from its start to its end: its exit code, and whether it had run well."""
        reading, writing = os.pipe()
        child = self._start(writing)
        beats: queue.SimpleQueue[bool] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(reading, beats), name="pulse", daemon=True).start()
        vigil = Vigil(self.patience, self.now())
        asked_at: float | None = None
        while True:
            with suppress(subprocess.TimeoutExpired):
                return child.wait(_LOOK), vigil.settled(self.now())
            while not beats.empty():
                beats.get()
                vigil.beat(self.now())
            if self._ended.is_set():
                asked_at = self._ask_to_end(child, asked_at)
            elif vigil.hangs(self.now()):
                self._say("The kiosk's window does not answer. It is ended and started again.")
                child.kill()

    def _start(self, writing: int) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **self.environment}
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415  # there only

            handle = msvcrt.get_osfhandle(writing)
            os.set_handle_inheritable(handle, True)  # by position only
            environment[PULSE] = str(handle)
            child = subprocess.Popen([*self.command], env=environment, close_fds=False)
        else:
            environment[PULSE] = str(writing)
            child = subprocess.Popen([*self.command], env=environment, pass_fds=(writing,))
        # The child's end alone keeps the pipe open: when it dies, the reader ends.
        os.close(writing)
        return child

    def _ask_to_end(self, child: subprocess.Popen[bytes], asked_at: float | None) -> float:
        """Ask it once; after a while end it. What a person has not sent is kept either way, encrypted."""
        if asked_at is None:
            with suppress(ProcessLookupError):
                child.terminate()
            return self.now()
        if self.now() - asked_at > self.patience.end:
            with suppress(ProcessLookupError):
                child.kill()
        return asked_at

    def _say(self, words: str) -> None:
        with suppress(OSError, ValueError):
            self.out.write(words + "\n")
            self.out.flush()


_LOOK = 0.1


def _listen(reading: int, beats: queue.SimpleQueue[bool]) -> None:
    """Pass each beat on until the pipe closes."""
    with os.fdopen(reading, "rb", buffering=0) as pulse:
        while pulse.read(64):
            beats.put(True)


def _told(code: int) -> str:
    if code < 0:
        with suppress(ValueError):
            return f"by {signal.Signals(-code).name}"
    return f"code {code}"


def watch(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Watch the kiosk's window in this process until it is told to end."""
    watchdog = Watchdog(command, environment)
    for number in (signal.SIGTERM, signal.SIGINT, *_OTHERS):
        signal.signal(number, lambda _number, _frame: watchdog.end())
    return watchdog.run()


#: A console or session that closes; Windows has its own.
_OTHERS = tuple(getattr(signal, name) for name in ("SIGHUP", "SIGBREAK") if hasattr(signal, name))
