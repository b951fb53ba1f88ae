"""The store's key: 32 random bytes per account, kept by the system's key store or wrapped by a passphrase.

It is never on the disk in plain text. The backend of the system's key store is named for each platform: `keyring`
left to itself may settle for one that keeps plain text.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

from app.contract.errors import KeyStoreLocked, LocalError, WrongKey
from app.contract.said import said
from app.store.pages import KEY_SIZE

#: The name under which the system's key store lists the keys.
SERVICE = "Counterpart"

#: Backends that encrypt, by platform: module and class.
_BACKENDS = {
    "linux": ("keyring.backends.SecretService", "Keyring"),
    "darwin": ("keyring.backends.macOS", "Keyring"),
    "win32": ("keyring.backends.Windows", "WinVaultKeyring"),
}

#: Most characters of one entry: Windows takes 2,560 bytes in UTF-16, and what a backend adds has to fit, too.
MOST_CHARACTERS = 1_200

Randomness = Callable[[int], bytes]


def new_key(randomness: Randomness = os.urandom) -> bytes:
    """Return a fresh key."""
    return randomness(KEY_SIZE)


class KeyRing:
    """Keys in the system's key store. Every method raises KeyStoreLocked when that is locked or gone."""

    def __init__(self, backend: KeyringBackend) -> None:
        self._backend = backend

    @classmethod
    def system(cls, platform: str = sys.platform) -> KeyRing | None:
        """Return this computer's key store, or None when it has none that encrypts and answers."""
        module, name = _BACKENDS.get(platform, ("", ""))
        if not module:
            return None
        failures: tuple[type[Exception], ...] = (ImportError, *_failures())
        try:
            backend = getattr(importlib.import_module(module), name)
            # Reading the priority is how a backend says that it cannot work here.
            return cls(backend()) if backend.priority > 0 else None
        except failures:
            return None

    def load(self, account: str) -> bytes | None:
        """Return the account's key, or None when there is none. Raises WrongKey for an entry that is not a key."""
        with _in_our_words():
            text = self._backend.get_password(SERVICE, account)
        if text is None:
            return None
        try:
            key = base64.b64decode(text, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_SIZE:
            raise WrongKey("The entry in your key store is not a key.")
        return key

    def save(self, account: str, key: bytes) -> None:
        """Keep the account's key. Raises LocalError for what not every key store would take."""
        entry = base64.b64encode(key).decode()
        if len(entry) > MOST_CHARACTERS:
            raise LocalError(
                said(
                    "What was to be kept in your key store is larger than a key can be, so it was not kept."
                ),
                kept=said("Nothing was changed."),
            )
        with _in_our_words():
            self._backend.set_password(SERVICE, account, entry)

    def destroy(self, account: str) -> None:
        """Forget the account's key; its store can never be opened again."""
        with _in_our_words():
            try:
                self._backend.delete_password(SERVICE, account)
            except PasswordDeleteError:
                if self._backend.get_password(SERVICE, account) is not None:
                    raise


@dataclass(frozen=True)
class Cost:
    """What one guess at a passphrase costs: passes, memory in KiB, lanes."""

    passes: int
    memory: int
    lanes: int


#: The second recommended option of RFC 9106; about a tenth of a second on a desktop.
RECOMMENDED = Cost(passes=3, memory=64 * 1024, lanes=4)

#: A key file that asks for more than this was tampered with.
_MOST = Cost(passes=64, memory=2 * 1024 * 1024, lanes=64)

_FORMAT = 1
#: Bytes of what is random about a wrapping.
_SALT, _NONCE = 16, 12


class PassphraseKey:
    """A key wrapped by a passphrase (Argon2id, then AES-GCM), in a small file beside the store."""

    def __init__(self, path: Path, cost: Cost = RECOMMENDED, randomness: Randomness = os.urandom) -> None:
        self._path = path
        self._cost = cost
        self._randomness = randomness

    @property
    def exists(self) -> bool:
        """Whether the key file is there."""
        return self._path.exists()

    def create(self, passphrase: str, key: bytes) -> None:
        """Wrap a key and write the file, readable by this user alone; it replaces an older one as a whole."""
        if not passphrase:
            raise ValueError("a passphrase cannot be empty")
        salt, nonce = self._randomness(_SALT), self._randomness(_NONCE)
        wrapping = _derived(passphrase, salt, self._cost)
        wrapped = AESGCM(wrapping).encrypt(nonce, key, _bound(self._cost))
        content = {"format": _FORMAT, "kdf": "argon2id", "cost": asdict(self._cost)}
        content |= {
            name: base64.b64encode(value).decode()
            for name, value in (("salt", salt), ("nonce", nonce), ("wrapped", wrapped))
        }
        _replace(self._path, json.dumps(content, indent=2).encode())

    def unlock(self, passphrase: str) -> bytes:
        """Return the key. Raises WrongKey for another passphrase, LocalError for a file that cannot be read."""
        try:
            content = json.loads(self._path.read_bytes())
            cost = Cost(**content["cost"])
            salt, nonce, wrapped = (
                base64.b64decode(content[name], validate=True) for name in ("salt", "nonce", "wrapped")
            )
            known = content["format"] == _FORMAT and content["kdf"] == "argon2id"
            fits = known and _reasonable(cost) and (len(salt), len(nonce)) == (_SALT, _NONCE)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise _unreadable() from error
        if not fits:
            raise _unreadable()
        try:
            return AESGCM(_derived(passphrase, salt, cost)).decrypt(nonce, wrapped, _bound(cost))
        except HashingError as error:  # a cost there cannot be, such as less memory than its lanes need
            raise _unreadable() from error
        except InvalidTag as error:
            raise WrongKey("That is not the passphrase of this account.", next_step="Try again.") from error

    def change(self, old: str, new: str) -> None:
        """Wrap the same key by another passphrase. Raises WrongKey when `old` is not the present one."""
        self.create(new, self.unlock(old))

    def destroy(self) -> None:
        """Remove the file; the store can never be opened again.

        It is written over before: whoever knows the passphrase must not find the wrapped key among deleted files.
        """
        if self._path.exists():
            with self._path.open("r+b") as file:
                file.write(self._randomness(self._path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
        self._path.unlink(missing_ok=True)


def key_source(key_file: Path, ring: KeyRing | None) -> KeyRing | PassphraseKey:
    """Choose where an account's key is: by passphrase where that was set up, else the system's key store if any."""
    by_passphrase = PassphraseKey(key_file)
    return by_passphrase if by_passphrase.exists or ring is None else ring


def _derived(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    # The same passphrase comes from different keyboards in different Unicode forms.
    secret = unicodedata.normalize("NFKC", passphrase).encode()
    return hash_secret_raw(
        secret,
        salt,
        time_cost=cost.passes,
        memory_cost=cost.memory,
        parallelism=cost.lanes,
        hash_len=32,
        type=Type.ID,
    )


def _bound(cost: Cost) -> bytes:
    """What the wrapping is bound to, so that the file's parameters cannot be exchanged."""
    return f"counterpart key {_FORMAT} argon2id {cost.passes} {cost.memory} {cost.lanes}".encode()


def _reasonable(cost: Cost) -> bool:
    pairs: Iterator[tuple[Any, int]] = zip(asdict(cost).values(), asdict(_MOST).values(), strict=True)
    return all(isinstance(value, int) and 0 < value <= most for value, most in pairs)


def _unreadable() -> LocalError:
    return LocalError(
        "The key file of this account cannot be read.",
        kept="The store is untouched, but it stays closed without its key.",
        next_step="Restore the file from a backup, or sign in afresh.",
    )


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as writer:
        writer.write(content)
        writer.flush()
        os.fsync(writer.fileno())
    beside.replace(path)


#: What the Linux backend lets through of the libraries below it: module and class.
_BUS_ERRORS = (
    ("jeepney.wrappers", "DBusErrorResponse"),
    ("secretstorage.exceptions", "SecretStorageException"),
)


@contextmanager
def _in_our_words() -> Iterator[None]:
    failures = _failures()
    try:
        yield
    except failures as error:
        raise KeyStoreLocked from error


def _failures() -> tuple[type[Exception], ...]:
    below = _BUS_ERRORS if sys.platform == "linux" else ()
    return (
        KeyringError,
        RuntimeError,
        OSError,
        *(getattr(importlib.import_module(module), name) for module, name in below),
    )
