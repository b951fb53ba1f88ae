"""A kiosk that is killed, has no disk or clock, or meets another key: only ciphertext stays, and no key for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app.contract.errors import DiskFull
from app.services.kiosk.values import Kept, KeptSummary, TakenBack
from app.session.kiosk.sealed_file import head_of, read_sealed, write_sealed
from gateway.identity.seals import Seals
from gateway.problems import Problem
from tests.e2e.kiosk import Kiosk, colleague, working
from tests.e2e.test_kiosk import CANARY, TYPED, begin_work, typed_by
from tests.e2e.together import DEAL, Person, Vendor, vendor_at


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    with vendor_at(tmp_path_factory.mktemp("gateway"), device_code=True, console=False) as made:
        yield made


@pytest.fixture
def kiosk(vendor: Vendor, tmp_path: Path) -> Iterator[Kiosk]:
    made = Kiosk(vendor, tmp_path / "kiosk")
    yield made
    made.opening.end()
    made.wire.close()


@pytest.fixture
def maya(vendor: Vendor) -> Person:
    return colleague(vendor, "Maya Brandt")


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    path = tmp_path / "survey.pdf"
    path.write_bytes(b"%PDF-1.4 " + TYPED.encode() * 4000)
    return path


#: A window's process: it signs in by phone, works, tells that it does, and is killed.
_VICTIM = """
import json, sys, time
from datetime import timedelta
from pathlib import Path
from tests.e2e.kiosk import Kiosk, colleague, working
from tests.e2e.together import DEAL, MovedClock, Person
told = json.loads(sys.stdin.readline())

class Away:
    url, clock = told["gateway"], MovedClock()

kiosk = Kiosk(Away(), Path(told["root"]), gateway_address=told["gateway"])
account = kiosk.enter(Person(**told["person"]))
assert kiosk.sync(account).ok
kiosk.opening.choose_code(account.person.id, "2580")
with working(account) as portal:
    portal.intents.edit(DEAL, {"next_steps": told["typed"]})
    portal.drafts.start("request", {"subject": told["canary"]})
    (kiosk.opening.folder.temp / "preview.pdf").write_text("half a page")
    store, seal = account.keys.join()[:32], account.keys.join()[32:]
    print(json.dumps([account.session.access(), store.hex(), seal.hex()]), flush=True)
    time.sleep(600)
