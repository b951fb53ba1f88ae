"""What docs/client.md names is there: files, folders, modules, tests, kinds of records, families of jobs."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator

import pytest

from tools.project import ROOT

PAGE = ROOT / "docs" / "client.md"
JOBS = ROOT / "tests" / "e2e" / "tour" / "jobs"
#: What a name begins with that is a path from here, or a module.
_TOP = ("app", "benchmarks", "docs", "gateway", "packaging", "resources", "tests", "tools")
_PATH = re.compile(rf"(?<![\w./])(?:{'|'.join(_TOP)})/[\w./-]*[^\W_](?!\w)")
_MODULE = re.compile(rf"(?<![\w./])(?:{'|'.join(_TOP)})(?:\.[a-z_]\w*)+")
_LINK = re.compile(r"\]\(([^)#]+)\)")
_HEAD = re.compile(r"`(tests(?:/[\w./]*)?|app/[\w./]+)`")
_NAME = re.compile(r"[a-z_][\w/]*(?:::\w+)?")

Table = tuple[list[str], list[list[str]]]


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text("utf-8")


def tables(text: str) -> Iterator[Table]:
    """The tables of a page: the cells of the head, and those of each row."""
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] if line[:1] == "|" else []
        for line in text.splitlines()
    ]
    head: list[str] = []
    rows: list[list[str]] = []
    for cells in [*lines, []]:
        if cells and not head:
            head = cells
        elif cells:
            rows.append(cells)
        elif head:
            yield head, rows[1:]
            head, rows = [], []


def listed(text: str) -> Iterator[str]:
    """What stands in columns that go on from their head, such as *tests/views/test_library::taken*."""
    for head, rows in tables(text):
        for at, cell in enumerate(head):
            found = _HEAD.search(cell)
            if found is None:
                continue
            begin = found[1] if found[1].endswith("_") else f"{found[1]}/"
            for row in rows:
                names = [name.strip() for name in row[at].split(",") if name.strip()]
                for name in names:
                    assert _NAME.fullmatch(name), f"{name!r} below {cell} is no name"
                    yield begin + name


def missing(name: str) -> str:
    """Why nothing of that name is there; empty where something is. `.py` may be left out, as of modules."""
    path, _, test = name.partition("::")
    exact = ROOT / path
    found = exact if exact.exists() else exact.with_name(f"{exact.name}.py")
    if not found.exists():
        return f"{path} is not there"
    if not test:
        return ""
    defined = [
        one.name for one in ast.walk(ast.parse(found.read_text("utf-8"))) if isinstance(one, ast.FunctionDef)
    ]
    beginning = f"test_{test}"
    return "" if any(one.startswith(beginning) for one in defined) else f"{path} has no {beginning}…"


def faults(text: str) -> list[str]:
    """Whatever a page names and the tree has not."""
    modules = (
        name.replace(".", "/") for name in _MODULE.findall(text) if not name.endswith((".py", ".toml", ".md"))
    )
    named = {*_PATH.findall(text), *modules, *listed(text)}
    links = (f"{link} is no page" for link in _LINK.findall(text) if not (PAGE.parent / link).exists())
    return sorted([why for name in named if (why := missing(name))] + list(links))


def test_every_path_module_and_test_is_there(text: str) -> None:
    assert len(set(_PATH.findall(text))) > 50
    assert len(list(listed(text))) > 80
    assert faults(text) == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("see `app/views/nowhere.py`", "app/views/nowhere.py is not there"),
        ("see app.services.nowhere", "app/services/nowhere is not there"),
        ("[there](nowhere.md)", "nowhere.md is no page"),
        ("| `app/views` |\n|---|\n| home, nowhere |", "app/views/nowhere is not there"),
        (
            "| `tests/views/test_` |\n|---|\n| library::taken, library::nowhere |",
            "tests/views/test_library has no test_nowhere…",
        ),
    ],
)
def test_what_is_not_there_is_told(wrong: str, why: str) -> None:
    assert faults(wrong) == [why]


def families() -> dict[str, list[str]]:
    """The families of each portal, in the order in which they are played; read, since loading them loads the client."""
    tree = ast.parse((JOBS / "families.py").read_text("utf-8"))
    modules = {
        one.names[0].name: one.module.rpartition(".")[2]
        for one in tree.body
        if isinstance(one, ast.ImportFrom) and one.module is not None
    }
    found = {}
    for one in tree.body:
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Tuple):
            portal = {"FAMILIES": "partner", "CLIENT_FAMILIES": "client"}[ast.unparse(one.targets[0])]
            found[portal] = [modules[ast.unparse(job)] for job in one.value.elts]
    return found


def test_it_has_every_family_with_kinds_of_records_there_are(text: str) -> None:
    head, rows = next(table for table in tables(text) if table[0][0].startswith("family"))
    assert head[1] == "manifest"
    played = families()
    assert [row[0] for row in rows] == [*played["partner"], *played["client"]]
    for row in rows:
        portal = "partner" if row[0] in played["partner"] else "client"
        manifest = ROOT / "resources" / "manifests" / f"{portal}.toml"
        kinds = {entity["name"] for entity in tomllib.loads(manifest.read_text("utf-8"))["entities"]}
        assert {name.strip() for name in row[1].split(",") if name.strip()} <= kinds, row[0]


def test_it_can_be_read(text: str) -> None:
    lines = text.splitlines()
    assert [line for line in lines if len(line) > 160] == []
