"""A transport that does one thing at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import NoReturn

from app.contract.errors import CounterpartError
from app.contract.mutations import PushAnswer, PushBody


class PushesAtOnce(ABC):
    """`Transport.begin_push` by `push`: whatever came of it is told when it is asked for."""

    def begin_push(self, body: PushBody) -> Callable[[], PushAnswer]:
        """Send mutations; the outcomes, or what was raised, are told when they are asked for."""
        try:
            answer = self.push(body)
        except CounterpartError as error:
            return partial(_raise, error)
        return lambda: answer

    @abstractmethod
    def push(self, body: PushBody) -> PushAnswer:
        """Send mutations; one outcome each."""


def _raise(error: CounterpartError) -> NoReturn:
    raise error
