"""Settings: where they come from, which of two holds, and what is said about those that cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from gateway import settings_sources
from gateway.__main__ import cli
from gateway.settings import Settings
from gateway.settings_sources import UnusableSettings, unknown_in_environment

pytestmark = pytest.mark.databases("sqlite")

PREFIX = "COUNTERPART_GATEWAY_"


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without settings."""
    monkeypatch.setattr(settings_sources, "DEFAULT_CONFIG", tmp_path / "etc" / "gateway.toml")
    monkeypatch.chdir(tmp_path)


def config(tmp_path: Path, text: str) -> Path:
    """Write a configuration file."""
    path = tmp_path / "gateway.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_command_line_goes_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = config(tmp_path, 'port = 1001\nhost = "10.0.0.1"\nlog_level = "DEBUG"\n')
    monkeypatch.setenv(f"{PREFIX}CONFIG", str(path))
    monkeypatch.setenv(f"{PREFIX}PORT", "1002")
    monkeypatch.setenv(f"{PREFIX}HOST", "10.0.0.2")
    found = Settings.load(port=1003, host=None)
    assert (found.port, found.host, found.log_level) == (1003, "10.0.0.2", "DEBUG")
    assert found.ingest_seconds == 2.0


def test_the_file_is_named_on_the_command_line_or_lies_in_the_usual_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Settings.load().port == 8470
    usual = tmp_path / "etc" / "gateway.toml"
    usual.parent.mkdir()
    usual.write_text("port = 1001\n", "utf-8")
    assert Settings.load().port == 1001
    assert Settings.load(config=config(tmp_path, "port = 1002\n")).port == 1002
    monkeypatch.setattr(settings_sources, "DEFAULT_CONFIG", tmp_path / "nothing")
    assert Settings.load().port == 8470


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 8470", "There is no setting prot. Did you mean port?"),
        ("ingest_second = 1\nhouse = 2", "There is no setting ingest_second. Did you mean ingest_seconds?"),
        ("[server]\nport = 1", "There is no setting server."),
        ('config = "other.toml"', "There is no setting config."),
        ("port = ", "is not TOML"),
        ("port = 99999", "The setting port cannot be used: Input should be less than or equal to 65535."),
        ('public_url = "https://x.example/path"', "The setting public_url cannot be used"),
        ('tls_cert = "cert.pem"', "tls_cert and tls_key belong together; set both, or neither."),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line(tmp_path: Path, text: str, said: str) -> None:
    path = config(tmp_path, text)
    with pytest.raises(UnusableSettings, match=r".") as raised:
        Settings.load(config=path)
    assert said in str(raised.value)
    result = CliRunner().invoke(cli, ["--config", str(path), "backfill"])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert said in result.output


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnusableSettings, match=r"nowhere\.toml cannot be read: No such file"):
        Settings.load(config=tmp_path / "nowhere.toml")


def test_a_value_is_not_told_for_it_may_be_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}PORT", "hunter2")
    with pytest.raises(UnusableSettings) as raised:
        Settings.load()
    assert "hunter2" not in str(raised.value)
    monkeypatch.delenv(f"{PREFIX}PORT")
    assert "hunter2" not in repr(Settings.load(metrics_token="hunter2"))


def test_secrets_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one").write_text("from a variable's file\n", "utf-8")
    (tmp_path / "metrics_token").write_text("from the folder\n", "utf-8")
    (tmp_path / "port").write_text("1", "utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    found = Settings.load()
    assert (found.metrics_token, found.port) == (SecretStr("from the folder"), 8470)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    assert Settings.load().metrics_token is None
    assert Settings.load(secrets_dir=tmp_path).metrics_token == SecretStr("from the folder")
    monkeypatch.setenv(f"{PREFIX}METRICS_TOKEN_FILE", str(tmp_path / "one"))
    assert Settings.load(secrets_dir=tmp_path).metrics_token == SecretStr("from a variable's file")
    path = config(tmp_path, 'metrics_token = "from the configuration"\n')
    assert Settings.load(config=path).metrics_token == SecretStr("from a variable's file")
    monkeypatch.setenv(f"{PREFIX}METRICS_TOKEN", "from the environment")
    with pytest.raises(UnusableSettings, match="metrics_token is set twice"):
        Settings.load()
    monkeypatch.delenv(f"{PREFIX}METRICS_TOKEN")
    monkeypatch.setenv(f"{PREFIX}METRICS_TOKEN_FILE", str(tmp_path / "nothing"))
    with pytest.raises(UnusableSettings, match="which is to hold metrics_token, cannot be read"):
        Settings.load()


def test_commands_find_the_secrets_beside_the_configuration_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service has them from systemd; a person's `staff` must not make another gateway, in a file, instead."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    path = config(tmp_path, "port = 1001\n")
    for folder, address in (("secrets", "beside"), ("named", "named"), ("credentials", "systemd")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "database").write_text(f"postgresql://{address}/x\n", "utf-8")

    def database() -> str:
        return Settings.load(config=path).database.get_secret_value()

    assert database() == "postgresql://beside/x"
    config(tmp_path, f'secrets_dir = "{(tmp_path / "named").as_posix()}"\n')
    assert database() == "postgresql://named/x"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    assert database() == "postgresql://systemd/x"


def test_a_folder_of_secrets_that_cannot_be_looked_into_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    path = config(tmp_path, "port = 1001\n")
    (tmp_path / "secrets").mkdir()
    usual = Path.stat

    def shut(self: Path, **options: bool) -> os.stat_result:
        if self.parent.name == "secrets":
            raise PermissionError(13, "Permission denied")
        return usual(self, **options)

    monkeypatch.setattr(Path, "stat", shut)
    with pytest.raises(
        UnusableSettings, match=r"secrets, which holds secrets, cannot be used: Permission denied"
    ):
        Settings.load(config=path)


def test_variables_that_are_no_settings_are_found() -> None:
    environment = {
        f"{PREFIX}PROT": "1",
        f"{PREFIX}METRICS_TOKEN_FILE": "x",
        f"{PREFIX}PORT": "2",
        "HOME": "/",
    }
    found = unknown_in_environment(environment, Settings.model_fields)
    assert found == ["There is no setting prot. Did you mean port?"]


def test_each_of_several_processes_allows_its_share() -> None:
    whole, half = Settings.load().rates(), Settings.load(processes=2).rates()
    assert half.requests.a_minute * 2 == whole.requests.a_minute
    assert half.bytes.burst * 2 == whole.bytes.burst
    assert half.partner == whole.partner
