"""What the client's source says: statements that hold because something is nowhere in it are read out of it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def modules(package: str = "app") -> dict[str, ast.Module]:
    """The modules of a package, by path from the root."""
    found = sorted((ROOT / package).rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in found}


@cache
def nodes(package: str = "app") -> tuple[tuple[str, ast.AST], ...]:
    """Every node of a package that says something, with the path it is in."""
    kinds = (ast.Call, ast.Import, ast.ImportFrom, ast.keyword, ast.Attribute, ast.Assign, ast.Constant)
    return tuple(
        (path, node)
        for path, module in modules(package).items()
        for node in ast.walk(module)
        if isinstance(node, kinds)
    )


@cache
def imports(package: str = "app") -> tuple[tuple[str, str], ...]:
    """Everything a package imports: where, and *module.name*."""
    found: list[tuple[str, str]] = []
    for path, node in nodes(package):
        if isinstance(node, ast.Import):
            found += [(path, one.name) for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(path, f"{node.module}.{one.name}") for one in node.names]
    return tuple(found)


@cache
def _all_calls(package: str) -> dict[str, list[tuple[str, ast.Call]]]:
    found: dict[str, list[tuple[str, ast.Call]]] = {}
    for path, node in nodes(package):
        if isinstance(node, ast.Call):
            found.setdefault(called(node), []).append((path, node))
    return found


def calls(name: str, package: str = "app") -> list[tuple[str, ast.Call]]:
    """Every call of something that is called `name`, alone or of something."""
    return _all_calls(package).get(name, [])


def called(call: ast.Call) -> str:
    """What a call calls, without what stands before the last dot."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


#: What takes something apart that may have come from outside, by what it is called and on what.
_PARSES = {
    "loads": ("json", "tomllib", "plistlib"),
    "load": ("json", "tomllib", "plistlib"),
    "model_validate_json": (),
    "model_validate": (),
    "validate_json": (),
    "validate_python": (),
    "fromisoformat": (),
    "parsedate_to_datetime": (),
    "urlsplit": (),
    "urlparse": (),
    "parse_qs": (),
    "parse_qsl": (),
    "unquote_to_bytes": (),
    "b64decode": (),
    "urlsafe_b64decode": (),
    "fromhex": (),
    "strptime": (),
    "magic_string": (),
    "PdfDocument": (),
    "QImageReader": (),
    "EventSource": (),
    "reader": ("csv",),
    "fromstring": (),
    "QueryValueEx": (),
    "EnumValue": (),
}


def parsing(package: str) -> dict[str, set[str]]:
    """The modules of a package that parse, each with what they call for it."""
    found: dict[str, set[str]] = {}
    for name, owners in _PARSES.items():
        for path, call in calls(name, package):
            function = call.func
            of = (
                function.value.id
                if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)
                else ""
            )
            if not owners or of in owners:
                found.setdefault(path, set()).add(name)
    return found
