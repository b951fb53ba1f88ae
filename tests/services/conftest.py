"""A portal over a real encrypted store in a temporary file, with the partner manifest and a clock that stands still."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from app.contract.canonical import record_hash
from app.contract.changes import Company, Me
from app.contract.ids import source_gid
from app.contract.manifest import Manifest, effective, parse_manifest
from app.contract.mutations import ClashReason, FieldClash, Kind, Mutation
from app.contract.records import Record
from app.services.pdf import end_reader
from app.services.portal import Portal
from app.services.words import Words
from app.store.conflicts import Conflict
from app.store.database import Store
from app.store.states import ConflictKind
from gateway.portals import load_portal

KEY = bytes(range(32))
MANIFEST = Path(__file__).parents[2] / "resources" / "manifests" / "partner.toml"
COMPANY = source_gid("test", "company", "1")
MAYA = "user-maya"


class StandingClock:
    """Monday 23 November 2026, 09:41 in London; moves only when told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def go(self, **delta: float) -> None:
        self.at += timedelta(**delta)


class CountedIds:
    """UUIDv7-shaped ids in counting order."""

    def __init__(self) -> None:
        self.count = 0

    def new_id(self) -> str:
        self.count += 1
        return f"01900000-0000-7000-8000-{self.count:012x}"


@cache
def partner_manifest(role: str = "manager") -> Manifest:
    return effective(load_portal(MANIFEST), role)


@dataclass
class World:
    """One account's portal, and the other side's hand on its store."""

    store: Store
    portal: Portal
    clock: StandingClock
    ids: CountedIds
    wakes: list[int] = field(default_factory=list)

    def put(self, entity: str, name: str, /, **data: Any) -> str:
        """Let a record arrive from the gateway; returns its gid."""
        return self.put_at(source_gid("test", entity, name), entity, **data)

    def put_at(self, gid: str, entity: str, /, **data: Any) -> str:
        """Let a record with a gid of its own arrive."""
        before = self.store.mirror.truth(gid)
        whole = {**(before.data if before and before.data else {}), **data}
        version = str(int(before.version or 0) + 1 if before else 1)
        self.store.mirror.put(
            Record(gid=gid, entity=entity, version=version, hash=record_hash(whole), data=whole)
        )
        return gid

    def deal(self, name: str = "kestrel", **changes: Any) -> str:
        data: dict[str, Any] = {
            "number": "DR-2026-0417",
            "company": COMPANY,
            "customer": "Kestrel Foods",
            "website": "kestrel.example",
            "country": "GB",
            "title": "Branch edge, 14 sites",
            "type": "new",
            "amount": "184250.00",
            "currency": "GBP",
            "products": ["edge_220"],
            "target_close": "2027-01-29",
            "problem": "Branch routers drop out several times a week.",
            "state": "approved",
            "owner": MAYA,
            "owner_name": "Maya Okafor",
            "protected_until": "2027-02-21",
            "timeline": [],
            "created_at": "2026-11-17T10:00:00Z",
            "updated_at": "2026-11-20T10:00:00Z",
        }
        return self.put("deal_registration", name, **{**data, **changes})

    def request(self, name: str = "quote", **changes: Any) -> str:
        data: dict[str, Any] = {
            "number": "REQ-3321",
            "company": COMPANY,
            "subject": "Quote for HA pair",
            "category": "quote",
            "priority": "high",
            "customer": "Oriel Biotech",
            "state": "waiting_on_vendor",
            "assignee": "Ingrid Solheim",
            "due_at": "2026-11-23T14:36:00Z",
            "owner": MAYA,
            "owner_name": "Maya Okafor",
            "created_at": "2026-11-19T14:05:00Z",
            "updated_at": "2026-11-23T08:05:00Z",
            "last_message_at": "2026-11-23T08:05:00Z",
        }
        return self.put("request", name, **{**data, **changes})

    def clash(
        self,
        fields: Mapping[str, tuple[Any, Any, Any]],
        *,
        also: Mapping[str, Any] | None = None,
        state: str = "approved",
        reason: ClashReason = ClashReason.BOTH_CHANGED,
        by: str = "Ingrid Solheim",
    ) -> str:
        """A deal with an undecided conflict: per field (base, theirs, mine); `also` was changed by me and fits."""
        deal = self.deal(state=state, **{name: base for name, (base, _, _) in fields.items()})
        mine = {**{name: value for name, (_, _, value) in fields.items()}, **(also or {})}
        seen = self.store.mirror.truth(deal)
        base = {name: seen.data.get(name) for name in mine} if seen and seen.data else {}
        mutation = Mutation(
            mutation_id=self.ids.new_id(),
            entity="deal_registration",
            gid=deal,
            kind=Kind.PATCH,
            base_version="1",
            base=base,
            changes=mine,
            captured_at=self.clock.now() - timedelta(minutes=70),
        )
        self.store.outbox.enqueue(mutation, label="Edit")
        self.store.outbox.mark_sending([mutation.mutation_id])
        clashes = tuple(
            FieldClash(
                group=name,
                reason=reason,
                base={name: base_value},
                theirs={name: theirs},
                mine={name: value},
                theirs_by=by,
                theirs_at=self.clock.now() - timedelta(minutes=44),
                theirs_via="web, in the CRM",
            )
            for name, (base_value, theirs, value) in fields.items()
        )
        self.deal(state=state, **{name: theirs for name, (_, theirs, _) in fields.items()})
        with self.store.transaction():
            self.store.conflicts.add(
                Conflict(
                    mutation_id=mutation.mutation_id,
                    gid=deal,
                    entity="deal_registration",
                    kind=ConflictKind.FIELDS,
                    clashes=clashes,
                    mutation=mutation,
                    mine=mine,
                    base=base,
                    last=None,
                    label="Edit",
                    detected_at=self.clock.now(),
                    mine_at=mutation.captured_at,
                    device="laptop BW-MO14",
                )
            )
            self.settle(mutation.mutation_id, "conflict")
        return deal

    def sent(self) -> list[Mutation]:
        """The open mutations in the user's order."""
        return [item.mutation for item in self.store.outbox.open_items()]

    def settle(self, mutation_id: str, status: str = "applied") -> None:
        self.store.outbox.settle(mutation_id, status, self.clock.now())


