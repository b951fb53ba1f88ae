"""Pictures of every widget and of sample screens, light, dark and right to left, in ``build/gallery``.

Usage: ``python -m tests.views.gallery [NAME ...]``.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication

from app.views.theme.theme import SchemeChoice, Theme
from tests.views.gallery.screens import SCREENS

FOLDER = Path("build/gallery")


def main(names: list[str]) -> int:
    app = QApplication([])
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    FOLDER.mkdir(parents=True, exist_ok=True)
    theme = Theme(SchemeChoice.LIGHT)
    theme.apply(app)
    for choice in (SchemeChoice.LIGHT, SchemeChoice.DARK):
        theme.choose(choice)
        picture(app, theme, names, choice.value)
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    picture(app, theme, names, "mirrored")
    return 0


def picture(app: QApplication, theme: Theme, names: list[str], suffix: str) -> None:
    """Draw the named screens, or all of them."""
    for name, make in SCREENS.items():
        if names and name not in names:
            continue
        widget = make(theme)
        widget.show()
        app.processEvents()
        widget.grab().save(str(FOLDER / f"{name}-{suffix}.png"))
        widget.close()
        widget.deleteLater()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
