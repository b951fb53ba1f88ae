"""Registry, managed preferences and files of root's, as each platform gives them."""

from __future__ import annotations

import ctypes
import os
import plistlib
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.session.policy import windows
from app.session.policy.here import source_here
from app.session.policy.linux import LinuxPolicy
from app.session.policy.macos import DOMAIN, CoreFoundation, MacPolicy
from app.session.policy.reading import managed
from app.session.policy.windows import DEFAULTS_KEY, POLICY_KEY, WindowsPolicy, WinRegistry


class FakeRegistry:
    """Keys by hive and path; a value None is a key that may not be read."""

    def __init__(self, held: dict[str, dict[str, Any] | None]) -> None:
        self.held = held

    def values(self, hive: str, key: str) -> Mapping[str, Any] | None:
        path = f"{hive}\\{key}"
        if path in self.held and self.held[path] is None:
            raise PermissionError
        if not any(known == path or known.startswith(path + "\\") for known in self.held):
            return None
        return self.held.get(path) or {}

    def keys(self, hive: str, key: str) -> tuple[str, ...]:
        path = f"{hive}\\{key}\\"
        return tuple(known.removeprefix(path) for known in self.held if known.startswith(path))


def test_windows_machine_beats_user_beats_installer() -> None:
    registry = FakeRegistry(
        {
            f"HKLM\\{POLICY_KEY}": {"OfflineDays": 14},
            f"HKLM\\{POLICY_KEY}\\AllowedGateways": {"2": "b.example", "1": "a.example"},
            f"HKCU\\{POLICY_KEY}": {"OfflineDays": 90, "LogLevel": "debug"},
            f"HKLM\\{DEFAULTS_KEY}": {
                "": "x",
                "LogLevel": "error",
                "GatewayAddress": "a.example",
                "Kiosk": 1,
            },
            f"HKLM\\{DEFAULTS_KEY}\\Installer": {"Folder": "C:\\"},
        }
    )
    found = managed(WindowsPolicy(registry))
    assert found.policy.offline_days == 14
    assert found.policy.allowed_gateways == ("https://a.example", "https://b.example")
    assert found.policy.log_level == "debug"
    assert found.policy.kiosk
    assert found.forced == {"offline_days", "allowed_gateways", "log_level"}
    assert found.recommended == {"gateway_address", "kiosk"}
    assert found.places["log_level"] == r"HKCU\Software\Policies\Counterpart"
    assert found.problems == ()


def test_windows_a_list_that_was_taken_back_leaves_a_key_that_says_nothing() -> None:
    registry = FakeRegistry(
        {
            f"HKLM\\{POLICY_KEY}\\AllowedGateways": {},
            f"HKCU\\{POLICY_KEY}\\AllowedGateways": {"1": "a.example"},
        }
    )
    assert managed(WindowsPolicy(registry)).policy.allowed_gateways == ("https://a.example",)


def test_windows_a_key_that_may_not_be_read_blocks() -> None:
    found = managed(WindowsPolicy(FakeRegistry({f"HKLM\\{POLICY_KEY}": None})))
    assert found.blocking
    assert r"HKLM\Software\Policies\Counterpart" in found.blocking[0]


class FakeWinreg:
    """The module winreg over one hive, as far as it is used."""

    HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER = "machine", "user"
    KEY_READ, KEY_WOW64_64KEY = 0x20019, 0x100

    def __init__(self) -> None:
        self.asked: list[tuple[Any, str, int]] = []

    def OpenKeyEx(self, hive: str, key: str, reserved: int, access: int) -> FakeWinreg:
        self.asked.append((hive, key, access))
        if hive != self.HKEY_LOCAL_MACHINE or key != POLICY_KEY:
            raise FileNotFoundError(key)
        return self

    def __enter__(self) -> FakeWinreg:
        return self

    def __exit__(self, *_: object) -> None:
        """A key is closed."""

    def QueryInfoKey(self, _: object) -> tuple[int, int, int]:
        return (1, 2, 0)

    def EnumValue(self, _: object, at: int) -> tuple[str, Any, int]:
        return [("Kiosk", 1, 4), ("AllowedGateways", ["a.example"], 7)][at]

    def EnumKey(self, _: object, at: int) -> str:
        return ["Below"][at]


