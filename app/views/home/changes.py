"""What the vendor changed since the user last looked, newest first, under the days it happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.services.format import Formats
from app.services.views_model import ChangeLine
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import link
from app.views.widgets.cards import Card, SectionHeader
from app.views.widgets.empty_state import EmptyState
from app.views.widgets.layout import emptied, row
from app.views.widgets.rows import Change, ChangeRow
from app.views.widgets.text import Text

#: What fits beside jobs and pipeline at 1280 by 800; the rest comes on asking.
_FIRST = 9
_MORE = 100


class ChangesSection(ThemedWidget):
    """`opened` gives a line's target; `seen` is *Mark as seen*."""

    opened = Signal(object)
    seen = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._lines: tuple[ChangeLine, ...] | None = None
        self._all = False
        self._vendor = ""
        self._figure: Callable[[int], str] = str
        self._header = SectionHeader(theme, "", link=self.tr("Mark as seen"))
        self._header.activated.connect(self.seen)
        self._card = Card(theme)
        self._rows: list[ChangeRow] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M - 2)
        layout.addWidget(self._header)
        layout.addWidget(self._card)
        layout.addStretch(1)

    @property
    def rows(self) -> Sequence[ChangeRow]:
        """The rows that are shown, in order."""
        return tuple(self._rows)

    def show_changes(self, lines: Sequence[ChangeLine], since: str, formats: Formats, vendor: str) -> None:
        """Show what `vendor` changed; `since` is the title."""
        self._vendor = vendor
        self._figure = formats.number
        self._header.set_title(since)
        self._card.setAccessibleName(since)
        if self._lines != tuple(lines):
            self._lines = tuple(lines)
            self._build()

    def _build(self) -> None:
        lines = self._lines or ()
        self._clear()
        shown = lines[: _MORE if self._all else _FIRST]
        group = ""
        for line in shown:
            if line.group != group:
                group = line.group
                self._card.body.addWidget(self._heading(group))
            self._card.body.addWidget(self._row(line))
        if len(lines) > len(shown):
            self._card.body.addLayout(self._rest(len(lines)))
        if not lines:
            self._card.body.addWidget(self._nothing())
        else:
            self._card.body.addSpacing(Space.XS)
        if self._header.link is not None:
            self._header.link.setVisible(bool(lines))

    def _heading(self, group: str) -> Text:
        heading = Text(self.theme, group, Role.CAPTION_MEDIUM, Tone.TEXT3)
        heading.setContentsMargins(14, 12 if not self._rows else 10, 14, 3)
        return heading

    def _row(self, line: ChangeLine) -> ChangeRow:
        tone = Tone(line.tone) if line.tone else Tone.TEXT2
        quiet = Tone.TEXT3 if tone is Tone.NEUTRAL else tone
        entry = ChangeRow(self.theme, Change(line.icon, quiet, line.title, line.detail, line.when))
        entry.opened.connect(lambda: self.opened.emit(line.target))
        self._rows.append(entry)
        return entry

    def _rest(self, count: int) -> QHBoxLayout:
        if self._all:
            text = self.tr("The newest {most} of {count} are shown.").format(
                most=self._figure(_MORE), count=self._figure(count)
            )
            return row(Text(self.theme, text, Role.SECONDARY, Tone.TEXT3), None, margins=(14, 8, 14, 0))
        more = link(self.theme, self.tr("Show all {count}").format(count=self._figure(count)))
        more.clicked.connect(self._show_all)
        return row(more, None, margins=(14, 8, 14, 0))

    def _show_all(self) -> None:
        self._all = True
        self._build()

    def _nothing(self) -> QWidget:
        return EmptyState(
            self.theme,
            "history",
            self.tr("Nothing has changed since."),
            self.tr("What {vendor} changes or answers stands here.").format(vendor=self._vendor),
        )

    def _clear(self) -> None:
        self._rows = []
        emptied(self._card.body)
