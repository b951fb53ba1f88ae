"""A computer of which a test says everything: its network, its disk, its programs."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Proxies:
    """How a system may be set."""

    found: dict[str, str] = field(default_factory=dict)

    def proxies(self) -> Mapping[str, str]:
        return self.found

    def bypassed(self, host: str) -> bool:
        return False


@dataclass
class FakeComputer:
    """A computer of which everything is said; sockets are real unless it is cut off."""

    proxies: Proxies = field(default_factory=Proxies)
    system: str = "linux"
    pac: bool = False
    names: dict[str, int] = field(default_factory=lambda: {"localhost": 1, "127.0.0.1": 1})
    offline: bool = False
    room: int = 80_000_000_000
    refuses: dict[str, int] = field(default_factory=dict)
    running: dict[int, bool] = field(default_factory=dict)
    time_zone: str = "GMT"
    temp: Path = Path("/tmp")

    def script(self) -> bool:
        return self.pac

    def resolve(self, host: str, port: int) -> int:
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return self.names[host]

    def connect(self, host: str, port: int) -> socket.socket:
        if self.offline:
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
        return socket.create_connection((host, port), 3)

    def free(self, folder: Path) -> int:
        return self.room

    def writable(self, folder: Path) -> bool:
        if str(folder) in self.refuses:
            raise OSError(self.refuses[str(folder)], os.strerror(self.refuses[str(folder)]))
        return True

    def temporary(self) -> Path:
        return self.temp

    def lives(self, process: int) -> bool | None:
        return self.running.get(process)

    def versions(self) -> Mapping[str, str]:
        return {
            "system": "Linux 6.1",
            "machine": "x86_64",
            "python": "3.11.7",
            "tls": "OpenSSL 3",
            "qt": "6.11",
        }

    def zone(self) -> str:
        return self.time_zone

    def encoding(self) -> str:
        return "UTF-8"
