"""The real threads, waited for by events; nothing sleeps for luck."""

from __future__ import annotations

import hashlib
import itertools
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.contract.changes import ChangesPage
from app.contract.errors import DiskFull, NotAllowed, SignInNeeded, StoreBusy, StoreDamaged, Unreachable
from app.contract.mutations import Kind
from app.store.connection import Connection
from app.store.database import Store
from app.sync.clock import SystemClock
from app.sync.engine import FAR, Engine, Wake
from app.sync.events import Event, Mode, ProofDone, RecordsChanged, StatusChanged, TransferProgress
from app.sync.loop import SyncLoop
from app.sync.retry import Backoff
from app.sync.settings import EngineSettings
from app.sync.transport import RawPage
from tests.store import world as stored
from tests.store.world import gid, mutation
from tests.sync.world import DEAL, FILE, FakeGateway, Middle

PATIENCE = 20.0


class Open(FakeGateway):
    """A gateway that can be cut like a connection, and whose event channel stays open until it is."""

    def __init__(self) -> None:
        super().__init__()
        self.stream: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.streams = 0
        self.gate = threading.Event()
        self.gate.set()
        self.waiting = threading.Event()
        self.over = False

    def changes(self, cursor: str, limit: int):  # type: ignore[no-untyped-def]  # as the base class has it
        if not self.gate.is_set():
            self.waiting.set()
            assert self.gate.wait(PATIENCE)
            raise Unreachable("The connection was cut.")
        return super().changes(cursor, limit)

    def pokes(self) -> Iterator[str]:
        self._enter("pokes")
        self.streams += 1
        yield ""
        while (event := self.stream.get()) is not None:
            yield event
        raise Unreachable

    def cut(self) -> None:
        self.gate.set()
        self.stream.put(None)

    def abort(self) -> None:
        self.over = True
        self.cut()


class Running:
    """A loop under way, its gateway, and its events as they come."""

    def __init__(self, path: Path, settings: EngineSettings) -> None:
        self.path = path
        self.gateway = Open()
        self.gateway.put(1, customer="Northwind", state="approved", next_steps="Call them")
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.loop = SyncLoop(
            self.open_store, self.gateway, SystemClock(), Middle(), self.events.put, settings
        )

    def open_store(self) -> Store:
        return Store.open(self.path, stored.KEY)

    def until(self, met: Callable[[Event], bool]) -> Event:
        """Wait for an event."""
        while not met(event := self.events.get(timeout=PATIENCE)):
            pass
        return event

    def until_mode(self, mode: Mode) -> StatusChanged:
        found = self.until(lambda event: isinstance(event, StatusChanged) and event.status.mode is mode)
        assert isinstance(found, StatusChanged)
        return found


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(
        tmp_path / "store.db",
        EngineSettings(poll=3600, poll_live=3600, open_again=0.01, backoff=Backoff(first=0.01)),
    )
    yield made
    assert made.loop.stop(PATIENCE)


def edit(running: Running, name: str, text: str) -> None:
    with running.open_store() as store:
        shown = stored.shown(store, 1) or {}
        base = {"next_steps": shown.get("next_steps")}
        store.outbox.enqueue(stored.patch(name, 1, base, {"next_steps": text}), name)
    running.loop.wake(Wake.ENQUEUE)


def attach(running: Running, data: bytes, number: int = 5) -> str:
    sha256 = hashlib.sha256(data).hexdigest()
    with running.open_store() as store, store.transaction():
        store.blobs.add(sha256, len(data), "text/plain", "note.txt", [data], SystemClock().now())
        changes = {"parent": gid(1), "sha256": sha256}
        item = mutation(f"f{number}", number, Kind.APPEND, FILE, changes=changes)
        store.outbox.enqueue(item, "note.txt", blobs=(sha256,))
    return sha256


def test_it_syncs_at_the_start_sends_when_woken_and_ends_when_told(running: Running) -> None:
    running.loop.start()
    running.until_mode(Mode.LIVE)
    edit(running, "m1", "Call again")
    running.until(lambda event: event == RecordsChanged(frozenset({DEAL}), frozenset({gid(1)})))
    assert running.gateway.data(1)["next_steps"] == "Call again"
    assert running.loop.stop(PATIENCE)
    assert running.gateway.over


def test_a_poke_brings_what_changed(running: Running) -> None:
    running.loop.start()
    running.until_mode(Mode.LIVE)
    running.gateway.edit(1, next_steps="From the vendor")
    running.gateway.stream.put("p1")
    running.until(lambda event: event == RecordsChanged(frozenset({DEAL}), frozenset({gid(1)})))
    with running.open_store() as store:
        assert (stored.shown(store, 1) or {})["next_steps"] == "From the vendor"


def test_a_channel_that_comes_back_leads_to_a_pull(running: Running) -> None:
    running.loop.start()
    running.until_mode(Mode.LIVE)
    running.gateway.edit(1, next_steps="While it was cut")
    running.gateway.stream.put(None)
    running.until(lambda event: event == RecordsChanged(frozenset({DEAL}), frozenset({gid(1)})))


