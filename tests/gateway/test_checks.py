"""`check`: what is found wrong, as tables over plain values, and a gateway that cannot start."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway.__main__ import cli
from gateway.audit_walk import Verdict
from gateway.checks.certificates import Certificate, check_certificate, look_at_certificate
from gateway.checks.finding import Finding, Severity, must_be_mended
from gateway.checks.places import ROOM_LEAST, ROOM_LOW, Folder, Key, check_folder, check_key
from gateway.checks.run import check_all
from gateway.checks.serving import Serving, check_serving, is_loopback, is_weak
from gateway.checks.standing import Stored, check_audit, check_report, check_skew, check_stored
from gateway.database import Database, file_engine
from gateway.migrate import migrate
from gateway.report import Report, SystemReport
from gateway.settings import Settings
from tests.gateway.processes import certificate, with_partner

pytestmark = pytest.mark.databases("sqlite")

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
GOOD_SECRET = "b7f1c0d92ae84e6f9d3c5a1b"


def ids(findings: list[Finding]) -> list[str]:
    """What was found: ids, those that must be mended with a mark."""
    return [item.id + ("!" if item.severity is Severity.MEND else "") for item in findings]


# ------------------------------------------------------------------------------------------------------------ tables

HERE = Folder(Path("/var/lib/x"), True, 0o700, True, ROOM_LOW)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (HERE, []),
        (replace(HERE, exists=False), ["folder_missing!"]),
        (replace(HERE, writable=False), ["folder_unwritable!"]),
        (replace(HERE, mode=0o755), ["folder_open"]),
        (replace(HERE, free=ROOM_LOW - 1), ["disk_low"]),
        (replace(HERE, free=ROOM_LEAST - 1), ["disk_full!"]),
        (
            replace(HERE, mode=0o701, free=0, writable=False),
            ["folder_unwritable!", "folder_open", "disk_full!"],
        ),
    ],
)
def test_a_folder(found: Folder, expected: list[str]) -> None:
    assert ids(check_folder(found)) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Key(Path("secret.key"), exists=False), []),
        (Key(Path("secret.key"), True), []),
        (Key(Path("secret.key"), True, 0o640), ["key_open!"]),
        (Key(Path("secret.key"), True, 0o600, "It does not hold 32 bytes."), ["key_unusable!"]),
    ],
)
def test_a_key(found: Key, expected: list[str]) -> None:
    assert ids(check_key(found)) == expected


VALID = Certificate(Path("c.pem"), begins=NOW - timedelta(days=1), ends=NOW + timedelta(days=90))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (VALID, []),
        (Certificate(Path("c.pem"), wrong="c.pem cannot be read."), ["tls_unreadable!"]),
        (replace(VALID, fits_key=False), ["tls_key!"]),
        (replace(VALID, key_open=True), ["tls_key_open!"]),
        (replace(VALID, begins=NOW + timedelta(hours=1)), ["tls_early!"]),
        (replace(VALID, ends=NOW), ["tls_expired!"]),
        (replace(VALID, ends=NOW + timedelta(days=7)), ["tls_expiring!"]),
        (replace(VALID, ends=NOW + timedelta(days=30)), ["tls_expiring"]),
        (replace(VALID, ends=NOW + timedelta(days=31)), []),
    ],
)
def test_a_certificate(found: Certificate, expected: list[str]) -> None:
    assert ids(check_certificate(found, NOW)) == expected


PUBLIC = Serving(host="0.0.0.0", tls=True, https_only=True)
BEHIND = Serving(public_url="https://partners.example", forwarded_allow_ips="10.0.0.2")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Serving(), []),
        (Serving(sample=True, metrics=False), []),
        (PUBLIC, []),
        (BEHIND, []),
        (replace(PUBLIC, tls=False), ["plain_http!"]),
        (replace(PUBLIC, tls=False, https_only=False), ["plain_http!", "console_plain!"]),
        (replace(PUBLIC, tls=False, https_only=False, console=False), ["plain_http!"]),
        (replace(BEHIND, public_url="http://partners.example"), ["plain_http!", "console_plain!"]),
        (replace(PUBLIC, sample=True), ["sample_data!"]),
        (replace(BEHIND, forwarded_allow_ips=""), ["proxy_unknown"]),
        (replace(BEHIND, forwarded_allow_ips="10.0.0.2, *"), ["proxy_anybody!"]),
        (replace(PUBLIC, metrics=False), ["no_figures"]),
        (Serving(secrets={"metrics_token": GOOD_SECRET}), []),
        (Serving(secrets={"metrics_token": "short"}), ["secret_weak!"]),
        (Serving(hints={"hubspot": None}), ["webhook_secret"]),
        (Serving(hints={"hubspot": "changeme"}), ["webhook_weak!"]),
        (Serving(hints={"hubspot": GOOD_SECRET}), []),
    ],
)
def test_how_it_is_reached(found: Serving, expected: list[str]) -> None:
    assert ids(check_serving(found)) == expected


@pytest.mark.parametrize(
    ("secret", "weak"),
    [("", True), ("a" * 40, True), ("abcabcabcabcabcabcabcabcabc", True), (GOOD_SECRET, False)],
)
def test_what_can_be_guessed(secret: str, weak: bool) -> None:
    assert is_weak(secret) is weak


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("[::1]", True),
        ("::", False),
        ("", False),
        ("gateway.example", False),
    ],
)
def test_what_only_this_machine_reaches(host: str, here: bool) -> None:
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Stored("x", revision="0008"), []),
        (Stored("x", exists=False), ["database_missing!"]),
        (Stored("x", wrong="no route to host."), ["database_unreachable!"]),
        (Stored("x", revision="0001", behind=True), ["database_behind!"]),
        (Stored("x", revision="9999", ahead=True), ["database_ahead"]),
        (Stored("x", revision="0008", skew=timedelta(minutes=-2)), ["clock_database!"]),
    ],
)
def test_a_database(found: Stored, expected: list[str]) -> None:
    assert ids(check_stored(found)) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, []), (-4.9, []), (5, ["clock_system"]), (-59, ["clock_system"]), (-60, ["clock_system!"])],
)
def test_clocks(seconds: float, expected: list[str]) -> None:
    assert ids(check_skew("system", "HubSpot", timedelta(seconds=seconds))) == expected


SYSTEM = SystemReport("crm", "HubSpot", True, "2026-11-24T09:00:00+00:00", False, "", {})
REPORT = Report("e", 1, (SYSTEM,), 0, ())


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (REPORT, []),
        (replace(REPORT, systems=(replace(SYSTEM, late=True),)), ["lane_late!"]),
        (replace(REPORT, systems=(replace(SYSTEM, late=True, read_at=""),)), ["lane_late!"]),
        (
            replace(REPORT, systems=(replace(SYSTEM, reachable=False, late=True, problem="401."),)),
            ["system_unreachable!"],
        ),
        (replace(REPORT, systems=(replace(SYSTEM, held={"deal": (30, 100)}),)), ["sweep_held!"]),
        (replace(REPORT, set_aside=("crm/deal/7: no company",)), ["dead_letter!"]),
        (replace(REPORT, open_mutations=1_001), ["ledger_open!"]),
    ],
)
def test_a_report(found: Report, expected: list[str]) -> None:
    assert ids(check_report(found)) == expected


def test_a_broken_audit_log() -> None:
    assert ids(check_audit(Verdict(3, 3, NOW))) == []
    broken = check_audit(Verdict(3, 3, NOW, 4, "entry 4 is missing."))
    assert ids(broken) == ["audit_broken!"]
    assert "at entry 4" in broken[0].cause


# ------------------------------------------------------------------------------------------------- a real gateway


def run(*arguments: str) -> tuple[int, str]:
    """Run the command line in this process; it never ends in a traceback."""
    result = CliRunner().invoke(cli, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def found_by_check(folder: Path) -> dict[str, dict[str, Any]]:
    """What `check --json` finds, by id."""
    status, said = run("check", "--json", "--folder", str(folder))
    found = json.loads(said)
    assert status == (0 if found["well"] else 1)
    return {item["id"]: item for item in found["findings"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A gateway's folder in which everything is well."""
    path = tmp_path / "gateway"
    with_partner(path)
    return path


