"""The engine as the window sees it: its threads behind one object, its events as signals on the main thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Protocol, assert_never

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.bridge.checkup import Checkup
from app.bridge.errand import Errand
from app.bridge.tasks import Tasks
from app.contract.errors import CounterpartError, NoReader, WipeOrdered
from app.services.colleagues import NobodyThere, Staff
from app.services.pdf import end_reader
from app.services.portal import Portal
from app.sync.events import (
    ActivityAdded,
    Event,
    FirstSyncProgress,
    ManifestChanged,
    Mode,
    OutboxChanged,
    Proof,
    ProofDone,
    ReceiptArrived,
    RecordsChanged,
    Status,
    StatusChanged,
    TransferProgress,
    WipeWanted,
)
from app.sync.wakes import Wake

#: Changes within this time are told as one, so that a running sync does not make lists jump.
COALESCE_MS = 100
#: While everything arrives for the first time, lists fill in calmly.
FIRST_COALESCE_MS = 500

_OVER = ("done", "failed", "cancelled")


class Loop(Protocol):
    """The engine's threads, as `app.sync.loop.SyncLoop` has them."""

    def start(self) -> None: ...

    def wake(self, reason: Wake = ...) -> None: ...

    def set_offline(self, offline: bool) -> None: ...

    def set_paused(self, paused: bool) -> None: ...

    def believe(self) -> None: ...

    def verify(self, rehash: bool) -> None: ...

    def fetch_receipt(self, mutation_id: str) -> None: ...

    def stop(self, timeout: float = ...) -> bool: ...


class Attempt(Protocol):
    """One sign-in under way."""

    @property
    def address(self) -> str: ...

    def run(self) -> None: ...

    def cancel(self) -> None: ...


