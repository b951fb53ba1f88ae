"""A stolen laptop, and a device that was revoked while it was off the network."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from app.contract.errors import CounterpartError, KeyStoreAway, LocalError, WrongKey
from app.services.account_key import Lock
from app.services.opening import Opening
from app.store.database import Store
from app.store.keys import RECOMMENDED, Cost, KeyRing, PassphraseKey
from tests.e2e.together import DEAL, Computer, Vendor
from tests.security.canary import scan
from tests.security.conftest import Give
from tests.store.test_keys import MemoryBackend

PHRASE = "four calm green otters"


@pytest.fixture
def laptop(vendor: Vendor, computer: Give) -> Computer:
    made = computer(vendor.person("manager"))
    assert made.sync().ok
    return made


def thiefs(made: Computer, tmp_path: Path) -> Computer:
    """Another machine with a copy of the whole data folder, and a key store of its own."""
    copy = tmp_path / "stolen"
    shutil.copytree(made.around.root, copy)
    found = Computer(made.vendor, made.person, copy)
    found.ring = KeyRing(MemoryBackend())
    return found


def test_a_copy_of_all_files_is_useless_without_the_key_store(laptop: Computer, tmp_path: Path) -> None:
    stolen = thiefs(laptop, tmp_path)
    opening = Opening(stolen.around)
    (account,) = opening.accounts()
    assert opening.lock(account) is Lock.LOST
    with pytest.raises(LocalError):
        opening.key(account)
    for key in (bytes(32), account.id.encode()[:32].ljust(32, b"\0"), b"\xff" * 32):
        with pytest.raises(WrongKey):
            Store.open(account.store_path, key)
    with laptop.opened() as opened:
        tokens = opened.session._current
        assert tokens is not None
        with opened.open_store() as store:
            shown = store.projection.rows(store.projection.ids("deal_registration"))
        secrets = [
            tokens.access,
            tokens.refresh,
            laptop.person.email,
            *(str(row.data["customer"]) for row in shown),
        ]
    real = laptop.ring.load(account.id)
    assert real is not None
    assert scan([stolen.around.root], [*secrets, real.hex(), DEAL]) == {}
    stolen.wire.close()


def test_a_computer_without_a_key_store_says_that_it_is_away(laptop: Computer, tmp_path: Path) -> None:
    stolen = thiefs(laptop, tmp_path)
    around: Any = stolen.around
    opening = Opening(around.__class__(**{**vars(around), "ring": lambda: None}))
    (account,) = opening.accounts()
    with pytest.raises(KeyStoreAway):
        opening.key(account, PHRASE)
    stolen.wire.close()


def test_guessing_a_passphrase_costs(tmp_path: Path) -> None:
    """64 MB and a tenth of a second for each guess; the file cannot be made to ask for less."""
    assert RECOMMENDED.memory >= 64 * 1024
    assert RECOMMENDED.passes >= 3
    path = tmp_path / "key.json"
    source = PassphraseKey(path)
    source.create(PHRASE, bytes(32))
    began = time.process_time()
    for guess in ("password", "four calm green otter", PHRASE.upper(), ""):
        with pytest.raises(WrongKey):
            source.unlock(guess)
    assert (time.process_time() - began) / 4 > 0.02
    content = json.loads(path.read_text())
    for change in ({"passes": 1}, {"memory": 8}, {"lanes": 1}):
        cheaper = {**content, "cost": {**content["cost"], **change}}
        path.write_text(json.dumps(cheaper))
        with pytest.raises(CounterpartError):
            source.unlock(PHRASE)
    cheap = PassphraseKey(tmp_path / "cheap.json", Cost(1, 8, 1))
    cheap.create(PHRASE, bytes(32))
    assert json.loads((tmp_path / "cheap.json").read_text())["cost"] != content["cost"], (
        "nobody makes one in the app"
    )


def test_a_revoked_device_that_comes_back_is_wiped_and_told_of(
    vendor: Vendor, laptop: Computer, computer: Give
) -> None:
    """Signed out from another device while it was away: it reads on offline, and the first contact ends that."""
    account = laptop.account
    laptop.wire.close()
    at_hand = computer(laptop.person)
    assert at_hand.sync().ok
    with at_hand.opened() as opened:
        opened.staff.sign_out_device(laptop.device, erase=True)
    assert vendor.orders(laptop.person)[-1] == (laptop.device, False)
    assert not laptop.sync().ok
    assert laptop.holds_something, "nobody can reach it while it is away"
    laptop.wire.open()
    assert laptop.erased()
    assert vendor.orders(laptop.person)[-1] == (laptop.device, True), "the receipt"
    assert laptop.ring.load(account.id) is None
    assert not account.folder.exists()
    assert scan([laptop.around.root], [laptop.person.email, laptop.person.name, DEAL, account.id]) == {}


def test_a_device_that_was_only_signed_out_gets_nothing_new(laptop: Computer, computer: Give) -> None:
    at_hand = computer(laptop.person)
    assert at_hand.sync().ok
    with at_hand.opened() as opened:
        opened.staff.sign_out_device(laptop.device, erase=False)
    laptop.vendor.edit(DEAL, next_action="canary-after-the-revocation")
    laptop.vendor.gateway.backfill()
    report = laptop.sync()
    assert (report.ok, report.data["mode"]) == (False, "sign_in")
    with laptop.opened() as opened, opened.open_store() as store:
        texts = [str(row.data) for row in store.projection.rows(store.projection.ids("deal_registration"))]
    assert texts
    assert not any("canary-after-the-revocation" in text for text in texts)
