"""What one can do from anywhere: the manifest's jobs, sending, proving, the offline switch; with their keys.

The same list fills the palette and the keys, so that neither offers what the other lacks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.contract.manifest import Job
from app.services.format import plural
from app.services.views_model import Target
from app.views.page import ACCOUNT, HOME, NEW, SYNC_CENTRE, PageContext, Place, Toast
from app.views.shell.keys import WindowKeys
from app.views.shell.palette_source import Command
from app.views.shell.places import ACCOUNT_KEY, HOME_KEY, SYNC_KEY, listed

if TYPE_CHECKING:
    from app.views.main_window import MainWindow

_SEND, _CHECK = "Ctrl+Shift+S", "Ctrl+Shift+V"


class WindowCommands(QObject):
    """Commands of the window; `list` reads the manifest afresh."""

    def __init__(
        self, context: PageContext, window: MainWindow, go: Callable[[Place | Target], None]
    ) -> None:
        super().__init__(window)
        self._portal = context.portal
        self._bridge = context.bridge
        self._window = window
        self._go = go

    def list(self) -> list[Command]:
        """What the palette offers under *Do*, in the order of use."""
        offline = self._bridge.offline_by_choice
        return [
            *(self._job(job) for job in self._portal.manifest.jobs if job.does == "create"),
            Command(
                self.tr("Retry what waits to send"),
                "refresh",
                self.send_now,
                _SEND,
                self.tr("sync send now outbox"),
                self._waiting,
            ),
            Command(
                self.tr("Recheck that both sides are identical"),
                "circle-check",
                self.check,
                _CHECK,
                self.tr("verify proof prove"),
            ),
            Command(
                self.tr("Go online") if offline else self.tr("Work offline"),
                "wifi" if offline else "wifi-off",
                lambda: self._bridge.set_offline(not offline),
                words=self.tr("offline online network"),
            ),
            Command(
                self.tr("Show all keys"), "keyboard", self._window.open_keys, "?", self.tr("shortcuts help")
            ),
        ]

    def bind(self, keys: WindowKeys) -> None:
        """Bind the keys of the window; once for each manifest."""
        for job in self._portal.manifest.jobs:
            if job.shortcut and job.does == "create":
                keys.bind(job.shortcut, job.label, self._job(job).run)
        keys.bind("Ctrl+K", self.tr("Do, go to, or find anything"), self._window.open_palette)
        keys.bind("Ctrl+F", self.tr("Search this page"), self._window.focus_search)
        keys.bind("Ctrl+Z", self.tr("Undo the last change"), self._window.undo)
        keys.bind(_SEND, self.tr("Send what waits"), self.send_now)
        keys.bind(_CHECK, self.tr("Check both sides"), self.check)
        keys.bind("F6", self.tr("Next pane"), self._window.next_pane)
        keys.bind("?", self.tr("All keys"), self._window.open_keys)
        keys.bind(f"G, {HOME_KEY}", self.tr("Home"), lambda: self._go(Place(HOME)))
        for entity in listed(self._portal.manifest):
            if entity.key:
                self._bind_place(keys, entity.key.upper(), entity.plural, entity.name)
        if self._portal.account.there:
            self._bind_place(keys, ACCOUNT_KEY, self.tr("Your company"), ACCOUNT)
        self._bind_place(keys, SYNC_KEY, self.tr("Sync centre"), SYNC_CENTRE)

    def _bind_place(self, keys: WindowKeys, key: str, words: str, page: str) -> None:
        keys.bind(f"G, {key}", words, lambda: self._go(Place(page)))

    def _job(self, job: Job) -> Command:
        return Command(
            job.label,
            job.icon,
            lambda: self._go(Place(NEW, entity=job.entity)),
            job.shortcut,
            self.tr("new create"),
        )

    def _waiting(self) -> str:
        count = self._portal.outbox.count()
        return plural(count, self.tr("change")) if count else ""

    def send_now(self) -> None:
        """Try again at once what waits, also what was put off."""
        self._portal.outbox.retry_all()
        self._bridge.wake()
        if self._bridge.online:
            self._window.say(Toast(self.tr("Sending what waits")))
        else:
            self._window.say(Toast(self.tr("Still offline. It is sent when you are back.")))

    def check(self) -> None:
        """Prove that both sides are equal; the sync centre shows how it goes."""
        self._bridge.verify()
        self._go(Place(SYNC_CENTRE))
