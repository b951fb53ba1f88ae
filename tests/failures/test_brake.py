"""An over-broad sweep: much is missing at once. The brakes of both sides hold, ask, and can be overridden."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from typer.testing import CliRunner

from app.composition import headless
from app.services.open_account import OpenAccount
from app.services.surroundings import Surroundings
from app.services.views_model import Mode
from app.store.database import Store
from app.sync.engine import Engine, Wake
from app.sync.events import Event
from gateway.__main__ import cli
from gateway.crm.embedded.unit import AUTOMATION
from gateway.crm.port import Actor
from gateway.limits import Limits
from gateway.report import report
from gateway.service import Service
from gateway.settings import Settings
from tests.failures.world import DEAL, KEY, SETTINGS, SYSTEM, Device, World, embedded_mapping

#: Small enough for a test: five records missing, and more than half, are suspicious.
CAREFUL = replace(SETTINGS, brake_least=5, brake=600.0)
MANY = 9


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, limits=Limits(brake_floor=3, brake_share=0.5))
    yield made
    made.close()


def much_is_missing(world: World) -> tuple[Device, list[str], sqlite3.Connection]:
    """A device that holds more than half of its records from after the backup, and a backup."""
    world.deal()
    world.read()
    maya = world.device(settings=CAREFUL)
    copy = world.backup()
    gids = [world.deal() for _ in range(MANY)]
    world.read()
    maya.sync()
    assert maya.portal.records.count(DEAL) == MANY + 1
    return maya, gids, copy


# -- the client's ------------------------------------------------------------------------------------------------
def test_over_broad_sweep_of_the_client_holds_and_asks(world: World) -> None:
    maya, gids, copy = much_is_missing(world)
    maya.edit(gids[0], competitor="Northwall")
    world.restore(copy)
    maya.cycle()
    assert maya.portal.records.count(DEAL) == MANY + 1, "nothing was removed"
    assert maya.status.mode is Mode.PROBLEM
    assert (maya.status.missing, maya.status.kept) == (MANY, "Nothing was removed yet.")
    assert f"no longer shows {MANY} of the" in maya.status.cause
    banner = maya.banner
    assert banner is not None
    assert (banner.action, banner.action_label) == ("remove", "Remove them")
    assert any("no longer shows" in line for line in maya.lines()), "it is told in the activity list"
    assert maya.see(gids[0], "competitor") == "Northwall"


def test_over_broad_sweep_of_the_client_when_the_records_come_back_before_the_second_look(
    world: World,
) -> None:
    maya, gids, copy = much_is_missing(world)
    maya.edit(gids[0], competitor="Northwall")
    world.restore(copy)
    maya.cycle()
    world.read()
    world.wait(CAREFUL.brake + 1)  # long enough to believe what was seen; it has to be looked at, though
    maya.cycle()
    assert maya.status.mode is Mode.LIVE
    assert maya.portal.records.count(DEAL) == MANY + 1
    maya.sync()
    assert world.value(gids[0], "rival") == "Northwall"
    assert not any(line.startswith("Removed") for line in maya.lines()), "not for a moment"
    assert maya.in_step()


def test_over_broad_sweep_of_the_client_is_overridden_by_a_person_at_once(world: World) -> None:
    maya, gids, copy = much_is_missing(world)
    world.restore(copy)
    maya.cycle()
    maya.kill()
    maya.engine.believe()
    maya.cycle(Wake.USER)
    assert maya.status.mode is Mode.LIVE
    assert (maya.status.missing, maya.banner) == (0, None)
    assert maya.portal.records.count(DEAL) == 1
    assert f"Removed {MANY} records that the gateway no longer shows, as you agreed" in maya.lines()
    assert maya.in_step()
    world.read()
    maya.sync()
    assert {maya.see(gid, "customer") for gid in gids} == {"Kestrel Foods"}, "what comes back is read again"


def test_over_broad_sweep_of_the_client_is_overridden_for_what_was_asked_and_no_more(world: World) -> None:
    maya, _, copy = much_is_missing(world)
    worse = world.backup()
    raw = sqlite3.connect(":memory:")
    worse.backup(raw)
    raw.execute("DELETE FROM feed")
    raw.commit()
    world.restore(copy)
    maya.cycle()
    asked = maya.status.missing
    maya.engine.believe()
    world.restore(raw)  # before the answer is acted upon, still more goes missing
    maya.cycle(Wake.USER)
    assert maya.status.mode is Mode.PROBLEM
    assert maya.status.missing > asked
    assert maya.portal.records.count(DEAL) == MANY + 1, "this was not agreed to"


def test_over_broad_sweep_of_the_client_is_believed_on_a_second_look_some_minutes_later(world: World) -> None:
    maya, _, copy = much_is_missing(world)
    world.restore(copy)
    maya.cycle()
    maya.kill()
    world.wait(CAREFUL.brake - 1)
    maya.cycle()
    assert maya.portal.records.count(DEAL) == MANY + 1
    world.wait(10)
    maya.cycle()
    assert maya.portal.records.count(DEAL) == 1
    assert f"Removed {MANY} records that the gateway no longer shows" in maya.lines()


def test_over_broad_sweep_of_the_client_held_while_the_clock_was_wrong_does_not_hold_for_ever(
    world: World,
) -> None:
    maya, _, copy = much_is_missing(world)
    world.restore(copy)
    maya.clock.off_by = timedelta(days=400)
    maya.cycle()
    maya.clock.off_by = timedelta()
    world.wait(10)
    maya.cycle()
    world.wait(CAREFUL.brake + 10)
    maya.cycle()
    assert maya.portal.records.count(DEAL) == 1


def test_override_without_anything_held_permits_nothing(world: World) -> None:
    maya, _, copy = much_is_missing(world)
    maya.engine.believe()
    world.restore(copy)
    maya.cycle(Wake.USER)
    assert maya.portal.records.count(DEAL) == MANY + 1


def test_over_broad_sweep_of_the_client_at_the_command_line(world: World) -> None:
    maya, _, copy = much_is_missing(world)
    world.restore(copy)
    maya.store.close()

    def engine(store: Store, tell: Callable[[Event], None]) -> Engine:
        return Engine(store, maya.line, maya.clock, world.rng, tell, settings=CAREFUL)

    account = cast(
        OpenAccount,
        SimpleNamespace(
            open_store=lambda: Store.open(maya.path, KEY),
            engine=engine,
            engine_settings=CAREFUL,
            transport=maya.line,
            account=SimpleNamespace(id="maya", gateway="https://portal.example", name="Maya Okafor"),
            session=SimpleNamespace(signed_in=True),
        ),
    )
    around = cast(Surroundings, SimpleNamespace(clock=maya.clock, rng=world.rng, locale="en_GB", zone=UTC))
    held = headless.sync(around, account)
    assert (held.ok, held.data["missing"]) == (False, MANY)
    assert held.lines[-1] == "If that is right: sync --remove-missing"
    done = headless.sync(around, account, believe=True)
    assert (done.ok, done.data["records"][DEAL], "missing" in done.data) == (True, 1, False)
    maya.start()


# -- the gateway's -----------------------------------------------------------------------------------------------
def swept(world: World) -> None:
    """Let ten minutes pass, after which all ids of each object are compared, one object a step."""
    world.wait(601)
    for _ in embedded_mapping().objects():
        world.gateway.ingest_step()


def test_over_broad_sweep_of_the_gateway_holds_asks_and_can_be_overridden(world: World) -> None:
    gids = [world.deal() for _ in range(MANY)]
    world.read()
    maya = world.device()
    for gid in gids[1:]:
        world.desk.delete(world.row(gid))
    swept(world)
    maya.sync()
    assert maya.portal.records.count(DEAL) == MANY, "an emptied CRM empties no partner's desktop"
    assert maya.in_step()
    (system,) = report(world.gateway).systems
    assert system.held == {"registration": (MANY - 1, MANY)}
    world.restart()
    swept(world)
    assert report(world.gateway).systems[0].held == {"registration": (MANY - 1, MANY)}, "it keeps asking"

    embedded = world.gateway.systems.named(SYSTEM)
    assert embedded is not None
    world.gateway.ingest.sweep(embedded, "registration", confirmed=True)
    maya.sync()
    assert maya.portal.records.count(DEAL) == 1
    assert report(world.gateway).systems[0].held == {}
    assert maya.in_step()


def test_over_broad_sweep_of_the_gateway_at_the_command_line(tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path, console=False, brake_floor=3)
    service = Service.open(settings)
    with service.crm.writing() as unit:
        account = unit.insert("account", {"acct_name": "Brightwater", "tier_code": "A"}, AUTOMATION)
        person = unit.insert("contact", {"account_id": account, "full_name": "Maya Okafor"}, AUTOMATION)
    refs = [
        service.crm.create(
            "registration",
            {"account_id": str(account), "cust_name": f"Kestrel {n}", "deal_name": f"Edge {n}"},
            f"deal-{n}",
            Actor(str(person), "Maya Okafor"),
        ).ref
        for n in range(MANY)
    ]
    service.gateway.backfill()
    with service.crm.writing() as unit:
        unit.connection.exec_driver_sql("delete from registration where id <> ?", (int(refs[0].id),))
    service.close()

    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(
            cli,
            [*arguments, "--folder", str(tmp_path)],
            env={"COUNTERPART_GATEWAY_BRAKE_FLOOR": "3"},
        )
        return result.exit_code, result.output

    question = (
        f"{MANY - 1} of {MANY} registration rows are missing. If that is right: sweep registration --yes"
    )
    code, said = run("sweep", "registration")
    assert (code, question in said) == (1, True), said
    code, said = run("check")
    assert code == 1
    assert f"{MANY - 1} of {MANY} registration rows are missing" in said
    assert "counterpart-gateway sweep registration --yes" in said
    code, said = run("sweep", "registration", "--yes")
    assert (code, f"{MANY - 1} records changed." in said) == (0, True), said
    assert run("check")[0] == 0
