"""`counterpart kiosk`, and what plain `counterpart` does where policy makes a computer one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import app.__main__ as program
from app.composition.surroundings import real_surroundings
from app.services.admission import KioskOnly
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.session.accounts import Account
from app.session.policy.schema import Managed, Policy

Started = list[tuple[list[str], Mapping[str, str]]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """What the watchdog was given to start."""
    found: Started = []

    def watch(command: Sequence[str], environment: Mapping[str, str]) -> int:
        found.append((list(command), environment))
        return 0

    monkeypatch.setattr("app.composition.watchdog.watch", watch)
    return found


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> Callable[[Policy], None]:
    """Let a policy hold on this computer."""

    def hold(wanted: Policy) -> None:
        def surroundings(data: Path | None = None) -> Surroundings:
            return replace(real_surroundings(data), managed=Managed(policy=wanted))

        monkeypatch.setattr("app.composition.surroundings.real_surroundings", surroundings)

    return hold


def test_without_the_policy_it_refuses_in_words(
    started: Started, policy: Callable[[Policy], None], tmp_path: Path
) -> None:
    policy(Policy())
    for window in ((), ("--window",)):
        ran = CliRunner().invoke(program.cli, ["kiosk", "--data", str(tmp_path), *window])
        assert ran.exit_code == 1
        assert "not set up as a kiosk" in ran.output
        assert "ask your IT to turn the kiosk policy on" in ran.output
    assert started == []


def test_a_policy_that_is_not_understood_is_not_taken_for_none(
    started: Started, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unclear = Managed(blocking=("Kiosk is “7”.",), problems=("Kiosk is “7”.",))
    around = replace(real_surroundings(tmp_path), managed=unclear)
    monkeypatch.setattr("app.composition.surroundings.real_surroundings", lambda data=None: around)
    ran = CliRunner().invoke(program.cli, ["kiosk"])
    assert ran.exit_code == 1
    assert "Kiosk is “7”." in ran.output
    assert "not set up as a kiosk" not in ran.output
    assert started == []


@pytest.mark.parametrize("arguments", [["kiosk"], ["open"], ["open", "counterpart://deal/DR-1"]])
def test_with_it_every_window_is_the_kiosk(
    started: Started, policy: Callable[[Policy], None], tmp_path: Path, arguments: list[str]
) -> None:
    policy(Policy(kiosk=True, gateway_address="https://partners.halden.example"))
    ran = CliRunner().invoke(program.cli, [*arguments, "--data", str(tmp_path)])
    assert ran.exit_code == 0
    ((command, environment),) = started
    assert command == [sys.executable, "-m", "app", "kiosk", "--data", str(tmp_path), "--window"]
    assert environment["TMPDIR"] == str(tmp_path / "kiosk" / "temp")


def test_a_frozen_program_starts_itself(
    started: Started, policy: Callable[[Policy], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    policy(Policy(kiosk=True, gateway_address="https://partners.halden.example"))
    assert CliRunner().invoke(program.cli, ["kiosk", "--data", str(tmp_path)]).exit_code == 0
    assert started[0][0] == [sys.executable, "kiosk", "--data", str(tmp_path), "--window"]


GATEWAY = "https://partners.halden.example"


@pytest.mark.parametrize(
    "arguments",
    [
        ["sync"],
        ["sync", "--gateway", GATEWAY],
        ["status"],
        ["verify"],
        ["outbox"],
        ["export"],
        ["export", "--to", "taken.json"],
        ["receipt", "export", "R-7F3C", "--to", "taken.json"],
    ],
)
def test_no_command_is_another_way_in_or_out(
    policy: Callable[[Policy], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
) -> None:
    """Neither the browser, nor a key in the key store, nor a file: not even for an account from before."""
    policy(Policy(kiosk=True, gateway_address=GATEWAY))
    monkeypatch.setattr("webbrowser.open", lambda *_: pytest.fail("a browser was opened"))
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(program.cli, [*arguments, "--data", str(tmp_path / "data")])
    assert ran.exit_code == 1
    assert "is a kiosk" in ran.output
    assert not list(tmp_path.rglob("*.json"))


def test_the_demonstration_opens_no_window_beside_the_kiosk(
    policy: Callable[[Policy], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy(Policy(kiosk=True, gateway_address=GATEWAY))
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("a gateway was started"))
    ran = CliRunner().invoke(program.cli, ["demo", "--folder", str(tmp_path)])
    assert ran.exit_code == 1
    assert "is a kiosk" in ran.output


def test_whoever_asks_signs_nobody_in_through_a_browser_on_a_kiosk(tmp_path: Path) -> None:
    policy = Managed(policy=Policy(kiosk=True, gateway_address=GATEWAY))
    opening = Opening(replace(real_surroundings(tmp_path), managed=policy))
    with pytest.raises(KioskOnly):
        opening.sign_in(GATEWAY)
    with pytest.raises(KioskOnly):
        opening.open(Account("a" * 24, GATEWAY, "u", "Ada", "Halden", tmp_path / "a"), bytes(32))