"""


def killed(kiosk: Kiosk, person: Person) -> list[str]:
    """Have a real process work at the kiosk and kill it; returns its access token and keys."""
    told = {
        "gateway": kiosk.wire.url,
        "root": str(kiosk.root),
        "person": vars(person),
        "typed": TYPED,
        "canary": CANARY,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", _VICTIM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    found: list[str] = json.loads(line)
    return found


def cut_off(kiosk: Kiosk, person: Person) -> None:
    """Have somebody sign in, and the kiosk start anew while they are."""
    kiosk.enter(person).close()
    kiosk.boot()


def test_a_process_that_is_killed_leaves_ciphertext_and_no_key(
    kiosk: Kiosk, vendor: Vendor, maya: Person
) -> None:
    token, *keys = killed(kiosk, maya)
    assert (
        kiosk.residue(CANARY, "Maya", "Brandt", maya.email, maya.user, "Kestrel", "2580", token, *keys) == []
    )
    whole = b"".join(path.read_bytes() for path in kiosk.root.rglob("*") if path.is_file())
    assert len(whole) > 100_000, "the store is there"
    assert not any(bytes.fromhex(key) in whole for key in keys)
    assert vendor.gateway.identity.authenticate(token).kiosk, "the gateway does not know yet"

    kiosk.boot()
    assert list(kiosk.opening.folder.temp.iterdir()) == []
    assert kiosk.opening.kept() == KeptSummary(people=1, things=0, uncounted=1)
    assert kiosk.opening.people() == (), "nobody is locked: the way back was in memory"
    assert kiosk.opening.tidy()
    with pytest.raises(Problem):
        vendor.gateway.identity.authenticate(token)

    back = kiosk.enter(maya)
    assert kiosk.opening.kept() == KeptSummary()
    with working(back) as portal:
        assert len(portal.outbox.items()) == 1
    assert kiosk.opening.unsent(back.person.id) == 2
    assert kiosk.sync(back).ok
    assert vendor.value(DEAL, "next_action") == TYPED
    assert kiosk.opening.sign_out(back.person.id).things == 1


def test_a_kiosk_that_is_switched_off_while_somebody_is_locked_keeps_their_work(
    kiosk: Kiosk, maya: Person, survey: Path
) -> None:
    account = kiosk.enter(maya)
    begin_work(kiosk, account, survey)
    kiosk.opening.choose_code(account.person.id, "2580")
    kiosk.opening.lock(account.person.id)
    kiosk.boot()
    assert kiosk.opening.kept() == KeptSummary(1, 2)
    assert kiosk.opening.folder.stores() == (), "all of it is sealed"
    kiosk.wire.open()
    back = kiosk.enter(maya)
    assert (back.taken_back.things, kiosk.opening.unsent(back.person.id)) == (2, 2)
    assert not kiosk.opening.folder.sealed(back.person.id).exists()


@pytest.mark.parametrize("start_anew", [True, False])
def test_a_sign_out_that_broke_off_after_the_sealing_does_nothing_twice(
    kiosk: Kiosk, maya: Person, survey: Path, monkeypatch: pytest.MonkeyPatch, start_anew: bool
) -> None:
    account = kiosk.enter(maya)
    begin_work(kiosk, account, survey)

    def broken(_folder: Path) -> list[str]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("app.services.kiosk.keeping.remove_folder", broken)
        with pytest.raises(KeyboardInterrupt):
            kiosk.opening.sign_out(account.person.id)
    assert account.keys.store.dropped
    if start_anew:
        kiosk.boot()
        assert kiosk.opening.folder.stores() == ()
    assert kiosk.opening.kept() == KeptSummary(1, 2)
    kiosk.wire.open()
    back = kiosk.enter(maya)
    assert back.taken_back.things == (2 if start_anew else 0), "its store was still there, with all of it"
    assert kiosk.opening.unsent(back.person.id) == 2


@pytest.mark.nightly
def test_a_full_disk_keeps_the_store_instead_of_the_sealed_file(
    kiosk: Kiosk, maya: Person, survey: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = kiosk.enter(maya)
    begin_work(kiosk, account, survey)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("app.session.kiosk.sealed_file.os.fsync", full)
        assert kiosk.opening.sign_out(account.person.id) == Kept(2, told_gateway=False, sealed=False)
    assert kiosk.opening.kept() == KeptSummary(1, 0, 1)
    assert not [*kiosk.opening.folder.kept.iterdir()]
    assert kiosk.residue(CANARY, "Maya") == []
    kiosk.wire.open()
    back = kiosk.enter(maya)
    assert kiosk.opening.unsent(back.person.id) == 2


def test_another_secret_at_the_gateway_is_told_and_nothing_is_lost_silently(
    kiosk: Kiosk, vendor: Vendor, maya: Person, survey: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = kiosk.enter(maya)
    begin_work(kiosk, account, survey)
    kiosk.opening.sign_out(account.person.id)
    kiosk.wire.open()
    identity = vendor.gateway.identity
    with monkeypatch.context() as patch:
        patch.setattr(identity, "seals", Seals(bytes(32), identity.options))
        other = kiosk.enter(maya)
        assert other.taken_back == TakenBack(0, (), unreadable=1)
        with working(other) as portal:
            portal.drafts.start("request", {"subject": "new"})
        assert kiosk.opening.sign_out(other.person.id).things == 1
    # The old secret is back: what was kept under it opens again, what was kept under the other does not.
    again = kiosk.enter(maya)
    assert (again.taken_back.things, again.taken_back.unreadable) == (2, 1)


@pytest.mark.nightly
def test_a_store_under_another_key_is_set_aside(
    kiosk: Kiosk, vendor: Vendor, maya: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(kiosk, maya)
    identity = vendor.gateway.identity
    monkeypatch.setattr(identity, "seals", Seals(bytes(32), identity.options))
    other = kiosk.enter(maya)
    assert other.taken_back == TakenBack(0, (), unreadable=1)
    assert kiosk.opening.unsent(other.person.id) == 0
    assert kiosk.opening.sign_out(other.person.id).things == 0
    assert len([*kiosk.opening.folder.kept.iterdir()]) == 1


@pytest.mark.nightly
def test_one_persons_sealed_file_is_nothing_to_another(kiosk: Kiosk, vendor: Vendor, maya: Person) -> None:
    account = kiosk.enter(maya)
    with working(account) as portal:
        portal.drafts.start("request", {"subject": CANARY})
    kiosk.opening.sign_out(account.person.id)
    tom = colleague(vendor, "Tom Reyes")
    other = kiosk.enter(tom)
    kiosk.opening.sign_out(other.person.id)
    folder = kiosk.opening.folder
    folder.sealed(account.person.id).rename(folder.sealed(other.person.id))
    back = kiosk.enter(tom)
    assert back.taken_back == TakenBack(0, (), unreadable=1)
    assert kiosk.opening.unsent(back.person.id) == 0


def test_what_nobody_comes_back_for_goes_after_thirty_days_by_the_gateways_clock(
    kiosk: Kiosk, vendor: Vendor, maya: Person
) -> None:
    account = kiosk.enter(maya)
    with working(account) as portal:
        portal.drafts.start("request", {"subject": CANARY})
    kiosk.opening.sign_out(account.person.id)
    broken = colleague(vendor, "Tom Reyes")
    cut_off(kiosk, broken)
    kiosk.opening.tidy()
    # A clock of this computer's that is wrong by a year deletes nothing, nor does one day too few.
    wrong = Kiosk(vendor, kiosk.root)
    wrong.around = replace(wrong.around, clock=Ahead(vendor, timedelta(days=365)))
    wrong.boot().tidy()
    wrong.wire.close()
    vendor.clock.forward(days=29)
    kiosk.boot().tidy()
    assert kiosk.opening.kept() == KeptSummary(2, 1, 1)
    vendor.clock.forward(days=2)
    kiosk.wire.close()
    assert not kiosk.boot().tidy()
    assert kiosk.opening.kept().people == 2, "without the gateway nobody knows the day"
    kiosk.wire.open()
    assert kiosk.opening.tidy()
    assert kiosk.opening.kept() == KeptSummary()


class Ahead:
    """A clock of the kiosk's own, wrong by so much."""

    def __init__(self, vendor: Vendor, by: timedelta) -> None:
        self._clock, self._by = vendor.clock, by

    def now(self) -> datetime:
        return self._clock.now() + self._by

    def monotonic(self) -> float:
        return self._clock.monotonic()


