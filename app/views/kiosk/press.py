"""Buttons for a finger: 64 high, an icon before the words, no state that only a pointer could find.

Usage: ``press(theme, "New code", "refresh")``, ``press(theme, "Sign out", "logout", kind=ButtonKind.PRIMARY)``.
"""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Kiosk
from app.views.widgets.buttons import Button, ButtonKind

_ICON, _GAP, _INSET = 22, 13, 30
_INSET_LOW = 20


class PressButton(Button):
    """A button that a finger meets. `low`: 48 high, in the bar over the pages."""

    def __init__(
        self,
        theme: Theme,
        text: str,
        icon: str = "",
        kind: ButtonKind = ButtonKind.SECONDARY,
        *,
        low: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        self._low = low
        self._tight = False
        super().__init__(theme, text, kind, icon=icon, parent=parent)

    def _role(self) -> Role:
        return Role.KIOSK_BODY_STRONG if self._low else Role.KIOSK_LABEL

    def _inset(self) -> int:
        return _INSET_LOW if self._low or self._tight else _INSET

    def _gap(self) -> int:
        return _GAP - 3 * self._low if self.text() else 0

    def _icon_size(self) -> int:
        return _ICON - 2 * self._low

    def _height(self) -> int:
        return Kiosk.TARGET - 16 * self._low

    def squeeze(self, *, tight: bool) -> None:
        """Less room beside the words, on a narrow screen."""
        if tight is not self._tight:
            self._tight = tight
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


def press(
    theme: Theme,
    text: str,
    icon: str = "",
    kind: ButtonKind = ButtonKind.SECONDARY,
    *,
    low: bool = False,
) -> PressButton:
    """Return a button for a finger."""
    return PressButton(theme, text, icon, kind, low=low)
