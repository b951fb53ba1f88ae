"""5. A locked key store means "unlock": nobody is signed out, nothing is deleted, and no key goes anywhere in plain
text.

More: `tests/store/test_keys.py`, `tests/services/test_opening.py`.
"""

from __future__ import annotations

import sys

import pytest
from keyring.errors import KeyringLocked

from app.composition.demo import PassingKeyring
from app.contract.errors import KeyStoreLocked
from app.services.opening import Opening
from app.store.keys import KeyRing
from tests.e2e.together import Computer, Vendor
from tests.security.canary import scan
from tests.security.conftest import Give
from tests.security.source import imports


class Lockable(PassingKeyring):
    """A key store that can be locked, and then refuses everything."""

    error: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        super().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        super().delete_password(service, username)

    def _check(self) -> None:
        if self.error is not None:
            raise self.error


def errors() -> list[Exception]:
    """What the backends raise when they are locked: keyring's own word, and on Linux that of the libraries below."""
    found: list[Exception] = [KeyringLocked("locked"), OSError("no answer")]
    if sys.platform == "linux":
        from secretstorage.exceptions import LockedException, PromptDismissedException

        found += [LockedException("locked"), PromptDismissedException("not now")]
    return found


@pytest.fixture
def made(vendor: Vendor, computer: Give) -> Computer:
    found = computer(vendor.person("rep"))
    found.ring = KeyRing(Lockable())
    assert found.sync().ok
    return found


@pytest.mark.parametrize("error", errors(), ids=lambda error: type(error).__name__)
def test_locked_means_unlock_and_afterwards_all_is_as_it_was(made: Computer, error: Exception) -> None:
    backend = made.ring._backend
    assert isinstance(backend, Lockable)
    key = made.ring.load(made.account.id)
    assert key is not None
    before = {path: path.read_bytes() for path in made.account.folder.iterdir() if path.is_file()}
    backend.error = error
    with pytest.raises(KeyStoreLocked) as told:
        made.sync()
    assert "nlock" in told.value.next_step
    with pytest.raises(KeyStoreLocked):
        Opening(made.around).lock(made.account)
    with pytest.raises(KeyStoreLocked):
        Opening(made.around).start_afresh(made.account)
    assert {path: path.read_bytes() for path in before} == before, "nothing was touched"
    backend.error = None
    with made.opened() as account:
        assert account.session.signed_in, "nobody was signed out"
    assert scan([made.around.root], [key.hex()]) == {}


def test_a_new_account_is_not_kept_in_the_clear_for_want_of_a_key_store(
    vendor: Vendor, computer: Give
) -> None:
    made = computer(vendor.person("rep"))
    backend = Lockable()
    backend.error = KeyringLocked("locked")
    made.ring = KeyRing(backend)
    with pytest.raises(KeyStoreLocked):
        made.sync()
    assert not list(made.around.root.rglob("store.db*"))
    assert not list(made.around.root.rglob("*key*"))


def test_backends_that_keep_plain_text_are_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """The backend is named in our source; what `keyring` would choose is never asked for."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    assert KeyRing.system("linux") is None
    used = {name for _, name in imports() if name.startswith("keyring")}
    assert used == {
        "keyring.backend.KeyringBackend",
        "keyring.errors.KeyringError",
        "keyring.errors.PasswordDeleteError",
    }