def test_windows_is_read_in_the_64_bit_view(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeWinreg()
    monkeypatch.setitem(sys.modules, "winreg", fake)
    registry = WinRegistry()
    assert registry.values("HKLM", POLICY_KEY) == {"Kiosk": 1, "AllowedGateways": ["a.example"]}
    assert registry.keys("HKLM", POLICY_KEY) == ("Below",)
    assert registry.values("HKCU", POLICY_KEY) is None
    assert registry.keys("HKLM", DEFAULTS_KEY) == ()
    assert all(access & fake.KEY_WOW64_64KEY for _, _, access in fake.asked)
    assert isinstance(source_here("win32"), WindowsPolicy)
    assert windows.WindowsPolicy.name == "Group Policy"


class FakePreferences:
    """What macOS says of a domain: a profile over what was written by `defaults`."""

    def __init__(self, profile: dict[str, Any], plain: dict[str, Any]) -> None:
        self.profile, self.plain = profile, plain

    def value(self, key: str) -> Any | None:
        return self.profile.get(key, self.plain.get(key))

    def is_forced(self, key: str) -> bool:
        return key in self.profile


def test_macos_forced_keys_beat_what_is_only_there() -> None:
    preferences = FakePreferences(
        {"Kiosk": True, "AllowedGateways": ["a.example"]}, {"Kiosk": False, "OfflineDays": 7}
    )
    found = managed(MacPolicy(preferences))
    assert (found.policy.kiosk, found.policy.offline_days) == (True, 7)
    assert found.forced == {"kiosk", "allowed_gateways"}
    assert found.recommended == {"offline_days"}
    assert DOMAIN in found.places["kiosk"]


class _Function:
    """A function of a library: what it is told of types is remembered, as ctypes does."""

    def __init__(self, does: Any) -> None:
        self._does = does
        self.restype: Any = None
        self.argtypes: list[Any] = []

    def __call__(self, *arguments: Any) -> Any:
        assert len(arguments) == len(self.argtypes)
        return self._does(*arguments)


class FakeCoreFoundation:
    """CoreFoundation's objects are numbers here; each one that is made has to be released."""

    def __init__(self, held: dict[str, Any], forced: set[str]) -> None:
        self._objects: dict[int, Any] = {}
        self._buffers: list[Any] = []
        self.CFStringCreateWithCString = _Function(lambda _, text, code: self._made(text.decode()))
        self.CFPreferencesCopyAppValue = _Function(
            lambda key, app: self._made(held[self._objects[key]]) if self._objects[key] in held else None
        )
        self.CFPreferencesAppValueIsForced = _Function(lambda key, app: self._objects[key] in forced)
        self.CFPropertyListCreateData = _Function(self._data)
        self.CFDataGetLength = _Function(lambda data: len(self._objects[data]))
        self.CFDataGetBytePtr = _Function(self._pointer)
        self.CFRelease = _Function(self._objects.pop)

    def _made(self, value: Any) -> int:
        number = max(self._objects, default=0) + 1
        self._objects[number] = value
        return number

    def _data(self, _: Any, value: int, form: int, options: int, error: Any) -> int | None:
        held = self._objects[value]
        return None if held is ... else self._made(plistlib.dumps(held, fmt=plistlib.FMT_BINARY))

    def _pointer(self, data: int) -> int | None:
        buffer = ctypes.create_string_buffer(self._objects[data])
        self._buffers.append(buffer)
        return ctypes.cast(buffer, ctypes.c_void_p).value

    @property
    def left(self) -> list[Any]:
        return list(self._objects.values())


def test_macos_values_of_any_kind_come_over_and_nothing_is_kept() -> None:
    held = {
        "Kiosk": True,
        "OfflineDays": 14,
        "AllowedGateways": ["a.example", "b.example"],
        "Proxy": "none",
        "Odd": ...,
    }
    library = FakeCoreFoundation(held, {"Kiosk"})
    preferences = CoreFoundation(library)
    assert [preferences.value(key) for key in held] == [True, 14, ["a.example", "b.example"], "none", b""]
    assert preferences.value("Missing") is None
    assert (preferences.is_forced("Kiosk"), preferences.is_forced("Proxy")) == (True, False)
    assert library.left == [DOMAIN]


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    folder = tmp_path / "counterpart"
    folder.mkdir()
    folder.chmod(0o755)
    return folder


def written(etc: Path, text: str, name: str = "policy.toml") -> Path:
    path = etc / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
    return path


def at(etc: Path) -> LinuxPolicy:
    return LinuxPolicy(etc, owner=os.getuid())


def test_linux_policy_beats_defaults(etc: Path) -> None:
    written(etc, 'OfflineDays = 14\nAllowedGateways = ["a.example"]\n')
    written(etc, 'OfflineDays = 90\nKioskPlace = "Lounge"\n', "defaults.toml")
    found = managed(at(etc))
    assert (found.policy.offline_days, found.policy.kiosk_place) == (14, "Lounge")
    assert found.forced == {"offline_days", "allowed_gateways"}
    assert found.recommended == {"kiosk_place"}
    assert found.places["offline_days"] == str(etc / "policy.toml")


def test_linux_without_files_or_folder_nobody_manages(etc: Path) -> None:
    assert managed(at(etc)).source == ""
    assert managed(at(etc / "missing")).source == ""


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_linux_a_file_others_may_write_is_not_believed(etc: Path, mode: int) -> None:
    written(etc, "OfflineDays = 14\n").chmod(mode)
    found = managed(at(etc))
    assert "chmod go-w" in found.blocking[0]
    assert found.policy.offline_days == 0


def test_linux_a_folder_others_may_write_is_not_believed(etc: Path) -> None:
    written(etc, "OfflineDays = 14\n")
    etc.chmod(0o777)
    assert f"chmod go-w {etc}" in managed(at(etc)).blocking[0]


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_linux_a_file_that_only_some_may_read_is_told_to_root_as_well(etc: Path, mode: int) -> None:
    written(etc, "OfflineDays = 14\n").chmod(mode)
    assert "chmod 644" in managed(at(etc)).blocking[0]


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o751])
def test_linux_a_folder_that_only_some_may_enter_is_told_to_root_as_well(etc: Path, mode: int) -> None:
    written(etc, "OfflineDays = 14\n")
    etc.chmod(mode)
    assert f"chmod 755 {etc}" in managed(at(etc)).blocking[0]


