"""What was ordered, line by line: how many, how many have left, and the amount."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.journey import Line, shipped_lines
from app.services.views_model import RecordView
from app.views.page import PageContext
from app.views.records.record.parts import LINES, Part
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon


class LineRow(ThemedWidget):
    """One line: mark, name with code, amount at the end, and below it how much of it has left."""

    def __init__(self, theme: Theme, line: Line, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        told = line.ordered is not None and line.shipped is not None
        icon, tone = ("circle-check", Tone.OK) if line.complete else ("circle-dashed", Tone.TEXT3)
        second = " · ".join(part for part in (line.code, self._count_words(line)) if part)
        top = row(gap=8)
        top.addWidget(Text.cut(theme, line.name, Role.BODY), 1)
        top.addWidget(Text(theme, line.amount, Role.BODY))
        words = column(top)
        if second:
            words.addWidget(Text.cut(theme, second, Role.SECONDARY, Tone.TEXT3))
        whole = row(gap=8, align=False)
        if told:
            whole.addLayout(column(2, Icon(theme, icon, tone), None))
        whole.addLayout(words, 1)
        self.setLayout(whole)
        self.setAccessibleName(", ".join(part for part in (line.name, second, line.amount) if part))

    def _count_words(self, line: Line) -> str:
        if line.ordered is None:
            return ""
        if line.shipped is None:
            return self.tr("{count} pieces").format(count=line.ordered)
        if line.complete:
            return self.tr("{count} shipped").format(count=line.ordered)
        if line.shipped:
            return self.tr("{shipped} of {count} shipped").format(shipped=line.shipped, count=line.ordered)
        return self.tr("{count} to come").format(count=line.ordered)


class LinesPart(Part):
    """All lines of a record, in the place of the general small table."""

    tells = frozenset({LINES})
    fields = frozenset({"lines"})
    first = False

    def __init__(self, context: PageContext, *, inset: int = 16) -> None:
        """`inset`: the margin of the pane it stands in; without one it stands in a page that has its own."""
        super().__init__(context, rules="top" if inset else "")
        self._shown: tuple[Line, ...] = ()
        self._head = self.heading(self.tr("Lines"))
        self._column = QVBoxLayout()
        self._column.setSpacing(8)
        self.setLayout(column(self._head, 6, self._column, margins=(inset, 11, inset, 10)))

    @property
    def shown(self) -> tuple[Line, ...]:
        """The lines that stand here."""
        return self._shown

    def show_record(self, record: RecordView, *, online: bool) -> None:
        lines = self.portal.about.lines(record)
        self.setVisible(bool(lines))
        if lines == self._shown:
            return
        self._shown = lines
        counted = shipped_lines(lines)
        self._head.set_text(
            self.tr("Lines · {count} of {all} shipped").format(count=counted[0], all=counted[1])
            if counted
            else self.tr("Lines · {count}").format(count=len(lines))
        )
        emptied(self._column)
        for line in lines:
            self._column.addWidget(LineRow(self.theme, line))
