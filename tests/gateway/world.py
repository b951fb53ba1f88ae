"""A gateway over the small system, with a clock, ids and randomness that repeat, and verbs for tests."""

from __future__ import annotations

import json
import random
import tomllib
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.contract.ids import source_gid, time_ordered_id
from app.contract.manifest import Manifest, parse_manifest
from app.contract.mutations import Command, Kind, Mutation, Outcome, PushBody
from gateway.blobs import BlobStore, DiskBlobs, MemoryBlobs
from gateway.core import Gateway, Setup
from gateway.crm.port import Ref
from gateway.database import Database
from gateway.identity.passwords import Passwords
from gateway.identity.people import Contact, NewUser
from gateway.identity.session import Session
from gateway.limits import Limits
from gateway.mapping import SystemMapping
from gateway.systems import System
from tests.gateway.databases import Image, lender
from tests.gateway.memory_port import MAPPING, MemoryPort

ROOT = Path(__file__).parents[2]


@cache
def partner_manifest() -> Manifest:
    """The flagship manifest."""
    return parse_manifest(tomllib.loads((ROOT / "resources/manifests/partner.toml").read_text("utf-8")))


@cache
def memory_mapping() -> SystemMapping:
    """The mapping of the small system."""
    return SystemMapping.load(MAPPING)


class FixedClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        #: How wrong somebody has set it.
        self.off_by = timedelta(0)

    def now(self) -> datetime:
        """Return the time it shows."""
        return self.at + self.off_by

    def monotonic(self) -> float:
        """Return seconds."""
        return self.at.timestamp()

    def forward(self, seconds: float) -> None:
        """Move it."""
        self.at += timedelta(seconds=seconds)