class Bridge(QObject):
    """Starts and stops the engine, passes wishes on to it and its events on to the views.

    All signals come on the main thread. `status` is always there, the latest one told.
    """

    statusChanged = Signal(object)
    """A Status."""
    progress = Signal(object)
    """A FirstSyncProgress."""
    recordsChanged = Signal(object)
    """A RecordsChanged; several close together are one. `gids` None: too many to name."""
    outboxChanged = Signal()
    """Outbox, drafts or conflicts changed."""
    stopping = Signal()
    """This account is about to be left: long work ends at its next step."""
    transfer = Signal(object)
    """A TransferProgress."""
    proofDone = Signal(object)
    """A Proof."""
    receiptArrived = Signal(object)
    """A ReceiptArrived: the receipt that was asked for is here, or why it is not."""
    manifestChanged = Signal()
    """Manifest or user differ; `portal.manifest` and `portal.me` are the new ones already."""
    activityAdded = Signal()
    """The activity list has new lines."""
    wipeWanted = Signal(str)
    """The order to destroy everything of this account; whoever hears it stops this bridge first."""
    failed = Signal(object)
    """A CounterpartError of work in the background, for a toast."""
    signInChanged = Signal(str)
    """"waiting" while the browser is open, "" when it went well, else what to tell the user."""

    _arrived = Signal(object)
    _entered = Signal()

    def __init__(
        self,
        portal: Portal,
        make_loop: Callable[[Callable[[Event], None]], Loop],
        open_portal: Callable[[Callable[[], None]], Portal],
        begin_sign_in: Callable[[], Attempt],
        parent: QObject | None = None,
        *,
        staff: Staff | None = None,
        checkup: Checkup | None = None,
    ) -> None:
        """`open_portal` opens a further portal for a thread of its own, given what it calls after each change.

        `staff`: the gateway's side of colleagues and devices, to be asked by a task. `checkup`: looks at this computer.
        """
        super().__init__(parent)
        self.staff: Staff = staff or NobodyThere()
        self.checkup = checkup or Checkup(parent=self)
        self._portal = portal
        self._begin_sign_in = begin_sign_in
        self._arrived.connect(self._on_event, Qt.ConnectionType.QueuedConnection)
        self._entered.connect(self._on_entered, Qt.ConnectionType.QueuedConnection)
        self._loop = make_loop(self._arrived.emit)
        self.tasks = Tasks(lambda: open_portal(self._entered.emit), parent=self)
        self.tasks.failed.connect(self.failed)
        # One thread for what the screen waits for: it keeps long lists in memory, and nothing long goes before them.
        self.reader = Tasks(lambda: open_portal(self._entered.emit), workers=1, parent=self)
        self.reader.failed.connect(self.failed)
        portal.notify(self._entered.emit)
        self._status = _unknown(portal)
        self._running = False
        self._over = False
        self._paused = False
        self._verifying = False
        self._progress: FirstSyncProgress | None = None
        self._proof: Proof | None = portal.last_proof
        self._transfers: dict[str, TransferProgress] = {}
        self._attempt: tuple[Errand, Attempt] | None = None
        self._records: RecordsChanged | None = None
        self._outbox = False
        self._activity = False
        self._progressed = False
        self._arriving = False
        self._told = QTimer(self)
        self._told.setSingleShot(True)
        self._told.timeout.connect(self._tell)

    # -- running ------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Start the engine's threads."""
        if not self._running:
            self._running = True
            self._loop.start()
            self.tasks.run(
                lambda portal: portal.documents.index_missing(lambda: self._over), failed=self._on_text_failed
            )

    def stop(self) -> None:
        """Stop everything and wait for it; what is under way is sent again next time. Nothing is told after that."""
        if not self._over:
            self.stopping.emit()
        self._over = True
        self.cancel_sign_in()
        self._told.stop()
        if self._running:
            self._running = False
            self._loop.stop()
        self.checkup.stop()
        self.tasks.drop()
        end_reader()  # a page that is being drawn is not waited for
        self.tasks.stop()
        self.reader.stop()
        end_reader()  # and of what was asked meanwhile nothing stays in memory

    # -- wishes -------------------------------------------------------------------------------------------
    def wake(self) -> None:
        """Send what waits and look for news now."""
        self._loop.wake(Wake.USER)

    def set_offline(self, offline: bool) -> None:
        """The user's switch: stay away from the network, or come back."""
        self._loop.set_offline(offline)

    def pause_first_sync(self, paused: bool) -> None:
        """Hold the first sync, or let it go on from where it is."""
        self._paused = paused
        self._loop.set_paused(paused)

    def believe(self) -> None:
        """Remove the records that the gateway no longer shows, without waiting for a second look."""
        self._loop.believe()

    def verify(self, rehash: bool = True) -> None:
        """Prove that both sides are equal; `proofDone` brings what was found."""
        if not self._verifying:
            self._verifying = True
            self._loop.verify(rehash)

    def fetch_receipt(self, mutation_id: str) -> None:
        """Fetch signed evidence; `receiptArrived` tells how that went."""
        self._loop.fetch_receipt(mutation_id)

    def sign_in(self) -> None:
        """Sign in again in the browser; `signInChanged` tells how it goes."""
        if self._attempt is not None:
            return
        attempt = self._begin_sign_in()
        errand = Errand(attempt.run, self._signed_in, self._not_signed_in, owner=self)
        self._attempt = (errand, attempt)
        self.signInChanged.emit("waiting")
        errand.start()

    def cancel_sign_in(self) -> None:
        """Stop waiting for the browser."""
        if self._attempt is not None:
            errand, attempt = self._attempt
            self._attempt = None
            errand.abandon()
            attempt.cancel()
            errand.wait(2.0)
            self.signInChanged.emit("")

    def _signed_in(self, _: object) -> None:
        self._attempt = None
        self._loop.wake(Wake.SIGNED_IN)
        self.signInChanged.emit("")

    def _not_signed_in(self, error: CounterpartError) -> None:
        self._attempt = None
        if isinstance(error, WipeOrdered):
            self.signInChanged.emit("")
            self.wipeWanted.emit(error.order)
        else:
            self.signInChanged.emit(self._portal.formats.tr.told(error))

    # -- state --------------------------------------------------------------------------------------------
    @property
    def status(self) -> Status:
        """How the client stands."""
        return self._status

    @property
    def online(self) -> bool:
        """Whether what is entered now is sent at once; a button says "waits to send" otherwise."""
        return self._status.mode in (Mode.LIVE, Mode.SYNCING, Mode.FIRST_SYNC) and not self._status.cause

    @property
    def offline_by_choice(self) -> bool:
        """Whether the user's switch is on."""
        return self._status.mode is Mode.OFFLINE and self._status.by_choice

    @property
    def first_progress(self) -> FirstSyncProgress | None:
        """The latest progress of a first sync."""
        return self._progress

    @property
    def paused(self) -> bool:
        """Whether the first sync is held."""
        return self._paused

    @property
    def verifying(self) -> bool:
        """Whether a proof is under way."""
        return self._verifying

    @property
    def last_proof(self) -> Proof | None:
        """The latest proof, also of an earlier run."""
        return self._proof

    @property
    def transfers(self) -> Mapping[str, TransferProgress]:
        """What moves now, by SHA-256."""
        return MappingProxyType(self._transfers)

    # -- events -------------------------------------------------------------------------------------------
    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if self._over:
            return  # it was on its way; whoever would hear it may have closed its store
        match event:
            case StatusChanged():
                off, self._status = self._status.clock_off, event.status
                if off != event.status.clock_off:
                    self._portal.reckon()
                    self._tell_reader(lambda portal: portal.reckon())
                self.statusChanged.emit(event.status)
                self._on_mode(event.status.mode)
            case FirstSyncProgress():
                self._on_progress(event)
            case RecordsChanged():
                self._records = _joined(self._records, event)
                self._soon()
            case OutboxChanged():
                self._outbox = True
                self._soon()
            case TransferProgress():
                self._on_transfer(event)
            case ProofDone():
                self._verifying = False
                self._proof = event.proof
                self.proofDone.emit(event.proof)
            case ReceiptArrived():
                self.receiptArrived.emit(event)
            case WipeWanted():
                self.wipeWanted.emit(event.order)
            case ManifestChanged():
                self._portal.reload()
                self._tell_reader(lambda portal: portal.reload())
                self.manifestChanged.emit()
            case ActivityAdded():
                self._activity = True
                self._soon()
            case _:
                assert_never(event)

    def _on_mode(self, mode: Mode) -> None:
        """Lists stay in the order of arrival until all is here and indexed; the first time live is when that is."""
        if mode is Mode.FIRST_SYNC:
            self._arriving = True
        elif mode is Mode.LIVE and self._arriving:
            self._arriving = False
            self._records = RecordsChanged(self._everything(), None)
            self._soon()

    def _everything(self) -> frozenset[str]:
        return frozenset(entity.name for entity in self._portal.manifest.entities)

    def _on_progress(self, event: FirstSyncProgress) -> None:
        """The first of several close together is told at once, the last one when the time is over."""
        self._progress = event
        if self._told.isActive():
            self._progressed = True
        else:
            self.progress.emit(event)
            self._soon()

    def _on_transfer(self, event: TransferProgress) -> None:
        if event.state in _OVER:
            self._transfers.pop(event.sha256, None)
        else:
            self._transfers[event.sha256] = event
        self.transfer.emit(event)
        if event.state == "done" and not event.upload:
            sha256 = event.sha256
            self.tasks.run(lambda portal: portal.documents.index_text(sha256), failed=self._on_text_failed)

    def _on_text_failed(self, error: CounterpartError) -> None:
        """Nobody asked for it: that no reader is there is told to whoever opens a document."""
        if not isinstance(error, NoReader):
            self.tasks.failed.emit(error)

    @Slot()
    def _on_entered(self) -> None:
        """The user entered something: send it, and let every page that shows it look again."""
        if self._over:
            return
        self._loop.wake(Wake.ENQUEUE)
        self._take_records()
        self._tell_reader(lambda portal: portal.lists.note_own())
        self._outbox = True
        self._spread(RecordsChanged(self._everything(), None))

    def _soon(self) -> None:
        if not self._told.isActive():
            first = self._status.mode is Mode.FIRST_SYNC
            self._told.start(FIRST_COALESCE_MS if first else COALESCE_MS)

    def _tell_reader(self, news: Callable[[Portal], None]) -> None:
        """Let the reader know before anybody asks it again. One that was never asked remembers nothing."""
        if self.reader.started:
            self.reader.run(news)

    def _take_records(self) -> RecordsChanged | None:
        """Take what the engine said about records, after the reader has been told."""
        taken, self._records = self._records, None
        if taken is not None:
            entities, gids = taken.entities, taken.gids
            self._tell_reader(lambda portal: portal.lists.note(entities, gids))
        return taken

    @Slot()
    def _tell(self) -> None:
        self._spread(self._take_records())

    def _spread(self, records: RecordsChanged | None) -> None:
        self._told.stop()
        progressed, self._progressed = self._progressed, False
        outbox, self._outbox = self._outbox, False
        activity, self._activity = self._activity, False
        if progressed and self._progress is not None:
            self.progress.emit(self._progress)
        if records is not None:
            self.recordsChanged.emit(records)
        if outbox:
            self.outboxChanged.emit()
        if activity:
            self.activityAdded.emit()


def _joined(one: RecordsChanged | None, two: RecordsChanged) -> RecordsChanged:
    if one is None:
        return two
    gids = None if one.gids is None or two.gids is None else one.gids | two.gids
    return RecordsChanged(one.entities | two.entities, gids)


def _unknown(portal: Portal) -> Status:
    """How it stands before the engine has said anything: what the last run left."""
    as_of: datetime | None = portal.as_of
    mode = Mode.SYNCING if portal.complete else Mode.FIRST_SYNC
    return Status(mode=mode, as_of=as_of, since=portal.now(), sources=portal.sources)
