"""Tasks of one widget: what they bring is dropped once the widget is gone.

Usage::

    self._tasks = OwnTasks(self, bridge)
    self._tasks.run(lambda portal: portal.documents.bytes(gid), self._show, self._explain)

Pages are built anew when the manifest changes, while their tasks may still be under way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject

from app.contract.errors import CounterpartError

if TYPE_CHECKING:
    from app.bridge.engine import Bridge
    from app.bridge.tasks import Failed, Task
    from app.services.portal import Portal

Result = TypeVar("Result")


class OwnTasks:
    """Runs work through the bridge on behalf of `owner`."""

    def __init__(self, owner: QObject, bridge: Bridge) -> None:
        self._bridge = bridge
        self._live: set[Task[Any]] = set()
        owner.destroyed.connect(partial(_cancel, self._live))

    def run(
        self,
        work: Callable[[Portal], Result],
        done: Callable[[Result], None] | None = None,
        failed: Failed | None = None,
    ) -> Task[Result]:
        """Queue work; `done` or `failed` is called on the main thread, if the owner is still there."""

        def over(result: Result) -> None:
            self._live.discard(task)
            if done is not None:
                done(result)

        def broken(problem: CounterpartError) -> None:
            self._live.discard(task)
            if failed is not None:
                failed(problem)

        task: Task[Result] = self._bridge.tasks.run(work, over, broken if failed is not None else None)
        self._live.add(task)
        return task


def _cancel(tasks: set[Task[Any]], *_destroyed: object) -> None:
    for task in tasks:
        task.cancel()
    tasks.clear()
