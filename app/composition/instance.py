"""One window for each user and data folder: a second start hands over what it was asked for, and ends.

Usage::

    instance = Instance(root)
    if not instance.claim() and instance.hand_over(Handed(link="counterpart://sync")):
        return 0                                  # a window is there and has taken it
    instance.asked.connect(client.take)           # what later starts hand over

A lock file decides who is first, so that two starts at the same moment never both become it; a socket in a folder of
this user alone carries one line of JSON. Whatever else comes through the socket is answered with "no" and forgotten.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import stat
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject, QThread, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.session.small_file import private_folder

#: The most bytes one message may have, and the milliseconds it may take to come.
MOST = 8_192
_PATIENCE_MS = 2_000
#: How long a second start waits for the first, which may be starting itself.
_FIRST_MS = 5_000
_AGAIN_MS = 50
#: Longer than this, a link is none; what is cut off stays none.
_LINK = 1_000
#: A path that a socket can have on every system, in bytes.
_PATH = 100
_NAME = 24


class Handed(BaseModel):
    """What a start was asked for: which account, which gateway, which link; `token` lets a window come to the front."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    form: Literal[1] = 1
    account: str = Field("", max_length=64)
    gateway: str = Field("", max_length=300)
    link: str = Field("", max_length=_LINK)
    token: str = Field("", max_length=300, pattern=r"^[\x21-\x7e]*$")

    @classmethod
    def of(cls, account: str, gateway: str, link: str) -> Handed:
        """Make one from a command line, cut to what may be handed over."""
        token = os.environ.get("XDG_ACTIVATION_TOKEN", "")[:300]
        fits = token.isascii() and token.isprintable() and " " not in token
        return cls(
            account=account[:64], gateway=gateway[:300], link=link[:_LINK], token=token if fits else ""
        )


def parsed(line: bytes) -> Handed | None:
    """Read one message; None for whatever is not exactly one."""
    if len(line) > MOST:
        return None
    try:
        return Handed.model_validate_json(line)
    except ValidationError:
        return None


class Instance(QObject):
    """The right to be the window of one data folder, and the ear for those who come later."""

    asked = Signal(object)
    """A Handed."""

    def __init__(self, root: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        folder, self._address = _meeting_place(root)
        self._lock = QLockFile(str(folder / f"{_name(root)}.lock"))
        # Held for as long as the window is open; what a process that died left behind is seen by its id.
        self._lock.setStaleLockTime(0)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def claim(self) -> bool:
        """Become the one, and listen. False: another process is, or the lock cannot be made."""
        if not self._lock.tryLock(0):
            return self._lock.error() is not QLockFile.LockError.LockFailedError
        # Only the holder of the lock gets here, so a socket that is still there is nobody's.
        if self._address:
            QLocalServer.removeServer(self._address)
            self._server.listen(self._address)
        return True

    def hand_over(self, handed: Handed) -> bool:
        """Give what was asked for to the one that is open; False when it does not answer."""
        deadline = QDeadlineTimer(_FIRST_MS if self._address else 0)
        while not deadline.hasExpired():
            if self._told(handed):
                return True
            QThread.msleep(_AGAIN_MS)
        return False

    def close(self) -> None:
        """Stop listening and let another process be the one."""
        self._server.close()
        self._lock.unlock()

    def _told(self, handed: Handed) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._address)
        try:
            if not socket.waitForConnected(_PATIENCE_MS):
                return False
            socket.write(handed.model_dump_json().encode() + b"\n")
            answered = socket.waitForBytesWritten(_PATIENCE_MS) and socket.waitForReadyRead(_PATIENCE_MS)
            return answered and bytes(socket.readAll().data()).startswith(b"ok")
        finally:
            socket.abort()

    def _on_connection(self) -> None:
        socket = self._server.nextPendingConnection()
        socket.setReadBufferSize(MOST + 1)
        socket.readyRead.connect(lambda: self._read(socket))
        socket.disconnected.connect(socket.deleteLater)
        late = QTimer(socket)
        late.setSingleShot(True)
        late.timeout.connect(lambda: socket.abort())  # noqa: PLW0108  # it is wrapped anew each time
        late.start(_PATIENCE_MS)
        if socket.bytesAvailable():
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > MOST:
                socket.abort()
            return
        handed = parsed(bytes(socket.readLine(MOST + 1).data()))
        socket.write(b"ok\n" if handed is not None else b"no\n")
        socket.flush()
        socket.disconnectFromServer()
        if handed is not None:
            self.asked.emit(handed)


def _name(root: Path) -> str:
    """Name of lock and socket: the same for the same user and folder, and telling nothing about them."""
    return hashlib.sha256(f"{getpass.getuser()}\n{root.resolve()}".encode()).hexdigest()[:16]


def _meeting_place(root: Path) -> tuple[Path, str]:
    """The folder of the lock, and the socket's address. On Windows that is a pipe's name, elsewhere a path.

    The lock stands in the data folder itself, and neither place depends on what is in there or who may read it:
    that changes as accounts come and go, and two starts have to meet all the same.
    """
    with suppress(OSError):  # opening the accounts says what is wrong with their folder
        private_folder(root)
    if sys.platform == "win32":
        return root, f"counterpart-{_name(root)}"
    folder = _private(root)
    return root, str(folder / f"{_name(root)}.sock") if folder is not None else ""


def _private(root: Path) -> Path | None:
    """A folder for sockets that only this user may look into, with a path short enough.

    None: there is none, since somebody else was there first. They would hear what is handed over, so nothing is.
    """
    running = os.environ.get("XDG_RUNTIME_DIR", "")
    passing = Path(tempfile.gettempdir()) / f"counterpart-{getpass.getuser()}"
    own: list[Path] = [Path(running) / "counterpart"] if running else []
    return next((folder for folder in (*own, passing, root) if _is_private(folder)), None)


def _is_private(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.lstat()
    except OSError:
        return False
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
    return ours and len(os.fsencode(folder)) + _NAME <= _PATH
