"""The engine’s events become signals on the main thread; wishes reach the engine; everything ends when told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.bridge import engine
from app.bridge.engine import Bridge
from app.contract.errors import Refused, Unreachable
from app.services import documents, pdf
from app.services.pdf import end_reader
from app.services.portal import Portal
from app.services.views_model import BucketProof, Mode, Proof, RecordsChanged, Status, TransferProgress
from app.store.database import Store
from app.sync.engine import Wake
from app.sync.events import (
    ActivityAdded,
    Event,
    FirstSyncProgress,
    ManifestChanged,
    OutboxChanged,
    ProofDone,
    StatusChanged,
    WipeWanted,
)
from tests.services.conftest import KEY, World, open_world
from tests.services.test_documents import PRICES, arrive, document

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class FakeLoop:
    """Records what is asked of it; tells events from another thread, as the real one does."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self.emit = emit
        self.asked: list[tuple[Any, ...]] = []

    def start(self) -> None:
        self.asked.append(("start",))

    def wake(self, reason: Wake = Wake.USER) -> None:
        self.asked.append(("wake", reason))

    def set_offline(self, offline: bool) -> None:
        self.asked.append(("offline", offline))

    def set_paused(self, paused: bool) -> None:
        self.asked.append(("paused", paused))

    def believe(self) -> None:
        self.asked.append(("believe",))

    def verify(self, rehash: bool) -> None:
        self.asked.append(("verify", rehash))

    def fetch_receipt(self, mutation_id: str) -> None:
        self.asked.append(("receipt", mutation_id))

    def stop(self, timeout: float = 5.0) -> bool:
        self.asked.append(("stop",))
        return True

    def tell(self, *events: Event) -> None:
        thread = threading.Thread(target=lambda: [self.emit(event) for event in events])
        thread.start()
        thread.join()


class FakeAttempt:
    """A sign-in that ends as it is told to, when it is told to."""

    address = "http://127.0.0.1/page"

    def __init__(self) -> None:
        self.answered = threading.Event()
        self.error: Exception | None = None
        self.cancelled = False

    def run(self) -> None:
        self.answered.wait(10)
        if self.error is not None:
            raise self.error

    def cancel(self) -> None:
        self.cancelled = True
        self.error = Unreachable("cancelled")
        self.answered.set()


