"""Below the stepper: whose turn it is and what happens now; and a bar for what runs out."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.services.format import Formats
from app.services.portal import Portal
from app.services.standing import Turn, Window
from app.services.views_model import RecordView
from app.views.theme.fonts import Role
from app.views.theme.paint import rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import Panel, ThemedWidget
from app.views.widgets.gauges import draw_track
from app.views.widgets.layout import column, row
from app.views.widgets.text import Run, Text
from app.views.widgets.tiles import Icon


class TurnLine(ThemedWidget):
    """*Halden’s turn. They approve it, ask for more, or say why not.*"""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shown: Turn | None = None
        self._icon = Icon(theme, "clock", Tone.TEXT2, 16)
        self._text = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        line = row(gap=8, margins=(12, 0, 12, 0), align=False)
        line.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._text, 1)
        self.setLayout(line)
        self.hide()

    @property
    def words(self) -> str:
        """What stands here."""
        return self._text.text() if self._shown is not None else ""

    def show_turn(self, turn: Turn | None) -> None:
        """Show whose turn it is; None hides the line."""
        self.setVisible(turn is not None)
        if turn == self._shown or turn is None:
            self._shown = turn
            return
        self._shown = turn
        tone = Tone.TEXT3 if turn.tone == Tone.NEUTRAL else Tone(turn.tone)
        self._icon.show_icon(turn.icon, tone)
        runs = [Run(turn.words, Tone.TEXT2)]
        if turn.who:
            runs = [Run(f"{turn.who}. ", tone, Role.LABEL_STRONG), *runs]
        self._text.set_runs([run for run in runs if run.text])
        self.setAccessibleName(self._text.text())


class WindowBar(ThemedWidget):
    """How much of a window has gone, in the tone of its countdown."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._share = 0.0
        self._tone = Tone.ACCENT
        self.setFixedHeight(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, share: float, tone: Tone, words: str) -> None:
        self._share, self._tone = share, tone
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = self.theme.tokens
        draw_track(painter, tokens, self.rect())
        width = max(6, round(self.width() * self._share))
        colour = tokens.accent_fill if self._tone is Tone.ACCENT else tokens.tone(self._tone)
        rounded(painter, self.lead(QRect(0, 0, width, 6)), 3, colour)
        painter.end()


class WindowCard(Panel):
    """A protection or an offer: days left, the bar between its ends, and another date that is asked for."""

    def __init__(self, theme: Theme, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(theme, rules="bottom", parent=parent)
        self._formats = formats
        self._shown: Window | None = None
        self._label = Text(theme, "", Role.TABLE_HEAD, Tone.TEXT3)
        self._left = Text(theme, "", Role.LABEL_STRONG)
        self._bar = WindowBar(theme)
        self._begins = Text(theme, "", Role.CAPTION, Tone.TEXT3)
        self._ends = Text(theme, "", Role.CAPTION_MEDIUM, Tone.TEXT2)
        self._asked = Text(theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True)
        self._asked.setObjectName("window.asked")
        head = row(self._label, None, self._left)
        ends = row(self._begins, None, self._ends)
        self.setLayout(column(head, 6, self._bar, 4, ends, 2, self._asked, margins=(16, 11, 16, 10)))
        self.hide()

    @property
    def shown(self) -> Window | None:
        """What stands here."""
        return self._shown

    def show_window(self, window: Window | None) -> None:
        """Show how long something holds; hidden where there is no bar and nothing was asked for."""
        tells = window is not None and (window.share is not None or window.asked or window.answer)
        self.setVisible(bool(tells))
        if window == self._shown or window is None or not tells:
            self._shown = window if tells else None
            return
        self._shown = window
        tone = Tone(window.due.tone) if window.due.tone in (Tone.WARN, Tone.BAD) else Tone.ACCENT
        left = self.tr("{days} left").format(days=window.due.words) if window.due.words[:1].isdigit() else ""
        self._label.set_text(window.label)
        self._left.set_text(left or window.due.words)
        self._left.set_tone(Tone.TEXT if tone is Tone.ACCENT else tone)
        day = self._formats.day
        self._begins.set_text(day(window.begins) if window.begins else "")
        self._ends.set_text(day(window.ends))
        self._bar.setVisible(window.share is not None)
        said = f"{window.label} {day(window.ends)}, {self._left.text()}"
        self._bar.show_share(window.share or 0.0, tone, said)
        self.setAccessibleName(said)
        self._show_asked(window)

    def _show_asked(self, window: Window) -> None:
        self._asked.setVisible(bool(window.asked or window.answer))
        if window.asked is None:
            self._asked.set_runs([Run(window.answer, Tone.TEXT2)])
            return
        day = self._formats.day
        now, then = self.tr("Now"), self.tr("asked for")
        self._asked.set_runs(
            [
                Run(f"{now} ", Tone.TEXT3),
                Run(day(window.ends), Tone.TEXT, Role.LABEL),
                Run("   →   ", Tone.TEXT3),
                Run(f"{then} ", Tone.TEXT3),
                Run(day(window.asked), Tone.ACCENT, Role.LABEL_STRONG),
            ]
        )


class StandingParts:
    """The parts together, brought up to date with a record."""

    def __init__(self, theme: Theme, portal: Portal) -> None:
        self._portal = portal
        self.turn = TurnLine(theme)
        self.window = WindowCard(theme, portal.formats)

    def show_record(self, record: RecordView) -> frozenset[str]:
        """Show how a record stands; returns the fields that are told by it."""
        standing = self._portal.standing
        self.turn.show_turn(standing.turn(record))
        self.window.show_window(standing.window(record))
        verdict = standing.verdict(record)
        shown = self.window.shown
        told = verdict.told if verdict is not None else frozenset()
        return told | (frozenset(shown.fields) if shown is not None else frozenset())
