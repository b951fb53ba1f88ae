"""One soak: its world, its threads, and the quiet at its end."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from gateway.connecting import shipped_mapping
from tests.connectors.odoo.install import say
from tests.connectors.odoo.server import live_odoo
from tests.e2e.tour.director import GatewayOfTheTour
from tests.live.equip import PASSWORD, equip, login_of
from tests.live.fit import fit
from tests.live.house import settings_for
from tests.live.sample import as_json
from tests.live.soak.book import Book
from tests.live.soak.colleagues import Colleague, new_lead
from tests.live.soak.judge import Judge
from tests.live.soak.partner import Partner
from tests.live.soak.wire import OdooWire
from tests.live.staff import Staff
from tests.live.words import PREFIX, REQUEST_STATES

#: Who has a device: name, role, companies.
_PEOPLE = (
    ("maya", "manager", (0,)),
    ("tomasz", "admin", (0,)),
    ("ailsa", "manager", (1,)),
    ("callum", "field_rep", (0, 1)),
)
_DEVICES = {"laptop": "maya", "desktop": "maya", "tablet": "tomasz", "phone": "ailsa", "van": "callum"}
#: Within so many seconds everything has come to rest, or it does not.
_QUIET = 600.0
#: What is broken on purpose may never come to rest.
_BROKEN = 45.0


class Soak:
    """One soak in one folder."""

    def __init__(self, folder: Path, seed: int, fault: str = "") -> None:
        """`fault`: what is broken on purpose, to see that it is noticed."""
        self._folder, self._seed, self._fault = folder, seed, fault
        self._rng = random.Random(seed)
        self._over = threading.Event()
        self.book = Book()
        self._wire: OdooWire | None = None

    def counts(self) -> Counter[str]:
        """Return what happened, by what it was."""
        wire = {
            f"{what} on the wire to Odoo": number
            for what, number in (self._wire.seen if self._wire else {}).items()
        }
        return self.book.count + Counter(wire)

    def run(self, seconds: float) -> list[str]:
        """Play for so long, wait for quiet, and judge. Returns violations."""
        with ExitStack() as opened:
            odoo = opened.enter_context(live_odoo())
            say("preparing it")
            fit(odoo)
            admin = Staff(odoo.url, odoo.database, odoo.login, odoo.password)
            opened.callback(admin.close)
            companies = self._prepare(admin)
            self._wire = wire = OdooWire(odoo.url, random.Random(f"{self._seed}/wire"))
            opened.callback(wire.close)
            people = self._people(admin, companies)
            (self._folder / "people.json").write_text(as_json(people))
            (self._folder / "clock").write_text("0")
            config = settings_for(odoo, self._folder, wire.url, self._mapping())
            fault = self._fault if self._fault != "notes" else ""
            gateway = GatewayOfTheTour(
                self._folder / "gateway", self._folder / "clock", fault, config, self._folder / "people.json"
            )
            gateway.start()
            opened.callback(gateway.stop)
            partners = [self._partner(name, who, people, gateway.port) for name, who in _DEVICES.items()]
            for one in partners:
                opened.callback(one.close)
            # Odoo's people: one of them an administrator, who may delete.
            staff = [
                Colleague("ingrid", Staff(odoo.url, odoo.database, "ingrid", PASSWORD), companies, self.book,
                          str(self._seed), may_delete=False),
                Colleague("priya", Staff(odoo.url, odoo.database, "priya", odoo.keys["clerk"]), companies, self.book,
                          str(self._seed), may_delete=False),
                Colleague("root", Staff(odoo.url, odoo.database, "admin", "admin"), companies, self.book,
                          str(self._seed), may_delete=True),
            ]  # fmt: skip
            say(f"playing for {seconds:.0f} s")
            self._play(seconds, partners, staff, gateway, wire)
            return self._judged(admin, partners)

    # -------------------------------------------------------------------------------------------- the beginning

    def _mapping(self) -> str:
        """Return a mapping that lets internal notes out, if that is what is broken."""
        if self._fault != "notes":
            return ""
        lines = shipped_mapping("odoo").splitlines()
        return "\n".join(line for line in lines if not line.startswith("only = { message_type"))

    def _prepare(self, admin: Staff) -> list[int]:
        """Add staff, two partner companies, and what they have in common with the vendor."""
        equip(admin, ["Ingrid Solheim"])
        assert login_of("Ingrid Solheim") == "ingrid"
        active = {f"{PREFIX}stage": "active", f"{PREFIX}tier": "gold", "is_company": True}
        companies = admin.add(
            "res.partner", [{"name": name, **active} for name in ("Brightwater IT", "Calder & Rowe")]
        )
        stages = admin.ids("crm.stage", "name")
        leads = [
            new_lead(
                companies[number % 2], f"Customer {number}", stages, "approved" if number % 3 else "submitted"
            )
            for number in range(36)
        ]
        admin.add("crm.lead", leads)
        stage = admin.ids("helpdesk.ticket.stage", "name")[REQUEST_STATES["open"]]
        about = {"description": "By telephone.", "stage_id": stage, "user_id": False}
        tickets = [{"name": f"Request {n}", "partner_id": companies[n % 2], **about} for n in range(10)]
        admin.add("helpdesk.ticket", tickets)
        return companies

    def _people(self, admin: Staff, companies: list[int]) -> list[dict[str, Any]]:
        found = []
        for name, role, acts_for in _PEOPLE:
            email = f"{name}@partners.example"
            parent = companies[acts_for[0]] if role != "field_rep" else False
            [contact] = admin.add(
                "res.partner", [{"name": name.title(), "email": email, "parent_id": parent}]
            )
            of = [companies[number] for number in acts_for]
            about = {"name": name.title(), "email": email, "role": role, "password": f"{name} in the harbour"}
            found.append({**about, "object": "res.partner", "contact": contact, "companies": of})
        return found

    def _partner(self, name: str, who: str, people: list[dict[str, Any]], port: int) -> Partner:
        person = next(one for one in people if one["email"].startswith(who))
        return Partner(name, person, self._folder, port, self.book, str(self._seed))

    # ---------------------------------------------------------------------------------------------- the playing

    def _play(
        self,
        seconds: float,
        partners: list[Partner],
        staff: list[Colleague],
        gateway: GatewayOfTheTour,
        wire: OdooWire,
    ) -> None:
        wire.uneasy = True
        turns: list[tuple[str, Callable[[], None], float]] = [(one.name, one.turn, 0.8) for one in partners]
        turns += [(one.name, one.turn, 0.5) for one in staff]
        threads = [
            threading.Thread(target=self._repeat, args=turn, name=turn[0], daemon=True) for turn in turns
        ]
        for thread in threads:
            thread.start()
        self._break(seconds, gateway, wire)
        self._over.set()
        for thread in threads:
            thread.join(120)
            if thread.is_alive():
                self.book.trouble(f"{thread.name} does not come to an end")
        wire.uneasy = wire.down = False

    def _repeat(self, name: str, turn: Callable[[], None], pause: float) -> None:
        rng = random.Random(f"{self._seed}/{name}/pauses")
        while not self._over.wait(rng.uniform(0, 2 * pause)):
            turn()

    def _break(self, seconds: float, gateway: GatewayOfTheTour, wire: OdooWire) -> None:
        """Cut the wire to Odoo now and then for a while, and kill the gateway twice."""
        began, kills = time.monotonic(), [seconds * 0.35, seconds * 0.7]
        while (left := began + seconds - time.monotonic()) > 0:
            time.sleep(min(left, self._rng.uniform(4, 14)))
            wire.down = True
            self.book.did("times the wire to Odoo was cut for seconds")
            time.sleep(self._rng.uniform(0.5, 4))
            wire.down = False
            if kills and time.monotonic() - began > kills[0]:
                kills.pop(0)
                gateway.stop()
                self.book.did("times the gateway was killed")
                gateway.start()

    # -------------------------------------------------------------------------------------------------- the end

    def _judged(self, admin: Staff, partners: list[Partner]) -> list[str]:
        say("waiting for quiet")
        began = time.monotonic()
        while True:
            with ThreadPoolExecutor(len(partners)) as at_once:
                list(at_once.map(Partner.calm_sync, partners))
            waiting = sum(one.rest()["waiting"] for one in partners)
            left = Judge(admin, self.book, partners).differences()
            if not waiting and not left:
                break
            say(f"after {time.monotonic() - began:.0f} s {waiting} wait, and {len(left)} things differ")
            if time.monotonic() > began + (_BROKEN if self._fault else _QUIET):
                break
            time.sleep(5)
        self.book.did("seconds waited for quiet", round(time.monotonic() - began))
        for one in partners:
            self.book.did("left in front of their users", one.rest()["needs_you"])
        return Judge(admin, self.book, partners).violations()
