"""What lies over the pages: the palette, the sheet of all keys, the help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.services.help import Topic, place_of
from app.views.page import PageContext, Place, Way
from app.views.shell.desk import Desk
from app.views.shell.help_panel import HelpPanel, help_of
from app.views.shell.palette import PaletteOverlay
from app.views.shell.palette_source import Further, PaletteSource
from app.views.shell.sheet import KeySheet

if TYPE_CHECKING:
    from app.views.main_window import MainWindow


class Overlays(QObject):
    """Opens them, one at a time; while palette or sheet are open, the window's keys rest."""

    def __init__(self, context: PageContext, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._portal = context.portal
        self._bridge = context.bridge
        self._theme = context.theme
        self._window = window
        self._desk = desk
        commands = window.commands
        self.source = PaletteSource(
            context.portal,
            context.bridge,
            commands.list,
            window.go,
            lambda: window.filling.open_ones,
            commands.here,
            self._further,
        )
        self.palette = PaletteOverlay(context.theme, window, self.source.ask)
        self.help = HelpPanel(context.theme, window, help_of(context.portal), self._show_topic)
        self.sheet = KeySheet(context.theme, window)

    @property
    def none_open(self) -> bool:
        """Whether the keys of the window act."""
        return self.palette.isHidden() and self.sheet.isHidden()

    def open_palette(self, text: str = "") -> None:
        """Show the palette, with a text in its field."""
        self.sheet.close_sheet()
        self.palette.open(self.source.covers(), text)

    def open_keys(self) -> None:
        """All keys: the window's, and those of this page."""
        window = self._window
        head = window.current.head().title if window.current else ""
        self.sheet.open(((self.tr("Everywhere"), window.keys.window_keys), (head, window.keys.page_keys)))

    def open_check(self) -> None:
        """Look at what may keep this computer from working with the gateway."""
        from app.views.doctor.check_window import CheckWindow  # noqa: PLC0415  # with all that it may show

        window = CheckWindow(self._theme, self._bridge.checkup, self._portal.formats.tr, self._window)
        window.finished.connect(window.deleteLater)
        window.open()

    @property
    def way_to_check(self) -> Way:
        """The way there, for a line that says why it is not live."""
        return Way(self.tr("Check this computer"), self.open_check)

    def open_help(self) -> None:
        """The topics, beside the page; once more closes them."""
        if self.help.isHidden():
            self.help.open()
        else:
            self.help.close_panel()

    def _show_topic(self, topic: Topic) -> None:
        place = place_of(topic, self._portal.manifest)
        if place:
            self._window.go(Place(place))

    def _further(self) -> Further | None:
        search, window = self._desk.everywhere, self._window
        if search is None or len(window.accounts.lines()) < 2:
            return None
        return Further(search, window.switch_requested.emit)
