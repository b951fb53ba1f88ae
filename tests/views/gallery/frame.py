"""The window's frame around a sample screen, at 1280 by 800."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.views.theme.theme import Theme
from app.views.widgets.base import Panel
from app.views.widgets.nav import NavItem, NavList
from app.views.widgets.topbar import TopBar

PLACES = (
    NavItem("home", "Home", "home"),
    NavItem("deals", "Deals", "briefcase", "23"),
    NavItem("leads", "Leads", "target-arrow", "4"),
    NavItem("requests", "Requests", "message-circle", "5"),
    NavItem("documents", "Documents", "files"),
    NavItem("orders", "Orders", "truck", "11"),
    NavItem("renewals", "Renewals", "refresh", "9"),
    NavItem("tasks", "Tasks", "clipboard-check", "3"),
)


class Screen(Panel):
    """Navigation, top bar, and a ``body`` to fill."""

    def __init__(self, theme: Theme, place: str) -> None:
        super().__init__(theme, "surface")
        self.setFixedSize(1280, 800)
        nav = NavList(theme, "Halden Systems", "Brightwater IT Ltd")
        nav.set_places(PLACES)
        nav.set_footer_places(
            [NavItem("sync", "Sync centre", "arrows-diff", "6"), NavItem("settings", "Settings", "settings")]
        )
        nav.set_user("Maya Okafor", "Sales manager")
        nav.select(place)
        self.bar = TopBar(theme)
        self.body = QVBoxLayout()
        self.body.setSpacing(0)
        side = QVBoxLayout()
        side.setSpacing(0)
        side.addWidget(self.bar)
        side.addLayout(self.body, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(nav)
        whole.addLayout(side, 1)


def spaced(widget: QWidget, left: int, top: int, right: int, bottom: int) -> QHBoxLayout:
    """One widget with room around it."""
    layout = QHBoxLayout()
    layout.setContentsMargins(left, top, right, bottom)
    layout.addWidget(widget)
    return layout
