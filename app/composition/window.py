"""The window: from the entrance to the open account and back."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from typing import TextIO

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from app.bridge.engine import Bridge
from app.bridge.entrance import Entrance
from app.bridge.entrance_state import Step
from app.bridge.speech import LanguageChoice, Speech
from app.composition.memory import give_back, settle_program
from app.composition.surprises import Interrupts, Surprises
from app.contract.errors import CounterpartError, StoreDamaged
from app.services.opening import OpenAccount, Opening, Surroundings
from app.services.portal import Portal
from app.services.prefs import LANGUAGE
from app.services.views_model import Mode, Status
from app.services.words import Words
from app.views.main_window import MainWindow
from app.views.page import Place
from app.views.theme.assets import asset_path
from app.views.theme.theme import Theme
from app.views.welcome.entrance import EntranceWindow

#: After a page has had its content for so long, nobody waits for anything.
_QUIET_MS = 4_000

#: Seconds a thread may compute in Python while the window waits for its turn. Several at work make it wait for each,
#: and a frame is 16 ms long.
SWITCH_INTERVAL = 0.001


@dataclass(frozen=True)
class WindowRequest:
    """What the command line asks for.

    `page`: where to begin, such as `deal_registration`; empty for home. `exit_after_sync`: seconds within which both
    sides have to be in step; 0 for a window that somebody looks at. `exit_when_shown`: leave once the first page
    stands there with its content, and say so.
    """

    account: str = ""
    gateway: str = ""
    passphrase: str = ""
    page: str = ""
    exit_after_sync: float = 0.0
    exit_when_shown: bool = False


def run_window(surroundings: Surroundings, request: WindowRequest, out: TextIO = sys.stdout) -> int:
    """Show the window until it is closed; returns the exit code."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Counterpart")
    app.setDesktopFileName("counterpart")
    app.setQuitOnLastWindowClosed(True)
    theme = Theme()
    theme.apply(app)
    sys.setswitchinterval(SWITCH_INTERVAL)
    settle_program()
    client = Client(app, surroundings, request, theme, out)
    with Interrupts(client.quit), Surprises(client.on_expected, client.on_bug):
        QTimer.singleShot(0, client.begin)
        app.exec()
        client.close()
    return client.exit_code


