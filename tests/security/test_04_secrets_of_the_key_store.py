"""4. What goes into the system's key store is a key and nothing else, 44 characters long: Windows takes 1,200 and
some. Anything longer fails with words and leaves what was there.

More: `tests/store/test_keys.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from app.contract.errors import LocalError
from app.services.opening import Opening
from app.store.keys import MOST_CHARACTERS, SERVICE, KeyRing
from tests.e2e.together import Vendor
from tests.security.conftest import Give
from tests.security.source import calls
from tests.store.test_keys import MemoryBackend


def test_what_a_signed_in_account_keeps_there_is_one_short_entry(vendor: Vendor, computer: Give) -> None:
    backend = MemoryBackend()
    made = computer(vendor.person("rep"))
    made.ring = KeyRing(backend)
    assert made.sync().ok
    with made.opened() as account:
        tokens = account.session._current
        assert tokens is not None
        secrets = [tokens.access, tokens.refresh]
    ((place, entry),) = backend.entries.items()
    assert place == (SERVICE, made.account.id)
    assert len(entry) == 44 < MOST_CHARACTERS == 1_200
    assert not any(secret in entry for secret in secrets), "tokens lie in the encrypted store"


def test_an_oversize_entry_is_told_and_what_was_there_stays() -> None:
    backend = MemoryBackend()
    ring = KeyRing(backend)
    ring.save("ann", bytes(32))
    with pytest.raises(LocalError, match="larger than a key can be") as told:
        ring.save("ann", bytes(1_000))
    assert told.value.kept == "Nothing was changed."
    assert ring.load("ann") == bytes(32)


def test_nothing_else_writes_to_a_key_store() -> None:
    """The one call there is; a further one needs its own place in this statement."""
    assert [path for path, _ in calls("set_password")] == ["app/store/keys.py"]


def test_a_passphrase_needs_no_key_store_at_all(vendor: Vendor, computer: Give, tmp_path: Path) -> None:
    made = computer(vendor.person("rep"))
    signed_in = Opening(made.around).sign_in(made.wire.url).run()
    Opening(made.around).choose_passphrase(signed_in.account, "four calm green otters")
    assert made.ring.load(signed_in.account.id) is None
