"""Both sides on disk: the client's encrypted store, the gateway's database and blobs, the CRM's database."""

from __future__ import annotations

import json
import random
import tomllib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from app.contract.ids import source_gid, time_ordered_id
from app.contract.manifest import Manifest, parse_manifest
from app.services.portal import Portal
from app.store.database import Store
from app.sync.engine import Engine, Wake
from app.sync.retry import Backoff
from app.sync.settings import EngineSettings
from app.sync.transfers import Transfers
from gateway.assembly import file_database
from gateway.core import Gateway, Setup
from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.files import NewFile
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.port import Ref
from gateway.database import Database, file_engine
from gateway.identity.passwords import Passwords
from gateway.identity.people import Contact, NewUser
from gateway.identity.session import Session
from gateway.ledger import State
from gateway.mapping import SystemMapping
from gateway.systems import System
from gateway.tables import ledger
from tests.crash.blade import Blade, MortalBlobs
from tests.crash.transport import DirectTransport
from tests.gateway.crm_world import build_world

ROOT = Path(__file__).parents[2]
SYSTEM = "embedded"
KEY = bytes(range(32))
SECRET = b"s" * 32

#: Small pages and batches, so that a short life has many of them.
SETTINGS = EngineSettings(page_rows=7, batch=3, poll=5.0, backoff=Backoff(0.5, 4.0))

_START = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
_DEALS, _REQUESTS = 7, 2


@cache
def partner_manifest() -> Manifest:
    return parse_manifest(tomllib.loads((ROOT / "resources/manifests/partner.toml").read_text("utf-8")))


