"""More rows with one and the same time than any search of a CRM shows at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.sync.engine import Wake
from gateway.crm.embedded.unit import AUTOMATION
from tests.simulation.device import SETTINGS
from tests.simulation.world import World

#: What HubSpot shows of one search, however it is paged, and some more.
MANY = 10_050


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    found = World(1, tmp_path, devices=1, page=200, settings=replace(SETTINGS, page_rows=2000))
    found.deaf = True  # no webhook tells of them: the fast lane has to walk through the instant
    yield found
    found.close()


def settle(world: World) -> None:
    world.crm.clock.at += timedelta(seconds=10)
    world.gateway.backfill()
    world.devices[0].engine.cycle(Wake.USER)


@pytest.mark.nightly  # each side by itself is asked for as much in the connectors' and the lanes' tests
def test_ten_thousand_rows_of_one_instant_all_arrive_and_so_does_an_edit_of_one_of_the_last(
    world: World,
) -> None:
    device = world.devices[0]
    device.engine.cycle(Wake.START)
    account = int(world.crm.brightwater.id)
    with world.crm.crm.writing() as unit:
        for n in range(MANY):
            unit.insert("ticket", {"account_id": account, "subject": f"Herd {n}"}, AUTOMATION)
    settle(world)
    assert len(device.shown("request")) == MANY + 2

    # An automation saves every one of them in one transaction, and changes one that is far behind the first pages.
    rows = world.rows("ticket")
    with world.crm.crm.writing() as unit:
        for ref in rows:
            subject = {"subject": "Moved on"} if ref == rows[-2] else {}
            unit.change(ref.obj, int(ref.id), subject, AUTOMATION)
    settle(world)
    subjects = [device.value(gid, "subject") for gid in device.shown("request")]
    assert subjects.count("Moved on") == 1
    proof = device.engine.verify(rehash=True)
    assert (proof.identical, proof.repaired) == (True, 0)
