"""One cycle of the engine: push what is ready, pull to the head, verify when due, tell what changed.

No threads, no Qt, no sleeping: `loop` runs it on a thread, the command line and the simulation call it themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.contract.errors import (
    CounterpartError,
    LocalError,
    PermanentError,
    RetryableError,
    SignInNeeded,
    StoreDamaged,
)
from app.store.database import Store
from app.sync.clock import Clock, Rng
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
    StatusChanged,
)
from app.sync.pull import Pull
from app.sync.push import push
from app.sync.retry import Failures
from app.sync.settings import EngineSettings
from app.sync.transport import Transport
from app.sync.verify import Verify

#: Nothing wakes a client that is offline by choice or signed out but the user.
FAR = 24 * 3600.0

_OFFLINE_KEY = "engine.offline"
_GRANT_KEY = "engine.grant"


class Wake(StrEnum):
    """Why a cycle runs."""

    START = "start"
    ENQUEUE = "enqueue"
    POKE = "poke"
    TIMER = "timer"
    USER = "user"
    RECONNECT = "reconnect"
    ONLINE = "online"
    SIGNED_IN = "signed_in"
    UPLOADED = "uploaded"


_IMPATIENT = frozenset({Wake.USER, Wake.RECONNECT, Wake.ONLINE, Wake.START, Wake.SIGNED_IN, Wake.UPLOADED})


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
    ) -> None:
        self._store = store
        self._transport = transport
        self._clock = clock
        self._rng = rng
        self._emit = emit
        self._settings = settings or EngineSettings()
        self._keep_going = keep_going
        self._failures = Failures(self._settings.backoff)
        self._pull = Pull(store, transport, clock, emit, self._settings)
        self._by_choice = bool(store.settings.get(_OFFLINE_KEY))
        self._paused = False
        self._greeted = False
        self._signed_out = False
        self._verified: float | None = None
        checkpoint = store.cursors.read()
        mode = Mode.SYNCING if checkpoint.complete else Mode.FIRST_SYNC
        self._status = Status(mode, checkpoint.as_of, clock.now(), checkpoint.proven_at, checkpoint.sources)
        # What was on its way when the last process ended is sent again; its id makes that harmless.
        store.outbox.release_sending()
        if self._by_choice:
            self._stand(Mode.OFFLINE)

    @property
    def status(self) -> Status:
        """How the client stands."""
        return self._status

    @property
    def online(self) -> bool:
        """Whether the network may be used now."""
        return not self._by_choice and not self._signed_out

    # -- wishes -------------------------------------------------------------------------------------------
    def set_offline(self, offline: bool) -> None:
        """The user's switch; it holds until it is switched back, over restarts too."""
        if offline == self._by_choice:
            return
        self._by_choice = offline
        self._store.settings.put(_OFFLINE_KEY, offline)
        self._store.activity.add(
            self._clock.now(),
            "offline" if offline else "online",
            "Offline, as you chose" if offline else "Online again",
        )
        self._emit(ActivityAdded())
        if offline:
            self._stand(Mode.OFFLINE)
        else:
            self._failures.succeeded()
            self._stand(Mode.SYNCING if self._store.cursors.read().complete else Mode.FIRST_SYNC)

    def set_paused(self, paused: bool) -> None:
        """Hold a first sync, or let it go on from where it is."""
        self._paused = paused

    def signed_in_again(self) -> None:
        """A person has signed in: everything entered meanwhile goes."""
        self._signed_out = False
        self._greeted = False
        self._failures.succeeded()

    # -- one cycle ----------------------------------------------------------------------------------------
    def cycle(self, wake: Wake = Wake.TIMER) -> float:
        """Run once; return the seconds until the next cycle is wanted. Raises StoreDamaged and bugs, nothing else."""
        if self._by_choice:
            self._stand(Mode.OFFLINE)
            return FAR
        if wake is Wake.SIGNED_IN:
            self.signed_in_again()
        if self._signed_out:
            return FAR
        wait = self._failures.remaining(self._clock.monotonic(), impatient=wake in _IMPATIENT)
        if wait > 0:
            return wait
        try:
            head = self._exchange()
        except StoreDamaged:
            raise
        except CounterpartError as error:
            return self._failed(error)
        self._failures.succeeded()
        if head:
            self._back(wake)
            self._stand(Mode.LIVE)
            self._tidy()
        return self._next_wait()

    def verify(self, rehash: bool) -> Proof:
        """Bring both sides to rest, compare them and mend what differs. Never raises network errors: says them."""
        proof: Proof | None = None
        self.cycle(Wake.USER)
        try:
            if self.online:
                for _ in range(3):
                    proof = Verify(self._store, self._transport, self._clock).run(rehash)
                    if not proof.inconclusive:
                        break
                    self._exchange()
        except StoreDamaged:
            raise
        except CounterpartError as error:
            self._failed(error)
            proof = self._unproven(rehash, error.cause)
        proof = proof or self._unproven(rehash, "You are offline, so nothing was compared.")
        self._verified = self._clock.monotonic()
        if proof.repaired:
            self._emit(RecordsChanged(frozenset(entity.entity for entity in proof.entities), None))
        self._emit(ProofDone(proof))
        self._emit(ActivityAdded())
        if self._status.mode is Mode.LIVE:
            self._stand(Mode.LIVE)
        return proof

    def _unproven(self, rehash: bool, note: str) -> Proof:
        return Proof(self._clock.now(), 0.0, False, True, rehash, (), 0, (), note)

    def _exchange(self) -> bool:
        """Push, greet, pull, push what the pull set free. Returns whether the head was reached."""
        if not self._greeted:
            self._greet()
        if self._store.cursors.read().complete:
            self._send()
        elif self._paused:
            return False
        pulled = self._pull.run(self._may_go_on, self._send)
        if self._pull.grant and self._pull.grant != self._store.settings.get(_GRANT_KEY):
            self._greet()
            self._store.settings.put(_GRANT_KEY, self._pull.grant)
        if pulled.changed:
            self._emit(ActivityAdded())
        if not pulled.head:
            return False
        self._send()
        self._verify_when_due()
        return True

    def _may_go_on(self) -> bool:
        paused = self._paused and not self._store.cursors.read().complete
        return self._keep_going() and not self._by_choice and not paused

    def _greet(self) -> None:
        """Read who is signed in and the manifest that holds for them."""
        me = self._transport.me()
        answer = self._transport.manifest(self._store.cursors.manifest_etag())
        with self._store.transaction():
            self._store.cursors.save_me(me)
            if answer.text is not None:
                self._store.cursors.save_manifest(answer.text, answer.etag)
        self._greeted = True
        if answer.text is not None:
            self._emit(ManifestChanged())

    def _send(self) -> None:
        before = self._store.cursors.read().epoch
        pushed = push(self._store, self._transport, self._clock, self._keep_going)
        if pushed.epoch and before and pushed.epoch != before:
            self._pull.start_over()
        if pushed.settled:
            self._store.cursors.write(replace(self._store.cursors.read(), proven_at=None))
            self._emit(RecordsChanged(pushed.entities, pushed.gids))
            self._emit(OutboxChanged())
            self._emit(ActivityAdded())

    def _verify_when_due(self) -> None:
        now = self._clock.monotonic()
        proven = self._store.cursors.read().proven_at
        recent = proven is not None and self._clock.now() - proven < timedelta(seconds=self._settings.verify)
        if self._verified is not None:
            recent = now - self._verified < self._settings.verify
        if recent:
            return
        proof = Verify(self._store, self._transport, self._clock).run(rehash=False)
        if not proof.inconclusive:
            self._verified = now
            self._emit(ProofDone(proof))
            self._emit(ActivityAdded())

    def _tidy(self) -> None:
        if self._store.scrub_due:
            self._store.scrub()
        before = self._clock.now() - timedelta(days=self._settings.keep_days)
        self._store.outbox.purge_history(before)
        self._store.activity.purge(before)

    def _next_wait(self) -> float:
        now = self._clock.now()
        due = [item.due_at for item in self._store.outbox.open_items() if item.due_at is not None]
        soonest = min(((at - now).total_seconds() for at in due), default=self._settings.poll)
        return max(0.1, min(soonest, self._settings.poll))

    # -- status -------------------------------------------------------------------------------------------
    def _failed(self, error: CounterpartError) -> float:
        self._emit(OutboxChanged())
        match error:
            case SignInNeeded():
                self._signed_out = True
                self._stand(Mode.SIGN_IN, error)
                return FAR
            case RetryableError():
                wait = self._failures.failed(self._clock.monotonic(), self._rng, error.retry_after)
                complete = self._store.cursors.read().complete
                self._stand(Mode.OFFLINE if complete else Mode.FIRST_SYNC, error)
            case PermanentError() | LocalError():
                self._greeted = False
                wait = self._failures.failed(self._clock.monotonic(), self._rng)
                self._stand(Mode.PROBLEM, error)
            case _:
                raise error
        return wait

    def _back(self, wake: Wake) -> None:
        if self._status.mode is Mode.OFFLINE and wake is not Wake.ONLINE:
            gone = _duration(self._clock.now() - self._status.since)
            self._store.activity.add(self._clock.now(), "online", f"Back after {gone} offline")
            self._emit(ActivityAdded())

    def _stand(self, mode: Mode, error: CounterpartError | None = None) -> None:
        checkpoint = self._store.cursors.read()
        before = self._status
        since: datetime = before.since if before.mode is mode else self._clock.now()
        if mode is Mode.OFFLINE and before.mode is not Mode.OFFLINE and not self._by_choice:
            cause = error.cause if error else ""
            self._store.activity.add(self._clock.now(), "offline", f"Offline. {cause}".rstrip())
            self._emit(ActivityAdded())
        status = Status(
            mode=mode,
            as_of=checkpoint.as_of,
            since=since,
            proven_at=checkpoint.proven_at if mode is Mode.LIVE else None,
            sources=checkpoint.sources,
            cause=error.cause if error else "",
            kept=error.kept if error else "",
            next_step=error.next_step if error else "",
            by_choice=self._by_choice,
        )
        if status != before:
            self._status = status
            self._emit(StatusChanged(status))


def _duration(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours < 48 else f"{hours // 24} days"
