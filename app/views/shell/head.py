"""The top bar filled from a page's `Head`: title or trail, search box, tools, actions.

Usage: ``bar = HeadBar(theme); bar.show_head(page.head(), fresh=True)``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.views.page import Action, Crumb, Head
from app.views.page import SearchBox as SearchWish
from app.views.theme.theme import Theme
from app.views.theme.tokens import Space
from app.views.widgets.buttons import Button, primary, secondary
from app.views.widgets.search_box import SearchBox
from app.views.widgets.topbar import TopBar

_SEARCH_WIDTH = 300
_EVERYTHING_WIDTH = 220


class HeadBar(TopBar):
    """`searched` gives the words typed; `palette_asked`: the box that searches everything was used."""

    searched = Signal(str)
    search_left = Signal()
    palette_asked = Signal()
    crumb_chosen = Signal(object)
    """A Place."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._wish: SearchWish | None = None
        self._trail: tuple[Crumb, ...] = ()
        self._actions: tuple[Action, ...] = ()
        self._buttons: list[Button] = []
        self._lead: QWidget | None = None
        self._leads = QWidget()
        self._lead_row = QHBoxLayout(self._leads)
        self._lead_row.setContentsMargins(0, 0, 0, 0)
        self._leads.hide()
        self.add_tool(self._leads)
        self.crumb_clicked.connect(self._on_crumb)

    def show_head(self, head: Head, *, fresh: bool) -> None:
        """Show a page's head. `fresh`: another page than before, so the search starts empty."""
        if head.trail:
            self._trail = head.trail
            self.set_breadcrumb(head.trail[-1].text, head.title)
        else:
            self.set_title(head.title, head.subtitle)
        if fresh or head.search != self._wish:
            self._wish = head.search
            self.set_search(self._make_search(head.search))
        self._show_lead(head.lead)
        self._show_actions(head.actions)

    @property
    def buttons(self) -> tuple[Button, ...]:
        """The buttons of the page's actions."""
        return tuple(self._buttons)

    def _make_search(self, wish: SearchWish | None) -> SearchBox | None:
        if wish is None:
            return None
        if wish.everything:
            box = SearchBox(self.theme, wish.hint, "Ctrl K", width=_EVERYTHING_WIDTH, as_button=True)
            box.searched.connect(lambda _text: self.palette_asked.emit())
            return box
        box = SearchBox(self.theme, wish.hint, "Ctrl F", width=_SEARCH_WIDTH)
        box.searched.connect(self.searched)
        box.left.connect(self.search_left)
        return box

    def _show_lead(self, lead: QWidget | None) -> None:
        if lead is not self._lead:
            if self._lead is not None:
                self._lead_row.removeWidget(self._lead)
                self._lead.hide()
            self._lead = lead
            if lead is not None:
                self._lead_row.addWidget(lead)
        if lead is not None:
            lead.show()
        self._leads.setVisible(lead is not None)

    def _show_actions(self, actions: tuple[Action, ...]) -> None:
        before, self._actions = self._actions, actions
        if [_look(action) for action in before] == [_look(action) for action in actions]:
            return
        self._buttons = [self._button(number, action) for number, action in enumerate(actions)]
        if not actions:
            self.set_action(None)
            return
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(Space.M)
        for button in self._buttons:
            line.addWidget(button)
        self.set_action(holder)

    def _button(self, number: int, action: Action) -> Button:
        make: Callable[..., Button] = primary if action.primary else secondary
        button = make(self.theme, action.text, action.icon)
        if action.reason:
            button.disable(action.reason)
        button.clicked.connect(partial(self._act, number))
        return button

    def _act(self, number: int) -> None:
        """Run the latest action of that place: a page may hand out new ones that look the same."""
        self._actions[number].run()

    def _on_crumb(self) -> None:
        if self._trail:
            self.crumb_chosen.emit(self._trail[-1].place)


def _look(action: Action) -> tuple[str, str, bool, str]:
    return action.text, action.icon, action.primary, action.reason
