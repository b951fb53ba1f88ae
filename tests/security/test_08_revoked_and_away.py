"""8. A device that is revoked is wiped when it is next heard of: key, store, documents and tokens are gone, and a
receipt says so. One that was not heard of for more days than the organisation allows is locked until the gateway
knows it again.

More: `tests/e2e/test_devices.py`, `tests/services/test_erasing.py`, `tests/services/test_admission.py`,
`tests/unit/test_session_contact.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.contract.errors import CounterpartError, WipeOrdered
from app.services.in_contact import AwayTooLong
from app.services.opening import Opening
from app.session.policy.schema import UNMANAGED, Managed, Policy
from app.sync.engine import Wake
from tests.e2e.together import DEAL, Computer, Vendor, vendor_at
from tests.security.canary import scan
from tests.security.conftest import Give
from tests.security.source import calls


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    """A gateway of its own: months pass here, and what is protected does not stay so."""
    with vendor_at(tmp_path_factory.mktemp("months")) as made:
        yield made


def revoked(lost: Computer, at_hand: Computer) -> None:
    with at_hand.opened() as account:
        account.staff.sign_out_device(lost.device, erase=True)


def test_a_revoked_device_destroys_everything_and_its_receipt_arrives(vendor: Vendor, computer: Give) -> None:
    person = vendor.person("manager")
    lost, at_hand = computer(person), computer(person)
    assert lost.sync().ok
    assert at_hand.sync().ok
    account = lost.account
    (account.folder / "documents").mkdir()
    (account.folder / "documents" / "a.pdf").write_bytes(b"canary")
    with lost.opened() as opened, opened.open_store() as store:
        tokens = opened.session._current
        assert tokens is not None
        assert store.projection.ids("deal_registration")
    revoked(lost, at_hand)
    assert vendor.orders(person)[-1] == (lost.device, False)
    assert lost.erased()
    assert vendor.orders(person)[-1] == (lost.device, True)
    assert lost.ring.load(account.id) is None
    assert not account.folder.exists()
    assert Opening(lost.around).accounts() == ()
    assert scan([lost.around.root], [tokens.access, tokens.refresh, person.email, DEAL, "canary"]) == {}


def test_it_stops_in_the_midst_of_work(vendor: Vendor, computer: Give) -> None:
    """Not at the next start alone: the first call that is answered with the order ends it."""
    person = vendor.person("manager")
    lost, at_hand = computer(person), computer(person)
    assert at_hand.sync().ok
    with lost.opened() as opened, opened.open_store() as store:
        engine = opened.engine(store, lambda _event: None)
        engine.cycle(Wake.START)
        revoked(lost, at_hand)
        with pytest.raises(WipeOrdered):
            opened.transport.me()


def held(made: Computer, days: int) -> Computer:
    made.around = replace(
        made.around, managed=Managed(policy=Policy(offline_days=days), forced=frozenset({"offline_days"}))
    )
    return made


def test_too_many_days_away_lock_it_and_coming_back_opens_it(vendor: Vendor, computer: Give) -> None:
    made = held(computer(vendor.person("manager")), 14)
    assert made.sync().ok
    account = made.account
    made.wire.close()
    vendor.clock.forward(days=13)
    with made.opened() as opened:
        assert opened.ready, "until then it works offline"
    vendor.clock.forward(days=2)
    with pytest.raises(AwayTooLong) as told, made.opened():
        pass
    assert "14 days" in told.value.cause
    assert "Nothing was deleted" in told.value.kept
    vendor.clock.forward(days=-10)
    with pytest.raises(AwayTooLong), made.opened():
        pass
    vendor.clock.forward(days=10)
    assert account.store_path.exists()
    assert made.ring.load(account.id) is not None
    made.wire.open()
    try:
        with made.opened() as opened:
            assert opened.ready
    except (
        CounterpartError
    ) as error:  # its session may be over by then: it is signed in anew, by the same person
        assert type(error) is not AwayTooLong, error  # noqa: PT017  # how it refuses is what is looked at


def test_it_is_off_unless_somebody_sets_it(vendor: Vendor, computer: Give) -> None:
    assert UNMANAGED.offline_days == 0
    made = computer(vendor.person("manager"))
    assert made.sync().ok
    made.wire.close()
    vendor.clock.forward(days=300)
    with made.opened() as opened:
        assert opened.ready
    vendor.clock.forward(days=-300)


def test_a_folder_is_only_removed_by_the_name_of_an_account() -> None:
    """What is deleted as a whole: an account's folder, a kiosk's, what a release was unpacked into."""
    removing = {path for path, _ in calls("rmtree")} | {path for path, _ in calls("remove_folder")}
    assert {path.rsplit("/", 1)[0] for path in removing} <= {
        "app/session",
        "app/session/kiosk",
        "app/session/updates",
        "app/services/kiosk",
    }
