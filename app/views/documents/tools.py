"""The strip above a page: which page, how large, save a copy, look for words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QLineEdit, QWidget

from app.services.format import Formats
from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Tone
from app.views.ways_out import allowed
from app.views.widgets.base import Panel
from app.views.widgets.buttons import Button, ButtonKind, IconButton
from app.views.widgets.text import Run, Text
from app.views.widgets.text_controls import make_line

_HEIGHT = 40
_EDGE, _GAP = 12, 4
_WORDS = 420
#: Room for the pages, save and search.
_LEAST = 200


class ToolStrip(Panel):
    """`paged` steps by -1 or 1; `zoomed` by -1 or 1, 0 fits to the width."""

    paged = Signal(int)
    zoomed = Signal(int)
    save_asked = Signal()
    search_asked = Signal()

    def __init__(self, theme: Theme, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(theme, "raised", rules="bottom", parent=parent)
        self._figure = formats.number
        self.setFixedHeight(_HEIGHT)
        self.back = IconButton(theme, "chevron-left", self.tr("Page before"))
        self.forward = IconButton(theme, "chevron-right", self.tr("Next page"))
        self.smaller = IconButton(theme, "zoom-out", self.tr("Zoom out"))
        self.larger = IconButton(theme, "zoom-in", self.tr("Zoom in"))
        self.fit = Button(theme, self.tr("Fit width"), ButtonKind.QUIET, small=True)
        self.save = IconButton(theme, "download", self.tr("Save a copy"))
        self.search = IconButton(theme, "search", self.tr("Search in this document"))
        self._page = Text(theme, "", Role.SECONDARY, Tone.TEXT2)
        self._shown = (0, 0)
        self._offers = False
        self._pages = QWidget()
        self._zooms = QWidget()
        _in_row(self._pages, self.back, self._page, self.forward)
        _in_row(self._zooms, self.smaller, self.fit, self.larger)
        line = QHBoxLayout(self)
        line.setContentsMargins(_EDGE, 0, _EDGE, 1)
        line.setSpacing(_GAP)
        # Its least width is what remains once it has fitted itself in, not what it would like to show.
        line.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        line.addWidget(self._pages)
        line.addStretch(1)
        line.addWidget(self._zooms)
        line.addStretch(1)
        line.addWidget(self.save)
        line.addWidget(self.search)
        self.back.clicked.connect(lambda: self.paged.emit(-1))
        self.forward.clicked.connect(lambda: self.paged.emit(1))
        self.smaller.clicked.connect(lambda: self.zoomed.emit(-1))
        self.larger.clicked.connect(lambda: self.zoomed.emit(1))
        self.fit.clicked.connect(lambda: self.zoomed.emit(0))
        self.save.clicked.connect(self.save_asked)
        if not allowed().files:
            self.save.hide()
        self.search.clicked.connect(self.search_asked)

    def offer(self, *, pages: bool, search: bool) -> None:
        """Which tools this content has; saving always is one."""
        self._offers = pages
        self._pages.setVisible(pages)
        self._zooms.setVisible(pages)
        self.search.setVisible(search)
        self._fit_in()

    def show_page(self, page: int, count: int) -> None:
        """*Page 3 of 28*, or *3 of 28* where there is little room; `page` from 0."""
        self._shown = (page, count)
        self._fit_in()
        self._able(self.back, page > 0, self.tr("This is the first page."))
        self._able(self.forward, page + 1 < count, self.tr("This is the last page."))

    def show_zoom(self, zoom: float | None) -> None:
        """*Fit width*, or a per cent that a click brings back to it."""
        self.fit.set_text(self.tr("Fit width") if zoom is None else f"{round(zoom * 100)} %")
        self.fit.set_tip("" if zoom is None else self.tr("Fit to the width again"))
        self._fit_in()

    def minimumSizeHint(self) -> QSize:
        return QSize(_LEAST, _HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_in()

    def _fit_in(self) -> None:
        """Where not all fits, the word for a page goes first, then what fits the width, then the zoom buttons."""
        page, count = self._shown
        figures = [
            Run(self._figure(page + 1), role=Role.LABEL_STRONG),
            Run(" " + self.tr("of {count}").format(count=self._figure(count)), Tone.TEXT2),
        ]
        whole = [Run(self.tr("Page") + " ", Tone.TEXT2), *figures]
        steps = ((whole, True, True), (figures, True, True), (figures, False, True), (figures, False, False))
        for words, fit, zooms in steps:
            self._page.set_runs(words)
            self.fit.setVisible(fit)
            self._zooms.setVisible(self._offers and zooms)
            if self._needed(fit=fit, zooms=zooms) <= self.width():
                return

    def _needed(self, *, fit: bool, zooms: bool) -> int:
        """The width of what is offered, by the parts: the layouts learn of a change only later."""
        paged: tuple[QWidget, ...] = (self.back, self._page, self.forward) if self._offers else ()
        zoomed: tuple[QWidget, ...] = (self.smaller, self.larger) if self._offers and zooms else ()
        parts: tuple[QWidget, ...] = (
            *paged,
            *zoomed,
            *((self.fit,) if zoomed and fit else ()),
            *((self.save,) if allowed().files else ()),
            self.search,
        )
        widths = (part.sizeHint().boundedTo(part.maximumSize()).width() for part in parts)
        return sum(widths, _GAP * (len(parts) - 1) + 2 * _EDGE)

    @staticmethod
    def _able(button: IconButton, able: bool, reason: str) -> None:
        if able:
            button.enable()
        else:
            button.disable(reason)


class SearchStrip(Panel):
    """Words to look for in the document: Return goes on, Shift Return back, Escape closes."""

    asked = Signal(str)
    stepped = Signal(int)
    closed = Signal()

    def __init__(self, theme: Theme, formats: Formats, parent: QWidget | None = None) -> None:
        super().__init__(theme, "raised", rules="bottom", parent=parent)
        self._figure = formats.number
        self.setFixedHeight(_HEIGHT + 8)
        self.edit: QLineEdit = make_line(theme, self.tr("Search in this document"))
        self.edit.setAccessibleName(self.tr("Search in this document"))
        self.edit.installEventFilter(self)
        self.edit.textChanged.connect(self.asked)
        self.edit.setMaximumWidth(_WORDS)
        self._count = Text(theme, "", Role.SECONDARY, Tone.TEXT3)
        self.before = IconButton(theme, "chevron-up", self.tr("Match before"))
        self.after = IconButton(theme, "chevron-down", self.tr("Next match"))
        close = IconButton(theme, "x", self.tr("Close the search"))
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 0, 12, 1)
        line.setSpacing(8)
        line.addWidget(self.edit, 3)
        line.addWidget(self._count)
        line.addWidget(self.before)
        line.addWidget(self.after)
        line.addWidget(close)
        line.addStretch(1)
        self.before.clicked.connect(lambda: self.stepped.emit(-1))
        self.after.clicked.connect(lambda: self.stepped.emit(1))
        close.clicked.connect(self.closed)

    def show_count(self, current: int, count: int) -> None:
        """*3 of 12*, *Nothing found*, or nothing while nothing is asked; `current` from 0."""
        if not self.edit.text().strip():
            self._count.set_text("")
        elif count == 0:
            self._count.set_text(self.tr("Nothing found"))
        else:
            found = self.tr("{number} of {count}")
            self._count.set_text(found.format(number=self._figure(current + 1), count=self._figure(count)))
        for button in (self.before, self.after):
            if count > 1:
                button.enable()
            else:
                button.disable(self.tr("There is no other place."))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.closed.emit()
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.stepped.emit(-1 if back else 1)
                return True
        return super().eventFilter(watched, event)


def _in_row(holder: QWidget, *widgets: QWidget) -> None:
    line = QHBoxLayout(holder)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(_GAP)
    for widget in widgets:
        line.addWidget(widget)
