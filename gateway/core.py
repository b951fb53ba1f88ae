"""The gateway's synchronous core: what the HTTP shell calls with threads, and the simulation in one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.contract.changes import BucketPage, Company, DigestPage, Me, Source
from app.contract.manifest import Manifest
from app.contract.mutations import MAX_BATCH, PushAnswer, PushBody
from app.contract.narrowing import narrowed
from app.contract.receipts import Receipt
from gateway import history
from gateway.audit import Trail, tell_checkpoint
from gateway.blobs import BlobStore
from gateway.clashes import Clashes
from gateway.clock import Clock, Ids, Random
from gateway.crm.digests import forget_old_digests
from gateway.crm.port import Ref
from gateway.database import Database
from gateway.documents import Blob, Documents, Upload
from gateway.echoes import Echoes
from gateway.execute import Executor
from gateway.failpoints import Failpoints
from gateway.feed.cursor import Signer
from gateway.feed.pokes import Listener, Listening, Pokes
from gateway.feed.relay import Heard
from gateway.feed.store import FeedStore
from gateway.grants import Grant, Grants, Views
from gateway.ground import Ground
from gateway.identity.identity import Identity
from gateway.identity.options import Options
from gateway.identity.passwords import Passwords
from gateway.identity.session import Session
from gateway.identity.sessions import forget_expired
from gateway.identity.tries import forget_old_tries
from gateway.identity.witness import Silent, Witness
from gateway.ingest.absorb import Absorber
from gateway.ingest.ingest import Ingest, Wait
from gateway.ingest.leadership import AlwaysLeading, Leadership
from gateway.ingest.sources import sources
from gateway.ingest.state import LaneState, ObjectRead, lanes, standing
from gateway.ingest.webhooks import Webhooks
from gateway.limits import Limits
from gateway.make import Maker
from gateway.problems import Problem
from gateway.push import Intake
from gateway.reading import Reading
from gateway.receipts import Notary
from gateway.refusals import Refusals
from gateway.systems import System, Systems, budgeted
from gateway.together import Together
from gateway.witness import IdentityWitness

#: How often everything that is stored is compared with what the database knows.
_STRAYS_EVERY = timedelta(days=1)


@dataclass(frozen=True)
class Setup:
    """What a gateway is made of. `secret`: 32 random bytes for cursors and tokens; `signing`: for receipts."""

    database: Database
    manifest: Manifest
    systems: Sequence[System]
    blobs: BlobStore
    clock: Clock
    ids: Ids
    random: Random
    secret: bytes
    signing: Ed25519PrivateKey
    passwords: Passwords
    limits: Limits = field(default_factory=Limits)
    options: Options = field(default_factory=Options)
    #: Whom identity tells its events; None for the audit log.
    witness: Witness | None = field(default_factory=Silent)
    #: Which process runs an ingest lane; by itself each leads them all.
    leadership: Leadership = field(default_factory=AlwaysLeading)


class Gateway:
    """One gateway. Every call opens its own short transactions; nothing that matters is kept in memory."""

    def __init__(self, setup: Setup) -> None:
        """Raises ValueError when the mapping does not fit the manifest."""
        self.setup = setup
        self._clock = setup.clock
        self._limits = setup.limits
        self._pokes = Pokes()
        feed = FeedStore(setup.database, setup.random, self._pokes)
        self.systems = Systems(budgeted(setup.systems, setup.database, setup.clock), setup.manifest)
        #: What is served: the portal without what no system holds.
        self.manifest_served = narrowed(setup.manifest, self.systems.held, self.systems.details())
        grants = Grants(setup.database, Views(self.manifest_served), setup.clock)
        self.failpoints = Failpoints()
        self.audit = Trail(setup.clock, setup.secret, setup.signing)
        self.refusals = Refusals(setup.database, self.audit, setup.clock)
        self.ground = Ground(
            database=setup.database,
            feed=feed,
            grants=grants,
            absorber=Absorber(feed, setup.clock, setup.limits, self.systems),
            systems=self.systems,
            clock=setup.clock,
            ids=setup.ids,
            random=setup.random,
            limits=setup.limits,
            failpoints=self.failpoints,
            echoes=Echoes(),
            audit=self.audit,
            refusals=self.refusals,
        )
        self._database = setup.database
        self._grants = grants
        self.epoch = history.begin(feed, self.manifest_served, self.systems, setup.ids, setup.random)
        self._tell_restore()
        witness = setup.witness or IdentityWitness(self.audit, self.refusals, setup.secret)
        self.identity = Identity(self.ground, setup.secret, setup.passwords, setup.options, witness)
        self.reading = Reading(self.ground, Signer(setup.secret), self.epoch)
        self.documents = Documents(self.ground, setup.blobs)
        self.clashes = Clashes(setup.database, self.manifest_served, setup.clock, setup.random)
        self.ingest = Ingest(self.ground, setup.leadership)
        self.notary = Notary(setup.signing, setup.ids)
        self._hinted: list[Callable[[], None]] = []
        self.webhooks = Webhooks(self.ground, self._wake)
        self._strays_at: datetime | None = None
        executor = Executor(self.ground)
        maker = Maker(self.ground, self.documents, executor)
        together = Together(self.ground, executor, maker, self._hint)
        self._intake = Intake(self.ground, executor, maker, together, self.notary)

    # -------------------------------------------------------------------------------------------------- reading

    def me(self, session: Session) -> Me:
        """Return who is signed in."""
        with self._grants.reading(session.user) as (_, grant):
            role = grant.view.manifest.role(grant.role)
            return Me(
                user=grant.user,
                name=grant.name,
                email=grant.email,
                role=grant.role,
                role_label=role.label if role else grant.role,
                companies=tuple(Company(gid=c.gid, name=c.name) for c in grant.companies),
                vendor=grant.view.manifest.brand.vendor,
                device=session.device_name,
                grant=grant.label,
                receipt_key=self.notary.public,
                keeps_colleagues=bool(role and role.keeps_colleagues and not session.kiosk),
            )

    def grant(self, session: Session) -> Grant:
        """Return what the caller may see now."""
        return self._grants.current(session.user)

    def manifest(self, session: Session) -> tuple[str, str]:
        """Return the effective manifest as JSON text, and its ETag."""
        view = self._grants.current(session.user).view
        return view.text, view.etag

    def snapshot(self, session: Session, after: str | None, limit: int | None = None) -> bytes:
        """Return a page of everything visible; `after` None begins one. Raises Problem 410."""
        return self.reading.snapshot(session, after, limit).body

    def changes(self, session: Session, cursor: str, limit: int | None = None) -> bytes:
        """Return what changed since `cursor`. Raises Problem 410."""
        return self.reading.changes(session, cursor, limit).body

    def records(self, session: Session, gids: Sequence[str], cursor: str) -> bytes:
        """Return these records as they are now; those that are not visible are gone. Raises Problem 410, 422."""
        return self.reading.records(session, gids, cursor).body

    def digest(self, session: Session, cursor: str) -> DigestPage:
        """Return the bucket sums at the head; empty when they would not be comparable. Raises Problem 410."""
        return self.reading.digest(session, cursor)

    def bucket(self, session: Session, entity: str, index: int, cursor: str) -> BucketPage:
        """Return ids and hashes of one bucket. Raises Problem 404, 410."""
        return self.reading.bucket(session, entity, index, cursor)

    def sources(self) -> tuple[Source, ...]:
        """Return how old the truth of each source system is."""
        with self._database.read() as connection:
            return sources(connection, tuple(self.systems))

    # -------------------------------------------------------------------------------------------------- writing

    def push(self, session: Session, body: PushBody, seconds: float | None = None) -> PushAnswer:
        """Take mutations in, one outcome each. Raises Problem 401, 413, 429."""
        return self.push_items(session, body.mutations, seconds)

    def push_items(self, session: Session, items: Sequence[Any], seconds: float | None = None) -> PushAnswer:
        """Take mutations in, some of which may be JSON objects yet to be understood. Raises Problem 401, 413, 429."""
        if len(items) > MAX_BATCH:
            raise Problem(413, "too_large", f"Send at most {MAX_BATCH} mutations at once.")
        outcomes = self._intake.push(session, items, seconds)
        return PushAnswer(epoch=self.epoch, outcomes=tuple(outcomes))

    def receipt(self, session: Session, mutation_id: str) -> Receipt:
        """Return the signed evidence of one of the caller's mutations. Raises Problem 404."""
        with self._database.read() as connection:
            return self.notary.receipt(connection, session.user, mutation_id)

    def recover(self, *, alone: bool = False) -> int:
        """Finish what was received and not done. `alone`: no other process writes, so leases left behind go."""
        if alone:
            self._intake.release_leases()
        return self._intake.recover()

    # ---------------------------------------------------------------------------------------------------- files

    def begin_upload(
        self, session: Session, sha256: str, size: int, media_type: str, name: str
    ) -> tuple[str, int]:
        """Open or find an upload; return its id and how many bytes are here. Raises Problem 413, 422, 429."""
        return self.documents.begin_upload(session.user, sha256, size, media_type, name)

    def upload(self, session: Session, upload_id: str, offset: int, data: bytes) -> int:
        """Take bytes; return how many are here now. Raises Problem 404, 409, 413, 422."""
        return self.documents.upload(session.user, upload_id, offset, data)

    def upload_state(self, session: Session, upload_id: str) -> Upload:
        """Return one of the caller's uploads. Raises Problem 404."""
        return self.documents.upload_state(session.user, upload_id)

    def blob(self, session: Session, sha256: str) -> Blob:
        """Return bytes the caller may read, fetched if need be. Raises Problem 404, 503."""
        return self.documents.find(session.user, sha256)

    def read_blob(
        self, session: Session, sha256: str, start: int = 0, end: int | None = None
    ) -> Iterator[bytes]:
        """Yield bytes the caller may read. Raises Problem 404, 503 at once."""
        found = self.blob(session, sha256)
        return self.documents.read(sha256, start, found.size if end is None else min(end, found.size))

    # --------------------------------------------------------------------------------------------------- ingest

    def hint(self, refs: Iterable[Ref], system: str = "") -> None:
        """Note rows that may have changed. `system` may be left out when there is one only."""
        found = self.systems.named(system) if system else next(iter(self.systems))
        if found:
            self._hint(found, refs)

    def committed(self, refs: Iterable[Ref], system: str) -> None:
        """Hear from a system, on the thread that writes, which rows a commit of its touched: `hint`, or an echo."""
        named = tuple(refs)
        if not self.ground.echoes.take(named):
            self.hint(named, system)

    def on_hint(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever rows were noted to be read, on the thread that noted them."""
        self._hinted.append(listener)

    def _hint(self, system: System, refs: Iterable[Ref]) -> None:
        self.ingest.hint(system, refs)
        self._wake()

    def ingest_step(self) -> int:
        """One fair turn of every lane: hints, fast, delayed, and a sweep if one is due; returns how many changed."""
        return self.ingest.step()

    def backfill(self, wait: Wait | None = None, after_step: Callable[[], object] = lambda: None) -> int:
        """Read until everything known to have changed is in; returns how many records changed."""
        return self.ingest.backfill(wait=wait, after_step=after_step)

    def standing(self) -> list[ObjectRead]:
        """Return how far each object of each system has been read."""
        with self._database.read() as connection:
            return standing(connection, tuple(self.systems))

    def lanes(self) -> list[LaneState]:
        """Return how the ingest lanes stand."""
        with self._database.read() as connection:
            return lanes(connection, self.systems.with_journal)

    def tidy(self) -> None:
        """Throw away what has run out: tokens and codes, uploads nobody finished, digests nobody asks for.

        Once a day also bytes nobody knows of.
        """
        now = self._clock.now()
        with self._database.write() as connection:
            forget_expired(connection, now, self._limits.device_known)
            forget_old_tries(connection, now)
            forget_old_digests(connection, now)
        self.documents.tidy()
        if self._strays_at is None or now - self._strays_at >= _STRAYS_EVERY:
            self._strays_at = now
            self.documents.drop_strays()
        with self._database.read() as connection:
            tell_checkpoint(connection)

    def _tell_restore(self) -> None:
        """Note in the audit log that a backup was put back: whoever says so has not had the keys to seal an entry."""
        with self._database.write() as connection:
            ended = history.ended_epoch(connection)
            if ended:
                self.audit.note(connection, "restored", ended=ended, epoch=self.epoch)

    def close(self) -> None:
        """Give up the lanes this process leads, and close the database."""
        self.setup.leadership.close()
        self._database.close()

    def catch_up(self) -> None:
        """Tell listeners here what other processes have committed."""
        self.ground.feed.catch_up()

    def heard(self, word: Heard) -> None:
        """Hear from other processes; see `feed/relay.py`."""
        if word.tags:
            self._pokes.tell(word.tags, self.ground.feed.head())
        if word.feed:
            self.catch_up()
        if word.hints:
            self._wake()

    def _wake(self) -> None:
        for listener in self._hinted:
            listener()

    def listeners(self) -> int:
        """Return how many listen in this process."""
        return self._pokes.count()

    def subscribe(self, listener: Listener) -> Listening:
        """Call `listener(tags, position)` after each commit that may change somebody's view."""
        return self._pokes.subscribe(listener)
