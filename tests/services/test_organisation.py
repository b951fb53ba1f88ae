"""Every setting has a name and words for each value, in settings and on the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from app.composition import policy as command
from app.composition.policy import policy_report
from app.services.format import Formats
from app.services.organisation import TITLES, set_lines
from app.session.policy.here import places_here
from app.session.policy.reading import managed
from app.session.policy.schema import NOBODYS, Layer, Managed
from app.session.policy.settings import SETTINGS
from tests.services.conftest import StandingClock


class Source:
    name = "System administrator"

    def __init__(self, **values: Any) -> None:
        self._values = values

    def layers(self) -> tuple[Layer, ...]:
        return (Layer("/etc/counterpart/policy.toml", True, self._values),)


def said(**values: Any) -> dict[str, str]:
    lines = set_lines(managed(Source(**values)), Formats(StandingClock(), "en_GB"))
    return {line.name: line.value for line in lines}


def test_every_setting_has_a_title() -> None:
    assert list(TITLES) == [setting.name for setting in SETTINGS]


@pytest.mark.parametrize(
    ("key", "raw", "words"),
    [
        ("GatewayAddress", "", "Not set"),
        ("AllowedGateways", [], "Any"),
        ("Kiosk", 1, "On"),
        ("KioskPlace", "Lounge", "Lounge"),
        ("KioskUnlockMinutes", 0, "Sign in anew each time"),
        ("KioskUnlockMinutes", 5, "For 5 minutes"),
        ("IdleLockSeconds", 0, "Never locks"),
        ("IdleLockSeconds", 60, "After 1 minute"),
        ("IdleLockSeconds", 61, "After 61 seconds"),
        ("OfflineDays", 1, "Locks after 1 day"),
        ("OfflineDays", 0, "Never locks"),
        ("DocumentQuotaMb", 0, "As you choose"),
        ("Proxy", "system", "As the system is set"),
        ("Proxy", "none", "No proxy"),
        ("Telemetry", "off", "Off: nothing is reported to anybody"),
        ("UpdateChannel", "none", "None by itself"),
        ("LogLevel", "error", "Errors only"),
    ],
)
def test_a_value_is_said_in_words(key: str, raw: Any, words: str) -> None:
    assert [*said(**{key: raw}).values()] == [words]


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.choices], ids=lambda one: str(one.name))
def test_each_choice_has_words(setting: Any) -> None:
    for choice in setting.choices:
        assert said(**{setting.key: choice})[setting.name] != choice


def test_the_command_says_each_value_and_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    found = managed(Source(OfflineDays=14, AllowedGateways=["a.example"], Proxy="http://kim:s3cret@p:1"))
    monkeypatch.setattr(command, "managed_here", lambda: found)
    done = CliRunner().invoke(cli, ["policy", "--json"])
    assert done.exit_code == 0
    data = json.loads(done.output)
    assert data["source"] == "System administrator"
    assert data["values"]["OfflineDays"] == {
        "value": 14,
        "from": "forced",
        "place": "/etc/counterpart/policy.toml",
    }
    assert data["values"]["AllowedGateways"]["value"] == ["https://a.example"]
    assert data["values"]["Kiosk"] == {"value": False, "from": "built in", "place": ""}
    plain = CliRunner().invoke(cli, ["policy"]).output
    assert "OfflineDays          14   (forced, /etc/counterpart/policy.toml)" in plain
    assert "s3cret" not in plain + done.output


def test_the_command_fails_while_something_is_not_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "managed_here", lambda: managed(Source(OfflineDays="x", LogLevel="loud")))
    done = CliRunner().invoke(cli, ["policy"])
    assert done.exit_code == 1
    assert "Not understood: OfflineDays" in done.output
    assert "stays closed" in done.output
    assert len(json.loads(CliRunner().invoke(cli, ["policy", "--json"]).output)["blocking"]) == 1


def test_a_computer_nobody_manages_says_so() -> None:
    report = policy_report(NOBODYS)
    assert report.ok
    assert report.lines[0] == "Nobody manages this computer."
    assert policy_report(Managed(problems=("x",))).ok is False


def test_a_computer_nobody_manages_says_where_it_looked() -> None:
    report = policy_report(NOBODYS, ("/etc/counterpart/policy.toml", "/etc/counterpart/defaults.toml"))
    assert report.lines[1] == "Looked at: /etc/counterpart/policy.toml; /etc/counterpart/defaults.toml"
    assert places_here()
