"""What the engine's tests are made of: a clock, chance without chance, and a gateway of a few lines.

The gateway is scripted: faults, outcomes and odd answers are put in by the tests. What it does by itself it does by
the contract (merge, digest, feed order), so that a test only states what is special about it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.contract.canonical import canonical, record_hash
from app.contract.changes import BucketPage, ChangesPage, Company, DigestPage, Me, SnapshotPage, Source
from app.contract.digest import BUCKETS, bucket_of, buckets
from app.contract.errors import CounterpartError, CursorExpired, NotAllowed
from app.contract.merge import merge
from app.contract.mutations import FieldClash, Kind, Mutation, Outcome, Problem, PushAnswer, PushBody, Status
from app.contract.receipts import Receipt
from app.contract.records import Gone, Record
from app.store.database import Store
from app.sync.engine import Engine
from app.sync.events import Event, Mode
from app.sync.retry import Backoff
from app.sync.settings import EngineSettings
from app.sync.transfers import Transfers
from app.sync.transport import ManifestAnswer, RawPage
from tests.store import world as stored
from tests.sync.at_once import PushesAtOnce

START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DEAL, REQUEST, MESSAGE, FILE = stored.DEAL, stored.REQUEST, stored.MESSAGE, stored.FILE
gid = stored.gid


class TestClock:
    """A clock that moves when it is told to. `monotonic` moves along."""

    __test__ = False

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


class Middle:
    """Chance that always draws the upper end: waits are as long as they can be."""

    def uniform(self, _a: float, b: float, /) -> float:
        return b


@dataclass
class Held:
    """One record at the gateway."""

    entity: str
    data: dict[str, Any]
    position: int


@dataclass
class FakeGateway(PushesAtOnce):
    """One user's gateway. `faults[method]` are raised by the next calls, `outcomes[id]` answer that mutation."""

    epoch: str = "e1"
    grant: str = "g1"
    position: int = 0
    held: dict[str, Held] = field(default_factory=dict)
    gone: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    ledger: dict[str, Outcome] = field(default_factory=dict)
    outcomes: dict[str, Callable[[Mutation], Outcome]] = field(default_factory=dict)
    faults: defaultdict[str, list[CounterpartError | None]] = field(default_factory=lambda: defaultdict(list))
    calls: list[str] = field(default_factory=list)
    pushed: list[tuple[str, ...]] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, bytearray] = field(default_factory=dict)
    manifest_text: str = field(default_factory=stored.manifest_text)
    etag: str = "m1"
    oldest: int = 0
    meanwhile: dict[str, Callable[[], None]] = field(default_factory=dict)

    # -- what the vendor does -----------------------------------------------------------------------------
    def put(self, number: int, /, entity: str = DEAL, **data: Any) -> None:
        """Create or change a record."""
        self.position += 1
        self.gone.pop(gid(number), None)
        self.held[gid(number)] = Held(entity, data, self.position)

    def edit(self, number: int, /, **changes: Any) -> None:
        """Change some fields of a record."""
        held = self.held[gid(number)]
        self.put(number, held.entity, **{**held.data, **changes})

    def take(self, number: int, reason: str = "tombstone") -> None:
        """Delete a record, or withdraw it from this user's sight."""
        self.position += 1
        held = self.held.pop(gid(number))
        self.gone[gid(number)] = (self.position, held.entity, reason)

    def data(self, number: int) -> dict[str, Any]:
        """A record's data."""
        return self.held[gid(number)].data

    # -- Transport ----------------------------------------------------------------------------------------
    def me(self) -> Me:
        self._enter("me")
        company = Company(gid=gid(9000), name="Brightwater IT")
        return Me(
            user="u1", name="Maya Okafor", email="maya@brightwater.example", role="manager", role_label="Manager",
            companies=(company,), vendor="Halden Systems", device="BW-MO14", grant=self.grant,
        )  # fmt: skip

    def manifest(self, etag: str | None) -> ManifestAnswer:
        self._enter("manifest")
        return ManifestAnswer(None if etag == self.etag else self.manifest_text, self.etag)

    def snapshot(self, after: str | None, limit: int) -> RawPage[SnapshotPage]:
        self._enter("snapshot")
        start, _, last = (after or f"{self.position}:").partition(":")
        ahead = sorted(one for one in self.held if one > last)
        page, rest = ahead[:limit], ahead[limit:]
        counts: dict[str, int] = {}
        for held in self.held.values():
            counts[held.entity] = counts.get(held.entity, 0) + 1
        envelope = SnapshotPage(
            epoch=self.epoch,
            after=f"{start}:{page[-1]}" if rest else None,
            cursor=None if rest else self._cursor(int(start)),
            as_of=START,
            sources=self._sources(),
            counts=counts,
        )
        return RawPage(envelope, self._puts(page), self.grant)

    def changes(self, cursor: str, limit: int) -> RawPage[ChangesPage]:
        self._enter("changes")
        since = self._since(cursor)
        moved = [(held.position, one) for one, held in self.held.items() if held.position > since]
        moved += [(position, one) for one, (position, _, _) in self.gone.items() if position > since]
        page = sorted(moved)[:limit]
        head = page[-1][0] if page else self.position
        more = len(moved) > len(page)
        gone = tuple(Gone(one, *self.gone[one][1:], None) for _, one in page if one in self.gone)
        envelope = ChangesPage(
            epoch=self.epoch,
            cursor=self._cursor(head if more else self.position),
            more=more,
            as_of=START + timedelta(seconds=self.position),
            sources=self._sources(),
            gone=gone,
        )
        return RawPage(envelope, self._puts(one for _, one in page if one in self.held), self.grant)

    def records(self, gids: Sequence[str], cursor: str) -> RawPage[ChangesPage]:
        self._enter("records")
        gone = tuple(Gone(one, DEAL, "revoked", None) for one in gids if one not in self.held)
        envelope = ChangesPage(epoch=self.epoch, cursor=cursor, more=False, as_of=START, gone=gone)
        return RawPage(envelope, self._puts(one for one in gids if one in self.held), self.grant)

    def push(self, body: PushBody) -> PushAnswer:
        self._enter("push")
        self.pushed.append(tuple(mutation.mutation_id for mutation in body.mutations))
        return PushAnswer(epoch=self.epoch, outcomes=tuple(self._outcome(one) for one in body.mutations))

    def digest(self, cursor: str) -> DigestPage:
        self._enter("digest")
        found: dict[str, list[tuple[str, str]]] = {}
        for one, held in self.held.items():
            found.setdefault(held.entity, []).append((one, record_hash(held.data)))
        sums = {
            name: tuple((count, str(total)) for count, total in buckets(pairs))
            for name, pairs in found.items()
        }
        current = self._since(cursor) == self.position
        return DigestPage(
            epoch=self.epoch,
            current=current,
            as_of=START,
            sources=self._sources(),
            entities=sums if current else {},
        )

    def bucket(self, entity: str, index: int, cursor: str) -> BucketPage:
        self._enter("bucket")
        assert 0 <= index < BUCKETS
        hashes = {
            one: record_hash(held.data)
            for one, held in self.held.items()
            if held.entity == entity and bucket_of(one) == index
        }
        return BucketPage(epoch=self.epoch, current=self._since(cursor) == self.position, hashes=hashes)

    def receipt(self, mutation_id: str) -> Receipt:
        raise NotAllowed

    def download(self, sha256: str, offset: int) -> Iterator[bytes]:
        self._enter("download")
        if sha256 not in self.blobs:
            raise NotAllowed
        data = self.blobs[sha256]
        for at in range(offset, len(data), 100_000):
            self._enter("download part")
            yield data[at : at + 100_000]

    def begin_upload(self, sha256: str, size: int, media_type: str, name: str) -> tuple[str, int]:
        self._enter("begin_upload")
        return sha256, len(self.uploads.setdefault(sha256, bytearray()))

    def upload(self, upload_id: str, offset: int, data: bytes) -> int:
        self._enter("upload")
        held = self.uploads[upload_id]
        assert offset == len(held)
        held.extend(data)
        if hashlib.sha256(held).hexdigest() == upload_id:
            self.blobs[upload_id] = bytes(held)
        return len(held)

    def pokes(self) -> Iterator[str]:
        self._enter("pokes")
        yield ""

    # -- inside -------------------------------------------------------------------------------------------
    def _enter(self, method: str) -> None:
        self.calls.append(method)
        act = self.meanwhile.pop(method, None)
        if act is not None:
            act()
        fault = self.faults[method].pop(0) if self.faults[method] else None
        if fault is not None:
            raise fault

    def _cursor(self, position: int) -> str:
        return f"{self.epoch}.{position}"

    def _since(self, cursor: str) -> int:
        epoch, _, position = cursor.partition(".")
        if epoch != self.epoch or int(position) < self.oldest:
            raise CursorExpired
        return int(position)

    def _sources(self) -> tuple[Source, ...]:
        return (Source(system="crm", label="Halden's CRM", read_at=START),)

    def _row(self, one: str) -> list[Any]:
        held = self.held[one]
        return [one, held.entity, f"v{held.position}", record_hash(held.data), held.data]

    def _puts(self, gids: Sequence[str] | Iterator[str]) -> bytes:
        return canonical([self._row(one) for one in gids]).encode()

    def record(self, one: str) -> Record:
        """A record as an outcome carries it."""
        found, entity, version, digest, data = self._row(one)
        return Record(gid=found, entity=entity, version=version, hash=digest, data=data)

    def _outcome(self, mutation: Mutation) -> Outcome:
        known = self.ledger.get(mutation.mutation_id)
        if known is None:
            special = self.outcomes.get(mutation.mutation_id)
            known = special(mutation) if special is not None else self._apply(mutation)
            if known.status.final:
                self.ledger[mutation.mutation_id] = known
        return known

    def _apply(self, mutation: Mutation) -> Outcome:
        held = self.held.get(mutation.gid)
        if any(self.ledger[one].status not in (Status.APPLIED, Status.MERGED)
               for one in mutation.depends_on if one in self.ledger):  # fmt: skip
            return rejected(mutation, "depends", "What this follows was not taken.")
        if mutation.kind in (Kind.CREATE, Kind.APPEND):
            data = (
                {"state": "draft", **mutation.changes} if mutation.kind is Kind.CREATE else mutation.changes
            )
            return self._written(mutation, data)
        if held is None:
            deleted = mutation.gid in self.gone and self.gone[mutation.gid][2] == "tombstone"
            return gone(mutation, "deleted" if deleted else "revoked")
        match mutation.kind:
            case Kind.DELETE:
                self.position += 1
                del self.held[mutation.gid]
                self.gone[mutation.gid] = (self.position, held.entity, "tombstone")
                return Outcome(mutation_id=mutation.mutation_id, status=Status.APPLIED, receipt="R-0000")
            case Kind.COMMAND:
                assert mutation.command is not None
                lifecycle = stored.manifest().by_name[held.entity].lifecycle
                assert lifecycle is not None
                spec = next(one for one in lifecycle.commands if one.name == mutation.command.name)
                return self._written(mutation, {**held.data, lifecycle.field: spec.to_state})
            case _:
                return self._patched(mutation, held)

    def _patched(self, mutation: Mutation, held: Held) -> Outcome:
        entity = stored.manifest().by_name[held.entity]
        merged = merge(entity, mutation.base, held.data, mutation.changes, frozenset(mutation.changes))
        if merged.clashes:
            clashes = tuple(
                FieldClash(
                    group=one.group, reason=one.reason, base=dict(one.base), theirs=dict(one.theirs),
                    mine=dict(one.mine), theirs_by="Ingrid Solheim",
                )
                for one in merged.clashes
            )  # fmt: skip
            return Outcome(
                mutation_id=mutation.mutation_id, status=Status.CONFLICT, clashes=clashes,
                record=self.record(mutation.gid),
            )  # fmt: skip
        outcome = self._written(mutation, {**held.data, **merged.write})
        if not merged.others:
            return outcome
        return outcome.model_copy(update={"status": Status.MERGED, "others": merged.others})

    def _written(self, mutation: Mutation, data: Mapping[str, Any]) -> Outcome:
        self.position += 1
        self.held[mutation.gid] = Held(mutation.entity, dict(data), self.position)
        return Outcome(
            mutation_id=mutation.mutation_id, status=Status.APPLIED, record=self.record(mutation.gid),
            receipt=f"R-{self.position:04X}",
        )  # fmt: skip


