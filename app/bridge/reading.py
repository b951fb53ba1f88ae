"""A question that is asked again whenever something changed, and answered without holding up the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from app.services.portal import Portal

if TYPE_CHECKING:
    from app.bridge.engine import Bridge
    from app.bridge.tasks import Task

Answer = TypeVar("Answer")


class Reading(Generic[Answer]):
    """Asks the bridge's reader one question at a time; asked meanwhile, it asks once more afterwards.

    Where all lists are short the answer is there when `ask` returns.
    """

    def __init__(
        self,
        portal: Portal,
        bridge: Bridge,
        question: Callable[[Portal], Answer],
        show: Callable[[Answer], None],
    ) -> None:
        """`show`: a method of a QObject; it is not called any more once that is gone."""
        self._portal = portal
        self._bridge = bridge
        self._question = question
        self._show = show
        self._task: Task[Answer] | None = None
        self._again = False

    def ask(self) -> None:
        """Ask afresh."""
        if self._task is not None:
            self._again = True
        elif self._portal.lists.all_short():
            self._show(self._question(self._portal))
        else:
            self._task = self._bridge.reader.run(self._question, self._show, ended=self._on_ended)

    def _on_ended(self) -> None:
        self._task = None
        if self._again:
            self._again = False
            self.ask()
