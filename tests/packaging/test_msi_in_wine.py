"""The package installed, upgraded, refused and uninstalled by Wine, whose Windows Installer is not Microsoft's.

It is another reading of the same tables: conditions, what is remembered, what is written and what is taken away again.
The same life is played on Windows by the workflow. What is installed as the program is a launcher of a batch file.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pip
import pytest

from app.session.policy.reading import managed
from app.session.policy.windows import DEFAULTS_KEY, WindowsPolicy
from tests.packaging.scripts import script
from tests.unit.test_policy_sources import FakeRegistry

build = script("windows.build")
trying = script("windows.try_msi")

pytestmark = [
    pytest.mark.package,
    pytest.mark.skipif(sys.platform != "linux", reason="set-up brings Wine on Linux only"),
]

#: The end of an archive without anything in it; a launcher finds what it starts just before its archive.
EMPTY_ARCHIVE = b"PK\5\6" + bytes(18)
LAUNCHER = Path(pip.__file__).parent / "_vendor" / "distlib" / "t64.exe"
STARTED = rb"#!C:\windows\system32\cmd.exe /c C:\program.bat" + b"\n"

#: What the program does there: it starts, and it deletes what users have if it is told so in exactly these words.
BATCH = r"""@echo off
if "%~2 %~3"=="wipe-profiles --of-everybody" rmdir /s /q "%LOCALAPPDATA%\Counterpart"
exit /b 0
"""

#: What an administrator types for each value, with what has a meaning of its own to installers or registries.
PROPERTIES = {
    "GatewayAddress": "https://portal.vendor.example",
    "AllowedGateways": "https://portal.vendor.example;https://beta.vendor.example",
    "UpdateChannel": "none",
    "UpdateAddress": "https://updates.corp.example/counterpart",
    "Kiosk": "1",
    "KioskPlace": "Lounge #2 [ground floor], 50% \u00b7 R\u00fcgen",
    "KioskHelp": "Front desk: +31 10 555 0142",
    "KioskUnlockMinutes": "0",
    "IdleLockSeconds": "90",
    "OfflineDays": "14",
    "DocumentQuotaMb": "2000",
    "Proxy": "http://svc-portal:p%40ss@proxy.corp.example:8080",
    "LogLevel": "info",
}
UNDERSTOOD = {
    "gateway_address": "https://portal.vendor.example",
    "allowed_gateways": ("https://portal.vendor.example", "https://beta.vendor.example"),
    "update_channel": "none",
    "update_address": "https://updates.corp.example/counterpart",
    "kiosk": True,
    "kiosk_place": PROPERTIES["KioskPlace"],
    "kiosk_help": PROPERTIES["KioskHelp"],
    "kiosk_unlock_minutes": 0,
    "idle_lock_seconds": 90,
    "offline_days": 14,
    "document_quota_mb": 2000,
    "proxy": PROPERTIES["Proxy"],
    "log_level": "info",
}


class Wine:
    """A Windows 10 of its own, without a screen."""

    def __init__(self, prefix: Path) -> None:
        self._prefix = prefix
        self._drive = prefix / "drive_c"
        self._environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if name not in ("DISPLAY", "WAYLAND_DISPLAY")
            },
            "LC_ALL": "C.UTF-8",
            "WINEPREFIX": str(prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            # Neither .NET nor a browser, which it would ask to be installed.
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
        }
        self.wine("wineboot", "--init")
        # Debian's server goes with its last program. To begin anew for each takes seconds, and sometimes never ends; so
        # one is there from begin to end, and waits for a word.
        self._waiting = subprocess.Popen(
            ["wine", "cmd"],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        (self._drive / "program.bat").write_text(BATCH.replace("\n", "\r\n"), encoding="ascii")

    def wine(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["wine", *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            # The code page of its consoles, by the language that is set above.
            encoding="cp437",
            check=False,
            timeout=60,
        )

    def become(self, version: str) -> None:
        """Be another version of Windows, such as win7."""
        assert self.wine("winecfg", "-v", version).returncode == 0

    def close(self) -> None:
        self._waiting.communicate(timeout=30)
        subprocess.run(["wineserver", "--kill"], env=self._environment, check=False, capture_output=True)

    def installer(self, verb: str, package: str, *given: str) -> int:
        at = "Z:" + package.replace("/", "\\")
        code = self.wine("msiexec", verb, at, "/qn", "/norestart", *given).returncode
        # A process of Linux ends with eight bits: 1603 is 67 there.
        return {1603 % 256: 1603}.get(code, code)

    def value(self, key: str, name: str) -> Any:
        told = self.wine("reg", "query", rf"HKLM\{key}", *(("/v", name) if name else ("/ve",)))
        found = re.search(r"REG_(\w+) {4}(.*)", told.stdout)
        if told.returncode != 0 or found is None:
            return None
        text = found[2].strip()
        return int(text, 16) if found[1] == "DWORD" else text

    @property
    def folder(self) -> Path:
        return self._drive / "Program Files" / "Counterpart"

    def program(self, *arguments: str) -> int:
        return self.wine(str(self.folder / "counterpart.exe"), *arguments).returncode

    @property
    def installed(self) -> bool:
        return self.folder.exists()

    @property
    def _kept(self) -> Path:
        (user,) = [one for one in (self._drive / "users").iterdir() if one.name != "Public"]
        return user / "AppData" / "Local" / "Counterpart" / "kept.txt"

    def keep_something(self) -> None:
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        self._kept.write_text("kept", encoding="utf-8")

    @property
    def kept(self) -> bool:
        return self._kept.exists()

    def shortcuts(self) -> list[Path]:
        """The entries of the Start menu that are ours."""
        return [one for one in self._drive.rglob("Counterpart*.lnk") if "Start Menu" in one.parts]


@pytest.fixture(scope="module")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wine]:
    assert shutil.which("wine"), "wine is not on this machine (Debian: wine, wine64)"
    computer = Wine(tmp_path_factory.mktemp("wine"))
    yield computer
    computer.close()


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One version, and the next."""
    folder = tmp_path_factory.mktemp("msi")
    payload = build.stand_in(folder / "payload")
    (payload / "counterpart.exe").write_bytes(LAUNCHER.read_bytes() + STARTED + EMPTY_ARCHIVE)
    first = build.package(stand_in=True, environment={})
    later = replace(first, version="99.0.0")
    made = [build.build(one, payload, folder, folder / f"work-{one.version}") for one in (first, later)]
    return made[0], made[1]


