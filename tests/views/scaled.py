"""The window's pages on a screen of another scale, in a process of its own.

Usage: ``QT_SCALE_FACTOR=2.5 python -m tests.views.scaled FOLDER [NAME ...]``. Writes a picture of each page (all, or
those named) to the folder and prints, as JSON, the scale that held and what was cut where: words without room, and
lines of text lower than their letters.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.services.words import Words
from app.views.main_window import MainWindow
from app.views.theme.theme import SchemeChoice, Theme
from app.views.widgets.text import Text
from tests.views.everywhere import cut_labels, furnish, places
from tests.views.stage import open_stage, settle


def main(folder: Path, names: list[str]) -> int:
    app = QApplication([])
    QLocale.setDefault(QLocale("en_GB"))
    app.setCursorFlashTime(0)
    theme = Theme(SchemeChoice.LIGHT)
    theme.apply(app)
    folder.mkdir(parents=True, exist_ok=True)
    cut: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as place:
        stage = open_stage(Path(place), theme, words=Words())
        furnish(stage.world)
        window = MainWindow(stage.portal, stage.bridge, theme)
        window.resize(1280, 800)
        window.show()
        for where in places(stage):
            name = where.page + where.entity
            if names and name not in names:
                continue
            window.go(where)
            QTest.qWait(60)
            window.grab().save(str(folder / f"{name}.png"))
            cut[name] = cut_labels(window) + _low_lines(window)
        scale = window.devicePixelRatioF()
        window.close()
        window.deleteLater()
        settle()
        stage.close()
    sys.stdout.write(
        json.dumps({"scale": scale, "cut": {name: found for name, found in cut.items() if found}})
    )
    return 0


def _low_lines(window: QWidget) -> list[str]:
    """Labels lower than the letters in them."""
    return [
        label.text()
        for label in window.findChildren(Text)
        if label.isVisibleTo(window)
        and label.text()
        and label.height() + 1 < QFontMetricsF(label.font()).tightBoundingRect(label.text()).height()
    ]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
