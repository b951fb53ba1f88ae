"""Clients, gateway and CRM in one process and one thread: the real engine, store, services, gateway core and CRM."""

from __future__ import annotations

import random
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.contract.errors import CounterpartError
from app.contract.ids import source_gid, time_ordered_id
from app.contract.manifest import Manifest, parse_manifest
from app.services.portal import Portal
from app.services.views_model import Choice, ChoiceKind
from app.store.database import Store
from app.sync.engine import Engine, Wake
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
from gateway.mapping import SystemMapping
from gateway.systems import System
from tests.gateway.crm_world import build_world
from tests.simulation.network import Network, SimulatedTransport

ROOT = Path(__file__).parents[2]
SYSTEM = "embedded"
_KEY = bytes(range(32))
_SETTINGS = EngineSettings(page_rows=7, batch=2, poll=5.0, backoff=Backoff(0.5, 4.0))


@cache
def partner_manifest() -> Manifest:
    return parse_manifest(tomllib.loads((ROOT / "resources/manifests/partner.toml").read_text("utf-8")))


@cache
def embedded_mapping() -> SystemMapping:
    return SystemMapping.load((ROOT / "gateway/crm/embedded/mapping.toml").read_text("utf-8"))


class SimClock:
    """One clock for all; the CRM's world turns it."""

    def __init__(self, now: Callable[[], datetime], start: datetime) -> None:
        self._now = now
        self._start = start

    def now(self) -> datetime:
        return self._now()

    def monotonic(self) -> float:
        return (self._now() - self._start).total_seconds()


