"""The real gateway behind a real socket, and people's computers with the real client on them.

The gateway is the service as `serve` runs it, with ingest thread and console, in a thread of the test; only hashing
passwords is cheap. Both sides take their time from one clock, which can be set forward.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import httpx
from sqlalchemy import select
from starlette.types import ASGIApp

from app.composition import headless
from app.composition.browser import FormBrowser
from app.composition.demo import PassingKeyring
from app.composition.report import Report
from app.contract.ids import source_gid
from app.services.erased import AccountErased
from app.services.open_account import OpenAccount
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.session.accounts import Account
from app.store.keys import KeyRing
from app.sync.clock import SystemClock, SystemIds
from gateway.core import Gateway
from gateway.crm.embedded.staff import StaffDesk
from gateway.crm.port import Ref
from gateway.identity.passwords import Passwords
from gateway.identity.people import Contact, NewUser
from gateway.limiter import Limiter
from gateway.operation import Operation
from gateway.rates import Rates
from gateway.service import Service
from gateway.settings import Settings
from gateway.tables import wipe
from tests.e2e.tour.proxy import CuttingProxy
from tests.gateway.crm_world import build_world
from tests.gateway.serving import serving
from tests.patience import PATIENCE

SYSTEM = "embedded"
#: A protected deal of the partner company, as both sides know it.
DEAL = "018f0000-0000-7000-8000-000000000001"
PASSWORD = "correct horse battery"


class MovedClock:
    """The machine's clock, set forward by hand."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the time it shows."""
        return self._real.now() + self.ahead

    def monotonic(self) -> float:
        """Return seconds; nobody sets those."""
        return self._real.monotonic()

    def forward(self, **by: float) -> None:
        """Let days, hours or minutes pass."""
        self.ahead += timedelta(**by)


class Vendor:
    """The gateway with its CRM. `url`: where it listens."""

    def __init__(self, service: Service, clock: MovedClock, company: str, contacts: dict[str, str]) -> None:
        self.service = service
        self.clock = clock
        self.url = ""
        self.limiter: Limiter | None = None
        self.company = company
        self._contacts = contacts
        self._made = 0

    @property
    def gateway(self) -> Gateway:
        """The core."""
        return self.service.gateway

    @property
    def folder(self) -> Path:
        """Where it keeps its data."""
        return self.service.settings.folder

    def person(self, role: str, name: str = "") -> Person:
        """Give somebody new an account at the partner company. `name`: who is in the CRM, for what they own there."""
        self._made += 1
        contact = self._contacts.get(name)
        stands_for = (Contact(SYSTEM, Ref("contact", contact)),) if contact else ()
        name = name or f"Somebody Number{self._made}"
        email = f"person{self._made}@brightwater.example"
        new = NewUser(name, email, role, (self.company,), PASSWORD, stands_for)
        return Person(self.gateway.identity.add_user(new), name, email)

    def value(self, gid: str, column: str) -> Any:
        """Read one column of a deal in the CRM."""
        ref = self.service.crm.find_created("registration", gid)
        assert ref is not None
        return self.service.crm.read(ref).fields[column]

    def edit(self, gid: str, **changes: Any) -> None:
        """Change columns of a deal as one of the staff does."""
        ref = self.service.crm.find_created("registration", gid)
        assert ref is not None
        StaffDesk.of(self.service.crm, "Ingrid Solheim").edit(ref, changes)

    def orders(self, person: Person) -> list[tuple[str, bool]]:
        """The orders given to somebody's devices, oldest first: which device, and whether its receipt is here."""
        with self.gateway.ground.database.read() as connection:
            rows = connection.execute(
                select(wipe).where(wipe.c.user_id == person.user).order_by(wipe.c.ordered_at)
            ).all()
        return [(row.device, row.wiped_at is not None) for row in rows]


class Person:
    """Somebody with an account."""

    def __init__(self, user: str, name: str, email: str, password: str = PASSWORD) -> None:
        self.user = user
        self.name = name
        self.email = email
        self.password = password


