"""What comes due, above a list: a tile for each window of days, which filters the list to what it counts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.services.due_windows import DueWindow
from app.services.format import Formats
from app.views.theme.fonts import Role
from app.views.theme.paint import draw_focus, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tone
from app.views.widgets.base import Panel
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.rows import OpenRow
from app.views.widgets.text import Text


class WindowTile(OpenRow):
    """Label, how many with their sums, and what is still to be answered; on while the list shows just these."""

    def __init__(self, theme: Theme, window: DueWindow, formats: Formats, on: bool) -> None:
        super().__init__(theme)
        self._on = on
        self.setObjectName(f"window.{window.first}")
        note, tone = self._note(window)
        quiet = Tone.TEXT3 if tone is Tone.NEUTRAL else tone
        sums = formats.totals(window.totals)
        figures = row(Text(theme, formats.number(window.count), Role.FIGURE), gap=8)
        figures.addWidget(Text.cut(theme, sums, Role.SECONDARY, Tone.TEXT3), 1)
        self.setLayout(
            column(
                Text.cut(theme, window.label, Role.CAPTION, Tone.ACCENT if on else Tone.TEXT3),
                figures,
                Text.cut(
                    theme, note, Role.CAPTION_MEDIUM if quiet is not Tone.TEXT3 else Role.CAPTION, quiet
                ),
                gap=2,
                margins=(14, 9, 12, 9),
            )
        )
        shown = self.tr("shown now") if on else ""
        said = (window.label, formats.number(window.count), sums, note, shown)
        self.setAccessibleName(", ".join(part for part in said if part))

    def _note(self, window: DueWindow) -> tuple[str, Tone]:
        if not window.count:
            return self.tr("Nothing due"), Tone.NEUTRAL
        if window.waiting:
            return self.tr("{count} waiting for you").format(count=window.waiting), Tone.WARN
        return self.tr("Nothing waits for you"), Tone.NEUTRAL

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self.theme.tokens
        painter = QPainter(self)
        ground = tokens.accent_soft if self._on else tokens.hover if self._inside else tokens.surface
        edge = tokens.accent_line if self._on else tokens.line
        rounded(painter, self.rect(), Radius.CARD, ground, edge)
        if self.hasFocus():
            draw_focus(painter, self.theme, self.rect())
        painter.end()


class WindowTiles(Panel):
    """The tiles side by side; `chosen` gives the chip of one, or an empty text when the one that was on is pressed."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "surface", parent=parent)
        self._shown: tuple[object, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 14, 16, 0)
        self._row.setSpacing(12)

    def show_windows(self, windows: Sequence[DueWindow], current: str, formats: Formats) -> None:
        """Draw the windows; `current` is the chip the list shows."""
        shown = (tuple(windows), current)
        if shown == self._shown:
            return
        self._shown = shown
        held = next((n for n in range(self._row.count()) if self._has_focus(n)), -1)
        emptied(self._row)
        for window in windows:
            on = window.chip == current
            tile = WindowTile(self.theme, window, formats, on)
            tile.opened.connect(lambda chip=window.chip, on=on: self.chosen.emit("" if on else chip))
            self._row.addWidget(tile, 1)
        if 0 <= held < self._row.count():
            self._widget(held).setFocus()

    def _widget(self, number: int) -> QWidget:
        item = self._row.itemAt(number)
        widget = item.widget() if item is not None else None
        assert widget is not None
        return widget

    def _has_focus(self, number: int) -> bool:
        return self._widget(number).hasFocus()