class SeededIds:
    """Ids that repeat."""

    def __init__(self, clock: FixedClock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng

    def new_id(self) -> str:
        """Return the next id."""
        return time_ordered_id(self._clock.now(), self._rng.randbytes(10))


#: How worlds begin, by the kind of their database and their limits.
_begun: dict[tuple[str, Limits], tuple[dict[str, Any], Image]] = {}


class World:
    """Three companies in the small system, a gateway that has read them, and people."""

    def __init__(self, limits: Limits | None = None, folder: Path | None = None) -> None:
        """`folder`: keep the gateway's database and blobs in files, as many threads need them."""
        self.limits = limits or Limits()
        self.mapping = memory_mapping()
        self.blobs: BlobStore = DiskBlobs(folder) if folder else MemoryBlobs()
        self.signing = Ed25519PrivateKey.from_private_bytes(bytes(32))
        like = lender.kind, self.limits
        if folder is None and like in _begun:
            self._take_up(*_begun[like])
            return
        self._begin(folder)
        if folder is None:
            _begun[like] = self._state(), lender.image(self.database)

    def _begin(self, folder: Path | None) -> None:
        self.clock = FixedClock()
        self.rng = random.Random(7)
        self.ids = SeededIds(self.clock, self.rng)
        self.port = MemoryPort(self.clock.now)
        self.north = self.port.add("account", title="Northwind", level="G")
        self.south = self.port.add("account", title="Southgate", level="S")
        self.database = lender.database(folder)
        self.gateway = self.restarted()
        self.read()
        self.admin = self.user("Ada Admin", "admin", self.north)
        self.rep = self.user("Remy Rep", "rep", self.north)
        self.other = self.user("Olga Other", "admin", self.south)

    def _take_up(self, state: dict[str, Any], image: Image) -> None:
        """Begin where another one did, which takes a fraction of the time."""
        vars(self).update(deepcopy(state))
        self.database = lender.begun(image)
        self.gateway = self.restarted()
        self.gateway._intake._abreast._reached = {"memory"}  # as it was for the one who has read it

    def _state(self) -> dict[str, Any]:
        """All that beginning has made, but for what is in the database."""
        names = ("clock", "rng", "ids", "port", "north", "south", "admin", "rep", "other")
        return deepcopy({name: getattr(self, name) for name in names})

    def restarted(self, manifest: Manifest | None = None, database: Database | None = None) -> Gateway:
        """Return a gateway over what the last one left: as after a crash, or an update of the manifest."""
        return Gateway(
            Setup(
                database=database or self.database,
                manifest=manifest or partner_manifest(),
                systems=(System(self.port, self.mapping),),
                blobs=self.blobs,
                clock=self.clock,
                ids=self.ids,
                random=self.rng.randbytes,
                secret=b"s" * 32,
                signing=self.signing,
                passwords=Passwords(memory=64, rounds=1, lanes=1),
                limits=self.limits,
            )
        )

    # ----------------------------------------------------------------------------------------------- the vendor

    def deal(self, account: Ref | None = None, **fields: Any) -> Ref:
        """Add a deal in the system, complete enough to be submitted."""
        whole = {
            "no": f"D-{self.port._count}",
            "account_id": (account or self.north).id,
            "cust": "Riverside",
            "www": "riverside.example",
            "land": "GB",
            "name": "Edge for 12 sites",
            "kind": "new",
            "cents": 1_842_500,
            "cur": "GBP",
            "close": "2026-12-20",
            "pain": "The shop's network stops every Saturday.",
            "todo": "Call them.\nSend an offer.\n",
            "stage": "0",
        }
        return self.port.add("deal", **{**whole, **fields})

    def read(self) -> int:
        """Let time pass and everything be read."""
        self.clock.forward(1)
        return self.gateway.backfill()

    def let_leases_run_out(self) -> None:
        """Let so much time pass that nobody holds a record any more."""
        self.clock.forward(self.limits.lease.total_seconds() + 1)

    # ----------------------------------------------------------------------------------------------- the people

    def user(self, name: str, role: str, *accounts: Ref) -> Session:
        """Add a user and sign them in."""
        first, _, _ = name.partition(" ")
        person = Contact("memory", Ref("person", first))
        new = NewUser(
            name=name,
            email=f"{first.lower()}@example.test",
            role=role,
            companies=tuple(self.gid(ref) for ref in accounts),
            password="correct horse",
            contacts=(person,),
        )
        return self.gateway.identity.session_for(self.gateway.identity.add_user(new), f"{first}'s laptop")

    def colleague(self) -> Session:
        """Another administrator of the first company."""
        return self.user("Anton Admin", "admin", self.north)

    def gid(self, ref: Ref) -> str:
        """The gid of a row that was born in the system."""
        return source_gid("memory", ref.obj, ref.id)

    # ------------------------------------------------------------------------------------------------ mutations

    def mutation(self, kind: Kind, entity: str, gid: str, **members: Any) -> Mutation:
        """Return a mutation with a new id."""
        fields = {"mutation_id": self.ids.new_id(), "captured_at": self.clock.now(), **members}
        return Mutation(entity=entity, gid=gid, kind=kind, **fields)

    def patch(self, gid: str, base: dict[str, Any], changes: dict[str, Any], **members: Any) -> Mutation:
        """Return an edit of a deal."""
        entity = members.pop("entity", "deal_registration")
        return self.mutation(Kind.PATCH, entity, gid, base=base, changes=changes, **members)

    def command(
        self, gid: str, name: str, state: str, entity: str = "deal_registration", **args: Any
    ) -> Mutation:
        """Return a command."""
        return self.mutation(
            Kind.COMMAND, entity, gid, command=Command(name=name, expected_state=state, args=args)
        )

    def new_deal(self, gid: str = "", **changes: Any) -> Mutation:
        """Return the creation of a deal draft."""
        whole = {
            "company": self.gid(self.north),
            "customer": "Hillcrest",
            "website": "hillcrest.example",
            "country": "GB",
            "title": "Vault for the schools",
            "type": "new",
            "amount": "22480.00",
            "currency": "GBP",
            "target_close": "2026-12-24",
            "problem": "Backups take all night and still fail.",
        }
        return self.mutation(
            Kind.CREATE, "deal_registration", gid or self.ids.new_id(), changes={**whole, **changes}
        )

    def message(self, parent: str, body: str = "Any news?", **members: Any) -> Mutation:
        """Return a message on a record."""
        changes = {"parent": parent, "body": body}
        return self.mutation(Kind.APPEND, "message", self.ids.new_id(), changes=changes, **members)

    def push(self, session: Session, *mutations: Mutation) -> list[Outcome]:
        """Push mutations."""
        return list(self.gateway.push(session, PushBody(mutations=mutations)).outcomes)

    def push_one(self, session: Session, mutation: Mutation) -> Outcome:
        """Push one mutation."""
        return self.push(session, mutation)[0]


class Mirror:
    """What a client would hold: it applies pages, and nothing else."""

    def __init__(self, world: World, session: Session, limit: int = 500) -> None:
        self._world = world
        self._session = session
        self._limit = limit
        self.rows: dict[str, tuple[str, str, str, dict[str, Any]]] = {}
        self.cursor = ""
        self.gone: list[tuple[str, str, str | None]] = []
        self.pages = 0
        self.counts: dict[str, int] = {}
        self._after: str | None = None

    def snapshot(self) -> Mirror:
        """Read everything afresh."""
        self.rows.clear()
        self.cursor, self._after = "", None
        while not self.cursor:
            self.snapshot_page()
        return self

    def snapshot_page(self) -> None:
        """Read one page of a snapshot; the last one brings the cursor."""
        page = json.loads(self._world.gateway.snapshot(self._session, self._after, self._limit))
        self.pages += 1
        self.counts = page["counts"]
        self._put(page["puts"])
        self._after, self.cursor = page["after"], page["cursor"] or ""

    def page(self) -> bool:
        """Read one page of changes; returns whether there are more."""
        page = json.loads(self._world.gateway.changes(self._session, self.cursor, self._limit))
        self.pages += 1
        for gid, _entity, reason, into in page["gone"]:
            self.rows.pop(gid, None)
            self.gone.append((gid, reason, into))
        self._put(page["puts"])
        self.cursor = page["cursor"]
        return bool(page["more"])

    def pull(self) -> Mirror:
        """Read changes to the head."""
        while self.page():
            pass
        return self

    def _put(self, puts: list[Any]) -> None:
        for gid, entity, version, digest, data in puts:
            self.rows[gid] = (entity, version, digest, data)

    def data(self, gid: str) -> dict[str, Any]:
        """Return one record's data."""
        return self.rows[gid][3]

    def of(self, entity: str) -> set[str]:
        """Return the gids of one entity type."""
        return {gid for gid, row in self.rows.items() if row[0] == entity}

    def hashes(self) -> dict[str, str]:
        """Return gid to hash."""
        return {gid: row[2] for gid, row in self.rows.items()}