def test_a_gateway_that_is_well(folder: Path) -> None:
    status, said = run("check", "--folder", str(folder))
    assert status == 0, said
    assert "read completely at" in said
    assert "MEND" not in said
    assert found_by_check(folder) == {}


def test_nothing_is_made_by_looking(tmp_path: Path) -> None:
    assert list(found_by_check(tmp_path / "nowhere")) == ["folder_missing"]
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "empty").mkdir(mode=0o700)
    assert list(found_by_check(tmp_path / "empty")) == ["database_missing"]
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_database_is_not_brought_up_by_looking(folder: Path) -> None:
    (folder / "gateway.sqlite3").unlink()
    database = Database(file_engine(folder / "gateway.sqlite3"))
    migrate(database, "0004")
    database.close()
    for _ in range(2):
        assert found_by_check(folder)["database_behind"]["cause"].endswith(
            "stands at 0004, and lacks migrations."
        )


def test_what_keeps_it_from_starting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "receipts.pem").chmod(0o644)
    assert list(found_by_check(folder)) == ["key_open"]
    (folder / "receipts.pem").chmod(0o600)
    (folder / "secret.key").write_bytes(b"x")
    assert list(found_by_check(folder)) == ["key_unusable"]
    (folder / "secret.key").write_bytes(b"x" * 32)
    assert "is not the one this database is used with" in found_by_check(folder)["gateway"]["cause"]
    (folder / "gateway.sqlite3").write_bytes(b"this is no database" * 100)
    assert "file is not a database" in found_by_check(folder)["database_unreachable"]["cause"]
    monkeypatch.setenv("COUNTERPART_GATEWAY_MANIFEST", str(folder / "nothing.toml"))
    assert "There is no file" in found_by_check(folder)["manifest"]["cause"]
    monkeypatch.setenv("COUNTERPART_GATEWAY_PORT", "many")
    assert list(found_by_check(folder)) == ["settings"]


