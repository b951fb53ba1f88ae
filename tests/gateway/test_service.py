"""A gateway process as a person runs it: files, migrations, keys, log, settings, command line."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from typer.testing import CliRunner

from app.contract.evidence import fingerprint
from gateway.__main__ import cli
from gateway.assembly import database_at, file_database
from gateway.crm.embedded.unit import AUTOMATION
from gateway.database import Database, file_engine
from gateway.keys import UnusableKey, check_secret, load_secret, load_signing_key
from gateway.logs import configure_logs, redact
from gateway.migrate import migrate
from gateway.service import Service
from gateway.settings import Settings
from gateway.tables import metadata
from tests.gateway.databases import AT_THE_SURFACE, POSTGRESQL, lender
from tests.gateway.world import ROOT, World
from tests.patience import PATIENCE


def test_migrations_make_the_tables_the_code_uses(tmp_path: Path) -> None:
    address = lender.empty_address() if lender.kind == POSTGRESQL else f"sqlite:///{tmp_path}/new.sqlite3"
    database = database_at(address)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    database.close()
    database_at(address).close()  # and are applied once


@pytest.mark.databases("sqlite")
def test_a_gateway_that_had_seen_the_future_lists_everything_once_after_its_upgrade(tmp_path: Path) -> None:
    database = Database(file_engine(tmp_path / "old.sqlite3"))
    migrate(database, "0004")
    with database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO ingest_cursor (system, object, high, held_missing, held_live)"
            " VALUES ('crm', 'deal', '2999-01-01T00:00:00.000000Z', 0, 0)"
        )
    database.close()
    database = file_database(tmp_path / "old.sqlite3")
    with database.read() as connection:
        found = connection.exec_driver_sql("SELECT object, high FROM ingest_cursor").fetchall()
    assert found == [("deal", None)]
    database.close()


@pytest.mark.databases("sqlite")
def test_a_file_database_waits_for_its_turn_and_is_its_owners_alone(tmp_path: Path) -> None:
    database = file_database(tmp_path / "new.sqlite3")
    with database.read() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        ]
    assert found == ["wal", 2]
    assert (tmp_path / "new.sqlite3").stat().st_mode & 0o777 == 0o600
    database.close()


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    world = World(folder=tmp_path)
    before = world.gateway.ground.feed.head()

    def write() -> None:
        with world.gateway.ground.feed.writing() as writer:
            writer.positions.next()
            raise KeyError

    with pytest.raises(KeyError):
        write()
    assert world.gateway.ground.feed.head() == before
    world.gateway.close()


# ------------------------------------------------------------------------------------------------------------- keys


def test_keys_are_made_once_and_are_their_owners_alone(tmp_path: Path) -> None:
    secret = load_secret(tmp_path / "secret.key", os.urandom)
    assert load_secret(tmp_path / "secret.key", os.urandom) == secret
    key = load_signing_key(tmp_path / "receipts.pem")
    assert load_signing_key(tmp_path / "receipts.pem").private_bytes_raw() == key.private_bytes_raw()
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_others_may_read_is_not_used(tmp_path: Path) -> None:
    load_signing_key(tmp_path / "receipts.pem")
    (tmp_path / "receipts.pem").chmod(0o644)
    with pytest.raises(UnusableKey, match="chmod 600"):
        load_signing_key(tmp_path / "receipts.pem")


def test_a_database_is_used_with_its_own_secret_alone(world: World) -> None:
    check_secret(world.database, b"s" * 32)
    check_secret(world.database, b"s" * 32)
    with pytest.raises(UnusableKey, match="Bring the file back"):
        check_secret(world.database, b"t" * 32)
    check_secret(world.database, b"s" * 32)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"x" * 33])
def test_a_key_file_that_holds_something_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(UnusableKey):
        load_secret(path, os.urandom)
    with pytest.raises(UnusableKey):
        load_signing_key(path)


# -------------------------------------------------------------------------------------------------------------- log

TOKEN = "Xk3vQ9_zA-41bCdEfGhIjKlMnOpQrStUvWxYz012345"


@pytest.mark.parametrize(
    "said",
    [
        {"password": "hunter2"},
        {"refresh_token": "hunter2"},
        {"Authorization": "Bearer hunter2"},
        {"headers": {"cookie": "hunter2"}},
        {"error": f"bad token {TOKEN}"},
        {"error": "no account for ada.admin+x@example.co.uk here"},
        {"errors": [f"code={TOKEN}"]},
    ],
)
def test_the_log_keeps_secrets_to_itself(said: dict[str, Any]) -> None:
    line = json.dumps(redact(None, "info", {"event": "x", **said}))
    for secret in ("hunter2", TOKEN, "ada.admin", "example.co.uk"):
        assert secret not in line
    assert "[removed]" in line


def test_the_log_keeps_what_helps() -> None:
    said = {"event": "request", "path": "/v1/receipts/01a20cc8-9650-7b54-a34a-42b24c6bed24", "sha": "0" * 64}
    assert redact(None, "info", dict(said)) == said


def test_an_error_in_the_log_carries_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("INFO", as_json=True)
    try:
        fail("hunter2 of ada@example.test")
    except ValueError:
        structlog.get_logger().exception("failed", user="ada@example.test")
    line = capsys.readouterr().err
    assert "ValueError" in line
    assert "hunter2" not in line.replace('fail(\\"hunter2', "")
    assert "ada@" not in line


def fail(secret: str) -> None:
    """Fail with something secret in a local variable."""
    assert secret
    raise ValueError("it went wrong")


# --------------------------------------------------------------------------------------------------------- settings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COUNTERPART_GATEWAY_REFRESH_HOURS", "96")
    monkeypatch.setenv("COUNTERPART_GATEWAY_FOLDER", str(tmp_path))
    settings = Settings()
    assert settings.limits().refresh.days == 4
    assert settings.crm_address() == f"sqlite:///{tmp_path}/crm.sqlite3"
    assert settings.load_manifest().name == "partner"


# ----------------------------------------------------------------------------------------------------- command line


def run(*arguments: str) -> tuple[int, str]:
    """Run the command line in this process."""
    result = CliRunner().invoke(cli, arguments)
    return result.exit_code, result.output


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gateway's folder whose CRM has one company; processes the test starts find the same database."""
    monkeypatch.setenv("COUNTERPART_GATEWAY_DATABASE", lender.service_address())
    service = Service.open(Settings(folder=tmp_path))
    with service.crm.writing() as unit:
        unit.insert(
            "account", {"acct_name": "Brightwater", "tier_code": "A", "country_iso": "GB"}, AUTOMATION
        )
    service.close()
    return tmp_path


