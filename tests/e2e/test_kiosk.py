"""A kiosk against the real gateway: signing in by phone, locked and back, signed out with kept work, killed, wiped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.contract.errors import Refused, WipeOrdered
from app.services.erased import AccountErased
from app.services.kiosk.account import KioskAccount
from app.services.kiosk.opening import ScreenTaken, SignedOutHere, WrongCode
from app.services.kiosk.values import Kept, KeptSummary, TakenBack
from app.session.device_code import CodeShown, CodeTaken, KeptOut
from app.session.held_key import KeyGone
from app.store.database import Store
from app.store.unsent import count
from gateway.problems import Problem
from tests.e2e.kiosk import Kiosk, NoWait, Phone, colleague, working
from tests.e2e.together import DEAL, Person, Vendor, vendor_at

CANARY = "canaryQX7"
TYPED = f"What {CANARY} said on the phone."


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    """A gateway that lets kiosks in."""
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
def tom(vendor: Vendor) -> Person:
    return colleague(vendor, "Tom Reyes")


def typed_by(account: KioskAccount) -> str:
    """What somebody writes on the deal, which all tests of a module share."""
    return f"{TYPED} {account.account.user}"


def begin_work(kiosk: Kiosk, account: KioskAccount, survey: Path) -> str:
    """Read everything, then without a network: edit a deal, write a request with a file and leave it half done."""
    assert kiosk.sync(account).ok
    kiosk.wire.close()
    with working(account) as portal:
        portal.intents.edit(DEAL, {"next_steps": typed_by(account)})
        draft = str(portal.drafts.start("request", {"subject": CANARY, "description": TYPED}))
        portal.drafts.add_file(draft, survey)
    return draft


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    path = tmp_path / "survey.pdf"
    path.write_bytes(b"%PDF-1.4 " + TYPED.encode() * 40_000)
    return path


def test_somebody_signs_in_by_phone_and_works(kiosk: Kiosk, maya: Person) -> None:
    phone = Phone(maya)
    signed_in = kiosk.opening.sign_in(phone, NoWait(kiosk.vendor)).run()
    code, taken = phone.heard
    assert isinstance(code, CodeShown)
    assert isinstance(taken, CodeTaken)
    assert 0 < code.seconds <= 600
    assert code.user_code in code.complete
    account = kiosk.opening.open(signed_in)
    assert (account.person.initials, account.person.name_short) == ("MB", "Maya")
    assert kiosk.sync(account).data["records"]
    with working(account) as portal:
        assert portal.keeps_colleagues is False
        assert portal.records.get(DEAL) is not None
    with pytest.raises(Refused, match="Your time at this screen is over"):
        account.sign_in()
    assert "secret" not in repr(signed_in)
    assert signed_in.seal.seal not in repr(signed_in)
    assert kiosk.opening.sign_out(account.person.id) == Kept(0, told_gateway=True)
    assert kiosk.files() == [], "of who has sent everything nothing stays at all"


@pytest.mark.nightly
def test_who_is_kept_out_is_not_in(kiosk: Kiosk, maya: Person) -> None:
    with pytest.raises(KeptOut):
        kiosk.opening.sign_in(Phone(maya, allows=False), NoWait(kiosk.vendor)).run()
    assert kiosk.files() == []


def test_kept_work_comes_back_to_its_person_and_is_done_once(
    kiosk: Kiosk, vendor: Vendor, maya: Person, survey: Path
) -> None:
    account = kiosk.enter(maya)
    draft = begin_work(kiosk, account, survey)
    with account.open_store() as store:
        before = [item.mutation for item in store.outbox.open_items()]
    assert kiosk.opening.unsent(account.person.id) == 2
    kept = kiosk.opening.sign_out(account.person.id)
    assert kept == Kept(2, told_gateway=False)
    assert kiosk.opening.kept() == KeptSummary(people=1, things=2)
    names = [name for name in kiosk.files() if "/farewells/" not in name]
    assert names == [f"kiosk/kept/{account.person.id}.sealed"]

    kiosk.wire.open()
    assert kiosk.opening.tidy(), "the gateway is told later"
    assert [name for name in kiosk.files() if "farewells" in name] == []
    kiosk.boot()
    back = kiosk.enter(maya)
    assert back.taken_back == TakenBack(things=2)
    assert kiosk.opening.kept() == KeptSummary()
    with back.open_store() as store:
        assert [item.mutation for item in store.outbox.open_items()] == before, "the very same mutations"
    assert kiosk.sync(back).data["outbox"] == {"waiting": 0, "needs_you": 0}
    assert vendor.value(DEAL, "next_action") == typed_by(back)
    with working(back) as portal:
        assert portal.drafts.load(draft).data["description"] == TYPED
        assert portal.drafts.load(draft).files[0].name == "survey.pdf"
    assert kiosk.opening.sign_out(back.person.id).things == 1, "the draft, which is not handed in yet"
    last = kiosk.enter(maya)
    assert last.taken_back.things == 1
    with working(last) as portal:
        portal.drafts.discard(draft)
    assert kiosk.opening.sign_out(last.person.id).things == 0
    assert kiosk.files() == []


def test_what_arrived_though_its_answer_was_lost_is_not_done_twice(
    kiosk: Kiosk, vendor: Vendor, maya: Person
) -> None:
    account = kiosk.enter(maya)
    assert kiosk.sync(account).ok
    with working(account) as portal:
        portal.intents.edit(DEAL, {"next_steps": "Sent once."})
    kiosk.wire.cut_next_push()
    kiosk.sync(account)
    kiosk.wire.close()
    assert vendor.value(DEAL, "next_action") == "Sent once."
    assert kiosk.opening.sign_out(account.person.id).things == 1
    vendor.edit(DEAL, next_action="The vendor went on.")
    vendor.gateway.backfill()
    kiosk.wire.open()
    back = kiosk.enter(maya)
    report = kiosk.sync(back)
    assert (report.ok, report.data["outbox"]) == (True, {"waiting": 0, "needs_you": 0})
    assert vendor.value(DEAL, "next_action") == "The vendor went on."
    kiosk.opening.sign_out(back.person.id)


def test_no_plain_word_is_on_the_disk_at_any_time(kiosk: Kiosk, maya: Person, survey: Path) -> None:
    words = (CANARY, "Maya", "Brandt", maya.email, maya.user, "Kestrel", "survey", "Brightwater")
    account = kiosk.enter(maya)
    begin_work(kiosk, account, survey)
    (kiosk.opening.folder.temp / "excerpt").write_text("x")
    person = account.person.id
    kiosk.opening.choose_code(person, "2580")
    secrets = (account.keys.join()[:32], account.keys.join()[32:])
    assert kiosk.residue(*words) == []
    assert kiosk.opening.lock(person) is None
    assert kiosk.residue(*words, "2580") == []
    kiosk.opening.sign_out(person)
    assert kiosk.residue(*words, "2580") == []
    whole = b"".join(path.read_bytes() for path in kiosk.root.rglob("*") if path.is_file())
    assert not any(secret in whole for secret in secrets)
    assert not any(secret.hex().encode() in whole for secret in secrets)
    assert list(kiosk.opening.folder.temp.iterdir()) == []


def test_the_next_person_sees_nothing_of_the_last(
    kiosk: Kiosk, maya: Person, tom: Person, survey: Path
) -> None:
    first = kiosk.enter(maya)
    begin_work(kiosk, first, survey)
    kiosk.opening.choose_code(first.person.id, "2580")
    kiosk.opening.lock(first.person.id)
    kiosk.wire.open()
    second = kiosk.enter(tom)
    with pytest.raises(ScreenTaken):
        kiosk.opening.unlock(first.person.id, "2580")
    late = kiosk.let_in(maya)
    with pytest.raises(ScreenTaken, match="Somebody else has this screen"):
        kiosk.opening.open(late)
    with pytest.raises(Problem):
        kiosk.vendor.gateway.identity.authenticate(late.tokens.access)
    assert kiosk.sync(second).ok
    assert [one.person.name_short for one in kiosk.opening.people()] == ["Maya"]
    assert second.taken_back == TakenBack()
    with working(second) as portal:
        assert portal.outbox.items() == []
    with second.open_store() as store:
        assert count(store) == 0
        text = str(store.connection.rows("SELECT data FROM record"))
    assert typed_by(first) not in text
    other = kiosk.opening.folder.account(first.person.id) / "store.db"
    with pytest.raises(Exception, match="does not open"):
        Store.open(other, second.keys.store.read())
    kiosk.opening.sign_out(second.person.id)
    back = kiosk.opening.unlock(first.person.id, "2580")
    with working(back) as portal:
        assert len(portal.outbox.items()) == 1
    kiosk.opening.sign_out(back.person.id)


def test_a_locked_screen_opens_by_its_code_and_by_no_other(kiosk: Kiosk, maya: Person) -> None:
    account = kiosk.enter(maya)
    assert kiosk.sync(account).ok
    person = account.person.id
    for weak in ("123", "1234", "0000", "9876", "ab12", "x" * 65):
        with pytest.raises(Refused):
            kiosk.opening.choose_code(person, weak)
    assert not kiosk.opening.has_code(person)
    kiosk.opening.choose_code(person, "2580")
    assert kiosk.opening.lock(person) is None
    with pytest.raises(KeyGone):
        account.open_store()
    (locked,) = kiosk.opening.people()
    assert (locked.person, locked.tries) == (account.person, 5)
    assert 590 < locked.left <= 600
    with pytest.raises(WrongCode) as caught:
        kiosk.opening.unlock(person, "2581")
    assert caught.value.tries == 4
    assert "4 tries are left" in caught.value.text
    back = kiosk.opening.unlock(person, " 2580 ")
    assert kiosk.opening.people() == ()
    with working(back) as portal:
        assert portal.records.get(DEAL) is not None
    assert kiosk.sync(back).ok, "and goes on without a further sign-in"
    kiosk.opening.lock(person)
    assert kiosk.opening.people()[0].tries == 5
    kiosk.opening.sign_out(person)


def test_five_wrong_codes_sign_out_and_the_work_is_kept(kiosk: Kiosk, maya: Person, survey: Path) -> None:
    account = kiosk.enter(maya)
    begin_work(kiosk, account, survey)
    person = account.person.id
    kiosk.opening.choose_code(person, "badge 0042 7719")
    kiosk.opening.lock(person)
    for _ in range(4):
        with pytest.raises(WrongCode):
            kiosk.opening.unlock(person, "2580")
    with pytest.raises(SignedOutHere, match="too often"):
        kiosk.opening.unlock(person, "2580")
    with pytest.raises(SignedOutHere):
        kiosk.opening.unlock(person, "badge 0042 7719")
    assert kiosk.opening.people() == ()
    assert kiosk.opening.kept() == KeptSummary(1, 2)
    kiosk.wire.open()
    back = kiosk.enter(maya)
    assert back.taken_back.things == 2
    kiosk.opening.sign_out(person)


def test_when_the_time_is_over_one_is_signed_out_and_the_gateway_told(
    kiosk: Kiosk, vendor: Vendor, maya: Person
) -> None:
    account = kiosk.enter(maya)
    token = account.session.access()
    person = account.person.id
    kiosk.opening.choose_code(person, "2580")
    kiosk.opening.lock(person)
    assert kiosk.opening.due() == ()
    assert vendor.gateway.identity.authenticate(token).kiosk
    vendor.clock.forward(minutes=10)
    assert kiosk.opening.people() == ()
    assert kiosk.opening.due() == (person,)
    assert kiosk.opening.sign_out(person) == Kept(0, told_gateway=True)
    assert kiosk.files() == []
    with pytest.raises(SignedOutHere):
        kiosk.opening.unlock(person, "2580")


@pytest.mark.nightly
def test_without_a_code_or_time_to_come_back_a_lock_signs_out(
    vendor: Vendor, tmp_path: Path, kiosk: Kiosk, maya: Person
) -> None:
    account = kiosk.enter(maya)
    assert kiosk.opening.lock(account.person.id) == Kept(0, told_gateway=True)
    strict = Kiosk(vendor, tmp_path / "strict", kiosk_unlock_minutes=0)
    account = strict.enter(maya)
    strict.opening.choose_code(account.person.id, "2580")
    assert not strict.opening.has_code(account.person.id)
    assert strict.opening.lock(account.person.id) == Kept(0, told_gateway=True)
    strict.wire.close()


@pytest.mark.nightly
def test_who_forgot_the_code_signs_in_by_phone_and_goes_on(kiosk: Kiosk, maya: Person, survey: Path) -> None:
    account = kiosk.enter(maya)
    draft = begin_work(kiosk, account, survey)
    kiosk.opening.choose_code(account.person.id, "2580")
    kiosk.opening.lock(account.person.id)
    kiosk.wire.open()
    back = kiosk.enter(maya)
    assert kiosk.opening.people() == ()
    assert back.taken_back.things == 0, "it was all there"
    with working(back) as portal:
        assert portal.drafts.load(draft).data["subject"] == CANARY
        assert len(portal.outbox.items()) == 1
    kiosk.opening.sign_out(back.person.id)


def test_an_order_to_wipe_takes_sealed_files_too(
    kiosk: Kiosk, vendor: Vendor, maya: Person, tom: Person, survey: Path
) -> None:
    account = kiosk.enter(maya)
    begin_work(kiosk, account, survey)
    kiosk.opening.sign_out(account.person.id)
    kiosk.wire.open()
    other = kiosk.enter(tom)
    with working(other) as portal:
        portal.drafts.start("request", {"subject": "mine"})
    kiosk.opening.sign_out(other.person.id)
    vendor.gateway.identity.revoke_device(maya.user, kiosk.device, wipe=True)
    with pytest.raises(AccountErased):
        kiosk.let_in(maya)
    assert not kiosk.opening.folder.sealed(account.person.id).exists()
    assert kiosk.opening.kept() == KeptSummary(1, 1), "what is the other one's stays"
    assert vendor.orders(maya) == [(kiosk.device, True)], "and it is confirmed"
    again = kiosk.enter(maya)
    assert again.taken_back == TakenBack()
    kiosk.opening.sign_out(again.person.id)


@pytest.mark.nightly
def test_an_order_while_somebody_works_is_obeyed(
    kiosk: Kiosk, vendor: Vendor, maya: Person, survey: Path
) -> None:
    account = kiosk.enter(maya)
    begin_work(kiosk, account, survey)
    kiosk.wire.open()
    vendor.gateway.identity.revoke_device(maya.user, kiosk.device, wipe=True)
    with pytest.raises(WipeOrdered) as caught:
        account.transport.me()
    assert account.erase(caught.value.order).done
    assert [name for name in kiosk.files() if "wiped" not in name] == []
    assert kiosk.opening.folder.stores() == ()
    assert vendor.orders(maya) == [(kiosk.device, True)]
