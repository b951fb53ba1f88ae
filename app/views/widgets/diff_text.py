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

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")
_WORD = re.compile(r"\w")


def word_diff(before: str, after: str) -> tuple[Run, ...]:
    """Runs of what stayed, what went and what came, word by word.

    A full stop between two additions belongs to them: marking around it would only make the change harder to read.
    """
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    opcodes = SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
    runs: list[Run] = []
    removed = added = ""
    for place, (tag, i1, i2, j1, j2) in enumerate(opcodes):
        went, came = "".join(old[i1:i2]), "".join(new[j1:j2])
        if tag != "equal":
            removed, added = removed + went, added + came
        elif added and not _WORD.search(came) and place + 1 < len(opcodes):
            removed, added = removed + (went if removed else ""), added + came
        else:
            runs.extend(_change(removed, added))
            removed = added = ""
            runs.append(Run(came))
    runs.extend(_change(removed, added))
    return tuple(runs)


def _change(removed: str, added: str) -> Sequence[Run]:
    runs: list[Run] = []
    if removed.strip():
        runs.append(Run(removed, Tone.BAD, ground=Tone.BAD, struck=True))
    if removed and added and _WORD.match(removed[-1]) and _WORD.match(added[0]):
        runs.append(Run(" "))
    if added:
        rest = added.lstrip()
        if len(rest) < len(added):
            runs.append(Run(added[: len(added) - len(rest)]))
        if rest:
            runs.append(Run(rest, Tone.OK, ground=Tone.OK))
    return runs


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
