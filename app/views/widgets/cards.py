"""Cards, section headers and rules: the frames of every page.

Usage::

    card = Card(theme)                      # white, 1 px line, radius 8
    card.body.addWidget(...)                # a column without gaps
    SectionHeader(theme, "Needs you", note="7 jobs · 3 due today", link="All jobs")
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import Button
from app.views.widgets.buttons import link as make_link
from app.views.widgets.text import Text


class Card(QFrame):
    """A frame with rounded corners and a column inside; ``tint``: plain, raised, ok, warn, bad, accent, clash."""

    def __init__(
        self,
        theme: Theme,
        *,
        inset: int = 0,
        tint: str = "plain",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("kind", "card")
        self.setProperty("tint", tint)
        self.setAccessibleName(name)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(inset, inset, inset, inset)
        self.body.setSpacing(0)

    def set_tint(self, tint: str) -> None:
        if self.property("tint") != tint:
            self.setProperty("tint", tint)
            self.style().unpolish(self)
            self.style().polish(self)

    def add_rule(self) -> None:
        """A rule across the card."""
        self.body.addWidget(Rule(self._theme))


class Rule(ThemedWidget):
    """A thin line, horizontal or (``upright``) vertical."""

    def __init__(self, theme: Theme, *, upright: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        if upright:
            self.setFixedWidth(1)
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        else:
            self.setFixedHeight(1)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(1, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.tokens.line)
        painter.end()


#: A title wraps down to this width.
_LEAST_TITLE = 96


class SectionHeader(ThemedWidget):
    """A section's title, a quiet note behind it and a link (or the caller's buttons) at the far end."""

    activated = Signal()

    def __init__(
        self,
        theme: Theme,
        title: str,
        note: str = "",
        link: str = "",
        *,
        note_at_end: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._title = Text(theme, title, Role.SECTION, wrap=True)
        self._note = Text(theme, note, Role.SECONDARY, Tone.TEXT3)
        self._link: Button | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        self._row.addWidget(self._title, 0, Qt.AlignmentFlag.AlignVCenter)
        if note_at_end:
            self._row.addStretch(1)
        self._row.addWidget(self._note, 0, Qt.AlignmentFlag.AlignVCenter)
        if not note_at_end:
            self._row.addStretch(1)
        if link:
            self._link = make_link(theme, link)
            self._link.clicked.connect(self.activated)
            self._row.addWidget(self._link, 0, Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self._note.setVisible(bool(note))
        self._fit()

    @property
    def link(self) -> Button | None:
        return self._link

    def minimumSizeHint(self) -> QSize:
        """As narrow as two short words beside the rest: a long title wraps before it pushes anything out."""
        return QSize(self._taken() + _LEAST_TITLE, super().sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize}:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        """A title is never cut: beside what else stands here it wraps, and the header grows."""
        # Laid out in lines, words take a fraction more than the sum that is rounded.
        whole = self._title.natural_width + 1
        room = max(_LEAST_TITLE, self.width() - self._taken())
        width = min(whole, room) if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else whole
        size = QSize(width, self._title.heightForWidth(width))
        if self._title.minimumSize() != size:
            self._title.setFixedSize(size)

    def _taken(self) -> int:
        """The width of all that stands beside the title."""
        items = (self._row.itemAt(place) for place in range(self._row.count()))
        others = (item.widget() for item in items if item is not None)
        return sum(
            one.sizeHint().width() + self._row.spacing()
            for one in others
            if one is not None and one is not self._title and not one.isHidden()
        )

    def set_note(self, note: str) -> None:
        self._note.set_text(note)
        self._note.setVisible(bool(note))

    def set_title(self, title: str) -> None:
        self._title.set_text(title)
        self._fit()
        self.setAccessibleName(title)

    def add(self, widget: QWidget) -> None:
        """Another control at the far end."""
        self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
