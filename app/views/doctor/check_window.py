"""“Check this computer”: what is looked at comes row by row; it can be copied, and made into a file for support.

Usage: ``CheckWindow(theme, bridge.checkup, words, window).open()``. It needs no account and no network.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.bridge.checkup import Checkup
from app.services.diagnostics.examined import Examined
from app.services.doctor.computer import Shown
from app.services.doctor.finding import Finding, order
from app.services.doctor.report import summed_up
from app.services.words import Words
from app.views.doctor.diagnostics_window import DiagnosticsWindow
from app.views.doctor.rows import FindingRow
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import Button, secondary
from app.views.widgets.cards import Rule
from app.views.widgets.layout import row
from app.views.widgets.scroll import scrolled
from app.views.widgets.text import Text

_SIZE = (720, 640)


class CheckWindow(QDialog):
    """Begins to look as soon as it is shown; looks anew on asking."""

    saved = Signal(object)
    """Where the file for support was saved: a Path."""

    def __init__(self, theme: Theme, checkup: Checkup, words: Words, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._checkup = checkup
        self._words = words
        self._result = Examined()
        self._rows: list[FindingRow] = []
        self.setWindowTitle(self.tr("Check this computer"))
        self.setAccessibleName(self.tr("Check this computer"))
        self.resize(*_SIZE)
        self.again: Button = secondary(theme, self.tr("Check again"), "refresh")
        self.again.clicked.connect(self.begin)
        self.copy: Button = secondary(theme, self.tr("Copy as text"), "copy")
        self.copy.clicked.connect(self._copy)
        self.file: Button = secondary(theme, self.tr("File for support…"), "file-zip")
        self.file.clicked.connect(self._show_file)
        self.file.setVisible(checkup.may_save)
        self.close_button: Button = secondary(theme, self.tr("Close"))
        self.close_button.clicked.connect(self.accept)
        self.summary = Text(theme, "", Role.SECONDARY, Tone.TEXT2, elide=True)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 4, 0, 4)
        self._list.setSpacing(0)
        self._list.addStretch(1)
        self._build()
        checkup.found.connect(self._on_found)
        checkup.over.connect(self._on_over)
        self.finished.connect(lambda _result: checkup.drop())
        self.begin()
        self.close_button.setFocus(Qt.FocusReason.TabFocusReason)

    def _build(self) -> None:
        theme = self._theme
        head = Panel(theme, "raised", rules="bottom")
        head.setFixedHeight(Height.ACTION_FOOTER)
        title = Text(theme, self.tr("Check this computer"), Role.SECTION)
        head.setLayout(row(title, None, self.again, self.copy, margins=(20, 0, 20, 1), gap=12))
        content = Panel(theme, "surface")
        content.setLayout(self._list)
        foot = Panel(theme, "raised", rules="top")
        foot.setFixedHeight(Height.ACTION_FOOTER)
        line = row(gap=12, margins=(20, 1, 20, 0))
        line.addWidget(self.summary, 1)
        line.addWidget(self.file)
        line.addWidget(self.close_button)
        foot.setLayout(line)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        ground = Panel(theme, "surface")
        inside = QVBoxLayout(ground)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(head)
        inside.addWidget(scrolled(content, self.tr("What was found")), 1)
        inside.addWidget(foot)
        outer.addWidget(ground)

    @property
    def findings(self) -> list[Finding]:
        """What is shown, from top to bottom."""
        return [entry.finding for entry in self._rows]

    def begin(self) -> None:
        """Look anew."""
        for entry in self._rows:
            entry.hide()
            entry.deleteLater()
        self._rows = []
        while self._list.count() > 1:
            item = self._list.takeAt(0)
            rule = item.widget() if item is not None else None
            if rule is not None:
                rule.hide()
                rule.deleteLater()
        self._result = Examined()
        wait = self.tr("It is still looking.")
        for button in (self.again, self.copy, self.file):
            button.disable(wait)
        self.summary.set_text(self.tr("Looking at network, clock, key store, disk and stores …"))
        self._checkup.start(self._shown())

    def _shown(self) -> Shown:
        screen = self.screen()
        size = screen.availableGeometry().size()
        count = len(QGuiApplication.screens())
        return Shown(size.width(), size.height(), screen.devicePixelRatio(), count, qVersion() or "")

    def _on_found(self, finding: Finding) -> None:
        at = sum(order(one) <= order(finding) for one in self.findings)
        entry = FindingRow(self._theme, finding, self._words)
        self._rows.insert(at, entry)
        self._list.insertWidget(2 * at, entry)
        self._list.insertWidget(2 * at + 1, Rule(self._theme))
        self._list.activate()

    def _on_over(self, result: Examined) -> None:
        self._result = result
        for button in (self.again, self.copy):
            button.enable()
        if result.items:
            self.file.enable()
        self.summary.set_text(summed_up(result.findings, self._words))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._result.text)
        self.summary.set_text(self.tr("Copied. There is no name and no record in it."))

    def _show_file(self) -> None:
        window = DiagnosticsWindow(self._theme, self._result.items, self._words, self)
        window.saved.connect(self._on_saved)
        window.finished.connect(window.deleteLater)
        window.open()

    def _on_saved(self, path: object) -> None:
        self.summary.set_text(
            self.tr("Saved as {name}. It was sent to nobody.").format(name=getattr(path, "name", ""))
        )
        self.saved.emit(path)