@cache
def embedded_mapping() -> SystemMapping:
    return SystemMapping.load((ROOT / "gateway/crm/embedded/mapping.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Cast:
    """Who and what is in the CRM, and how its user is known at the gateway; kept beside the databases."""

    deals: list[str]
    requests: list[str]
    brightwater: str
    calder: str
    session: dict[str, Any]
    tags: list[str]
    entities: list[str]

    @classmethod
    def read(cls, folder: Path) -> Cast:
        return cls(**json.loads((folder / "cast.json").read_text("utf-8")))

    def write(self, folder: Path) -> None:
        (folder / "cast.json").write_text(json.dumps(asdict(self)), "utf-8")


class Clock:
    """One clock for all that stands until it is turned; every life begins later than the one before."""

    def __init__(self, life: int) -> None:
        """Before the first life come making both sides, -1, and the client's first sync, 0."""
        self.at = _START + timedelta(hours=life + 1)

    def __call__(self) -> datetime:
        return self.at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - _START).total_seconds()

    def turn(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class SeededIds:
    """Ids that repeat with the seed."""

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng

    def new_id(self) -> str:
        return time_ordered_id(self._clock.now(), self._rng.randbytes(10))


class Engines:
    """The CRM and the gateway's database of a folder, opened once: statements stay compiled from one life to the next.

    Between two worlds no connection is open, so a process may be forked then.
    """

    def __init__(self, folder: Path) -> None:
        self.clock = Clock(-1)
        self.gateway: Gateway | None = None
        self.database = Database(file_engine(folder / "gateway.sqlite3"))
        self.crm = EmbeddedCrm.open(f"sqlite:///{folder / 'crm.sqlite3'}", now=lambda: self.clock.at)
        self.crm.on_commit(self._committed)
        self.close()

    def close(self) -> None:
        self.database.close()
        self.crm.close()

    def _committed(self, refs: tuple[Ref, ...]) -> None:
        if self.gateway is not None:
            self.gateway.committed(refs, SYSTEM)

    def start(self, folder: Path, clock: Clock, ids: SeededIds, rng: random.Random, blade: Blade) -> Gateway:
        """Start the gateway's process, so to speak."""
        self.clock = clock
        blobs = MortalBlobs(folder)
        blobs.blade = blade
        self.gateway = Gateway(
            Setup(
                database=self.database,
                manifest=partner_manifest(),
                systems=(System(self.crm, embedded_mapping()),),
                blobs=blobs,
                clock=clock,
                ids=ids,
                random=rng.randbytes,
                secret=SECRET,
                signing=Ed25519PrivateKey.from_private_bytes(bytes(32)),
                passwords=Passwords(memory=64, rounds=1, lanes=1),
            )
        )
        self.gateway.failpoints.hook = blade.reached_gateway
        return self.gateway


@cache
def engines_of(folder: Path) -> Engines:
    """The engines over a folder; whatever lies in it may be another copy each time, while none is open."""
    return Engines(folder)


class World:
    """Both sides, opened over what the life before left."""

    def __init__(self, folder: Path, life: int, seed: object, blade: Blade | None = None) -> None:
        """Open the gateway as its service does: what was received and not done is finished first."""
        self.folder = folder
        self.cast = Cast.read(folder)
        self.rng = random.Random(f"{seed}/{life}")
        self.clock = Clock(life)
        self.ids = SeededIds(self.clock, self.rng)
        blade = blade or Blade()
        self.engines = engines_of(folder)
        self.crm = self.engines.crm
        self.gateway = self.engines.start(folder, self.clock, self.ids, self.rng, blade)
        self.desk = StaffDesk.of(self.crm, "Ingrid Solheim")
        self.deals = [Ref("registration", number) for number in self.cast.deals]
        self.requests = [Ref("ticket", number) for number in self.cast.requests]
        self.gateway.recover(alone=True)
        self.store = Store.open(folder / "client.db", KEY)
        self.store.failpoints.hook = blade.reached_client
        session = Session(**self.cast.session)
        self.transport = DirectTransport(self.gateway, session)
        self.engine = Engine(self.store, self.transport, self.clock, self.rng, _ignored, settings=SETTINGS)
        self.transfers = Transfers(self.store, self.transport, self.clock, self.rng, _ignored, SETTINGS)
        self._portal: Portal | None = None

    @property
    def portal(self) -> Portal:
        if self._portal is None:
            self._portal = Portal.open(self.store, self.clock, self.ids, lambda: None)
        self._portal.reload()
        return self._portal

    def close(self) -> None:
        self.store.close()
        self.engines.close()

    def gid(self, ref: Ref) -> str:
        """The gid of a row of the CRM: the one it was born with, or derived from its id."""
        born = self.crm.read(ref).fields.get("portal_ref")
        return str(born) if born else source_gid(SYSTEM, ref.obj, ref.id)

    def tick(self, seconds: float = 0.2) -> None:
        """Let time pass; the gateway follows the CRM's hints, and now and then looks for itself."""
        self.clock.turn(seconds)
        if self.rng.random() < 0.25:
            self.gateway.ingest_step()
        else:
            self.gateway.ingest.hints_step()

    def sync(self) -> None:
        """One cycle with the files that wait, as a timer would start it."""
        self.tick()
        self.engine.cycle(Wake.USER)
        for _ in range(30):
            if not self.transfers.step():
                break
        self.engine.cycle(Wake.UPLOADED)

    def rest(self) -> bool:
        """Let everything come to rest without a click; False when it does not."""
        for _ in range(25):
            self.clock.turn(6.0)
            self.gateway.recover()
            self.gateway.backfill()
            before = self._stand()
            self.engine.cycle(Wake.TIMER)
            while self.transfers.step():
                pass
            if before == self._stand() and self.store.cursors.read().complete and not self._unfinished():
                return True
        return False

    def _unfinished(self) -> int:
        """How many mutations the gateway has received and not finished."""
        with self.engines.database.read() as connection:
            return connection.execute(
                select(func.count()).select_from(ledger).where(ledger.c.state != State.DONE.value)
            ).scalar_one()

    def _stand(self) -> tuple[object, ...]:
        items = [(item.mutation.mutation_id, item.state) for item in self.store.outbox.open_items()]
        due = self.store.scrub_due, len(self.store.blobs.downloads()), len(self.store.blobs.uploads())
        return (self.store.cursors.read().cursor, tuple(items), due)


def _ignored(_event: object) -> None:
    """Nobody looks on."""


def prepare(folder: Path) -> None:
    """Make the folder every case begins with: a CRM with some rows, and a gateway that has read them."""
    folder.mkdir(parents=True)
    small = build_world(f"sqlite:///{folder / 'crm.sqlite3'}")
    clock, rng = Clock(-1), random.Random(0)
    ids = SeededIds(clock, rng)
    deals = [small.protected(ids.new_id()) for _ in range(_DEALS)]
    requests = [small.request(ids.new_id()) for _ in range(_REQUESTS)]
    paper = NewFile("quote.pdf", "application/pdf", b"%PDF-1.4\n" + bytes(range(256)) * 1100)
    small.desk.comment(requests[0], "The quote.", [paper])
    small.crm.close()
    file_database(folder / "gateway.sqlite3").close()
    engines = engines_of(folder)
    gateway = engines.start(folder, clock, ids, rng, Blade())
    gateway.backfill()
    maya = Ref("contact", small.maya.id)
    gateway.identity.add_user(
        NewUser(
            name="Maya Okafor",
            email="maya@brightwater.example",
            role="manager",
            companies=(source_gid(SYSTEM, small.brightwater.obj, small.brightwater.id),),
            password="correct horse battery",
            contacts=(Contact(SYSTEM, maya),),
        )
    )
    session = gateway.identity.session_for(source_gid(SYSTEM, maya.obj, maya.id), "a laptop")
    grant = gateway.grant(session)
    Cast(
        [ref.id for ref in deals],
        [ref.id for ref in requests],
        small.brightwater.id,
        small.calder.id,
        asdict(session),
        sorted(grant.tags),
        sorted(grant.view.fields),
    ).write(folder)
    engines.close()


def sync_first(folder: Path) -> None:
    """Let the client of a prepared folder take its first snapshot."""
    world = World(folder, 0, "first")
    while not world.store.cursors.read().complete:
        world.sync()
    world.rest()
    world.close()
