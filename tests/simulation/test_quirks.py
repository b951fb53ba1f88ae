"""Each system has the habits its connector declares, and those that matter are not scaled away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.crm.port import ChangedId, CrmBusy, CrmExpired, KeepsJournal, Ref, WritesMany
from gateway.limits import Limits
from tests.simulation import quirks
from tests.simulation.play import run_seed
from tests.simulation.quirks import SYSTEMS, picked, quirks_of
from tests.simulation.stage import VERBS, verbs_of
from tests.simulation.uneasy import TellsWhatHappened
from tests.simulation.world import World

SEEDS = range(12)
ALL = [quirks_of(name, seed) for name in SYSTEMS for seed in SEEDS]


@contextmanager
def opened(folder: Path, system: str, seed: int = 1) -> Iterator[World]:
    """A world without devices."""
    world = World(seed, folder, system=system, devices=0)
    try:
        yield world
    finally:
        world.close()


def listed(world: World, obj: str, size: int) -> list[ChangedId]:
    """All that is listed as modified, page by page."""
    found: list[ChangedId] = []
    while True:
        since, after = (found[-1].modified_at, found[-1].ref.id) if found else (None, None)
        page = world.port.changed_since(obj, since, after, size)
        found += page
        if len(page) < size:
            return found


def test_every_system_is_picked_and_every_verb_is_somebodys() -> None:
    assert {picked(seed) for seed in range(40)} == {*SYSTEMS}
    assert {name for one in ALL for name in verbs_of(one)} == {*VERBS}


def test_what_is_scaled_down_still_depends_on_being_declared() -> None:
    """What the fast lane looks back by itself would hide whether the delayed lane does its work."""
    overlap = Limits().overlap.total_seconds()
    for declared in (quirks._ODOO, quirks._HUBSPOT, quirks._SALESFORCE):
        scaled = quirks._scaled(declared)
        for name in ("late_commit", "index_lag"):
            before, after = getattr(declared, name), getattr(scaled, name)
            assert after <= before
            assert after > 2 * overlap or after == before


def test_calls_that_a_system_lacks_are_not_there(tmp_path: Path) -> None:
    with opened(tmp_path, "odoo") as world:
        assert not isinstance(world.port, WritesMany)
        assert not isinstance(world.port, KeepsJournal)
    with opened(tmp_path, "hubspot", seed=3) as world:
        assert isinstance(world.port, WritesMany)
        assert isinstance(world.port, KeepsJournal)


def test_times_in_whole_seconds_are_listed_in_order_and_completely(tmp_path: Path) -> None:
    with opened(tmp_path, "odoo") as world:
        rows = world.rows("registration")
        for n, ref in enumerate(reversed(rows)):
            world.crm.desk.edit(ref, {"rival": f"w{n}x"})
            world.crm.clock.at += timedelta(seconds=0.3)
        world.crm.clock.at += timedelta(seconds=5)
        found = listed(world, "registration", 2)
        assert found == listed(world, "registration", 50)
        assert {one.ref for one in found} == {*rows}
        assert len(found) == len(rows)
        order = [(one.modified_at, int(one.ref.id)) for one in found]
        assert order == sorted(order)
        assert {one.modified_at.microsecond for one in found} == {0}
        assert len({one.modified_at for one in found}) < len(rows), "some share their second"
        (row,) = world.port.fetch([rows[0]])
        assert row.modified_at in {one.modified_at for one in found}


def test_a_link_moves_no_time_and_the_journal_tells_of_it(tmp_path: Path) -> None:
    with opened(tmp_path, "hubspot", seed=3) as world:
        port = world.port
        assert isinstance(port, TellsWhatHappened)
        ref = world.rows("registration")[0]
        (before,) = port.fetch([ref])
        place = port.journal(None, 5).next
        world.crm.clock.at += timedelta(seconds=5)
        port.silently(ref, lambda: world.crm.desk.move(ref, world.crm.calder))
        (after,) = port.fetch([ref])
        assert after.fields["account_id"] != before.fields["account_id"]
        assert (after.modified_at, after.revision) == (before.modified_at, before.revision)
        assert port.journal(place, 5).refs == (ref,)
        port.forget()
        with pytest.raises(CrmExpired):
            port.journal(place, 5)


def test_a_name_that_others_show_moves_their_time_only_where_links_are_told(tmp_path: Path) -> None:
    for system, moves in (("embedded", True), ("salesforce", False)):
        with opened(tmp_path, system) as world:
            contact = Ref("contact", world.crm.maya.id)
            owned = [ref for ref in world.rows("registration") if _owner(world, ref) == int(contact.id)]
            assert owned
            before = world.port.fetch(owned)
            world.crm.clock.at += timedelta(seconds=5)

            def rename(world: World = world, contact: Ref = contact) -> None:
                world.crm.desk.edit(contact, {"full_name": "w1x1"})

            rename() if moves else world.port.silently(contact, rename)
            after = world.port.fetch(owned)
            told = [one.modified_at for one in after] != [one.modified_at for one in before]
            assert told is moves


def _owner(world: World, ref: Ref) -> object:
    return world.crm.crm.read(ref).fields["owner_id"]


def test_a_system_takes_no_calls_for_a_while(tmp_path: Path) -> None:
    with opened(tmp_path, "hubspot") as world:
        world.port.refusing = 2
        for _ in range(2):
            with pytest.raises(CrmBusy):
                world.port.sweep("registration", None, 5)
        assert world.port.sweep("registration", None, 5)


def test_a_seed_plays_with_the_system_it_is_told_to() -> None:
    other = next(name for name in SYSTEMS if name != picked(78))
    assert run_seed(78, steps=1, system=other).system == other
    with pytest.raises(ValueError, match="There is no system sap"):
        quirks_of("sap", 1)
