"""How far each kind of record has come: ready to open, coming in, or next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.services.format import Formats
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.widgets.base import ThemedWidget
from app.views.widgets.buttons import link
from app.views.widgets.gauges import ProgressBar
from app.views.widgets.layout import row
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_HEIGHT = 43
_INSET = 20
_NAME = 188
_BAR = 220
_END = 116


class Stage(StrEnum):
    """Where a kind of record stands in a first sync."""

    READY = "ready"
    COMING = "coming"
    NEXT = "next"


@dataclass(frozen=True)
class Coming:
    """A row: key of the entity type (empty: cannot be opened), words, and figures."""

    key: str
    name: str
    icon: str
    stage: Stage
    done: int
    total: int
    things: str = ""
    """The name as it stands inside a sentence."""


_TONES = {Stage.READY: Tone.OK, Stage.COMING: Tone.ACCENT, Stage.NEXT: Tone.TEXT3}


class ComingRow(ThemedWidget):
    """One kind of record; `opened` is its link once it is ready."""

    opened = Signal(str)

    def __init__(self, theme: Theme, coming: Coming, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._formats = formats
        self._coming = coming
        self.setFixedHeight(_HEIGHT)
        self._icon = Icon(theme, coming.icon, _TONES[coming.stage], 18)
        name = Text(theme, coming.name, Role.NAME, elide=True)
        name.setFixedWidth(_NAME)
        self._tick = Icon(theme, "check", Tone.OK, 14)
        self._ready = Text(theme, self.tr("Ready"), Role.SECONDARY, Tone.OK)
        self._bar = ProgressBar(theme, 6, coming.name)
        self._bar.setFixedWidth(_BAR)
        self._count = Text(theme, "", Role.SECONDARY, Tone.TEXT2)
        opens = self.tr("Open {things}").format(things=coming.things or coming.name)
        self._open = link(theme, opens, "chevron-right", icon_after=True)
        self._open.clicked.connect(lambda: self.opened.emit(coming.key))
        self._stage = Text(theme, "", Role.SECONDARY, Tone.TEXT3)
        end = QWidget()
        end.setFixedWidth(_END)
        tail = QHBoxLayout(end)
        tail.setContentsMargins(0, 0, 0, 0)
        tail.addStretch(1)
        tail.addWidget(self._open)
        tail.addWidget(self._stage)
        line = QHBoxLayout(self)
        line.setContentsMargins(_INSET, 0, _INSET, 0)
        line.setSpacing(0)
        middle = Qt.AlignmentFlag.AlignVCenter
        line.addWidget(self._icon, 0, middle)
        line.addSpacing(12)
        line.addWidget(name, 0, middle)
        line.addLayout(row(self._tick, self._ready, self._bar, gap=6))
        line.addStretch(1)
        line.addWidget(self._count, 0, middle)
        line.addWidget(end, 0, middle)
        self.show_coming(coming)

    def show_coming(self, coming: Coming) -> None:
        """Show newer figures of the same kind."""
        self._coming = coming
        ready = coming.stage is Stage.READY
        self._icon.show_icon(coming.icon, _TONES[coming.stage])
        self._tick.setVisible(ready)
        self._ready.setVisible(ready)
        self._bar.setVisible(not ready)
        self._bar.show_share(coming.done / coming.total if coming.total else 0.0)
        self._open.setVisible(ready and bool(coming.key))
        self._stage.setVisible(not self._open.isVisibleTo(self))
        self._stage.set_text(
            "" if ready else self.tr("Coming in") if coming.stage is Stage.COMING else self.tr("Next")
        )
        self._count.set_text(self._figures(coming))
        said = self.tr("Ready") if ready else self._stage.text()
        self.setAccessibleName(", ".join(part for part in (coming.name, self._count.text(), said) if part))

    def _figures(self, coming: Coming) -> str:
        number = self._formats.number
        match coming.stage:
            case Stage.READY:
                return self._formats.tr.plural(coming.total, "%n record", "%n records")
            case Stage.COMING:
                return self.tr("{done} of {total}").format(
                    done=number(coming.done), total=number(coming.total)
                )
            case Stage.NEXT if not coming.total:
                # Before the first answer nobody knows how many there are.
                return ""
            case Stage.NEXT:
                return self.tr("{count} to come").format(count=number(coming.total))
