"""`counterpart receipt`: checked by anybody from a file alone, exported from this computer's own store."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.__main__ import cli
from app.contract.evidence import Evidence, fingerprint, to_file
from app.services.opening import Opening
from tests.contract.test_evidence import AT, SIGNING, batch, public
from tests.services.small_gateway import small_gateway
from tests.services.test_opening import PHRASE, entered, surroundings

RECEIPT = batch()[2]
NAME = Evidence(RECEIPT).name


def verify(path: Path, *options: str) -> Result:
    return CliRunner().invoke(cli, ["receipt", "verify", str(path), *options])


def written(folder: Path, change: Any = None) -> Path:
    members = json.loads(to_file(RECEIPT))
    if change is not None:
        change(members)
    path = folder / "receipt.json"
    path.write_text(json.dumps(members), encoding="utf-8")
    return path


def test_a_receipt_that_holds_says_what_and_whose_clock(tmp_path: Path) -> None:
    result = verify(written(tmp_path))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == f"Holds: receipt {NAME}, signed, and nothing in it was changed."
    assert "Captured   2026-11-24 09:38:12 UTC, the clock of the computer it was entered on" in lines
    assert "Received   2026-11-24 09:40:12 UTC, the gateway's clock" in lines
    assert f"Signed by  {fingerprint(public(SIGNING))}" in lines
    assert "compare the fingerprint" in lines[-1]


def test_for_machines_it_is_one_json_value(tmp_path: Path) -> None:
    result = verify(written(tmp_path), "--json")
    found = json.loads(result.stdout)
    assert (found["valid"], found["verdict"], found["name"]) == (True, "valid", NAME)
    assert found["clocks"]["captured_at"] == "client"
    assert found["says"]["captured_at"] == AT.isoformat().replace("+00:00", "Z")


FINGERPRINT = fingerprint(public(SIGNING))


@pytest.mark.parametrize("key", ["", " ", ":"])
def test_an_empty_key_checks_nothing_rather_than_any_key(tmp_path: Path, key: str) -> None:
    """A shell variable that is not set must not turn the check of the key off."""
    told = verify(written(tmp_path), "--key", key)
    assert (told.exit_code, told.stdout) == (2, "")
    assert "the key it has to be signed with is empty" in told.stderr
    found = verify(written(tmp_path), "--key", key, "--json")
    assert (found.exit_code, json.loads(found.stdout)["valid"]) == (2, False)


@pytest.mark.parametrize(
    "key",
    [
        public(SIGNING),
        public(SIGNING).upper(),
        FINGERPRINT,
        FINGERPRINT.replace(" ", ":"),
        ":".join(FINGERPRINT.replace(" ", "")[at : at + 2] for at in range(0, 32, 2)).lower(),
    ],
)
def test_the_key_it_has_to_be_signed_with_can_be_named(tmp_path: Path, key: str) -> None:
    assert verify(written(tmp_path), "--key", key).stdout.splitlines()[-1] == "It is the key you named."
    other = verify(written(tmp_path), "--json", "--key", "00" * 32)
    assert (other.exit_code, json.loads(other.stdout)["verdict"]) == (1, "other_key")


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        (lambda m: m["body"].update(status="rejected"), "altered_body", "was changed after it was signed"),
        (lambda m: m["path"].pop(), "altered_path", "The path from what it says"),
        (lambda m: m.update(signature="00" * 64), "wrong_signature", "The signature is not that key's"),
        (lambda m: m.update(key="no key"), "wrong_signature", "The signature is not that key's"),
    ],
)
def test_what_does_not_hold_says_why(tmp_path: Path, change: Any, verdict: str, words: str) -> None:
    told = verify(written(tmp_path, change))
    assert told.exit_code == 1
    assert told.stdout.startswith("Does not hold: ")
    assert words in told.stdout
    found = json.loads(verify(written(tmp_path, change), "--json").stdout)
    assert (found["valid"], found["verdict"]) == (False, verdict)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"{}", "It lacks what a receipt has."), (b"%PDF", "It is not JSON."), (b"\xff\xfe", "It is not text.")],
)
def test_what_is_no_receipt_is_wrong_use(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    told = verify(path)
    assert (told.exit_code, told.stdout) == (2, "")
    assert words in told.stderr
    found = json.loads(verify(path, "--json").stdout)
    assert (found["valid"], found["verdict"]) == (False, "not_a_receipt")
    assert verify(tmp_path / "missing").exit_code == 2


def test_it_needs_no_account_no_display_and_no_network(tmp_path: Path) -> None:
    """In a process that can open neither a socket nor a window, with an empty home."""
    check = (
        "import socket, sys\n"
        "def refused(*_a, **_k): raise AssertionError('a socket')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refused\n"
        "from app.__main__ import cli\n"
        "try:\n    cli(['receipt', 'verify', sys.argv[1]])\n"
        "except SystemExit as end:\n    code = end.code\n"
        "assert not any(name.split('.')[0] == 'PySide6' for name in sys.modules)\n"
        "sys.exit(code)"
    )
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", check, str(written(tmp_path))],
        env={"HOME": str(home), "PATH": "", "PYTHONPATH": ":".join(filter(None, sys.path))},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Holds: ")
    assert list(home.rglob("*")) == []


def test_a_receipt_that_is_here_is_exported_without_a_network(tmp_path: Path) -> None:
    with small_gateway() as gateway:
        account = entered(Opening(surroundings(tmp_path, ring=False)), gateway, PHRASE)
        with account.open_store() as store:
            store.receipts.keep(RECEIPT, AT)
        account.close()
    target = tmp_path / "out.json"

    def export(*arguments: str) -> Result:
        options = ["--data", str(tmp_path), "--passphrase-stdin"]
        return CliRunner().invoke(cli, ["receipt", "export", *arguments, *options], input=f"{PHRASE}\n")

    assert export(NAME, "--to", str(target)).exit_code == 0
    assert verify(target).exit_code == 0
    assert export("m2").stdout == target.read_text(encoding="utf-8")
    missing = export("R-0000")
    assert missing.exit_code == 1
    assert "No receipt on this computer is called R-0000." in missing.stderr
