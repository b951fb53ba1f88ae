"""What is open: the entrance, or one account with its engine and its window; and the way from one to the other."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from PySide6.QtCore import QObject, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from app.bridge.entrance import Entrance
from app.bridge.speech import LanguageChoice, Speech
from app.composition.checking import checkup_of
from app.composition.instance import Handed
from app.composition.locking import Locking, WindowLeft
from app.composition.request import WindowRequest
from app.composition.unattended import Unattended
from app.composition.wishes import Wishes
from app.contract.errors import CounterpartError, StoreDamaged
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.services.updating import Updating
from app.services.words import Words
from app.views.page import Place
from app.views.shell.versions import Versions
from app.views.theme.assets import asset_path
from app.views.theme.theme import Theme
from app.views.welcome.entrance import EntranceWindow

if TYPE_CHECKING:
    from app.bridge.engine import Bridge
    from app.composition.at_work import AtWork
    from app.services.portal import Portal
    from app.services.views_model import Mode, Status, Target
    from app.views.main_window import MainWindow


class Client(QObject):
    """Owns what is open: the entrance, or an account with its bridge and window."""

    stands = Signal()
    """A window has been painted: what was waiting for that may begin."""

    _troubled = Signal(object)

    def __init__(
        self,
        app: QApplication,
        surroundings: Surroundings,
        request: WindowRequest,
        theme: Theme,
        out: TextIO,
        updating: Updating | None = None,
    ) -> None:
        """`updating`: what looks after the versions of the program; None: nothing does."""
        super().__init__()
        self._app = app
        self._request = request
        self._theme = theme
        words = surroundings.words or Words(surroundings.locale)
        self._speech = Speech(words, asset_path("translations"), surroundings.locale, self)
        self._speech.changed.connect(self._on_language)
        self._opening = Opening(replace(surroundings, words=words))
        self.unattended = Unattended(
            request.exit_after_sync, request.exit_when_shown, out, app.quit, self._why, parent=self
        )
        self.entrance: Entrance | None = None
        self._entrance_window: EntranceWindow | None = None
        self._account: OpenAccount | None = None
        self._work: AtWork | None = None
        self.window: MainWindow | None = None
        self.versions: Versions | None = None
        if updating is not None:
            self.versions = Versions(updating, lambda: self.window, self._mode, self.quit, self)
        self._order = ""
        self._frame: QRect | None = None
        self._place = Place(request.page) if request.page else None
        self._wishes = Wishes(words)
        self._leaving = False
        seconds = surroundings.managed.policy.idle_lock_seconds
        self.locking: Locking | None = None
        if seconds and not self.unattended.wanted:
            self.locking = Locking(app, surroundings.clock, seconds, theme, self)
            self.locking.due.connect(self._lock)
        self._troubled.connect(self._on_trouble, Qt.ConnectionType.QueuedConnection)

    @property
    def bridge(self) -> Bridge | None:
        """The engine of the account that is open."""
        return self._work.bridge if self._work is not None else None

    @property
    def portal(self) -> Portal | None:
        """The portal of the account that is open."""
        return self._work.portal if self._work is not None else None

    @property
    def exit_code(self) -> int:
        """What the process ends with."""
        return self.unattended.code

    # -- the way in ---------------------------------------------------------------------------------------
    @Slot()
    def begin(self) -> None:
        """Show the entrance and start with what the command line named, or with the account that was open last."""
        self.unattended.begin()
        account, gateway = self._request.account, self._request.gateway
        if self._request.link:
            account = self._follow(self._request.link) or account
        if not account and not gateway and not self.unattended.wanted:
            last = self._opening.last()
            account = last.id if last is not None else ""
        self._enter(account, gateway, self._request.passphrase)

    def _enter(self, account: str, gateway: str, passphrase: str = "", *, choose: bool = False) -> None:
        """`choose`: show the list of accounts and the field for another gateway."""
        entrance, window = self._make_entrance(passphrase)
        window.show()
        if choose:
            entrance.cancel()
        else:
            entrance.begin(account, gateway)

    def _make_entrance(self, passphrase: str = "") -> tuple[Entrance, EntranceWindow]:
        checkup = checkup_of(self._opening.surroundings, dict, self)
        self.entrance = Entrance(self._opening, passphrase, parent=self, checkup=checkup)
        self.entrance.opened.connect(self._on_opened)
        self.entrance.changed.connect(self._on_entrance)
        self._entrance_window = EntranceWindow(self.entrance, self._theme)
        if self._frame is not None:
            self._entrance_window.setGeometry(self._frame)
        return self.entrance, self._entrance_window

    @Slot()
    def _on_entrance(self) -> None:
        if self.entrance is not None:
            self.unattended.entrance(self.entrance.state)
            if self.versions is not None:
                self.versions.entrance(self.entrance.state.step)

    @Slot(object)
    def _on_opened(self, account: OpenAccount) -> None:
        # What an account needs is brought in once there is one: the entrance stands there by then.
        from app.composition.at_work import AtWork  # noqa: PLC0415

        self._account = account
        self._work = work = AtWork(account, self._opening, self)
        work.bridge.wipeWanted.connect(self._on_wipe)
        work.lapsed.connect(self._on_lapsed, Qt.ConnectionType.QueuedConnection)
        work.bridge.statusChanged.connect(self._on_status)
        self._speech.choose(work.language)
        if not self.unattended.wanted:
            work.show_in_tray(self._theme, self._open_from_tray, self.quit)
        self._show_window(work)
        self._close_entrance()
        self._go_on()

    def _show_window(self, work: AtWork) -> None:
        from app.views.main_window import MainWindow  # noqa: PLC0415

        watch = self.versions.watch if self.versions is not None else None
        desk, begin, frame = work.desk(lambda: self._leaving, watch), self._place, self._frame
        portal, bridge = work.portal, work.bridge
        window = MainWindow(portal, bridge, self._theme, begin, self._speech, desk=desk, frame=frame)
        self._place = self._frame = None
        self.window = window
        queued = Qt.ConnectionType.QueuedConnection
        window.settled.connect(work.quiet.start)
        if self.versions is not None:
            window.settled.connect(self.versions.came_up)
        window.painted.connect(work.start_soon)
        window.painted.connect(self.stands)
        if self.unattended.shows:
            window.settled.connect(self._on_shown, queued)
        window.sign_in_requested.connect(bridge.sign_in)
        window.sign_out_requested.connect(self._sign_out, queued)
        window.switch_requested.connect(self.switch, queued)
        window.add_requested.connect(self.add, queued)
        window.show()
        if self.locking is not None:
            self.locking.begin(window)

    @Slot()
    def _on_language(self) -> None:
        """Another language was chosen in the window: one that speaks it takes over, once its own click is done."""
        if self.window is not None:
            QTimer.singleShot(0, self._speak_anew)

    def _speak_anew(self) -> None:
        old, work = self.window, self._work
        if old is None or work is None:
            return
        self._place, self._frame = old.left_at(), old.geometry()
        self._show_window(work)
        old.hide()
        old.deleteLater()

    @Slot()
    def _on_shown(self) -> None:
        if self.window is not None:
            self.unattended.shown(self.window)

    def _close_entrance(self) -> None:
        if self.entrance is not None:
            self.entrance.stop()
            self.entrance.deleteLater()
            self.entrance = None
        if self._entrance_window is not None:
            self._entrance_window.hide()
            self._entrance_window.deleteLater()
            self._entrance_window = None

    # -- links, and other accounts ------------------------------------------------------------------------
    @Slot(object)
    def take(self, handed: Handed) -> None:
        """A later start hands over what it was asked for; it comes to the front."""
        self._come_forward(handed.token)
        account = self._follow(handed.link) if handed.link else handed.account
        if not account and handed.gateway:
            known = self._opening.accounts()
            account = next((one.id for one in known if one.gateway == handed.gateway), "")
        if account:
            self._turn_to(account)
        self._go_on()

    def _come_forward(self, token: str) -> None:
        shown = self.window or self._entrance_window
        if shown is None:
            return
        if token:
            os.environ["XDG_ACTIVATION_TOKEN"] = token
        shown.setWindowState(shown.windowState() & ~Qt.WindowState.WindowMinimized)
        shown.show()
        if self._app.platformName() != "offscreen":  # which has no windows that lie over others
            shown.raise_()
        shown.activateWindow()

    def _follow(self, text: str) -> str:
        """Read a link; what to say or show comes later. Returns its account, empty where there is none."""
        here = self._account.account.id if self._account is not None else ""
        last = self._opening.last() if not here else None
        return self._wishes.follow(text, self._opening.accounts(), here or (last.id if last else ""))

    def _turn_to(self, account: str) -> None:
        """Open another account unless it is this one; while the entrance asks something, its answer comes first."""
        if self._account is not None and self._account.account.id != account:
            self._leave_for(account)

    def _go_on(self) -> None:
        """Show or say what was asked for, once there is a window to do it in."""
        if self.window is None or self._account is None:
            return
        other = self._wishes.elsewhere(self._opening.accounts(), self._account.account.id)
        if other:
            self._turn_to(other)
        else:
            self._wishes.grant(self.window)

    def _open_from_tray(self, target: Target | None) -> None:
        self._come_forward("")
        if target is not None and self.window is not None:
            self.window.go(target)

    @Slot(str, object)
    def switch(self, account: str, then: Target | None = None) -> None:
        """Close the account that is open as it is, and open another; `then` is shown there."""
        self._wishes.show(then)
        self._leave_for(account)

    @Slot()
    def add(self) -> None:
        """Close the account that is open as it is, and show the way to another vendor."""
        self._leave_for("")

    def _leave_for(self, account: str) -> None:
        window = self.window
        if window is None or not window.leave():
            self._wishes.show(None)
            return
        self._frame = window.geometry()
        self._close_account()
        self._enter(account, "", choose=not account)

    # -- sync, then leave ---------------------------------------------------------------------------------
    @Slot(object)
    def _on_status(self, status: Status) -> None:
        if self.portal is not None and not self._order:
            self.unattended.status(status, self.portal)

    def _mode(self) -> Mode | None:
        return self.bridge.status.mode if self.bridge is not None else None

    def _why(self) -> str:
        return self.bridge.status.cause if self.bridge is not None else ""

    # -- the way out --------------------------------------------------------------------------------------
    @Slot()
    def _sign_out(self) -> None:
        """The person has been asked: end the session, destroy key and files, and go back to the entrance."""
        account = self._account
        self._close_account(keep_account=True)
        if account is not None:
            try:
                account.sign_out()
            except CounterpartError as error:
                sys.stderr.write(error.text + "\n")
        self._account = None
        self._enter("", "")

    @Slot(str)
    def _on_wipe(self, order: str) -> None:
        """The bridge that told it has to be out of its own signal before it is stopped."""
        if not self._order:
            self._order = order
            QTimer.singleShot(0, self._wipe)

    @Slot()
    def _wipe(self) -> None:
        """Destroy what the gateway ordered; the entrance tells it, and what happened to it."""
        self._obey()
        if self.unattended.syncs:
            self.unattended.fail(_erased_words(self._opening))
        else:
            self._enter("", "")

    def _obey(self) -> None:
        account, order = self._account, self._order
        self._order = ""
        self._close_account(keep_account=True)
        if account is not None and order:
            account.erase(order)
        self._account = None

    def _close_account(self, *, keep_account: bool = False) -> None:
        """Stop the engine and close the store. `keep_account`: it is destroyed afterwards, so nothing is noted."""
        work, self._work = self._work, None
        if self.locking is not None:
            self.locking.stop()
        if work is not None:
            work.stop_engine()
        if self.window is not None:
            self.window.hide()
            self.window.deleteLater()
            self.window = None
        if work is not None:
            work.close(noted=not keep_account)
            self._speech.choose(LanguageChoice.SYSTEM)
        if self._account is not None and not keep_account:
            self._account.close()
            self._account = None

    def close(self) -> None:
        """Stop everything; called once the event loop has ended."""
        self._leaving = True
        if self.versions is not None:
            self.versions.watch.stop()
        if self.locking is not None:
            self.locking.close()
        if self.window is not None:
            self.window.close()
        self._close_entrance()
        if self._order:
            self._obey()
        self._close_account()

    def quit(self) -> None:
        """Leave; a signal or the tray's menu asked for it."""
        self._leaving = True
        self._app.quit()

    @Slot()
    def _on_lapsed(self) -> None:
        """Without its gateway for too long: the window goes, and the entrance asks the gateway."""
        if self._account is None or self._order:
            return
        account = self._account.account.id
        if self.window is not None:
            self.window.leave()  # what is typed is saved; whatever a page would ask, it is closed
            self._frame = self.window.geometry()
        self._close_account()
        self._enter(account, "")

    @Slot()
    def _lock(self) -> None:
        """Nobody was there for too long: the window goes as when one switches accounts, and the entrance says so."""
        account, work, window, locking = self._account, self._work, self.window, self.locking
        if account is None or work is None or window is None or locking is None or self._order:
            return
        left = WindowLeft.of(window, stays=work.stays, brand=work.brand_in_tray)
        with suppress(CounterpartError):  # on a full disk it is locked all the same
            window.leave()
        self._frame = window.geometry()
        for shown in self._app.topLevelWidgets():
            shown.hide()  # what stops below takes a moment
        self._close_account()
        entrance, entrance_window = self._make_entrance()
        entrance.hold(account.account.id, locking.seconds)
        left.put_up(entrance_window)
        locking.lock(entrance_window, left)
        locking.tell_tray(lambda: self._come_forward(""), self.quit)

    # -- bad days -----------------------------------------------------------------------------------------
    def on_expected(self, error: CounterpartError) -> None:
        """An error with words of its own that nobody caught, on any thread: tell it in the window."""
        self._troubled.emit(error)

    def on_bug(self) -> None:
        """An exception that nobody expected was shown; a run without a person in front of it has failed."""
        if self.unattended.syncs:
            self.unattended.give_up()

    @Slot(object)
    def _on_trouble(self, error: CounterpartError) -> None:
        """A store that turns out damaged closes the window: the entrance salvages what was not sent."""
        if self.unattended.syncs:
            self.unattended.fail(error.text)
        elif isinstance(error, StoreDamaged) and self._account is not None:
            account = self._account.account.id
            self._close_account()
            self._enter(account, "")
        elif self.bridge is not None:
            self.bridge.failed.emit(error)
        else:
            sys.stderr.write(error.text + "\n")


def _erased_words(opening: Opening) -> str:
    words = opening.erased()
    return " ".join((f"{words.heading}.", words.happened, words.next_step)) if words else ""
