"""The style sheet, filled from the tokens: frames of buttons, fields, chips, cards, navigation and banner.

Usage: ``app.setStyleSheet(stylesheet_of(LIGHT))``. Widgets say what they are through properties such as
``kind="primary"`` or ``state="error"``; no rule reaches into an item view.
"""

from __future__ import annotations

from string import Template

from app.views.theme.contrast import BLACK, mix
from app.views.theme.tokens import Height, Tokens
from app.views.theme.touch import pressed

# The second border pixel is taken from the padding, so that the text stays where it is.
_FIELDS = Template("""
QLineEdit[kind="field"], QTextEdit[kind="field"], QComboBox[kind="field"] {
    background: $surface; color: $text; border: 1px solid $field; border-radius: 6px;
    selection-background-color: $accent_fill; selection-color: $on_fill; placeholder-text-color: $text3;
}
QLineEdit[kind="field"] { padding: 0 8px; min-height: ${edge1}px; max-height: ${edge1}px; }
QComboBox[kind="field"] { padding: 0 9px; min-height: ${edge1}px; max-height: ${edge1}px; combobox-popup: 0; }
QTextEdit[kind="field"] { padding: 1px 6px; }
QLineEdit[kind="field"]:focus, QTextEdit[kind="field"]:focus, QComboBox[kind="field"]:focus {
    border: 2px solid $accent;
}
QLineEdit[kind="field"]:focus, QLineEdit[kind="field"][state="error"] {
    padding: 0 7px; min-height: ${edge2}px; max-height: ${edge2}px;
}
QComboBox[kind="field"]:focus, QComboBox[kind="field"][state="error"] {
    padding: 0 8px; min-height: ${edge2}px; max-height: ${edge2}px;
}
QTextEdit[kind="field"]:focus, QTextEdit[kind="field"][state="error"] { padding: 0 5px; }
QLineEdit[kind="field"][state="hint"], QTextEdit[kind="field"][state="hint"],
QComboBox[kind="field"][state="hint"] { border-color: $warn; }
QLineEdit[kind="field"][state="error"], QTextEdit[kind="field"][state="error"],
QComboBox[kind="field"][state="error"] { border: 2px solid $bad; }
QLineEdit[kind="field"]:disabled, QTextEdit[kind="field"]:disabled, QComboBox[kind="field"]:disabled,
QLineEdit[kind="field"]:read-only, QTextEdit[kind="field"]:read-only {
    background: $raised; color: $text2; border-color: $line2;
}
QComboBox[kind="field"]::drop-down { border: none; width: 0; }
QLineEdit[kind="bare"], QTextEdit[kind="bare"] {
    background: transparent; color: $text; border: none; padding: 0;
    selection-background-color: $accent_fill; selection-color: $on_fill; placeholder-text-color: $text3;
}
QFrame[kind="fieldbox"] { background: $surface; border: 1px solid $field; border-radius: 6px; }
QFrame[kind="fieldbox"][state="focus"] { border: 2px solid $accent; }
QFrame[kind="fieldbox"][state="hint"] { border-color: $warn; }
QFrame[kind="fieldbox"][state="error"] { border: 2px solid $bad; }
QFrame[kind="fieldbox"][state="locked"] { background: $raised; border-color: $line2; }
""")

_BUTTONS = Template("""
QPushButton[kind="primary"] { background: $accent_fill; color: $on_fill; border: none; border-radius: 6px; }
QPushButton[kind="primary"]:hover { background: $accent_fill_hover; }
QPushButton[kind="primary"]:pressed { background: $accent_fill_pressed; }
QPushButton[kind="primary"]:disabled { background: $fill; color: $text3; }
QPushButton[kind="secondary"] {
    background: $surface; color: $text; border: 1px solid $line2; border-radius: 6px;
}
QPushButton[kind="secondary"]:hover { background: $hover; }
QPushButton[kind="secondary"]:pressed { background: $surface_pressed; }
QPushButton[kind="secondary"]:disabled { background: $raised; color: $text3; border-color: $line; }
QPushButton[kind="warn"] { background: transparent; border: 1px solid $warn; border-radius: 6px; }
QPushButton[kind="warn"]:hover { background: $warn_hover; }
QPushButton[kind="warn"]:pressed { background: $warn_pressed; }
QPushButton[kind="link"], QPushButton[kind="quiet"] {
    background: transparent; border: none; border-radius: 6px;
}
QPushButton[kind="quiet"]:hover { background: $hover; }
QPushButton[kind="quiet"]:pressed { background: $surface_pressed; }
QPushButton[kind="chip"] { background: $surface; border: 1px solid $line2; border-radius: 6px; }
QPushButton[kind="chip"]:hover { background: $hover; }
QPushButton[kind="chip"]:pressed { background: $surface_pressed; }
QPushButton[kind="chip"]:checked { background: $accent_soft; border-color: $accent_line; }
""")

_FRAMES = Template("""
QToolTip { background: $toast; color: $on_toast; border: 1px solid $toast; padding: 4px 6px; }
QFrame[kind="card"] { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame[kind="card"][tint="raised"] { background: $raised; }
QFrame[kind="card"][tint="warn"] { background: $warn_soft; border-color: $warn_line; }
QFrame[kind="card"][tint="bad"] { background: $bad_soft; border-color: $bad_line; }
QFrame[kind="card"][tint="ok"] { background: $ok_soft; border-color: $ok_soft; }
QFrame[kind="card"][tint="accent"] { background: $accent_soft; border-color: $accent_line; }
QFrame[kind="card"][tint="clash"] { background: $clash_soft; border-color: $clash_line; }
QMenu { background: $surface; border: 1px solid $line2; border-radius: 6px; padding: 4px; }
QMenu::item { padding: ${entry}px 24px ${entry}px 12px; border-radius: 4px; color: $text; }
QMenu::item:selected { background: $accent_soft; color: $text; }
QMenu::item:disabled { color: $text3; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QScrollArea { background: transparent; border: none; }
QSplitter::handle { background: $line; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle:vertical { background: $line2; border-radius: 3px; margin: 2px; min-height: 32px; }
QScrollBar::handle:horizontal { background: $line2; border-radius: 3px; margin: 2px; min-width: 32px; }
QScrollBar::handle:hover { background: $field; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
""")

_PRESS = 0.08
_HOVER = 0.05


def stylesheet_of(tokens: Tokens) -> str:
    """The whole style sheet for one scheme."""
    values: dict[str, str] = {
        name: getattr(tokens, name)
        for name in tokens.__dataclass_fields__
        if name not in {"scheme", "stages", "scrim"}
    }
    # Pressed is 8 % towards the colour of the words: darker in the light scheme, lighter on dark surfaces.
    values["accent_fill_hover"] = mix(tokens.accent_fill, BLACK, _HOVER)
    values["accent_fill_pressed"] = mix(tokens.accent_fill, BLACK, _PRESS)
    values["surface_pressed"] = mix(tokens.surface, tokens.text, _PRESS)
    values["warn_hover"] = mix(tokens.warn_soft, tokens.warn, _HOVER)
    # Above and below the words of an entry, which are about 16 high.
    values["entry"] = str(6 if pressed(28) == 28 else 14)
    # A field without its border, of one pixel or of two.
    values["edge1"], values["edge2"] = (str(pressed(Height.CONTROL) - 2 * border) for border in (1, 2))
    values["warn_pressed"] = mix(tokens.warn_soft, tokens.warn, _PRESS)
    return "".join(part.substitute(values) for part in (_FIELDS, _BUTTONS, _FRAMES))
