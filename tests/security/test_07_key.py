"""7. The key of a store is 32 random bytes, another one for each account; signing out destroys it, and the files
with it.

More: `tests/unit/test_session_tokens.py`, `tests/store/test_keys.py`.
"""

from __future__ import annotations

import shutil

import pytest

from app.contract.errors import WrongKey
from app.services.account_key import Lock
from app.services.opening import Opening
from app.store.database import Store
from app.store.keys import PassphraseKey, new_key
from app.store.pages import KEY_SIZE
from tests.e2e.together import Vendor
from tests.security.conftest import Give


def test_a_key_is_32_bytes_of_the_systems_randomness() -> None:
    asked: list[int] = []

    def counted(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    assert new_key(counted) == bytes(32)
    assert (asked, KEY_SIZE) == ([32], 32)
    keys = {new_key() for _ in range(200)}
    assert len(keys) == 200
    assert len({byte for key in keys for byte in key}) == 256


def test_each_account_has_its_own(vendor: Vendor, computer: Give) -> None:
    made = computer(vendor.person("rep"))
    assert made.sync().ok
    first = made.account
    made.person_at_it(vendor.person("rep"))
    second = Opening(made.around).sign_in(made.wire.url).run().account
    keys = [Opening(made.around).key(account) for account in (first, second)]
    assert len({*keys}) == 2
    with pytest.raises(WrongKey):
        Store.open(first.store_path, keys[1])


def test_signing_out_destroys_it_so_that_even_a_copy_stays_closed(vendor: Vendor, computer: Give) -> None:
    made = computer(vendor.person("rep"))
    assert made.sync().ok
    account = made.account
    copy = made.around.root.parent / "copy"
    shutil.copytree(account.folder, copy)
    with made.opened() as opened:
        opened.sign_out()
    assert made.ring.load(account.id) is None
    assert not account.folder.exists()
    shutil.copytree(copy, account.folder)
    assert Opening(made.around).lock(account) is Lock.LOST, "the files came back, the key did not"


def test_signing_out_writes_over_a_wrapped_key(vendor: Vendor, computer: Give) -> None:
    made = computer(vendor.person("rep"))
    opening = Opening(made.around)
    signed_in = opening.sign_in(made.wire.url).run()
    account = signed_in.account
    key = opening.choose_passphrase(account, "four calm green otters")
    opening.open(account, key).close()
    other_name = account.key_path.with_name("the same file")
    other_name.hardlink_to(account.key_path)
    before = other_name.read_bytes()
    kept = other_name.read_bytes
    PassphraseKey(account.key_path).destroy()
    assert not account.key_path.exists()
    assert len(kept()) == len(before)
    assert b"wrapped" not in kept(), "what is found among deleted files is no key any more"