def test_a_channel_that_ends_at_once_is_not_opened_anew_by_every_cycle(tmp_path: Path) -> None:
    """A proxy says yes to it and ends it, while the gateway itself answers as ever."""
    made = Running(
        tmp_path / "store.db", EngineSettings(poll=3600, poll_live=3600, backoff=Backoff(3600, 3600))
    )
    made.gateway.stream.put(None)
    moving_on(made.gateway)
    opened = counted(made.gateway, "pokes")
    made.loop.start()
    try:
        opened.get(timeout=PATIENCE)
        for _ in range(20):
            made.loop.wake(Wake.USER)
            made.until_mode(Mode.LIVE)
        assert made.gateway.streams == 1
    finally:
        assert made.loop.stop(PATIENCE)


def moving_on(gateway: Open) -> None:
    """Each answer is of another moment, so that each cycle has another status to tell."""
    changes, moments = gateway.changes, itertools.count()

    def later(cursor: str, limit: int) -> RawPage[ChangesPage]:
        page: RawPage[ChangesPage] = changes(cursor, limit)
        at = page.envelope.as_of + timedelta(seconds=next(moments))
        return replace(page, envelope=page.envelope.model_copy(update={"as_of": at}))

    gateway.changes = later  # type: ignore[method-assign]


def test_offline_ends_a_call_under_way_and_online_takes_everything_up(running: Running) -> None:
    running.loop.start()
    running.until_mode(Mode.LIVE)
    running.gateway.gate.clear()
    running.loop.wake(Wake.USER)
    assert running.gateway.waiting.wait(PATIENCE)
    running.loop.set_offline(True)
    told = running.until_mode(Mode.OFFLINE)
    assert told.status.by_choice
    edit(running, "m1", "Written offline")
    running.loop.set_offline(False)
    running.until(lambda event: isinstance(event, RecordsChanged))
    assert running.gateway.data(1)["next_steps"] == "Written offline"


def test_it_goes_on_by_itself_once_the_network_heals(running: Running) -> None:
    running.gateway.faults["me"] = [Unreachable()] * 3
    running.loop.start()
    running.until_mode(Mode.LIVE)
    assert running.gateway.calls.count("me") >= 4


class Silent:
    """A schedule that never posts a wake: it sleeps until a clock that was set back has caught up."""

    def start(self) -> None:
        """Nothing comes of it."""

    def stop(self) -> None:
        """There is nothing to end."""


def test_no_wait_hangs_on_the_clock_on_the_wall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sync.loop.Schedule", lambda *_: Silent())
    made = Running(tmp_path / "store.db", EngineSettings(poll=0.01, poll_live=3600, backoff=Backoff(0.01)))
    made.gateway.faults["pokes"] = [NotAllowed()]  # no channel tells it anything either
    made.gateway.faults["me"] = [Unreachable()] * 2
    looks = counted(made.gateway, "changes")
    made.loop.start()
    try:
        for _ in range(5):
            looks.get(timeout=PATIENCE)
    finally:
        assert made.loop.stop(PATIENCE)


def test_however_long_a_cycle_would_wait_it_looks_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sync.loop.Schedule", lambda *_: Silent())
    woken: queue.SimpleQueue[Wake] = queue.SimpleQueue()

    def cycle(_engine: Engine, wake: Wake) -> float:
        woken.put(wake)
        return FAR

    monkeypatch.setattr(Engine, "cycle", cycle)
    made = Running(tmp_path / "store.db", EngineSettings(poll_live=0.01))
    made.loop.start()
    try:
        assert [woken.get(timeout=PATIENCE) for _ in range(3)] == [Wake.START, Wake.TIMER, Wake.TIMER]
    finally:
        assert made.loop.stop(PATIENCE)


def counted(gateway: Open, method: str) -> queue.SimpleQueue[str]:
    """A queue that gets one entry for each call of a method."""
    calls: queue.SimpleQueue[str] = queue.SimpleQueue()
    called = getattr(gateway, method)

    def call(*args: object) -> object:
        calls.put(method)
        return called(*args)

    setattr(gateway, method, call)
    return calls


def test_after_signing_in_again_it_goes_on(running: Running) -> None:
    running.gateway.faults["me"] = [SignInNeeded()]
    running.loop.start()
    running.until_mode(Mode.SIGN_IN)
    running.loop.wake(Wake.SIGNED_IN)
    running.until_mode(Mode.LIVE)


def test_a_proof_on_request(running: Running) -> None:
    running.loop.start()
    running.until_mode(Mode.LIVE)
    running.loop.verify(rehash=True)
    found = running.until(lambda event: isinstance(event, ProofDone) and event.proof.rehashed)
    assert isinstance(found, ProofDone)
    assert found.proof.identical


def test_a_file_goes_up_and_its_message_follows(running: Running) -> None:
    running.loop.start()
    running.until_mode(Mode.LIVE)
    data = b"evidence" * 1000
    sha256 = attach(running, data)
    running.loop.wake(Wake.ENQUEUE)
    running.until(lambda event: isinstance(event, TransferProgress) and event.state == "done")
    running.until(lambda event: isinstance(event, RecordsChanged) and gid(5) in (event.gids or ()))
    assert running.gateway.blobs[sha256] == data
    assert gid(5) in running.gateway.held


