"""What was copied from a list does not break the app as it ends."""

from __future__ import annotations

import subprocess
import sys

_COPY_AND_QUIT = """
import sys
from pathlib import Path
from tempfile import mkdtemp
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
app = QApplication([])
from app.views.records.page import RecordsPage
from app.views.theme.theme import SchemeChoice, Theme
from tests.views.stage import open_stage
theme = Theme(SchemeChoice.LIGHT)
theme.apply(app)
stage = open_stage(Path(mkdtemp()), theme)
stage.world.deal(customer="Kestrel Foods")
page = RecordsPage(stage.context, "deal_registration")
stage.show(page)
page.tools.export.copy()
assert QGuiApplication.clipboard().mimeData().hasHtml()
QTimer.singleShot(0, app.quit)
app.exec()
print(QGuiApplication.clipboard().text())
stage.close()
"""


def test_the_app_ends_well_after_copying_and_the_words_stay() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", _COPY_AND_QUIT], capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    assert "Kestrel Foods\t" in ended.stdout
