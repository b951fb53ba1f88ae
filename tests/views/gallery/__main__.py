"""Pictures of every widget and of sample screens, light, dark and right to left, in ``build/gallery``.

Usage: ``python -m tests.views.gallery [NAME ...]``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.views.theme.theme import SchemeChoice, Theme
from tests.views.gallery.conflict import conflict
from tests.views.gallery.deals import deals
from tests.views.gallery.documents import documents
from tests.views.gallery.home import home
from tests.views.gallery.parts import PARTS
from tests.views.gallery.register import register
from tests.views.gallery.requests import requests
from tests.views.gallery.sync_centre import sync_centre

SCREENS: Mapping[str, Callable[[Theme], QWidget]] = {
    "home": home,
    "deals": deals,
    "register": register,
    "conflict": conflict,
    "documents": documents,
    "requests": requests,
    "sync-centre": sync_centre,
    **PARTS,
}
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
