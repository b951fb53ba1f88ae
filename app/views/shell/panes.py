"""Where the keyboard goes: F6 round the panes, Ctrl+F to the search of the page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from app.views.page import Page
from app.views.shell.head import HeadBar
from app.views.widgets.nav import NavList


class Panes(QObject):
    """The navigation, the top bar, and the panes of the page that is shown."""

    def __init__(
        self, nav: NavList, bar: HeadBar, current: Callable[[], Page | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._nav = nav
        self._bar = bar
        self._current = current

    def focus_search(self) -> bool:
        """Give the keyboard to the page's search box; False where there is none."""
        page, box = self._current(), self._bar.search
        wish = page.head().search if page else None
        if box is None or wish is None or wish.everything:
            return False
        box.focus_text()
        return True

    def focus_content(self) -> None:
        """Give the keyboard to the first pane of the page."""
        page = self._current()
        panes = page.panes() if page else ()
        if panes:
            panes[0].setFocus()

    def next(self) -> None:
        """Navigation, then the panes of the page, around."""
        page = self._current()
        panes = [pane for pane in (page.panes() if page else ()) if pane.isVisible()]
        focus = QApplication.focusWidget()
        at = next((n for n, pane in enumerate(panes) if _holds(pane, focus)), -1)
        if focus is not None and at < 0 and not self._nav.isAncestorOf(focus):
            self._nav.focus_rows()
        elif at + 1 < len(panes):
            panes[at + 1].setFocus()
        else:
            self._nav.focus_rows()


def _holds(pane: QWidget, focus: QWidget | None) -> bool:
    return focus is not None and (pane is focus or pane.isAncestorOf(focus) or pane.focusProxy() is focus)
