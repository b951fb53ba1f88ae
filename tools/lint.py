"""Everything that can be checked without running the product."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tools import translations
from tools.audit import check_list
from tools.licences import check_licences
from tools.project import ROOT, run_program, say, start_program, venv_program

TYPED = ("app", "gateway", "tools", "tests", "packaging", "benchmarks")


def _steps() -> dict[str, Callable[[], int]]:
    return {
        "ruff check": lambda: run_program([venv_program("ruff"), "check", "."]),
        "ruff format": lambda: run_program([venv_program("ruff"), "format", "--check", "--quiet", "."]),
        "import contracts": lambda: run_program([venv_program("lint-imports"), "--no-logo"]),
        "licences": check_licences,
        "dependencies": check_list,
        "translations": translations.check,
        "tests are found": _collect,
    }


def _collect() -> int:
    """Import every test. What pytest makes of them is kept, so that the run that follows begins at once."""
    extra = {"QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": ""}
    command: list[str | Path] = [
        venv_program("python"),
        "-m",
        "pytest",
        "--collect-only",
        "-qq",
        "-p",
        "no:cacheprovider",
    ]
    # Its list is long and says nothing; when something is wrong it is asked again, to be heard.
    return run_program(command, extra, silent=True) and run_program(command, extra)


def lint() -> int:
    """Run every check, also after one has failed; gives 0 only when all pass."""
    # It takes longer than all others together, on one core; they go on beside it, and what it has found comes last.
    typed = [name for name in TYPED if any((ROOT / name).rglob("*.py"))]
    with start_program([venv_program("mypy"), "--strict", *typed]) as mypy:
        failed = []
        for name, check in _steps().items():
            say(f"== {name}")
            if check() != 0:
                failed.append(name)
        say("== mypy")
        found, _ = mypy.communicate()
        say(found.rstrip())
    if mypy.returncode != 0:
        failed.append("mypy")
    say("All checks pass" if not failed else "Failed: " + ", ".join(failed))
    return 1 if failed else 0
