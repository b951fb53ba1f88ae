"""What keeps a computer from working with its gateway is found, said and mended; nothing is changed by looking."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.contract.errors import Refused
from app.services.doctor.examination import Examination, Standing
from app.services.doctor.finding import NAMES, Check, Finding, State
from app.services.doctor.report import as_json, as_lines, is_well
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.services.words import Words
from app.session.installation import Installation, InstallationKind
from app.session.logbook.redacting import Redactor
from app.session.policy.schema import Managed, Policy
from app.store.pages import PAGE_SIZE
from app.sync.clock import SystemClock
from tests.services.fake_computer import FakeComputer
from tests.services.small_gateway import SmallGateway, small_gateway
from tests.services.test_opening import PHRASE, entered, surroundings

NOW = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
SOURCE = Installation(InstallationKind.SOURCE, Path("/usr/bin/python3"))


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        yield made


def examine(around: Surroundings, **ways: object) -> list[Finding]:
    given: dict[str, object] = {"computer": FakeComputer(), "installation": SOURCE, **ways}
    return Examination(around, **given).run()  # type: ignore[arg-type]


def by_name(findings: list[Finding]) -> dict[Check, Finding]:
    return {finding.name: finding for finding in findings}


def test_a_computer_that_is_well(gateway: SmallGateway, tmp_path: Path) -> None:
    around = replace(surroundings(tmp_path), clock=SystemClock())
    entered(Opening(around), gateway).close()
    before = {path: path.read_bytes() for path in tmp_path.rglob("store.db")}
    told: list[Finding] = []
    examination = Examination(around, computer=FakeComputer(), installation=SOURCE)
    findings = examination.run(told.append)
    assert sorted(told, key=repr) == sorted(findings, key=repr)
    assert [finding.name for finding in findings] == [*Check]
    found = by_name(findings)
    assert found[Check.DATABASE].state is State.OK
    assert "opens and is whole" in found[Check.DATABASE].what
    assert found[Check.GATEWAY].state is State.OK
    assert is_well(findings)
    assert [inside.intact for inside in examination.insides.values()] == [True]
    assert {path: path.read_bytes() for path in tmp_path.rglob("store.db")} == before


def test_without_a_network_and_without_an_account(tmp_path: Path) -> None:
    found = by_name(examine(surroundings(tmp_path, ring=False), computer=FakeComputer(offline=True)))
    assert found[Check.GATEWAY].state is State.UNKNOWN
    assert Check.PROXY not in found
    named = by_name(examine(surroundings(tmp_path), gateways=["https://nowhere.invalid"]))
    assert named[Check.DNS].state is State.BAD
    assert named[Check.GATEWAY].state is State.BAD
    with pytest.raises(Refused):
        examine(surroundings(tmp_path), gateways=["no address"])


def test_a_passphrase_is_never_asked_for(gateway: SmallGateway, tmp_path: Path) -> None:
    around = surroundings(tmp_path, ring=False)
    account = entered(Opening(around), gateway, PHRASE)
    unlocked = dict(account.unlocked)
    account.close()
    assert by_name(examine(around))[Check.DATABASE].state is State.UNKNOWN
    opened = by_name(examine(around, standing=Standing(keys=unlocked)))
    assert opened[Check.DATABASE].state is State.OK


def test_a_store_that_is_damaged_has_another_key_or_lost_it(gateway: SmallGateway, tmp_path: Path) -> None:
    around = surroundings(tmp_path)
    account = entered(Opening(around), gateway)
    known, path = account.account.id, account.account.store_path
    account.close()
    other = by_name(examine(around, standing=Standing(keys={known: bytes(32)})))[Check.DATABASE]
    assert (other.state, other.facts["error"]) == (State.BAD, "WrongKey")
    data = bytearray(path.read_bytes())
    data[-PAGE_SIZE + 9] ^= 1
    path.write_bytes(data)
    assert "damaged" in by_name(examine(around))[Check.DATABASE].what
    ring = around.ring()
    assert ring is not None
    ring.destroy(known)
    assert "not in the key store" in by_name(examine(around))[Check.DATABASE].what


class SlowComputer(FakeComputer):
    """One that takes its time for names, as a broken network does."""

    def resolve(self, host: str, port: int) -> int:
        time.sleep(3)
        return 1


def test_what_does_not_come_back_in_time_is_said_and_holds_up_nothing(
    tmp_path: Path, gateway: SmallGateway
) -> None:
    began = time.monotonic()
    found = by_name(
        examine(surroundings(tmp_path), computer=SlowComputer(), gateways=[gateway.url], limit=1.5)
    )
    assert time.monotonic() - began < 2.9
    assert (found[Check.DNS].state, found[Check.DNS].what) == (State.UNKNOWN, "It did not come back in time.")
    assert found[Check.DISK].state is State.OK


class BrokenComputer(FakeComputer):
    """One on which a check meets what nobody foresaw."""

    def zone(self) -> str:
        raise RuntimeError("Kestrel Foods")


def test_a_check_that_breaks_is_a_finding_without_what_it_said(tmp_path: Path) -> None:
    found = by_name(examine(surroundings(tmp_path), computer=BrokenComputer()))[Check.LOCALE]
    assert (found.state, found.what) == (State.UNKNOWN, "It broke off: RuntimeError.")


def test_a_policy_that_keeps_a_gateway_away_is_what_the_gateway_finding_says(tmp_path: Path) -> None:
    managed = Managed(Policy(allowed_gateways=("https://other.example",)), frozenset({"allowed_gateways"}))
    around = replace(surroundings(tmp_path), managed=managed)
    found = by_name(examine(around, gateways=["https://portal.halden.example"]))
    assert "does not allow" in found[Check.GATEWAY].what


def test_json_has_a_stable_shape(tmp_path: Path) -> None:
    found = as_json(examine(surroundings(tmp_path)), NOW, Redactor())
    assert set(found) == {"form", "release", "at", "ok", "findings"}
    assert (found["form"], found["at"]) == (1, "2026-11-23T09:41:00Z")
    for finding in found["findings"]:
        assert set(finding) == {"name", "state", "about", "what", "mend", "facts"}
        assert finding["state"] in {"ok", "warn", "bad", "unknown"}
    json.dumps(found)


def test_lines_for_the_phone_say_how_to_mend_and_what_it_comes_to() -> None:
    findings = [
        Finding(Check.DISK, State.BAD, "The disk is full: 3 MB are free.", "Free some space now.", "", {}),
        Finding(Check.CLOCK, State.OK, "It agrees.", about="portal.halden.example"),
    ]
    assert as_lines(findings, Words(), Redactor()) == [
        "BAD   Disk: The disk is full: 3 MB are free.",
        "      → Free some space now.",
        "ok    Clock (portal.halden.example): It agrees.",
        "",
        "1 thing has to be mended.",
    ]


def test_every_check_has_a_name() -> None:
    assert set(NAMES) == set(Check)
