"""The kiosk from its start: while its policy is not complete the screen says so, and the policy is read again."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.bridge.speech import Speech
from app.composition.kiosk import KioskClient
from app.contract.errors import CounterpartError
from app.services.idle import Elapsed
from app.services.surroundings import Surroundings
from app.services.words import Words
from app.session.policy.schema import Managed
from app.views import ways_out
from app.views.kiosk.touches import Touches
from app.views.kiosk.unready import UnreadyScreen
from app.views.theme.assets import asset_path
from app.views.theme.theme import Theme
from app.views.theme.touch import use_fingers

#: Seconds between two looks at a policy that is not complete.
AGAIN = 30

_SECOND_MS = 1_000


class KioskStart(QObject):
    """Leads to a KioskClient, at once where policy has all it needs."""

    def __init__(
        self, app: QApplication, surroundings: Surroundings, theme: Theme, again: Callable[[], Managed]
    ) -> None:
        """`again` reads the policy anew."""
        super().__init__()
        self._app = app
        self._around = surroundings
        self._theme = theme
        self._again = again
        self.client: KioskClient | None = None
        self.screen: UnreadyScreen | None = None
        self._speech: Speech | None = None
        self._touches: Touches | None = None
        self._missing: CounterpartError | None = None
        self._since = Elapsed(surroundings.clock)
        self._second = QTimer(self)
        self._second.setInterval(_SECOND_MS)
        self._second.timeout.connect(self.look)

    @Slot()
    def begin(self) -> None:
        """Show the entrance, or what is missing."""
        try:
            client = KioskClient(self._app, self._around, self._theme)
        except CounterpartError as missing:
            self._tell(missing)
            return
        self._done()
        self.client = client
        self.screen = None  # the entrance takes its place, and destroys it
        client.begin()

    def _tell(self, missing: CounterpartError) -> None:
        if self.screen is None:
            sys.stderr.write(missing.text + "\n")
            self._prepare()
        self._missing = missing
        self._since = Elapsed(self._around.clock)
        self._second.start()
        self.look()

    def _prepare(self) -> None:
        words = self._around.words or Words(self._around.locale)
        self._around = replace(self._around, words=words)
        ways_out.shut(self._app)
        use_fingers(self._app)
        self._theme.apply(self._app)
        self._speech = Speech(words, asset_path("translations"), self._around.locale, self)
        self._touches = Touches(self._app)
        screen = self.screen = UnreadyScreen(self._theme)
        screen.again.connect(self.retry, Qt.ConnectionType.QueuedConnection)
        screen.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        there = QGuiApplication.primaryScreen()
        if there is not None:
            screen.setGeometry(there.geometry())
        screen.showFullScreen()
        self._touches.watch()

    @Slot()
    def look(self) -> None:
        """A second went by."""
        missing, screen, words = self._missing, self.screen, self._around.words
        if missing is None or screen is None or words is None:
            return
        left = AGAIN - self._since.seconds()
        if left <= 0:
            self.retry()
            return
        policy = self._around.managed.policy
        rest = " ".join(part for part in (words(missing.next_step), policy.kiosk_help) if part.strip())
        screen.show_missing(policy.kiosk_place, words.inside(words(missing.cause)), rest, math.ceil(left))

    @Slot()
    def retry(self) -> None:
        """Read the policy again."""
        self._around = replace(self._around, managed=self._again())
        self.begin()

    def _done(self) -> None:
        """What belonged to the screen before the entrance goes; the client has its own."""
        self._second.stop()
        self._missing = None
        if self._touches is not None:
            self._touches.stop()
            self._touches = None
        if self._speech is not None:
            self._speech.silence()
            self._speech = None

    # -- the end --------------------------------------------------------------------------------------------
    def quit(self) -> None:
        """Leave; the system asked for it."""
        self._app.exit(0)

    def close(self) -> None:
        """Stop everything; called once the event loop has ended."""
        self._done()
        if self.client is not None:
            self.client.close()
        if self.screen is not None:
            self.screen.hide()
            self.screen.deleteLater()
            self.screen = None

    def on_expected(self, error: CounterpartError) -> None:
        """An error with words of its own that nobody caught."""
        if self.client is not None:
            self.client.on_expected(error)
        else:
            sys.stderr.write(error.text + "\n")

    def on_bug(self) -> None:
        """An exception that nobody expected was written to stderr; the screen goes on, and is watched from outside."""