class Desk:
    """A bridge over a real store, with the fakes in reach."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.loops: list[FakeLoop] = []
        self.attempt = FakeAttempt()
        self.bridge = Bridge(world.portal, self._loop, self._portal, lambda: self.attempt)
        self.loop = self.loops[0]

    def _loop(self, emit: Callable[[Event], None]) -> FakeLoop:
        self.loops.append(FakeLoop(emit))
        return self.loops[-1]

    def _portal(self, wake: Callable[[], None]) -> Portal:
        store = Store.open(self.world.store.path, KEY)
        return Portal.open(store, self.world.clock, self.world.ids, wake, zone=UTC)


@pytest.fixture
def desk(tmp_path: Path, qapp: object) -> Iterator[Desk]:
    world = open_world(tmp_path / "store.db")
    made = Desk(world)
    yield made
    made.bridge.stop()
    world.store.close()


def test_before_the_engine_speaks_the_last_run_counts(desk: Desk) -> None:
    status = desk.bridge.status
    assert (status.mode, status.as_of) == (Mode.FIRST_SYNC, None)
    assert desk.bridge.online


def test_events_come_as_signals_on_the_main_thread(desk: Desk, qtbot: QtBot) -> None:
    bridge = desk.bridge
    seen: list[tuple[str, bool]] = []
    main = threading.get_ident()

    def note(name: str) -> Callable[..., None]:
        return lambda *_: seen.append((name, threading.get_ident() == main))

    bridge.statusChanged.connect(note("status"))
    bridge.progress.connect(note("progress"))
    bridge.outboxChanged.connect(note("outbox"))
    bridge.proofDone.connect(note("proof"))
    bridge.manifestChanged.connect(note("manifest"))
    bridge.transfer.connect(note("transfer"))
    proof = Proof(AT, 1.2, True, False, True, (BucketProof("lead", 1, (True,) * 16),), 0, ())
    offline = Status(Mode.OFFLINE, AT, AT, by_choice=True)
    with qtbot.waitSignal(bridge.activityAdded):
        desk.loop.tell(
            StatusChanged(offline),
            FirstSyncProgress(1, 2, 3.0, None, {}),
            OutboxChanged(),
            ProofDone(proof),
            ManifestChanged(),
            TransferProgress("a", "n", False, 1, 2, 3.0, "running"),
            ActivityAdded(),
        )
    assert {name for name, _ in seen} == {"status", "progress", "outbox", "proof", "manifest", "transfer"}
    assert all(on_main for _, on_main in seen)
    assert bridge.status is offline
    assert (bridge.online, bridge.offline_by_choice) == (False, True)
    assert bridge.last_proof is proof
    assert bridge.first_progress is not None
    assert list(bridge.transfers) == ["a"]


def test_a_burst_of_changes_is_told_once(desk: Desk, qtbot: QtBot) -> None:
    told: list[RecordsChanged] = []
    desk.bridge.recordsChanged.connect(told.append)
    with qtbot.waitSignal(desk.bridge.recordsChanged):
        desk.loop.tell(
            *(RecordsChanged(frozenset({"lead"}), frozenset({f"gid-{n}"})) for n in range(50)),
            RecordsChanged(frozenset({"order"}), frozenset({"gid-x"})),
        )
    (change,) = told
    assert change.entities == {"lead", "order"}
    assert change.gids is not None
    assert len(change.gids) == 51
    with qtbot.waitSignal(desk.bridge.recordsChanged):
        desk.loop.tell(
            RecordsChanged(frozenset({"lead"}), None), RecordsChanged(frozenset(), frozenset({"a"}))
        )
    assert told[-1].gids is None


def test_what_is_entered_is_sent_and_shown_at_once(desk: Desk, qtbot: QtBot) -> None:
    deal = desk.world.deal()
    with qtbot.waitSignals([desk.bridge.recordsChanged, desk.bridge.outboxChanged]):
        desk.world.portal.intents.edit(deal, {"next_steps": "Call"})
    assert ("wake", Wake.ENQUEUE) in desk.loop.asked


def test_wishes_reach_the_engine(desk: Desk) -> None:
    bridge = desk.bridge
    bridge.start()
    bridge.start()
    bridge.wake()
    bridge.set_offline(True)
    bridge.pause_first_sync(True)
    bridge.verify()
    bridge.verify()
    assert desk.loop.asked == [
        ("start",),
        ("wake", Wake.USER),
        ("offline", True),
        ("paused", True),
        ("verify", True),
    ]
    assert (bridge.paused, bridge.verifying) == (True, True)
    bridge.stop()
    assert desk.loop.asked[-1] == ("stop",)


def test_a_new_manifest_is_there_before_it_is_told(desk: Desk, qtbot: QtBot) -> None:
    import json

    changed = desk.world.portal.manifest.model_dump(mode="json")
    changed["brand"]["vendor"] = "Nordvik"
    desk.world.store.cursors.save_manifest(json.dumps(changed), "etag-2")
    vendors: list[str] = []
    desk.bridge.manifestChanged.connect(lambda: vendors.append(desk.world.portal.vendor))
    with qtbot.waitSignal(desk.bridge.manifestChanged):
        desk.loop.tell(ManifestChanged())
    assert vendors == ["Nordvik"]


def test_a_task_runs_elsewhere_and_ends_here(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "survey.txt"
    path.write_text("Three offices.")
    request = desk.world.request()
    threads: list[int] = []
    names: list[str] = []

    def work(portal: Portal) -> str:
        threads.append(threading.get_ident())
        assert portal is not desk.world.portal
        return portal.drafts.add_to_unfinished(request, path).name

    desk.bridge.tasks.run(work, names.append)
    qtbot.waitUntil(lambda: bool(names))
    assert names == ["survey.txt"]
    assert threads != [threading.get_ident()]
    assert [blob.name for blob in desk.world.store.blobs.all()] == ["survey.txt"]


def test_a_task_that_is_refused_says_so_where_it_was_asked(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    refused: list[str] = []
    desk.bridge.tasks.run(
        lambda portal: portal.drafts.add_to_unfinished("", tmp_path),
        None,
        lambda error: refused.append(error.cause),
    )
    qtbot.waitUntil(lambda: bool(refused))
    assert "is not a file" in refused[0]
    with qtbot.waitSignal(desk.bridge.failed) as told:
        desk.bridge.tasks.run(lambda portal: portal.drafts.add_to_unfinished("", tmp_path))
    assert isinstance(told.args[0], Refused)


def test_a_bug_in_a_task_is_seen(desk: Desk, qtbot: QtBot) -> None:
    from pytestqt.exceptions import capture_exceptions

    with capture_exceptions() as caught:
        desk.bridge.tasks.run(lambda _: 1 // 0)
        qtbot.waitUntil(lambda: bool(caught))
    assert caught[0][0] is ZeroDivisionError


def test_a_cancelled_task_says_nothing(desk: Desk, qtbot: QtBot) -> None:
    gate = threading.Event()
    said: list[object] = []
    first = desk.bridge.tasks.run(lambda _: gate.wait(30), said.append)
    first.cancel()
    gate.set()
    done: list[str] = []
    for _ in range(2):
        desk.bridge.tasks.run(lambda _: "x", done.append)
    qtbot.waitUntil(lambda: len(done) == 2)
    assert said == []


def test_what_a_task_enters_is_told_too(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    request = desk.world.request()
    path = tmp_path / "survey.txt"
    path.write_text("Three offices.")
    with qtbot.waitSignal(desk.bridge.outboxChanged):
        desk.bridge.tasks.run(lambda portal: portal.intents.attach(request, path))
    assert len(desk.world.sent()) == 1


def test_a_pulled_document_becomes_findable(desk: Desk, qtbot: QtBot) -> None:
    import hashlib

    text = b"The zirconium clause."
    sha = hashlib.sha256(text).hexdigest()
    gid = desk.world.put("document", "d", title="Terms", sha256=sha, size=len(text), media_type="text/plain",
                         state="current")  # fmt: skip
    desk.world.portal.documents.pull(gid)
    desk.world.store.blobs.append(sha, 0, text)
    desk.world.store.blobs.finish(sha, AT)
    desk.loop.tell(TransferProgress(sha, "terms.txt", False, len(text), len(text), 1.0, "done"))
    qtbot.waitUntil(lambda: bool(desk.world.portal.search.query("zirconium")))
    assert dict(desk.bridge.transfers) == {}


def test_leaving_the_account_reads_the_text_of_no_further_document(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what one person left behind would be read while the next one works."""
    for name in ("one", "two", "three"):
        data = PRICES + name.encode()
        gid = document(desk.world, name, data)
        desk.world.portal.documents.pull(gid)
        arrive(desk.world, gid, data)
    begun, may_end = threading.Event(), threading.Event()
    read: list[int] = []

    def slowly(data: bytes) -> str:
        read.append(len(data))
        begun.set()
        assert may_end.wait(10)
        return "text"

    monkeypatch.setattr(documents, "text_of", slowly)
    monkeypatch.setattr(desk.loop, "stop", may_end.set)
    desk.bridge.start()
    assert begun.wait(10)
    desk.bridge.stop()
    assert len(read) == 1


