"""Text and tables of a file, to read, search and copy; never to change."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QPlainTextEdit,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.views.documents.sheets import Table, Words
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height

_WIDEST = 320


class PlainView(QStackedWidget):
    """One of two: running text, or the cells of a table."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.words = self._make_words()
        self.cells = self._make_cells()
        self.addWidget(self.words)
        self.addWidget(self.cells)
        theme.changed.connect(self._on_theme)
        self._on_theme()

    def _make_words(self) -> QPlainTextEdit:
        words = QPlainTextEdit()
        words.setProperty("kind", "bare")
        words.setReadOnly(True)
        words.setFrameShape(QFrame.Shape.NoFrame)
        words.setFont(self._theme.font(Role.BODY))
        words.document().setDocumentMargin(20)
        words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return words

    def _make_cells(self) -> QTableWidget:
        cells = QTableWidget()
        cells.setFrameShape(QFrame.Shape.NoFrame)
        cells.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        cells.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        cells.setWordWrap(False)
        cells.setCornerButtonEnabled(False)
        cells.setTabKeyNavigation(False)
        cells.verticalHeader().hide()
        cells.verticalHeader().setDefaultSectionSize(Height.TABLE_HEAD)
        cells.horizontalHeader().setHighlightSections(False)
        cells.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
        )
        cells.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        return cells

    def _on_theme(self) -> None:
        tokens = self._theme.tokens
        self.cells.setFont(self._theme.font(Role.SECONDARY))
        self.cells.horizontalHeader().setFont(self._theme.font(Role.TABLE_HEAD))
        self.cells.setStyleSheet(
            f"QTableWidget {{ background: {tokens.surface}; color: {tokens.text}; gridline-color: {tokens.line}; }}"
            f"QTableWidget::item {{ padding: 0 8px; }}"
            f"QHeaderView::section {{ background: {tokens.raised}; color: {tokens.text2}; border: 0;"
            f" border-bottom: 1px solid {tokens.line}; padding: 0 8px; height: {Height.TABLE_HEAD}px; }}"
        )

    # what is shown

    def show_words(self, content: Words, name: str) -> None:
        """Show a text, and say below it when only its beginning is shown."""
        note = (
            "\n\n" + self.tr("Only the beginning is shown; a saved copy has it all.") if content.cut else ""
        )
        self.words.setPlainText(content.text + note)
        self.words.setAccessibleName(name)
        self.setCurrentWidget(self.words)

    def show_table(self, content: Table, name: str) -> None:
        """Show a table under the words of its first row."""
        head, *rows = content.rows
        self.cells.clear()
        self.cells.setRowCount(len(rows))
        self.cells.setColumnCount(len(head))
        self.cells.setHorizontalHeaderLabels(list(head))
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                self.cells.setItem(number, place, _item(cell))
        self.cells.resizeColumnsToContents()
        for place in range(len(head)):
            self.cells.setColumnWidth(place, min(_WIDEST, self.cells.columnWidth(place) + 8))
        self.cells.horizontalHeader().setSectionResizeMode(len(head) - 1, QHeaderView.ResizeMode.Stretch)
        cut = self.tr("{name}. Only the beginning is shown; a saved copy has it all.").format(name=name)
        self.cells.setAccessibleName(cut if content.cut else name)
        self.setCurrentWidget(self.cells)

    def forget(self) -> None:
        """Let everything go."""
        self.words.clear()
        self.cells.clear()
        self.cells.setRowCount(0)
        self.cells.setColumnCount(0)

    # looking for words

    def find_first(self, text: str) -> bool:
        """Go to the first place where a text stands; False when it stands nowhere."""
        if self.currentWidget() is self.cells:
            return self._find_cell(text, 0, first=True)
        self.words.moveCursor(QTextCursor.MoveOperation.Start)
        return bool(text) and self.words.find(text)

    def step(self, text: str, step: int) -> None:
        """Go to the next place, or the one before; past the end it begins again."""
        if not text:
            return
        if self.currentWidget() is self.cells:
            self._find_cell(text, step, first=False)
        elif step > 0 and not self.words.find(text):
            self.words.moveCursor(QTextCursor.MoveOperation.Start)
            self.words.find(text)
        elif step < 0 and not self.words.find(text, QTextDocument.FindFlag.FindBackward):
            self.words.moveCursor(QTextCursor.MoveOperation.End)
            self.words.find(text, QTextDocument.FindFlag.FindBackward)

    def _find_cell(self, text: str, step: int, *, first: bool) -> bool:
        found = self.cells.findItems(text, Qt.MatchFlag.MatchContains) if text else []
        if not found:
            return False
        ordered = sorted(found, key=lambda item: (item.row(), item.column()))
        at = next((n for n, item in enumerate(ordered) if item is self.cells.currentItem()), -1)
        self.cells.setCurrentItem(ordered[0 if first else (at + step) % len(ordered)])
        return True


def _item(text: str) -> QTableWidgetItem:
    """A cell; figures stand at the end of theirs, so that they can be compared."""
    item = QTableWidgetItem(text)
    bare = text.replace(",", "").replace(".", "").replace(" ", "").lstrip("-+£€$%").rstrip("%")
    if bare.isdigit():
        item.setTextAlignment(Qt.AlignmentFlag.AlignTrailing | Qt.AlignmentFlag.AlignVCenter)
    return item
