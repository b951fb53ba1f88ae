"""What IT gets besides a package: every file docs/admin.md names, the same bytes each time."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from app.contract.version import RELEASE
from tests.packaging.scripts import script
from tools.project import ROOT

archive = script("policy_archive")


def test_the_archive_has_what_the_page_names_and_is_the_same_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    made = archive.policy_archive(tmp_path / "one")
    assert made.name == f"counterpart-{RELEASE}-policies.zip"
    assert made.read_bytes() == archive.policy_archive(tmp_path / "two").read_bytes()
    with zipfile.ZipFile(made) as opened:
        names = set(opened.namelist())
        assert opened.read("policy.toml") == (ROOT / "packaging" / "policy" / "policy.toml").read_bytes()
        page = opened.read("admin.md").decode()
    named = set(re.findall(r"`((?:[\w-]+[\\/])?[\w-]+\.(?:admx|adml|mobileconfig|schema\.json))`", page))
    named |= {"policy.toml"}
    assert {name.replace("\\", "/") for name in named} <= names
    assert len(named) >= 5


def test_the_page_says_where_to_get_it() -> None:
    assert "counterpart-VERSION-policies.zip" in (ROOT / "docs" / "admin.md").read_text("utf-8")