def test_an_older_windows_is_refused(wine: Wine, packages: tuple[Path, Path]) -> None:
    wine.become("win7")
    assert wine.installer("/i", str(packages[0])) == 1603
    assert not wine.installed


def test_the_whole_life_of_an_installation(wine: Wine, packages: tuple[Path, Path]) -> None:
    wine.become("win10")
    said: list[str] = []
    trying.play(wine, *packages, said.append)
    assert len(said) == 16
    assert wine.shortcuts() == []


def test_every_file_is_installed_as_it_is_and_the_start_menu_has_one_entry(
    wine: Wine, packages: tuple[Path, Path]
) -> None:
    wine.become("win10")
    first, _ = packages
    assert wine.installer("/i", str(first)) == 0
    source = first.parent / f"work-{build.RELEASE}" / "payload"
    files = {file.relative_to(source): file.read_bytes() for file in source.rglob("*") if file.is_file()}
    installed = (file for file in wine.folder.rglob("*") if file.is_file())
    assert {file.relative_to(wine.folder): file.read_bytes() for file in installed} == files
    assert len(wine.shortcuts()) == 1
    assert wine.installer("/x", str(first)) == 0
    assert wine.shortcuts() == []


def test_a_value_that_is_given_anew_takes_the_place_of_what_was_remembered(
    wine: Wine, packages: tuple[Path, Path]
) -> None:
    wine.become("win10")
    first, later = packages
    key = r"Software\Counterpart"
    assert wine.installer("/i", str(first), "OFFLINEDAYS=14", "KIOSK=1") == 0
    assert wine.installer("/i", str(later), "OFFLINEDAYS=30", "LOGLEVEL=debug") == 0
    found = {name: wine.value(key, name) for name in ("OfflineDays", "Kiosk", "LogLevel", "GatewayAddress")}
    assert found == {"OfflineDays": 30, "Kiosk": 1, "LogLevel": "debug", "GatewayAddress": None}
    assert wine.installer("/x", str(later)) == 0


def test_every_property_becomes_a_value_that_the_program_understands(
    wine: Wine, packages: tuple[Path, Path]
) -> None:
    wine.become("win10")
    first, _ = packages
    given = {one.prop: PROPERTIES[one.value] for one in trying.settings()}
    assert wine.installer("/i", str(first), *(f"{name}={value}" for name, value in given.items())) == 0
    written = {one.value: wine.value(r"Software\Counterpart", one.value) for one in trying.settings()}
    found = managed(WindowsPolicy(FakeRegistry({rf"HKLM\{DEFAULTS_KEY}": written})))
    assert found.problems == ()
    assert {name: getattr(found.policy, name) for name in found.recommended} == UNDERSTOOD
    assert wine.installer("/x", str(first)) == 0
