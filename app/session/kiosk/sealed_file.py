"""A file of rows that one key opens: what somebody has not sent, while they are away.

    magic, then one line of JSON in plain text: account, how many things, when, and a salt
    frames: four bytes of length, then a row of JSON under AES-256-GCM
    the last frame holds nothing, and says so: a file that was cut off does not open

The key of a file comes from the person's key and the salt, so a frame's number is its nonce. Each frame is bound to the
first line and to the machine: a file that was carried elsewhere, or has another one's head, does not open.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.contract.errors import LocalError

_MAGIC = b"COUNTERPART KEPT 1\n"
_LONGEST_HEAD = 1000
#: A frame holds a row; the longest is a piece of a file.
_LONGEST_FRAME = 16 * 1024 * 1024
_LENGTH = struct.Struct(">I")
_NUMBER = struct.Struct(">Q")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
_MORE, _LAST = b"\0", b"\1"


class SealBroken(LocalError):
    """The file does not open: it is damaged, or was made under another key."""

    default_cause = "What was kept here for you cannot be opened."
    default_kept = "The file is kept as it is for thirty days from when it was written."
    default_next_step = "Tell the vendor: the gateway's key has changed, or the file was damaged."


@dataclass(frozen=True)
class Head:
    """What a file says of itself in plain text."""

    account: str
    things: int
    kept_at: datetime


def write_sealed(
    path: Path,
    head: Head,
    rows: Iterable[Mapping[str, Any]],
    key: bytes,
    machine: str,
    randomness: Callable[[int], bytes] = os.urandom,
) -> None:
    """Write a file, whole or not at all; one that was there is replaced. Raises OSError."""
    fresh = path.with_name(path.name + ".new")
    salt = randomness(16)
    line = _line(head, salt)
    frames = _Frames(key, salt, line, machine)
    try:
        with os.fdopen(os.open(fresh, _NEW, 0o600), "wb") as file:
            file.write(_MAGIC + line)
            for row in rows:
                file.write(frames.sealed(json.dumps(row, ensure_ascii=False).encode(), _MORE))
            file.write(frames.sealed(b"", _LAST))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def read_sealed(path: Path, account: str, key: bytes, machine: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file. Raises SealBroken, at the latest at the end: believe nothing before."""
    with path.open("rb") as file:
        head, salt, line = _read_head(file)
        if head.account != account:
            raise SealBroken
        frames = _Frames(key, salt, line, machine)
        while True:
            row, last = frames.opened(file)
            if last:
                if file.read(1):
                    raise SealBroken
                return
            yield _parsed(row)


def head_of(path: Path) -> Head | None:
    """Return what a file says of itself; None when it cannot be read."""
    try:
        with path.open("rb") as file:
            return _read_head(file)[0]
    except (OSError, SealBroken):
        return None


class _Frames:
    """The frames of one file, in order."""

    def __init__(self, key: bytes, salt: bytes, line: bytes, machine: str) -> None:
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt, b"counterpart kept 1").derive(key))
        bound = len(line).to_bytes(4, "big") + line + machine.encode()
        self._bound = hashlib.sha256(bound).digest()
        self._number = 0

    def sealed(self, row: bytes, kind: bytes) -> bytes:
        """Return a frame."""
        frame = self._cipher.encrypt(self._nonce(), kind + row, self._bound)
        return _LENGTH.pack(len(frame)) + frame

    def opened(self, file: BinaryIO) -> tuple[bytes, bool]:
        """Read a frame; returns its row and whether it is the last. Raises SealBroken."""
        length = file.read(_LENGTH.size)
        if len(length) != _LENGTH.size:
            raise SealBroken
        (size,) = _LENGTH.unpack(length)
        frame = file.read(size) if size <= _LONGEST_FRAME else b""
        if len(frame) != size:
            raise SealBroken
        try:
            row = self._cipher.decrypt(self._nonce(), frame, self._bound)
        except (InvalidTag, ValueError):
            raise SealBroken from None
        return row[1:], row[:1] == _LAST

    def _nonce(self) -> bytes:
        self._number += 1
        return b"\0\0\0\0" + _NUMBER.pack(self._number)


def _line(head: Head, salt: bytes) -> bytes:
    told = {
        "account": head.account,
        "things": head.things,
        "kept_at": head.kept_at.isoformat(),
        "salt": salt.hex(),
    }
    return json.dumps(told).encode() + b"\n"


def _read_head(file: BinaryIO) -> tuple[Head, bytes, bytes]:
    if file.read(len(_MAGIC)) != _MAGIC:
        raise SealBroken
    line = file.readline(_LONGEST_HEAD)
    try:
        told = json.loads(line)
        head = Head(str(told["account"]), int(told["things"]), datetime.fromisoformat(told["kept_at"]))
        return head, bytes.fromhex(told["salt"]), line
    except (ValueError, KeyError, TypeError):
        raise SealBroken from None


def _parsed(row: bytes) -> dict[str, Any]:
    try:
        found = json.loads(row)
    except ValueError:
        raise SealBroken from None
    if not isinstance(found, dict):
        raise SealBroken
    return found


def _sync_folder(folder: Path) -> None:
    """Make a rename durable where the system lets one ask for that."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
