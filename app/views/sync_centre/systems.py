"""The vendor's systems behind the gateway: what each holds, and how old that is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.views_model import SourceView
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.cards import Card, SectionHeader
from app.views.widgets.layout import column, emptied, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon


class SystemsSection(ThemedWidget):
    """A line a system. Where there is one that is read as it should be, the proof says all there is to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: tuple[SourceView, ...] = ()
        self._header = SectionHeader(theme, "", note_at_end=True)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(Space.M)
        self._card = Card(theme, inset=15)
        self._card.body.addLayout(self._lines)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.M - 2)
        layout.addWidget(self._header)
        layout.addWidget(self._card)
        self.hide()

    def show_systems(self, views: Sequence[SourceView], vendor: str) -> None:
        """Show the systems; what has not changed is left alone."""
        self.setVisible(len(views) > 1 or any(view.stale for view in views))
        if tuple(views) == self._shown:
            return
        self._shown = tuple(views)
        title = self.tr("{vendor}'s systems").format(vendor=vendor)
        stale = sum(view.stale for view in views)
        self._header.set_title(title)
        self._header.set_note(
            self.tr("{count} not reached").format(count=stale) if stale else self.tr("all reached")
        )
        self._card.setAccessibleName(title)
        emptied(self._lines)
        for view in views:
            self._lines.addWidget(_Line(self.theme, view))


class _Line(QWidget):
    """Icon, name, what it holds; below how it stands."""

    def __init__(self, theme: Theme, view: SourceView) -> None:
        super().__init__()
        tone = Tone.WARN if view.stale else Tone.OK
        icon = Icon(theme, "alert-triangle" if view.stale else "circle-check", tone, 16)
        head = row(Text(theme, view.label, Role.NAME), gap=8)
        head.addWidget(Text(theme, view.holds, Role.SECONDARY, Tone.TEXT3, elide=True), 1)
        words = Text(theme, view.words, Role.SECONDARY, tone if view.stale else Tone.TEXT2, wrap=True)
        line = row(icon, gap=10, align=False)
        line.addLayout(column(head, 2, words), 1)
        self.setLayout(line)
        self.setAccessibleName(f"{view.label}: {view.words}")
