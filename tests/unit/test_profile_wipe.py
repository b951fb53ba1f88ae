"""An uninstall that keeps nothing: every user's data goes, and nothing that anybody made it point at."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs.windows
import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from app.session import profile_wipe
from app.session.profile_wipe import DATA, WipedProfiles, people, wipe_this_windows
from app.session.windows_handles import WindowsHandles, windows_handles


class Descriptors:
    """Handles as Linux has them: what is open can be moved, and is still known by where it lies."""

    def open(self, path: Path, *, follow: bool) -> int:
        return os.open(path, os.O_PATH | (0 if follow else os.O_NOFOLLOW))

    def place(self, handle: int) -> str:
        return str(self._path(handle)).replace("/", "\\")

    def move(self, handle: int, target: Path) -> None:
        self._path(handle).rename(target)

    def delete(self, handle: int) -> None:
        path = self._path(handle)
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink()

    def close(self, handle: int) -> None:
        os.close(handle)

    @staticmethod
    def _path(handle: int) -> Path:
        return Path(f"/proc/self/fd/{handle}").readlink()


def wipe_profiles(
    profiles: list[Path], close: Callable[[Path], None], handles: Descriptors | None = None
) -> WipedProfiles:
    return profile_wipe.wipe_profiles(profiles, close, handles or Descriptors())


def profile(root: Path, name: str) -> Path:
    folder = root / name
    store = folder / DATA / "accounts" / "a1"
    store.mkdir(parents=True)
    (store / "store.db").write_bytes(b"ciphertext")
    (folder / "Documents").mkdir()
    (folder / "Documents" / "letter.txt").write_text("mine", encoding="utf-8")
    return folder


def left_to_the_system(folder: Path) -> None:
    folder.chmod(0o700)


def test_every_users_data_goes_and_nothing_else_of_theirs(tmp_path: Path) -> None:
    users = [profile(tmp_path, "ana"), profile(tmp_path, "ben")]
    never = tmp_path / "cleo"
    never.mkdir()
    done = wipe_profiles([*users, never], left_to_the_system)
    assert (done.gone, done.remaining) == (2, ())
    assert not any((user / DATA).exists() for user in users)
    assert all((user / "Documents" / "letter.txt").exists() for user in users)
    assert {one.name for one in tmp_path.iterdir()} == {"ana", "ben", "cleo"}


def test_the_folder_is_closed_before_anything_of_a_user_is_in_it(tmp_path: Path) -> None:
    closed: list[list[Path]] = []

    def close(folder: Path) -> None:
        closed.append(list(folder.iterdir()))
        assert (tmp_path / "ana" / DATA).exists(), "it was moved first"
        assert folder.parent == tmp_path, "another drive: renaming would copy"

    wipe_profiles([profile(tmp_path, "ana")], close)
    assert closed == [[]]


def link_for_the_data(user: Path, elsewhere: Path) -> None:
    (user / DATA).rename(user / "aside")
    (user / DATA).symlink_to(elsewhere, target_is_directory=True)


def link_inside_the_data(user: Path, elsewhere: Path) -> None:
    (user / DATA / "accounts" / "a2").symlink_to(elsewhere, target_is_directory=True)


def link_to_a_file(user: Path, elsewhere: Path) -> None:
    (user / DATA / "accounts" / "a1" / "link").symlink_to(elsewhere / "system.dll")


def second_name_of_a_file(user: Path, elsewhere: Path) -> None:
    os.link(elsewhere / "system.dll", user / DATA / "second-name")


@pytest.mark.parametrize(
    "plant", [link_for_the_data, link_inside_the_data, link_to_a_file, second_name_of_a_file]
)
def test_what_a_link_leads_to_stays(tmp_path: Path, plant: Callable[[Path, Path], None]) -> None:
    elsewhere = tmp_path / "windows"
    elsewhere.mkdir()
    (elsewhere / "system.dll").write_bytes(b"of the system")
    user = profile(tmp_path, "mallory")
    plant(user, elsewhere)
    done = wipe_profiles([user], left_to_the_system)
    assert (done.gone, done.remaining) == (1, ())
    assert (elsewhere / "system.dll").read_bytes() == b"of the system"
    assert not os.path.lexists(user / DATA)


def test_a_folder_that_is_reached_over_a_link_is_left_alone(tmp_path: Path) -> None:
    """`AppData\\\\Local` made to lead to the program's own folder, which is called the same."""
    user = profile(tmp_path, "mallory")
    programs = tmp_path / "programs"
    (programs / "Counterpart").mkdir(parents=True)
    (user / DATA.parent).rename(user / "aside")
    (user / DATA.parent).symlink_to(programs, target_is_directory=True)
    done = wipe_profiles([user], left_to_the_system)
    assert done.gone == 0
    assert "behind a link" in done.remaining[0]
    assert (programs / "Counterpart").exists()


