"""A control for a reference to another record: type to find it, pick it from the list that drops down.

Usage: ``ReferenceControl(theme, lambda text: records.options("deal_registration", text), records.title_of)``.
The value is a gid or None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QCompleter,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.services.views_model import Option as Candidate
from app.views.theme.fonts import Role
from app.views.theme.lines import text_width
from app.views.theme.paint import draw_text
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.theme.touch import pressed
from app.views.widgets.control import Control
from app.views.widgets.text_controls import make_line
from app.views.widgets.tiles import Icon

__all__ = ["Candidate", "ReferenceControl"]

_GID = Qt.ItemDataRole.UserRole + 1
_DETAIL = Qt.ItemDataRole.UserRole + 2


class _CandidateRows(QStyledItemDelegate):
    """Title and detail side by side, 32 high."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, pressed(32))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = self._theme.tokens
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(option.rect, tokens.accent_soft if selected else tokens.surface)
        room = option.rect.adjusted(11, 0, -11, 0)
        font = self._theme.font(Role.BODY)
        used = draw_text(painter, room, str(index.data()), font, tokens.text)
        rest = room.adjusted(used + 10, 0, 0, 0)
        detail = str(index.data(_DETAIL) or "")
        if detail and rest.width() > text_width(font, "…") * 3:
            draw_text(painter, rest, detail, self._theme.font(Role.SECONDARY), tokens.text3)


class ReferenceControl(Control):
    """One line with a list below it. Text that was not picked from the list is no value."""

    def __init__(
        self,
        theme: Theme,
        candidates: Callable[[str], Sequence[Candidate]],
        title_of: Callable[[str], str],
        *,
        may_be_empty: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._candidates = candidates
        self._title_of = title_of
        self._may_be_empty = may_be_empty
        self._gid: str | None = None
        self.edit = make_line(theme, self.tr("Type to find one"))
        self.edit.setTextMargins(0, 0, 24, 0)
        self._model = QStandardItemModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(8)
        self._popup = QListView()
        self._completer.setPopup(self._popup)
        self._popup.setItemDelegate(_CandidateRows(theme, self))
        self._popup.setAccessibleName(self.tr("Records found"))
        # The overload with an index, since titles need not be unique; the stub knows only one signature.
        self._completer.activated[QModelIndex].connect(self._picked)  # type: ignore[index]
        self.edit.setCompleter(self._completer)
        self._icon = Icon(theme, "selector", Tone.TEXT3, 16, self.tr("Opens a list"), parent=self)
        self._icon.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.edit)
        self.edit.textEdited.connect(self._typed)
        self.watch(self.edit)

    def value(self) -> str | None:
        return self._gid

    def set_value(self, value: object) -> None:
        if value is not None and not isinstance(value, str):
            raise TypeError(f"expected a gid, got {type(value).__name__}")
        self._gid = value or None
        self.edit.setText(self._title_of(self._gid) if self._gid else "")
        self.edit.setCursorPosition(0)

    def problem(self) -> str:
        if self.edit.text().strip() and self._gid is None:
            return self.tr("Pick one from the list, or leave it empty.")
        return ""

    def set_locked(self, locked: bool) -> None:
        self.edit.setReadOnly(locked)

    def open_list(self) -> None:
        """Show what can be picked, whatever is written."""
        self._fill("")
        self._completer.complete()

    def _typed(self, text: str) -> None:
        self._gid = None
        self._fill(text.strip())
        self.edited.emit()

    def _fill(self, text: str) -> None:
        self._model.clear()
        for candidate in self._candidates(text):
            item = QStandardItem(candidate.label)
            item.setData(candidate.gid, _GID)
            item.setData(candidate.detail, _DETAIL)
            item.setAccessibleText(", ".join(part for part in (candidate.label, candidate.detail) if part))
            self._model.appendRow(item)

    def _picked(self, index: QModelIndex) -> None:
        self.set_value(index.data(_GID))
        self.edited.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._icon.setGeometry(8 if self.mirrored else self.width() - 24, 8, 16, 16)
        self._icon.raise_()
        super().resizeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self.edit.isReadOnly() or self._popup.isVisible():
            return super().eventFilter(watched, event)
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self.open_list()
                return True
        elif event.type() is QEvent.Type.MouseButtonRelease and not self.edit.text():
            self.open_list()
        return super().eventFilter(watched, event)
