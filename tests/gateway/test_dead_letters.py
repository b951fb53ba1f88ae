"""Rows that stand aside: since when and how often is told, and a person can have them read once more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.__main__ import cli
from gateway.crm.embedded.unit import AUTOMATION
from gateway.crm.port import Ref
from gateway.ingest.aside import DeadLetter, dead_letters, set_aside
from gateway.report import report
from gateway.service import Service
from gateway.settings import Settings
from gateway.systems import System
from tests.gateway.databases import AT_THE_SURFACE, lender
from tests.gateway.ingesting import deals
from tests.gateway.world import World


def aside(world: World) -> list[DeadLetter]:
    """What stands aside."""
    with world.database.read() as connection:
        return dead_letters(connection)


def system(world: World) -> System:
    """The one system."""
    return next(iter(world.gateway.systems))


def test_since_when_and_how_often_is_kept_while_it_stands_aside(world: World) -> None:
    ref = world.deal(cents="a lot")
    world.clock.forward(60)
    world.gateway.ingest_step()
    (before,) = aside(world)
    assert (before.system, before.ref, before.first_at) == ("memory", ref, world.clock.now())
    world.clock.forward(60)
    world.port.touch(ref)
    world.gateway.hint([ref])
    world.gateway.ingest.hints_step()
    (found,) = aside(world)
    assert (found.first_at, found.at) == (before.first_at, world.clock.now())
    assert found.tries == before.tries + 1
    assert "cents" in found.reason
    world.port.edit(ref, cents=100)
    world.read()
    assert aside(world) == []
    world.port.edit(ref, cents="a lot")
    world.gateway.hint([ref])
    world.gateway.ingest.hints_step()
    (again,) = aside(world)
    assert (again.first_at, again.tries) == (world.clock.now(), 1)


def test_a_row_is_read_again_at_a_persons_word(world: World) -> None:
    refs = [world.deal(cents="a lot") for _ in range(3)]
    world.read()
    assert len(aside(world)) == 3
    assert not report(world.gateway).well
    for ref in refs[:2]:
        # Mended without a trace: no lane would notice before the next sweep.
        world.port.rows[ref].fields["cents"] = 100
    assert world.gateway.ingest.retry(system(world), refs[:1]) == 0
    assert deals(world) == {world.gid(refs[0])}
    assert world.gateway.ingest.aside(system(world)) == refs[1:]
    before = {one.ref: one.tries for one in aside(world)}
    assert world.gateway.ingest.retry(system(world), world.gateway.ingest.aside(system(world))) == 1
    assert deals(world) == {world.gid(ref) for ref in refs[:2]}
    assert {one.ref: one.tries for one in aside(world)} == {refs[2]: before[refs[2]] + 1}


def test_only_what_stands_aside_is_read_again(world: World) -> None:
    ref = world.deal()
    world.port.calls.clear()
    assert world.gateway.ingest.retry(system(world), [ref, Ref("deal", "d9999")]) == 0
    assert world.port.calls == []


def test_a_row_that_has_gone_meanwhile_stands_aside_no_longer(world: World) -> None:
    ref = world.deal(cents="a lot")
    world.read()
    world.port.delete(ref)
    assert world.gateway.ingest.retry(system(world), [ref]) == 0
    assert aside(world) == []


@AT_THE_SURFACE
def test_retry_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if lender.service_address():
        monkeypatch.setenv("COUNTERPART_GATEWAY_DATABASE", lender.service_address())
    settings = Settings(folder=tmp_path)
    service = Service.open(settings)
    with service.crm.writing() as unit:
        unit.insert(
            "account", {"acct_name": "Brightwater", "tier_code": "A", "country_iso": "GB"}, AUTOMATION
        )
        account = unit.insert(
            "account", {"acct_name": "Brightwater", "tier_code": "A", "country_iso": "GB"}, AUTOMATION
        )
    service.gateway.backfill()
    with service.gateway.ground.database.write() as connection:
        for key in (f"{account}", "999"):
            ref = Ref("account", key)
            set_aside(
                connection, "embedded", ref, "It could not be read.", service.gateway.ground.clock.now()
            )
    service.close()

    def run(*args: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, [*args, "--folder", str(tmp_path)])
        return done.exit_code, done.output

    status, said = run("check")
    assert status == 1
    assert "Not understood: embedded/account/999: It could not be read." in said
    assert "then: counterpart-gateway retry" in said
    assert run("retry", "salesforce")[0] == 1
    assert run("retry", "embedded", "account", "77") == (1, "No such row stands aside.\n")
    assert run("retry", "embedded", "account", "999") == (0, "1 of 1 rows are understood now.\n")
    assert run("retry") == (0, "1 of 1 rows are understood now.\n")
    assert run("retry") == (0, "0 of 0 rows are understood now.\n")
    status, said = run("check")
    assert status == 0
    for lane in ("webhook", "fast", "delayed"):
        assert re.search(rf"^  {lane} +\d+ s behind, \d+ records changed$", said, re.MULTILINE), said
    assert "  sweep    no round yet, 0 records changed\n" in said