class SimIds:
    def __init__(self, clock: SimClock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng

    def new_id(self) -> str:
        return time_ordered_id(self._clock.now(), self._rng.randbytes(10))


@dataclass
class Written:
    """One value a client entered and was told was saved: what the oracle holds the sides to."""

    mutation_id: str
    gid: str
    values: dict[str, Any]


@dataclass
class Client:
    """One device: its store on disk, its engine and portal, made anew after each crash."""

    name: str
    session: Session
    path: Path
    world: World
    written: list[Written] = field(default_factory=list)
    messages: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Start the process."""
        world = self.world
        self.store = Store.open(self.path, _KEY)
        transport = SimulatedTransport(world.network, self.session)
        self.engine = Engine(self.store, transport, world.clock, world.rng, world.heard, settings=_SETTINGS)
        self.transfers = Transfers(self.store, transport, world.clock, world.rng, world.heard, _SETTINGS)
        self._portal: Portal | None = None

    @property
    def portal(self) -> Portal:
        if self._portal is None:
            self._portal = Portal.open(self.store, self.world.clock, self.world.ids, lambda: None)
        self._portal.reload()
        return self._portal

    def crash(self) -> None:
        """End the process without a word, and start it again."""
        self.store.close()
        self.open()

    def sync(self) -> None:
        """One cycle, as a timer would start it."""
        self.engine.cycle(Wake.USER)
        for _ in range(20):
            if not self.transfers.step():
                break
        self.engine.cycle(Wake.UPLOADED)

    def ready(self) -> bool:
        return Portal.ready(self.store) and self.store.cursors.read().complete


class World:
    """Everything, from one seed."""

    def __init__(self, seed: int, folder: Path | None = None, clients: int = 2) -> None:
        self.rng = random.Random(seed)
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="counterpart-sim-")
        self.folder = folder or Path(self._temporary.name if self._temporary else ".")
        self.crm = build_world()
        self.clock = SimClock(self.crm.clock, self.crm.clock.at)
        self.ids = SimIds(self.clock, self.rng)
        self.count: Counter[str] = Counter()
        self.moved_away: dict[str, str] = {}
        self.deals = [self.crm.protected(self.ids.new_id()) for _ in range(3)]
        self.deals.append(self.crm.submitted(self.ids.new_id()))
        self.requests = [self.crm.request(self.ids.new_id()) for _ in range(2)]
        self.database = memory_database()
        self.blobs = MemoryBlobs()
        self._secret = self.rng.randbytes(32)
        self._signing = Ed25519PrivateKey.from_private_bytes(self.rng.randbytes(32))
        self.gateway = self._gateway()
        self.crm.crm.on_commit(lambda refs: self.gateway.committed(refs, SYSTEM))
        self.network = Network(lambda: self.gateway, self.restart_gateway)
        self.gateway.backfill()
        self.clients: list[Client] = []
        people = (("Maya Okafor", "manager", self.crm.maya), ("Tomasz Wilk", "admin", self.crm.tomasz))
        for n in range(clients):
            name, role, actor = people[n % len(people)]
            session = self._session(name, role, Ref("contact", actor.id), f"device {n}")
            self.clients.append(Client(name, session, self.folder / f"client{n}.db", self))

    def close(self) -> None:
        for client in self.clients:
            client.store.close()
        self.gateway.close()
        self.crm.crm.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def heard(self, event: object) -> None:
        self.count[type(event).__name__] += 1

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
            )
        )

    def restart_gateway(self) -> None:
        """The process ended; what was committed is there, leases and hints in memory are not."""
        self.gateway = self._gateway()
        self.gateway.recover(alone=True)

    def crash_gateway_at(self, point: Failpoint) -> None:
        """Let the next mutation end the gateway's process at a named point."""

        def hook(reached: Failpoint) -> None:
            if reached is point:
                raise Crash

        self.gateway.failpoints.hook = hook

    def _session(self, name: str, role: str, contact: Ref, device: str) -> Session:
        user = source_gid(SYSTEM, contact.obj, contact.id)
        known = {client.session.user for client in self.clients} if hasattr(self, "clients") else set()
        if user not in known:
            self.gateway.identity.add_user(
                NewUser(
                    name=name,
                    email=f"{name.partition(' ')[0].lower()}@brightwater.example",
                    role=role,
                    companies=(self.gid(self.crm.brightwater),),
                    password="correct horse battery",
                    contacts=(Contact(SYSTEM, contact),),
                )
            )
        return self.gateway.identity.session_for(user, device)

    def gid(self, ref: Ref) -> str:
        """The gid under which partners know a row: its marker, or derived from its id."""
        rows = self.crm.crm.fetch([ref])
        born = rows[0].fields.get("portal_ref") if rows else None
        return str(born) if born else source_gid(SYSTEM, ref.obj, ref.id)

    # -- time and quiet -----------------------------------------------------------------------------------
    def tick(self, seconds: float = 1.0) -> None:
        """Let time pass; the gateway reads what the CRM has."""
        self.crm.clock.at += timedelta(seconds=seconds)
        self.gateway.ingest_step()

    def heal(self) -> None:
        """The network works, nobody edits; let everything come to rest. No click is made (promise 10)."""
        self.network.down = False
        self.network.faults.clear()
        self.gateway.failpoints.hook = None
        self.network.deliver_late()
        for _ in range(40):
            self.tick(6.0)
            self.gateway.backfill()
            before = [self._stand(client) for client in self.clients]
            for client in self.clients:
                client.engine.cycle(Wake.TIMER)
                while client.transfers.step():
                    pass
            if before == [self._stand(client) for client in self.clients] and all(
                client.ready() for client in self.clients
            ):
                return

    def _stand(self, client: Client) -> tuple[object, ...]:
        items = [(i.mutation.mutation_id, i.state) for i in client.store.outbox.open_items()]
        return (client.store.cursors.read().cursor, tuple(items), client.engine.status.mode)

    # -- what a user does ---------------------------------------------------------------------------------
    def shown(self, client: Client, entity: str) -> list[str]:
        portal = client.portal
        return [row.gid for row in portal.records.rows(portal.records.ids(entity))]

    def edit(self, client: Client, gid: str, field_name: str, value: str) -> bool:
        """Edit one field through the services, as the detail pane does."""
        if field_name not in client.portal.records.editable(gid):
            return False
        try:
            done = client.portal.intents.edit(gid, {field_name: value})
        except CounterpartError:
            return False
        if done.mutation_id:
            # An edit joined to an unsent one replaces what that one held.
            client.written = [
                w
                for w in client.written
                if not (w.mutation_id == done.mutation_id and field_name in w.values)
            ]
            client.written.append(Written(done.mutation_id, gid, {field_name: value}))
        return bool(done.mutation_id)

    def message(self, client: Client, parent: str, text: str) -> None:
        client.portal.intents.message(parent, text)
        client.messages[text] = parent

    def register(self, client: Client, name: str) -> str:
        """Register a deal with evidence, from draft to submission."""
        drafts = client.portal.drafts
        gid = drafts.start("deal_registration")
        data = dict(drafts.load(gid).data)
        data |= {
            "customer": name,
            "website": f"{name.lower()}.example",
            "country": "GB",
            "title": f"{name} network",
            "amount": "1200.00",
            "currency": "GBP",
            "target_close": (self.clock.now().date() + timedelta(days=60)).isoformat(),
            "problem": "The network stops whenever the shop is full of people.",
        }
        drafts.save(gid, data)
        path = self.folder / f"{name}.txt"
        path.write_text(f"Evidence for {name}")
        drafts.add_file(gid, path)
        drafts.submit(gid)
        return gid

    def resolve(self, client: Client) -> bool:
        """Decide the oldest conflict, by chance theirs or mine for each field."""
        portal = client.portal
        for view in portal.conflicts.list():
            if view.fields:
                choices = {
                    f.group: Choice(self.rng.choice((ChoiceKind.MINE, ChoiceKind.THEIRS)))
                    for f in view.fields
                }
                try:
                    portal.conflicts.resolve(view.gid, choices)
                except CounterpartError:
                    continue
                return True
        return False
