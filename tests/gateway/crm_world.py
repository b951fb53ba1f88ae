"""A small embedded CRM for tests: two partner companies, five people, and a clock to turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.crm.embedded.crm import EmbeddedCrm
from gateway.crm.embedded.staff import StaffDesk, StaffMember
from gateway.crm.embedded.unit import AUTOMATION
from gateway.crm.port import Actor, Ref
from tests.gateway.databases import lender


@dataclass
class Clock:
    """A clock that stands still until it is turned."""

    at: datetime = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the instant it shows."""
        return self.at

    def turn(self, **by: float) -> None:
        """Move on by days, hours, seconds, milliseconds."""
        self.at += timedelta(**by)


@dataclass
class World:
    """The CRM and who is in it; `hints` collects what the CRM told its listeners, one entry a commit."""

    crm: EmbeddedCrm
    clock: Clock
    brightwater: Ref
    calder: Ref
    maya: Actor
    tomasz: Actor
    other: Actor
    desk: StaffDesk
    hints: list[tuple[Ref, ...]] = field(default_factory=list)

    def deal(self, marker: str = "deal-1", **fields: Any) -> Ref:
        """Register a deal as Maya and return it, still a draft."""
        values = {
            "account_id": self.brightwater.id,
            "cust_name": "Kestrel Foods",
            "domain": "kestrelfoods.example",
            "country_iso": "GB",
            "deal_name": "Branch edge, 14 sites",
            "est_value": "184250.00",
            "cur": "GBP",
            "product_codes": ["EG220", "INP"],
            "close_on": "2027-01-29",
            "pain": "Every branch loses its tills when the line drops.",
        }
        return self.crm.create("registration", {**values, **fields}, marker, self.maya).ref

    def submitted(self, marker: str = "deal-1", **fields: Any) -> Ref:
        """Register and submit a deal."""
        ref = self.deal(marker, **fields)
        self.move(ref, "NEW", f"{marker}-submit")
        return ref

    def protected(self, marker: str = "deal-1", **fields: Any) -> Ref:
        """Register a deal and have it approved."""
        ref = self.submitted(marker, **fields)
        self.desk.approve(ref)
        return ref

    def move(self, ref: Ref, stage: str, marker: str, **also: Any) -> None:
        """Move a record on as a portal command does."""
        column = "stage_code" if ref.obj == "registration" else "status_code"
        self.crm.update(ref, {column: stage, **also}, marker, self.maya, None)

    def request(self, marker: str = "req-1", **fields: Any) -> Ref:
        """Raise a request as Maya."""
        values = {
            "account_id": self.brightwater.id,
            "subject": "Quote for HA pair",
            "topic_code": "QTE",
            "prio": "P2",
        }
        return self.crm.create("ticket", {**values, **fields}, marker, self.maya).ref

    def value(self, ref: Ref, column: str) -> Any:
        """Read one column."""
        return self.crm.read(ref).fields[column]


def build_world(url: str = "") -> World:
    """Make the world; `url`: the address of its database, otherwise one is lent."""
    clock = Clock()
    crm = EmbeddedCrm.open(url or lender.crm_address(), now=clock)
    lender.closing(crm.close)
    with crm.writing() as unit:

        def add(obj: str, **values: Any) -> int:
            return unit.insert(obj, values, AUTOMATION)

        ingrid = add("staff", login="ingrid", full_name="Ingrid Solheim", job_title="Channel manager")
        add("staff", login="jonas", full_name="Jonas Meyer", job_title="Support lead")
        brightwater = add("account", acct_name="Brightwater IT Ltd", tier_code="A", country_iso="GB")
        calder = add("account", acct_name="Calder & Rowe", tier_code="B", country_iso="GB")
        maya = add("contact", account_id=brightwater, full_name="Maya Okafor")
        tomasz = add("contact", account_id=brightwater, full_name="Tomasz Wilk")
        other = add("contact", account_id=calder, full_name="Ailsa Rowe")
    world = World(
        crm,
        clock,
        Ref("account", str(brightwater)),
        Ref("account", str(calder)),
        Actor(str(maya), "Maya Okafor", "BW-MO14"),
        Actor(str(tomasz), "Tomasz Wilk"),
        Actor(str(other), "Ailsa Rowe"),
        StaffDesk(crm, StaffMember(ingrid, "Ingrid Solheim", "ingrid")),
    )
    crm.on_commit(world.hints.append)
    return world
