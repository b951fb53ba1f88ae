"""The demonstration: a real gateway in a process of its own, with the sample of a portal.

The client keeps what it stores in a temporary folder under a key that exists only in this process; with a folder
given, both sides keep their data there and the client's key is where it would be for any account.
"""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import urlsplit

from keyring.backend import KeyringBackend

from app.contract.errors import LocalError

_START_SECONDS = 120.0
_END_SECONDS = 10.0

#: Whatever a configuration names as its database: a sample is kept in the demonstration's folder, and nowhere else.
_OWN_DATA = {"COUNTERPART_GATEWAY_DATABASE": "", "COUNTERPART_GATEWAY_CRM_URL": ""}


@dataclass(frozen=True)
class Ready:
    """A gateway that accepts connections, and who may sign in to its sample: as a partner, and to the console."""

    url: str
    console: str
    email: str
    password: str
    staff: str = ""
    staff_password: str = ""


class GatewayProcess:
    """Starts a gateway and ends it again; use as a context. It also ends by itself when this process is gone."""

    def __init__(self, folder: Path, portal: str = "", config: Path | None = None) -> None:
        """`portal`: one that ships, by its name, or a manifest's file; empty for the first, or that of `config`.

        `config`: a configuration file of the gateway, for a portal with a mapping of its own.
        """
        self._folder = folder
        self._portal = portal
        self._config = config
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start."""
        if getattr(sys, "frozen", False):
            raise LocalError(
                "The demonstration needs the gateway, which this installation does not bring along.",
                kept="Nothing was changed.",
                next_step="Run it from the source tree with “make demo”.",
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        config = ["--config", str(self._config)] if self._config else []
        portal = ["--portal", self._portal] if self._portal else []
        served = ["--sample", *portal, "--folder", str(self._folder)]
        command = [sys.executable, "-m", "gateway", *config, "serve", *served]
        port = str(self._port_of_before())
        with (self._folder / "gateway.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--port", port, "--until-stdin-closes"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **_OWN_DATA} if self._config else None,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it: first by asking, then by force."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def ready(self, seconds: float = _START_SECONDS) -> Ready:
        """Wait until it accepts connections. Raises LocalError when it does not come up."""
        assert self._process is not None
        assert self._process.stdout is not None
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=_read, args=(self._process.stdout, lines), daemon=True).start()
        try:
            ready = _parsed(json.loads(lines.get(timeout=seconds)))
            self._port_file.write_text(str(urlsplit(ready.url).port))
            return ready
        except (queue.Empty, ValueError, KeyError, TypeError) as error:
            raise LocalError(
                "The demonstration's gateway did not start.",
                kept="Nothing was changed.",
                next_step=f"Its own account is in {self._folder / 'gateway.log'}.",
            ) from error

    @property
    def _port_file(self) -> Path:
        return self._folder / "port"

    def _port_of_before(self) -> int:
        """The port of the last time, so that a client that kept its data finds its gateway; 0 for a fresh one."""
        try:
            port = int(self._port_file.read_text())
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except (OSError, ValueError):
            return 0
        return port


def _read(stream: IO[str], lines: queue.SimpleQueue[str]) -> None:
    """Pass the first line on and swallow the rest, so that the process never waits for a reader."""
    lines.put(stream.readline())
    for _ in stream:
        pass


def _parsed(told: Any) -> Ready:
    sample = told["sample"]
    partner, vendor = (sample["user"], sample["password"]), (sample["staff"], sample["staff_password"])
    return Ready(told["url"], told.get("console", ""), *partner, *vendor)


class PassingKeyring(KeyringBackend):
    """A key store that lasts as long as this process: the demonstration's data are readable to nobody after it."""

    # Never picked by the keyring library itself.
    priority = 0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is kept."""
        return self._kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self._kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        self._kept.pop((service, username), None)
