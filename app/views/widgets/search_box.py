"""The search box: a field with a glass, a placeholder that says what it covers, and its key.

Usage: ``box = SearchBox(theme, "Search deals and their notes", key="Ctrl F"); box.searched.connect(page.filter)``.
``searched`` comes 120 ms after the last key, and at once on Return or when the text is cleared.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Tone
from app.views.widgets.buttons import IconButton
from app.views.widgets.pills import KeyCap
from app.views.widgets.tiles import Icon

_PAUSE_MS = 120


class SearchBox(QFrame):
    """32 high; Escape clears it, and once empty gives the keyboard back through ``left``."""

    searched = Signal(str)
    left = Signal()

    def __init__(
        self,
        theme: Theme,
        placeholder: str,
        key: str = "",
        *,
        width: int = 300,
        as_button: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._as_button = as_button
        self.setProperty("kind", "fieldbox")
        self.setFixedHeight(Height.CONTROL)
        self.setMinimumWidth(160)
        self._width = width
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._edit = QLineEdit()
        self._edit.setProperty("kind", "bare")
        self._edit.setFont(theme.font(Role.SECONDARY))
        self._edit.setPlaceholderText(placeholder)
        self._edit.setAccessibleName(placeholder)
        self._edit.installEventFilter(self)
        self._edit.setReadOnly(as_button)
        self.setFocusProxy(self._edit)
        self._key = KeyCap(theme, key) if key else None
        self._clear = IconButton(
            theme, "x", self.tr("Clear the search"), size=20, icon_size=14, tone=Tone.TEXT3
        )
        self._clear.hide()
        self._clear.clicked.connect(self.clear)
        self._row = QHBoxLayout(self)
        self._row.setSpacing(5)
        self._row.addWidget(Icon(theme, "search", Tone.TEXT2, 16, placeholder))
        self._row.addWidget(self._edit, 1)
        self._row.addWidget(self._clear)
        if self._key is not None:
            self._row.addWidget(self._key)
        self._frame("")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._tell)
        self._edit.textEdited.connect(self._edited)

    def text(self) -> str:
        return self._edit.text()

    def set_text(self, text: str) -> None:
        """Put words in without searching."""
        self._edit.setText(text)
        self._show_clear()

    def set_placeholder(self, placeholder: str) -> None:
        self._edit.setPlaceholderText(placeholder)
        self._edit.setAccessibleName(placeholder)

    def clear(self) -> None:
        self._edit.clear()
        self._tell()

    def focus_text(self) -> None:
        """Take the keyboard and select what is there."""
        self._edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._edit.selectAll()

    def sizeHint(self) -> QSize:
        return QSize(self._width, Height.CONTROL)

    def _edited(self, text: str) -> None:
        self._show_clear()
        if text:
            self._timer.start()
        else:
            self._tell()

    def _tell(self) -> None:
        self._timer.stop()
        self._show_clear()
        self.searched.emit(self._edit.text().strip())

    def _show_clear(self) -> None:
        filled = bool(self._edit.text())
        self._clear.setVisible(filled)
        if self._key is not None:
            self._key.setVisible(not filled)

    def _frame(self, state: str) -> None:
        self.setProperty("state", state)
        # The frame grows inwards on focus; the row gives that pixel back so that nothing moves.
        thick = 1 if state == "focus" else 0
        self._row.setContentsMargins(9 - thick, 0, 9 - thick, 0)
        self.style().unpolish(self)
        self.style().polish(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QFocusEvent):
            self._frame("focus" if event.gotFocus() else "")
        elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._key_pressed(Qt.Key(event.key()))
        elif self._as_button and event.type() is QEvent.Type.MouseButtonPress:
            self.searched.emit("")
            return True
        return super().eventFilter(watched, event)

    def _key_pressed(self, key: Qt.Key) -> bool:
        if key is Qt.Key.Key_Escape:
            if self._edit.text():
                self.clear()
            else:
                self.left.emit()
            return True
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._tell()
            return True
        return False
