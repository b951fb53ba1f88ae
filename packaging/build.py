"""Freeze the client for this platform into `dist/`, prove that it runs, and make its packages: `make package`.

    python packaging/build.py [--twice]

In this order: an environment of what is locked; the frozen app, held against lists and lock; licences; a run against a
gateway, with its size and start measured; the packages of this platform; what they are made of, and their sums.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

import figures  # noqa: E402  # the two folders above come first
from evidence.lock import installed_here  # noqa: E402
from evidence.write import content, packages_of, put_notices, write_evidence  # noqa: E402
from freezing import differences, freeze, size, source_date  # noqa: E402
from inspecting import inspect  # noqa: E402
from locked_environment import REPORT, CannotBuild, locked_environment  # noqa: E402
from origin import Places, bundled, entries, faults, owners  # noqa: E402
from smoke import smoke  # noqa: E402

DIST = ROOT / "dist"
BUNDLE = DIST / "counterpart"
WORK = ROOT / "build" / "freeze"
ENVIRONMENT = ROOT / "build" / "freeze-env"
SPEC = ROOT / "packaging" / "counterpart.spec"


class NotAsItShouldBe(Exception):
    """What was built may not ship; each line of the message says one reason."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Build everything. Gives the exit code."""
    parser = argparse.ArgumentParser(description="Freeze the client and make its packages.")
    parser.add_argument("--twice", action="store_true", help="freeze a second time and compare every byte")
    options = parser.parse_args(arguments)
    try:
        _build(twice=options.twice)
    except (CannotBuild, NotAsItShouldBe) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _build(*, twice: bool) -> None:
    began = time.monotonic()
    python = locked_environment(ENVIRONMENT)
    shutil.rmtree(DIST, ignore_errors=True)
    freeze(python, SPEC, DIST, WORK)
    inside = _inspected(BUNDLE)
    _say(
        f"Frozen in {time.monotonic() - began:.0f} s: {BUNDLE.relative_to(ROOT)}, {size(BUNDLE) / 1e6:.0f} MB"
    )
    if twice:
        _again(python)
    what = content(python, packages_of(ENVIRONMENT), inside)
    put_notices(what, BUNDLE, DIST / "Counterpart.app" / "Contents" / "Resources")
    _tried(python)
    made = _packages()
    wrong = write_evidence(what, BUNDLE, made, DIST, source_date(), ENVIRONMENT / REPORT)
    _refuse("The list of what ships does not fit its schema:", wrong)
    for file in sorted(DIST.iterdir()):
        if file.is_file():
            _say(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1e6:.2f} MB")


def _inspected(bundle: Path) -> set[str]:
    """Give the packages that went into the bundle; refuse one with anything else."""
    _refuse("The frozen app is not as it should be:", inspect(bundle))
    python = (Path(sys.base_prefix).resolve(),)
    places = Places(ROOT, packages_of(ENVIRONMENT), python, WORK)
    inside, strange = bundled(
        entries(WORK / "counterpart" / "collected.json"), places, owners(places.packages)
    )
    locked = {pin.name for pin in installed_here()}
    _refuse("The frozen app has what is not locked:", faults(inside, locked, strange))
    return inside


def _again(python: Path) -> None:
    second = freeze(python, SPEC, ROOT / "build" / "second", ROOT / "build" / "freeze")
    differing = differences(BUNDLE, second)
    _refuse("Two runs over the same source differ in:", differing)
    _say("Frozen a second time: every byte is the same")
    shutil.rmtree(second.parent)


def _tried(python: Path) -> None:
    """Run it, and hold its size and start against a hello app's."""
    ending = ".exe" if sys.platform == "win32" else ""
    plain = freeze(
        python, ROOT / "packaging" / "hello.py", ROOT / "build" / "hello", ROOT / "build" / "freeze-hello"
    )
    tried = smoke(BUNDLE / f"counterpart{ending}")
    _refuse("The frozen app did not come through its smoke run:", tried.problems)
    _say(f"Smoke run passed in {tried.seconds:.1f} s: {tried.said}")
    assert tried.starts is not None
    hello = figures.started([str(plain / f"hello{ending}")], {"QT_QPA_PLATFORM": "offscreen"})
    found = figures.report(BUNDLE, plain, tried.starts, hello)
    figures.write(found, ROOT / "build" / "package.json")
    _say(figures.words(found))
    _refuse("The frozen app is too large or too slow:", figures.faults(found))


def _packages() -> list[Path]:
    """Make what this platform installs; here also the Windows package, of a payload that says it is a stand-in."""
    platform: str = sys.platform
    if platform == "linux":
        from linux.deb import build_deb  # noqa: PLC0415
        from linux.layout import ICON_EDGES  # noqa: PLC0415
        from policy_archive import policy_archive  # noqa: PLC0415
        from tile import tiles  # noqa: PLC0415

        # What IT sets is the same on each platform, so one of them makes the archive of it.
        made = [build_deb(BUNDLE, DIST, ROOT / "build" / "deb", tiles(ICON_EDGES)), policy_archive(DIST)]
        _script("windows/build.py", "--stand-in", "--to", str(ROOT / "build" / "stand-in"))
        return made
    if platform == "win32":
        _script("windows/build.py", str(BUNDLE))
    # On macOS the workflow signs the bundle before it is packed: packaging/macos/release.py.
    return sorted(DIST.glob("*.msi"))


def _script(name: str, *arguments: str) -> None:
    done = subprocess.run([sys.executable, str(ROOT / "packaging" / name), *arguments], cwd=ROOT, check=False)
    if done.returncode != 0:
        raise NotAsItShouldBe(f"packaging/{name} ended with {done.returncode}.")


def _refuse(heading: str, problems: Sequence[str]) -> None:
    if problems:
        raise NotAsItShouldBe("\n".join([heading, *(f"- {problem}" for problem in problems)]))


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
