"""Everything that can be checked without running the product."""

from __future__ import annotations

from collections.abc import Callable

from tools import translations
from tools.licences import check_licences
from tools.project import ROOT, run_program, say, venv_program

TYPED = ("app", "gateway", "tools", "tests", "packaging", "benchmarks")


def _steps() -> dict[str, Callable[[], int]]:
    typed = [name for name in TYPED if any((ROOT / name).rglob("*.py"))]
    return {
        "ruff check": lambda: run_program([venv_program("ruff"), "check", "."]),
        "ruff format": lambda: run_program([venv_program("ruff"), "format", "--check", "--quiet", "."]),
        "mypy": lambda: run_program([venv_program("mypy"), "--strict", *typed]),
        "import contracts": lambda: run_program([venv_program("lint-imports"), "--no-logo"]),
        "licences": check_licences,
        "translations": translations.check,
    }


def lint() -> int:
    """Run every check, also after one has failed; gives 0 only when all pass."""
    failed = []
    for name, check in _steps().items():
        say(f"== {name}")
        if check() != 0:
            failed.append(name)
    say("All checks pass" if not failed else "Failed: " + ", ".join(failed))
    return 1 if failed else 0