def rejected(
    mutation: Mutation, code: str, message: str, record: Record | None = None, **fields: str
) -> Outcome:
    """An outcome that refuses."""
    problem = Problem(code=code, message=message, fields=fields)
    return Outcome(mutation_id=mutation.mutation_id, status=Status.REJECTED, problem=problem, record=record)


def gone(mutation: Mutation, code: str) -> Outcome:
    """An outcome that finds no record."""
    problem = Problem(code=code, message="This is no longer there.")
    return Outcome(mutation_id=mutation.mutation_id, status=Status.GONE, problem=problem)


def deferred(
    mutation: Mutation,
    seconds: float | None = None,
    message: str = "The CRM is down.",
    code: str = "crm",
) -> Outcome:
    """An outcome that is none yet."""
    problem = Problem(code=code, message=message)
    return Outcome(
        mutation_id=mutation.mutation_id, status=Status.DEFERRED, retry_after=seconds, problem=problem
    )


@dataclass
class World:
    """A client and its gateway."""

    store: Store
    gateway: FakeGateway
    clock: TestClock
    events: list[Event]
    engine: Engine
    settings: EngineSettings
    going: list[bool]

    def sync(self) -> None:
        """Cycle until the engine has nothing to do at once."""
        for _ in range(20):
            if self.engine.cycle() > 0:
                return
        raise AssertionError("the engine does not come to rest")

    def again(self) -> None:
        """The process ends and another one begins, over the same store."""
        self.engine = Engine(
            self.store, self.gateway, self.clock, Middle(), self.events.append, settings=self.settings,
            keep_going=lambda: self.going[0],
        )  # fmt: skip

    def transfers(self) -> Transfers:
        """What moves bytes."""
        return Transfers(self.store, self.gateway, self.clock, Middle(), self.events.append, self.settings)

    def edit(self, name: str, number: int, **changes: Any) -> None:
        """The user edits a record as it is shown."""
        seen = stored.shown(self.store, number) or {}
        base = {key: seen.get(key) for key in changes}
        self.enter(stored.patch(name, number, base, changes))

    def enter(self, mutation: Mutation, **more: Any) -> None:
        """The user enters something."""
        self.store.outbox.enqueue(mutation, f"What {mutation.mutation_id} does", "Northwind", **more)

    def shown(self, number: int) -> dict[str, Any] | None:
        """A record as the user sees it."""
        return stored.shown(self.store, number)

    def told(self, kind: type[Any]) -> list[Any]:
        """The events of one kind, oldest first."""
        return [event for event in self.events if isinstance(event, kind)]

    def mode(self) -> Mode:
        """How the client stands now."""
        return self.engine.status.mode

    def lines(self) -> list[str]:
        """The activity list, oldest first."""
        return [line.text for line in reversed(self.store.activity.recent(100))]

    def identical(self) -> bool:
        """Whether both sides hold the same, looked at from outside."""
        mine = {one: digest for _, one, digest in self.store.mirror.hashes(rehash=True)}
        return mine == {one: record_hash(held.data) for one, held in self.gateway.held.items()}


def make(path: Path, **settings: Any) -> World:
    """A new client that has never synced, and its gateway."""
    store = Store.open(path, stored.KEY)
    made = World(
        store, FakeGateway(), TestClock(), [], None, replace(EngineSettings(backoff=Backoff()), **settings), [True]  # type: ignore[arg-type]
    )  # fmt: skip
    made.again()
    return made