def test_a_paused_first_sync_goes_on_when_told(running: Running) -> None:
    running.loop.set_paused(True)
    running.loop.start()
    running.until(lambda event: isinstance(event, StatusChanged))
    running.loop.set_paused(False)
    running.until_mode(Mode.LIVE)


def test_a_store_that_cannot_be_opened_is_told_and_ends_the_loop(tmp_path: Path) -> None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def damaged() -> Store:
        raise StoreDamaged

    loop = SyncLoop(damaged, Open(), SystemClock(), Middle(), events.put)
    loop.start()
    told = events.get(timeout=PATIENCE)
    assert isinstance(told, StatusChanged)
    assert (told.status.mode, told.status.cause) == (Mode.PROBLEM, StoreDamaged().cause)
    assert loop.stop(PATIENCE)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_its_own_is_told_too(running: Running) -> None:
    running.gateway.faults["me"] = [KeyError("a bug")]  # type: ignore[list-item]
    running.loop.start()
    told = running.until_mode(Mode.PROBLEM)
    assert "a fault of its own" in told.status.cause


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_where_bytes_move_is_told_and_no_later_status_hides_it(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes while a cycle is under way, which ends well and would say so."""
    under_way, told_of = threading.Event(), threading.Event()
    digest, begin_upload = running.gateway.digest, running.gateway.begin_upload

    def until_the_fault_is_told(cursor: str) -> Any:
        under_way.set()
        assert told_of.wait(PATIENCE)
        return digest(cursor)

    def while_a_cycle_is_under_way(*args: Any) -> Any:
        assert under_way.wait(PATIENCE)
        return begin_upload(*args)

    monkeypatch.setattr(running.gateway, "digest", until_the_fault_is_told)
    monkeypatch.setattr(running.gateway, "begin_upload", while_a_cycle_is_under_way)
    running.gateway.faults["begin_upload"] = [KeyError("a bug")]  # type: ignore[list-item]
    attach(running, b"evidence")
    running.loop.start()
    told = running.until_mode(Mode.PROBLEM)
    assert "a fault of its own" in told.status.cause
    assert told.status.next_step == "Start Counterpart again."
    told_of.set()
    running.loop._records.join(PATIENCE)
    assert not running.loop._records.is_alive()
    later = [running.events.get_nowait() for _ in range(running.events.qsize())]
    assert [event for event in later if isinstance(event, StatusChanged)] == []


@pytest.mark.parametrize("fault", [StoreBusy, DiskFull])
def test_a_store_that_bytes_cannot_have_at_once_is_asked_for_again_and_records_go_on(
    running: Running, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    """It passes, as it does when another process reads: nobody has to start Counterpart again for it."""
    in_step, faults = threading.Event(), [fault(), fault()]
    opened = Store.open

    def not_at_once(*args: Any) -> Store:
        if threading.current_thread().name == "counterpart-transfers" and faults:
            assert in_step.wait(PATIENCE)
            raise faults.pop()
        return opened(*args)

    sha256 = attach(running, b"evidence")
    monkeypatch.setattr(Store, "open", not_at_once)
    running.loop.start()
    running.until_mode(Mode.LIVE)
    in_step.set()
    running.until(lambda event: isinstance(event, TransferProgress) and event.state == "done")
    assert [*running.gateway.blobs] == [sha256]
    running.until_mode(Mode.LIVE)


def test_a_file_that_is_taken_back_at_this_moment_does_not_keep_others_from_going_up(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It leaves between two looks of the thread that moves bytes."""
    attach(running, b"first", 5)
    second = attach(running, b"second", 6)
    rows = Connection.rows

    def then_cancelled(self: Connection, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        found = rows(self, sql, params)
        if threading.current_thread().name == "counterpart-transfers" and "json_each(outbox.blobs)" in sql:
            with running.open_store() as store:
                store.outbox.cancel("f5", SystemClock().now())
        return found

    monkeypatch.setattr(Connection, "rows", then_cancelled)
    running.loop.start()
    running.until(lambda event: isinstance(event, TransferProgress) and event.state == "done")
    assert [*running.gateway.blobs] == [second]


def test_stopping_what_was_never_started_is_no_error(tmp_path: Path) -> None:
    made = Running(tmp_path / "store.db", replace(EngineSettings(), poll=3600))
    assert made.loop.stop(PATIENCE)


@pytest.mark.parametrize(
    ("reason", "undisturbed"),
    [(Wake.ENQUEUE, False), (Wake.USER, False), (Wake.ONLINE, False), (Wake.POKE, True), (Wake.TIMER, True)],
)
def test_hashing_at_night_gives_way_to_a_person_and_to_nobody_else(
    tmp_path: Path, reason: Wake, undisturbed: bool
) -> None:
    made = Running(tmp_path / "store.db", EngineSettings())
    assert made.loop._undisturbed()
    made.loop.wake(reason)
    assert made.loop._undisturbed() is undisturbed
