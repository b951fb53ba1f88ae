"""What one can do from anywhere: the manifest's jobs, sending, proving, the offline switch; with their keys.

The same list fills the palette and the keys, so that neither offers what the other lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.contract.manifest import Job
from app.services.prefs import THEME
from app.services.views_model import Target
from app.views.page import ACCOUNT, HOME, NEW, SYNC_CENTRE, PageContext, Place, Toast
from app.views.shell.accounts import key_of
from app.views.shell.here import here, place_of
from app.views.shell.keys import WindowKeys
from app.views.shell.palette_source import Command
from app.views.shell.places import ACCOUNT_KEY, HOME_KEY, SYNC_KEY, letters, listed
from app.views.theme.theme import SchemeChoice

if TYPE_CHECKING:
    from app.views.main_window import MainWindow

#: What jobs do that need no record to begin with.
_ANYWHERE = ("create", "open")
_SEND, _CHECK = "Ctrl+Shift+S", "Ctrl+Shift+V"


class WindowCommands(QObject):
    """Commands of the window; `list` reads the manifest afresh."""

    def __init__(
        self, context: PageContext, window: MainWindow, go: Callable[[Place | Target], None]
    ) -> None:
        super().__init__(window)
        self._portal = context.portal
        self._bridge = context.bridge
        self._theme = context.theme
        self._window = window
        self._go = go

    def list(self) -> list[Command]:
        """What the palette offers under *Do*, in the order of use."""
        offline = self._bridge.offline_by_choice
        jobs = [job for job in self._portal.manifest.jobs if job.does in _ANYWHERE]
        return [
            *(self._job(job) for job in jobs if job.shortcut),
            Command(
                self.tr("Send what waits"),
                "refresh",
                self.send_now,
                _SEND,
                self.tr("sync send now retry outbox"),
                self._waiting,
            ),
            Command(
                self.tr("Check both sides"),
                "circle-check",
                self.check,
                _CHECK,
                self.tr("verify proof prove recheck identical"),
            ),
            *(self._job(job) for job in jobs if not job.shortcut),
            Command(
                self.tr("Go online") if offline else self.tr("Work offline"),
                "wifi" if offline else "wifi-off",
                lambda: self._bridge.set_offline(not offline),
                words=self.tr("offline online network"),
            ),
            Command(
                self.tr("Show all keys"),
                "keyboard",
                self._window.overlays.open_keys,
                "?",
                self.tr("shortcuts help"),
            ),
            Command(
                self.tr("Check this computer"),
                "device-laptop",
                self._window.overlays.open_check,
                words=self.tr("doctor diagnostics network proxy certificate clock support"),
            ),
            Command(
                self.tr("Help"),
                "help-circle",
                self._window.overlays.open_help,
                "F1",
                self.tr("how to explain"),
            ),
            *self._accounts(),
            *self._appearances(),
        ]

    def here(self) -> Sequence[Command]:
        """What the palette offers of the page that is shown."""
        window, online = self._window, self._bridge.online
        return here(self._portal, window.current, window.go, window.say, online=online)

    def _accounts(self) -> Sequence[Command]:
        """The other vendors of this computer, and the way to one more."""
        switch = self._window.accounts
        lines = switch.lines()
        found = [
            Command(
                self.tr("Switch to {vendor}").format(vendor=line.vendor),
                "building-store",
                partial(switch.go_to, line.id),
                key_of(number),
                f"{line.person} {self.tr('account vendor')}",
                partial(str, line.detail),
            )
            for number, line in enumerate(lines)
            if not line.open
        ]
        if switch.may_add:
            add = switch.add_wanted.emit
            found.append(Command(self.tr("Add a vendor"), "plus", add, words=self.tr("account sign in")))
        return found

    def _appearances(self) -> Sequence[Command]:
        """Other looks than the one that holds."""
        choices = (
            (SchemeChoice.LIGHT, self.tr("Light appearance"), "sun"),
            (SchemeChoice.DARK, self.tr("Dark appearance"), "moon"),
            (SchemeChoice.CONTRAST, self.tr("High contrast"), "contrast"),
            (SchemeChoice.SYSTEM, self.tr("Appearance as the system"), "device-desktop"),
        )
        words = self.tr("theme colours")
        return [
            Command(text, icon, partial(self._look, choice), words=words)
            for choice, text, icon in choices
            if choice is not self._theme.choice
        ]

    def _look(self, choice: SchemeChoice) -> None:
        self._theme.choose(choice)
        self._portal.prefs.set(THEME, choice.value)

    def bind(self, keys: WindowKeys) -> None:
        """Bind the keys of the window; once for each manifest."""
        for job in self._portal.manifest.jobs:
            if job.shortcut:
                run = self._job(job).run if job.does in _ANYWHERE else partial(self._begin_here, job)
                keys.bind(job.shortcut, job.label, run)
        keys.bind("Ctrl+K", self.tr("Do, go to, or find anything"), self._window.open_palette)
        keys.bind("Ctrl+F", self.tr("Search this page"), self._window.focus_search)
        keys.bind("Ctrl+Z", self.tr("Undo the last change"), self._window.undo)
        keys.bind(_SEND, self.tr("Send what waits"), self.send_now)
        keys.bind(_CHECK, self.tr("Check both sides"), self.check)
        keys.bind("F6", self.tr("Next pane"), self._window.panes.next)
        keys.bind("?", self.tr("All keys"), self._window.overlays.open_keys)
        keys.bind("F1", self.tr("Help"), self._window.overlays.open_help)
        keys.bind(f"G, {HOME_KEY}", self.tr("Home"), lambda: self._go(Place(HOME)))
        found = letters(self._portal.manifest)
        for entity in listed(self._portal.manifest):
            if entity.name in found:
                self._bind_place(keys, found[entity.name], entity.place_name, entity.name)
        if self._portal.account.there:
            self._bind_place(keys, ACCOUNT_KEY, self.tr("Your company"), ACCOUNT)
        self._bind_place(keys, SYNC_KEY, self.tr("Sync centre"), SYNC_CENTRE)
        for number, line in enumerate(lines if len(lines := self._window.accounts.lines()) > 1 else ()):
            if key_of(number):
                switch = partial(self._window.accounts.go_to_number, number)
                keys.bind(key_of(number), line.vendor, switch)

    def _bind_place(self, keys: WindowKeys, key: str, words: str, page: str) -> None:
        keys.bind(f"G, {key}", words, lambda: self._go(Place(page)))

    def _job(self, job: Job) -> Command:
        if job.does == "open":
            run, words = partial(self._go, Place(job.entity)), self.tr("show list")
        else:
            run, words = partial(self._go, Place(NEW, entity=job.entity)), self.tr("new create")
        return Command(job.label, job.icon, run, job.shortcut, words)

    def _begin_here(self, job: Job) -> None:
        """Begin a job with the record that is shown, or say that this one is not for it."""
        page = self._window.current
        shown = page.place() if page is not None else None
        record = self._portal.records.get(shown.gid) if shown is not None and shown.gid else None
        place = place_of(self._portal, job, record) if record is not None else None
        if place is not None:
            self._window.go(place)
        elif record is None:
            self._window.say(Toast(self.tr("{job}: open what it is about first.").format(job=job.label)))
        else:
            said = self.tr("{job}: not possible for {record}.")
            self._window.say(Toast(said.format(job=job.label, record=record.title)))

    def _waiting(self) -> str:
        count = self._portal.outbox.count()
        return self._portal.formats.tr.plural(count, "%n change", "%n changes") if count else ""

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
