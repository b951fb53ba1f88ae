"""One finding as a row: its mark by shape and word, what is so, and how to mend it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt

from app.services.doctor.finding import NAMES, Finding, State
from app.services.words import Words
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import IconTile

_MARKS = {
    State.OK: ("circle-check", Tone.OK),
    State.WARN: ("alert-triangle", Tone.WARN),
    State.BAD: ("alert-octagon", Tone.BAD),
    State.UNKNOWN: ("help-circle", Tone.NEUTRAL),
}


def state_words(state: State) -> str:
    """Return how a thing stands, in a word or two."""
    match state:
        case State.OK:
            return QCoreApplication.translate("FindingRow", "In order")
        case State.WARN:
            return QCoreApplication.translate("FindingRow", "Look at it")
        case State.BAD:
            return QCoreApplication.translate("FindingRow", "Mend it")
        case State.UNKNOWN:
            return QCoreApplication.translate("FindingRow", "Not known")


class FindingRow(ThemedWidget):
    """A row that can be listened to: name, state, what and mend are its accessible name."""

    def __init__(self, theme: Theme, finding: Finding, words: Words) -> None:
        super().__init__(theme)
        self.finding = finding
        icon, tone = _MARKS[finding.state]
        name, what, mend = words(NAMES[finding.name]), words(finding.what), words(finding.mend)
        said = state_words(finding.state)
        heading = row(Text(theme, name, Role.NAME), gap=8)
        if finding.about:
            heading.addWidget(Text.cut(theme, finding.about, Role.CAPTION, Tone.TEXT3), 1)
        heading.addStretch(1)
        heading.addWidget(Text(theme, said, Role.LABEL, tone if tone is not Tone.NEUTRAL else Tone.TEXT3))
        texts = column(heading, Text(theme, what, Role.SECONDARY, Tone.TEXT2, wrap=True), gap=2)
        if mend:
            texts.addWidget(Text(theme, mend, Role.SECONDARY, Tone.TEXT, wrap=True))
        line = row(gap=Space.M, margins=(Space.L, 10, Space.L, 10), align=False)
        line.addWidget(IconTile(theme, icon, tone, size=28, icon_size=16), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(texts, 1)
        self.setLayout(line)
        self.setAccessibleName(
            ". ".join(part.rstrip(".") for part in (name, finding.about, said, what, mend) if part)
        )