_INVITATION = (
    r"maya@example\.test sets a password here, once, before \d{4}-\d\d-\d\d \d\d:\d\d UTC: "
    r"http://127\.0\.0\.1:8470/oauth/invitation/[A-Za-z0-9_-]{43}\n"
)


@AT_THE_SURFACE
def test_inviting_checking_and_revoking(folder: Path) -> None:
    at = ("--folder", str(folder))
    who = ("maya@example.test", "--name", "Maya", "--role", "manager", "--company", "Brightwater")
    status, said = run("invite", *who, *at)
    assert status == 0, said
    assert re.fullmatch(_INVITATION, said)
    assert run("invite", *who, *at)[0] == 1
    status, again = run("link", "maya@example.test", *at)
    assert (status, bool(re.fullmatch(_INVITATION, again)), again == said) == (0, True, False)
    assert run("link", "nobody@example.test", *at)[0] == 1
    unknown = run("invite", "x@example.test", "--name", "X", "--role", "rep", "--company", "Nobody", *at)
    assert unknown == (1, "There is no company Nobody. Known are: Brightwater.\n")
    emperor = run(
        "invite", "x@example.test", "--name", "X", "--role", "emperor", "--company", "Brightwater", *at
    )
    assert emperor[0] == 1
    status, said = run("check", "--json", *at)
    found = json.loads(said)
    # The company, and the contact it was given for whom Maya signs in.
    assert (status, found["well"], found["position"]) == (0, True, 2)
    assert "read completely at" in run("check", *at)[1]
    assert run("backfill", *at) == (0, "0 records changed.\n")
    assert run("sweep", "account", *at) == (0, "0 records changed.\n")
    assert run("sweep", "treasure", *at)[0] == 1
    assert run("revoke", "maya@example.test", *at) == (0, "0 sessions ended.\n")
    assert run("revoke", "maya@example.test", "--wipe", *at) == (0, "0 sessions ended.\n")
    assert run("revoke", "maya@example.test", "--device", "d9", *at)[0] == 1
    assert run("link", "maya@example.test", *at) == (1, "The account of maya@example.test is closed.\n")
    assert run("revoke", "nobody@example.test", *at)[0] == 1
    key = load_signing_key(folder / "receipts.pem").public_key().public_bytes_raw().hex()
    said = f"Key:         {key}\nFingerprint: {fingerprint(key)}\n"
    assert run("receipt-key", *at) == (0, said)


def test_what_a_person_can_mend_is_one_line(folder: Path) -> None:
    (folder / "receipts.pem").chmod(0o644)
    status, said = run("check", "--folder", str(folder))
    assert (status, said.count("\n")) == (1, 1)
    assert "chmod 600" in said


@AT_THE_SURFACE
@pytest.mark.parametrize("end", ["signal", "stdin"])
def test_a_process_of_its_own_says_where_it_listens_and_ends_cleanly(folder: Path, end: str) -> None:
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "gateway",
        "serve",
        "--folder",
        str(folder),
        "--port",
        "0",
    ]
    with subprocess.Popen(
        [*command, "--until-stdin-closes"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stderr is not None
        told = json.loads(process.stdout.readline())
        assert told["ready"]
        assert httpx.get(f"{told['url']}/healthz", timeout=PATIENCE).text == "ok"
        assert httpx.get(told["console"], follow_redirects=True, timeout=PATIENCE).status_code == 200
        if end == "signal":
            process.send_signal(signal.SIGTERM)
        else:
            process.stdin.close()
        log = process.stderr.read()
        assert process.wait(20) == 0
    assert "Traceback" not in log


def test_an_invitation_before_there_is_a_company_says_where_they_come_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERPART_GATEWAY_DATABASE", lender.service_address())
    arguments = (
        "invite",
        "maya@partner.example",
        "--name",
        "Maya",
        "--role",
        "admin",
        "--company",
        "Brightwater",
    )
    result = CliRunner().invoke(cli, [*arguments, "--folder", str(tmp_path)])
    said = "There is no company Brightwater. There are none yet: add it in the console.\n"
    assert (result.exit_code, result.output) == (1, said)
