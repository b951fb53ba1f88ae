"""What can be taken back: the last things a person did in this session, newest first.

Pure: a step is words and a way to take it back. A step that was sent meanwhile says so by returning False; walking
back skips it and tells its words, so that nobody thinks it was undone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

#: Steps that are remembered; older ones are forgotten.
MOST = 20


@dataclass(frozen=True, eq=False)
class Step:
    """Something that was done. `undo` takes it back; False: it is too late for that."""

    words: str
    undo: Callable[[], object]


@dataclass(frozen=True)
class Walked:
    """What walking back came to: what was taken back (empty: nothing), and what it was too late for."""

    undone: str = ""
    late: tuple[str, ...] = ()


class Undoing:
    """A short history. Each step is taken back at most once."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._steps: list[Step] = []

    def __len__(self) -> int:
        """How many steps are remembered."""
        return len(self._steps)

    def did(self, words: str, undo: Callable[[], object]) -> Step:
        """Remember something that was done."""
        step = Step(words, undo)
        self._steps = [*self._steps, step][-self._most :]
        return step

    def back(self) -> Walked:
        """Take back the newest step that still can be; those it is too late for are forgotten."""
        late: list[str] = []
        while self._steps:
            step = self._steps.pop()
            if step.undo() is not False:
                return Walked(step.words, tuple(late))
            late.append(step.words)
        return Walked(late=tuple(late))

    def take(self, step: Step) -> Walked:
        """Take back this step, wherever it stands; nothing when that has happened already."""
        if step not in self._steps:
            return Walked()
        self._steps.remove(step)
        return Walked(step.words) if step.undo() is not False else Walked(late=(step.words,))

    def forget(self) -> None:
        """Forget everything, such as when the pages that know how are gone."""
        self._steps.clear()
