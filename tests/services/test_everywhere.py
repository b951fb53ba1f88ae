"""One search across the accounts of this computer: what is found, what is passed over, and that nothing is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.contract.canonical import record_hash
from app.contract.errors import LocalError, UpdateNeeded, WrongKey
from app.contract.ids import source_gid
from app.contract.records import Record
from app.services.everywhere import Everywhere
from app.services.opening import Opening
from app.services.surroundings import Surroundings
from app.services.vendors import Vendors
from app.session.accounts import Account, Left
from app.store.database import Store
from tests.services.small_gateway import SmallGateway, small_gateway
from tests.services.test_opening import PHRASE, entered, surroundings


@pytest.fixture
def halden() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        yield made


@pytest.fixture
def norland() -> Iterator[SmallGateway]:
    with small_gateway() as made:
        made.vendor, made.accent = "Norland Instruments", "#0B7A4B"
        yield made


def account_with(opening: Opening, gateway: SmallGateway, subject: str, phrase: str = "") -> Account:
    """An account that has one request, and is closed again."""
    opened = entered(opening, gateway, phrase)
    data = {"number": "REQ-1", "subject": subject, "state": "waiting_on_vendor"}
    with opened.open_store() as store:
        gid = source_gid("test", "request", subject)
        store.mirror.put(Record(gid=gid, entity="request", version="1", hash=record_hash(data), data=data))
        while store.make_index():
            pass
    opened.close()
    return opened.account


def test_it_finds_in_the_others_and_leaves_the_open_one_out(
    halden: SmallGateway, norland: SmallGateway, tmp_path: Path
) -> None:
    opening = Opening(surroundings(tmp_path))
    here = account_with(opening, halden, "Fans for the cabinet")
    there = account_with(opening, norland, "Spare fans")
    before = hashlib.sha256(there.store_path.read_bytes()).hexdigest()
    (found,) = Everywhere(opening, here.id).search("fans")
    assert (found.account, found.vendor, found.skipped) == (there.id, "Norland Instruments", "")
    assert [hit.title for hit in found.hits] == ["Spare fans"]
    assert hashlib.sha256(there.store_path.read_bytes()).hexdigest() == before
    (nothing,) = Everywhere(opening, here.id).search("cabinet")
    assert nothing.hits == ()


def test_one_that_needs_its_passphrase_is_passed_over(
    halden: SmallGateway, norland: SmallGateway, tmp_path: Path
) -> None:
    opening = Opening(surroundings(tmp_path, ring=False))
    here = account_with(opening, halden, "Fans", PHRASE)
    account_with(opening, norland, "Fans", PHRASE)
    (found,) = Everywhere(opening, here.id).search("fans")
    assert (found.hits, found.skipped) == ((), "Needs its passphrase. Open it to search there.")


def test_a_damaged_one_says_so_and_the_rest_goes_on(
    halden: SmallGateway, norland: SmallGateway, tmp_path: Path
) -> None:
    opening = Opening(surroundings(tmp_path))
    account_with(opening, halden, "Fans")
    broken = account_with(opening, norland, "Fans")
    broken.store_path.write_bytes(b"\0" * 20_000)
    found = {one.vendor: one for one in Everywhere(opening, "").search("fans")}
    assert len(found["Halden Systems"].hits) == 1
    assert found["Norland Instruments"].hits == ()
    assert found["Norland Instruments"].skipped


def test_a_store_that_is_only_looked_into_refuses_every_write(halden: SmallGateway, tmp_path: Path) -> None:
    opening = Opening(surroundings(tmp_path))
    account = account_with(opening, halden, "Fans")
    portal = opening.look_into(account, opening.key(account))
    with pytest.raises(LocalError, match="cannot be opened for writing"):
        portal.prefs.set("x", 1)
    portal.close()
    with pytest.raises(WrongKey):
        opening.look_into(account, bytes(32))
    with Store.open(account.store_path, opening.key(account)) as store:
        store.connection.run(
            "DELETE FROM _sqlite_migrations WHERE name = (SELECT max(name) FROM _sqlite_migrations)"
        )
    with pytest.raises(UpdateNeeded):
        opening.look_into(account, opening.key(account))


def test_how_an_account_was_left_is_told_without_opening_it(
    halden: SmallGateway, norland: SmallGateway, tmp_path: Path
) -> None:
    around: Surroundings = surroundings(tmp_path)
    opening = Opening(around)
    one, two = account_with(opening, halden, "Fans"), account_with(opening, norland, "Fans")
    portal = opening.look_into(two, opening.key(two))
    vendors = Vendors(opening, two.id, portal.formats)
    assert opening.last() is None
    vendors.leave(portal)
    portal.close()
    last = opening.last()
    assert last is not None
    assert (last.id, last.left.accent) == (two.id, "#0B7A4B")
    opening.leave(one.id, Left("#2952C4", "", 3, "2026-11-23T08:12:00+00:00", "2026-11-22T08:12:00+00:00"))
    lines = {line.id: line for line in Vendors(opening, two.id, portal.formats).lines()}
    assert (lines[one.id].detail, lines[one.id].needs) == ("3 jobs · as of 08:12", 3)
    assert (lines[two.id].detail, lines[two.id].open) == ("Open now", True)
    assert [line.id for line in vendors.others()] == [one.id]
    text = (one.folder / "account.json").read_text()
    (one.folder / "account.json").write_text(text.replace('"needs": 3', '"needs": "many"'))
    assert {line.id: line.needs for line in vendors.lines()}[one.id] == 0