def test_an_address_where_no_database_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERPART_GATEWAY_DATABASE", "postgresql://gateway:hunter2@127.0.0.1:1/nothing")
    status, said = run("check", "--folder", str(folder))
    assert status == 1
    assert "database_unreachable" in said
    assert "hunter2" not in said
    monkeypatch.setenv("COUNTERPART_GATEWAY_DATABASE", "nonsense of hunter2")
    assert "hunter2" not in run("check", "--folder", str(folder))[1]


def test_a_crm_that_is_not_there_is_called_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERPART_GATEWAY_CRM_URL", "postgresql://crm:hunter2@127.0.0.1:1/none")
    found = found_by_check(folder)["crm_unreachable"]
    assert "port 1 failed" in found["cause"]
    assert "crm_url" in found["remedy"]
    assert "hunter2" not in str(found)


def test_what_is_unforeseen_is_no_traceback(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("hunter2")

    monkeypatch.setattr("gateway.checks.run.report", broken)
    cause = found_by_check(folder)["gateway"]["cause"]
    assert cause == "The gateway cannot be opened (ZeroDivisionError)."


def test_settings_that_are_not_right(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cert, key = certificate(folder, days=5)
    _, other = certificate(folder, "other")
    for name, value in {
        "host": "0.0.0.0",
        "prot": "1",
        "tls_cert": cert,
        "tls_key": other,
        "metrics_token": "short",
    }.items():
        monkeypatch.setenv(f"COUNTERPART_GATEWAY_{name.upper()}", str(value))
    (folder / "sample.json").touch()
    found = found_by_check(folder)
    assert found.keys() == {"setting_unknown", "tls_key", "tls_expiring", "sample_data", "secret_weak"}
    assert all(item["severity"] == "mend" and item["remedy"] for item in found.values())
    monkeypatch.setenv("COUNTERPART_GATEWAY_TLS_KEY", str(key))
    assert "tls_key" not in found_by_check(folder)
    shutil.copy(key, cert)
    assert "tls_unreadable" in found_by_check(folder)


def test_a_key_everybody_may_read(folder: Path) -> None:
    cert, key = certificate(folder)
    key.chmod(0o644)
    assert look_at_certificate(cert, key).key_open


def test_a_tampered_audit_log_is_found(folder: Path) -> None:
    database = Database(file_engine(folder / "gateway.sqlite3"))
    with database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO audit VALUES (99, '2999-11-24T09:00:00.000000Z', 'x', '', '', '[]', '', '', '{}', '', '')"
        )
    database.close()
    found = check_all(lambda: Settings.load(folder=folder), datetime.now(UTC))
    assert "audit_broken" in {item.id for item in found.findings}
    assert must_be_mended(found.findings)


# ------------------------------------------------------------------------------------------------- the audit command


def test_the_audit_log_is_checked_shown_and_given_out(folder: Path) -> None:
    from gateway.service import Service

    service = Service.open(Settings(folder=folder))
    trail, database = service.gateway.audit, service.gateway.ground.database
    with database.write() as connection:
        for number in range(3):
            trail.note(connection, "signed_in", user="maya", number=number)
    service.close()
    at = ("--folder", str(folder))
    status, said = run("audit", "verify", *at)
    lines = [json.loads(line) for line in run("audit", "export", *at)[1].splitlines()]
    count = len(lines)
    assert (status, said.startswith(f"{count} entries, chain whole, last {count} at ")) == (0, True), said
    assert [line["seq"] for line in lines] == list(range(1, count + 1))
    assert {"account_added", "signed_in"} <= {line["event"] for line in lines[:-3]}, "identity tells, too"
    assert [(line["actor"], line["facts"]) for line in lines[-3:]] == [
        ("maya", {"number": number}) for number in range(3)
    ]
    assert len(run("audit", "show", "--last", "2", *at)[1].splitlines()) == 2
    assert run("audit", "export", "--since", "2999-01-01", *at) == (0, "")
    anchor = f"{count}:{lines[-1]['hash']}"
    assert run("audit", "verify", "--anchor", anchor, "--since", "2020-01-01", *at)[0] == 0
    status, said = run("audit", "verify", "--anchor", f"3:{'0' * 64}", *at)
    assert (status, "Broken at entry 3" in said) == (1, True)
    assert run("audit", "verify", "--anchor", "nonsense", *at) == (1, "nonsense is no ENTRY:HASH.\n")
    (folder / "receipts.pem").unlink()
    status, said = run("audit", "verify", *at)
    assert (status, "receipts.pem is not there" in said) == (1, True)
    assert not (folder / "receipts.pem").exists()


def test_the_audit_log_can_be_read_without_manifest_or_source_systems(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERPART_GATEWAY_MANIFEST", "nowhere.toml")
    status, said = run("audit", "verify", "--folder", str(folder))
    assert (status, "entries, chain whole, last" in said) == (0, True)
