"""Text in the roles of the type scale, with exact line heights, wrapping, cutting and marked runs.

Usage: ``Text(theme, "Kestrel Foods", Role.SECTION)``; ``Text.of_runs(theme, [Run("3,940", role=Role.LABEL_STRONG),
Run(" a second", Tone.TEXT3)])``. Everything is plain text: nothing that came from a server is read as markup.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QMargins, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.bridge.tips import plain_tip
from app.views.theme.fonts import Role
from app.views.theme.lines import baseline, elided, text_width
from app.views.theme.paint import draw_text
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone

#: Widths a text is laid out for before the first are forgotten: what the layout tries, and what it settles on.
_WIDTHS = 4
#: A line that gives way keeps room for a few letters.
_LEAST_CUT = 40


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text; an empty ``role`` is the role of the whole; ``ground`` marks it like a highlighter."""

    text: str
    tone: Tone = Tone.TEXT
    role: Role | None = None
    ground: Tone | None = None
    struck: bool = False


class Text(QLabel):
    """A label painted from the theme. It is at least one line high and never narrower than an ellipsis."""

    def __init__(
        self,
        theme: Theme,
        text: str = "",
        role: Role = Role.BODY,
        tone: Tone = Tone.TEXT,
        *,
        wrap: bool = False,
        elide: bool = False,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeading,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._role = role
        self._tone = tone
        self._elide = elide
        self._align = align
        self._runs: tuple[Run, ...] = ()
        self._tip = ""
        self._room = QMargins()
        self._laid: dict[tuple[int, Qt.AlignmentFlag], tuple[QTextLayout, int]] = {}
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(role))
        self.setWordWrap(wrap)
        horizontal = QSizePolicy.Policy.Preferred
        # A fixed height would be capped at the unwrapped hint; a wrapped text must be free to grow.
        policy = QSizePolicy(horizontal, QSizePolicy.Policy.Preferred if wrap else QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(wrap)
        if elide:
            # It may be cut down to an ellipsis: a long name pushes nothing out of view.
            policy.setHorizontalPolicy(QSizePolicy.Policy.Expanding)
        self.setSizePolicy(policy)
        theme.changed.connect(self._on_theme)
        self.set_text(text)

    @classmethod
    def of_runs(
        cls, theme: Theme, runs: Sequence[Run], role: Role = Role.BODY, *, wrap: bool = False
    ) -> Text:
        """A text of several runs."""
        made = cls(theme, "", role, wrap=wrap)
        made.set_runs(runs)
        return made

    @classmethod
    def cut(cls, theme: Theme, text: str, role: Role = Role.BODY, tone: Tone = Tone.TEXT) -> Text:
        """One line that gives way where there is little room, so that it never widens what it stands in."""
        made = cls(theme, text, role, tone, elide=True)
        made.setMinimumWidth(_LEAST_CUT)
        return made

    @classmethod
    def giving_way(cls, theme: Theme, text: str, role: Role = Role.BODY, tone: Tone = Tone.TEXT) -> Text:
        """One line that takes no more than its words need, and less where there is little room."""
        made = cls.cut(theme, text, role, tone)
        needed = made.sizeHint().width()
        made.setMinimumWidth(min(_LEAST_CUT, needed))
        made.setMaximumWidth(needed)
        return made

    def setContentsMargins(self, left: int, top: int, right: int, bottom: int) -> None:  # type: ignore[override]
        """Room around the words. Qt forgets a frame's margins when it is styled before it has a size."""
        self._room = QMargins(left, top, right, bottom)
        super().setContentsMargins(left, top, right, bottom)

    def contentsMargins(self) -> QMargins:
        return self._room

    def contentsRect(self) -> QRect:
        return self.rect().marginsRemoved(self._room)

    def set_text(self, text: str) -> None:
        """Plain text in the tone of the whole."""
        if self._runs or text != self.text():
            self._runs = ()
            self._show(text)

    def set_runs(self, runs: Sequence[Run]) -> None:
        if self._runs != tuple(runs):
            self._runs = tuple(runs)
            self._show("".join(run.text for run in self._runs))

    def set_tone(self, tone: Tone) -> None:
        if tone is not self._tone:
            self._tone = tone
            self._laid.clear()
            self.update()

    @property
    def tone(self) -> Tone:
        return self._tone

    def _show(self, text: str) -> None:
        self._laid.clear()
        self.setText(text)
        self.updateGeometry()
        self.update()

    def _on_theme(self) -> None:
        self._laid.clear()
        self.update()

    # geometry

    def hasHeightForWidth(self) -> bool:
        return self.wordWrap()

    def heightForWidth(self, width: int) -> int:
        margins = self.contentsMargins()
        lines = self._lines(max(1, width - margins.left() - margins.right()))[1]
        return max(1, lines) * self._theme.line(self._role) + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        margins = self.contentsMargins()
        width = self.natural_width + margins.left() + margins.right()
        if self.wordWrap():
            width = min(width, 420)
            return QSize(width, self.heightForWidth(width))
        paragraphs = self.text().count("\n") + 1
        height = paragraphs * self._theme.line(self._role) + margins.top() + margins.bottom()
        return QSize(width, height)

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        if self.wordWrap():
            return QSize(40, self._theme.line(self._role))
        if self._elide:
            return QSize(min(hint.width(), 24), hint.height())
        return hint

    @property
    def natural_width(self) -> int:
        """The width of the longest line as it was written."""
        if not self._runs:
            font = self._theme.font(self._role)
            return max(text_width(font, line) for line in self.text().split("\n"))
        return math.ceil(
            sum(text_width(self._theme.font(run.role or self._role), run.text) for run in self._runs)
        )

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self.contentsRect()
        if self._elide and not self._runs:
            self._paint_elided(painter)
        else:
            layout, count = self._lines(area.width())
            spare = 0 if self.wordWrap() else area.height() - count * self._theme.line(self._role)
            layout.draw(painter, QPointF(area.left(), area.top() + max(0, spare) // 2))
        painter.end()

    def _paint_elided(self, painter: QPainter) -> None:
        area = self.contentsRect()
        font = self._theme.font(self._role)
        self._offer_whole_text(elided(font, self.text(), area.width() + 1) != self.text())
        colour = self._theme.tokens.tone(self._tone)
        draw_text(painter, area, self.text(), font, colour, self._visual_alignment())

    def _offer_whole_text(self, cut: bool) -> None:
        tip = self.text() if cut else ""
        if tip != self._tip:
            self._tip = tip
            self.setToolTip(plain_tip(tip))

    def _visual_alignment(self) -> Qt.AlignmentFlag:
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        if self._align & Qt.AlignmentFlag.AlignHCenter:
            return Qt.AlignmentFlag.AlignHCenter
        trailing = bool(self._align & Qt.AlignmentFlag.AlignTrailing)
        return Qt.AlignmentFlag.AlignRight if trailing != mirrored else Qt.AlignmentFlag.AlignLeft

    def _lines(self, width: int) -> tuple[QTextLayout, int]:
        """The lines at a width, each in its place; they are kept until something about them changes."""
        look = (width, self._visual_alignment())
        if look not in self._laid:
            if len(self._laid) >= _WIDTHS:
                self._laid.clear()
            self._laid[look] = self._laid_out(width)
        return self._laid[look]

    def _laid_out(self, width: int) -> tuple[QTextLayout, int]:
        layout = QTextLayout(_broken(self.text()).replace("\n", "\u2028"), self._theme.font(self._role))
        # The side is the layout's, the direction the text's own.
        option = QTextOption(self._visual_alignment() | Qt.AlignmentFlag.AlignAbsolute)
        option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
        wraps = self.wordWrap()
        option.setWrapMode(
            QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere if wraps else QTextOption.WrapMode.ManualWrap
        )
        layout.setTextOption(option)
        layout.setFormats(self._formats())
        layout.setCacheEnabled(True)
        layout.beginLayout()
        count = 0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 1) if wraps else max(width, self.natural_width))
            count += 1
        layout.endLayout()
        self._place(layout, count)
        return layout, count

    def _place(self, layout: QTextLayout, count: int) -> None:
        height = self._theme.line(self._role)
        font = self._theme.font(self._role)
        for number in range(count):
            line = layout.lineAt(number)
            base = baseline(font, number * height, height)
            line.setPosition(QPointF(0, base - line.ascent()))

    def _formats(self) -> list[QTextLayout.FormatRange]:
        tokens = self._theme.tokens
        runs = self._runs or (Run(self.text(), self._tone),)
        ranges: list[QTextLayout.FormatRange] = []
        start = 0
        for run in runs:
            length = len(_broken(run.text))
            style = QTextCharFormat()
            style.setFont(self._theme.font(run.role or self._role))
            style.setForeground(QBrush(QColor(tokens.tone(run.tone))))
            if run.ground is not None:
                style.setBackground(QBrush(QColor(tokens.soft(run.ground))))
            style.setFontStrikeOut(run.struck)
            found = QTextLayout.FormatRange()
            found.start = start
            found.length = length
            found.format = style
            ranges.append(found)
            start += length
        return ranges


def _broken(text: str) -> str:
    """An address that does not fit into a line goes on behind its @, not in the midst of a name."""
    return text.replace("@", "@\u200b")
