"""Controls for words: one line, several lines, whole and decimal numbers.

Usage: ``Field(theme, "Title", LineControl(theme))``. Values are ``str`` (numbers: a plain decimal string) or None.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from PySide6.QtCore import QLocale, QSize, Qt
from PySide6.QtGui import QKeyEvent, QTextBlockFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height
from app.views.widgets.control import Control, text_or_none


def make_line(theme: Theme, placeholder: str = "") -> QLineEdit:
    """A framed single-line edit, 32 high, dressed by the style sheet."""
    edit = QLineEdit()
    edit.setProperty("kind", "field")
    edit.setFont(theme.font(Role.BODY))
    edit.setPlaceholderText(placeholder)
    edit.setFixedHeight(Height.CONTROL)
    return edit


class LineControl(Control):
    """One line of text; an empty or blank line is None."""

    def __init__(
        self, theme: Theme, placeholder: str = "", *, secret: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self.edit = make_line(theme, placeholder)
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.edit)
        self.edit.textEdited.connect(lambda _text: self.edited.emit())
        self.watch(self.edit)

    def value(self) -> str | None:
        return self.edit.text().strip() or None

    def set_value(self, value: object) -> None:
        self.edit.setText(text_or_none(value))
        self.edit.setCursorPosition(0)

    def set_locked(self, locked: bool) -> None:
        # Read-only instead of disabled: a locked value may still be read by the keyboard and copied.
        self.edit.setReadOnly(locked)


class NumberControl(LineControl):
    """A number in the user's notation; the value is a plain decimal string such as ``1250.50``."""

    def __init__(self, theme: Theme, *, whole: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._whole = whole
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)

    def value(self) -> str | None:
        number = parse_number(self.edit.text(), self.locale())
        return None if number is None else format(number, "f")

    def set_value(self, value: object) -> None:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            value = str(value)
        text = text_or_none(value)
        self.edit.setText(show_number(text, self.locale()) if text else "")

    def problem(self) -> str:
        text = self.edit.text().strip()
        if not text:
            return ""
        number = parse_number(text, self.locale())
        if number is None:
            return self.tr("Not a number. Write figures only, such as {sample}.").format(
                sample=show_number("1250" if self._whole else "1250.50", self.locale())
            )
        if self._whole and number != number.to_integral_value():
            return self.tr("Write a whole number.")
        return ""


class TextBox(QTextEdit):
    """A plain text editor with the line height of the body role; markup on the clipboard comes in as plain text."""

    def __init__(self, theme: Theme, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = theme.line(Role.BODY)
        self.setAcceptRichText(False)
        self.setFont(theme.font(Role.BODY))
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(4)
        self._set_lines()

    def show_text(self, text: str) -> None:
        """Replace the text; what was before cannot be undone to."""
        self.setPlainText(text)
        self._set_lines()

    def _set_lines(self) -> None:
        shape = QTextBlockFormat()
        shape.setLineHeight(self._line, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        document = self.document()
        # The format is not a change of the user's, so it stays out of the undo history.
        document.setUndoRedoEnabled(False)
        cursor = QTextCursor(document)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(shape)
        document.setUndoRedoEnabled(True)


class TextControl(Control):
    """Several lines of plain text; Tab leaves it, and it grows up to a limit."""

    def __init__(
        self, theme: Theme, placeholder: str = "", *, lines: int = 3, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._lines = lines
        self.edit = TextBox(theme, placeholder)
        self.edit.setProperty("kind", "field")
        self.edit.setMinimumHeight(lines * 20 + 12)
        self.edit.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.edit)
        self._silent = False
        self.edit.textChanged.connect(self._changed)
        self.watch(self.edit)

    def value(self) -> str | None:
        return self.edit.toPlainText().strip() or None

    def set_value(self, value: object) -> None:
        text = text_or_none(value)
        if text == self.edit.toPlainText():
            return
        self._silent = True
        self.edit.show_text(text)
        self._silent = False

    def set_locked(self, locked: bool) -> None:
        self.edit.setReadOnly(locked)

    def sizeHint(self) -> QSize:
        return QSize(240, self._lines * 20 + 12)

    def _changed(self) -> None:
        if not self._silent:
            self.edited.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()


def parse_number(text: str, locale: QLocale) -> Decimal | None:
    """A number as people write it: group marks of the locale, plain spaces, or the plain machine form."""
    bare = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if not bare:
        return None
    for candidate in (bare.replace(locale.groupSeparator(), "").replace(locale.decimalPoint(), "."), bare):
        try:
            number = Decimal(candidate)
        except InvalidOperation:
            continue
        if number.is_finite():
            return number
    return None


def show_number(text: str, locale: QLocale) -> str:
    """A plain decimal string in the user's notation, its digits untouched; other texts stay as they are."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    grouped = format(number, ",f")
    swap = {",": locale.groupSeparator(), ".": locale.decimalPoint()}
    return "".join(swap.get(sign, sign) for sign in grouped)
