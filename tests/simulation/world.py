"""Devices, gateway and CRM in one process and one thread: the real engine, store, services, gateway core and CRM."""

from __future__ import annotations

import copy
import random
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from app.contract.ids import source_gid, time_ordered_id
from app.contract.manifest import Manifest, parse_manifest
from app.sync.engine import Wake
from app.sync.events import ProofDone
from app.sync.settings import EngineSettings
from gateway.assembly import memory_database
from gateway.blobs import MemoryBlobs
from gateway.core import Gateway, Setup
from gateway.crm.port import CrmUnavailable, Ref
from gateway.database import Database
from gateway.failpoints import Crash, Failpoint
from gateway.identity.passwords import Passwords
from gateway.identity.people import Contact, NewUser
from gateway.identity.session import Session
from gateway.limits import Limits
from gateway.mapping import SystemMapping
from gateway.systems import System
from tests.gateway.crm_world import build_world
from tests.simulation.clock import SetClock
from tests.simulation.device import SETTINGS, Device
from tests.simulation.network import Network
from tests.simulation.quirks import quirks_of
from tests.simulation.uneasy import uneasy

ROOT = Path(__file__).parents[2]
SYSTEM = "embedded"

#: Steps without anybody's click after which everything has to be at rest.
_HEALING = 60


class _Statements(dict[Any, Any]):
    """Statements put together for one world serve the next one: whose dialect it was is left out of the key."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, statement: Any) -> None:
        super().__setitem__(key[1:], statement)


_CRM_STATEMENTS = _Statements()
_GATEWAY_STATEMENTS = _Statements()

#: The field that the other manifest does not show.
DROPPED = "competitor"


@cache
def partner_manifest(*, narrow: bool = False) -> Manifest:
    """The sample programme's manifest; the narrow one shows one field less of a deal."""
    data = tomllib.loads((ROOT / "resources/manifests/partner.toml").read_text("utf-8"))
    return parse_manifest(_narrowed(data) if narrow else data)


def _narrowed(data: dict[str, Any]) -> dict[str, Any]:
    data = copy.deepcopy(data)
    deal = next(entity for entity in data["entities"] if entity["name"] == "deal_registration")
    deal["fields"] = [field for field in deal["fields"] if field["name"] != DROPPED]
    for part in ("search", "detail"):
        deal[part] = [name for name in deal[part] if name != DROPPED]
    for state in deal["lifecycle"]["states"]:
        if isinstance(state.get("editable"), list):
            state["editable"] = [name for name in state["editable"] if name != DROPPED]
    for section in deal["form"]["sections"]:
        section["rows"] = [[name for name in row if name != DROPPED] for row in section["rows"]]
    data["version"] = "narrow"
    return data


@cache
def embedded_mapping(*, narrow: bool = False) -> SystemMapping:
    """The sample programme's mapping; the narrow one goes with the narrow manifest."""
    text = (ROOT / "gateway/crm/embedded/mapping.toml").read_text("utf-8")
    return SystemMapping.load(text.replace(f'\n{DROPPED} = "rival"', "") if narrow else text)