class Computer:
    """A computer of somebody, with its own key store, behind a wire that can be cut."""

    def __init__(self, vendor: Vendor, person: Person, root: Path) -> None:
        self.vendor = vendor
        self.person = person
        self.ring = KeyRing(PassingKeyring())
        self.wire = CuttingProxy(urlsplit(vendor.url).port or 0)
        self.wire.open()
        self.around = Surroundings(
            root=root,
            clock=vendor.clock,
            ids=SystemIds(vendor.clock),
            rng=random.Random(1),
            ring=lambda: self.ring,
            open_browser=FormBrowser(person.email, person.password),
        )

    @contextmanager
    def opened(self) -> Iterator[OpenAccount]:
        """Open its account as the command line does; signs in where there is none. Raises contract errors."""
        wanted = headless.Wanted("", self.wire.url, lambda: "")
        with headless.opened(self.around, wanted) as account:
            yield account

    def sync(self) -> Report:
        """Start, exchange until nothing is left to do, and end. Raises contract errors."""
        with self.opened() as account:
            return headless.sync(self.around, account)

    @property
    def device(self) -> str:
        """Its id at the gateway."""
        return Opening(self.around)._accounts.device("").id

    @property
    def account(self) -> Account:
        """The one account on it."""
        (found,) = Opening(self.around).accounts()
        return found

    @property
    def holds_something(self) -> bool:
        """Whether there is an account, a key for it, or a file of one."""
        root = self.around.root
        return bool(Opening(self.around).accounts()) or any(path.is_dir() for path in root.iterdir())

    def has_key(self, account: Account) -> bool:
        """Whether its key store has the key of an account."""
        return self.ring.load(account.id) is not None

    def person_at_it(self, person: Person) -> None:
        """Somebody else sits down at it and has its browser."""
        self.around = replace(self.around, open_browser=FormBrowser(person.email, person.password))

    def told(self) -> None:
        """Its person has seen what happened to the account."""
        Opening(self.around).erasing.seen()

    def erased(self) -> bool:
        """Start, and tell whether it obeyed an order to destroy what it holds."""
        try:
            self.sync()
        except AccountErased:
            return True
        return False


@contextmanager
def vendor_at(
    folder: Path,
    *,
    crm: str = "",
    rates: Rates | None = None,
    around: Callable[[ASGIApp], ASGIApp] = lambda app: app,
    **settings: Any,
) -> Iterator[Vendor]:
    """Run a gateway over a small CRM that it has read.

    `crm`: where the CRM's database is, in a file of the folder by itself. `rates`: what callers may do, as settings
    say by themselves. `around` puts something around the application.
    """
    clock = MovedClock()
    crm = crm or f"sqlite:///{folder / 'crm.sqlite3'}"
    folder.mkdir(parents=True, exist_ok=True)
    small = build_world(crm)
    small.protected(DEAL)
    small.crm.close()
    with patch("gateway.assembly.Passwords", lambda: Passwords(memory=64, rounds=1, lanes=1)):
        service = Service.open(Settings(folder=folder, crm_url=crm, ingest_seconds=0.2, **settings), clock)
    try:
        service.gateway.backfill()
        company = source_gid(SYSTEM, "account", small.brightwater.id)
        contacts = {actor.name: actor.id for actor in (small.maya, small.tomasz)}
        vendor = Vendor(service, clock, company, contacts)
        operation = service.operation()
        if rates is not None:
            operation = Operation.of(service.gateway, Limiter(rates, clock.monotonic))
        with serving(around(service.app(operation))) as url:
            vendor.url, vendor.limiter = url, operation.limiter
            yield vendor
    finally:
        service.close()


def take_up(link: str, password: str = PASSWORD) -> str:
    """Open an invitation's link in a browser and set a password; returns what the page says then."""
    with httpx.Client(trust_env=False, timeout=PATIENCE) as browser:
        assert browser.get(link).status_code == 200
        return browser.post(link, data={"password": password, "again": password}).text
