"""The look as one object, handed to every widget.

Usage::

    theme = Theme(choice=SchemeChoice.SYSTEM)
    theme.apply(app)                  # style, palette, style sheet, font
    theme.choose(SchemeChoice.DARK)   # at run time; every widget follows
"""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QToolTip

from app.views.theme.assets import asset_path
from app.views.theme.fonts import Fonts, Role, load_family
from app.views.theme.icons import LINE, Icons
from app.views.theme.motion import Motion, reduced
from app.views.theme.palette import palette_of
from app.views.theme.stamps import Stamps
from app.views.theme.stylesheet import stylesheet_of
from app.views.theme.tokens import Scheme, Tokens, Tone, tokens_of, with_brand

_UNKNOWN_ICON = "circle"


class SchemeChoice(StrEnum):
    """What the user asked for."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


class Theme(QObject):
    """Tokens, fonts and icons of the scheme that holds now; ``changed`` follows every switch.

    Needs a QGuiApplication; loads the bundled fonts on construction (raises FontMissing).
    """

    changed = Signal()

    def __init__(
        self,
        choice: SchemeChoice = SchemeChoice.SYSTEM,
        brand: str | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._choice = choice
        self._brand = brand
        self._fonts = Fonts(load_family(asset_path("fonts")))
        self._icons = Icons(asset_path("icons"))
        self.stamps = Stamps()
        self._app: QApplication | None = None
        self._motion = Motion.SYSTEM
        self._system_reduces = False
        # Both are kept: with the wrapper of the first, PySide lets go of the second.
        self._hints = QGuiApplication.styleHints()
        self._hints.colorSchemeChanged.connect(self._follow_system)
        self._access = self._hints.accessibility()
        self._access.contrastPreferenceChanged.connect(self._follow_system)
        self._tokens = self._resolve()

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    @property
    def scheme(self) -> Scheme:
        return self._tokens.scheme

    @property
    def choice(self) -> SchemeChoice:
        return self._choice

    @property
    def motion(self) -> Motion:
        """What the person asked for."""
        return self._motion

    @property
    def fades(self) -> bool:
        """Whether things may fade in and out."""
        return not reduced(self._motion, system=self._system_reduces)

    def move(self, motion: Motion, *, system: bool | None = None) -> None:
        """Choose how much may move. `system`: what the system is set to, once that is known."""
        self._motion = motion
        if system is not None:
            self._system_reduces = system

    @property
    def icons(self) -> Icons:
        return self._icons

    def font(self, role: Role) -> QFont:
        return self._fonts.font(role)

    def line(self, role: Role) -> int:
        """The line height of a text role in pixels."""
        return self._fonts.line(role)

    def colour(self, tone: Tone) -> QColor:
        return QColor(self._tokens.tone(tone))

    def icon(self, name: str, tone: Tone = Tone.TEXT2, size: int = 16) -> QIcon:
        """For native places such as menus; it does not follow a later switch, so fetch it again on ``changed``."""
        return self._icons.icon(self._known(name), self._tokens.tone(tone), size)

    def pixmap(self, name: str, tone: Tone, size: int, ratio: float = 1.0) -> QPixmap:
        return self._icons.pixmap(self._known(name), self._tokens.tone(tone), size, ratio)

    def draw_icon(
        self, painter: QPainter, x: int, y: int, name: str, colour: str, size: int, stroke: float = LINE
    ) -> None:
        """Draw an icon with its top left corner at ``x``, ``y``; ``colour`` is ``#RRGGBB``."""
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(x, y, self._icons.pixmap(self._known(name), colour, size, ratio, stroke))

    def _known(self, name: str) -> str:
        # A manifest may be newer than the client and name an icon that is not bundled here.
        return name if self._icons.has(name) else _UNKNOWN_ICON

    def apply(self, app: QApplication) -> None:
        """Give the whole application this look; from now on it follows every switch."""
        self._app = app
        app.setStyle("Fusion")
        app.setFont(self.font(Role.BODY))
        QToolTip.setFont(self.font(Role.SECONDARY))
        self._dress()

    def choose(self, choice: SchemeChoice) -> None:
        """Switch between light, dark, high contrast and the system's own, at run time."""
        self._choice = choice
        self._refresh()

    def use_brand(self, colour: str | None) -> None:
        """Take a vendor's accent (``#RRGGBB``) or go back to the product's own. Raises ValueError."""
        if colour is not None:
            with_brand(self._tokens, colour)
        self._brand = colour
        self._refresh()

    def _follow_system(self) -> None:
        if self._choice in (SchemeChoice.SYSTEM, SchemeChoice.CONTRAST):
            self._refresh()

    def _refresh(self) -> None:
        fresh = self._resolve()
        if fresh == self._tokens:
            return
        self._tokens = fresh
        self._dress()
        self.changed.emit()

    def _dress(self) -> None:
        if self._app is None:
            return
        palette = palette_of(self._tokens)
        self._app.setPalette(palette)
        QToolTip.setPalette(palette)
        self._app.setStyleSheet(stylesheet_of(self._tokens))
        # The sheet is put on in no order: a layout that asked a card for its size before the card had its border again
        # would go on with that.
        for widget in self._app.allWidgets():
            widget.updateGeometry()

    def _resolve(self) -> Tokens:
        plain = tokens_of(self._scheme())
        return plain if self._brand is None else with_brand(plain, self._brand)

    def _scheme(self) -> Scheme:
        match self._choice:
            case SchemeChoice.LIGHT:
                return Scheme.LIGHT
            case SchemeChoice.DARK:
                return Scheme.DARK
            case SchemeChoice.CONTRAST:
                return Scheme.HIGH_CONTRAST_DARK if _dark_system() else Scheme.HIGH_CONTRAST
            case SchemeChoice.SYSTEM:
                if self._access.contrastPreference() is Qt.ContrastPreference.HighContrast:
                    return Scheme.HIGH_CONTRAST_DARK if _dark_system() else Scheme.HIGH_CONTRAST
                return Scheme.DARK if _dark_system() else Scheme.LIGHT
            case _:
                assert_never(self._choice)


def _dark_system() -> bool:
    return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
