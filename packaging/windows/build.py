"""Make the MSI from a payload: `python packaging/windows/build.py dist/counterpart`, or `--stand-in` where none is.

The tool is WiX 3.14 on Windows (its folder in the variable WIX, as its installer sets it) and wixl elsewhere. A
stand-in payload says so in the package's name, in what Windows lists, and in what is installed: it proves the package.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

from app.contract.version import RELEASE  # noqa: E402
from windows.icon import write_icon  # noqa: E402  # the two folders above come first
from windows.payload import PROGRAM, fragment, paths  # noqa: E402
from windows.settings import includes  # noqa: E402
from windows.tables import rewrite  # noqa: E402

SOURCE = Path(__file__).with_name("counterpart.wxs")
ICON = "counterpart.ico"
UPGRADE_CODE = uuid.UUID("6F0C8C5E-3B0B-4E55-9E0A-5A1E5C0F7D21")

#: Attributes that wixl passes over, saying so; what they are for is added to the tables afterwards.
_PASSED_OVER = frozenset({"Hidden", "Secure"})
_NO_PROPERTY = re.compile(r"object class '\w+' has no property named '(\w+)'")

#: Where nothing says when the sources were last changed: 1 January 2026, UTC.
_SOME_DAY = 1767225600

#: For a package per computer the checks that a shortcut belongs to one user do not fit.
_NOT_CHECKED = ("ICE43", "ICE57", "ICE90")


class BuildFailed(Exception):
    """The package was not made; the text says why."""


@dataclass(frozen=True)
class Package:
    """What is to be made. `version`: x.y.z. `stand_in`: the payload is not the app. `about`: a web address, or none."""

    version: str
    stand_in: bool = False
    about: str = ""
    when: int = _SOME_DAY

    @property
    def name(self) -> str:
        """What Windows lists it as."""
        return "Counterpart (stand-in, not the app)" if self.stand_in else "Counterpart"

    @property
    def file_name(self) -> str:
        """The package's file."""
        return f"counterpart-{self.version}-{'standin' if self.stand_in else 'x64'}.msi"

    @property
    def product_code(self) -> str:
        """The same for each build of a version: it is the same product, and installing it again mends it."""
        kind = "stand-in" if self.stand_in else "x64"
        return str(uuid.uuid5(UPGRADE_CODE, f"{self.version}/{kind}")).upper()

    @property
    def comments(self) -> str:
        """What the package says of itself."""
        if self.stand_in:
            return "A stand-in payload to try the package with. It is not the app."
        return "The vendor's portal on your desktop; it works offline too."

    def variables(self) -> dict[str, str]:
        """What the source is compiled with."""
        known = {
            "ProductCode": self.product_code,
            "ProductName": self.name,
            "Version": self.version,
            "Comments": self.comments,
            "Icon": ICON,
        }
        return known | ({"AboutUrl": self.about} if self.about else {})


def package(
    release: str = RELEASE, *, stand_in: bool = False, environment: Mapping[str, str] = os.environ
) -> Package:
    """The package of a release. Raises BuildFailed for a version that Windows Installer cannot compare."""
    if not re.fullmatch(r"(25[0-5]|2[0-4]\d|1?\d?\d)\.(25[0-5]|2[0-4]\d|1?\d?\d)\.\d{1,4}", release):
        raise BuildFailed(
            f"{release} is no version for Windows: x.y.z, each a number, the first two below 256"
        )
    when = int(environment.get("SOURCE_DATE_EPOCH") or _SOME_DAY)
    return Package(release, stand_in, environment.get("COUNTERPART_ABOUT_URL", ""), when)


def build(made: Package, payload: Path, target: Path, work: Path) -> Path:
    """Make the package in the folder `target`; `work` is emptied first. Raises BuildFailed."""
    shutil.rmtree(work, ignore_errors=True)
    staged = work / "payload"
    stage(payload, staged, made.when)
    # Relative ones, since wixl finds no others.
    (work / "files.wxs").write_text(fragment(paths(staged), Path(staged.name)), encoding="utf-8")
    shutil.copyfile(SOURCE, work / SOURCE.name)
    for name, text in includes().items():
        (work / name).write_text(text, encoding="utf-8")
    write_icon(work / ICON)
    target.mkdir(parents=True, exist_ok=True)
    result = target / made.file_name
    if sys.platform == "win32":
        _wix(made, work, result)
    else:
        _wixl(made, work, result)
    return result