class Client(QObject):
    """Owns what is open: the entrance, or an account with its bridge and window."""

    _troubled = Signal(object)

    def __init__(
        self,
        app: QApplication,
        surroundings: Surroundings,
        request: WindowRequest,
        theme: Theme,
        out: TextIO,
    ) -> None:
        super().__init__()
        self._app = app
        words = surroundings.words or Words(surroundings.locale)
        self._surroundings = replace(surroundings, words=words)
        self._speech = Speech(words, asset_path("translations"), surroundings.locale, self)
        self._speech.changed.connect(self._on_language)
        self._request = request
        self._theme = theme
        self._out = out
        self._opening = Opening(self._surroundings)
        self.entrance: Entrance | None = None
        self._entrance_window: EntranceWindow | None = None
        self._account: OpenAccount | None = None
        self._portal: Portal | None = None
        self.bridge: Bridge | None = None
        self.window: MainWindow | None = None
        self.exit_code = 0
        self._order = ""
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(_QUIET_MS)
        self._quiet.timeout.connect(self._on_quiet)
        self._troubled.connect(self._on_trouble, Qt.ConnectionType.QueuedConnection)

    # -- the way in ---------------------------------------------------------------------------------------
    @Slot()
    def begin(self) -> None:
        """Show the entrance and start with what the command line named."""
        if self._request.exit_after_sync > 0:
            QTimer.singleShot(int(self._request.exit_after_sync * 1000), self._too_late)
        self._enter(self._request.account, self._request.gateway, self._request.passphrase)

    def _enter(self, account: str, gateway: str, passphrase: str) -> None:
        self.entrance = Entrance(self._opening, passphrase, parent=self)
        self.entrance.opened.connect(self._on_opened)
        self.entrance.changed.connect(self._on_entrance)
        self._entrance_window = EntranceWindow(self.entrance, self._theme)
        self._entrance_window.show()
        self.entrance.begin(account, gateway)

    @Slot()
    def _on_entrance(self) -> None:
        """Without a person in front of it, an entrance that asks or explains is the end."""
        if self.entrance is None or self._request.exit_after_sync <= 0:
            return
        state = self.entrance.state
        if state.step not in (Step.WORKING, Step.BROWSER, Step.DONE):
            self._fail(" ".join(part for part in (state.heading, state.text, state.problem) if part))

    @Slot(object)
    def _on_opened(self, account: OpenAccount) -> None:
        self._account = account
        portal = account.open_portal(_nothing)
        self._portal = portal
        self.bridge = Bridge(
            portal,
            account.loop,
            account.open_portal,
            account.sign_in,
            parent=self,
            staff=account.staff,
        )
        self.bridge.wipeWanted.connect(self._on_wipe)
        self.bridge.statusChanged.connect(self._on_status)
        self._speech.choose(_language(portal))
        self._open_window(Place(self._request.page) if self._request.page else None)
        self._close_entrance()
        self.bridge.start()

    def _open_window(self, begin: Place | None) -> None:
        assert self._portal is not None
        assert self.bridge is not None
        self.window = MainWindow(self._portal, self.bridge, self._theme, begin, self._speech)
        self.window.settled.connect(self._quiet.start)
        if self._request.exit_when_shown:
            self.window.settled.connect(self._on_shown, Qt.ConnectionType.QueuedConnection)
        self.window.sign_in_requested.connect(self.bridge.sign_in)
        self.window.sign_out_requested.connect(self._sign_out, Qt.ConnectionType.QueuedConnection)
        self.window.show()

    @Slot()
    def _on_language(self) -> None:
        """Another language was chosen in the window: one that speaks it takes over, once its own click is done."""
        if self.window is not None:
            QTimer.singleShot(0, self._speak_anew)

    def _speak_anew(self) -> None:
        old = self.window
        if old is None:
            return
        self._open_window(old.left_at())
        old.hide()
        old.deleteLater()

    @Slot()
    def _on_shown(self) -> None:
        if self.window is None or not self._request.exit_when_shown:
            return
        self._request = replace(self._request, exit_when_shown=False)
        self.window.repaint()
        current = self.window.current
        self._out.write(json.dumps({"shown": current.objectName() if current else ""}) + "\n")
        self._out.flush()
        self._app.quit()

    @Slot()
    def _on_quiet(self) -> None:
        """What reading long lists took for a moment goes back."""
        if self.bridge is not None and self._portal is not None:
            self._portal.rest()
            self.bridge.reader.run(_rest, patient=True)
            self.bridge.tasks.run(_rest)

    def _close_entrance(self) -> None:
        if self.entrance is not None:
            self.entrance.stop()
            self.entrance.deleteLater()
            self.entrance = None
        if self._entrance_window is not None:
            self._entrance_window.hide()
            self._entrance_window.deleteLater()
            self._entrance_window = None

    # -- sync, then leave ---------------------------------------------------------------------------------
    @Slot(object)
    def _on_status(self, status: Status) -> None:
        if self._request.exit_after_sync <= 0 or self._portal is None or self._order:
            return
        if status.mode is Mode.LIVE and self._portal.complete:
            counts = self._portal.records.nav_counts()
            said = {
                "synced": True,
                "as_of": status.as_of.isoformat() if status.as_of else None,
                "open": counts,
            }
            self._out.write(json.dumps(said) + "\n")
            self._out.flush()
            self._request = replace(self._request, exit_after_sync=0.0)
            self._app.quit()
        elif status.mode in (Mode.PROBLEM, Mode.SIGN_IN):
            self._fail(" ".join(part for part in (status.cause, status.kept, status.next_step) if part))

    @Slot()
    def _too_late(self) -> None:
        if self._request.exit_after_sync <= 0:
            return
        status = self.bridge.status if self.bridge else None
        why = f" {status.cause}" if status and status.cause else ""
        self._fail(f"It was not in step within {self._request.exit_after_sync:.0f} s.{why}")

    def _fail(self, text: str) -> None:
        sys.stderr.write(text + "\n")
        self._request = replace(self._request, exit_after_sync=0.0)
        self.exit_code = 1
        self._app.quit()

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
        self._enter("", "", "")

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
        if self._request.exit_after_sync > 0:
            self._fail(_erased_words(self._opening))
        else:
            self._enter("", "", "")

    def _obey(self) -> None:
        account, order = self._account, self._order
        self._order = ""
        self._close_account(keep_account=True)
        if account is not None and order:
            account.erase(order)
        self._account = None

    def _close_account(self, *, keep_account: bool = False) -> None:
        if self.bridge is not None:
            self.bridge.stop()
        if self.window is not None:
            self.window.hide()
            self.window.deleteLater()
            self.window = None
        if self.bridge is not None:
            self.bridge.deleteLater()
            self.bridge = None
        if self._portal is not None:
            self._portal.close()
            self._portal = None
            self._speech.choose(LanguageChoice.SYSTEM)
        if self._account is not None and not keep_account:
            self._account.close()
            self._account = None

    def close(self) -> None:
        """Stop everything; called once the event loop has ended."""
        if self.window is not None:
            self.window.close()
        self._close_entrance()
        if self._order:
            self._obey()
        self._close_account()

    def quit(self) -> None:
        """Leave; a signal asked for it."""
        self._app.quit()

    # -- bad days -----------------------------------------------------------------------------------------
    def on_expected(self, error: CounterpartError) -> None:
        """An error with words of its own that nobody caught, on any thread: tell it in the window."""
        self._troubled.emit(error)

    def on_bug(self) -> None:
        """An exception that nobody expected was shown; a run without a person in front of it has failed."""
        if self._request.exit_after_sync > 0:
            self.exit_code = 1
            self._app.quit()

    @Slot(object)
    def _on_trouble(self, error: CounterpartError) -> None:
        """A store that turns out damaged closes the window: the entrance salvages what was not sent."""
        if self._request.exit_after_sync > 0:
            self._fail(error.text)
        elif isinstance(error, StoreDamaged) and self._account is not None:
            account = self._account.account.id
            self._close_account()
            self._enter(account, "", "")
        elif self.bridge is not None:
            self.bridge.failed.emit(error)
        else:
            sys.stderr.write(error.text + "\n")


def _erased_words(opening: Opening) -> str:
    words = opening.erased()
    return " ".join((f"{words.heading}.", words.happened, words.next_step)) if words else ""


def _language(portal: Portal) -> LanguageChoice:
    """What was chosen in this account's settings."""
    chosen = portal.prefs.get(LANGUAGE)
    known = {choice.value for choice in LanguageChoice}
    return LanguageChoice(chosen) if chosen in known else LanguageChoice.SYSTEM


def _rest(portal: Portal) -> None:
    portal.rest()
    give_back()


def _nothing() -> None:
    """Until the bridge listens, nobody has to be woken."""
