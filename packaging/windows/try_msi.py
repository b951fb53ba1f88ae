"""Install, upgrade, go back and uninstall the package on this Windows, as IT does it: silently.

    python packaging/windows/try_msi.py dist/counterpart [--package dist/counterpart-0.1.0-x64.msi]

For a machine that may be spoilt, such as one of a workflow: it needs an administrator, and what is installed of
Counterpart, and what this user has of it, is gone afterwards. A later version is made of the same payload for it.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "packaging")]

from windows.build import BuildFailed, build, package  # noqa: E402  # the two folders above come first
from windows.settings import KEY, OWN_KEY, settings  # noqa: E402

SERVER = "https://portal.vendor.example"
GIVEN: Mapping[str, str] = {"SERVERURL": SERVER, "OFFLINEDAYS": "14", "KIOSK": "0"}
WRITTEN: Mapping[str, str | int] = {"GatewayAddress": SERVER, "OfflineDays": 14, "Kiosk": 0}

#: What msiexec ends with: well; a launch condition did not hold.
WELL, REFUSED = 0, 1603

Say = Callable[[str], None]


class NotAsItShouldBe(Exception):
    """Windows did something else; the text says what was expected."""


class Computer(Protocol):
    """What is done to a Windows and read of it."""

    def installer(self, *arguments: str) -> int:
        """Run msiexec silently; gives its exit code."""

    def value(self, key: str, name: str) -> Any:
        """A value of the machine's registry, in the view of 64 bits; None where there is none."""

    def program(self, *arguments: str) -> int:
        """Run the installed program; gives its exit code."""

    @property
    def installed(self) -> bool:
        """Whether the program's folder is there."""

    def keep_something(self) -> None:
        """Put a file where the accounts of this user lie."""

    @property
    def kept(self) -> bool:
        """Whether that file is there."""


def play(computer: Computer, first: Path, later: Path, say: Say) -> None:
    """The whole life of an installation. Raises NotAsItShouldBe at the first thing that is not as it should be."""

    def expect(what: str, *, holds: bool) -> None:
        if not holds:
            raise NotAsItShouldBe(what)
        say(what)

    def ends(what: str, code: int, *arguments: str) -> None:
        found = computer.installer(*arguments)
        holds = found == code
        expect(
            f"{what} (msiexec ends with {code})" if holds else f"{what}: it ended with {found}", holds=holds
        )

    def written() -> bool:
        known = all(computer.value(KEY, name) == value for name, value in WRITTEN.items())
        others = [one.value for one in settings() if one.value not in WRITTEN]
        return known and all(computer.value(KEY, name) is None for name in others)

    computer.keep_something()
    given = [f"{name}={value}" for name, value in GIVEN.items()]
    ends("it is installed", WELL, "/i", str(first), *given)
    expect("the program starts", holds=computer.program("--version") == 0)
    expect("what was given is in the registry, and nothing else", holds=written())
    opens = str(computer.value(r"Software\Classes\counterpart\shell\open\command", ""))
    expect("links open in it", holds=opens.endswith('counterpart.exe" open -- "%1"'))
    ends("a later version takes its place", WELL, "/i", str(later))
    expect(
        "what was given before still holds",
        holds=written() and computer.value(OWN_KEY, "OFFLINEDAYS") == "14",
    )
    expect("the program still starts", holds=computer.program("--version") == 0)
    ends("an older version is refused", REFUSED, "/i", str(first))
    expect("the later one is still there", holds=computer.installed)
    ends("it is uninstalled", WELL, "/x", str(later))
    expect(
        "nothing of it is left",
        holds=not computer.installed and computer.value(KEY, "GatewayAddress") is None,
    )
    expect("what the user has is kept", holds=computer.kept)
    ends("it is installed again", WELL, "/i", str(first))
    expect("what was given once is forgotten", holds=computer.value(KEY, "GatewayAddress") is None)
    ends("it is uninstalled with everything", WELL, "/x", str(first), "KEEPDATA=0")
    expect("what the user had is gone", holds=not computer.kept and not computer.installed)


class ThisWindows:
    """The one this runs on."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._folder = Path(os.environ["PROGRAMFILES"], "Counterpart")
        self._kept = Path(os.environ["LOCALAPPDATA"], "Counterpart", "kept.txt")

    def installer(self, *arguments: str) -> int:
        command = ["msiexec", *arguments, "/qn", "/norestart", "/l*v+", str(self._log)]
        return subprocess.run(command, check=False, timeout=900).returncode

    def value(self, key: str, name: str) -> Any:
        import winreg  # noqa: PLC0415  # there is none elsewhere

        registry: Any = winreg
        access = registry.KEY_READ | registry.KEY_WOW64_64KEY
        try:
            with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, key, 0, access) as opened:
                return registry.QueryValueEx(opened, name)[0]
        except FileNotFoundError:
            return None

    def program(self, *arguments: str) -> int:
        return subprocess.run(
            [self._folder / "counterpart.exe", *arguments], check=False, timeout=120
        ).returncode

    @property
    def installed(self) -> bool:
        return self._folder.exists()

    def keep_something(self) -> None:
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        self._kept.write_text("kept", encoding="utf-8")

    @property
    def kept(self) -> bool:
        return self._kept.exists()


def main(arguments: Sequence[str] | None = None) -> int:
    """Gives the exit code."""
    parser = argparse.ArgumentParser(description="Try the MSI on a Windows that may be spoilt.")
    parser.add_argument("payload", type=Path, help="the frozen app's folder")
    parser.add_argument("--package", type=Path, help="the package to try; else one is made")
    options = parser.parse_args(arguments)
    if platform.system() != "Windows":
        sys.stderr.write("This runs on Windows.\n")
        return 1
    work = ROOT / "build" / "try-msi"
    try:
        made = package()
        major, minor, patch = made.version.split(".")
        next_one = replace(made, version=f"{major}.{minor}.{int(patch) + 1}")
        payload = options.payload.resolve()
        first = (
            options.package.resolve()
            if options.package
            else build(made, payload, work / "first", work / "one")
        )
        later = build(next_one, payload, work / "later", work / "two")
        play(ThisWindows(work / "msiexec.log"), first, later, lambda what: print(f"- {what}", flush=True))
    except (BuildFailed, NotAsItShouldBe) as error:
        sys.stderr.write(f"Not as it should be: {error}\nThe installer's log: {work / 'msiexec.log'}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