def test_one_users_failure_does_not_keep_the_others_data(tmp_path: Path) -> None:
    users = [profile(tmp_path, "ana"), profile(tmp_path, "ben")]

    def close(folder: Path) -> None:
        if (users[0] / DATA).exists() and not list(tmp_path.glob("closed*")):
            (tmp_path / "closed-once").touch()
            raise OSError("denied")
        left_to_the_system(folder)

    done = wipe_profiles(users, close)
    assert done.gone == 1
    assert done.remaining == (f"{users[0] / DATA}: denied",)
    assert not (users[1] / DATA).exists()


def test_where_somebody_else_writes_nothing_is_moved(tmp_path: Path) -> None:
    user = profile(tmp_path, "ana")
    done = wipe_profiles([user], lambda folder: (folder / "planted").touch())
    assert "somebody else writes" in done.remaining[0]
    assert (user / DATA / "accounts" / "a1" / "store.db").exists()


def test_a_folder_that_is_swapped_while_another_is_closed_is_not_followed(tmp_path: Path) -> None:
    """Closing takes a program and so a tenth of a second, in which `Local` becomes a link to the programs' folder."""
    user = profile(tmp_path, "mallory")
    programs = tmp_path / "programs"
    (programs / "Counterpart").mkdir(parents=True)
    (programs / "Counterpart" / "counterpart.exe").touch()

    def close(folder: Path) -> None:
        left_to_the_system(folder)
        (user / DATA.parent).rename(user / "aside")
        (user / DATA.parent).symlink_to(programs, target_is_directory=True)

    done = wipe_profiles([user], close)
    assert done.gone == 0
    assert "behind a link" in done.remaining[0]
    assert (programs / "Counterpart" / "counterpart.exe").exists()


@pytest.mark.parametrize("which", ["accounts", "accounts/a1"])
def test_a_folder_that_is_swapped_while_its_files_go_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    """Whoever holds a folder open can still change what is in it when it was moved to where nobody gets in."""
    elsewhere = tmp_path / "windows"
    (elsewhere / "a1").mkdir(parents=True)
    for name in ("store.db", "system.dll", "a1/store.db"):
        (elsewhere / name).write_bytes(b"of the system")
    user = profile(tmp_path, "mallory")
    looked = os.scandir

    def swapped(path: Any) -> Any:
        if Path(path).match(which):
            Path(path).rename(tmp_path / "aside")
            Path(path).symlink_to(elsewhere, target_is_directory=True)
        return looked(path)

    monkeypatch.setattr("app.session.pinned_files.os.scandir", swapped)
    done = wipe_profiles([user], left_to_the_system)
    assert done.gone == 0
    assert "could not be deleted" in done.remaining[0]
    kept = sorted(path.name for path in elsewhere.rglob("*") if path.is_file())
    assert kept == ["store.db", "store.db", "system.dll"]


