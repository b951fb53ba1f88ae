"""Two-line rows of the home page: a job with its due date and one action, and a line of what changed.

Usage: ``JobRow(theme, Job("message-circle", Tone.BAD, "Answer Halden on ...", "REQ-3318 · ...", "Today 12:00",
Tone.BAD, "Reply"), first=True)``; ``acted`` is the button, ``opened`` the row.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.views.theme.fonts import Role
from app.views.theme.paint import draw_focus
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button, ButtonKind
from app.views.widgets.fingers import ROW
from app.views.widgets.layout import column, row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon, IconTile


class OpenRow(ThemedWidget):
    """A row one can open: hover, focus, Return and click."""

    opened = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._inside = False
        self.setProperty(ROW, True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def event(self, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.Enter, QEvent.Type.Leave}:
            self._inside = event.type() is QEvent.Type.Enter
            self.update()
        elif event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            self.update()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.opened.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._inside:
            painter.fillRect(self.rect(), self.theme.tokens.hover)
        if self.hasFocus():
            draw_focus(painter, self.theme, self.rect().adjusted(1, 1, -1, -1), width=1)
        painter.end()


@dataclass(frozen=True, slots=True)
class Job:
    """Icon and its tone, title, second line, when it is due and how pressing, and the verb of the button."""

    icon: str
    tone: Tone
    title: str
    detail: str
    due: str
    due_tone: Tone
    action: str


class JobRow(OpenRow):
    """54 high with its rule; the button of a `pressing` one is primary."""

    acted = Signal()

    def __init__(
        self, theme: Theme, job: Job, *, pressing: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        # With the rule between two rows it makes the 54 of a two-line row.
        self.setFixedHeight(Height.ROW_TWO_LINES - 1)
        self.setAccessibleName(", ".join(part for part in (job.title, job.detail, job.due) if part))
        tile = IconTile(theme, job.icon, job.tone)
        words = column(
            None,
            Text(theme, job.title, Role.NAME, elide=True),
            Text(theme, job.detail, Role.SECONDARY, Tone.TEXT3, elide=True),
            None,
        )
        due = Text(theme, job.due, Role.LABEL, job.due_tone)
        kind = ButtonKind.PRIMARY if pressing else ButtonKind.SECONDARY
        button = Button(theme, job.action, kind, small=True)
        button.setFixedWidth(max(108, button.sizeHint().width()))
        button.clicked.connect(self.acted)
        line = row(tile, gap=12, margins=(12, 0, 12, 0))
        line.addLayout(words, 1)
        line.addWidget(due)
        line.addWidget(button)
        self.setLayout(line)


@dataclass(frozen=True, slots=True)
class Change:
    """What changed: icon and tone, title, second line, time in words."""

    icon: str
    tone: Tone
    title: str
    detail: str
    time: str


class ChangeRow(OpenRow):
    """A change without a frame, 47 high."""

    def __init__(self, theme: Theme, change: Change, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setFixedHeight(47)
        self.setAccessibleName(", ".join(part for part in (change.title, change.detail, change.time) if part))
        words = column(
            None,
            Text(theme, change.title, Role.NAME, elide=True),
            Text(theme, change.detail, Role.SECONDARY, Tone.TEXT3, elide=True),
            None,
        )
        line = row(Icon(theme, change.icon, change.tone, 16), gap=12, margins=(14, 0, 14, 0))
        line.addLayout(words, 1)
        line.addWidget(Text(theme, change.time, Role.CAPTION, Tone.TEXT3))
        self.setLayout(line)