@pytest.mark.nightly
def test_a_network_that_goes_once_one_was_let_in_keeps_nobody_out(kiosk: Kiosk, maya: Person) -> None:
    signed_in = kiosk.let_in(maya)
    kiosk.wire.close()
    account = kiosk.opening.open(signed_in)
    assert account.ready
    with working(account) as portal:
        portal.drafts.start("request", {"subject": CANARY})
    assert kiosk.opening.sign_out(account.person.id) == Kept(1, told_gateway=False)
    kiosk.wire.open()


@pytest.mark.nightly
def test_a_sign_in_that_fails_leaves_nobody_in_and_whoever_is_locked_locked(
    kiosk: Kiosk, vendor: Vendor, maya: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = kiosk.enter(maya)
    person = account.person.id
    kiosk.opening.choose_code(person, "2580")
    kiosk.opening.lock(person)

    def full(*_: object) -> None:
        raise DiskFull

    for somebody, left in ((maya, 1), (colleague(vendor, "Tom Reyes"), 1)):
        signed_in = kiosk.let_in(somebody)
        with monkeypatch.context() as patch:
            patch.setattr("app.services.kiosk.keeping.put_in", full)
            patch.setattr("app.services.kiosk.keeping.Prefs", full)
            with pytest.raises(DiskFull):
                kiosk.opening.open(signed_in)
        with pytest.raises(Problem):
            vendor.gateway.identity.authenticate(signed_in.tokens.access)
        assert len(kiosk.opening.folder.stores()) == left
        assert [one.person.id for one in kiosk.opening.people()] == [person]
    back = kiosk.opening.unlock(person, "2580")
    assert kiosk.sync(back).ok


def test_kept_work_stays_kept_until_its_person_is_in_to_the_end(
    kiosk: Kiosk, maya: Person, survey: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = kiosk.enter(maya)
    begin_work(kiosk, account, survey)
    kiosk.opening.sign_out(account.person.id)
    kiosk.wire.open()

    def full(*_: object) -> None:
        raise DiskFull

    with monkeypatch.context() as patch:
        patch.setattr("app.session.tokens.StoreVault.save", full)
        with pytest.raises(DiskFull):
            kiosk.enter(maya)
    assert kiosk.opening.folder.stores() == ()
    assert kiosk.opening.kept() == KeptSummary(1, 2)
    assert kiosk.enter(maya).taken_back.things == 2


def test_a_piece_that_cannot_be_taken_up_is_shown_and_stays_until_its_person_gives_it_up(
    kiosk: Kiosk, maya: Person
) -> None:
    account = kiosk.enter(maya)
    with working(account) as portal:
        portal.drafts.start("request", {"subject": CANARY})
    person, key = account.person.id, account.keys.kept.read()
    kiosk.opening.sign_out(person)
    path = kiosk.opening.folder.sealed(person)
    strange = {"part": "hologram", "text": "of a later release"}
    rows = [*read_sealed(path, person, key, kiosk.device), strange]
    head = head_of(path)
    assert head is not None
    write_sealed(path, replace(head, things=2), rows, key, kiosk.device)

    back = kiosk.enter(maya)
    assert (back.taken_back.things, [json.loads(one.text) for one in back.taken_back.apart]) == (1, [strange])
    kiosk.opening.choose_code(person, "2580")
    kiosk.opening.lock(person)
    again = kiosk.opening.unlock(person, "2580")
    assert [one.kind for one in again.taken_back.apart] == ["hologram"]
    assert kiosk.opening.sign_out(person).things == 2
    last = kiosk.enter(maya)
    assert [one.kind for one in last.give_up_apart()] == ["hologram"]
    assert last.taken_back.apart == ()
    assert kiosk.opening.sign_out(person).things == 1
    assert kiosk.enter(maya).taken_back.apart == ()


@pytest.mark.nightly
def test_kept_work_on_what_is_not_ones_own_to_see_any_more_is_set_aside_and_not_lost(
    kiosk: Kiosk, vendor: Vendor, maya: Person, survey: Path
) -> None:
    account = kiosk.enter(maya)
    begin_work(kiosk, account, survey)
    kiosk.opening.sign_out(account.person.id)
    kiosk.wire.open()
    vendor.gateway.identity.set_role(maya.user, "finance")
    back = kiosk.enter(maya)
    assert back.taken_back.things == 2
    assert kiosk.sync(back).data["outbox"] == {"waiting": 0, "needs_you": 1}
    with back.open_store() as store:
        (item,) = store.outbox.open_items()
    assert item.mutation.changes["next_steps"] == typed_by(back), "what was typed is there to be read"
