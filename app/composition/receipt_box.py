"""A receipt that was opened from the desktop: whether it holds, in a box, without an account."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from app.composition.receipts import DOES_NOT, HOLDS, Checked, verify_file
from app.views.theme.theme import Theme

_ICONS = {HOLDS: QMessageBox.Icon.Information, DOES_NOT: QMessageBox.Icon.Critical}


def receipt_box(path: Path) -> QMessageBox:
    """The box for the receipt in a file. All that comes out of the file is plain text."""
    return _box(verify_file(path))


def _box(checked: Checked) -> QMessageBox:
    box = QMessageBox(_ICONS.get(checked.code, QMessageBox.Icon.Warning), "Counterpart", checked.lines[0])
    box.setTextFormat(Qt.TextFormat.PlainText)
    # On a terminal the words stand in columns.
    box.setInformativeText("\n".join(re.sub(r" {2,}", ": ", line, count=1) for line in checked.lines[1:]))
    flags = Qt.TextInteractionFlag
    box.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
    return box


def show_receipt(path: Path) -> int:
    """Show the box until it is closed; returns the exit code of `receipt verify`."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Counterpart")
    theme = Theme()
    theme.apply(app)
    checked = verify_file(path)
    _box(checked).exec()
    return checked.code
