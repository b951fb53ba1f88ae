"""Handles of Windows, by way of ctypes: opened without following, and moved or deleted by what they hold."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: DELETE, SYNCHRONIZE and FILE_READ_ATTRIBUTES.
_ACCESS = 0x0001_0000 | 0x0010_0000 | 0x80
#: Only to ask where something lies.
_LOOK = 0x80
_SHARE_ALL, _OPEN_EXISTING = 7, 3
_FOLDERS_TOO, _NOT_FOLLOWED = 0x0200_0000, 0x0020_0000
_RENAME, _DISPOSITION = 3, 21
#: At once, and also what may only be read; since Windows 10 1809, which the installer asks for.
_DELETE_NOW = 0x1 | 0x2 | 0x10
_INVALID = ctypes.c_void_p(-1).value
#: The longest path Windows has, in characters.
_LONGEST = 32_768
_PREFIX = "\\\\?\\"


class WindowsHandles:
    """`library`: kernel32, with `use_last_error`. `last_error`: the code of the call that just failed."""

    def __init__(self, library: Any, last_error: Callable[[], int]) -> None:
        self._library = library
        self._last_error = last_error
        library.CreateFileW.restype = ctypes.c_void_p

    def open(self, path: Path, *, follow: bool) -> int:
        """Open a file or folder. Raises OSError."""
        flags = _FOLDERS_TOO | (0 if follow else _NOT_FOLLOWED)
        access = _LOOK if follow else _ACCESS
        handle = self._library.CreateFileW(
            ctypes.c_wchar_p(str(path)), access, _SHARE_ALL, None, _OPEN_EXISTING, flags, None
        )
        if handle is None or handle == _INVALID:
            raise self._failed("opened")
        return int(handle)

    def place(self, handle: int) -> str:
        """Where it lies. Raises OSError."""
        text = ctypes.create_unicode_buffer(_LONGEST)
        size = self._library.GetFinalPathNameByHandleW(ctypes.c_void_p(handle), text, _LONGEST, 0)
        if not 0 < size < _LONGEST:
            raise self._failed("found")
        return text.value.removeprefix(_PREFIX)

    def move(self, handle: int, target: Path) -> None:
        """Move it; what is there already is not replaced. Raises OSError."""
        name = str(target).encode("utf-16-le")

        class Rename(ctypes.Structure):
            """FILE_RENAME_INFO; its name ends with a zero that its length does not count."""

            _fields_ = [
                ("flags", ctypes.c_uint32),
                ("root", ctypes.c_void_p),
                ("length", ctypes.c_uint32),
                ("name", ctypes.c_byte * (len(name) + 2)),
            ]

        said = Rename(0, None, len(name))
        ctypes.memmove(ctypes.addressof(said) + Rename.name.offset, name, len(name))
        self._tell(handle, _RENAME, said, "moved")

    def delete(self, handle: int) -> None:
        """Delete it. Raises OSError."""
        self._tell(handle, _DISPOSITION, ctypes.c_uint32(_DELETE_NOW), "deleted")

    def close(self, handle: int) -> None:
        """Close it."""
        self._library.CloseHandle(ctypes.c_void_p(handle))

    def _tell(self, handle: int, what: int, said: Any, done: str) -> None:
        size = ctypes.sizeof(said)
        if not self._library.SetFileInformationByHandle(
            ctypes.c_void_p(handle), what, ctypes.byref(said), size
        ):
            raise self._failed(done)

    def _failed(self, done: str) -> OSError:
        code = self._last_error()
        return OSError(f"it could not be {done} (Windows error {code})")


def windows_handles() -> WindowsHandles:
    """Return those of this Windows. Raises OSError elsewhere."""
    load, last_error = getattr(ctypes, "WinDLL", None), getattr(ctypes, "get_last_error", None)
    if load is None or last_error is None:
        raise OSError(f"there are none on {os.name}")
    return WindowsHandles(load("kernel32", use_last_error=True), last_error)
