"""Where the key is kept: the system's key store, or a passphrase; never plain on the disk."""

from __future__ import annotations

import base64
import json
import stat
import sys
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailingBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from app.contract.errors import KeyStoreLocked, LocalError, WrongKey
from app.store.keys import SERVICE, Cost, KeyRing, PassphraseKey, key_source, new_key
from tests.store import world

CHEAP = Cost(passes=1, memory=8, lanes=1)


class MemoryBackend(KeyringBackend):
    """A key store in memory; `locked` makes it refuse like a locked one."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def _check(self) -> None:
        if self.locked:
            raise KeyringLocked("locked")

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if (service, username) not in self.entries:
            raise PasswordDeleteError("not found")
        del self.entries[service, username]


def test_a_key_per_account() -> None:
    ring = KeyRing(MemoryBackend())
    assert ring.load("ann") is None
    ring.save("ann", world.KEY)
    ring.save("bob", bytes(32))
    assert ring.load("ann") == world.KEY
    ring.destroy("ann")
    ring.destroy("ann")
    assert ring.load("ann") is None
    assert ring.load("bob") == bytes(32)


def test_a_locked_key_store_is_told_by_every_call() -> None:
    backend = MemoryBackend()
    backend.locked = True
    ring = KeyRing(backend)
    with pytest.raises(KeyStoreLocked):
        ring.load("ann")
    with pytest.raises(KeyStoreLocked):
        ring.save("ann", world.KEY)
    with pytest.raises(KeyStoreLocked):
        ring.destroy("ann")


def test_a_missing_key_store_counts_as_locked() -> None:
    with pytest.raises(KeyStoreLocked):
        KeyRing(FailingBackend()).load("ann")  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("entry", ["not base64!", base64.b64encode(b"short").decode(), ""])
def test_an_entry_that_is_no_key_is_not_taken_for_an_absent_one(entry: str) -> None:
    backend = MemoryBackend()
    backend.entries[SERVICE, "ann"] = entry
    with pytest.raises(WrongKey):
        KeyRing(backend).load("ann")


def test_only_backends_that_encrypt_are_ever_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever `keyring` is configured to, the choice here is by name."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    assert KeyRing.system("linux") is None
    assert KeyRing.system("plan9") is None


def test_a_passphrase_wraps_the_key(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    source = PassphraseKey(file, CHEAP)
    assert not PassphraseKey(file).exists
    source.create("correct horse", world.KEY)
    assert source.exists
    assert PassphraseKey(file).unlock("correct horse") == world.KEY, "the cost is read from the file"
    with pytest.raises(WrongKey, match="not the passphrase"):
        source.unlock("correct horsf")
    with pytest.raises(WrongKey):
        source.unlock("")
    content = file.read_bytes()
    for form in (world.KEY, base64.b64encode(world.KEY), world.KEY.hex().encode()):
        assert form not in content
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["key.json"]


def test_a_passphrase_is_the_same_from_every_keyboard(tmp_path: Path) -> None:
    source = PassphraseKey(tmp_path / "key.json", CHEAP)
    source.create("Zu\u0308rich", world.KEY)
    assert source.unlock("Z\u00fcrich") == world.KEY


def test_another_passphrase_for_the_same_key(tmp_path: Path) -> None:
    source = PassphraseKey(tmp_path / "key.json", CHEAP)
    source.create("old", world.KEY)
    before = json.loads((tmp_path / "key.json").read_text())
    with pytest.raises(WrongKey):
        source.change("wrong", "new")
    source.change("old", "new")
    assert source.unlock("new") == world.KEY
    with pytest.raises(WrongKey):
        source.unlock("old")
    after = json.loads((tmp_path / "key.json").read_text())
    assert before["salt"] != after["salt"]
    assert before["nonce"] != after["nonce"]
    with pytest.raises(ValueError, match="empty"):
        source.change("new", "")


@pytest.mark.parametrize(
    "change",
    [
        {"cost": {"passes": 1, "memory": 1 << 30, "lanes": 1}},
        {"cost": {"passes": 0, "memory": 8, "lanes": 1}},
        {"cost": {"passes": "1", "memory": 8, "lanes": 1}},
        {"cost": {"passes": 1}},
        {"cost": None},
        {"format": 2},
        {"kdf": "none"},
        {"salt": "?"},
    ],
)
def test_a_key_file_somebody_changed_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    file = tmp_path / "key.json"
    source = PassphraseKey(file, CHEAP)
    source.create("pass", world.KEY)
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(LocalError, match="cannot be read"):
        source.unlock("pass")


def test_a_cheaper_cost_cannot_be_slipped_in(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    source = PassphraseKey(file, Cost(passes=2, memory=8, lanes=1))
    source.create("pass", world.KEY)
    file.write_text(file.read_text().replace('"passes": 2', '"passes": 1'))
    with pytest.raises(WrongKey):
        source.unlock("pass")


def test_a_key_file_that_is_gone(tmp_path: Path) -> None:
    source = PassphraseKey(tmp_path / "key.json", CHEAP)
    source.create("pass", world.KEY)
    source.destroy()
    source.destroy()
    with pytest.raises(LocalError):
        source.unlock("pass")


def test_the_passphrase_goes_first_where_it_was_set_up(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    ring = KeyRing(MemoryBackend())
    assert key_source(file, ring) is ring
    assert isinstance(key_source(file, None), PassphraseKey)
    PassphraseKey(file, CHEAP).create("pass", world.KEY)
    assert isinstance(key_source(file, ring), PassphraseKey)


def test_a_new_key_is_as_long_as_the_store_wants_it() -> None:
    assert new_key(bytes) == bytes(32)
    assert new_key() != new_key()
