"""Two texts as one: removed words struck on bad-soft, added ones on ok-soft.

Usage: ``DiffText(theme, before="Demo at Crewe depot.", after="Demo at Derby depot.")``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from PySide6.QtWidgets import QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.text import Run, Text

_WORDS = re.compile(r"\s+|[^\s]+")


def word_diff(before: str, after: str) -> tuple[Run, ...]:
    """Runs of what stayed, what went and what came, word by word."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    runs: list[Run] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        removed, added = "".join(old[i1:i2]), "".join(new[j1:j2])
        if tag == "equal":
            runs.append(Run(added))
            continue
        if removed.strip():
            runs.append(Run(removed, Tone.BAD, ground=Tone.BAD, struck=True))
        if removed.strip() and added.strip():
            runs.append(Run(" "))
        if added.strip():
            runs.extend(_added(added))
    return tuple(runs)


def _added(text: str) -> Sequence[Run]:
    lead = text[: len(text) - len(text.lstrip())]
    rest = text[len(lead) :]
    marked = Run(rest, Tone.OK, ground=Tone.OK)
    return (Run(lead), marked) if lead else (marked,)


class DiffText(Text):
    """A wrapping text that shows the change from ``before`` to ``after``, and says it in words to a screen reader."""

    def __init__(
        self, theme: Theme, before: str = "", after: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "", Role.BODY, wrap=True, parent=parent)
        self.show_change(before, after)

    def show_change(self, before: str, after: str) -> None:
        runs = word_diff(before, after)
        self.set_runs(runs)
        spoken = []
        for run in runs:
            if run.struck:
                spoken.append(self.tr("removed: {words}.").format(words=run.text.strip()))
            elif run.ground is not None:
                spoken.append(self.tr("added: {words}.").format(words=run.text.strip()))
            else:
                spoken.append(run.text.strip())
        self.setAccessibleName(" ".join(part for part in spoken if part))
