"""The engine's threads: one serial loop for records, one for document bytes, one that listens for pokes.

What works on them is imported there: the window, which makes the loop, is to stand first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from app.contract.errors import CounterpartError, DiskFull, LocalError, StoreBusy
from app.store.database import Store
from app.sync.clock import Clock, Rng
from app.sync.events import Event, Mode, OutboxChanged, Status, StatusChanged, TransferProgress
from app.sync.live import LiveChannel, LiveEvents
from app.sync.schedule import Schedule
from app.sync.settings import EngineSettings
from app.sync.transport import Cuttable, Transport
from app.sync.wakes import Wake

if TYPE_CHECKING:
    from app.sync.engine import Engine
    from app.sync.transfers import Transfers

#: With nothing to move, the transfer thread looks again after this many seconds, should a signal ever be lost.
_IDLE = 30.0

#: What a person wants comes before the nightly comparison; it takes a breath of so many seconds between its slices.
_BY_PERSON = frozenset({Wake.ENQUEUE, Wake.USER, Wake.ONLINE, Wake.SIGNED_IN})
_BREATH = 0.002


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
        self._asked = threading.Condition()
        self._wakes: list[Wake] = [Wake.START]
        self._wishes: list[Callable[[Engine], object]] = []
        self._stopping = threading.Event()
        self._moving = threading.Event()
        self._encouraged = threading.Event()
        self._may_move = False
        self._ended = False
        self._status: Status | None = None
        self._wait = 0.0
        self._schedule = Schedule(
            lambda: self.wake(Wake.TIMER), self._settings.night_hour, self._settings.zone
        )
        self._live = LiveChannel(transport, clock, rng, self._live_events(), self._settings.backoff)
        self._records = threading.Thread(target=self._run, name="counterpart-sync", daemon=True)
        self._bytes = threading.Thread(target=self._run_transfers, name="counterpart-transfers", daemon=True)

    def start(self) -> None:
        """Start the threads."""
        self._records.start()
        self._bytes.start()
        self._live.start()

    def wake(self, reason: Wake = Wake.USER) -> None:
        """Run a cycle soon."""
        with self._asked:
            self._wakes.append(reason)
            self._asked.notify()
        self._moving.set()

    def set_offline(self, offline: bool) -> None:
        """The user's switch."""
        self._wish(lambda engine: engine.set_offline(offline), Wake.TIMER if offline else Wake.ONLINE)
        if offline and isinstance(self._transport, Cuttable):
            self._transport.cut()

    def set_paused(self, paused: bool) -> None:
        """Hold the first sync, or let it go on."""
        self._wish(lambda engine: engine.set_paused(paused), Wake.TIMER if paused else Wake.USER)

    def believe(self) -> None:
        """Remove what the gateway no longer shows, as a person has agreed."""
        self._wish(lambda engine: engine.believe(), Wake.USER)

    def verify(self, rehash: bool) -> None:
        """Compare both sides; the result comes as an event."""
        self._wish(lambda engine: engine.verify(rehash), Wake.TIMER)

    def fetch_receipt(self, mutation_id: str) -> None:
        """Fetch the signed evidence of a mutation; the result comes as an event."""
        self._wish(lambda engine: engine.fetch_receipt(mutation_id), Wake.TIMER)

    def stop(self, timeout: float = 5.0) -> bool:
        """End all threads; True when they ended in time. What was under way is sent again next time."""
        self._stopping.set()
        self._live.stop()
        if isinstance(self._transport, Cuttable):
            self._transport.abort()
        with self._asked:
            self._asked.notify()
        self._moving.set()
        for thread in (self._records, self._bytes):
            if thread.ident is not None:
                thread.join(timeout)
        live_ended = self._live.join(timeout)
        return live_ended and not self._records.is_alive() and not self._bytes.is_alive()

    def _wish(self, wish: Callable[[Engine], object], wake: Wake) -> None:
        """Do something on the loop's thread; a cycle under way ends early for it, and `wake` takes it up again."""
        with self._asked:
            self._wishes.append(wish)
            self._wakes.append(wake)
            self._asked.notify()

    # -- records ------------------------------------------------------------------------------------------
    def _run(self) -> None:
        from app.sync.engine import Engine  # noqa: PLC0415

        with self._told_when_it_ends(), self._open_store() as store, self._nights():
            engine = Engine(
                store,
                self._transport,
                self._clock,
                self._rng,
                self._heard,
                settings=self._settings,
                keep_going=self._keep_going,
                undisturbed=self._undisturbed,
            )
            self._heard(StatusChanged(engine.status))
            while not self._stopping.is_set():
                self._serve(engine)

    @contextmanager
    def _nights(self) -> Iterator[None]:
        self._schedule.start()
        try:
            yield
        finally:
            self._schedule.stop()

    def _serve(self, engine: Engine) -> None:
        with self._asked:
            # By a clock that nobody can set; and however long the last cycle would wait, it looks now and then.
            self._asked.wait_for(
                lambda: bool(self._wakes or self._wishes) or self._stopping.is_set(),
                min(self._wait, self._settings.poll_live),
            )
            wishes, self._wishes = self._wishes, []
            wakes, self._wakes = self._wakes, []
        for wish in wishes:
            if self._stopping.is_set():
                return
            # A full disk or a busy store: the cycle that follows meets it too, and tells it.
            with suppress(LocalError):
                wish(engine)
        if self._stopping.is_set():
            return
        self._wait = engine.cycle(_strongest(wakes))
        self._live.listen(engine.online and engine.status.mode in (Mode.LIVE, Mode.SYNCING))

    def _keep_going(self) -> bool:
        return not self._stopping.is_set() and not self._wishes

    def _undisturbed(self) -> bool:
        """Take a breath, so that the window has the processor; then tell whether a person entered anything."""
        with self._asked:
            return not self._asked.wait_for(lambda: not _BY_PERSON.isdisjoint(self._wakes), _BREATH)

    def _heard(self, event: Event) -> None:
        if not isinstance(event, StatusChanged):
            self._emit(event)
            return
        with self._asked:  # held until it is told: nothing comes between the look at `_ended` and the telling
            if not self._ended:
                self._follow(event.status)
                self._emit(event)

    def _follow(self, status: Status) -> None:
        """Let bytes move while the gateway answers; once it answers again, so may the event channel."""
        self._status = status
        before = self._may_move
        self._may_move = status.mode in (Mode.LIVE, Mode.SYNCING, Mode.FIRST_SYNC) and not status.cause
        if self._may_move:
            self._encouraged.set()
            self._moving.set()
            if not before:
                self._live.retry_now()

    @contextmanager
    def _told_when_it_ends(self) -> Iterator[None]:
        """A thread that ends without having been stopped says so; whoever reads the status must not wait for ever."""
        try:
            yield
        except CounterpartError as error:
            self._tell_end(error)
        except BaseException:
            self._tell_end(LocalError("Counterpart met a fault of its own, so nothing is exchanged now."))
            raise

    def _tell_end(self, error: CounterpartError) -> None:
        """Tell it once, and end the other thread too: no status of that one hides what has happened to this one."""
        with self._asked:
            if self._stopping.is_set():
                return
            self._stopping.set()
            self._asked.notify()
            before = self._status or Status(Mode.PROBLEM, None, self._clock.now())
            self._heard(
                StatusChanged(
                    replace(
                        before,
                        mode=Mode.PROBLEM,
                        since=self._clock.now(),
                        proven_at=None,
                        cause=error.cause,
                        kept=error.kept,
                        next_step=error.next_step or "Start Counterpart again.",
                    )
                )
            )
            self._ended = True
        self._moving.set()

    # -- the event channel --------------------------------------------------------------------------------
    def _live_events(self) -> LiveEvents:
        return LiveEvents(
            connected=lambda: self._listening(True, Wake.RECONNECT),
            poked=lambda: self.wake(Wake.POKE),
            cut=lambda: self._listening(False, Wake.TIMER),
        )

    def _listening(self, listening: bool, wake: Wake) -> None:
        self._wish(lambda engine: engine.set_listening(listening), wake)

    # -- bytes --------------------------------------------------------------------------------------------
    def _run_transfers(self) -> None:
        with self._told_when_it_ends():
            while not self._stopping.is_set():
                try:
                    store = self._open_store()
                except (StoreBusy, DiskFull):
                    # It passes, or the other thread meets it too and tells it: no reason to end that one.
                    self._stopping.wait(self._settings.open_again)
                    continue
                with store:
                    self._move_all(store)

    def _move_all(self, store: Store) -> None:
        from app.sync.transfers import Transfers  # noqa: PLC0415

        transfers = Transfers(store, self._transport, self._clock, self._rng, self._moved, self._settings)
        try:
            while not self._stopping.is_set():
                self._move(transfers)
        finally:
            transfers.close()

    def _move(self, transfers: Transfers) -> None:
        if self._encouraged.is_set():
            self._encouraged.clear()
            transfers.encourage()
        self._moving.clear()
        moved = False
        if self._may_move:
            # A store that is busy or a full disk is told by the engine; here it only means "later".
            with suppress(LocalError):
                moved = transfers.step()
        if not moved and not self._stopping.is_set():
            self._moving.wait(min(transfers.wait() or _IDLE, _IDLE))

    def _moved(self, event: Event) -> None:
        self._emit(event)
        finished = isinstance(event, TransferProgress) and event.upload and event.state == "done"
        if finished or isinstance(event, OutboxChanged):
            self.wake(Wake.UPLOADED)


def _strongest(wakes: list[Wake]) -> Wake:
    """One cycle serves all that woke it; the reason that allows most counts."""
    order = (
        Wake.SIGNED_IN,
        Wake.ONLINE,
        Wake.START,
        Wake.USER,
        Wake.RECONNECT,
        Wake.UPLOADED,
        Wake.ENQUEUE,
    )
    return next((wake for wake in order if wake in wakes), Wake.TIMER)
