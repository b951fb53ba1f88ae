"""A kiosk at a partner's counter against the real gateway, and the phones of the people who use it.

Nobody waits: the pause between two questions of the kiosk sets the gateway's clock forward instead.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from app.composition import headless
from app.composition.report import Report
from app.services.kiosk.account import KioskAccount
from app.services.kiosk.opening import KioskOpening
from app.services.kiosk.signing_in import KioskSignedIn
from app.services.surroundings import Surroundings
from app.session.device_code import CodeShown, DeviceCodeNews
from app.session.policy.schema import Managed, Policy
from app.sync.clock import SystemIds
from gateway.identity.people import NewUser
from tests.e2e.together import PASSWORD, Person, Vendor
from tests.e2e.tour.proxy import CuttingProxy
from tests.gateway.signing_in import hidden
from tests.patience import PATIENCE


class NoWait:
    """Waits by setting the vendor's clock forward."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor
        self._over = False

    def wait(self, timeout: float) -> bool:
        self._vendor.clock.forward(seconds=timeout)
        return self._over

    def set(self) -> None:
        self._over = True

    def is_set(self) -> bool:
        return self._over


class Phone:
    """Somebody's own browser: it looks up the code that a kiosk shows, and lets it in."""

    def __init__(self, person: Person, *, allows: bool = True) -> None:
        self.person = person
        self.allows = allows
        self.heard: list[DeviceCodeNews] = []

    def __call__(self, news: DeviceCodeNews) -> None:
        self.heard.append(news)
        if not isinstance(news, CodeShown):
            return
        with httpx.Client(trust_env=False, timeout=PATIENCE) as browser:
            page = browser.get(news.complete)
            form = {"request": hidden(page, "request"), "email": self.person.email}
            form |= {"password": self.person.password} if self.allows else {"cancel": "1"}
            assert browser.post(news.address, data=form).status_code == 200


def colleague(vendor: Vendor, name: str) -> Person:
    """Give somebody new an account who may edit, and whom the CRM knows: it takes what they write."""
    identity = vendor.gateway.identity
    email = f"{name.split(maxsplit=1)[0].lower()}{vendor.clock.now().timestamp()}@brightwater.example"
    new = NewUser(name, email, "admin", (vendor.company,), PASSWORD)
    user = identity.add_user(replace(new, contacts=identity._newcomers.contacts(new)))
    return Person(user, name, email)


class Kiosk:
    """One machine; `boot` starts it anew, as after a power cut."""

    def __init__(self, vendor: Vendor, root: Path, **policy: Any) -> None:
        self.vendor = vendor
        self.root = root
        self.wire = CuttingProxy(urlsplit(vendor.url).port or 0)
        self.wire.open()
        settings = {"kiosk": True, "gateway_address": self.wire.url, "kiosk_place": "Lounge · screen 2"}
        self.around = Surroundings(
            root=root,
            clock=vendor.clock,
            ids=SystemIds(vendor.clock),
            rng=random.Random(1),
            ring=lambda: None,
            open_browser=lambda _: False,
            managed=Managed(policy=Policy(**{**settings, **policy})),
        )
        self.opening = self.boot()

    def boot(self) -> KioskOpening:
        """Start it; whatever was in memory is gone."""
        self.opening = KioskOpening(self.around)
        self.opening.start()
        return self.opening

    def let_in(self, person: Person) -> KioskSignedIn:
        """Have somebody let it in by phone."""
        return self.opening.sign_in(Phone(person), NoWait(self.vendor)).run()

    def enter(self, person: Person) -> KioskAccount:
        """Sign somebody in and open their account."""
        return self.opening.open(self.let_in(person))

    def sync(self, account: KioskAccount) -> Report:
        """Exchange until nothing is left to do."""
        return headless.sync(self.around, account)

    @property
    def device(self) -> str:
        """Its id at the gateway."""
        return self.opening.device.id

    def residue(self, *words: str) -> list[str]:
        """The files under its folder that hold one of the words, in their bytes or their name."""
        paths = sorted(self.root.rglob("*"))
        return [
            str(path.relative_to(self.root))
            for path in paths
            if any(
                word in path.name or (path.is_file() and word.encode() in path.read_bytes()) for word in words
            )
        ]

    def files(self) -> list[str]:
        """All files under its folder but what the machine itself is."""
        found = (path for path in self.root.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(self.root)) for path in found if path.name not in ("device.json",))


@contextmanager
def working(account: KioskAccount) -> Iterator[Any]:
    """The portal, as long as somebody works."""
    portal = account.open_portal(lambda: None)
    try:
        yield portal
    finally:
        portal.close()
