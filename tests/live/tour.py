"""The tour over a real Odoo: the same acts and claims, and some that only a system of somebody else's can prove."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.composition import headless
from app.composition.browser import FormBrowser
from app.composition.surroundings import real_surroundings
from app.contract.ids import source_gid
from app.services.open_account import OpenAccount
from app.services.portal import Portal
from app.services.surroundings import Surroundings
from app.services.views_model import DocState
from app.store.database import Store
from tests.e2e.tour import story
from tests.e2e.tour.acts.passphrase import PASSPHRASE
from tests.e2e.tour.director import GatewayOfTheTour
from tests.e2e.tour.tour import Tour, everything_in, must
from tests.live.commerce import TRACKING
from tests.live.house import INTERNAL, House
from tests.live.side import InOdoo
from tests.live.words import DEAL, NOT_PART, PREFIX

__all__ = ["NOT_PART", "OWN", "LiveTour"]

_PATIENCE = 60.0

#: What this tour has to prove besides.
OWN = ("gone", "same_second", "order", "invoice_pdf", "tasks", "internal")


class LiveTour(Tour):
    """One tour over an Odoo."""

    def __init__(self, folder: Path, pictures: Path, gateway: GatewayOfTheTour, house: House) -> None:
        super().__init__(folder, pictures, gateway, InOdoo(house.staff, house.admin, house.numbered))
        self._house = house
        self._goes: dict[str, str] = {}
        self._held: list[str] = []

    def play(self) -> None:
        """Play all acts, and what is this tour's own before time is turned."""
        self._offline_and_killed()
        self._vendor_works()
        self._away()
        self._back_again()
        self._look_at_the_crm()
        self._look_at_the_disk()
        with self._at_home() as (around, account):
            prove = self.claims.prove
            prove("gone", "an archived and a deleted lead disappear", lambda: self._gone(around, account))
            prove("same_second", "two edits in one second both arrive", lambda: self._twice(around, account))
            prove("order", "an order is seen as Odoo has it, with its delivery", lambda: self._order(account))
            prove(
                "invoice_pdf", "an invoice's PDF comes byte for byte", lambda: self._invoice(around, account)
            )
            prove("tasks", "the tasks that are shared, and no others", lambda: self._tasks(account))
            prove(
                "internal",
                "no internal note of Odoo's is in any table or file",
                lambda: self._internal(account),
            )
        self._on_the_road()

    # what happens while the client is away

    def _away(self) -> None:
        """Archive one of the deals the client holds, and delete another."""
        staff = self._house.staff
        company = staff.one(
            "res.partner", [["name", "=", story.COMPANIES[0]], ["is_company", "=", True]], ["id"]
        )
        told = {story.MERGED, story.CLASHED, story.STALE, story.REVOKED}
        mine = [
            [f"{PREFIX}kind", "=", "registration"],
            [f"{PREFIX}company_id", "=", company["id"]],
            ["stage_id.name", "=", "Converted"],
        ]
        rows = staff.find("crm.lead", mine, ["partner_name"], order="id")
        archived, deleted = [row for row in rows if row["partner_name"] not in told][:2]
        staff.write("crm.lead", archived["id"], active=False)
        staff.call("crm.lead", "unlink", [deleted["id"]])
        self._goes = {"archived": str(archived["id"]), "deleted": str(deleted["id"])}
        with self._client_store() as store:
            self._held = _held_of(store, self._goes)

    # the same client without its window

    @contextmanager
    def _at_home(self) -> Iterator[tuple[Surroundings, OpenAccount]]:
        """Open Maya's account as the command line does."""
        maya = self._gateway.user("Maya Okafor")
        around = real_surroundings(
            self._folder / "client",
            locale="en_GB",
            ring=lambda: None,
            open_browser=FormBrowser(maya["email"], maya["password"]),
        )
        around = replace(around, rng=random.Random(6))
        with headless.opened(around, headless.Wanted("", self._wire.url, lambda: PASSPHRASE)) as account:
            yield around, account

    def _until(
        self, around: Surroundings, account: OpenAccount, look: Callable[[Portal], bool], what: str
    ) -> float:
        """Sync until it is so; returns seconds."""
        began = time.monotonic()
        while time.monotonic() < began + _PATIENCE:
            headless.sync(around, account)
            with headless.portal_of(account) as portal:
                if look(portal):
                    return time.monotonic() - began
            time.sleep(0.3)
        raise AssertionError(f"after {_PATIENCE:.0f} s: {what}")

    def _gone(self, around: Surroundings, account: OpenAccount) -> str:
        gids = {how: source_gid("odoo", "crm.lead", key) for how, key in self._goes.items()}
        seconds = self._until(
            around,
            account,
            lambda _: not any(_shown(account, gid) for gid in gids.values()),
            "they are still there",
        )
        must(self._held == list(self._goes), f"before, the client held only what was then {self._held}")
        with account.open_store() as store:
            held = _held_of(store, self._goes)
        must(not held, f"the store still holds what was {' and '.join(held)}")
        return f"{', '.join(f'lead {key} {how}' for how, key in self._goes.items())}; {seconds:.0f} s later no trace"

    def _twice(self, around: Surroundings, account: OpenAccount) -> str:
        """The second edit comes when the first has been read, and bears the same time."""
        staff = self._house.staff
        deal = self._vendor.deal(story.CLASHED, story.CLASHED_NUMBER)
        gid = source_gid("odoo", "crm.lead", deal.key)
        first = second = before = after = ""
        for turn in range(20):
            first, second = f"first word {turn}", f"second word {turn}"
            while time.time() % 1 > 0.05:
                time.sleep(0.01)
            staff.write("crm.lead", int(deal.key), **{DEAL["competitor"]: first})
            before = staff.one("crm.lead", [["id", "=", int(deal.key)]], ["write_date"])["write_date"]
            headless.sync(around, account)
            staff.write("crm.lead", int(deal.key), **{DEAL["next_steps"]: second})
            after = staff.one("crm.lead", [["id", "=", int(deal.key)]], ["write_date"])["write_date"]
            if before == after:
                break
        must(bool(after) and before == after, "no two edits were made within one second")

        def both(_: Portal) -> bool:
            shown = _shown(account, gid)
            return (shown.get("competitor"), shown.get("next_steps")) == (first, second)

        seconds = self._until(around, account, both, "one of the two is missing")
        return f"both of {after} on the device after {seconds:.1f} s"

    def _order(self, account: OpenAccount) -> str:
        paper = self._house.paper
        row = self._house.staff.one(
            "sale.order", [["name", "=", paper.order]], ["amount_total", "client_order_ref", "order_line"]
        )
        order = _record(account, "order", paper.order)
        must(order["total"] == f"{row['amount_total']:.2f}", f"total {order['total']}")
        must(order["po_reference"] == row["client_order_ref"], f"reference {order['po_reference']}")
        must(len(order["lines"]) == len(row["order_line"]), f"lines {order['lines']}")
        must(TRACKING in order["tracking"], f"tracking {order.get('tracking')}")
        return f"{paper.order}: {order['total']} {order['currency']}, {order['state']}, {order['tracking']}"

    def _invoice(self, around: Surroundings, account: OpenAccount) -> str:
        paper = self._house.paper
        gid = _gid(account, "invoice", paper.invoice)
        with headless.portal_of(account) as portal:
            portal.documents.pull(gid)

        def came(portal: Portal) -> bool:
            return portal.documents.state(gid).state is DocState.HERE

        self._until(around, account, came, "the PDF did not come")
        with headless.portal_of(account) as portal:
            body = portal.documents.bytes(gid)
        must(body == paper.pdf, f"{len(body)} bytes, Odoo has {len(paper.pdf)}")
        record = _record(account, "invoice", paper.invoice)
        must(record["order"] == _gid(account, "order", paper.order), f"order {record.get('order')}")
        must(record["total"] == paper.total, f"total {record['total']}")
        return f"{paper.invoice} of {paper.order}: {len(body)} bytes, as Odoo has them"

    def _tasks(self, account: OpenAccount) -> str:
        shared = self._house.staff.find("project.task", [[f"{PREFIX}shared", "=", True]], ["name"])
        held = sorted(record["title"] for record in _records(account, "task").values())
        must(held == sorted(row["name"] for row in shared), f"holds {held}")
        return ", ".join(held)

    def _internal(self, account: OpenAccount) -> str:
        texts = self._house.admin.find(
            "mail.message", [["subtype_id.internal", "=", True], ["body", "!=", ""]], ["body"]
        )
        must(any(INTERNAL[0] in row["body"] for row in texts), "Odoo has no internal note")
        with account.open_store() as store:
            looked, held = everything_in(store, INTERNAL)
        must(not held, f"found in {sorted(set(held))}")
        return f"{looked} rows of all tables looked through; Odoo has {len(texts)} internal notes"


