"""Accounts: one folder for each gateway and user."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from app.contract.errors import Refused
from app.session.accounts import Accounts, account_id, default_root, gateway_url


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("portal.halden.example", "https://portal.halden.example"),
        (" https://Portal.Halden.example/ ", "https://portal.halden.example"),
        ("https://portal.halden.example:443", "https://portal.halden.example"),
        ("https://portal.halden.example:8443/partner/", "https://portal.halden.example:8443/partner"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_address_has_one_form(typed: str, address: str) -> None:
    assert gateway_url(typed) == address
    assert gateway_url(address) == address


@pytest.mark.parametrize(
    "typed",
    [
        "", "   ", "https://", "two words.example", "http://portal.halden.example", "ftp://portal.halden.example",
        "https://user:secret@portal.halden.example", "https://portal.halden.example/?next=x",
        "https://portal.halden.example/#top", "https://portal.halden.example:port", "javascript:alert(1)",
        "https://[::1",
    ],
)  # fmt: skip
def test_what_is_no_safe_address_is_refused_with_what_to_do(typed: str) -> None:
    with pytest.raises(Refused) as caught:
        gateway_url(typed)
    assert caught.value.fields["gateway"]


def test_an_account_has_its_own_folder_which_tells_nothing(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path)
    maya = accounts.at("https://a.example", "u1", "Maya Okafor", "Halden Systems")
    there = accounts.at("https://b.example", "u1", "Maya Okafor", "Alder Networks")
    sam = accounts.at("https://a.example", "u2", "Sam Reyes", "Halden Systems")
    assert len({maya.folder, there.folder, sam.folder}) == 3
    assert maya.folder.name == account_id("https://a.example", "u1")
    assert "maya" not in str(maya.folder.relative_to(tmp_path)).lower()
    assert maya.store_path.parent == maya.folder
    assert [(one.vendor, one.name) for one in accounts.list()] == [
        ("Alder Networks", "Maya Okafor"), ("Halden Systems", "Maya Okafor"), ("Halden Systems", "Sam Reyes"),
    ]  # fmt: skip
    assert accounts.get(sam.id) == sam
    assert accounts.get("nobody") is None


def test_an_account_met_again_takes_on_new_names_and_keeps_its_folder(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path)
    before = accounts.at("https://a.example", "u1", "Maya Okafor", "Halden Systems")
    (before.folder / "store.db").write_bytes(b"kept")
    after = accounts.at("https://a.example", "u1", "Maya Okafor-Lind", "Halden")
    assert after.folder == before.folder
    assert after.store_path.read_bytes() == b"kept"
    assert accounts.list() == (after,)


def test_who_holds_the_key_is_remembered_over_a_further_sign_in(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path)
    maya = accounts.at("https://a.example", "u1", "Maya Okafor", "Halden Systems")
    assert maya.key_holder == ""
    accounts.key_held_by(maya, "secret_service")
    assert accounts.at("https://a.example", "u1", "Maya Okafor-Lind", "Halden").key_holder == "secret_service"
    assert accounts.list()[0].key_holder == "secret_service"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"id": "x"}'])
def test_a_folder_that_is_no_account_is_passed_over(tmp_path: Path, text: str) -> None:
    accounts = Accounts(tmp_path)
    known = accounts.at("https://a.example", "u1", "Maya Okafor", "Halden Systems")
    broken = tmp_path / "x"
    broken.mkdir()
    (broken / "account.json").write_text(text)
    assert accounts.list() == (known,)


def test_a_folder_that_was_copied_elsewhere_is_not_taken_for_the_account(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path)
    known = accounts.at("https://a.example", "u1", "Maya Okafor", "Halden Systems")
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "account.json").write_text((known.folder / "account.json").read_text())
    assert accounts.list() == (known,)


def test_a_computer_keeps_its_identity(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "new")
    first = accounts.device("d-1")
    assert accounts.device("d-2") == first
    assert first.id == "d-1"
    assert first.name
    assert json.loads((tmp_path / "new" / "device.json").read_text()) == {"id": "d-1"}


def test_folders_are_private(tmp_path: Path) -> None:
    account = Accounts(tmp_path).at("https://a.example", "u1", "Maya Okafor", "Halden Systems")
    # On Windows they are private to their user by inheritance, and have no such bits.
    assert os.name != "posix" or stat.S_IMODE(account.folder.stat().st_mode) == 0o700


def test_the_root_is_where_the_system_keeps_such_things() -> None:
    assert default_root().name == "Counterpart"
