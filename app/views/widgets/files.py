"""Files: the small tile in a message, the row in a form, the place to drop new ones.

Usage: ``FileTile(theme, FileLook("oriel-lab-plan.pdf", "1.1 MB"))``, ``FileRow(theme, look, Mark.WAITING)``,
``area = DropArea(theme); area.dropped.connect(form.add_files); area.browsed.connect(form.ask_for_files)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFocusEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.bridge.tips import plain_tip
from app.views.theme.fonts import Role
from app.views.theme.lines import elided, text_width
from app.views.theme.marks import Mark
from app.views.theme.paint import draw_focus, draw_text, rounded
from app.views.theme.theme import Theme
from app.views.theme.tokens import Radius, Tone
from app.views.ways_out import allowed
from app.views.widgets.base import ThemedWidget, keyboard_came
from app.views.widgets.buttons import IconButton
from app.views.widgets.cards import Card
from app.views.widgets.layout import column, row
from app.views.widgets.pills import SyncMark
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_LEAD, _GAP, _TRAIL = 37, 8, 11
_SHEETS = frozenset({".xlsx", ".xls", ".csv", ".ods"})
_ARCHIVES = frozenset({".zip", ".7z", ".gz", ".tar"})
_TEXTS = frozenset({".txt", ".md", ".docx", ".doc", ".odt", ".rtf"})
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg"})


def file_icon(name: str) -> tuple[str, Tone]:
    """The icon and tone for a file of that name."""
    suffix = PurePosixPath(name.lower()).suffix
    if suffix == ".pdf":
        return "file-type-pdf", Tone.BAD
    if suffix in _SHEETS:
        return "file-spreadsheet", Tone.OK
    if suffix in _ARCHIVES:
        return "file-zip", Tone.TEXT2
    if suffix in _PICTURES:
        return "photo", Tone.TEXT2
    return ("file-text" if suffix in _TEXTS else "file"), Tone.TEXT2


@dataclass(frozen=True, slots=True)
class FileLook:
    """A file's name and its size (and more) in words."""

    name: str
    size: str


class FileTile(QPushButton):
    """36 high: icon, name, size; a click opens it."""

    def __init__(self, theme: Theme, look: FileLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = look
        self._focus_by_key = False
        self.setAccessibleName(f"{look.name}, {look.size}")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    @property
    def look(self) -> FileLook:
        return self._look

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        name = text_width(self._theme.font(Role.LABEL), self._look.name)
        size = text_width(self._theme.font(Role.SECONDARY), self._look.size)
        return QSize(_LEAD + min(name, 260) + _GAP + size + _TRAIL, 36)

    def minimumSizeHint(self) -> QSize:
        size = text_width(self._theme.font(Role.SECONDARY), self._look.size)
        return QSize(_LEAD + 60 + _GAP + size + _TRAIL, 36)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        hovered = self.underMouse() or self.isDown()
        rounded(
            painter, self.rect(), Radius.CONTROL, tokens.hover if hovered else tokens.surface, tokens.line
        )
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        icon, tone = file_icon(self._look.name)
        x = self.width() - 12 - 16 if mirrored else 12
        self._theme.draw_icon(painter, x, (self.height() - 16) // 2, icon, tokens.tone(tone), 16)
        font, small = self._theme.font(Role.LABEL), self._theme.font(Role.SECONDARY)
        size = text_width(small, self._look.size)
        shown = elided(font, self._look.name, self.width() - _LEAD - _GAP - size - _TRAIL + 1)
        self.setToolTip(plain_tip(self._look.name if shown != self._look.name else ""))
        name = text_width(font, shown)
        start = self.width() - _LEAD - name if mirrored else _LEAD
        draw_text(painter, QRect(start, 0, name, self.height()), shown, font, tokens.text)
        after = start - _GAP - size if mirrored else start + name + _GAP
        draw_text(painter, QRect(after, 0, size, self.height()), self._look.size, small, tokens.text3)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect())
        painter.end()


class FileRow(Card):
    """56 high, in a form: icon, name, size, sync mark, and a bin to remove it."""

    removed = Signal()

    def __init__(
        self,
        theme: Theme,
        look: FileLook,
        mark: Mark | None = None,
        *,
        removable: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, name=f"{look.name}, {look.size}", parent=parent)
        icon, tone = file_icon(look.name)
        name = Text(theme, look.name, Role.NAME, elide=True)
        second = row(Text(theme, look.size, Role.SECONDARY, Tone.TEXT3), gap=8)
        if mark is not None:
            second.addWidget(SyncMark(theme, mark))
        second.addStretch(1)
        words = column(name, second, gap=0)
        line = row(Icon(theme, icon, tone, 24), gap=12, margins=(12, 9, 12, 9))
        line.addLayout(words, 1)
        if removable:
            remove = IconButton(theme, "trash", self.tr("Remove {name}").format(name=look.name))
            remove.clicked.connect(self.removed)
            line.addWidget(remove)
        self.body.addLayout(line)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)


class DropArea(QPushButton):
    """A dashed frame that takes dragged files; a click or Space asks for files. Refuses anything but local files."""

    dropped = Signal(object)
    browsed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._over = False
        self._focus_by_key = False
        self.setAcceptDrops(allowed().files)
        self.setMinimumHeight(56)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Drop files, or browse"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self.browsed)
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(280, 56)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = keyboard_came(event.reason(), self._focus_by_key)
        super().focusInEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if local_files(event):
            self._hover(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._hover(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._hover(False)
        files = local_files(event)
        if files:
            event.acceptProposedAction()
            self.dropped.emit(files)

    def _hover(self, over: bool) -> None:
        self._over = over
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(dashed(tokens.accent if self._over else tokens.field))
        painter.setBrush(QColor(tokens.accent_soft if self._over else tokens.surface))
        shape = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(shape, Radius.CARD, Radius.CARD)
        font, strong = self._theme.font(Role.SECONDARY), self._theme.font(Role.LABEL)
        before, link = self.tr("Drop files, or"), self.tr("browse")
        first, second = text_width(font, before), text_width(strong, link)
        x = (self.width() - 16 - 8 - first - 4 - second) // 2
        mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        spots = [(x, 16), (x + 24, first), (x + 24 + first + 4, second)]
        if mirrored:
            spots = [(self.width() - start - length, length) for start, length in spots]
        self._theme.draw_icon(painter, spots[0][0], (self.height() - 16) // 2, "paperclip", tokens.text2, 16)
        height = self.height()
        draw_text(painter, QRect(spots[1][0], 0, first, height), before, font, tokens.text2)
        draw_text(painter, QRect(spots[2][0], 0, second, height), link, strong, tokens.accent)
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.rect(), Radius.CARD)
        painter.end()


def dashed(colour: str) -> QPen:
    """A pen of short dashes, for what is not sent yet or not there yet."""
    pen = QPen(QColor(colour), 1)
    pen.setDashPattern([3, 2])
    return pen


def local_files(event: QDropEvent) -> Sequence[Path]:
    """The files that are dragged, without folders and web addresses; none where no files come in."""
    if not allowed().files:
        return ()
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return tuple(path for path in paths if path.is_file())


class DashedPanel(ThemedWidget):
    """A dashed frame in warn around what waits to be sent."""

    def __init__(self, theme: Theme, *, active: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._active = active

    def set_active(self, active: bool) -> None:
        self._active = active
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._active:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(dashed(self.theme.tokens.warn))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), Radius.CARD, Radius.CARD)
        painter.end()
