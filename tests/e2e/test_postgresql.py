"""The client at a gateway on PostgreSQL: first sync, work offline, a clash and how it is settled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.composition import headless
from app.services.views_model import Choice, ChoiceKind
from tests.e2e.together import DEAL, Computer, Vendor, vendor_at
from tests.postgres import database


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[Vendor]:
    with database() as address, vendor_at(tmp_path / "gateway", crm=address, database=address) as made:
        yield made


def test_first_sync_offline_edit_conflict_and_resolution(vendor: Vendor, tmp_path: Path) -> None:
    assert vendor.gateway.ground.database.shared
    computer = Computer(vendor, vendor.person("manager", "Maya Okafor"), tmp_path / "computer")
    with computer.opened() as account:
        assert headless.sync(computer.around, account).ok
        with headless.portal_of(account) as portal:
            before = portal.records.get(DEAL)
            assert before is not None
            computer.wire.close()
            portal.intents.edit(DEAL, {"next_steps": "Call them.", "amount": "190000.00"})
        assert not headless.sync(computer.around, account).ok
        vendor.edit(DEAL, next_action="Wait for them.")
        computer.wire.open()
        report = headless.sync(computer.around, account)
        assert report.data["outbox"] == {"waiting": 0, "needs_you": 1}
        assert vendor.value(DEAL, "next_action") == "Wait for them."
        with headless.portal_of(account) as portal:
            (clash,) = portal.conflicts.list()
            assert [field.group for field in clash.fields] == ["next_steps"]
            portal.conflicts.resolve(DEAL, {"next_steps": Choice(ChoiceKind.MINE)}, clash)
        report = headless.sync(computer.around, account)
        assert report.data["outbox"] == {"waiting": 0, "needs_you": 0}
        assert (vendor.value(DEAL, "next_action"), vendor.value(DEAL, "est_value")) == (
            "Call them.",
            "190000.00",
        )
        assert headless.verify(computer.around, account, rehash=True).data["identical"]
    computer.wire.close()
