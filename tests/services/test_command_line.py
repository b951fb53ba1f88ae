"""The commands without a window: answers for people and machines, errors in their own words, and no Qt anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.__main__ import cli
from app.composition.demo import GatewayProcess
from app.contract.errors import LocalError
from app.contract.version import RELEASE
from app.services.opening import Opening
from gateway.settings import Settings
from tests.services.small_gateway import small_gateway
from tests.services.test_opening import PHRASE, entered, surroundings


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with one account that has something unsent; its gateway is gone."""
    with small_gateway() as gateway:
        account = entered(Opening(surroundings(tmp_path, ring=False)), gateway, PHRASE)
        portal = account.open_portal(lambda: None)
        draft = portal.drafts.start("request", {"subject": "Demo unit for Derby", "company": "c" * 8})
        portal.drafts.save(draft, {**portal.drafts.load(draft).data}, text="May we have one?")
        portal.close()
        account.close()
    return tmp_path


def run(*arguments: str, data: Path, phrase: str = PHRASE) -> Result:
    return CliRunner().invoke(
        cli, [*arguments, "--data", str(data), "--passphrase-stdin"], input=f"{phrase}\n"
    )


def test_without_an_account_the_next_step_is_named(tmp_path: Path) -> None:
    result = run("status", data=tmp_path)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.strip() == (
        "There is no account on this computer yet. Nothing was changed."
        " Name the gateway with --gateway, or sign in with the command “open”."
    )


def test_status_for_people_and_for_machines(data: Path) -> None:
    told = run("status", data=data)
    assert told.exit_code == 0
    assert told.stdout.splitlines()[1:] == [
        "The first sync has not ended yet.",
        "0 records; 0 waiting to send, 0 need you.",
    ]
    found = json.loads(run("status", "--json", data=data).stdout)
    assert (found["user"], found["signed_in"], found["complete"]) == ("Maya Okafor", True, False)
    assert found["outbox"] == {"waiting": 0, "needs_you": 0}


def test_a_wrong_passphrase_is_an_error_in_words_and_in_json(data: Path) -> None:
    result = run("status", "--json", data=data, phrase="not the passphrase")
    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert error == {
        "cause": "That is not the passphrase of this account.",
        "kept": "The store is untouched.",
        "next_step": "Try again.",
    }


def test_without_a_network_sync_says_what_is_kept(data: Path) -> None:
    result = run("sync", "--json", data=data)
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["mode"] == "first_sync"
    assert "Everything you entered is kept on this computer." in found["why"]


def test_what_is_unsent_is_listed_and_exported(data: Path, tmp_path: Path) -> None:
    assert run("outbox", data=data).stdout == "Nothing waits.\n"
    assert json.loads(run("outbox", "--json", data=data).stdout) == {"items": []}
    target = tmp_path / "unsent.json"
    assert run("export", "--to", str(target), data=data).exit_code == 0
    (entry,) = json.loads(target.read_text(encoding="utf-8"))
    assert (entry["state"], entry["draft"]["text"]) == ("draft", "May we have one?")
    assert entry["draft"]["data"]["subject"] == "Demo unit for Derby"


def test_an_account_that_is_not_there(data: Path) -> None:
    result = run("status", "--account", "nobody", data=data)
    assert (result.exit_code, result.stderr.split(". ")[0]) == (
        1,
        "There is no account nobody on this computer",
    )


def test_the_version_and_the_help() -> None:
    assert CliRunner().invoke(cli, ["--version"]).stdout.strip() == RELEASE
    told = CliRunner().invoke(cli, ["--help"]).stdout
    assert all(name in told for name in ("open", "demo", "sync", "status", "verify", "outbox", "export"))


def test_commands_without_a_window_import_no_qt() -> None:
    check = "import sys, app.__main__; sys.exit(any(name.split('.')[0] == 'PySide6' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_an_installed_app_has_no_demonstration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(LocalError, match="does not bring along"), GatewayProcess(tmp_path):
        raise AssertionError("it must not start")


def test_a_demonstration_of_ones_own_portal_keeps_away_from_the_database_its_configuration_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: list[tuple[list[str], dict[str, str]]] = []

    class Started(Exception):
        """Instead of a process."""

    def popen(command: list[str], **ways: Any) -> None:
        given.append((command, ways["env"]))
        ways["stderr"].close()
        raise Started

    monkeypatch.setattr(subprocess, "Popen", popen)
    with pytest.raises(Started), GatewayProcess(tmp_path, config=tmp_path / "gateway.toml"):
        pass
    ((command, env),) = given
    assert command[3:5] == ["--config", str(tmp_path / "gateway.toml")]
    assert "--portal" not in command
    config = tmp_path / "gateway.toml"
    config.write_text(
        'database = "postgresql://u:p@db.example/live"\ncrm_url = "postgresql://u:p@db.example/crm"'
    )
    for name in ("COUNTERPART_GATEWAY_DATABASE", "COUNTERPART_GATEWAY_CRM_URL"):
        monkeypatch.setenv(name, env[name])
    settings = Settings.load(config=config)
    assert (settings.database.get_secret_value(), settings.crm_url) == ("", "")
