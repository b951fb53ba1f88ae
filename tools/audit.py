"""What we depend on: each direct dependency has a reason and was looked at, and known weaknesses are asked for.

    python -m tools.audit        asks the advisory service about everything that is locked; where it does not answer,
                                 says so and holds the list alone against the lock

The list is docs/dependencies.toml. `make lint` holds it against the lock, without a network; the night asks.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tools.licences import normalised
from tools.project import LOCK, ROOT, SHIPPED, say, venv_program

LIST = ROOT / "docs" / "dependencies.toml"

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_GROUPS = ("gateway", "dev", "build")
_MEMBERS = frozenset({"where", "reviewed", "licence", "by", "reason"})
_SECONDS = 300


@dataclass(frozen=True)
class Weakness:
    """One known weakness of one package. `fixed`: releases without it."""

    package: str
    version: str
    id: str
    fixed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What the advisory service said: about how many packages, and which weaknesses it knows."""

    packages: int
    weaknesses: tuple[Weakness, ...]


def listed() -> dict[str, Any]:
    """Return the list as it is written."""
    return tomllib.loads(LIST.read_text("utf-8"))


def direct(project: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return where each package we ask for ourselves is wanted, by its normalised name."""
    groups = {"client": project["project"]["dependencies"]}
    groups |= {name: project["dependency-groups"][name] for name in _GROUPS}
    found: dict[str, set[str]] = {}
    for group, wanted in groups.items():
        for one in wanted:
            match = _NAME.match(one)
            assert match is not None, one
            found.setdefault(normalised(match[0]), set()).add(group)
    return {name: frozenset(where) for name, where in found.items()}


def locked(text: str) -> dict[str, str]:
    """Return the version of each package that a lock file pins."""
    return {normalised(name): version for name, version in _PIN.findall(text)}


def line_of(version: str) -> str:
    """Return the release line of a version: its first number; below 1, and for counts by year, its first two."""
    parts = version.split(".")
    return ".".join(parts[:2]) if parts[0] == "0" else parts[0]


def flaws(
    given: Mapping[str, Any], wanted: Mapping[str, frozenset[str]], pins: Mapping[str, str], today: date
) -> list[str]:
    """Return what is wrong with the list, a sentence each."""
    packages: Mapping[str, Any] = given.get("packages", {})
    found = [
        f"{name} is asked for and stands in no list: who makes it, and why do we want it?"
        for name in wanted.keys() - packages.keys()
    ]
    found += [f"{name} stands in the list and nobody asks for it" for name in packages.keys() - wanted.keys()]
    for name in wanted.keys() & packages.keys():
        found += _flaws_of(name, packages[name], wanted[name], pins.get(name, ""))
    for name, one in given.get("accepted", {}).items():
        if not str(one.get("reason", "")).strip():
            found.append(f"{name} is accepted without a reason")
        if one.get("until", today) < today:
            found.append(f"{name} was accepted until {one['until']}: look at it again")
    return sorted(found)


def _flaws_of(name: str, one: Mapping[str, Any], where: frozenset[str], pin: str) -> list[str]:
    lacking = sorted(member for member in _MEMBERS if not one.get(member))
    if lacking:
        return [f"{name} lacks {', '.join(lacking)}"]
    found = []
    if {*one["where"]} != where:
        found.append(f"{name} is wanted by {', '.join(sorted(where))}")
    if line_of(one["reviewed"]) != line_of(pin):
        found.append(f"{name} is locked at {pin or 'nothing'} and was looked at as {one['reviewed']}")
    return found


def check_list() -> int:
    """Hold the list against project and lock; 0 where all is well."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    found = flaws(listed(), direct(project), locked(LOCK.read_text("utf-8")), datetime.now(UTC).date())
    for flaw in found:
        say(flaw)
    if not found:
        say(f"Each of the {len(listed()['packages'])} packages we ask for has its reason, and was looked at")
    return len(found)


def understood(answers: Iterable[str]) -> Asked:
    """Return what pip-audit's JSON says. A package that is skipped was not asked about."""
    packages, weaknesses = 0, []
    for answer in answers:
        for one in json.loads(answer)["dependencies"]:
            if "skip_reason" in one:
                continue
            packages += 1
            weaknesses += [
                Weakness(one["name"], one["version"], bad["id"], tuple(bad.get("fix_versions", ())))
                for bad in one.get("vulns", ())
            ]
    return Asked(packages, tuple(dict.fromkeys(weaknesses)))


def asked(files: Iterable[Path]) -> Asked:
    """Ask the advisory service about all that is locked. Where it does not answer, that is about no packages."""
    answers = []
    for file in files:
        command = [str(venv_program("pip-audit")), "--requirement", str(file), "--no-deps", "--disable-pip"]
        command += ["--format", "json", "--progress-spinner", "off", "--timeout", "15"]
        try:
            ran = subprocess.run(
                command, capture_output=True, text=True, timeout=_SECONDS, check=False, cwd=ROOT
            )
            json.loads(ran.stdout)
        except (subprocess.TimeoutExpired, ValueError, OSError):
            continue
        answers.append(ran.stdout)
    return understood(answers)


def audit() -> int:
    """Ask, hold the list, say what was found; 0 where all is well."""
    found = asked(SHIPPED)
    accepted = listed().get("accepted", {})
    bad = [one for one in found.weaknesses if one.id not in accepted]
    for one in bad:
        say(
            f"{one.package} {one.version}: {one.id}"
            + (f", mended in {', '.join(one.fixed)}" if one.fixed else "")
        )
    if found.packages:
        known = f"{len(bad)} known weaknesses, {len(found.weaknesses) - len(bad)} accepted"
        say(f"Asked about {found.packages} packages: {known}")
    else:
        say("The advisory service does not answer from here, so nobody was asked about known weaknesses.")
    return len(bad) + check_list()


if __name__ == "__main__":
    sys.exit(1 if audit() else 0)
