"""Real clients on disk, the real gateway core and the embedded CRM in one thread, with a clock that is turned by hand.

What a test looks at is what a person would: the portal's services on one side, the CRM's own rows and history on the
other.
"""

from __future__ import annotations

import random
import sqlite3
import tomllib
from dataclasses import replace
from datetime import UTC, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine as Databases

from app.contract.ids import source_gid, time_ordered_id
from app.contract.manifest import Manifest, parse_manifest
from app.services.freshness import notice
from app.services.portal import Portal
from app.services.views_model import Notice, OutboxView, RecordView
from app.store.database import Store
from app.sync.engine import Engine, Wake
from app.sync.events import Event, Status
from app.sync.retry import Backoff
from app.sync.settings import EngineSettings
from app.sync.transfers import Transfers
from gateway.assembly import memory_database
from gateway.blobs import MemoryBlobs
from gateway.core import Gateway, Setup
from gateway.crm.port import Ref
from gateway.failpoints import Crash, Failpoint
from gateway.identity.passwords import Passwords
from gateway.identity.people import Contact, NewUser
from gateway.identity.session import Session
from gateway.limits import Limits
from gateway.mapping import SystemMapping
from gateway.restoring import restored
from gateway.systems import System
from tests.failures.wire import Line
from tests.gateway.crm_world import build_world
from tests.simulation.clock import SetClock

ROOT = Path(__file__).parents[2]
SYSTEM = "embedded"
KEY = bytes(range(32))
DEAL, REQUEST, MESSAGE = "deal_registration", "request", "message"
SETTINGS = EngineSettings(page_rows=50, batch=20, poll=5.0, backoff=Backoff(0.5, 4.0))


@cache
def partner_manifest() -> Manifest:
    return parse_manifest(tomllib.loads((ROOT / "resources/manifests/partner.toml").read_text("utf-8")))


@cache
def embedded_mapping() -> SystemMapping:
    return SystemMapping.load((ROOT / "gateway/crm/embedded/mapping.toml").read_text("utf-8"))


