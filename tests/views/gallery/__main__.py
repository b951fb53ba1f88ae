"""Pictures of every widget and of sample screens, light, dark and right to left, in ``build/gallery``.

Usage: ``python -m tests.views.gallery [NAME ...]``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QLocale, Qt  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from app.views.theme.theme import SchemeChoice, Theme  # noqa: E402
from tests.views.gallery.conflict import conflict  # noqa: E402
from tests.views.gallery.deals import deals  # noqa: E402
from tests.views.gallery.documents import documents  # noqa: E402
from tests.views.gallery.home import home  # noqa: E402
from tests.views.gallery.parts import PARTS  # noqa: E402
from tests.views.gallery.register import register  # noqa: E402
from tests.views.gallery.requests import requests  # noqa: E402
from tests.views.gallery.sync_centre import sync_centre  # noqa: E402

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
