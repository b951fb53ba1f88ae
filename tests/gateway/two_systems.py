"""A gateway over two small systems: companies and deals live in one, requests, orders and invoices in the other.

Both hold notes and papers. What the second refers to in the first it names by the first one's ids.
"""

from __future__ import annotations

import random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.contract.ids import source_gid
from app.contract.manifest import Manifest
from app.contract.mutations import Kind, Mutation
from gateway.blobs import MemoryBlobs
from gateway.core import Gateway, Setup
from gateway.crm.port import Ref
from gateway.database import Database
from gateway.identity.passwords import Passwords
from gateway.identity.people import Contact, NewUser
from gateway.identity.session import Session
from gateway.limits import Limits
from gateway.mapping import SystemMapping
from gateway.systems import System
from tests.gateway.databases import lender
from tests.gateway.memory_port import MAPPING, MemoryPort
from tests.gateway.world import FixedClock, SeededIds, World, partner_manifest

_CRM = ("company", "deal_registration", "message", "file", "document")

_CHILDREN = """
[[maps]]
entity = "message"
object = "note"
marker = "portal_ref"
[maps.fields]
body = "text"
author_name = "who"
[maps.parent]
property = "on_id"
object_property = "on_kind"
objects = { T = "ticket" }
"""

ERP = f"""
system = "erp"

[[maps]]
entity = "request"
object = "ticket"
marker = "portal_ref"
[maps.fields]
number = "no"
company = {{ property = "crm_account", as = "reference", object = "account", system = "crm" }}
deal = {{ property = "crm_deal", as = "reference", object = "deal", system = "crm" }}
subject = "head"
category = "cat"
priority = "prio"
owner = {{ property = "crm_person", as = "person", object = "person", system = "crm" }}
[maps.fields.state]
property = "stage"
values = {{ new = "N", open = "O", waiting_on_partner = "P", waiting_on_vendor = "V", resolved = "R", closed = "C" }}
[maps.scope]
company = "company"
owner = "owner"
families = ["support"]
{_CHILDREN}
[[maps]]
entity = "order"
object = "so"
[maps.fields]
number = "no"
company = {{ property = "crm_account", as = "reference", object = "account", system = "crm" }}
[maps.fields.state]
property = "stage"
values = {{ placed = "P", confirmed = "C", fulfilled = "F", invoiced = "I", paid = "D", cancelled = "X" }}
[maps.scope]
company = "company"
families = ["finance"]

[[maps]]
entity = "invoice"
object = "inv"
[maps.fields]
number = "no"
company = {{ property = "crm_account", as = "reference", object = "account", system = "crm" }}
order = {{ property = "so_id", as = "reference", object = "so" }}
[maps.fields.state]
property = "stage"
values = {{ open = "O", overdue = "L", paid = "P", cancelled = "X" }}
[maps.scope]
company = "company"
families = ["finance"]
"""


def crm_mapping() -> SystemMapping:
    """The mapping of the first system: the small system's, without its requests."""
    whole = SystemMapping.load(MAPPING)
    return whole.model_copy(
        update={"system": "crm", "maps": tuple(item for item in whole.maps if item.entity in _CRM)}
    )


def erp_mapping() -> SystemMapping:
    """The mapping of the second system."""
    return SystemMapping.load(ERP)


def port_of(name: str, label: str, clock: FixedClock) -> MemoryPort:
    """Return a small system of that name."""
    port = MemoryPort(clock.now)
    port.system, port.label = name, label
    return port


class TwoSystems(World):
    """`crm` and `erp` side by side. `port` is the first one, so that the verbs of `World` about deals go there."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.blobs = MemoryBlobs()
        self.signing = Ed25519PrivateKey.from_private_bytes(bytes(32))
        self.clock = FixedClock()
        self.rng = random.Random(7)
        self.ids = SeededIds(self.clock, self.rng)
        self.crm = self.port = port_of("crm", "HubSpot", self.clock)
        self.erp = port_of("erp", "Odoo", self.clock)
        self.north = self.crm.add("account", title="Northwind", level="G")
        self.database = lender.database(None)
        self.gateway = self.restarted()
        self.read()
        self.admin = self.user("Ada Admin", "admin", self.north)

    def restarted(self, manifest: Manifest | None = None, database: Database | None = None) -> Gateway:
        """Return a gateway over what the last one left."""
        return Gateway(
            Setup(
                database=database or self.database,
                manifest=manifest or partner_manifest(),
                systems=(System(self.crm, crm_mapping()), System(self.erp, erp_mapping())),
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

    def user(self, name: str, role: str, *accounts: Ref) -> Session:
        """Add a user and sign them in."""
        first, _, _ = name.partition(" ")
        new = NewUser(
            name=name,
            email=f"{first.lower()}@example.test",
            role=role,
            companies=tuple(self.gid(ref) for ref in accounts),
            password="correct horse",
            contacts=(Contact("crm", Ref("person", first)),),
        )
        return self.gateway.identity.session_for(self.gateway.identity.add_user(new), f"{first}'s laptop")

    def gid(self, ref: Ref, system: str = "crm") -> str:
        """The gid of a row that was born in a system."""
        return source_gid(system, ref.obj, ref.id)

    def step(self, seconds: float = 61) -> int:
        """Let time pass and every lane have a turn."""
        self.clock.forward(seconds)
        return self.gateway.ingest_step()

    def new_request(self, deal: str = "", **members: object) -> Mutation:
        """Return a new request, about a deal if one is named."""
        changes = {
            "company": self.gid(self.north),
            "subject": "A quote for the schools",
            "category": "quote",
            "priority": "normal",
            **({"deal": deal} if deal else {}),
        }
        return self.mutation(Kind.CREATE, "request", self.ids.new_id(), changes=changes, **members)
