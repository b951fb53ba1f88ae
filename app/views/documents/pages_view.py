"""Pages one below the other, scrolled and zoomed; drawn by the renderer, never by this thread.

Usage: ``view = PagesView(theme, renderer); view.show_sheets(sheets, "EMEA price list 2026.4")``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.views.documents.rendering import Renderer
from app.views.documents.search import Match
from app.views.documents.sheets import Sheets
from app.views.theme.fonts import Role
from app.views.theme.paint import draw_focus, draw_text
from app.views.theme.theme import Theme

_MARGIN = 20
_GAP = 12
#: Logical pixels a point at 100 %.
_FULL = 96 / 72
ZOOMS = (0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)
_STEP = 60
#: All pages together are never higher, and none wider, in logical pixels: Qt counts no further than four times that.
_MOST = 1 << 29


class PagesView(QAbstractScrollArea):
    """`page_changed` tells the page in view (from 0), `zoom_changed` that the zoom is another one."""

    page_changed = Signal(int)
    zoom_changed = Signal()

    def __init__(self, theme: Theme, renderer: Renderer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._renderer = renderer
        self._sheets: Sheets | None = None
        self._title = ""
        self._tops: list[int] = []
        self._sizes: list[tuple[int, int]] = []
        self._zoom: float | None = None
        self._widest = self._longest = 1.0
        self._page = 0
        self._matches: tuple[Match, ...] = ()
        self._match: Match | None = None
        self._focus_by_key = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        renderer.ready.connect(self._on_ready)
        theme.changed.connect(self._on_theme)

    # what is shown

    def show_sheets(self, sheets: Sheets | None, title: str) -> None:
        """Show a document from its first page, fitted to the width; None shows an empty ground."""
        self._sheets = sheets
        sizes = [sheets.size(index) for index in range(sheets.count)] if sheets is not None else []
        self._widest = max(1.0, *(width for width, _height in sizes)) if sizes else 1.0
        self._longest = max(self._widest, sum(max(0.0, height) for _width, height in sizes))
        self._title = title
        self._matches, self._match = (), None
        self._zoom = None
        self._page = 0
        self._arrange()
        self.verticalScrollBar().setValue(0)
        self.horizontalScrollBar().setValue(0)
        self._say_page()

    @property
    def count(self) -> int:
        """Number of pages."""
        return self._sheets.count if self._sheets is not None else 0

    @property
    def page(self) -> int:
        """The page in view, from 0."""
        return self._page

    def go_to(self, page: int) -> None:
        """Bring a page to the top."""
        if 0 <= page < len(self._tops):
            self.verticalScrollBar().setValue(self._tops[page] - _GAP)

    def show_matches(self, matches: Sequence[Match], current: Match | None) -> None:
        """Mark what was found and bring the current one into view."""
        self._matches, self._match = tuple(matches), current
        if current is not None and current.page < len(self._tops):
            scale = self._scale()
            top = self._tops[current.page] + round(current.box[1] * scale)
            bar = self.verticalScrollBar()
            if not bar.value() + 40 <= top <= bar.value() + self.viewport().height() - 60:
                bar.setValue(top - self.viewport().height() // 3)
        self.viewport().update()

    # zoom

    @property
    def zoom(self) -> float | None:
        """1 is 100 %; None is fitted to the width."""
        return self._zoom

    @property
    def shown_zoom(self) -> float:
        """The zoom as it comes out, also when it is fitted."""
        return self._scale() / _FULL

    def set_zoom(self, zoom: float | None) -> None:
        """Zoom, or fit to the width with None; what is in the middle stays there."""
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        whole = max(1, self._height())
        middle = (bar.value() + height / 2) / whole
        self._zoom = zoom
        self._arrange()
        bar.setValue(round(middle * self._height() - height / 2))
        self.zoom_changed.emit()

    def zoom_in(self) -> None:
        now = self.shown_zoom
        self.set_zoom(next((step for step in ZOOMS if step > now * 1.01), ZOOMS[-1]))

    def zoom_out(self) -> None:
        now = self.shown_zoom
        self.set_zoom(next((step for step in reversed(ZOOMS) if step < now * 0.99), ZOOMS[0]))

    def _scale(self) -> float:
        """Logical pixels a point."""
        if self._zoom is not None:
            wanted = self._zoom * _FULL
        elif not self.count:
            wanted = _FULL
        else:
            wanted = max(0.1, (self.viewport().width() - 2 * _MARGIN) / self._widest)
        return min(wanted, _MOST / self._longest)

    # layout

    def _arrange(self) -> None:
        scale = self._scale()
        self._tops, self._sizes = [], []
        top = _MARGIN
        for index in range(self.count):
            width, height = self._sheets.size(index) if self._sheets is not None else (0.0, 0.0)
            self._tops.append(top)
            self._sizes.append((max(1, round(width * scale)), max(1, round(height * scale))))
            top += self._sizes[-1][1] + _GAP
        view = self.viewport().size()
        widest = max((width for width, _height in self._sizes), default=0) + 2 * _MARGIN
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setRange(0, max(0, self._height() - view.height()))
        vertical.setPageStep(view.height())
        vertical.setSingleStep(_STEP)
        horizontal.setRange(0, max(0, widest - view.width()) if self._zoom is not None else 0)
        horizontal.setPageStep(view.width())
        horizontal.setSingleStep(_STEP)
        self._ask()
        self.viewport().update()

    def _height(self) -> int:
        return self._tops[-1] + self._sizes[-1][1] + _MARGIN if self._tops else 0

    def _rect(self, page: int) -> QRect:
        width, height = self._sizes[page]
        view = self.viewport().width()
        free = view - width
        x = free // 2 if free >= 2 * _MARGIN else _MARGIN - self.horizontalScrollBar().value()
        if free < 2 * _MARGIN and self._zoom is None:
            x = free // 2
        return QRect(x, self._tops[page] - self.verticalScrollBar().value(), width, height)

    def _visible(self) -> range:
        if not self._tops:
            return range(0)
        top = self.verticalScrollBar().value()
        first = max(0, bisect_right(self._tops, top) - 1)
        last = max(first, bisect_right(self._tops, top + self.viewport().height()) - 1)
        return range(first, last + 1)

    def _ask(self) -> None:
        seen = self._visible()
        if not seen:
            return
        around = [page for page in (seen[-1] + 1, seen[0] - 1) if 0 <= page < self.count]
        self._renderer.want([*seen, *around], self._scale() * self.devicePixelRatioF())

    def _on_ready(self, page: int) -> None:
        if page in self._visible():
            self.viewport().update(self._rect(page))

    def _on_theme(self) -> None:
        self.viewport().update()

    def _say_page(self) -> None:
        words = self.tr("{title}, page {page} of {count}")
        self.setAccessibleName(words.format(title=self._title, page=self._page + 1, count=max(1, self.count)))

    # events

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()
        self._ask()
        # The page whose middle part is in view: what one is reading, not what is leaving at the top.
        line = self.verticalScrollBar().value() + self.viewport().height() // 3
        page = max(0, bisect_right(self._tops, line) - 1) if self._tops else 0
        if page != self._page:
            self._page = page
            self._say_page()
            self.page_changed.emit(page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        self.zoom_changed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if event.angleDelta().y() > 0:
                self.zoom_in()
            elif event.angleDelta().y() < 0:
                self.zoom_out()
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        match event.key():
            case Qt.Key.Key_Home:
                bar.setValue(0)
            case Qt.Key.Key_End:
                bar.setValue(bar.maximum())
            case Qt.Key.Key_PageDown | Qt.Key.Key_Space:
                bar.setValue(bar.value() + self.viewport().height() - 40)
            case Qt.Key.Key_PageUp | Qt.Key.Key_Backspace:
                bar.setValue(bar.value() - self.viewport().height() + 40)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_in()
            case Qt.Key.Key_Minus:
                self.zoom_out()
            case Qt.Key.Key_0:
                self.set_zoom(None)
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus_by_key = event.reason() is not Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(tokens.sunken))
        for page in self._visible():
            rect = self._rect(page)
            # Paper is white in either scheme: a vendor's pages are shown as they are.
            painter.fillRect(rect, QColor("#FFFFFF"))
            image = self._renderer.image(page)
            if image is not None:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.drawImage(rect, image)
            elif self._renderer.broken(page):
                words = self.tr("This page cannot be drawn.")
                font = self._theme.font(Role.SECONDARY)
                draw_text(painter, rect, words, font, "#626A79", Qt.AlignmentFlag.AlignHCenter)
            self._paint_matches(painter, page, rect)
            painter.setPen(QColor(tokens.line2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(-1, -1, 0, 0))
        if self.hasFocus() and self._focus_by_key:
            draw_focus(painter, self._theme, self.viewport().rect(), 0)
        painter.end()

    def _paint_matches(self, painter: QPainter, page: int, rect: QRect) -> None:
        scale = self._scale()
        for match in self._matches:
            if match.page != page:
                continue
            left, top, right, bottom = (value * scale for value in match.box)
            spot = QRect(
                rect.left() + round(left) - 1,
                rect.top() + round(top) - 1,
                round(right - left) + 2,
                round(bottom - top) + 2,
            )
            # A marker on paper, so its colours are those of the paper in both schemes.
            colour = QColor("#FFB938" if match == self._match else "#FFE9A8")
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Multiply)
            painter.fillRect(spot, colour)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
