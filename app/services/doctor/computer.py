"""The computer as the checks see it: sockets, names, folders, processes; a test hands in another."""

from __future__ import annotations

import locale
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Protocol

from app.sync.proxies import SystemProxies, ThisComputer

#: Seconds for one connection, one answer.
SOON = 5.0

_INTERNET_SETTINGS = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"


@dataclass(frozen=True)
class Shown:
    """What a window knows of the screen: logical size, and device pixels for each of them. `qt`: its version."""

    width: int
    height: int
    scale: float
    screens: int = 1
    qt: str = ""


class Computer(Protocol):
    """What is asked. Methods may raise OSError."""

    @property
    def system(self) -> str:
        """`linux`, `darwin`, `win32`."""

    @property
    def proxies(self) -> SystemProxies:
        """How the system reaches the network."""

    def script(self) -> bool:
        """Whether the system's proxy is found by an automatic configuration script (PAC, WPAD)."""

    def resolve(self, host: str, port: int) -> int:
        """How many addresses a name has. Raises socket.gaierror."""

    def connect(self, host: str, port: int) -> socket.socket:
        """Open a connection."""

    def free(self, folder: Path) -> int:
        """Bytes that are free where a folder lies."""

    def writable(self, folder: Path) -> bool:
        """Whether a file can be made there; it is removed again. Raises OSError with the reason."""

    def temporary(self) -> Path:
        """The folder for temporary files."""

    def lives(self, process: int) -> bool | None:
        """Whether a process of that id is there; None where that cannot be told."""

    def versions(self) -> Mapping[str, str]:
        """Of the system and of what Counterpart is made of."""

    def zone(self) -> str:
        """The time zone's name; empty when the system has none."""

    def encoding(self) -> str:
        """How the system writes text."""


@dataclass(frozen=True)
class RealComputer:
    """This one."""

    proxies: SystemProxies = field(default_factory=ThisComputer)

    @property
    def system(self) -> str:
        """`linux`, `darwin`, `win32`."""
        return sys.platform

    def script(self) -> bool:
        """Whether the system's proxy is found by an automatic configuration script (PAC, WPAD)."""
        if sys.platform == "win32":
            return _windows_script()
        if sys.platform == "darwin":
            return "ProxyAutoConfigEnable : 1" in _output("scutil", "--proxy")
        mode = _output("gsettings", "get", "org.gnome.system.proxy", "mode")
        return mode.strip() == "'auto'"

    def resolve(self, host: str, port: int) -> int:
        """How many addresses a name has."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return len({entry[4][0] for entry in found})

    def connect(self, host: str, port: int) -> socket.socket:
        """Open a connection."""
        return socket.create_connection((host, port), SOON)

    def free(self, folder: Path) -> int:
        """Bytes that are free where a folder lies, or will lie."""
        there = folder
        while not there.exists() and there != there.parent:
            there = there.parent
        return shutil.disk_usage(there).free

    def writable(self, folder: Path) -> bool:
        """Whether a file can be made there; it is removed again."""
        there = folder
        while not there.exists() and there != there.parent:
            there = there.parent
        with tempfile.TemporaryFile(dir=there, prefix=".counterpart-") as file:
            file.write(b"x")
            file.flush()
        return True

    def temporary(self) -> Path:
        """The folder for temporary files."""
        return Path(tempfile.gettempdir())

    def lives(self, process: int) -> bool | None:
        """Whether a process of that id is there; on Windows that cannot be asked without touching it."""
        if sys.platform == "win32":
            return None
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        return True

    def versions(self) -> Mapping[str, str]:
        """Of the system and of what Counterpart is made of."""
        found = {
            "system": f"{platform.system()} {platform.release()}".strip(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "tls": _tls(),
        }
        with suppress(metadata.PackageNotFoundError):
            found["qt"] = metadata.version("pyside6-essentials")
        return found

    def zone(self) -> str:
        """The time zone's name; empty when the system has none."""
        return time.strftime("%Z")

    def encoding(self) -> str:
        """How the system writes text."""
        return locale.getpreferredencoding(False)


def _tls() -> str:
    import ssl  # noqa: PLC0415  # only its version

    return ssl.OPENSSL_VERSION


def _output(*command: str) -> str:
    """What a program of the system says; nothing where it is not there or does not answer."""
    try:
        ran = subprocess.run(command, capture_output=True, timeout=3, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return ran.stdout.decode(errors="replace")


def _windows_script() -> bool:
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415  # only there

        with suppress(OSError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, _INTERNET_SETTINGS) as key:
            return bool(winreg.QueryValueEx(key, "AutoConfigURL")[0])
    return False