def stage(payload: Path, staged: Path, when: int) -> None:
    """Copy the payload, mark it as one that IT looks after, and give all files one time."""
    if not (payload / PROGRAM).is_file():
        raise BuildFailed(f"{payload} has no {PROGRAM}")
    shutil.copytree(payload, staged, symlinks=True)
    (staged / "installation.json").write_text(json.dumps({"kind": "managed"}) + "\n", encoding="utf-8")
    for file in staged.rglob("*"):
        if not file.is_symlink():
            file.chmod(0o755 if file.is_dir() else 0o644)
            os.utime(file, (when, when))


def stand_in(folder: Path) -> Path:
    """Make a payload that is no app: a text under the program's name, and files in folders of several depths."""
    shutil.rmtree(folder, ignore_errors=True)
    text = "This stands in for the app, which is frozen on Windows only. It cannot be started.\n"
    for name in (str(PROGRAM), "_internal/base_library.zip", "_internal/resources/help/en/10-offline.md"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{name}: {text}", encoding="utf-8")
    (folder / "STAND-IN.txt").write_text(text, encoding="utf-8")
    return folder


def _wixl(made: Package, work: Path, result: Path) -> None:
    defines = [part for name, value in made.variables().items() for part in ("-D", f"{name}={value}")]
    command = ["wixl", "-a", "x64", "-D", "Wixl=1", *defines, "-o", str(result), SOURCE.name, "files.wxs"]
    # Times in the cabinet are local ones.
    done = _run(command, work, {**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"})
    unknown = set(_NO_PROPERTY.findall(done.stderr)) - _PASSED_OVER
    if unknown:
        raise BuildFailed(f"wixl does not know: {', '.join(sorted(unknown))}")
    try:
        rewrite(result, work / "tables", made.when)
    except subprocess.CalledProcessError as error:
        raise BuildFailed(f"{error.cmd[0]} failed: {error.stderr.decode(errors='replace')}") from error


def _wix(made: Package, work: Path, result: Path) -> None:
    folder = Path(os.environ.get("WIX", "")) / "bin"
    defines = [f"-d{name}={value}" for name, value in made.variables().items()]
    _run([str(folder / "candle.exe"), "-nologo", "-arch", "x64", *defines, SOURCE.name, "files.wxs"], work)
    unchecked = [f"-sice:{name}" for name in _NOT_CHECKED]
    objects = ["counterpart.wixobj", "files.wixobj"]
    _run([str(folder / "light.exe"), "-nologo", "-spdb", *unchecked, "-out", str(result), *objects], work)


def _run(
    command: Sequence[str], where: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(
            command, cwd=where, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise BuildFailed(f"{command[0]} is not on this computer") from error
    if done.returncode != 0:
        raise BuildFailed(
            f"{Path(command[0]).name} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        )
    return done


def main(arguments: Sequence[str] | None = None) -> int:
    """Gives the exit code."""
    parser = argparse.ArgumentParser(description="Make the MSI.")
    parser.add_argument("payload", nargs="?", type=Path, help="the frozen app's folder")
    parser.add_argument(
        "--stand-in", action="store_true", help="with a payload that is made here and is not the app"
    )
    parser.add_argument("--to", type=Path, default=ROOT / "dist", help="the folder for the package")
    options = parser.parse_args(arguments)
    if options.stand_in == bool(options.payload):
        parser.error("either a payload or --stand-in")
    work = ROOT / "build" / "msi"
    try:
        payload = stand_in(ROOT / "build" / "msi-stand-in") if options.stand_in else options.payload.resolve()
        result = build(package(stand_in=options.stand_in), payload, options.to.resolve(), work)
    except BuildFailed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    what = "a stand-in payload, not the app" if options.stand_in else str(options.payload)
    print(f"{result}: {result.stat().st_size / 1e6:.1f} MB, from {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