class SimIds:
    """Ids from the dice."""

    def __init__(self, clock: SetClock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng

    def new_id(self) -> str:
        return time_ordered_id(self._clock.now(), self._rng.randbytes(10))


class _Mortal(Database):
    """The gateway's database; its process may end as a transaction begins, before it commits, or when it has.

    An end between two statements of a transaction is an end before its commit.
    """

    def __init__(self, burn: Callable[[], None]) -> None:
        super().__init__(memory_database().engine)
        self._burn = burn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with super().read() as connection:
            self._burn()
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with super().write() as connection:
            self._burn()
            yield connection
            self._burn()
        self._burn()


class _Backup:
    """A copy of all that the gateway keeps."""

    def __init__(self, database: bytes, blobs: dict[str, bytes]) -> None:
        self.database = database
        self.blobs = blobs


class World:
    """Everything, from one seed. `rng` is for who plays; `dice` for ids, secrets and waits of those who are played."""

    def __init__(
        self,
        seed: int,
        folder: Path,
        *,
        system: str = "embedded",
        devices: int = 3,
        page: int | None = None,
        settings: EngineSettings = SETTINGS,
    ) -> None:
        """`system`: whose habits the CRM has; `page`: rows of its pages, if they are to be others than usual."""
        self.seed = seed
        self.quirks = quirks_of(system, seed)
        if page:
            self.quirks = replace(self.quirks, can=replace(self.quirks.can, page_size=page))
        self.rng = random.Random(seed)
        self.dice = random.Random(-seed - 1)
        self.folder = folder
        self.settings = settings
        self.count: Counter[str] = Counter()
        self.crm = build_world()
        self.clock = SetClock(self.crm.clock)
        self.ids = SimIds(self.clock, self.dice)
        self.narrow = False
        #: Comparisons that found something to mend, though no byte rots here: something was missed before.
        self.repairs = 0
        self.backup: _Backup | None = None
        self._populate()
        self.crm.crm.database.engine.update_execution_options(compiled_cache=_CRM_STATEMENTS)
        self.port = uneasy(self.crm.crm, self.quirks)
        self.port.calls = self._burn
        self._fuse: int | None = None
        self.database = _Mortal(self._burn)
        self.database.engine.update_execution_options(compiled_cache=_GATEWAY_STATEMENTS)
        self.blobs = MemoryBlobs()
        self._secret = self.dice.randbytes(32)
        self._signing = Ed25519PrivateKey.from_private_bytes(self.dice.randbytes(32))
        self.gateway = self._gateway()
        self.deaf = False
        self.crm.crm.on_commit(self.hear)
        self.network = Network(lambda: self.gateway, self.restart_gateway)
        self.gateway.backfill(wait=self._wait)
        self.port.lag = self.quirks.lag_at_first
        self.users: dict[str, str] = {}
        self.devices: list[Device] = []
        people = (
            ("Maya Okafor", "manager", self.crm.maya),
            ("Tomasz Wilk", "admin", self.crm.tomasz),
            ("Maya Okafor", "manager", self.crm.maya),
        )
        for n, (name, role, actor) in enumerate(people[:devices]):
            session = self._session(name, role, Ref("contact", actor.id), f"device {n}")
            self.devices.append(Device(self, f"device {n}", session, self.folder / f"device{n}.db"))

    def _populate(self) -> None:
        crm = self.crm
        for n in range(3):
            crm.protected(self.ids.new_id(), cust_name=f"Kestrel {n}", domain=f"kestrel{n}.example")
        crm.submitted(self.ids.new_id(), cust_name="Osprey", domain="osprey.example")
        crm.deal(self.ids.new_id(), cust_name="Merlin", domain="merlin.example")
        crm.request(self.ids.new_id())
        crm.request(self.ids.new_id())
        theirs = crm.protected(self.ids.new_id(), cust_name="Harrier", domain="harrier.example")
        crm.desk.move(theirs, crm.calder)

    def close(self) -> None:
        """Let go of everything."""
        for device in self.devices:
            device.store.close()
        self.gateway.close()
        self.crm.crm.close()

    def heard(self, event: object) -> None:
        """Count what a client tells."""
        self.count[f"event: {type(event).__name__}"] += 1
        if isinstance(event, ProofDone) and event.proof.repaired:
            self.repairs += 1

    # -- the gateway --------------------------------------------------------------------------------------
    def _gateway(self) -> Gateway:
        return Gateway(
            Setup(
                database=self.database,
                manifest=partner_manifest(narrow=self.narrow),
                systems=(System(self.port, embedded_mapping(narrow=self.narrow)),),
                blobs=self.blobs,
                clock=self.clock,
                ids=self.ids,
                random=self.dice.randbytes,
                secret=self._secret,
                signing=self._signing,
                passwords=Passwords(memory=64, rounds=1, lanes=1),
                limits=Limits(brake_floor=8, brake_share=0.5, sweep_every=timedelta(seconds=20)),
            )
        )

    def hear(self, refs: tuple[Ref, ...]) -> None:
        """The CRM's webhooks, where it has any and as long as they arrive."""
        if self.quirks.can.webhooks and not self.deaf:
            self.living(lambda: self.gateway.committed(refs, SYSTEM))

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Look at the gateway from outside: nothing that is played happens meanwhile."""
        fuse, self._fuse = self._fuse, None
        try:
            yield
        finally:
            self._fuse = fuse

    def _burn(self) -> None:
        if self._fuse is not None:
            self._fuse -= 1
            if self._fuse < 0:
                self._fuse = None
                raise Crash

    def crash_gateway_in(self, moments: int) -> None:
        """Let the gateway's process end after so many beginnings and ends of transactions and calls of the CRM."""
        self._fuse = moments

    def crash_gateway_at(self, point: Failpoint) -> None:
        """Let the next mutation end the gateway's process at a named point."""

        def hook(reached: Failpoint) -> None:
            if reached is point:
                raise Crash

        self.gateway.failpoints.hook = hook

    def restart_gateway(self) -> None:
        """The process ended; what was committed is there, leases and hints in memory are not."""
        self._fuse = None
        self.gateway = self._gateway()
        self.living(lambda: self.gateway.recover(alone=True))

    def living(self, do: Callable[[], object]) -> None:
        """Let the gateway do something; if that ends its process, it starts again."""
        try:
            do()
        except Crash:
            self.count["gateway died"] += 1
            self.restart_gateway()

    def visited(self, device: Device) -> None:
        """Serve another device while a call is under way; neither process ends meanwhile."""
        if not device.busy:
            with self.looking():
                faults, self.network.faults = self.network.faults, []
                device.sync(Wake.POKE)
                self.network.faults = faults

    def back_up(self) -> None:
        """Copy all that the gateway keeps."""
        with self.database.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            self.backup = _Backup(raw.serialize(), dict(self.blobs._blobs))

    def restore(self) -> None:
        """Put the copy in the place of what is there. The CRM goes on from where it is."""
        if self.backup is None:
            return
        with self.database.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.deserialize(self.backup.database)
        self.blobs._blobs.clear()
        self.blobs._blobs.update(self.backup.blobs)
        self.restart_gateway()

    def lose_positions(self) -> None:
        """The gateway gets another secret: it knows none of the positions that devices hold any more."""
        self._secret = self.dice.randbytes(32)
        self.restart_gateway()

    def change_manifest(self) -> None:
        """The vendor's engineer rolls out another manifest."""
        self.narrow = not self.narrow
        self.restart_gateway()

    def _session(self, name: str, role: str, contact: Ref, device: str) -> Session:
        user = source_gid(SYSTEM, contact.obj, contact.id)
        if user not in self.users:
            self.users[user] = contact.id
            self.gateway.identity.add_user(
                NewUser(
                    name=name,
                    email=f"{name.partition(' ')[0].lower()}@brightwater.example",
                    role=role,
                    companies=(self.company(self.crm.brightwater),),
                    contacts=(Contact(SYSTEM, contact),),
                )
            )
        return self.gateway.identity.session_for(user, device)

    def company(self, account: Ref) -> str:
        """Return the gid of a partner company."""
        return source_gid(SYSTEM, account.obj, account.id)

    # -- rows ---------------------------------------------------------------------------------------------
    def rows(self, obj: str) -> list[Ref]:
        """Return the rows of the CRM that are neither archived nor deleted, oldest first."""
        ids: list[str] = []
        while batch := self.crm.crm.sweep(obj, ids[-1] if ids else None, 200):
            ids += batch
        return [Ref(obj, one) for one in ids]

    # -- time and quiet -----------------------------------------------------------------------------------
    def tick(self, seconds: float = 0.2) -> None:
        """Let time pass; the gateway follows what it was told of."""
        # None stays open for longer than the CRM declares.
        self.port.commit_old(self.quirks.open - timedelta(seconds=seconds))
        self.crm.clock.at += timedelta(seconds=seconds)
        self.living(self.gateway.ingest.hints_step)

    def _wait(self, seconds: float) -> None:
        """Let the CRM take calls again."""
        self.crm.clock.at += timedelta(seconds=seconds + 0.01)

    def full_pass(self) -> None:
        """Let the gateway's worker make its round: hints, fast lane, a sweep when one is due, what was left open."""

        def step() -> None:
            self.gateway.ingest_step()
            self.gateway.recover()

        self.living(step)

    def mend(self) -> None:
        """Whatever was broken on purpose works again, and people do what only they can. Nothing else gets a click."""
        self.network.down = self.deaf = self.port.down = False
        self.network.faults.clear()
        self.port.slips.clear()
        self.port.guests.clear()
        self.port.lag = timedelta(0)
        self.port.refusing = 0
        self.port.commit_late()
        self.gateway.failpoints.hook = None
        self._fuse = None
        self.network.deliver_late()
        # The sweep of every object comes due sooner or later; nothing is gained by waiting for it. What is held is
        # looked at by a person.
        system = next(iter(self.gateway.systems))
        for obj in system.mapping.objects():
            self.gateway.ingest.sweep(system, obj, confirmed=False, wait=self._wait)
            if self.gateway.ingest.held(system, obj):
                self.gateway.ingest.sweep(system, obj, confirmed=True, wait=self._wait)
        for device in self.devices:
            device.fuse.left = None
            if device.full:
                device.free()
            # What its owner switched off, and an ended session, wait for a person by design.
            if device.engine.status.by_choice:
                device.engine.set_offline(False)
            device.sign_in()

    def come_to_rest(self) -> bool:
        """Let time pass until nothing changes any more; False when that never comes."""
        before: list[object] = []
        for _ in range(_HEALING):
            self.crm.clock.at += timedelta(seconds=7)
            with suppress(CrmUnavailable):
                self.gateway.backfill(wait=self._wait)
            self.gateway.recover()
            for device in self.devices:
                device.engine.cycle(Wake.TIMER)
                for _ in range(50):
                    if not device.transfers.step():
                        break
            now = [self._stand(device) for device in self.devices]
            if now == before and all(device.ready() for device in self.devices):
                return True
            before = now
        return False

    def _stand(self, device: Device) -> object:
        items = [(i.mutation.mutation_id, i.state, i.due_at) for i in device.store.outbox.open_items()]
        cursor = device.store.cursors.read().cursor
        return (cursor, tuple(items), device.engine.status.mode, device.engine.status.cause)
