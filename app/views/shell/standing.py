"""How the window, or the page that is shown, stands against the vendor: the freshness chip, the banner, the wait for
the browser.

Usage: ``Standing(context, bar.freshness, banner)``; it listens to the bridge by itself.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.services.freshness import freshness, notice
from app.services.sources import page_notice
from app.services.views_model import Mode, Notice, Status
from app.views.page import PageContext
from app.views.theme.tokens import Tone
from app.views.widgets.banner import Banner
from app.views.widgets.freshness import Freshness, FreshnessChip

_CHIPS = {
    "live": Freshness.LIVE,
    "proven": Freshness.PROVEN,
    "partly": Freshness.PARTLY,
    "syncing": Freshness.SYNCING,
    "first": Freshness.FIRST_SYNC,
    "offline": Freshness.OFFLINE,
    "sign_in": Freshness.PROBLEM,
    "problem": Freshness.PROBLEM,
}


class Standing(QObject):
    """`why_asked`: open the explanation; `sign_in_asked`: the session has ended and the user wants to go on."""

    why_asked = Signal()
    sign_in_asked = Signal()

    def __init__(self, context: PageContext, chip: FreshnessChip, banner: Banner, parent: QObject) -> None:
        super().__init__(parent)
        self._portal = context.portal
        self._bridge = context.bridge
        self._chip = chip
        self._banner = banner
        self._notice: Notice | None = None
        self._in_browser = False
        self._page = ""
        chip.clicked.connect(self.why_asked)
        banner.acted.connect(self._act)
        # By methods: a lambda would keep this alive, and be called, after its window is gone.
        self._bridge.statusChanged.connect(self.show)
        self._bridge.progress.connect(self._show_chip)
        self._bridge.signInChanged.connect(self._on_sign_in)
        self.show()

    def show(self) -> None:
        """Read the bridge's status afresh."""
        self._show_chip()
        self._show_banner()

    def show_page(self, page: str) -> None:
        """Another page is shown: what is said of its own records alone follows."""
        if page != self._page:
            self._page = page
            self._show_banner()

    def _show_chip(self) -> None:
        status: Status = self._bridge.status
        progress = self._bridge.first_progress if status.mode is Mode.FIRST_SYNC else None
        said = freshness(status, self._portal.formats, progress)
        self._chip.show_state(_CHIPS[said.kind], said.text, said.why)

    def _show_banner(self) -> None:
        status, formats = self._bridge.status, self._portal.formats
        of_page = page_notice(status, self._portal.manifest, self._page, formats)
        self._notice = notice(status, formats, self._portal.locks_in()) or of_page
        if self._in_browser:
            words = self.tr("Sign in in the browser that has opened. Everything you entered is kept here.")
            self._banner.show_message("login", words, self.tr("Cancel"), Tone.WARN)
        elif self._notice is None:
            self._banner.hide()
        else:
            said = self._notice
            self._banner.show_message(said.icon, said.text, said.action_label, Tone(said.tone))

    def _act(self) -> None:
        if self._in_browser:
            self._bridge.cancel_sign_in()
            return
        match self._notice.action if self._notice else "":
            case "sign_in":
                self.sign_in_asked.emit()
            case "online":
                self._bridge.set_offline(False)
            case "remove":
                self._bridge.believe()
            case _:
                self.why_asked.emit()

    def _on_sign_in(self, said: str) -> None:
        self._in_browser = said == "waiting"
        self._show_banner()
