"""Looks for newer versions once a day beside the window, and when somebody asks."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.bridge.errand import Errand
from app.contract.errors import CounterpartError
from app.services.updating import UpdateView, Updating
from app.session.updates.channel import Channel

#: The first look comes when the window has long been there; then a day is looked for, in milliseconds.
_FIRST_MS, _LOOK_MS = 90_000, 15 * 60_000


class UpdateWatch(QObject):
    """Lives on the window's thread; `Updating.check` runs on one of its own."""

    changed = Signal()
    """`view`, `checking`, `fetched` or `problem` is another one."""
    ready = Signal(str)
    """A version was put in place just now: its number."""
    restart_wanted = Signal()
    """The user wants the version that is ready to start now."""

    _fetched = Signal(object, object)

    def __init__(
        self, updating: Updating, may: Callable[[], bool] = lambda: True, parent: QObject | None = None
    ) -> None:
        """`may`: asked before it looks by itself; False while something else needs the line."""
        super().__init__(parent)
        self._updating = updating
        self._may = may
        self._errand: Errand | None = None
        self.view: UpdateView = updating.view()
        self.source = updating.source
        self.fetched: tuple[int, int] | None = None
        self.problem: CounterpartError | None = None
        self._fetched.connect(self._on_fetched, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self)
        self._timer.setInterval(_FIRST_MS)
        self._timer.timeout.connect(self.look)

    @property
    def checking(self) -> bool:
        """Whether it looks right now."""
        return self._errand is not None

    def start(self) -> None:
        """Begin to look by itself."""
        self._timer.start()

    def stop(self) -> None:
        """Look no more; what is under way ends when it ends and changes nothing here."""
        self._timer.stop()
        if self._errand is not None:
            self._errand.abandon()
            self._errand = None

    @Slot()
    def look(self) -> None:
        """Look, if a day has passed and nothing else needs the line. A failure is not told: it is tried again."""
        self._timer.setInterval(_LOOK_MS)
        if not self.checking and self._may() and self._updating.due():
            self._go(by_hand=False)

    @Slot()
    def check(self) -> None:
        """Look now; somebody asked."""
        if not self.checking:
            self._go(by_hand=True)

    def choose(self, channel: Channel) -> None:
        """Take another channel."""
        self._updating.choose(channel)
        self.problem = None
        self._show(self._updating.view())

    def understood(self) -> None:
        """The person knows of the version that was set back."""
        self._updating.understood()
        self._show(self._updating.view())

    def came_up(self) -> None:
        """The window stands there."""
        self._updating.came_up()

    def _go(self, *, by_hand: bool) -> None:
        before = self.view.ready
        self.problem = None

        def done(view: UpdateView) -> None:
            self._ended(view, None)
            if view.ready is not None and (before is None or before.version != view.ready.version):
                self.ready.emit(view.ready.version)

        def failed(error: CounterpartError) -> None:
            self._ended(self._updating.view(), error if by_hand else None)

        work = self._updating.check
        self._errand = Errand(lambda: work(self._fetched.emit), done, failed, owner=self)
        self._errand.start()
        self.changed.emit()

    def _ended(self, view: UpdateView, problem: CounterpartError | None) -> None:
        self._errand, self.fetched, self.problem = None, None, problem
        self._show(view)

    def _show(self, view: UpdateView) -> None:
        self.view = view
        self.changed.emit()

    @Slot(object, object)
    def _on_fetched(self, have: int, whole: int) -> None:
        if self.checking:
            self.fetched = (have, whole)
            self.changed.emit()
