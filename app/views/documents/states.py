"""What stands where a page would be: not here yet, on its way, failed, of another kind, or no longer shared."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import Button, ButtonKind
from app.views.widgets.gauges import ProgressBar
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_WORDS = 320


@dataclass(frozen=True)
class Standing:
    """Icon and tone, what holds, what it means or what to do, one verb; `share` 0 to 1 draws a bar with `figures`."""

    icon: str
    title: str
    text: str = ""
    verb: str = ""
    primary: bool = True
    tone: Tone = Tone.TEXT3
    share: float | None = None
    figures: str = ""


class StandingPanel(Panel):
    """Centred where the page would be; `acted` is the button."""

    acted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "surface", parent=parent)
        self._icon = Icon(theme, "file", Tone.TEXT3, 24)
        self._title = Text(theme, "", Role.NAME, wrap=True, align=Qt.AlignmentFlag.AlignHCenter)
        self._text = Text(
            theme, "", Role.SECONDARY, Tone.TEXT2, wrap=True, align=Qt.AlignmentFlag.AlignHCenter
        )
        self._bar = ProgressBar(theme, 6)
        self._figures = Text(theme, "", Role.SECONDARY, Tone.TEXT2)
        self._button = Button(theme, "", ButtonKind.PRIMARY)
        self._button.clicked.connect(self.acted)
        for words in (self._title, self._text):
            words.setFixedWidth(_WORDS)
        self._bar.setFixedWidth(280)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(4)
        column.addStretch(2)
        middle = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(self._icon, 0, middle)
        column.addSpacing(4)
        column.addWidget(self._title, 0, middle)
        column.addWidget(self._text, 0, middle)
        column.addSpacing(8)
        column.addWidget(self._bar, 0, middle)
        column.addSpacing(4)
        column.addWidget(self._figures, 0, middle)
        column.addSpacing(12)
        column.addWidget(self._button, 0, middle)
        column.addStretch(3)

    @property
    def button(self) -> Button:
        """The one verb."""
        return self._button

    def show_standing(self, standing: Standing) -> None:
        """Show how the file stands."""
        self._icon.show_icon(standing.icon, standing.tone)
        self._title.set_text(standing.title)
        self._text.set_text(standing.text)
        self._text.setVisible(bool(standing.text))
        for words in (self._title, self._text):
            # Centred by the layout, a text keeps the height it says it wants, however many lines it has.
            words.setFixedHeight(words.heightForWidth(_WORDS))
        self._bar.setVisible(standing.share is not None)
        self._figures.setVisible(bool(standing.figures))
        self._figures.set_text(standing.figures)
        if standing.share is not None:
            self._bar.show_share(standing.share, f"{standing.title}, {standing.figures}")
        self._button.set_kind(ButtonKind.PRIMARY if standing.primary else ButtonKind.SECONDARY)
        self._button.set_text(standing.verb)
        self._button.setVisible(bool(standing.verb))
        said = (standing.title, standing.text, standing.figures)
        self.setAccessibleName(" ".join(part for part in said if part))