def _text_of(manifest: Manifest) -> str:
    return json.dumps(manifest.model_dump(mode="json"))


@cache
def _partner_text(role: str) -> str:
    return _text_of(partner_manifest(role))


@cache
def _signed_in(manifest: str, role: str, companies: int) -> bytes:
    """The file of a store that holds a manifest and who is signed in. A copy costs a fraction of making one."""
    own = parse_manifest(json.loads(manifest)).role(role)
    names = [("Brightwater IT Ltd", COMPANY), ("Ashcombe Networks", source_gid("test", "company", "2"))]
    me = Me(
        user=MAYA,
        name="Maya Okafor",
        email="maya@brightwater.example",
        role=role,
        role_label="Sales manager",
        companies=tuple(Company(gid=gid, name=name) for name, gid in names[:companies]),
        vendor="Halden Systems",
        device="device-1",
        grant="grant-1",
        keeps_colleagues=own is not None and own.keeps_colleagues,
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        with Store.open(path, KEY) as store:
            store.cursors.save_manifest(manifest, "etag-1")
            store.cursors.save_me(me)
        return path.read_bytes()


def open_world(
    path: Path,
    *,
    role: str = "manager",
    companies: int = 1,
    words: Words | None = None,
    manifest: Manifest | None = None,
) -> World:
    """Open a portal; a file that is there is opened as it was left.

    `words`: what it speaks, `manifest`: another portal than the partners'.
    """
    if not path.exists():
        text = _text_of(manifest) if manifest else _partner_text(role)
        path.write_bytes(_signed_in(text, role, companies))
    store = Store.open(path, KEY)
    clock, ids, wakes = StandingClock(), CountedIds(), []
    portal = Portal.open(store, clock, ids, lambda: wakes.append(1), zone=UTC, words=words)
    return World(store, portal, clock, ids, wakes)


def before_each_transaction(store: Store, act: Callable[[], object]) -> None:
    """Let somebody else write between what a call has read so far and the beginning of its own transaction."""
    connection = store.connection
    begin = connection.transaction

    def hooked(*, gives_way: bool = False) -> Any:
        if not connection.in_transaction:
            act()
        return begin(gives_way=gives_way)

    connection.transaction = hooked  # type: ignore[method-assign]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = open_world(tmp_path / "store.db")
    yield made
    made.store.close()


@pytest.fixture
def other(world: World) -> Iterator[Portal]:
    """The same account on another thread: a portal over a connection of its own."""
    with Store.open(world.store.path, KEY) as store:
        yield Portal.open(store, world.clock, world.ids, lambda: None, zone=UTC)


@pytest.fixture
def form() -> Mapping[str, Any]:
    """A registration that holds all it needs except its evidence."""
    return {
        "company": COMPANY,
        "customer": "Ledbury Homes",
        "website": "ledburyhomes.example",
        "country": "GB",
        "title": "Sales office Wi-Fi",
        "type": "new",
        "amount": "22480.00",
        "currency": "GBP",
        "target_close": "2026-12-18",
        "problem": "Sales staff lose the booking system several times a day.",
    }


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    path = tmp_path / "ledbury-site-survey.txt"
    path.write_text("Three offices, one comms room.\n")
    return path


@pytest.fixture
def own_reader() -> Iterator[None]:
    """None from an earlier test, and none left for a later one."""
    end_reader()
    yield
    end_reader()