def _held_of(store: Store, leads: Mapping[str, str]) -> list[str]:
    """Return which of these leads a store holds, in any form."""
    places = "SELECT gid FROM shadow WHERE gid = ?1 UNION SELECT gid FROM record WHERE gid = ?1"
    gids = {how: source_gid("odoo", "crm.lead", key) for how, key in leads.items()}
    return [how for how, gid in gids.items() if store.connection.rows(places, (gid,))]


def _shown(account: OpenAccount, gid: str) -> dict[str, Any]:
    """Return a record as the window would show it; empty when there is none."""
    with account.open_store() as store:
        shown = store.projection.get(gid)
        return {} if shown is None else dict(shown.data)


def _records(account: OpenAccount, entity: str) -> dict[str, dict[str, Any]]:
    with account.open_store() as store:
        rows = store.connection.rows("SELECT gid FROM record WHERE entity = ?", (entity,))
    return {gid: _shown(account, gid) for (gid,) in rows}


def _gid(account: OpenAccount, entity: str, number: str) -> str:
    found = [gid for gid, record in _records(account, entity).items() if record.get("number") == number]
    must(len(found) == 1, f"{len(found)} of {entity} {number}")
    return found[0]


def _record(account: OpenAccount, entity: str, number: str) -> dict[str, Any]:
    return _shown(account, _gid(account, entity, number))