class Kernel:
    """What kernel32 is told."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.told: list[Any] = []
        self.CreateFileW: Any = None

    def GetFinalPathNameByHandleW(self, handle: Any, text: Any, size: int, flags: int) -> int:
        text.value = "" if self.fails else "\\\\?\\C:\\Users\\ana"
        return len(text.value)

    def SetFileInformationByHandle(self, handle: Any, what: int, said: Any, size: int) -> int:
        self.told.append((handle.value, what, bytes(ctypes.string_at(ctypes.addressof(said._obj), size))))
        return 0 if self.fails else 1

    def CloseHandle(self, handle: Any) -> int:
        self.told.append(("closed", handle.value))
        return 1


def windows(*, fails: bool = False) -> tuple[WindowsHandles, Kernel]:
    kernel = Kernel(fails=fails)

    def create(*arguments: Any) -> int | None:
        kernel.told.append((arguments[0].value, *arguments[1:]))
        return ctypes.c_void_p(-1).value if fails else 77

    kernel.CreateFileW = create  # which takes attributes, as a function of a library does
    return WindowsHandles(kernel, lambda: 5), kernel


def test_windows_opens_what_a_name_stands_for_and_not_what_it_leads_to() -> None:
    handles, kernel = windows()
    assert handles.open(Path("C:/Users/ana"), follow=False) == 77
    handles.open(Path("C:/Users"), follow=True)
    handles.close(77)
    assert [told[5] for told in kernel.told[:2]] == [0x0220_0000, 0x0200_0000]
    assert kernel.told[0][1] & 0x10000, "to be deleted"
    assert kernel.told[2] == ("closed", 77)
    assert handles.place(77) == r"C:\Users\ana"


def test_windows_moves_and_deletes_what_is_open() -> None:
    """FILE_RENAME_INFO on 64 bits: flags, a pointer at 8, a length at 16, the name at 20."""
    handles, kernel = windows()
    handles.move(77, Path("C:/x"))
    handles.delete(77)
    (_, what, said), (_, deletes, flags) = kernel.told
    assert (what, said[:4], said[8:16]) == (3, bytes(4), bytes(8))
    assert int.from_bytes(said[16:20], "little") == len("C:/x") * 2
    assert said[20:28].decode("utf-16-le") == "C:/x"
    assert (deletes, int.from_bytes(flags, "little")) == (21, 0x13), "at once, and what may only be read too"


def test_what_windows_refuses_is_told() -> None:
    handles, _ = windows(fails=True)
    for fails in (
        lambda: handles.open(Path("x"), follow=False),
        lambda: handles.place(77),
        lambda: handles.move(77, Path("x")),
        lambda: handles.delete(77),
    ):
        with pytest.raises(OSError, match="Windows error 5"):
            fails()
    with pytest.raises(OSError, match="none on posix"):
        windows_handles()


class Key:
    """A key of a registry, which also is its own context."""

    def __init__(self, keys: dict[str, Key], values: dict[str, str]) -> None:
        self.keys, self.values = keys, values

    def __enter__(self) -> Key:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Registry:
    """What `winreg` has of the users of a computer."""

    HKEY_LOCAL_MACHINE = "HKLM"
    KEY_READ, KEY_WOW64_64KEY = 1, 256

    def __init__(self, users: dict[str, str | None]) -> None:
        path = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
        listed = {sid: Key({}, {} if at is None else {"ProfileImagePath": at}) for sid, at in users.items()}
        self._root = {path: Key(listed, {})}

    def OpenKey(self, parent: Any, name: str, _reserved: int, access: int) -> Key:
        assert access == 257, "the registry of another width"
        return self._root[name] if parent == "HKLM" else parent.keys[name]

    def QueryInfoKey(self, key: Key) -> tuple[int, int, int]:
        return len(key.keys), len(key.values), 0

    def EnumKey(self, key: Key, at: int) -> str:
        return list(key.keys)[at]

    def QueryValueEx(self, key: Key, name: str) -> tuple[str, int]:
        if name not in key.values:
            raise FileNotFoundError(name)
        return key.values[name], 2

    def ExpandEnvironmentStrings(self, text: str) -> str:
        return text.replace("%SystemDrive%", "C:")


def test_people_are_told_from_services() -> None:
    registry = Registry(
        {
            "S-1-5-18": "C:/Windows/system32/config/systemprofile",
            "S-1-5-21-1-2-3-1001": "%SystemDrive%/Users/ana",
            "S-1-12-1-4-5-6-7": "C:/Users/ben",
            "S-1-5-21-1-2-3-1002": None,
        }
    )
    assert people(registry) == [Path("C:/Users/ana"), Path("C:/Users/ben")]


def test_the_folder_is_where_the_client_has_it_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        platformdirs.windows, "get_win_folder", lambda name: "/".join(("C:/Users/ana", *LOCAL[name]))
    )
    client = platformdirs.windows.Windows("Counterpart", appauthor=False, roaming=False).user_data_dir
    assert Path(client) == Path("C:/Users/ana") / DATA


LOCAL = {"CSIDL_LOCAL_APPDATA": ("AppData", "Local")}


def test_only_windows_closes_a_folder_that_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: run.append(command))
    monkeypatch.setenv("SYSTEMROOT", "C:/Windows")
    profile_wipe.close_to_users(tmp_path)
    rights = ["/grant:r", "*S-1-5-18:(OI)(CI)F", "*S-1-5-32-544:(OI)(CI)F"]
    assert run == [[str(Path("C:/Windows/System32/icacls.exe")), str(tmp_path), "/inheritance:r", *rights]]


def test_elsewhere_nothing_is_done() -> None:
    with pytest.raises(OSError, match="only the installer on Windows"):
        wipe_this_windows("linux")
    asked = CliRunner().invoke(cli, ["wipe-profiles", "--of-everybody"])
    assert asked.exit_code == 1
    assert "only the installer on Windows" in asked.output
    assert "wipe-profiles" not in CliRunner().invoke(cli, ["--help"]).output


def test_whoever_tries_the_command_is_told_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_wipe, "wipe_this_windows", lambda: pytest.fail("it was done"))
    asked = CliRunner().invoke(cli, ["wipe-profiles"])
    assert asked.exit_code == 2
    assert "what every user of this computer has" in " ".join(asked.output.split())


def test_what_could_not_be_deleted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        profile_wipe, "wipe_this_windows", lambda: WipedProfiles(1, ("C:/Users/ana: denied",))
    )
    asked = CliRunner().invoke(cli, ["wipe-profiles", "--of-everybody"])
    assert (asked.exit_code, asked.output) == (1, "C:/Users/ana: denied\n")
