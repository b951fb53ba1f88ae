"""The top bar of every page: title or breadcrumb, search, freshness, the page's action.

Usage::

    bar = TopBar(theme)
    bar.set_title("Good morning, Maya", subtitle="Monday 23 November")
    bar.set_breadcrumb("Deals", "Register a deal"); bar.crumb_clicked.connect(go_back)
    bar.set_search(SearchBox(theme, "Search deals", "Ctrl F"))
    bar.freshness.show_live("09:41")
    bar.set_action(primary(theme, "Register a deal", "plus"))
"""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.views.theme.fonts import Role
from app.views.theme.theme import Theme
from app.views.theme.tokens import Height, Space, Tone
from app.views.widgets.base import Panel
from app.views.widgets.buttons import Button, ButtonKind
from app.views.widgets.freshness import FreshnessChip
from app.views.widgets.search_box import SearchBox
from app.views.widgets.text import Text
from app.views.widgets.tiles import Icon

_W = TypeVar("_W", bound=QWidget)


class Crumb(Button):
    """The way back, as quiet words."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__(theme, text, ButtonKind.LINK)
        self.setFont(theme.font(Role.BODY))

    def _role(self) -> Role:
        return Role.BODY

    def _colour(self) -> str:
        return self._theme.tokens.text3


class TopBar(Panel):
    """56 high, a rule below."""

    crumb_clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "surface", rules="bottom", parent=parent)
        self.setFixedHeight(Height.TOP_BAR)
        self.freshness = FreshnessChip(theme)
        self._crumb = Crumb(theme, "")
        self._crumb.clicked.connect(self.crumb_clicked)
        self._arrow = Icon(theme, "chevron-right", Tone.TEXT3, 14, self.tr("then"))
        self._title = Text.giving_way(theme, "", Role.PAGE_TITLE)
        self._subtitle = Text(theme, "", Role.BODY, Tone.TEXT3)
        self._subtitle.setContentsMargins(0, 2, 0, 0)
        self._search: SearchBox | None = None
        self._tools: list[QWidget] = []
        self._action: QWidget | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(Space.PAGE, 0, Space.PAGE, 0)
        self._row.setSpacing(Space.M)
        middle = Qt.AlignmentFlag.AlignVCenter
        for widget in (self._crumb, self._arrow, self._title, self._subtitle):
            self._row.addWidget(widget, 0, middle)
        self._row.addStretch(1)
        self._row.addWidget(self.freshness, 0, middle)
        self.set_title("")

    @property
    def search(self) -> SearchBox | None:
        return self._search

    @property
    def title(self) -> str:
        return self._title.text()

    def set_title(self, title: str, subtitle: str = "") -> None:
        self._crumb.hide()
        self._arrow.hide()
        self._title.set_text(title)
        self._title.setMaximumWidth(self._title.natural_width + 1)
        self._subtitle.set_text(subtitle)
        self._fit()
        self.setAccessibleName(title)

    def set_breadcrumb(self, parent_title: str, title: str) -> None:
        """*Deals › Register a deal*; the first part is a way back."""
        self.set_title(title)
        self._crumb.set_text(parent_title)
        self._crumb.show()
        self._arrow.show_icon("chevron-left" if self.mirrored else "chevron-right")
        self._arrow.show()

    def event(self, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize}:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        """The subtitle stands where there is room for the whole of everything; the title is cut last, with a tip."""
        items = (self._row.itemAt(place) for place in range(self._row.count()))
        widgets = (item.widget() for item in items if item is not None)
        shown = [
            one for one in widgets if one is not None and one is not self._subtitle and not one.isHidden()
        ]
        taken = sum(one.sizeHint().width() + self._row.spacing() for one in shown) + 2 * Space.PAGE
        fits = taken + self._subtitle.sizeHint().width() + self._row.spacing() <= self.width()
        self._subtitle.setVisible(bool(self._subtitle.text()) and fits)

    def set_search(self, search: SearchBox | None) -> None:
        """Before the freshness chip; replaces an earlier one."""
        self._search = self._exchange(self._search, search, before=self.freshness)

    def add_tool(self, widget: QWidget) -> None:
        """Another control before the freshness chip, such as the offline switch."""
        self._row.insertWidget(self._row.indexOf(self.freshness), widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._tools.append(widget)

    def set_action(self, action: QWidget | None) -> None:
        """The page's action at the far end."""
        self._action = self._exchange(self._action, action)

    def _exchange(self, old: _W | None, new: _W | None, before: QWidget | None = None) -> _W | None:
        if old is not None and old is not new:
            self._row.removeWidget(old)
            # It is deleted once its events are done; until then it must not lie over what replaces it.
            old.hide()
            old.deleteLater()
        if new is not None:
            place = -1 if before is None else self._row.indexOf(before)
            self._row.insertWidget(place, new, 0, Qt.AlignmentFlag.AlignVCenter)
        return new
