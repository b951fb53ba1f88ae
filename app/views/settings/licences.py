"""The licence texts that ship with the app, one chosen at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height
from app.views.widgets.base import Panel
from app.views.widgets.buttons import secondary
from app.views.widgets.choice_controls import ChoiceControl, Option
from app.views.widgets.layout import row
from app.views.widgets.text import Text

_SIZE = (720, 560)

#: Names that are not written as a file is called.
_SPELT = {
    "gpl-3.0": "GPL 3.0",
    "lgpl-3.0": "LGPL 3.0",
    "pyinstaller": "PyInstaller",
    "sqlcipher": "SQLCipher",
    "sqlite": "SQLite",
}


@dataclass(frozen=True)
class Licence:
    """A licence text by the name of what it is for."""

    name: str
    text: str


def bundled(folder: Path) -> list[Licence]:
    """Return every text of the folder, by name. A file that cannot be read is left out."""
    found = []
    for path in sorted(folder.glob("*.txt")):
        try:
            name = _SPELT.get(path.stem) or path.stem.replace("-", " ").capitalize()
            found.append(Licence(name, path.read_text(encoding="utf-8")))
        except OSError:
            continue
    return found


class LicenceWindow(QDialog):
    """A list to choose from and the text below it."""

    def __init__(self, theme: Theme, licences: list[Licence], parent: QWidget) -> None:
        super().__init__(parent)
        self._texts = {licence.name: licence.text for licence in licences}
        self.setWindowTitle(self.tr("Licences"))
        self.setAccessibleName(self.tr("Licences"))
        self.resize(*_SIZE)
        self.choice = ChoiceControl(theme, [Option(name, name) for name in self._texts], may_be_empty=False)
        self.choice.name_as(self.tr("Licence of"), "")
        self.choice.setFixedWidth(260)
        self.text = QPlainTextEdit()
        self.text.setProperty("kind", "bare")
        self.text.setReadOnly(True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setFont(theme.font(Role.SECONDARY))
        self.text.document().setDocumentMargin(20)
        self.text.setAccessibleName(self.tr("Licence text"))
        close = secondary(theme, self.tr("Close"))
        close.clicked.connect(self.accept)
        head = Panel(theme, "raised", rules="bottom")
        head.setFixedHeight(Height.ACTION_FOOTER)
        head.setLayout(
            row(
                Text(theme, self.tr("Licences"), Role.SECTION),
                None,
                self.choice,
                margins=(20, 0, 20, 1),
                gap=12,
            )
        )
        foot = Panel(theme, "raised", rules="top")
        foot.setFixedHeight(Height.ACTION_FOOTER)
        foot.setLayout(row(None, close, margins=(20, 1, 20, 0)))
        ground = Panel(theme, "surface")
        layout = QVBoxLayout(ground)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self.text, 1)
        layout.addWidget(foot)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(ground)
        self.choice.edited.connect(self._show)
        if licences:
            self.choice.set_value(licences[0].name)
        self._show()
        close.setFocus(Qt.FocusReason.TabFocusReason)

    def _show(self) -> None:
        self.text.setPlainText(self._texts.get(str(self.choice.value()), ""))
