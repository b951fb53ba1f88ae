"""Figures are written as the reader's language writes them: one way, through `Formats`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.project import ROOT

#: English by its name: what is stored and logged before anybody's language is known.
_ENGLISH = Path("app/contract/said.py")


def _grouped(tree: ast.AST) -> Iterator[int]:
    """Lines that write a figure with an English comma, in f-strings and in `format`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            spec = "".join(
                str(part.value) for part in ast.walk(node.format_spec) if isinstance(part, ast.Constant)
            )
            if "," in spec or "_" in spec:
                yield node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and ":,}" in node.value:
            yield node.lineno


def test_no_figure_is_grouped_by_an_english_comma() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "app").rglob("*.py"))
        if path.relative_to(ROOT) != _ENGLISH
        for line in _grouped(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == [], "write figures with Formats.number"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('f"{count:,}"', True),
        ('f"{count:,.2f}"', True),
        ('"{:,}".format(count)', True),
        ('"{count:,}".format(count=1)', True),
        ('f"{count}, {other}"', False),
        ('f"{share:.1f}"', False),
    ],
)
def test_the_search_finds_them(source: str, found: bool) -> None:
    assert bool([*_grouped(ast.parse(source))]) is found
