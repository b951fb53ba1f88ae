"""The gateway's own secrets: files beside its database, readable by their owner alone."""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from sqlalchemy import insert, select

from gateway.clock import Random
from gateway.database import Database
from gateway.tables import meta

#: Under this name the database keeps what tells its secret from another one.
OWN_SECRET = "told_by"  # noqa: S105  (a name, and what it names is no secret)

#: Their names in the gateway's folder.
SECRET_FILE = "secret.key"  # noqa: S105  (a name, not a secret)
RECEIPT_FILE = "receipts.pem"


class UnusableKey(Exception):
    """A key file that holds something else, or may be read by others."""


def load_secret(path: Path, random: Random) -> bytes:
    """Return the 32 bytes cursors and tokens are signed with, making them the first time. Raises UnusableKey."""
    if not path.exists():
        _write_new(path, random(32))
    secret = _read(path)
    if len(secret) != 32:
        raise UnusableKey(f"{path} does not hold 32 bytes.")
    return secret


def check_secret(database: Database, secret: bytes) -> None:
    """Make sure that this database is used with the secret it was begun with. Raises UnusableKey.

    A process with another one would end every sign-in and every cursor, and so would the next process for it in turn.
    """
    told = hmac.digest(secret, b"the secret of this database", "sha256").hex()
    with database.write() as connection:
        known = connection.execute(select(meta.c.value).where(meta.c.name == OWN_SECRET)).scalar()
        if known is None:
            connection.execute(insert(meta).values(name=OWN_SECRET, value=told))
    if known not in (None, told):
        raise UnusableKey(
            "secret.key is not the one this database is used with. Bring the file back from where the database was "
            "used before, or from the other gateway processes. If it is lost: counterpart-gateway restored"
        )


def load_signing_key(path: Path) -> Ed25519PrivateKey:
    """Return the key receipts are signed with, making it the first time. Raises UnusableKey."""
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        _write_new(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        found = load_pem_private_key(_read(path), None)
    except ValueError as error:
        raise UnusableKey(f"{path} does not hold a private key.") from error
    if not isinstance(found, Ed25519PrivateKey):
        raise UnusableKey(f"{path} does not hold an Ed25519 key.")
    return found


def _write_new(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _read(path: Path) -> bytes:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise UnusableKey(f"{path} may be read by others; make it readable by its owner alone (chmod 600).")
    return path.read_bytes()
