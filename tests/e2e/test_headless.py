"""One thin thread through everything: a real gateway process, real HTTP, an answer that is lost, no window."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.composition import headless
from app.composition.browser import FormBrowser
from app.composition.report import Report
from app.composition.surroundings import real_surroundings
from app.services.open_account import OpenAccount
from app.services.surroundings import Surroundings
from tests.e2e.tour.console import Console
from tests.e2e.tour.director import GatewayOfTheTour, wire_to
from tests.e2e.tour.proxy import CuttingProxy

CUSTOMER = "Harrowgate Observatory"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayOfTheTour]:
    folder = tmp_path_factory.mktemp("gateway")
    running = GatewayOfTheTour(folder / "data", folder / "clock", "")
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def wire(gateway: GatewayOfTheTour) -> Iterator[CuttingProxy]:
    opened = wire_to(gateway)
    yield opened
    opened.close()


@pytest.fixture
def vendor(gateway: GatewayOfTheTour) -> Iterator[Console]:
    staff = gateway.staff("Ingrid Solheim")
    console = Console(gateway.url, staff["login"], staff["password"])
    console.sign_in()
    yield console
    console.close()


def deal() -> dict[str, Any]:
    close = datetime.now(UTC).date() + timedelta(days=120)
    return {
        "customer": CUSTOMER,
        "website": "harrowgate.example",
        "country": "GB",
        "title": "Camera links for the dome",
        "type": "new",
        "amount": "18250.00",
        "currency": "GBP",
        "target_close": close.isoformat(),
        "problem": "The dome's cameras lose their link whenever the shutters move at night.",
    }


def register(account: OpenAccount, evidence: Path) -> None:
    """Register a deal through the services, as the form does."""
    with headless.portal_of(account) as portal:
        gid = portal.drafts.start("deal_registration")
        portal.drafts.save(gid, {**portal.drafts.load(gid).data, **deal()})
        portal.drafts.add_file(gid, evidence)
        portal.drafts.submit(gid)


def sync_until_sent(surroundings: Surroundings, account: OpenAccount, seconds: float = 30) -> Report:
    end = time.monotonic() + seconds
    while True:
        report = headless.sync(surroundings, account)
        if report.ok and report.data["outbox"] == {"waiting": 0, "needs_you": 0}:
            return report
        assert time.monotonic() < end, report.lines
        time.sleep(0.2)


def test_what_is_registered_offline_arrives_exactly_once(
    gateway: GatewayOfTheTour, wire: CuttingProxy, vendor: Console, tmp_path: Path
) -> None:
    maya = gateway.user("Maya Okafor")
    surroundings = real_surroundings(
        tmp_path / "client",
        locale="en_GB",
        ring=lambda: None,
        open_browser=FormBrowser(maya["email"], maya["password"]),
    )
    evidence = tmp_path / "survey.pdf"
    evidence.write_bytes(b"%PDF-1.4\n% survey\n%%EOF\n")
    wanted = headless.Wanted("", wire.url, lambda: "seven lamps by the harbour")
    with headless.opened(surroundings, wanted) as account:
        assert headless.sync(surroundings, account).ok
        wire.close()
        register(account, evidence)
        unsent = headless.sync(surroundings, account)
        assert not unsent.ok
        assert unsent.data["outbox"]["waiting"] > 0
        assert unsent.data["why"]
        assert vendor.rows("registration", cust_name=CUSTOMER) == []

        wire.cut_next_push()
        wire.open()
        sync_until_sent(surroundings, account)
        assert wire.cuts == 1, "no answer was lost"
        assert wire.pushes > 1, "nothing was sent again"

        row = vendor.row("registration", cust_name=CUSTOMER)
        assert row["stage_code"] == "NEW"
        assert [vendor.file("attachment", file["id"]) for file in row["files"]] == [evidence.read_bytes()]
        proof = headless.verify(surroundings, account, rehash=True)
        assert proof.ok, proof.data
        assert proof.data["identical"]
