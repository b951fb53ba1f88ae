"""docs/security.md against the tree: each statement has its test and its words, each test its statement, what is
named is there.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.security.source import ROOT

PAGES = [ROOT / "docs" / name for name in ("security.md", "security-gateway.md")]
HERE = ROOT / "tests" / "security"
_ROW = re.compile(r"^\| (\d+) \| (.+) \| `(test_\d\d_\w+\.py)` \|$", re.MULTILINE)
_FILE = re.compile(r"`((?:tests/[\w/]+/)?test_\w+\.py)`")
_PATH = re.compile(r"`((?:app|docs|tests|gateway|packaging|tools|requirements)/[\w./-]*)`")
_LINK = re.compile(r"\]\(([^)#]+)\)")


def test_every_statement_has_its_file_and_every_file_its_statement() -> None:
    rows = _ROW.findall(PAGES[0].read_text("utf-8"))
    assert [int(number) for number, _, _ in rows] == list(range(1, 22))
    assert all(name.startswith(f"test_{int(number):02}_") for number, _, name in rows)
    assert {name for _, _, name in rows} == {path.name for path in HERE.glob("test_[0-9]*.py")}


@pytest.mark.parametrize("path", sorted(HERE.glob("test_[0-9]*.py")), ids=lambda path: path.name)
def test_a_file_says_its_statement_and_proves_it(path: Path) -> None:
    """Its number at its head; at least three tests that can be read."""
    tree = ast.parse(path.read_text("utf-8"))
    said = ast.get_docstring(tree) or ""
    assert said.startswith(f"{int(path.name[5:7])}. ")
    tests = [
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert len(tests) >= 3
    assert all(len(name.split("_")) > 3 for name in tests)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_named_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    for name in _FILE.findall(text):
        places = [ROOT / name] if name.startswith("tests/") else [HERE / name, ROOT / "tests/gateway" / name]
        assert any(place.is_file() for place in places), name
    for name in _PATH.findall(text):
        assert (ROOT / name).exists(), name
    for name in _LINK.findall(text):
        assert (page.parent / name).exists(), name


def test_whole_scenarios_are_named() -> None:
    text = PAGES[0].read_text("utf-8")
    for path in HERE.glob("test_scenario_*.py"):
        assert f"`{path.name}`" in text, path.name


def test_the_picture_is_ours_and_loads_nothing() -> None:
    tree = ElementTree.parse(ROOT / "docs" / "pictures" / "trust.svg").getroot()
    names = {element.tag.rpartition("}")[2] for element in tree.iter()}
    assert names.isdisjoint({"script", "image", "foreignObject", "use"})
    assert not any("href" in name for element in tree.iter() for name in element.attrib)
