"""What the organisation set for this computer: each value, and a lock at what cannot be changed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from app.services.organisation import SetLine, set_lines
from app.views.page import PageContext
from app.views.settings.section import Line, Section
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.layout import column, holding
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_LABEL_WIDTH = 150


class OrganisationSection(QWidget):
    """Hidden where nobody manages this computer. It is read once: what is set now holds from the next start."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        theme, managed = context.theme, context.portal.managed
        self.lines = set_lines(managed, context.portal.formats)
        self.setVisible(bool(managed.source))
        if not managed.source:
            return
        by = self.tr("Set by {source}").format(source=context.portal.formats.tr(managed.source))
        means = self.tr("What has a lock cannot be changed here; your IT department can.")
        parts: list[QWidget] = [Line(theme, by, means)]
        if self.lines:
            parts.append(_Values(theme, self.lines, self.tr("Set by your organisation")))
        parts.extend(_Problem(theme, context.portal.formats.tr(problem)) for problem in managed.problems)
        self.setLayout(column(Section(theme, self.tr("Your organisation"), *parts)))


class _Values(QWidget):
    """Names, values and locks, one below the other."""

    def __init__(self, theme: Theme, lines: tuple[SetLine, ...], reason: str) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(Space.L, 12, Space.L, 12)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        for number, line in enumerate(lines):
            name = Text(theme, line.title, Role.SECONDARY, Tone.TEXT3, wrap=True)
            name.setFixedWidth(_LABEL_WIDTH)
            name.setContentsMargins(0, 2, 0, 0)  # the smaller letters stand on the line of the larger
            value = Text(theme, line.value, Role.BODY, wrap=True)
            value.setAccessibleName(", ".join((line.title, line.value, *([reason] if line.forced else []))))
            grid.addWidget(name, number, 0, top)
            grid.addWidget(value, number, 1, top)
            if line.forced:
                grid.addWidget(_beside(Icon(theme, "lock", Tone.TEXT3, 14, reason)), number, 2, top)


def _beside(lock: Icon) -> QWidget:
    return holding(column(lock, margins=(0, 3, 0, 0)))


class _Problem(QWidget):
    """A value that was not understood, for whoever can mend it."""

    def __init__(self, theme: Theme, problem: str) -> None:
        super().__init__()
        words = Text(theme, problem, Role.SECONDARY, Tone.WARN, wrap=True)
        self.setLayout(column(holding(column(words)), margins=(Space.L, 12, Space.L, 12)))
