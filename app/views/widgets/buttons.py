"""Buttons: one primary a pane, secondary ones, plain text links, and round-cornered icon buttons.

Usage: ``primary(theme, "Register a deal", icon="plus")``, ``secondary(theme, "Edit", icon="pencil", small=True)``,
``link(theme, "All jobs")``, ``IconButton(theme, "trash", "Remove ledbury-site-survey.pdf")``.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from app.bridge.tips import plain_tip
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_focus, draw_key, draw_text, key_width, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Tone
from app.views.widgets.base import keyboard_came
from app.views.widgets.focus_ring import FocusRing


class ButtonKind(StrEnum):
    """What a button is among its neighbours; also the style sheet's ``kind``."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    LINK = "link"
    WARN = "warn"
    QUIET = "quiet"


_ICON = 16
_GAP = 6
_KEY_GAP = 10
#: What is left of a button that gives way.
_LEAST = 48


class Button(QPushButton):
    """A push button with icon, words and an optional key hint; says why when it is disabled."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        kind: ButtonKind = ButtonKind.SECONDARY,
        *,
        icon: str = "",
        small: bool = False,
        key: str = "",
        icon_after: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._kind = kind
        self._icon_name = icon
        self._small = small
        self._key = key
        self._icon_after = icon_after
        self._tip = ""
        self._reason = ""
        self._gives_way = False
        self._focus_by_key = False
        self._ring: FocusRing | None = None
        self.setProperty("kind", kind.value)
        self.setFont(theme.font(self._role()))
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        if kind is ButtonKind.LINK:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self._on_theme)

    def set_text(self, text: str) -> None:
        """Other words, for example *Submit (waits to send)* when offline."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()

    def set_icon(self, name: str) -> None:
        self._icon_name = name
        self.updateGeometry()
        self.update()

    def set_kind(self, kind: ButtonKind) -> None:
        if kind is self._kind:
            return
        self._kind = kind
        self.setProperty("kind", kind.value)
        self.setFont(self._theme.font(self._role()))
        self.style().unpolish(self)
        self.style().polish(self)
        self.update()

    def set_tip(self, tip: str) -> None:
        """The tip while enabled; a reason for being disabled replaces it."""
        self._tip = tip
        self._explain()

    def disable(self, reason: str) -> None:
        """Disabled keeps its words and gives the reason as tip and accessible description."""
        self._reason = reason
        self.setEnabled(False)
        self._explain()

    def enable(self) -> None:
        self._reason = ""
        self.setEnabled(True)
        self._explain()

    def _explain(self) -> None:
        self.setToolTip(plain_tip(self._reason or self._tip))
        self.setAccessibleDescription(self._reason or self._tip)

    def _on_theme(self) -> None:
        self.update()

    # geometry

    def sizeHint(self) -> QSize:
        width = text_width(self._theme.font(self._role()), self.text())
        if self._icon_name:
            width += self._icon_size() + self._gap()
        if self._key:
            width += _KEY_GAP + key_width(self._theme, self._key)
        return QSize(width + 2 * self._inset(), self._height())

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), _LEAST), hint.height()) if self._gives_way else hint

    def give_way(self) -> None:
        """Be cut where there is little room, with all of the words as tip: they are data, of any length."""
        self._gives_way = True
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.set_tip(self.text())

    def _role(self) -> Role:
        if self._kind is ButtonKind.LINK or self._small:
            return Role.LABEL
        return Role.NAME

    def _inset(self) -> int:
        if self._kind is ButtonKind.LINK:
            return 0
        return 11 if self._small else 13

    def _gap(self) -> int:
        return _GAP if self.text() else 0

    def _icon_size(self) -> int:
        return 14 if self._small or self._kind is ButtonKind.LINK else _ICON

    def _height(self) -> int:
        if self._kind is ButtonKind.LINK:
            return 20
        return Height.CONTROL_SMALL if self._small else Height.CONTROL

    # painting

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)
        if self._kind is ButtonKind.LINK and self._focus_by_key and self._ring is None:
            self._ring = FocusRing(self._theme, self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._ring is not None:
            self._ring.leave()
            self._ring = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        if self._kind is not ButtonKind.LINK:
            option.text = ""
            painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        self._paint_content(painter)
        if self.hasFocus() and self._focus_by_key and self._kind is not ButtonKind.LINK:
            self._paint_focus(painter)
        painter.end()

    def _paint_content(self, painter: QPainter) -> None:
        font = self._theme.font(self._role())
        if self._kind is ButtonKind.LINK and self.underMouse() and self.isEnabled():
            font.setUnderline(True)
        colour = self._colour()
        icon = self._icon_size() if self._icon_name else 0
        gap = self._gap() if self._icon_name else 0
        key = _KEY_GAP + key_width(self._theme, self._key) if self._key else 0
        words = text_width(font, self.text())
        left = (self.width() - icon - gap - words - key) // 2
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        icon_first = self._icon_after is mirrored
        top = (self.height() - self._icon_size()) // 2
        x = left + (key if mirrored else 0)
        if icon and icon_first:
            self._theme.draw_icon(painter, x, top, self._icon_name, colour, icon)
            x += icon + gap
        draw_text(painter, QRect(x, 0, words, self.height()), self.text(), font, colour)
        x += words
        if icon and not icon_first:
            self._theme.draw_icon(painter, x + gap, top, self._icon_name, colour, icon)
        if key:
            at = QRect(left if mirrored else left + icon + gap + words + _KEY_GAP, 0, key, self.height())
            at.translate(0, (self.height() - 18) // 2)
            on_fill = self._kind is ButtonKind.PRIMARY and self.isEnabled()
            draw_key(painter, self._theme, at.topLeft(), self._key, on_fill=on_fill)

    def _paint_focus(self, painter: QPainter) -> None:
        if self._kind is ButtonKind.PRIMARY:
            rounded(painter, self.rect().adjusted(2, 2, -2, -2), 4, None, self._theme.tokens.on_fill)
        else:
            draw_focus(painter, self._theme, self.rect())

    def _colour(self) -> str:
        tokens = self._theme.tokens
        if not self.isEnabled():
            return tokens.text3
        match self._kind:
            case ButtonKind.PRIMARY:
                return tokens.on_fill
            case ButtonKind.LINK:
                return tokens.accent
            case ButtonKind.WARN:
                return tokens.warn
            case ButtonKind.SECONDARY | ButtonKind.QUIET:
                return tokens.text


def primary(theme: Theme, text: str, icon: str = "", *, small: bool = False, key: str = "") -> Button:
    """The one thing to do in a pane."""
    return Button(theme, text, ButtonKind.PRIMARY, icon=icon, small=small, key=key)


def secondary(theme: Theme, text: str, icon: str = "", *, small: bool = False, key: str = "") -> Button:
    return Button(theme, text, ButtonKind.SECONDARY, icon=icon, small=small, key=key)


def link(theme: Theme, text: str, icon: str = "", *, icon_after: bool = False) -> Button:
    """Words that act, without a frame."""
    return Button(theme, text, ButtonKind.LINK, icon=icon, icon_after=icon_after)


class IconButton(QPushButton):
    """A square button with an icon only; its words are tip and accessible name."""

    def __init__(
        self,
        theme: Theme,
        icon: str,
        words: str,
        *,
        size: int = Height.CONTROL_SMALL,
        icon_size: int = 16,
        tone: Tone = Tone.TEXT2,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = icon
        self._icon_size = icon_size
        self._tone = tone
        self._focus_by_key = False
        self.setProperty("kind", ButtonKind.QUIET.value)
        self.setFixedSize(size, size)
        self.setAutoDefault(False)
        self.set_words(words)
        theme.changed.connect(self._on_theme)

    def set_words(self, words: str) -> None:
        self.setToolTip(plain_tip(words))
        self.setAccessibleName(words)

    def set_icon(self, name: str) -> None:
        self._icon_name = name
        self.update()

    def disable(self, reason: str) -> None:
        """Disabled, with the reason as tip and accessible description."""
        self.setEnabled(False)
        self.setToolTip(plain_tip(reason))
        self.setAccessibleDescription(reason)

    def enable(self) -> None:
        self.setEnabled(True)
        self.setToolTip(plain_tip(self.accessibleName()))
        self.setAccessibleDescription("")

    def _on_theme(self) -> None:
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        tokens = self._theme.tokens
        # With high contrast the stronger line is as black as what may be pressed.
        faint = tokens.line if tokens.scheme.high_contrast else tokens.line2
        colour = tokens.tone(self._tone) if self.isEnabled() else faint
        offset = (self.width() - self._icon_size) // 2
        self._theme.draw_icon(painter, offset, offset, self._icon_name, colour, self._icon_size)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect())
        painter.end()
