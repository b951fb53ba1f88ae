"""The freshness chip: on every screen, top right; says how live the data is, and why on a click.

Usage: ``chip = FreshnessChip(theme); chip.show_live("09:41")``; ``chip.clicked`` opens the explanation.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.bridge.tips import plain_tip
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_focus, draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Radius, Tone
from app.views.widgets.base import keyboard_came


class Freshness(StrEnum):
    """How the screen stands to the vendor's system."""

    LIVE = "live"
    PROVEN = "proven"
    PARTLY = "partly"
    OFFLINE = "offline"
    FIRST_SYNC = "first_sync"
    SYNCING = "syncing"
    PROBLEM = "problem"


_TONES = {
    Freshness.LIVE: Tone.OK,
    Freshness.PROVEN: Tone.OK,
    Freshness.PARTLY: Tone.WARN,
    Freshness.OFFLINE: Tone.WARN,
    Freshness.FIRST_SYNC: Tone.ACCENT,
    Freshness.SYNCING: Tone.ACCENT,
    Freshness.PROBLEM: Tone.BAD,
}
_ICONS = {
    Freshness.LIVE: "",
    Freshness.PROVEN: "circle-check",
    Freshness.PARTLY: "alert-triangle",
    Freshness.OFFLINE: "wifi-off",
    Freshness.FIRST_SYNC: "refresh",
    Freshness.SYNCING: "refresh",
    Freshness.PROBLEM: "alert-circle",
}
_DOT = 8
_ICON = 14
_INSET = 10


class FreshnessChip(QPushButton):
    """28 high; a shape, words and a soft ground."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = Freshness.OFFLINE
        self._focus_by_key = False
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    @property
    def state(self) -> Freshness:
        return self._state

    def show_state(self, state: Freshness, words: str, why: str = "") -> None:
        """Any state in the caller's words; ``why`` becomes the tip."""
        self._state = state
        self.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(plain_tip(why))
        self.setAccessibleDescription(why)
        self.updateGeometry()
        self.update()

    def show_live(self, as_of: str, why: str = "") -> None:
        """*Live · as of 09:41*."""
        self.show_state(Freshness.LIVE, self.tr("Live · as of {time}").format(time=as_of), why)

    def show_proven(self, at: str, why: str = "") -> None:
        words = self.tr("Live · proven identical {time}").format(time=at)
        self.show_state(Freshness.PROVEN, words, why)

    def show_offline(self, as_of: str, why: str = "") -> None:
        words = self.tr("Offline · as of {time}").format(time=as_of) if as_of else self.tr("Offline")
        self.show_state(Freshness.OFFLINE, words, why)

    def show_first_sync(self, per_cent: int, why: str = "") -> None:
        words = self.tr("First sync · {share} %").format(share=per_cent)
        self.show_state(Freshness.FIRST_SYNC, words, why)

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        words = text_width(self._theme.font(Role.LABEL), self.text())
        return QSize(2 * _INSET + self._shape_room() + words, Height.CONTROL_SMALL)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def _shape_room(self) -> int:
        return _ICON + 7 if _ICONS[self._state] else _DOT + 6

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        tone = _TONES[self._state]
        colour = tokens.tone(tone)
        painter = QPainter(self)
        frame = colour if tokens.scheme.high_contrast else None
        rounded(painter, self.rect(), Radius.CONTROL, tokens.soft(tone), frame)
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        icon = _ICONS[self._state]
        edge = _ICON if icon else _DOT
        x = self.width() - _INSET - edge if mirrored else _INSET
        top = (self.height() - edge) // 2
        if icon:
            self._theme.draw_icon(painter, x, top, icon, colour, _ICON)
        else:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawEllipse(QRectF(x, top, _DOT, _DOT))
        room = self._shape_room()
        left = _INSET if mirrored else _INSET + room
        words = QRect(left, 0, self.width() - 2 * _INSET - room, self.height())
        align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
        draw_text(painter, words, self.text(), self._theme.font(Role.LABEL), colour, align)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect())
        painter.end()
