"""The pipeline as figures in a table: a row for each stage, a column for each currency, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.services.format import Formats
from app.services.views_model import Pipeline, PipelineStage
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.cards import Rule
from app.views.widgets.layout import emptied
from app.views.widgets.rows import OpenRow
from app.views.widgets.text import Text

_ROW = 32
_COUNT, _AMOUNT = 72, 116


class StageTable(ThemedWidget):
    """`opened` gives the state whose row was used."""

    opened = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.rows: list[OpenRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, Space.XS, 0, Space.XS)
        self._column.setSpacing(0)

    def show_pipeline(self, pipeline: Pipeline, formats: Formats, plural: str) -> None:
        """Show the figures; amounts of different currencies stand in columns of their own."""
        emptied(self._column)
        self.rows = []
        self._column.addWidget(self._line(self.tr("Stage"), plural, pipeline.currencies, Role.TABLE_HEAD))
        for stage in pipeline.stages:
            self._column.addWidget(Rule(self.theme))
            self._column.addWidget(self._stage(stage, pipeline, formats))
        self._column.addWidget(Rule(self.theme))
        totals = [formats.money_short(pipeline.totals.get(code, 0), code) for code in pipeline.currencies]
        whole = self._line(self.tr("All"), formats.number(pipeline.open_count), totals, Role.LABEL_STRONG)
        self._column.addWidget(whole)
        self.setAccessibleName(self.tr("{things} by stage, as a table").format(things=plural))

    def _stage(self, stage: PipelineStage, pipeline: Pipeline, formats: Formats) -> OpenRow:
        amounts = [formats.money_short(stage.totals.get(code, 0), code) for code in pipeline.currencies]
        made = OpenRow(self.theme)
        made.setFixedHeight(_ROW)
        made.setLayout(self._cells(stage.label, formats.number(stage.count), amounts, Role.BODY))
        made.setAccessibleName(", ".join((stage.label, formats.number(stage.count), *amounts)))
        made.opened.connect(lambda: self.opened.emit(stage.state))
        self.rows.append(made)
        return made

    def _line(self, name: str, count: str, amounts: Sequence[str], role: Role) -> QWidget:
        made = ThemedWidget(self.theme)
        made.setFixedHeight(_ROW)
        made.setLayout(self._cells(name, count, amounts, role))
        made.setAccessibleName(", ".join((name, count, *amounts)))
        return made

    def _cells(self, name: str, count: str, amounts: Sequence[str], role: Role) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(Space.L, 0, Space.L, 0)
        grid.setHorizontalSpacing(Space.M)
        quiet = Tone.TEXT3 if role is Role.TABLE_HEAD else Tone.TEXT
        grid.addWidget(Text(self.theme, name, role, quiet, elide=True), 0, 0)
        grid.setColumnStretch(0, 1)
        for place, (words, width) in enumerate([(count, _COUNT), *((one, _AMOUNT) for one in amounts)], 1):
            cell = Text(self.theme, words, role, quiet, align=Qt.AlignmentFlag.AlignTrailing)
            cell.setFixedWidth(width)
            grid.addWidget(cell, 0, place)
        return grid
