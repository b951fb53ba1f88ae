"""Open deals by stage: a bar per currency, figures below, and what closes or loses its protection soon."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.services.format import Formats
from app.services.views_model import Pipeline
from app.views.home.stage_table import StageTable
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button, ButtonKind, IconButton
from app.views.widgets.cards import Card, Rule, SectionHeader
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import column, holding, row
from app.views.widgets.stage_bar import BarLine, StageBar, StageFigure
from app.views.widgets.text import Run, Text


class PipelineSection(ThemedWidget):
    """`table_asked`: the open deals; `ending_asked`: those that lose protection; `first_asked`: register one."""

    table_asked = Signal()
    ending_asked = Signal()
    first_asked = Signal()
    stage_asked = Signal(str)
    """One stage as a list: its state."""
    turned = Signal(bool)
    """Shown as a table from now on, or as bars."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: Pipeline | None = None
        self._header = SectionHeader(theme, "", link=self.tr("Open as table"))
        self._header.activated.connect(self.table_asked)
        self._as_table = False
        self.toggle = IconButton(theme, "list", self.tr("Show figures as a table"))
        self.toggle.setObjectName("home.pipeline.toggle")
        self.toggle.clicked.connect(lambda: self.turned.emit(not self._as_table))
        self._header.add(self.toggle)
        self._bar = StageBar(theme)
        self.table = StageTable(theme)
        self.table.opened.connect(self.stage_asked)
        self.table.hide()
        self._closing = Text(theme, "", Role.SECONDARY)
        self._ending = WarnLink(theme, "", ButtonKind.LINK)
        self._ending.clicked.connect(self.ending_asked)
        self._figures = QWidget()
        foot = row(self._closing, None, self._ending, margins=(Space.L, 11, Space.L, 12))
        self._figures.setLayout(column(self._picture(), self.table, Rule(theme), foot))
        self._empty = EmptyState(theme, "briefcase", "")
        self._empty.acted.connect(self.first_asked)
        self._empty.setMinimumHeight(160)
        # Until it is counted nobody knows that there is nothing.
        self._empty.hide()
        self._card = card = Card(theme)
        card.body.addWidget(self._figures)
        card.body.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M - 2)
        layout.addWidget(self._header)
        layout.addWidget(card)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def _picture(self) -> QWidget:
        self._bars = holding(column(self._bar, None, margins=(Space.L, Space.L, Space.L, Space.L)))
        return self._bars

    def show_as_table(self, as_table: bool) -> None:
        """Show the same figures as a table, or as bars."""
        self._as_table = as_table
        self._bars.setVisible(not as_table)
        self.table.setVisible(as_table)
        self.toggle.set_icon("chart-bar" if as_table else "list")
        self.toggle.set_words(self.tr("Show as bars") if as_table else self.tr("Show figures as a table"))

    def show_empty_words(self, title: str, text: str, action: str) -> None:
        """What stands here before there is a deal; `action` empty for who may not register one."""
        self._empty.show_words("briefcase", title, text, action)

    def show_pipeline(self, pipeline: Pipeline, formats: Formats, one: str, many: str) -> None:
        """Draw the figures; amounts of different currencies are never added. `one`, `many`: what is counted."""
        if pipeline == self._shown:
            return
        self._shown = pipeline
        # Contracts are no pipeline: the section is called by what is in it.
        title = self.tr("{things} by stage").format(things=many)
        self._header.set_title(title)
        self._card.setAccessibleName(title)
        has_deals = pipeline.open_count > 0
        self._figures.setVisible(has_deals)
        self._empty.setVisible(not has_deals)
        self._header.set_note(
            formats.tr.plural(pipeline.open_count, "%n open {what}", "%n open {what}").format(
                what=formats.tr.inside(one if pipeline.open_count == 1 else many)
            )
            if has_deals
            else ""
        )
        if self._header.link is not None:
            self._header.link.setVisible(has_deals)
        self.toggle.setVisible(has_deals)
        self.table.show_pipeline(pipeline, formats, many)
        self._bar.show_pipeline(self._lines(pipeline, formats), self._stages(pipeline, formats))
        self._show_foot(pipeline, formats, one, many)

    def _lines(self, pipeline: Pipeline, formats: Formats) -> list[BarLine]:
        return [
            BarLine(
                formats.money_short(pipeline.totals.get(currency, 0), currency),
                tuple(float(stage.totals.get(currency, 0)) for stage in pipeline.stages),
            )
            for currency in pipeline.currencies
        ]

    def _stages(self, pipeline: Pipeline, formats: Formats) -> list[StageFigure]:
        return [
            StageFigure(
                stage.label,
                formats.number(stage.count),
                tuple(
                    formats.money_short(stage.totals.get(currency, 0), currency)
                    for currency in pipeline.currencies
                ),
            )
            for stage in pipeline.stages
        ]

    def _show_foot(self, pipeline: Pipeline, formats: Formats, one: str, many: str) -> None:
        closing = pipeline.closing
        runs = [Run(self.tr("Closing this quarter") + "  ", Tone.TEXT3)]
        if closing.count:
            what = formats.tr.inside(one if closing.count == 1 else many)
            said = formats.tr.plural(closing.count, "%n {what}", "%n {what}").format(what=what)
            runs.append(Run(said, role=Role.LABEL))
            amounts = formats.totals(closing.totals, ", ").rpartition(", ")
            joint = self.tr(" and ") if amounts[1] else ""
            runs.append(Run(f"  {amounts[0]}{joint}{amounts[2]}", Tone.TEXT2))
        else:
            runs.append(Run(self.tr("none"), Tone.TEXT2))
        self._closing.set_runs(runs)
        said = self.tr("{count} loses protection within 30 days")
        if pipeline.ending != 1:
            said = self.tr("{count} lose protection within 30 days")
        self._ending.set_text(said.format(count=pipeline.ending))
        self._ending.setVisible(pipeline.ending > 0)


class WarnLink(Button):
    """Words in warn that open what they speak of."""

    def _colour(self) -> str:
        return self._theme.tokens.warn
