"""The kiosk: one screen, the entrance and one person after the other; and what is left of each when they go.

    entrance ── somebody is let in ──▶ in use ── idle, Lock ──▶ locked, entrance
                                          └───── Sign out, the session's end, an order ──▶ signed out, entrance

Whatever of a person was on screen is destroyed before anything else happens: the entrance is up first, then their
window, what they copied and what was painted of theirs go, then their store closes, and only then their work is sealed.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from app.bridge.errand import Errand
from app.bridge.kiosk import Kiosk, KioskLook
from app.bridge.speech import LanguageChoice, Speech
from app.composition.at_work import AtWork
from app.composition.idling import Idling
from app.composition.kiosk_brand import last_brand, remember_brand
from app.composition.memory import give_back
from app.contract.errors import CounterpartError, StoreDamaged
from app.services.format import Formats
from app.services.idle import USUAL
from app.services.kiosk.account import KioskAccount
from app.services.kiosk.apart import SetApart
from app.services.kiosk.opening import KioskOpening
from app.services.kiosk.telling import back_words, leaving_words, read_word
from app.services.surroundings import Surroundings
from app.services.words import Words
from app.views import ways_out
from app.views.kiosk.asking import CodeDialog, HelpDialog, LeaveDialog, OverDialog
from app.views.kiosk.entrance import EntranceScreen
from app.views.kiosk.revealing import Revealing
from app.views.kiosk.touches import Touches
from app.views.kiosk.use import UseScreen
from app.views.main_window import MainWindow
from app.views.page import SYNC_CENTRE, Place, Toast, Way
from app.views.shell.look import wear_brand
from app.views.shell.traces import clear_traces, destructible_windows
from app.views.theme.assets import asset_path
from app.views.theme.motion import Motion
from app.views.theme.theme import SchemeChoice, Theme
from app.views.theme.touch import use_fingers
from app.views.widgets.dialog import Dialog

#: Whoever just signed in sees their portal first; then they are asked for a code to come back with.
_ASK_MS = 600


class KioskClient(QObject):
    """Owns what is on the screen: the entrance, or an account with its bridge and window."""

    _troubled = Signal(object)

    def __init__(self, app: QApplication, surroundings: Surroundings, theme: Theme) -> None:
        """Raises NoKiosk unless policy makes this computer one, Refused for a policy without a usable gateway."""
        super().__init__()
        self._app = app
        self._theme = theme
        words = surroundings.words or Words(surroundings.locale)
        self._around = replace(surroundings, words=words)
        self._policy = surroundings.managed.policy
        self.opening = KioskOpening(self._around)
        ways_out.shut(app)
        self._speech = Speech(words, asset_path("translations"), surroundings.locale, self)
        self._speech.changed.connect(self._on_language)
        use_fingers(app)
        theme.apply(app)  # fields and menus are as large as they have to be
        self.touches = Touches(app)
        self._revealing = Revealing(app, lambda: self.screen if isinstance(self.screen, UseScreen) else None)
        self.idling = Idling(self.touches, self.opening.idle_watch(), self)
        self.idling.counts.connect(self._count_down)
        self.idling.over.connect(self.lock)
        formats = Formats(surroundings.clock, surroundings.locale, surroundings.zone, words)
        self.kiosk = Kiosk(self.opening, surroundings.clock, formats, self._speech, self._look(), self)
        self.kiosk.opened.connect(self._on_opened)
        self.account: KioskAccount | None = None
        self._work: AtWork | None = None
        self.screen: EntranceScreen | UseScreen | None = None
        self._dialog: Dialog | None = None
        self._errand: Errand | None = None
        self._troubled.connect(self._on_trouble, Qt.ConnectionType.QueuedConnection)

    def _look(self) -> KioskLook:
        policy = self._policy
        return KioskLook(
            last_brand(self.opening.folder.root),
            policy.kiosk_place,
            policy.kiosk_help,
            self._policy.idle_lock_seconds or USUAL,
        )

    @property
    def window(self) -> MainWindow | None:
        """The window of whoever has the screen."""
        return self.screen.pages if isinstance(self.screen, UseScreen) else None

    @Slot()
    def begin(self) -> None:
        """Show the entrance."""
        self.opening.start()
        wear_brand(self._theme, self.kiosk.state.brand)
        self._show_entrance()
        self.kiosk.begin()

    # -- the entrance ---------------------------------------------------------------------------------------
    def _show_entrance(self) -> None:
        """The entrance takes the whole screen; whatever else there was is destroyed."""
        clear_traces(self._put_up(self._entrance()))

    def _entrance(self) -> EntranceScreen:
        screen = EntranceScreen(self.kiosk, self._theme)
        screen.help_asked.connect(self._call_for_help)
        return screen

    def _put_up(self, screen: EntranceScreen | UseScreen) -> EntranceScreen | UseScreen:
        """Show a screen; the one before is off it at once. Whoever calls destroys it."""
        before, self.screen, self._dialog = self.screen, screen, None
        screen.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        there = QGuiApplication.primaryScreen()
        if there is not None:
            # Where no window manager obeys, it has to be as large as the screen by itself.
            screen.setGeometry(there.geometry())
        screen.showFullScreen()
        screen.activateWindow()
        self.touches.watch()
        for other in self._app.topLevelWidgets():
            if other is not screen and (other is before or other.isVisible()):
                other.hide()
        return screen

    @Slot()
    def _call_for_help(self) -> None:
        if self.screen is not None and self._dialog is None:
            self._open(HelpDialog(self._theme, self.screen, self._policy.kiosk_help))

    @Slot()
    def _on_language(self) -> None:
        """Whoever has words on screen builds them anew, once its own click is done."""
        QTimer.singleShot(0, self._speak_anew)

    def _speak_anew(self) -> None:
        if isinstance(self.screen, EntranceScreen):
            self._show_entrance()
        elif self._work is not None and self.account is not None and self.window is not None:
            self._show_window(self._work, self.account, self.window.left_at())

    # -- somebody comes -------------------------------------------------------------------------------------
    @Slot(object)
    def _on_opened(self, account: KioskAccount) -> None:
        self.account = account
        work = self._work = AtWork(account, None, self)
        brand = work.portal.manifest.brand
        remember_brand(self.opening.folder.root, brand)
        self.kiosk.show_brand(brand)
        work.bridge.wipeWanted.connect(self._on_wipe)
        work.lapsed.connect(self.sign_out, Qt.ConnectionType.QueuedConnection)
        if work.language is not LanguageChoice.SYSTEM:
            self._speech.choose(work.language)
        self._show_window(work, account)
        self.idling.begin()
        back = back_words(account.taken_back, self.kiosk.words)
        if back and self.window is not None:
            window, read = self.window, read_word(self.kiosk.words)
            way = Way(read, lambda: window.go(Place(SYNC_CENTRE))) if account.taken_back.apart else None
            window.say(Toast(back, action=way))
        if self._policy.kiosk_unlock_minutes and not self.opening.has_code(account.person.id):
            QTimer.singleShot(_ASK_MS, self._ask_for_code)

    def _show_window(self, work: AtWork, account: KioskAccount, begin: Place | None = None) -> None:
        desk = replace(work.desk(lambda: False), apart=SetApart(account))
        window = MainWindow(work.portal, work.bridge, self._theme, begin, self._speech, desk=desk)
        window.settled.connect(work.quiet.start)
        window.painted.connect(work.start_engine)
        queued = Qt.ConnectionType.QueuedConnection
        window.sign_in_requested.connect(self._ask_to_sign_in_anew, queued)
        window.sign_out_requested.connect(self.sign_out, queued)
        person = account.person
        locks = bool(self._policy.kiosk_unlock_minutes)
        screen = UseScreen(self._theme, window, person.name_short, person.initials, locks=locks)
        screen.bar.lock_asked.connect(self.lock, queued)
        screen.bar.leave_asked.connect(self.ask_to_leave)
        screen.bar.stayed.connect(self.idling.touched)
        clear_traces(self._put_up(screen))

    # -- a code to come back with -----------------------------------------------------------------------------
    def _ask_for_code(self) -> None:
        account, screen = self.account, self.screen
        if account is None or not isinstance(screen, UseScreen) or self._dialog is not None:
            return
        dialog = CodeDialog(self._theme, screen, self._policy.kiosk_unlock_minutes, self.kiosk.words)
        dialog.chosen.connect(lambda code: self._choose_code(dialog, code))
        self._open(dialog)

    def _choose_code(self, dialog: CodeDialog, code: str) -> None:
        account = self.account
        if account is None:
            return

        def chosen(_nothing: object) -> None:
            if self._dialog is dialog:
                dialog.accept()

        def refused(error: CounterpartError) -> None:
            if self._dialog is dialog:
                dialog.fail(self.kiosk.words(error.cause))

        person = account.person.id
        self._errand = Errand(lambda: self.opening.choose_code(person, code), chosen, refused, owner=self)
        self._errand.start()

    def _open(self, dialog: Dialog) -> None:
        """Show it in front of everything, until it is answered or its screen goes."""
        self._dialog = dialog

        def closed(_result: int) -> None:
            if self._dialog is dialog:
                self._dialog = None
            dialog.deleteLater()

        dialog.finished.connect(closed)
        dialog.open()

    # -- idle -----------------------------------------------------------------------------------------------
    @Slot(int)
    def _count_down(self, seconds: int) -> None:
        if isinstance(self.screen, UseScreen):
            self.screen.bar.count_down(seconds)

    # -- somebody goes --------------------------------------------------------------------------------------
    @Slot()
    def ask_to_leave(self) -> None:
        """Tell what becomes of what is not sent, and ask once."""
        self._ask_and_leave(LeaveDialog)

    @Slot()
    def _ask_to_sign_in_anew(self) -> None:
        """The session has ended: nobody is sent to a browser; one signs out, and in again."""
        self._ask_and_leave(OverDialog)

    def _ask_and_leave(self, ask: type[LeaveDialog | OverDialog]) -> None:
        account, window = self.account, self.window
        if account is None or window is None or self.screen is None or self._dialog is not None:
            return
        window.leave()  # what is being typed counts
        kept = leaving_words(self.opening.unsent(account.person.id), self.kiosk.words)
        dialog = ask(self._theme, self.screen, kept)
        dialog.accepted.connect(self.sign_out, Qt.ConnectionType.QueuedConnection)
        self._open(dialog)

    @Slot()
    def lock(self) -> None:
        """Give the screen away; whoever had it comes back by their code, within the time policy gives."""
        account = self._put_away()
        if account is not None:
            self.kiosk.lock(account)

    @Slot()
    def sign_out(self) -> None:
        """Sign out whoever has the screen."""
        account = self._put_away()
        if account is not None:
            self.kiosk.sign_out(account)

    @Slot(str)
    def _on_wipe(self, order: str) -> None:
        """The bridge that told it has to be out of its own signal before it is stopped."""
        QTimer.singleShot(0, lambda: self._wipe(order))

    def _wipe(self, order: str) -> None:
        account = self._put_away()
        if account is not None:
            self.kiosk.erase(account, order)

    def _put_away(self) -> KioskAccount | None:
        """Take everything of whoever has the screen off it and close their store; returns who it was."""
        account, work, window = self.account, self._work, self.window
        self.idling.stop()
        if account is None or work is None:
            return None
        self.account = self._work = None
        self.kiosk.put_away()
        if window is not None:
            with suppress(CounterpartError):  # on a full disk it is put away all the same
                window.leave()
        self._theme.choose(SchemeChoice.SYSTEM)
        self._theme.move(Motion.SYSTEM)
        self._speech.choose(LanguageChoice.SYSTEM)
        screen = self._put_up(self._entrance())
        # What stops below takes a moment: by then the entrance is painted.
        self._app.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        work.stop_engine()
        clear_traces(screen)
        work.close(noted=False)
        account.close()
        give_back()
        return account

    # -- the end --------------------------------------------------------------------------------------------
    def close(self) -> None:
        """Stop everything; called once the event loop has ended. Whoever is here is signed out."""
        self._put_away()
        self.kiosk.stop()
        self.touches.stop()
        self._revealing.stop()
        for left in destructible_windows():
            _destroy(left)
        self.screen = None

    def quit(self) -> None:
        """Leave; the system asked for it. Qt's own way of quitting would ask the screen, which never closes."""
        self._app.exit(0)

    def on_expected(self, error: CounterpartError) -> None:
        """An error with words of its own that nobody caught, on any thread: tell it in the window."""
        self._troubled.emit(error)

    def on_bug(self) -> None:
        """An exception that nobody expected was written to stderr; the screen goes on, and is watched from outside."""

    @Slot(object)
    def _on_trouble(self, error: CounterpartError) -> None:
        """Who has a store that turns out damaged signs out; what is unsent is salvaged when they sign in again."""
        if isinstance(error, StoreDamaged) and self.account is not None:
            self.sign_out()
        elif self._work is not None:
            self._work.bridge.failed.emit(error)
        else:
            sys.stderr.write(error.text + "\n")


def _destroy(widget: QWidget) -> None:
    widget.hide()
    widget.deleteLater()