def test_what_waits_when_the_account_is_left_is_not_begun_before_it_ends(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that waits to be drawn would start a reader anew, and the window wait for it."""
    may_end, begun = threading.Event(), threading.Semaphore(0)
    waiting: list[str] = []

    def hold(_portal: Portal) -> None:
        begun.release()
        assert may_end.wait(10)

    for _ in range(2):
        desk.bridge.tasks.run(hold)
    for _ in range(2):
        assert begun.acquire(timeout=10)
    for _ in range(3):
        desk.bridge.tasks.run(lambda _: waiting.append("begun"))

    def ended() -> None:
        may_end.set()
        time.sleep(0.2)  # in which the workers would take what waits

    monkeypatch.setattr(engine, "end_reader", ended)
    desk.bridge.stop()
    assert waiting == []
    assert not any(thread.is_alive() for thread in desk.bridge.tasks._threads)


def test_text_that_nothing_is_there_to_read_troubles_nobody(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked for another time; whoever opens a document is told."""
    gid = document(desk.world)
    desk.world.portal.documents.pull(gid)
    sha256 = arrive(desk.world, gid)
    end_reader()
    monkeypatch.setattr(pdf, "_command", lambda: ["/no/such/program"])
    failures: list[object] = []
    desk.bridge.tasks.failed.connect(failures.append)
    desk.loop.tell(TransferProgress(sha256, "prices.pdf", False, 10, 10, 1.0, "done"))
    qtbot.waitUntil(lambda: desk.world.store.settings.get(f"text.tried.{sha256}") == 0)
    done: list[str] = []
    for _ in range(4):
        desk.bridge.tasks.run(lambda _: "x", done.append)
    qtbot.waitUntil(lambda: len(done) == 4)
    assert failures == []
    with qtbot.waitSignal(desk.bridge.tasks.failed):
        desk.bridge.tasks.run(lambda _: pdf.text_of(PRICES))


def test_signing_in_again(desk: Desk, qtbot: QtBot) -> None:
    said: list[str] = []
    desk.bridge.signInChanged.connect(said.append)
    desk.bridge.sign_in()
    desk.bridge.sign_in()
    assert said == ["waiting"]
    desk.attempt.answered.set()
    qtbot.waitUntil(lambda: said == ["waiting", ""])
    assert desk.loop.asked[-1] == ("wake", Wake.SIGNED_IN)


def test_a_sign_in_that_fails_or_is_given_up(desk: Desk, qtbot: QtBot) -> None:
    said: list[str] = []
    desk.bridge.signInChanged.connect(said.append)
    desk.attempt.error = Refused("You signed in as Tomasz.", kept="Nothing was mixed up.")
    desk.attempt.answered.set()
    desk.bridge.sign_in()
    qtbot.waitUntil(lambda: said == ["waiting", "You signed in as Tomasz. Nothing was mixed up."])
    desk.attempt = FakeAttempt()
    desk.bridge.sign_in()
    desk.bridge.cancel_sign_in()
    assert desk.attempt.cancelled
    assert said[2:] == ["waiting", ""]
    assert ("wake", Wake.SIGNED_IN) not in desk.loop.asked


def test_nothing_runs_after_the_end(desk: Desk, qtbot: QtBot) -> None:
    done: list[int] = []
    desk.bridge.tasks.run(lambda _: 1, done.append)
    qtbot.waitUntil(lambda: bool(done))
    desk.bridge.stop()
    desk.bridge.tasks.run(lambda _: 2, done.append)
    desk.bridge.stop()
    assert done == [1]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("task-")]


def test_an_order_to_wipe_is_told_and_nothing_after_the_end(desk: Desk, qtbot: QtBot) -> None:
    heard: list[object] = []
    desk.bridge.wipeWanted.connect(heard.append)
    desk.bridge.statusChanged.connect(heard.append)
    desk.loop.emit(WipeWanted("order-1"))
    qtbot.waitUntil(lambda: heard == ["order-1"])
    now = desk.world.clock.now()
    desk.loop.emit(StatusChanged(Status(Mode.SIGN_IN, None, now)))
    desk.bridge.stop()
    QApplication.processEvents()
    assert heard == ["order-1"], "its store may be closed by now"
