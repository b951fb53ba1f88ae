"""What docs/kiosk.md calls proven has its test, and the policies it names are those there are."""

from __future__ import annotations

import ast
import re

from app.session.policy.schema import Policy
from tools.project import ROOT

TEXT = (ROOT / "docs" / "kiosk.md").read_text("utf-8")


def test_every_test_it_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)
    assert len(named) > 15
    for path, test in named:
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert not test or test in found, f"{path}::{test}"


def test_every_policy_it_names_is_one() -> None:
    known = {field.alias for field in Policy.model_fields.values()}
    named = set(re.findall(r"`((?:Kiosk|Gateway|Idle|Allowed)[A-Za-z]*)`", TEXT))
    assert named <= known
    assert {"Kiosk", "KioskPlace", "KioskHelp", "KioskUnlockMinutes", "IdleLockSeconds"} <= named


def test_every_page_it_leads_to_is_there() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / "docs" / link).is_file(), link
