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

from app.contract.errors import RetryableError
from app.services.kiosk.values import Kept, KeptSummary, TakenBack
from gateway.identity.seals import Seals
from gateway.problems import Problem
from tests.e2e.kiosk import Kiosk, colleague, working
from tests.e2e.test_kiosk import CANARY, TYPED, begin_work
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
    kiosk.wire.open()
    back = kiosk.enter(maya)
    assert kiosk.opening.unsent(back.person.id) == 2
    assert back.taken_back.things == 0, "its store was there, with all of it"
    assert not kiosk.opening.folder.sealed(back.person.id).exists()


def test_a_sign_out_that_broke_off_after_the_sealing_does_nothing_twice(
    kiosk: Kiosk, maya: Person, survey: Path, monkeypatch: pytest.MonkeyPatch
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
    kiosk.boot()
    assert kiosk.opening.kept() == KeptSummary(1, 2)
    kiosk.wire.open()
    back = kiosk.enter(maya)
    assert (back.taken_back.things, kiosk.opening.unsent(back.person.id)) == (0, 2)


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


def test_a_sign_in_without_the_portal_leaves_nobody_in(kiosk: Kiosk, maya: Person) -> None:
    signed_in = kiosk.let_in(maya)
    kiosk.wire.close()
    with pytest.raises(RetryableError):
        kiosk.opening.open(signed_in)
    assert kiosk.opening.folder.stores() == ()
    kiosk.wire.open()
    assert kiosk.opening.tidy()
    assert kiosk.files() == []
    assert kiosk.enter(maya).ready
