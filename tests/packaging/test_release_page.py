"""docs/release.md says what the scripts and workflows do: properties, secrets, variables, pins, files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.packaging.scripts import script
from tests.packaging.test_workflows import PINNED, WORKFLOWS
from tools.project import ROOT

PAGE = (ROOT / "docs" / "release.md").read_text("utf-8")
WORKED = "\n".join(path.read_text("utf-8") for path in WORKFLOWS)


def rows(head: str) -> Iterator[list[str]]:
    """The rows of the table whose first cell is called so."""
    lines = PAGE.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"| {head} |"))
    for line in lines[at + 2 :]:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def names(head: str) -> set[str]:
    return {row[0].strip("`") for row in rows(head)}


def test_every_secret_and_variable_of_the_workflows_is_told_and_no_other() -> None:
    assert names("secret") == set(re.findall(r"secrets\.(\w+)", WORKED))
    assert names("variable") == set(re.findall(r"vars\.(\w+)", WORKED))


def test_every_property_is_told_with_the_value_it_becomes() -> None:
    told = {row[0].strip("`"): row[1] for row in rows("property")}
    known = script("windows.settings").settings()
    assert list(told) == [one.prop for one in known]
    for one in known:
        assert told[one.prop].startswith(f"`{one.value}`")
        assert ("DWORD" in told[one.prop]) is one.number


def test_every_pin_is_told() -> None:
    assert {row[0].strip("`"): row[1] for row in rows("action")} == {
        name: pin[1] for name, pin in PINNED.items()
    }


def test_every_job_is_in_the_picture() -> None:
    release = next(path for path in WORKFLOWS if path.name == "release.yml").read_text("utf-8")
    picture = PAGE.split("```")[1]
    jobs = re.findall(r"^  (\w+):$", release.split("\njobs:\n")[1], re.MULTILINE)
    assert jobs == ["version", "build", "windows", "macos", "publish"]
    assert all(re.search(rf"\b{job}\b", picture) for job in jobs)


def test_every_file_it_names_is_there() -> None:
    named = set(re.findall(r"(?<![\w./])(?:app|packaging|tests|\.github)/[\w./-]*\w", PAGE))
    assert len(named) > 8
    assert sorted(name for name in named if not (ROOT / name).exists()) == []
