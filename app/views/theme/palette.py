"""The Qt palette of a scheme, filled from the tokens.

Usage: ``app.setPalette(palette_of(LIGHT))``.
"""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from app.views.theme.tokens import Tokens


def palette_of(tokens: Tokens) -> QPalette:
    """An explicit palette for the Fusion style; nothing is left to the system's guess."""
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, colour in {
        roles.Window: tokens.bg,
        roles.WindowText: tokens.text,
        roles.Base: tokens.surface,
        roles.AlternateBase: tokens.raised,
        roles.Text: tokens.text,
        roles.PlaceholderText: tokens.text3,
        roles.Button: tokens.surface,
        roles.ButtonText: tokens.text,
        roles.BrightText: tokens.bad,
        roles.Highlight: tokens.accent_soft,
        roles.HighlightedText: tokens.text,
        roles.Link: tokens.accent,
        roles.LinkVisited: tokens.accent,
        roles.Accent: tokens.accent,
        roles.ToolTipBase: tokens.toast,
        roles.ToolTipText: tokens.on_toast,
        roles.Light: tokens.raised,
        roles.Midlight: tokens.line,
        roles.Mid: tokens.line,
        roles.Dark: tokens.line2,
        roles.Shadow: tokens.line2,
    }.items():
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.text3))
    return palette