def test_linux_another_encoding_is_called_that(etc: Path) -> None:
    written(etc, "").write_bytes('KioskPlace = "Büro"\n'.encode("latin-1"))
    assert "UTF-8" in managed(at(etc)).blocking[0]


def test_linux_a_file_of_somebody_else_is_not_believed(etc: Path) -> None:
    written(etc, "OfflineDays = 14\n")

    def look(opened: int) -> os.stat_result:
        found = os.fstat(opened)
        owner = os.getuid() if stat.S_ISDIR(found.st_mode) else os.getuid() + 1
        return os.stat_result((*found[:4], owner, *found[5:10]))

    found = managed(LinuxPolicy(etc, owner=os.getuid(), look=look))
    assert "root" in found.blocking[0]
    assert found.policy.offline_days == 0


@pytest.mark.parametrize("which", ["file", "folder"])
def test_linux_a_link_is_not_followed(etc: Path, tmp_path: Path, which: str) -> None:
    written(etc, "OfflineDays = 14\n", "real.toml")
    if which == "file":
        (etc / "policy.toml").symlink_to(etc / "real.toml")
        found = managed(at(etc))
    else:
        (tmp_path / "link").symlink_to(etc)
        found = managed(at(tmp_path / "link"))
    assert found.blocking
    assert found.policy.offline_days == 0


def test_linux_neither_a_folder_nor_a_pipe_is_a_policy(etc: Path) -> None:
    (etc / "policy.toml").mkdir()
    os.mkfifo(etc / "defaults.toml", 0o644)
    assert [problem.split(": ")[1] for problem in managed(at(etc)).blocking] == ["it is not a file"] * 2


@pytest.mark.parametrize(
    "content",
    [
        b"OfflineDays 14",
        b"\xff\xfe",
        b"OfflineDays = 1\nOfflineDays = 2",
        b"# " + b"x" * 300_000,
        b"Proxy = " + b"[" * 90_000,
        b'Proxy = "s3cret',
    ],
)
def test_linux_what_is_not_toml_blocks_and_is_not_quoted(etc: Path, content: bytes) -> None:
    written(etc, "").write_bytes(content)
    found = managed(at(etc))
    assert found.blocking
    assert "s3cret" not in found.blocking[0]


def test_linux_a_mark_of_order_at_the_beginning_is_no_mistake(etc: Path) -> None:
    written(etc, "").write_bytes(b"\xef\xbb\xbfOfflineDays = 14\r\n")
    assert managed(at(etc)).policy.offline_days == 14


def test_linux_a_file_that_this_user_may_not_read_blocks(etc: Path) -> None:
    """Root may read all, so whoever runs this becomes somebody else first."""
    written(etc, "Kiosk = true\n").chmod(0o000)
    program = (
        "import os, sys\n"
        "from app.session.policy.linux import LinuxPolicy, _opened\n"
        "folder = os.open(sys.argv[1], os.O_RDONLY)\n"
        "if os.getuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "try: _opened('policy.toml', folder)\n"
        "except Exception as why: print(why)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(etc)], capture_output=True, text=True, check=False, timeout=30
    )
    assert "chmod 644" in done.stdout, done.stderr
