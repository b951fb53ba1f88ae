"""One cycle of the engine: push what is ready, pull to the head, verify when due, tell what changed.

No threads, no Qt, no sleeping: `loop` runs it on a thread, the command line and the simulation call it themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from app.contract.errors import (
    BadAnswer,
    CounterpartError,
    HostileAnswer,
    RetryableError,
    SignInNeeded,
    StoreDamaged,
    Unreachable,
    WipeOrdered,
)
from app.contract.said import said
from app.store.database import Store
from app.store.faults import GaveWay
from app.sync.clashes import Clashes
from app.sync.clock import Clock, Rng
from app.sync.comparing import Comparing
from app.sync.events import (
    ActivityAdded,
    Event,
    ManifestChanged,
    Mode,
    OutboxChanged,
    Proof,
    ProofDone,
    RecordsChanged,
    Status,
    WipeWanted,
)
from app.sync.failpoints import SyncPoint
from app.sync.pull import Pull
from app.sync.push import Push, Sent
from app.sync.receipts import Receipts
from app.sync.retry import Failures
from app.sync.rot import check_documents
from app.sync.scrubbing import Scrubbing
from app.sync.settings import EngineSettings
from app.sync.snapshot import GRANT_KEY
from app.sync.standing import Standing
from app.sync.transport import TellsTime, Transport
from app.sync.verify import Verify
from app.sync.wakes import Wake
from app.sync.words import Line

__all__ = ["FAR", "Engine", "Wake"]

#: Nothing wakes a client that is offline by choice or signed out but the user.
FAR = 24 * 3600.0

#: A comparison that found both sides moving is tried so often before it is left for later.
_COMPARISONS = 3

#: Seconds until an index that had to give way is tried again.
_INDEX_AGAIN = 2.0

_OFFLINE_KEY = "engine.offline"


#: Reasons to think that what failed before works again.
_IMPATIENT = frozenset({Wake.USER, Wake.RECONNECT, Wake.ONLINE, Wake.START, Wake.SIGNED_IN, Wake.UPLOADED})

#: Reasons that mean that a person is at work.
_AT_WORK = frozenset({Wake.ENQUEUE, Wake.USER, Wake.ONLINE, Wake.SIGNED_IN})


class Engine:
    """Keeps one store coherent with one gateway."""

    def __init__(
        self,
        store: Store,
        transport: Transport,
        clock: Clock,
        rng: Rng,
        emit: Callable[[Event], None],
        *,
        settings: EngineSettings | None = None,
        keep_going: Callable[[], bool] = lambda: True,
        undisturbed: Callable[[], bool] = lambda: True,
    ) -> None:
        """`keep_going` is asked between pages and batches; False ends the cycle early, nothing is lost by that.

        `undisturbed` is asked while every stored byte is hashed by itself; False breaks that off for a while.
        """
        self._store = store
        self._transport = transport
        self._clock = clock
        self._rng = rng
        self._emit = emit
        self._settings = settings or EngineSettings()
        self._keep_going = keep_going
        self._undisturbed = undisturbed
        self._failures = Failures(self._settings.backoff)
        self._standing = Standing(store, clock, emit, lambda: ahead_of(transport))
        self._pull = Pull(store, transport, clock, emit, self._settings)
        self._push = Push(store, transport, clock, rng, self._settings, self._sent)
        self._verify = Verify(store, transport, clock)
        self._comparing = Comparing(store, self._verify, clock, rng, self._settings)
        self._scrubbing = Scrubbing(store, clock, self._settings, self._standing.note)
        self._receipts = Receipts(store, transport, clock, emit)
        self._clashes = Clashes(store, transport, clock, self._settings)
        self._by_choice = bool(store.settings.get(_OFFLINE_KEY))
        self._paused = False
        self._signed_out = False
        self._refused_at = 0.0
        self._listening = False
        self._greeted: float | None = None
        self._tidied: float | None = None
        self._recovered = False
        if self._by_choice:
            self._standing.offline_by_choice()

    @property
    def status(self) -> Status:
        """How the client stands."""
        return self._standing.status

    @property
    def online(self) -> bool:
        """Whether the network may be used now."""
        return not self._by_choice and not self._signed_out

    # -- wishes -------------------------------------------------------------------------------------------
    def set_offline(self, offline: bool) -> None:
        """The user's switch; it holds until it is switched back, over restarts too. Raises LocalError kinds."""
        if offline == self._by_choice:
            return
        self._store.settings.put(_OFFLINE_KEY, offline)
        self._by_choice = offline
        self._standing.note(
            Line("offline", said("Offline, as you chose"))
            if offline
            else Line("online", said("Online again"))
        )
        if offline:
            self._standing.offline_by_choice()
        else:
            self._failures.succeeded()
            self._standing.online_by_choice()

    def set_paused(self, paused: bool) -> None:
        """Hold a first sync, or let it go on from where it is."""
        self._paused = paused

    def set_listening(self, listening: bool) -> None:
        """Say whether the event channel stands; without it the gateway is asked more often."""
        self._listening = listening

    def believe(self) -> None:
        """A person agrees that what the gateway no longer shows is removed; the next cycle does it."""
        self._pull.believe()
        self._failures.succeeded()

    def signed_in_again(self) -> None:
        """A person has signed in: everything entered meanwhile goes."""
        self._signed_out = False
        self._greeted = None
        self._failures.succeeded()

    def fetch_receipt(self, mutation_id: str) -> None:
        """Fetch signed evidence; an event tells how that went. Raises StoreDamaged and bugs, nothing else."""
        self._receipts.fetch(mutation_id, online=self.online)

    # -- one cycle ----------------------------------------------------------------------------------------
    def cycle(self, wake: Wake = Wake.TIMER) -> float:
        """Run once; return the seconds until the next cycle is wanted. Raises StoreDamaged and bugs, nothing else."""
        if wake in _AT_WORK:
            self._comparing.disturbed()
            self._scrubbing.disturbed()
        self._scrubbing.run()  # before anything else: no network is needed for it
        if self._by_choice:
            return FAR
        if wake in (Wake.SIGNED_IN, Wake.USER):
            self.signed_in_again() if wake is Wake.SIGNED_IN else self._look_again()
        if self._signed_out:
            if self._clock.monotonic() - self._refused_at < self._settings.signed_out:
                return FAR
            self._look_again()
        wait = self._failures.remaining(self._clock.monotonic(), impatient=wake in _IMPATIENT)
        if wait > 0:
            return wait
        try:
            head = self._exchange()
            if head:
                self._standing.live()
                self._tidy()
                self._verify_nightly()
            self._failures.succeeded()
        except StoreDamaged:
            raise
        except CounterpartError as error:
            return self._failed(error)
        if head:
            return self._next_wait()
        return 0.0 if self._may_go_on() else self._settings.poll

    def verify(self, rehash: bool) -> Proof:
        """Bring both sides to rest, compare them and mend what differs; errors are told in the proof and the status.

        Raises StoreDamaged and bugs, nothing else.
        """
        self.cycle(Wake.USER)
        proof = self._unproven(rehash, self._why_not())
        try:
            for _ in range(_COMPARISONS if not proof.note else 0):
                proof = self._verify.run(rehash)
                if not proof.inconclusive or not self._exchange():
                    break
        except StoreDamaged:
            raise
        except CounterpartError as error:
            self._failed(error)
            proof = self._unproven(rehash, error.cause)
        self._proven(proof)
        if self.status.mode is Mode.LIVE:
            self._standing.live()
        return proof

    def _why_not(self) -> str:
        """Why nothing can be compared now, empty when it can."""
        status = self.status
        if status.mode in (Mode.LIVE, Mode.SYNCING) and not status.cause:
            return ""
        if status.mode is Mode.FIRST_SYNC and not status.cause:
            return "The records have not all arrived yet, so there is nothing to compare."
        return f"Nothing was compared. {status.cause or 'You are offline.'}"

    def _unproven(self, rehash: bool, note: str) -> Proof:
        return Proof(self._clock.now(), 0.0, False, True, rehash, (), 0, (), note)

    def _proven(self, proof: Proof) -> None:
        self._comparing.compared(proof)
        if proof.repaired:
            self._emit(RecordsChanged(frozenset(entity.entity for entity in proof.entities), None))
        self._emit(ProofDone(proof))
        self._emit(ActivityAdded())

    # -- the exchange -------------------------------------------------------------------------------------
    def _exchange(self) -> bool:
        """Push, greet, pull, push what the pull set free. Returns whether the head was reached.

        An answer to the push that cannot be used does not keep news from coming in; it is raised afterwards.
        """
        if not self._recovered:
            # What was on its way when the last process ended is sent again; its id makes that harmless.
            self._store.outbox.release_sending()
            self._recovered = True
            self._store.failpoints.reached(SyncPoint.RECOVERED)
        self._greet_when_due()
        trouble = self._send_or_trouble() if self._store.cursors.read().complete else None
        if not self._may_go_on():
            return False
        pulled = self._pull.run(self._may_go_on, self._between_pages)
        if self._pull.grant and self._pull.grant != self._store.settings.get(GRANT_KEY):
            self._greeted = None  # should it fail, the next cycle begins with it
            self._greet()
        if pulled.changed:
            self._emit(ActivityAdded())
        if not pulled.head:
            return False
        self._index_when_due()
        if trouble is not None:
            raise trouble
        self._send()
        self._verify_when_due()
        return self._store.cursors.read().cursor is not None

    def _may_go_on(self) -> bool:
        paused = self._paused and not self._store.cursors.read().complete
        return self._keep_going() and not self._by_choice and not paused

    def _between_pages(self) -> None:
        self._standing.busy()
        self._send()

    def _send_or_trouble(self) -> CounterpartError | None:
        try:
            self._send()
        except Unreachable:
            raise
        except (RetryableError, HostileAnswer) as error:
            if isinstance(error, RetryableError) and error.retry_after is not None:
                raise
            return error
        return None

    def _send(self) -> None:
        before = self._store.cursors.read().epoch
        try:
            self._push.run(self._keep_going)
        finally:
            if self._push.epoch and before is not None and self._push.epoch != before:
                self._pull.start_over()

    def _sent(self, sent: Sent) -> None:
        self._emit(OutboxChanged())
        if sent.settled:
            self._emit(RecordsChanged(sent.entities, sent.gids))
            self._emit(ActivityAdded())
        else:
            self._standing.busy()

    def _greet_when_due(self) -> None:
        now = self._clock.monotonic()
        if self._greeted is None or now - self._greeted >= self._settings.greet:
            self._greet()

    def _greet(self) -> None:
        """Read who is signed in and the manifest that holds for them."""
        me = self._transport.me()
        answer = self._transport.manifest(self._store.cursors.manifest_etag())
        before = self._store.cursors.me()
        with self._store.transaction():
            self._store.cursors.save_me(me)
            if answer.text is not None:
                self._adopt(answer.text, answer.etag)
            if self._pull.grant:
                self._store.settings.put(GRANT_KEY, self._pull.grant)
        self._receipts.meet(me.receipt_key)
        self._greeted = self._clock.monotonic()
        if answer.text is not None:
            self._clashes.again()
            self._index_when_due()
        # Another role may come with the very same manifest, and still with other places and words. What names the
        # grant alone changes with every right somebody is given, and shows in the records.
        same = before is not None and before.model_copy(update={"grant": me.grant}) == me
        if answer.text is not None or not same:
            self._emit(ManifestChanged())

    def _adopt(self, text: str, etag: str) -> None:
        try:
            self._store.adopt_manifest(text, etag)
        except (ValueError, RecursionError) as error:
            raise BadAnswer("The portal's manifest could not be read, so the one before stays.") from error

    def _index_when_due(self) -> None:
        """Make what lists and search need, in slices; what a stop leaves undone is made next time."""
        try:
            while self._store.make_index():
                if not self._keep_going():
                    return
        except GaveWay:
            return  # somebody keeps saving; it is made with one of the next cycles

    def _verify_when_due(self) -> None:
        """Compare now and then by itself; what stands in the way of it is no trouble of the records."""
        try:
            proof = self._comparing.hourly()
        except Unreachable:
            raise
        except RetryableError:
            self._comparing.put_off()
            return
        if proof is not None and not proof.inconclusive:
            self._proven(proof)

    def _verify_nightly(self) -> None:
        def undisturbed() -> bool:
            return self._undisturbed() and self._keep_going()

        proof = self._comparing.nightly(undisturbed)
        if proof is not None and not proof.inconclusive:
            check_documents(self._store, self._clock.now(), undisturbed)
            self._proven(proof)
            self._standing.live()

    # -- afterwards ---------------------------------------------------------------------------------------
    def _tidy(self) -> None:
        self._scrubbing.run()
        with suppress(GaveWay):
            self._store.search.join_parts()
        self._receipts.fetch_missing()
        self._clashes.fetch_when_due()
        now = self._clock.monotonic()
        if self._tidied is not None and now - self._tidied < self._settings.tidy:
            return
        self._tidied = now
        before = self._clock.now() - timedelta(days=self._settings.keep_days)
        self._store.outbox.purge_history(before)
        self._store.activity.purge(before)

    def _next_wait(self) -> float:
        """Seconds until a deferred mutation comes due, a poll, or sooner when there is something left to be done."""
        poll = self._settings.poll_live if self._listening else self._settings.poll
        poll = min(poll, self._scrubbing.wait())
        if self._store.cursors.index_due:
            poll = min(poll, _INDEX_AGAIN)
        poll = min(poll, max(_INDEX_AGAIN, self._comparing.wait()))
        now = self._clock.now()
        due = [item.due_at for item in self._store.outbox.open_items() if item.due_at is not None]
        return min([poll, *((at - now).total_seconds() for at in due if at > now)])

    def _look_again(self) -> None:
        self._signed_out = False

    def _failed(self, error: CounterpartError) -> float:
        self._emit(OutboxChanged())
        if isinstance(error, Unreachable) and not self._keep_going():
            return self._settings.poll  # it was cut from this side; what cut it says what comes next
        if isinstance(error, WipeOrdered):
            # Told first: whoever hears it closes this store, and has no use for how it stood.
            self._emit(WipeWanted(error.order))
        self._standing.failed(error)
        if isinstance(error, SignInNeeded):
            self._signed_out = True
            self._refused_at = self._clock.monotonic()
            return FAR
        retry_after = error.retry_after if isinstance(error, RetryableError) else None
        return self._failures.failed(self._clock.monotonic(), self._rng, retry_after)


def ahead_of(transport: Transport) -> timedelta | None:
    """How far this computer's clock is ahead of the gateway's; None from a transport that does not tell."""
    return transport.ahead if isinstance(transport, TellsTime) else None
