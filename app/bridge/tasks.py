"""Work that takes longer than a frame: done on threads of its own, told about on the main thread.

Usage::

    bridge.tasks.run(lambda portal: portal.drafts.add_file(gid, path), self._taken, self._refused)
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from app.contract.errors import CounterpartError
from app.services.portal import Portal

Result = TypeVar("Result")

Failed = Callable[[CounterpartError], None]


class Task(Generic[Result]):
    """One piece of work. Cancelling it drops its result; work that has not begun is not begun."""

    def __init__(
        self,
        work: Callable[[Portal], Result],
        done: Callable[[Result], None] | None,
        failed: Failed | None,
        ended: Callable[[], None] | None = None,
        *,
        patient: bool = False,
    ) -> None:
        self.patient = patient
        self.work = work
        self.done = done
        self.failed = failed
        self.ended = ended
        self.cancelled = False

    def cancel(self) -> None:
        """Let nothing come of it any more, neither result nor error. Main thread only."""
        self.cancelled = True


@dataclass(frozen=True)
class _Ended:
    task: Task[Any]
    result: Any = None
    error: Exception | None = None


class Tasks(QObject):
    """Runs tasks on a few threads, each with a portal over a store of its own."""

    failed = Signal(object)
    """A CounterpartError of a task that did not say what to do about it."""

    _ended = Signal(object)

    def __init__(
        self, open_portal: Callable[[], Portal], workers: int = 2, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._open_portal = open_portal
        self._queue: queue.SimpleQueue[Task[Any] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"task-{number}", daemon=True)
            for number in range(workers)
        ]
        self._lock = threading.Lock()
        self._patient: dict[Task[Any], Portal] = {}
        self._started = False
        self._stopped = False
        self._over = False
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[Portal], Result],
        done: Callable[[Result], None] | None = None,
        failed: Failed | None = None,
        ended: Callable[[], None] | None = None,
        *,
        patient: bool = False,
    ) -> Task[Result]:
        """Queue work; `done` or `failed` is called on the main thread, then `ended`.

        Without `failed`, the window is told. Methods of a QObject that is gone meanwhile are not called. `patient`:
        work that only reads and can be done another time; it is broken off when something else is asked for.
        """
        task = Task(work, done, failed, ended, patient=patient)
        if self._stopped:
            task.cancel()
            return task
        if not self._started:
            self._started = True
            for thread in self._threads:
                thread.start()
        self._queue.put(task)
        if not patient:
            self._break_off()
        return task

    def _break_off(self) -> None:
        with self._lock:
            for task, portal in self._patient.items():
                task.cancel()
                portal.break_off()

    @property
    def started(self) -> bool:
        """Whether anything was ever asked of them."""
        return self._started

    def drop(self) -> None:
        """Begin nothing any more; nothing is told of what is under way."""
        self._stopped = True
        with suppress(queue.Empty):
            while True:
                waiting = self._queue.get_nowait()  # a worker may be quicker
                if waiting is not None:
                    waiting.cancel()

    def stop(self, timeout: float = 5.0) -> None:
        """Finish what is under way, drop the rest, and close the stores."""
        if self._over:
            return
        self._over = True
        self.drop()
        if self._started:
            for _ in self._threads:
                self._queue.put(None)
            for thread in self._threads:
                thread.join(timeout)

    def _serve(self) -> None:
        portal: Portal | None = None
        try:
            while (task := self._queue.get()) is not None:
                if task.cancelled:
                    continue
                try:
                    if portal is None:
                        portal = self._open_portal()
                    with self._giving_way(task, portal):
                        result = task.work(portal)
                    self._ended.emit(_Ended(task, result))
                except Exception as error:  # noqa: BLE001  # a bug is raised again on the main thread, where it is seen
                    self._ended.emit(_Ended(task, error=error))
        finally:
            if portal is not None:
                portal.close()

    @contextmanager
    def _giving_way(self, task: Task[Any], portal: Portal) -> Iterator[None]:
        if not task.patient:
            yield
            return
        with self._lock:
            self._patient[task] = portal
        try:
            yield
        finally:
            with self._lock:
                del self._patient[task]

    @Slot(object)
    def _deliver(self, ended: _Ended) -> None:
        task = ended.task
        if task.cancelled or self._stopped:
            return
        try:
            match ended.error:
                case None:
                    if task.done is not None and _there(task.done):
                        task.done(ended.result)
                case CounterpartError() as error:
                    (task.failed or self.failed.emit)(error)
                case error:
                    raise error
        finally:
            if task.ended is not None:
                task.ended()


def _there(method: Callable[..., None]) -> bool:
    """Whether whoever wants to know is still there."""
    owner = getattr(method, "__self__", None)
    return not isinstance(owner, QObject) or isValid(owner)