class WorldIds:
    def __init__(self, clock: SetClock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng

    def new_id(self) -> str:
        return time_ordered_id(self._clock.now(), self._rng.randbytes(10))


class Kept:
    """Both databases with their engines: they take long to make, so they are set back for each test instead."""

    def __init__(self) -> None:
        self.world: World | None = None
        self.crm = build_world()
        self.database = memory_database()
        self.began = self.crm.clock.at
        self._copies = [(engine, _copy(engine)) for engine in self._engines]
        self.crm.crm.on_commit(self._committed)

    @property
    def _engines(self) -> tuple[Databases, Databases]:
        return self.crm.crm.database.engine, self.database.engine

    def _committed(self, refs: tuple[Ref, ...]) -> None:
        if self.world is not None:
            self.world.gateway.committed(refs, SYSTEM)

    def set_back(self) -> None:
        """Make everything as it was at first."""
        self.world = None
        self.crm.clock.at = self.began
        for engine, copy in self._copies:
            copy.backup(_raw(engine))


@cache
def kept() -> Kept:
    return Kept()


def _raw(engine: Databases) -> sqlite3.Connection:
    raw = engine.raw_connection().driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _copy(engine: Databases) -> sqlite3.Connection:
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    _raw(engine).backup(copy)
    return copy


class World:
    """The vendor: its CRM, its gateway, and the clock on the wall. One at a time."""

    def __init__(self, folder: Path, *, limits: Limits | None = None) -> None:
        self.folder = folder
        self.rng = random.Random(11)
        kept().set_back()
        self.crm = kept().crm
        self.desk = self.crm.desk
        self.clock = SetClock(self.crm.clock)
        self.ids = WorldIds(self.clock, self.rng)
        self.limits = limits or Limits()
        self.database = kept().database
        self.blobs = MemoryBlobs()
        self._secret = self.rng.randbytes(32)
        self._signing = Ed25519PrivateKey.from_private_bytes(self.rng.randbytes(32))
        self.gateway = self._gateway()
        kept().world = self
        self._started = True
        self.tells_restored = True
        self.read(0)
        self.devices: list[Device] = []
        self._users: set[str] = set()

    def close(self) -> None:
        for device in self.devices:
            device.store.close()
        kept().world = None

    # -- the gateway --------------------------------------------------------------------------------------
    def _gateway(self) -> Gateway:
        return Gateway(
            Setup(
                database=self.database,
                manifest=partner_manifest(),
                systems=(System(self.crm.crm, embedded_mapping()),),
                blobs=self.blobs,
                clock=self.clock,
                ids=self.ids,
                random=self.rng.randbytes,
                secret=self._secret,
                signing=self._signing,
                passwords=Passwords(memory=64, rounds=1, lanes=1),
                limits=self.limits,
            )
        )

    def restart(self) -> None:
        """The gateway's process ends and another one begins over the same database."""
        self.gateway = self._gateway()
        self._started = True
        self.gateway.recover(alone=True)

    def crash_at(self, point: Failpoint) -> None:
        """Let the next mutation end the gateway's process at a named point, once."""

        def hook(reached: Failpoint) -> None:
            if reached is point:
                raise Crash

        self.gateway.failpoints.hook = hook

    def backup(self) -> sqlite3.Connection:
        """Copy the gateway's database, as a backup at night does."""
        return _copy(self.database.engine)

    def restore(self, copy: sqlite3.Connection) -> None:
        """Put a backup in the place of the gateway's database and start the gateway; the CRM has moved on."""
        copy.backup(_raw(self.database.engine))
        copy.close()
        if self.tells_restored:
            restored(self.database, self.ids, self.clock)
        self.restart()

    # -- time ---------------------------------------------------------------------------------------------
    def wait(self, seconds: float = 1.0) -> None:
        """Let time pass, and nothing else."""
        self.crm.clock.turn(seconds=seconds)

    def read(self, seconds: float = 1.0) -> None:
        """Let time pass and the gateway read what the CRM told it of; after its start, everything the CRM has."""
        self.wait(seconds)
        if self._started:
            self.gateway.backfill()
            self._started = False
        self.gateway.ingest.hints_step()
        self.gateway.recover()

    # -- the CRM ------------------------------------------------------------------------------------------
    def deal(self, **fields: Any) -> str:
        """A protected deal of the first company, as both sides know it; returns its gid."""
        gid = self.ids.new_id()
        self.crm.protected(gid, **fields)
        return gid

    def request(self, **fields: Any) -> str:
        gid = self.ids.new_id()
        self.crm.request(gid, **fields)
        return gid

    def row(self, gid: str) -> Ref:
        """The CRM's row behind a gid."""
        for obj in ("registration", "ticket", "note", "attachment"):
            found = self.crm.crm.find_created(obj, gid)
            if found is not None:
                return found
        raise AssertionError(f"the CRM has no row for {gid}")

    def value(self, gid: str, column: str) -> Any:
        return self.crm.value(self.row(gid), column)

    def written(self, gid: str, column: str) -> list[Any]:
        """Every value one column took, oldest first, by the CRM's own history."""
        return [line.new for line in self.crm.crm.history(self.row(gid)) if line.field == column]

    def notes(self, gid: str) -> list[str]:
        """The messages the CRM has under a record, oldest first."""
        return [str(row.fields["body"]) for row in self.crm.crm.children("note", self.row(gid))]

    def deals_of(self, customer: str) -> list[Ref]:
        """All registrations of one customer."""
        refs = [Ref("registration", id_) for id_ in self.crm.crm.sweep("registration", None, 1000)]
        return [row.ref for row in self.crm.crm.fetch(refs) if row.fields["cust_name"] == customer]

    # -- people -------------------------------------------------------------------------------------------
    def device(
        self, name: str = "Maya Okafor", role: str = "manager", settings: EngineSettings = SETTINGS
    ) -> Device:
        """Another device of somebody at the first company, signed in, everything read."""
        device = Device(self, self._session(name, role), settings)
        self.devices.append(device)
        device.sync()
        return device

    def _session(self, name: str, role: str) -> Session:
        actor = {"Maya Okafor": self.crm.maya, "Tomasz Wilk": self.crm.tomasz}[name]
        user = source_gid(SYSTEM, "contact", actor.id)
        if user not in self._users:
            self._users.add(user)
            self.gateway.identity.add_user(
                NewUser(
                    name=name,
                    email=f"{name.partition(' ')[0].lower()}@brightwater.example",
                    role=role,
                    companies=(source_gid(SYSTEM, "account", self.crm.brightwater.id),),
                    password="correct horse battery",
                    contacts=(Contact(SYSTEM, Ref("contact", actor.id)),),
                )
            )
        return self.gateway.identity.session_for(user, f"device {len(self.devices) + 1}")


class Device:
    """One computer of a partner: store on disk, engine, transfers and portal; they begin anew after `kill`."""

    def __init__(self, world: World, session: Session, settings: EngineSettings) -> None:
        self.world = world
        self.settings = settings
        self.path = world.folder / f"device{len(world.devices) + 1}.db"
        self.clock = SetClock(world.crm.clock)
        self.line = Line(lambda: world.gateway, world.restart, session)
        self.events: list[Event] = []
        self._portal: Portal | None = None
        self.start()

    def start(self) -> None:
        """Start the program."""
        self.store = Store.open(self.path, KEY)
        self.again()

    def again(self) -> None:
        """Begin with a new engine over the open store, as a program that was just started does."""
        world, tell = self.world, self.events.append
        self.engine = Engine(self.store, self.line, self.clock, world.rng, tell, settings=self.settings)
        self.transfers = Transfers(self.store, self.line, self.clock, world.rng, tell, self.settings)
        self._portal = None

    def kill(self) -> None:
        """End the program without a word, and start it again."""
        self.store.close()
        self.start()

    def with_settings(self, **changes: Any) -> None:
        """Start again with other figures."""
        self.settings = replace(self.settings, **changes)
        self.again()

    # -- what happens by itself -----------------------------------------------------------------------------
    def cycle(self, wake: Wake = Wake.TIMER) -> float:
        return self.engine.cycle(wake)

    def sync(self, most: int = 12) -> None:
        """Let the engine and the transfers run until nothing moves any more. No click is made."""
        stands: list[object] = []
        for _ in range(most):
            self.engine.cycle(Wake.TIMER)
            self.move_bytes()
            stands.append(self._stand())
            # What failed once may go with the next try.
            same = 4 if self.status.cause else 2
            if stands[-same:] == [stands[-1]] * same:
                return
            self.world.wait(5.0)
        raise AssertionError(f"it does not come to rest: {stands[-1]}")

    def move_bytes(self) -> None:
        """Let files go up and down until none moves any more."""
        while self.transfers.step():
            pass

    def _stand(self) -> object:
        items = [(item.mutation.mutation_id, item.state) for item in self.store.outbox.open_items()]
        return items, self.store.cursors.read().cursor, self.engine.status.mode, self.engine.status.cause

    # -- what a person does and sees ------------------------------------------------------------------------
    @property
    def portal(self) -> Portal:
        if self._portal is None:
            self._portal = Portal.open(self.store, self.clock, self.world.ids, lambda: None, zone=UTC)
        self._portal.reload()
        return self._portal

    @property
    def status(self) -> Status:
        return self.engine.status

    @property
    def banner(self) -> Notice | None:
        """What stands across the window."""
        return notice(self.status, self.portal.formats)

    def edit(self, gid: str, **changes: Any) -> str:
        """Edit a record as its page does; returns the mutation's id."""
        return self.portal.intents.edit(gid, changes).mutation_id

    def shown(self, gid: str) -> RecordView | None:
        return self.portal.records.get(gid)

    def see(self, gid: str, field: str) -> Any:
        """The value a person sees in a field."""
        found = self.shown(gid)
        assert found is not None, "the record is not shown"
        return found.data.get(field)

    def outbox(self) -> list[OutboxView]:
        return self.portal.outbox.items()

    def lines(self) -> list[str]:
        """The activity list, oldest first."""
        return [line.text for line in reversed(self.portal.outbox.activity(200))]

    def register(self, customer: str, *, file: str = "Evidence") -> str:
        """Register a deal with evidence, from draft to submission; returns its gid."""
        drafts = self.portal.drafts
        gid = drafts.start(DEAL)
        drafts.save(gid, self.form(gid, customer))
        path = self.world.folder / f"{customer} {len(self.outbox())}.txt"
        path.write_text(f"{file} for {customer}")
        drafts.add_file(gid, path)
        drafts.submit(gid)
        return gid

    def form(self, gid: str, customer: str, **more: Any) -> dict[str, Any]:
        """A filled-in form over what a draft holds."""
        close = (self.world.clock.now().date() + timedelta(days=60)).isoformat()
        return {
            **self.portal.drafts.load(gid).data,
            "customer": customer,
            "website": f"{customer.lower()}.example",
            "country": "GB",
            "title": f"{customer} network",
            "amount": "1200.00",
            "currency": "GBP",
            "target_close": close,
            "problem": "The network stops whenever the shop is full of people.",
            **more,
        }

    # -- what is true ---------------------------------------------------------------------------------------
    def in_step(self) -> bool:
        """Whether every stored byte equals what the gateway holds, by a proof hashed afresh."""
        return self.engine.verify(rehash=True).identical
