"""The list of what we depend on: nothing without a reason, no release line that nobody has looked at."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from typing import Any

import pytest

from tools import audit
from tools.audit import Weakness, direct, flaws, line_of, listed, locked, understood
from tools.project import LOCK, ROOT

TODAY = date(2026, 11, 30)
GOOD: dict[str, Any] = {
    "where": ["client"], "reviewed": "2.1.0", "licence": "MIT", "by": "somebody", "reason": "does something",
}  # fmt: skip
WANTED = {"thing": frozenset({"client"})}


def told(packages: dict[str, Any], wanted: Any = WANTED, pin: str = "2.4.1", **more: Any) -> list[str]:
    return flaws({"packages": packages, **more}, wanted, {"thing": pin}, TODAY)


def test_everything_we_ask_for_has_a_reason_and_was_looked_at() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert flaws(listed(), direct(project), locked(LOCK.read_text("utf-8")), TODAY) == []


def test_a_new_dependency_without_a_reason_is_refused() -> None:
    assert told({"thing": GOOD}) == []
    assert told({}) == ["thing is asked for and stands in no list: who makes it, and why do we want it?"]
    assert told({"thing": {**GOOD, "reason": ""}}) == ["thing lacks reason"]
    assert told({"thing": GOOD, "other": GOOD}) == ["other stands in the list and nobody asks for it"]
    assert told({"thing": {**GOOD, "where": ["dev"]}}) == ["thing is wanted by client"]


@pytest.mark.parametrize(
    ("reviewed", "pin", "fine"),
    [
        ("2.1.0", "2.9.0", True),
        ("2.1.0", "3.0.0", False),
        ("0.5.1", "0.5.9", True),
        ("0.5.1", "0.6.0", False),
        ("2", "", False),
    ],
)
def test_another_release_line_has_to_be_looked_at(reviewed: str, pin: str, fine: bool) -> None:
    assert (told({"thing": {**GOOD, "reviewed": reviewed}}, pin=pin) == []) is fine


def test_what_is_accepted_has_a_reason_and_an_end() -> None:
    accepted = {"GHSA-1": {"reason": "not reached", "until": date(2026, 12, 1)}}
    assert told({"thing": GOOD}, accepted=accepted) == []
    accepted = {"GHSA-1": {"reason": " ", "until": date(2026, 11, 1)}}
    assert len(told({"thing": GOOD}, accepted=accepted)) == 2


def test_a_package_that_was_skipped_was_not_asked_about() -> None:
    """So answers an index that has no advisories: for all of them."""
    skipped = {"name": "a", "skip_reason": "not found on PyPI"}
    weak = {"name": "b", "version": "1", "vulns": [{"id": "GHSA-1", "fix_versions": ["2"]}]}
    found = understood(
        [json.dumps({"dependencies": [skipped, weak, {"name": "c", "version": "1", "vulns": []}]})]
    )
    assert found == audit.Asked(2, (Weakness("b", "1", "GHSA-1", ("2",)),))
    assert understood([json.dumps({"dependencies": [skipped]})]).packages == 0


def test_a_known_weakness_fails_and_silence_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "check_list", lambda: 0)
    monkeypatch.setattr(audit, "asked", lambda _files: audit.Asked(0, ()))
    assert audit.audit() == 0
    assert "nobody was asked" in capsys.readouterr().out
    monkeypatch.setattr(
        audit, "asked", lambda _files: audit.Asked(3, (Weakness("b", "1", "GHSA-1", ("2",)),))
    )
    assert audit.audit() == 1
    assert "b 1: GHSA-1, mended in 2" in capsys.readouterr().out


def test_release_lines() -> None:
    assert [line_of(one) for one in ("2.1.0", "0.28.1", "2026.6", "25.1.0")] == ["2", "0.28", "2026", "25"]
