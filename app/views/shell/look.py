"""How a window looks: as its user chose, and in the colours of its vendor."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.contract.manifest import Brand
from app.services.portal import Portal
from app.services.prefs import MOTION, THEME
from app.views.theme.brand_mark import window_icon
from app.views.theme.fonts import Role
from app.views.theme.motion import Motion
from app.views.theme.theme import SchemeChoice, Theme
from app.views.theme.tokens import LIGHT


def choose_look(portal: Portal, theme: Theme) -> None:
    """Take scheme and motion as chosen in this account, and the vendor's colour."""
    chosen = portal.prefs.get(THEME)
    if chosen in {choice.value for choice in SchemeChoice}:
        theme.choose(SchemeChoice(chosen))
    moves = portal.prefs.get(MOTION)
    theme.move(Motion.REDUCED if moves == Motion.REDUCED else Motion.SYSTEM)
    wear_brand(theme, portal.manifest.brand)


def wear_brand(theme: Theme, brand: Brand) -> None:
    """Take a vendor's colour, if it is one."""
    try:
        # The product's own accent has a tuned twin for the dark; only another colour is a brand.
        other = brand.accent and brand.accent.upper() != LIGHT.accent.upper()
        theme.use_brand(brand.accent if other else None)
    except ValueError:
        theme.use_brand(None)


def show_brand(window: QWidget, portal: Portal, theme: Theme) -> None:
    """Give a window the vendor's name and mark."""
    brand, tokens = portal.manifest.brand, theme.tokens
    window.setWindowTitle(f"{brand.vendor} · Counterpart")
    window.setAccessibleName(window.windowTitle())
    font = theme.font(Role.STRONG)
    window.setWindowIcon(window_icon(brand, tokens.accent_fill, tokens.on_fill, font))
