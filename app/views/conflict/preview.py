"""What applying a conflict will send, group by group; never shortened, and it says *Nothing* where nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.services.views_model import ChoiceKind, PreviewLine
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.cards import Card
from app.views.widgets.layout import column, holding, row
from app.views.widgets.pills import Pill
from app.views.widgets.text import Run, Text
from app.views.widgets.tiles import Icon

_LABEL_WIDTH = 108
#: From this many characters on before and after stand below each other.
_LONG = 60


class PreviewCard(Card):
    """Title, one line a group, and what is left alone."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        name = QCoreApplication.translate("Preview", "What will be sent")
        super().__init__(theme, inset=14, name=name, parent=parent)
        self._theme = theme
        self._note = Text(theme, "", Role.SECONDARY, Tone.TEXT3)
        title = Text(theme, name, Role.STRONG)
        self.body.addLayout(row(title, self._note, None, gap=8))
        self.body.addSpacing(8)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self.body.addSpacing(8)
        self._rest = Text(theme, "", Role.SECONDARY, Tone.TEXT3)
        self.body.addWidget(self._rest)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def show_lines(self, lines: Sequence[PreviewLine], note: str, rest: str) -> None:
        """`note`: compared with what; `rest`: what agrees and is left alone."""
        self._note.set_text(note)
        self._rest.set_text(rest)
        self._rest.setVisible(bool(rest))
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        top = Qt.AlignmentFlag.AlignTop
        for number, line in enumerate(lines):
            label = Text(self._theme, line.label, Role.SECONDARY, Tone.TEXT3)
            label.setContentsMargins(0, 2, 12, 2)
            self._grid.addWidget(label, number, 0, top)
            self._grid.addWidget(self._sentence(line), number, 1)
            words, tone = choice_words(line.choice)
            self._grid.addWidget(Pill(self._theme, words, tone), number, 2, top | Qt.AlignmentFlag.AlignRight)

    def _sentence(self, line: PreviewLine) -> QWidget:
        theme = self._theme
        if line.choice is None:
            text = Text(theme, self.tr("Not decided yet."), Role.SECONDARY, Tone.TEXT3, wrap=True)
        elif not line.sends:
            text = Text(theme, line.before, Role.SECONDARY, Tone.TEXT2, wrap=True)
        elif len(line.before) + len(line.after) > _LONG:
            return self._stacked(line)
        else:
            before = Text(theme, line.before or "–", Role.SECONDARY, Tone.TEXT3)
            after = Text(theme, line.after, Role.LABEL)
            arrow = Icon(theme, "arrow-narrow-right", Tone.TEXT3, 16, self.tr("becomes"))
            holder = holding(row(before, arrow, after, None, gap=8, margins=(0, 2, 0, 2)))
            holder.setAccessibleName(f"{line.label}: {line.before} → {line.after}")
            return holder
        text.setContentsMargins(0, 2, 0, 2)
        text.setAccessibleName(f"{line.label}: {text.text()}")
        return text

    def _stacked(self, line: PreviewLine) -> QWidget:
        theme = self._theme
        before = Text(theme, line.before or "–", Role.SECONDARY, Tone.TEXT3, wrap=True)
        after = Text.of_runs(theme, [Run(line.after)], Role.LABEL, wrap=True)
        arrow = Icon(theme, "arrow-narrow-right", Tone.TEXT3, 16, self.tr("becomes"))
        second = row(arrow, gap=8, align=False)
        second.setAlignment(arrow, Qt.AlignmentFlag.AlignTop)
        second.addWidget(after, 1)
        holder = holding(column(before, 4, second, margins=(0, 2, 12, 2)))
        holder.setAccessibleName(f"{line.label}: {line.before} → {line.after}")
        return holder


def choice_words(choice: ChoiceKind | None) -> tuple[str, Tone]:
    """The pill of a decision."""
    match choice:
        case ChoiceKind.THEIRS:
            return QCoreApplication.translate("Preview", "Theirs"), Tone.NEUTRAL
        case ChoiceKind.MINE:
            return QCoreApplication.translate("Preview", "Mine"), Tone.ACCENT
        case ChoiceKind.EDITED:
            return QCoreApplication.translate("Preview", "Edited"), Tone.ACCENT
        case None:
            return QCoreApplication.translate("Preview", "Open"), Tone.WARN
        case _:
            assert_never(choice)
