"""An account at work: its portal, its engine, the search beside it, and its icon in the tray; without a window yet."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.bridge.engine import Bridge
from app.bridge.speech import LanguageChoice
from app.bridge.updates import UpdateWatch
from app.composition.beside import Beside
from app.composition.checking import checkup_of
from app.composition.looking import Looking
from app.composition.memory import give_back
from app.contract.errors import LocalError
from app.contract.manifest import Brand
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.portal import Portal
from app.services.prefs import LANGUAGE, STAYS
from app.services.vendors import Vendors
from app.services.views_model import Target
from app.views.shell.desk import Desk
from app.views.shell.tray import Tray
from app.views.theme.theme import Theme

#: After a page has had its content for so long, nobody waits for anything.
_QUIET_MS = 4_000
#: The engine starts once the window stands there, and after so long in any case: a minimised one is not painted.
_START_MS = 1_000
#: So long after the window was painted: what the engine imports would hold up the first strokes on it.
_STANDS_MS = 150
#: How often it is looked at how long the account has been without its gateway; that is a matter of days.
_CONTACT_MS = 5 * 60_000


class AtWork(QObject):
    """Opened in one thread, the window's; `stop` ends all of it, the store included."""

    lapsed = Signal()
    """The account was without its gateway for longer than the organisation allows."""

    def __init__(self, account: OpenAccount, opening: Opening | None, parent: QObject) -> None:
        """`opening`: the other accounts of this computer; None where there are none, and none may be added."""
        super().__init__(parent)
        self.account = account
        self.portal: Portal = account.open_portal(_nothing)
        brand = self.portal.manifest.brand
        known = account.account.id
        self._vendors = Vendors(opening, known, self.portal.formats, brand) if opening is not None else None
        self._looking = Looking(opening, known, parent=self) if opening is not None else None
        self._beside: Beside | None = None
        self.bridge = Bridge(
            self.portal,
            account.loop,
            account.open_portal,
            account.sign_in,
            parent=self,
            staff=account.staff,
            checkup=checkup_of(account.surroundings, lambda: account.unlocked, self),
        )
        self.quiet = QTimer(self)
        self.quiet.setSingleShot(True)
        self.quiet.setInterval(_QUIET_MS)
        self.quiet.timeout.connect(self._on_quiet)
        self._begun = False
        self._begin = QTimer(self)
        self._begin.setSingleShot(True)
        self._begin.setInterval(_START_MS)
        self._begin.timeout.connect(self.start_engine)
        self._begin.start()
        self._contact = QTimer(self)
        self._contact.setInterval(_CONTACT_MS)
        self._contact.timeout.connect(self.look_at_contact)
        self._contact.start()

    def show_in_tray(
        self, theme: Theme, come_forward: Callable[[Target | None], None], quit_app: Callable[[], None]
    ) -> None:
        """Put an icon into the tray, where the system has one."""
        if Tray.available():
            self._beside = Beside(self.portal, self.bridge, theme, come_forward, quit_app, self)

    @property
    def brand_in_tray(self) -> Brand | None:
        """Whose icon is in the tray; None where there is none."""
        return self.portal.manifest.brand if self._beside is not None else None

    @property
    def stays(self) -> bool:
        """Whether the app goes on in the tray when its window is closed."""
        return self._beside is not None and self.portal.prefs.get(STAYS) is True

    @property
    def language(self) -> LanguageChoice:
        """What was chosen in this account's settings."""
        chosen = self.portal.prefs.get(LANGUAGE)
        known = {choice.value for choice in LanguageChoice}
        return LanguageChoice(chosen) if chosen in known else LanguageChoice.SYSTEM

    def desk(self, leaving: Callable[[], bool], updates: UpdateWatch | None = None) -> Desk:
        """What its window is given of the world around. `leaving`: whether the whole app is about to end."""

        def hides() -> bool:
            return self._beside is not None and not leaving() and self._beside.hides()

        if self._vendors is None or self._looking is None:
            return Desk()
        return Desk(self._vendors.lines, self._looking.ask, may_add=True, hides=hides, updates=updates)

    @Slot()
    def start_soon(self) -> None:
        """The window stands there: start what works by itself in a moment."""
        if not self._begun:
            self._begin.start(_STANDS_MS)

    @Slot()
    def start_engine(self) -> None:
        """Start what works by itself, once; the window comes first."""
        self._begin.stop()
        if not self._begun:
            self._begun = True
            self.bridge.start()

    def stop_engine(self) -> None:
        """Stop everything that works by itself."""
        self._begin.stop()
        self._contact.stop()
        self._begun = True
        self.bridge.stop()
        if self._looking is not None:
            self._looking.stop()
        self.quiet.stop()
        if self._beside is not None:
            self._beside.close()

    def close(self, *, noted: bool) -> None:
        """Close the store. `noted`: remember how the account was left; not for one that is about to be destroyed."""
        if noted:
            if self._vendors is not None:
                self._vendors.leave(self.portal)
            with suppress(LocalError):
                self.account.contact.look()
        self.portal.close()
        self.deleteLater()

    @Slot()
    def look_at_contact(self) -> None:
        """Note how long it has been without its gateway, and tell when that is too long."""
        with suppress(LocalError):  # a busy store or a full disk: it is looked at again
            if not self.account.contact.look():
                self.lapsed.emit()

    @Slot()
    def _on_quiet(self) -> None:
        """What reading long lists took for a moment goes back."""
        self.portal.rest()
        self.bridge.reader.run(_rest, patient=True)
        self.bridge.tasks.run(_rest)


def _rest(portal: Portal) -> None:
    portal.rest()
    give_back()


def _nothing() -> None:
    """Until the bridge listens, nobody has to be woken."""
