"""What is shown in a tool tip: words as they are, and never a document.

Qt takes a tip for rich text as soon as it looks like some, and loads what an `<img>` in it names: a file, or on Windows
a share of another computer, to which it signs in with the user's name. Tips show what others wrote.
"""

from __future__ import annotations

from PySide6.QtGui import Qt


def plain_tip(words: str) -> str:
    """Return what to give Qt so that a tip reads exactly these words: they themselves, unless they look like markup."""
    return Qt.convertFromPlainText(words) if Qt.mightBeRichText(words) else words


def unmarked(words: str) -> str:
    """Return words for a notification or a tray's tip, which some desktops read as markup, with links and pictures."""
    return words.replace("<", "‹").replace(">", "›")
