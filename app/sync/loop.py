"""The engine's threads: one serial loop for records, one for document bytes, one that listens for pokes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from app.contract.errors import CounterpartError, StoreBusy
from app.store.database import Store
from app.sync.clock import Clock, Rng
from app.sync.engine import FAR, Engine, Wake
from app.sync.events import Event, Mode, OutboxChanged, StatusChanged, TransferProgress
from app.sync.live import LiveChannel
from app.sync.schedule import Schedule
from app.sync.settings import EngineSettings
from app.sync.transfers import Transfers
from app.sync.transport import Transport

#: With nothing to move, the transfer thread looks again after this, should a signal ever be lost.
_IDLE = 30.0


class SyncLoop:
    """Runs the engine. All methods may be called from any thread; events come on the loop's threads."""

    def __init__(
        self,
        open_store: Callable[[], Store],
        transport: Transport,
        clock: Clock,
        rng: Rng,
        emit: Callable[[Event], None],
        settings: EngineSettings | None = None,
    ) -> None:
        self._open_store = open_store
        self._transport = transport
        self._clock = clock
        self._rng = rng
        self._emit = emit
        self._settings = settings or EngineSettings()
        self._condition = threading.Condition()
        self._wakes: list[Wake] = [Wake.START]
        self._wishes: list[Callable[[Engine], object]] = []
        self._hurry = threading.Event()
        self._stopping = threading.Event()
        self._moving = threading.Event()
        self._encouraged = threading.Event()
        self._may_move = False
        self._schedule = Schedule(lambda: self.wake(Wake.TIMER), self._settings.poll)
        self._live = LiveChannel(transport, clock, rng, lambda: self.wake(Wake.POKE), self._settings.backoff)
        self._records = threading.Thread(target=self._run, name="counterpart-sync", daemon=True)
        self._bytes = threading.Thread(target=self._run_transfers, name="counterpart-transfers", daemon=True)

    def start(self) -> None:
        """Start the threads."""
        self._records.start()
        self._bytes.start()
        self._live.start()
        self._schedule.start()

    def wake(self, reason: Wake = Wake.USER) -> None:
        """Run a cycle soon."""
        with self._condition:
            self._wakes.append(reason)
            self._condition.notify()
        self._moving.set()

    def set_offline(self, offline: bool) -> None:
        """The user's switch."""
        self._wish(lambda engine: engine.set_offline(offline), None if offline else Wake.ONLINE)

    def set_paused(self, paused: bool) -> None:
        """Hold the first sync, or let it go on."""
        self._wish(lambda engine: engine.set_paused(paused), None if paused else Wake.USER)

    def verify(self, rehash: bool) -> None:
        """Compare both sides; the result comes as an event."""
        self._wish(lambda engine: engine.verify(rehash), None)

    def stop(self, timeout: float = 5.0) -> bool:
        """End all threads; True when they ended in time. What was under way is sent again next time."""
        self._stopping.set()
        with suppress(Exception):
            self._schedule.stop()
        self._live.stop()
        abort = getattr(self._transport, "abort", None)
        if abort is not None:
            abort()
        with self._condition:
            self._condition.notify()
        self._moving.set()
        for thread in (self._records, self._bytes, self._live):
            if thread.is_alive():
                thread.join(timeout)
        return not any(thread.is_alive() for thread in (self._records, self._bytes, self._live))

    def _wish(self, wish: Callable[[Engine], object], wake: Wake | None) -> None:
        with self._condition:
            self._wishes.append(wish)
            self._hurry.set()
            if wake is not None:
                self._wakes.append(wake)
            self._condition.notify()

    # -- records ------------------------------------------------------------------------------------------
    def _run(self) -> None:
        store = self._open_store()
        try:
            engine = Engine(
                store,
                self._transport,
                self._clock,
                self._rng,
                self._heard,
                settings=self._settings,
                keep_going=self._keep_going,
            )
            self._heard(StatusChanged(engine.status))
            while not self._stopping.is_set():
                self._serve(engine)
        finally:
            store.close()

    def _serve(self, engine: Engine) -> None:
        with self._condition:
            while not (self._wakes or self._wishes or self._stopping.is_set()):
                self._condition.wait()
            wishes, self._wishes = self._wishes, []
            wakes, self._wakes = self._wakes, []
            self._hurry.clear()
        if self._stopping.is_set():
            return
        for wish in wishes:
            wish(engine)
        if wakes:
            wait = engine.cycle(_strongest(wakes))
            if wait < FAR and not self._stopping.is_set():
                self._schedule.after(wait)
        self._follow(engine)

    def _follow(self, engine: Engine) -> None:
        """Let bytes move and the channel listen while the gateway answers."""
        self._may_move = engine.status.mode is Mode.LIVE
        self._live.listen(self._may_move)
        if self._may_move:
            self._moving.set()

    def _keep_going(self) -> bool:
        return not self._stopping.is_set() and not self._hurry.is_set()

    def _heard(self, event: Event) -> None:
        if isinstance(event, StatusChanged) and event.status.mode is Mode.LIVE:
            self._encouraged.set()
            self._live.retry_now()
        self._emit(event)

    # -- bytes --------------------------------------------------------------------------------------------
    def _run_transfers(self) -> None:
        store = self._open_store()
        try:
            transfers = Transfers(store, self._transport, self._clock, self._rng, self._moved, self._settings)
            while not self._stopping.is_set():
                self._move(transfers)
        finally:
            store.close()

    def _move(self, transfers: Transfers) -> None:
        if self._encouraged.is_set():
            self._encouraged.clear()
            transfers.encourage()
        moved = False
        if self._may_move:
            # A store that is busy or a full disk is told by the engine; here it only means "later".
            with suppress(CounterpartError, StoreBusy):
                moved = transfers.step()
        if not moved:
            self._moving.clear()
            self._moving.wait(min(transfers.wait() or _IDLE, _IDLE))

    def _moved(self, event: Event) -> None:
        self._emit(event)
        finished = isinstance(event, TransferProgress) and event.upload and event.state == "done"
        if finished or isinstance(event, OutboxChanged):
            self.wake(Wake.UPLOADED)


def _strongest(wakes: list[Wake]) -> Wake:
    """One cycle serves all that woke it; the reason that allows most counts."""
    order = (Wake.SIGNED_IN, Wake.ONLINE, Wake.START, Wake.USER, Wake.RECONNECT, Wake.UPLOADED)
    return next((wake for wake in order if wake in wakes), wakes[-1])
